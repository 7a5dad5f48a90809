"""Sparse autoencoders beside the certified optimum: the runs of `reproduce sae`.

frozen, joint, fixed   encoders of `training.autoencoders`; fixed is ReLU alone, on grey-patches, where contrasts differ so
                       much that ten non-zeros ask for a λ at which most rows have no code
known                  the data are sums of known atoms (`compositional`), trained as in arXiv 2603.28744's released code:
                       500 epochs of 64 rows at the rate 5e-4, with its price 1e-4 of a code, here 1e-4 · d_x/2 because of
                       the other scale of F
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sc2viz import data, dictionary, evaluation, lasso, solvers, training
from sc2viz.analysis import encoder_gap, matching, recovery
from sc2viz.data import Images
from sc2viz.defaults import KINDS, NON_ZEROS
from sc2viz.lab.experiments import records
from sc2viz.lab.experiments.records import RESULTS, BaseRun, Experiment, Say
from sc2viz.training.autoencoders import EPOCHS, SETS, EncoderRun, EncoderTrainer

KNOWN = ("compositional", 100)
DATA = tuple(dict.fromkeys(name for name, _ in (*SETS, KNOWN)))
AT_BAR = "grey-patches"  # the data of the mode "fixed"
KNOWN_SETTINGS = {"epochs": 500, "batch": 64, "rate": 5e-4, "price": 1e-4, "lam": 0.1}
# Of known codes. Exact codes on true atoms, on atoms learned by least squares as in the released code, on atoms that
# `dictionary.learn` learned, and on random ones; and encoders: one on random atoms that stay, one at twice the rate, because
# the released code keeps its rate and the cosine here halves it on average, and the pursuit of the released code.
ON_ATOMS = ("true", "fista", "learned", "random")
ENCODED = (
    "relu",
    "topk",
    "jumprelu",
    "gated",
    "matryoshka",
    "mp",
    "topk-random",
    "topk-twice",
    "mp-released",
)


@dataclass(frozen=True)
class SAERun(EncoderRun, BaseRun):
    """One encoder, or atoms of known codes (mode "known"), of one data set with one seed."""

    FILE = "sae.jsonl"

    def exists(self) -> bool:
        kinds = {
            "known": (*ON_ATOMS, *ENCODED),
            **dict.fromkeys(("frozen", "joint", "fixed"), KINDS),
        }
        return self.data in DATA and self.kind in kinds.get(self.mode, ())


def runs(seeds: int, only: str | None = None) -> list[SAERun]:
    """All runs, or those of one data set, in the order in which they are carried out."""
    found = []
    for name, atoms in (SETS[0], SETS[1], KNOWN, *SETS[2:]):
        if name == KNOWN[0]:
            found += [
                SAERun(name, atoms, "known", kind, seed)
                for kinds in (ON_ATOMS, ENCODED)
                for seed in range(seeds)
                for kind in kinds
            ]
            continue
        found += [
            SAERun(name, atoms, mode, kind, seed)
            for seed in range(seeds)
            for mode in ("frozen", "joint")
            for kind in KINDS
            if (mode, kind) != ("frozen", "mp") or seed == 0
        ]
        if name == AT_BAR:
            found += [SAERun(name, atoms, "fixed", "relu", seed) for seed in range(seeds)]
    return [run for run in found if only in (None, run.data)]


class SAERunner(Experiment):
    """Carries out the runs of sparse autoencoders."""

    def __init__(
        self,
        folder: Path = RESULTS,
        say: Say = lambda line: None,
        epochs: dict[str, int] = EPOCHS,
        known: dict[str, Any] = KNOWN_SETTINGS,
    ):
        super().__init__(folder, say)
        self.trainer, self.known = EncoderTrainer(epochs, say), known

    def configuration(self, run: SAERun) -> dict[str, Any]:
        if run.mode == "known":
            return {**asdict(run), **self.known}
        return self.trainer.configuration(run)

    def measure(self, run: SAERun, again: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        metrics = self._known(run) if run.mode == "known" else self._coded(run)
        return metrics, {"seconds": metrics.get("training_seconds", 0.0)}

    def _coded(self, run: SAERun) -> dict[str, Any]:
        """The gaps of an encoder and of its dictionary on the test rows."""
        solver, bar = self.trainer.network(run), self.trainer.bar(run.data, run.atoms)
        notes = {
            key: solver.notes[key]
            for key in ("trained_at", "epochs", "training_seconds", "held_out")
        }
        lam, own = self.trainer.prices(run, solver)
        made = {"bar_lam": bar.lam, "bar_objectives": bar.objectives, "bar_epochs": bar.epochs}
        x = self.trainer.rows(run.data).test.pixels
        return {**made, **notes, **measured(solver, x, lam, own, bar.D)}

    def _known(self, run: SAERun) -> dict[str, Any]:
        """MCC of codes with the true codes, out of the distribution and in it, and R² there."""
        train, seen, unseen = (
            data.load(run.data, split, out=out, seed=run.seed)
            for split, out in (("train", True), ("test", False), ("test", True))
        )
        noise = torch.randn(
            train.dictionary.shape, generator=torch.Generator().manual_seed(run.seed)
        )
        random, lam, solver, D = lasso.normalised(noise), self.known["lam"], None, None
        if run.kind in ("true", "random"):
            D = train.dictionary if run.kind == "true" else random
        elif run.kind == "fista":
            D = _by_least_squares(train.pixels, random, lam)
        elif run.kind == "learned":
            D = dictionary.learn(
                train.pixels,
                run.atoms,
                lam,
                seed=run.seed,
                tol=1e-4,
                max_epochs=300,
                positive_codes=True,
            )
        else:
            solver = self._known_encoder(run, train, random)
        found = {}
        for name, images in (("out", unseen), ("in", seen)):
            x = images.pixels if solver is None else solver.centred(images.pixels)
            atoms = D if solver is None else lasso.normalised(solver.dictionary)
            exact = lasso.solve(x, atoms, lam, positive=True).codes
            codes = (
                exact
                if solver is None
                else evaluation.encode(solver, images.pixels, self._price(train))
            )
            found |= {
                f"mcc_{name}": matching.mean_correlation(images.codes, codes),
                f"exact_mcc_{name}": matching.mean_correlation(images.codes, exact),
                f"r2_{name}": encoder_gap.r2(
                    x, codes, atoms if solver is None else solver.dictionary
                ),
                f"non_zeros_{name}": encoder_gap.non_zeros(codes),
            }
        return found

    def _price(self, train: Images) -> float:
        """λ for F as here of the released code's price γ, whose squared error is a mean over the d_x entries."""
        return self.known["price"] * train.pixels.shape[1] / 2

    def _known_encoder(self, run: SAERun, train: Images, start: Tensor) -> solvers.Solver:
        kind, asked = KINDS[run.kind.partition("-")[0]], self.known
        solver = solvers.build(kind.solver, start, kind.steps, seed=run.seed, **kind.options)
        if run.kind == "mp-released":
            solver.__class__ = ReleasedPursuit
        frozen = run.kind.endswith("-random")
        rate = asked["rate"] * (2 if run.kind.endswith("-twice") else 1)
        settings = training.Settings(
            rate=rate,
            lam=self._price(train),
            dictionary_rate=0.0 if frozen else 1.0,
            every=asked["epochs"] * 8,
        )
        for _ in training.fit(
            solver,
            train,
            "autoencoder",
            epochs=asked["epochs"],
            seed=run.seed,
            settings=settings,
            batch_size=asked["batch"],
            validation=train[:100],
        ):
            pass
        return solver.eval().requires_grad_(False)


