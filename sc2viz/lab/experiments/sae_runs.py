"""Sparse autoencoders beside the certified optimum: the runs of `reproduce sae`.

frozen     encoders are trained on D★, which stays, at its λ: one problem for all, which shows what more steps buy
joint      encoder and atoms are trained together, from training rows of norm 1, and every kind has ten non-zeros
fixed      ReLU as joint, at the λ of D★, which stays: on grey-patches, where contrasts differ so much that ten non-zeros
           ask for a λ at which most rows have no code
known      the data are sums of known atoms (`compositional`), trained as in arXiv 2603.28744's released code: 500 epochs
           of 64 rows at the rate 5e-4, with its price 1e-4 of a code, here 1e-4 · d_x/2 because of the other scale of F

D★ is the best of three dictionaries (seeds 0, 1, 2) that `dictionary.learn(positive_codes=True)` learned, at the λ at which
its exact codes have ten non-zeros. Rows are less the mean of the training rows. The k of an encoder is ten. The λ of one
that has a λ is moved in training until it has ten non-zeros (on D★ those of JumpReLU and Gated alone, which are the prices
of a non-zero and of the gate, and no λ of F). F of ReLU and of more steps is taken at their own λ, that of the others at the
λ at which exact codes on the same atoms have ten non-zeros. Every count of ten is one on the training rows that
`training.hold_out` takes out, from which neither D★ nor a network learns: rows that atoms were learned from have fewer.
"""

import functools
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sc2viz import checkpoints, data, dictionary, evaluation, features, lasso, solvers, training
from sc2viz.analysis import encoder_gap, matching, recovery
from sc2viz.data import Images
from sc2viz.lab.experiments import records
from sc2viz.lab.experiments.records import RESULTS, BaseRun, Experiment, Say

NON_ZEROS = 10
OF_PHOTOGRAPHS = (
    "photograph-features"  # of their 32×32 crops, by the network behind cifar10-features
)
SETS = (
    ("digits", 128),
    ("mnist-5k", 256),
    ("grey-patches", 256),
    (OF_PHOTOGRAPHS, 256),
    ("mnist-5k", 1000),
)
KNOWN = ("compositional", 100)
DATA = tuple(dict.fromkeys(name for name, _ in (*SETS, KNOWN)))
EPOCHS = {"digits": 160, "mnist-5k": 60, "grey-patches": 20, OF_PHOTOGRAPHS: 60}
# Of kinds with five steps or more, by F on rows held out. On an earlier D★ of mnist-5k with 256 atoms, at λ = 0.738, five
# steps had 12.637 after 30 epochs and 12.632 after 60. With 1,000 atoms, at λ = 0.713, they learn the rows by heart: five
# steps had 11.84 after 8 epochs and 12.48 after 30, ten steps 11.16 and 11.35. Kinds with fewer steps keep theirs: one step
# had 14.07 after 30 and 13.74 after 60 with 256 atoms, 13.34 and 13.12 with 1,000.
AT_BAR = "grey-patches"  # the data of the mode "fixed"
SHORTER = {("mnist-5k", 256): 30, ("mnist-5k", 1000): 8, (OF_PHOTOGRAPHS, 256): 30}
RATE, BATCH = 1e-3, 100
BAR_SEEDS, BAR_EPOCHS, BAR_TOL = (0, 1, 2), 60, 5e-4
EVENTS, HELD = 25, 0.88  # events of a run, and the share of it after which λ stays
STEP, LEAST_STEP = (
    0.7,
    0.1,
)  # the exponent by which λ follows the non-zeros, which falls to the second one
KNOWN_SETTINGS = {"epochs": 500, "batch": 64, "rate": 5e-4, "price": 1e-4, "lam": 0.1}


@dataclass(frozen=True)
class Kind:
    """An encoder of the tables: a solver with its options, and whether it has a λ of its own."""

    label: str
    solver: str
    options: dict[str, Any]
    steps: int = 1
    has_lambda: bool = False


