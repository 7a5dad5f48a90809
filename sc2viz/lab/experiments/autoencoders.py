"""Sparse autoencoders beside the certified optimum: carry out the runs of `reproduce sae`."""

import functools

import torch

from sc2viz import data, dictionary, evaluation, lasso, solvers, training
from sc2viz.analysis import encoder_gap, matching, recovery
from sc2viz.defaults import KINDS, NON_ZEROS
from sc2viz.lab.experiments import records
from sc2viz.lab.experiments.protocols import ENCODED, TABLE
from sc2viz.lab.experiments.records import Experiment
from sc2viz.training.autoencoders import EncoderRun, EncoderTrainer

KNOWN_SETTINGS = TABLE["autoencoders"]["known"]


def encoder_of(run):
    """What a run trains."""
    return EncoderRun(**run.fields)


class AutoencoderExperiment(Experiment):
    """The runs of sparse autoencoders."""

    @functools.cached_property
    def trainer(self):
        return EncoderTrainer(report=self.report)

    def configuration(self, run):
        if run.setting == "known":
            return {**run.fields, **KNOWN_SETTINGS}
        return self.trainer.configuration(encoder_of(run))

    def measure(self, run):
        if run.setting == "known":
            return self._measure_known(run), {}
        encoder = encoder_of(run)
        solver, bar = self.trainer.network(encoder), self.trainer.bar(run.data, run.atoms)
        keys = "trained_at", "epochs", "training_seconds", "held_out"
        notes = {key: solver.notes[key] for key in keys}
        lam, price = self.trainer.prices(encoder, solver)
        about = {"bar_lam": bar.lam, "bar_objectives": bar.objectives, "bar_epochs": bar.epochs}
        x = self.trainer.rows(run.data).test.pixels
        metrics = about | notes | measured(solver, x, lam, price, bar.D)
        return metrics, {"seconds": notes["training_seconds"]}

    def _measure_known(self, run):
        """MCC of codes with the true codes, out of the distribution and in it, and R² there."""
        train, inside, outside = (
            data.load(run.data, split, out=out, seed=run.seed)
            for split, out in (("train", True), ("test", False), ("test", True))
        )
        generator = torch.Generator().manual_seed(run.seed)
        random = lasso.normalised(torch.randn(train.dictionary.shape, generator=generator))
        solver, lam = None, KNOWN_SETTINGS["lam"]
        if run.method in ENCODED:
            solver = _train_on_known(run, train, random)
            D = solver.dictionary
        elif run.method == "learned":
            options = {"tol": 1e-4, "max_epochs": 300, "positive_codes": True}
            D = dictionary.learn(train.pixels, run.atoms, lam, seed=run.seed, **options)
        elif run.method == "fista":
            D = _by_least_squares(train.pixels, random, lam)
        else:
            D = train.dictionary if run.method == "true" else random
        metrics = {}
        for name, images in (("out", outside), ("in", inside)):
            x = images.pixels if solver is None else solver.centred(images.pixels)
            atoms = D if solver is None else lasso.normalised(D)
            codes = exact = lasso.solve(x, atoms, lam, positive=True).codes
            if solver is not None:
                codes = evaluation.encode(solver, images.pixels, _price(train))
            metrics |= {
                f"mcc_{name}": matching.mean_correlation(images.codes, codes),
                f"exact_mcc_{name}": matching.mean_correlation(images.codes, exact),
                f"r2_{name}": encoder_gap.r2(x, codes, D),
                f"non_zeros_{name}": encoder_gap.non_zeros(codes),
            }
        return metrics


def _price(train):
    """λ for F as here of the released code's price γ, whose squared error is a mean over the d_x entries."""
    return KNOWN_SETTINGS["price"] * train.pixels.shape[1] / 2


def _train_on_known(run, train, start):
    kind = KINDS[run.method.partition("-")[0]]
    solver = solvers.build(kind.solver, start, kind.steps, seed=run.seed, **kind.options)
    if run.method == "mp-released":
        solver.__class__ = ReleasedPursuit
    settings = training.Settings(
        rate=KNOWN_SETTINGS["rate"] * (2 if run.method.endswith("-twice") else 1),
        lam=_price(train),
        dictionary_rate=0.0 if run.method.endswith("-random") else 1.0,
        every=KNOWN_SETTINGS["epochs"] * 8,
    )
    options = {
        "epochs": KNOWN_SETTINGS["epochs"],
        "batch_size": KNOWN_SETTINGS["batch"],
        "validation": train[:100],
    }
    for _ in training.fit(
        solver, train, "autoencoder", seed=run.seed, settings=settings, **options
    ):
        pass
    return solver.eval().requires_grad_(False)


@torch.no_grad()
def measured(solver, x, lam, price, bar):
    """Codes of rows x (n, d_x) at the solver's own λ, `price`, judged at λ beside exact codes on its atoms and on D★, `bar`."""
    codes, D, rows = evaluation.encode(solver, x, price), solver.dictionary, solver.centred(x)
    gap = encoder_gap.measure(rows, codes, D, lam, bar=encoder_gap.optimum(x, bar, lam))
    return {
        "lam": lam,
        "F": gap.F.mean().item(),
        "optimum": gap.optimum.mean().item(),
        "bar": gap.bar.mean().item(),
        "percent": gap.percent,
        "dictionary_percent": gap.dictionary_percent,
        "certificate": gap.certificate.max().item(),
        "r2": gap.r2,
        "exact_r2": gap.exact_r2,
        "omp_r2": encoder_gap.pursued_r2(rows, D, NON_ZEROS),
        "non_zeros": gap.non_zeros.double().mean().item(),
        "exact_non_zeros": gap.exact_non_zeros.double().mean().item(),
        "dead": int(gap.dead.sum()),
        "multiplications": recovery.multiplications(solver, solver.steps)[-1],
        "rows": records.packed(evaluation.percent_above(gap.F, gap.optimum).numpy()),
    }


def _by_least_squares(x, D, lam, rounds=1000, tol=1e-5):
    """Atoms (d_x, d_s) from D on, as the released code learns them: exact codes ≥ 0 of all rows and D = XᵀS (SᵀS)⁻¹ with its
    atoms scaled to norm 1 take turns, until D changes by less than the share `tol` (Engan et al. 1999)."""
    for _ in range(rounds):
        codes, previous = lasso.solve(x, D, lam, tol=1e-3, positive=True).codes, D
        gram = codes.T @ codes + 1e-6 * torch.eye(D.shape[1])
        D = lasso.normalised(torch.linalg.solve(gram, codes.T @ x).T.contiguous())
        if (D - previous).norm() < tol * previous.norm():
            break
    return D


class ReleasedPursuit(solvers.MPSAE):
    """Matching pursuit as models/saes.py of the released code has it: the largest |dᵀr|, of any sign, and no atom twice."""

    name, label = "mp-released", "MP as released"

    def step(self, state, drive):
        likeness = (drive.x - state.codes @ drive.atoms.T) @ drive.atoms / drive.norms
        atom = likeness.masked_fill(state.codes != 0, 0).abs().argmax(1, keepdim=True)
        value = likeness.gather(1, atom) / drive.norms[atom]
        return solvers.State(state.t + 1, state.codes.scatter_add(1, atom, value))