@torch.no_grad()
def measured(
    solver: solvers.Solver, x: Tensor, lam: float, own: float, bar: Tensor
) -> dict[str, Any]:
    """Codes of rows x (n, d_x) at the solver's `own` λ, judged at λ beside exact codes on its atoms and on D★, `bar`."""
    codes, D = evaluation.encode(solver, x, own), solver.dictionary
    gap = encoder_gap.measure(
        solver.centred(x), codes, D, lam, bar=encoder_gap.optimum(x, bar, lam)
    )
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
        "omp_r2": encoder_gap.pursued_r2(solver.centred(x), D, NON_ZEROS),
        "non_zeros": gap.count.double().mean().item(),
        "exact_non_zeros": gap.exact_count.double().mean().item(),
        "dead": int(gap.dead.sum()),
        "multiplications": recovery.multiplications(solver, solver.steps)[-1],
        "rows": records.packed(gap.distances.numpy()),
    }


def _by_least_squares(
    x: Tensor, D: Tensor, lam: float, most: int = 1000, tol: float = 1e-5
) -> Tensor:
    """Atoms (d_x, d_s) from D on, as the released code learns them: exact codes ≥ 0 of all rows and D = XᵀS (SᵀS)⁻¹ with its
    atoms scaled to norm 1 take turns, until D changes by less than the share `tol` (Engan et al. 1999)."""
    for _ in range(most):
        codes, before = lasso.solve(x, D, lam, tol=1e-3, positive=True).codes, D
        gram = codes.T @ codes + 1e-6 * torch.eye(D.shape[1])
        D = lasso.normalised(torch.linalg.solve(gram, codes.T @ x).T.contiguous())
        if (D - before).norm() < tol * before.norm():
            break
    return D


class ReleasedPursuit(solvers.MPSAE):
    """Matching pursuit as models/saes.py of the released code has it: the largest |dᵀr|, of any sign, and no atom twice."""

    name, label = "mp-released", "MP as released"

    def step(self, state: solvers.State, drive: Any) -> solvers.State:
        likeness = (drive.x - state.codes @ drive.atoms.T) @ drive.atoms / drive.norms
        atom = likeness.masked_fill(state.codes != 0, 0).abs().argmax(1, keepdim=True)
        return solvers.State(
            state.t + 1,
            state.codes.scatter_add(1, atom, likeness.gather(1, atom) / drive.norms[atom]),
        )