KINDS = {
    "relu": Kind("ReLU", "relu-sae", {}, has_lambda=True),
    "topk": Kind("TopK", "topk-sae", {"k": NON_ZEROS}),
    "batch-topk": Kind("BatchTopK", "topk-sae", {"k": NON_ZEROS, "batch": True}),
    "jumprelu": Kind("JumpReLU", "jump-relu-sae", {}, has_lambda=True),
    "gated": Kind("Gated", "gated-sae", {}, has_lambda=True),
    "matryoshka": Kind("Matryoshka", "matryoshka-sae", {"k": NON_ZEROS}),
    "mp": Kind("MP", "mp-sae", {}, steps=NON_ZEROS),
    **{
        f"steps-{T}": Kind(f"{T} steps", "lista", {"positive": True}, T, True)
        for T in (2, 3, 5, 10)
    },
}
STEPPED = (
    "relu",
    *(kind for kind in KINDS if kind.startswith("steps-")),
)  # those that minimise F, by the steps
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
class SAERun(BaseRun):
    """One encoder, or atoms of known codes, of one data set with one seed."""

    FILE = "sae.jsonl"
    data: str
    atoms: int
    mode: str  # "frozen", "joint", "fixed" or "known"
    kind: str
    seed: int

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
    """Carries out the runs of sparse autoencoders. D★ is kept in the user's cache, too."""

    def __init__(
        self,
        folder: Path = RESULTS,
        say: Say = lambda line: None,
        epochs: dict[str, int] = EPOCHS,
        known: dict[str, Any] = KNOWN_SETTINGS,
    ):
        super().__init__(folder, say)
        self.epochs, self.known = epochs, known
        self.rows, self.bar = functools.cache(self._rows), functools.cache(self._bar)

    def measure(self, run: SAERun, again: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        metrics = self._known(run) if run.mode == "known" else self._coded(run)
        return metrics, {"seconds": metrics.get("training_seconds", 0.0)}

    def configuration(self, run: SAERun) -> dict[str, Any]:
        if run.mode == "known":
            return {**asdict(run), **self.known}
        bar = {
            "bar_seeds": list(BAR_SEEDS),
            "bar_epochs": BAR_EPOCHS,
            "bar_tol": BAR_TOL,
            "counted_on": "rows held out",
        }
        return {
            **asdict(run),
            "epochs": self.epochs_of(run),
            "rate": RATE,
            "batch": BATCH,
            "non_zeros": NON_ZEROS,
            **bar,
        }

    def epochs_of(self, run: SAERun) -> int:
        usual = self.epochs[run.data]
        return (
            min(usual, SHORTER.get((run.data, run.atoms), usual))
            if KINDS[run.kind].steps > 3
            else usual
        )

    # The gaps ---------------------------------------------------------------------------------------------------------

    def _coded(self, run: SAERun) -> dict[str, Any]:
        rows, bar, solver = self.rows(run.data), self.bar(run.data, run.atoms), self.network(run)
        notes = {
            key: solver.notes[key]
            for key in ("trained_at", "epochs", "training_seconds", "held_out")
        }
        lam, own = self.prices(run, solver)
        made = {"bar_lam": bar.lam, "bar_objectives": bar.objectives, "bar_epochs": bar.epochs}
        return {**made, **notes, **measured(solver, rows.test.pixels, lam, own, bar.D)}

    def network(self, run: SAERun) -> solvers.Solver:
        """The network of a run on rows less the mean of the training rows, from the cache or trained now. Its notes say how
        it was made, and what F was on rows held out."""
        return records.kept(self.path(run), lambda: self._trained(run))

    def _trained(self, run: SAERun) -> tuple[solvers.Solver, dict[str, Any]]:
        kind, rows, bar, frozen = (
            KINDS[run.kind],
            self.rows(run.data),
            self.bar(run.data, run.atoms),
            run.mode == "frozen",
        )
        start = bar.D if frozen else _of_rows(rows.train.pixels, run.atoms, run.seed)
        solver = solvers.build(kind.solver, start, kind.steps, seed=run.seed, **kind.options)
        notes = {"trained_at": None, "epochs": 0, "training_seconds": 0.0, "held_out": []}
        if not frozen or any(
            name != "weights.B" and name != "offset" for name, _ in solver.named_parameters()
        ):
            notes = self._train(solver, rows.train, run, bar.lam)
        price = {} if notes["trained_at"] is None else {"lam": notes["trained_at"]}
        return solver, {**self.configuration(run), "centred": True, **notes, **price}

    def path(self, run: SAERun) -> Path:
        """The file of a run's network in the cache, whether it is there or not."""
        return records.network_file(f"sae-{run.name}", self.configuration(run))

    def prices(self, run: SAERun, solver: solvers.Solver) -> tuple[float, float]:
        """The λ at which a network's codes are judged, and its own, which they are computed at."""
        own, bar = solver.notes["trained_at"], self.bar(run.data, run.atoms)
        lam = (
            bar.lam
            if run.mode in ("frozen", "fixed")
            else own
            if solver.traits.aims_at == "objective"
            else None
        )
        if lam is None:
            rows = solver.centred(training.hold_out(self.rows(run.data).train)[1].pixels)
            lam = encoder_gap.lambda_for(rows, solver.dictionary, NON_ZEROS)
        return lam, own or lam

    def _train(
        self, solver: solvers.Solver, images: Images, run: SAERun, lam: float
    ) -> dict[str, Any]:
        """Train a solver in place, beginning at λ; notes with its own λ in the end, where it has one."""
        kind, frozen, epochs, seed = (
            KINDS[run.kind],
            run.mode == "frozen",
            self.epochs_of(run),
            run.seed,
        )
        of_objective = solver.traits.aims_at == "objective"
        moves, held_out = kind.has_lambda and not (run.mode != "joint" and of_objective), []
        steps = epochs * -(-(len(images) - len(training.hold_out(images)[1])) // BATCH)
        settings = training.Settings(
            rate=RATE,
            lam=lam if of_objective else 2 * lam**2,
            dictionary_rate=0.0 if frozen else 1.0,
            every=max(1, steps // EVENTS),
        )
        loss = "autoencoder" if hasattr(solver, "cost") else "sc2net"
        for event in training.fit(
            solver, images, loss, epochs=epochs, seed=seed, settings=settings, batch_size=BATCH
        ):
            done = event.step / steps
            held_out.append(event.objective)
            if moves and done < HELD:
                found = max(event.nonzero * solver.dictionary.shape[1], 0.5)
                settings.lam *= (found / NON_ZEROS) ** (STEP + (LEAST_STEP - STEP) * done / HELD)
        if event.stopped != "finished":
            self.say(f"  stopped: {event.stopped}")
        return {
            "trained_at": settings.lam if kind.has_lambda else None,
            "epochs": epochs,
            "training_seconds": round(event.seconds, 1),
            "held_out": records.rounded(held_out),
        }

    def _rows(self, name: str) -> "Splits":
        train, test = (_load(name, split) for split in ("train", "test"))
        mean = train.pixels.mean(0)
        return Splits(*(replace(part, pixels=part.pixels - mean) for part in (train, test)))

    def _bar(self, name: str, atoms: int) -> "Bar":
        """D★ of a data set, learned or from the cache."""
        x, held = (part.pixels for part in training.hold_out(self.rows(name).train))
        file = f"bar-{name}-{dictionary.digest(x)}-{atoms}-{NON_ZEROS}-{BAR_EPOCHS}-{BAR_TOL}.safetensors"
        path = data.cache_dir() / "reproduction" / file
        if not path.exists():
            lam = encoder_gap.lambda_for(held, _of_rows(x, atoms, 0), NON_ZEROS)
            options = {"tol": BAR_TOL, "max_epochs": BAR_EPOCHS, "positive_codes": True}
            first = dictionary.learn(
                x, atoms, lam, seed=BAR_SEEDS[0], **{**options, "max_epochs": BAR_EPOCHS // 4}
            )
            lam = encoder_gap.lambda_for(held, first, NON_ZEROS)
            learned = []
            for seed in BAR_SEEDS:
                *_, last = dictionary.learning(x, atoms, lam, seed=seed, **options)
                learned.append(last)
                self.say(
                    f"  D★ of {name}, {atoms} atoms, λ = {lam:g}, seed {seed}: {last.epoch + 1} epochs, "
                    f"F {last.objective:.4f} on rows held out"
                )
            best = min(learned, key=lambda each: each.objective)
            lam = encoder_gap.lambda_for(held, best.dictionary, NON_ZEROS)
            notes = {
                "lam": lam,
                "objectives": [each.objective for each in learned],
                "epochs": [each.epoch + 1 for each in learned],
            }
            checkpoints.save_dictionary(lasso.normalised(best.dictionary), path, notes)
        notes = checkpoints.notes(path)
        return Bar(
            checkpoints.load_dictionary(path), notes["lam"], notes["objectives"], notes["epochs"]
        )

    # Known codes ------------------------------------------------------------------------------------------------------

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


@dataclass(frozen=True)
class Splits:
    """The splits of a data set, less the mean of the training rows."""

    train: Images
    test: Images


@dataclass(frozen=True)
class Bar:
    """D★ (d_x, d_s), its λ, and for each seed the held-out objective and the epochs."""

    D: Tensor
    lam: float
    objectives: list[float]
    epochs: list[int]


def _load(name: str, split: str) -> Images:
    return features.of_photographs(split) if name == OF_PHOTOGRAPHS else data.load(name, split)


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


def _of_rows(x: Tensor, atoms: int, seed: int) -> Tensor:
    """Training rows (n, d_x), drawn by the seed, as atoms of norm 1."""
    rows = x[x.norm(dim=1) > 0]
    return lasso.normalised(
        rows[
            torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))[:atoms]
        ].T.contiguous()
    )


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
