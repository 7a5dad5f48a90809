"""Encoders of sparse autoencoders, of many kinds, trained alike: what the page trains, and `sc2viz reproduce sae` measures.

frozen     encoders are trained on D★, which stays, at its λ: one problem for all, which shows what more steps buy
joint      encoder and atoms are trained together, from training rows of norm 1, and every kind has ten non-zeros
fixed      as joint, at the λ of D★, which stays

D★ is the best of three dictionaries (seeds 0, 1, 2) that `dictionary.learn(positive_codes=True)` learned, at the λ at which
its exact codes have ten non-zeros. Rows are less the mean of the training rows. The k of an encoder is ten. The λ of one
that has a λ is moved in training until it has ten non-zeros (on D★ those of JumpReLU and Gated alone, which are the prices
of a non-zero and of the gate, and no λ of F). F of ReLU and of more steps is taken at their own λ, that of the others at the
λ at which exact codes on the same atoms have ten non-zeros. Every count of ten is one on the training rows that
`training.hold_out` takes out, from which neither D★ nor a network learns: rows that atoms were learned from have fewer.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from sc2viz import checkpoints, data, dictionary, features, lasso, solvers, training
from sc2viz.analysis import encoder_gap
from sc2viz.data import Images
from sc2viz.defaults import KINDS, NON_ZEROS
from sc2viz.training import cached_networks

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
EPOCHS = {"digits": 160, "mnist-5k": 60, "grey-patches": 20, OF_PHOTOGRAPHS: 60}
# Of kinds with five steps or more, by F on rows held out. On an earlier D★ of mnist-5k with 256 atoms, at λ = 0.738, five
# steps had 12.637 after 30 epochs and 12.632 after 60. With 1,000 atoms, at λ = 0.713, they learn the rows by heart: five
# steps had 11.84 after 8 epochs and 12.48 after 30, ten steps 11.16 and 11.35. Kinds with fewer steps keep theirs: one step
# had 14.07 after 30 and 13.74 after 60 with 256 atoms, 13.34 and 13.12 with 1,000.
SHORTER = {("mnist-5k", 256): 30, ("mnist-5k", 1000): 8, (OF_PHOTOGRAPHS, 256): 30}
RATE, BATCH = 1e-3, 100
BAR_SEEDS, BAR_EPOCHS, BAR_TOL = (0, 1, 2), 60, 5e-4
EVENTS, SETTLED = 25, 0.88  # events of a run, and the share of it after which λ stays
# The exponent by which λ follows the non-zeros, which falls to the second one
STEP, LAST_STEP = 0.7, 0.1


class EncoderRun(NamedTuple):
    """The training of one encoder of a data set, with one seed."""

    data: str
    atoms: int
    mode: str  # "frozen", "joint" or "fixed"
    kind: str  # a key of `KINDS`
    seed: int

    @property
    def name(self) -> str:
        """All fields in one."""
        return "_".join(map(str, self))


class EncoderTrainer:
    """Trains encoders, and keeps them and D★ in the user's cache. `report` receives progress messages."""

    def __init__(
        self, epochs: dict[str, int] = EPOCHS, report: Callable[[str], None] = lambda line: None
    ):
        self.epochs, self.report = epochs, report
        self.rows, self.bar = functools.cache(self._rows), functools.cache(self._bar)

    def configuration(self, run: EncoderRun) -> dict[str, Any]:
        """Return everything on which a trained encoder depends."""
        return {
            **run._asdict(),
            "epochs": self.epochs_of(run),
            "rate": RATE,
            "batch": BATCH,
            "non_zeros": NON_ZEROS,
            "bar_seeds": list(BAR_SEEDS),
            "bar_epochs": BAR_EPOCHS,
            "bar_tol": BAR_TOL,
            "counted_on": "rows held out",
        }

    def epochs_of(self, run: EncoderRun) -> int:
        """Return the number of epochs of a run: that of its data set, or fewer for a kind of more than three steps
        (`SHORTER`)."""
        epochs = self.epochs[run.data]
        if KINDS[run.kind].steps <= 3:
            return epochs
        return min(epochs, SHORTER.get((run.data, run.atoms), epochs))

    def network(self, run: EncoderRun) -> solvers.Solver:
        """Return the network of a run on rows less the mean of the training rows, from the cache or trained now. Its notes say
        how it was made, and what F was on rows held out."""
        return cached_networks.load_or_make(self.path(run), lambda: self._trained(run))

    def _trained(self, run: EncoderRun) -> tuple[solvers.Solver, dict[str, Any]]:
        """Build and train the encoder of a run; return it with its notes."""
        kind, rows, bar = KINDS[run.kind], self.rows(run.data), self.bar(run.data, run.atoms)
        is_frozen = run.mode == "frozen"
        start = bar.D if is_frozen else _atoms_of_rows(rows.train.pixels, run.atoms, run.seed)
        solver = solvers.build(kind.solver, start, kind.steps, seed=run.seed, **kind.options)
        notes = {"trained_at": None, "epochs": 0, "training_seconds": 0.0, "held_out": []}
        names = {name for name, _ in solver.named_parameters()} - {"weights.B", "offset"}
        if names or not is_frozen:
            notes = self._train(solver, rows.train, run, bar.lam)
        price = {} if notes["trained_at"] is None else {"lam": notes["trained_at"]}
        return solver, {**self.configuration(run), "centred": True, **notes, **price}

    def path(self, run: EncoderRun) -> Path:
        """Return the file of a run's network in the cache, whether it is there or not."""
        return cached_networks.locate(f"sae-{run.name}", self.configuration(run))

    def prices(self, run: EncoderRun, solver: solvers.Solver) -> tuple[float, float]:
        """Return the λ at which a network's codes are judged, and its own, which they are computed at."""
        own_lam = solver.notes["trained_at"]
        if run.mode != "joint":
            lam = self.bar(run.data, run.atoms).lam
        elif solver.traits.aims_at == "objective":
            lam = own_lam
        else:
            rows = solver.centred(training.hold_out(self.rows(run.data).train)[1].pixels)
            lam = encoder_gap.lambda_for(rows, solver.dictionary, NON_ZEROS)
        return lam, own_lam or lam

    def _train(
        self, solver: solvers.Solver, images: Images, run: EncoderRun, lam: float
    ) -> dict[str, Any]:
        """Train a solver in place, beginning at λ; return notes with its own λ in the end, where it has one."""
        kind, epochs, held_out = KINDS[run.kind], self.epochs_of(run), []
        of_objective = solver.traits.aims_at == "objective"
        moves_lam = kind.has_lambda and (run.mode == "joint" or not of_objective)
        steps = epochs * -(-(len(images) - len(training.hold_out(images)[1])) // BATCH)
        settings = training.Settings(
            rate=RATE,
            lam=lam if of_objective else 2 * lam**2,
            dictionary_rate=0.0 if run.mode == "frozen" else 1.0,
            every=max(1, steps // EVENTS),
        )
        loss = "autoencoder" if hasattr(solver, "cost") else "sc2net"
        options = {"epochs": epochs, "seed": run.seed, "settings": settings, "batch_size": BATCH}
        for event in training.fit(solver, images, loss, **options):
            done = event.step / steps
            held_out.append(event.objective)
            if moves_lam and done < SETTLED:
                non_zeros = max(event.nonzero * solver.dictionary.shape[1], 0.5)
                exponent = STEP + (LAST_STEP - STEP) * done / SETTLED
                settings.lam *= (non_zeros / NON_ZEROS) ** exponent
        if event.stopped != "finished":
            self.report(f"  stopped: {event.stopped}")
        return {
            "trained_at": settings.lam if kind.has_lambda else None,
            "epochs": epochs,
            "training_seconds": round(event.seconds, 1),
            "held_out": [float(f"{F:.7g}") if math.isfinite(F) else None for F in held_out],
        }

    def _rows(self, name: str) -> "Splits":
        """Load both splits of a data set, less the mean of the training rows."""
        train, test = (
            features.of_photographs(split) if name == OF_PHOTOGRAPHS else data.load(name, split)
            for split in ("train", "test")
        )
        mean = train.pixels.mean(0)
        return Splits(*(replace(rows, pixels=rows.pixels - mean) for rows in (train, test)))

    def _bar(self, name: str, atoms: int) -> "Bar":
        """Return D★ of a data set, learned or from the cache."""
        x, held_out = (rows.pixels for rows in training.hold_out(self.rows(name).train))
        file = f"bar-{name}-{dictionary.digest(x)}-{atoms}-{NON_ZEROS}-{BAR_EPOCHS}-{BAR_TOL}.safetensors"
        path = data.cache_dir() / "reproduction" / file
        if not path.exists():
            lam = encoder_gap.lambda_for(held_out, _atoms_of_rows(x, atoms, 0), NON_ZEROS)
            options = {"tol": BAR_TOL, "max_epochs": BAR_EPOCHS, "positive_codes": True}
            short = options | {"max_epochs": BAR_EPOCHS // 4}
            first = dictionary.learn(x, atoms, lam, seed=BAR_SEEDS[0], **short)
            lam = encoder_gap.lambda_for(held_out, first, NON_ZEROS)
            results = []
            for seed in BAR_SEEDS:
                *_, last = dictionary.learning(x, atoms, lam, seed=seed, **options)
                results.append(last)
                self.report(
                    f"  D★ of {name}, {atoms} atoms, λ = {lam:g}, seed {seed}: {last.epoch + 1} epochs, "
                    f"F {last.objective:.4f} on rows held out"
                )
            best = min(results, key=lambda result: result.objective).dictionary
            notes = {
                "lam": encoder_gap.lambda_for(held_out, best, NON_ZEROS),
                "objectives": [result.objective for result in results],
                "epochs": [result.epoch + 1 for result in results],
            }
            checkpoints.save_dictionary(lasso.normalised(best), path, notes)
        notes = checkpoints.notes(path)
        D = checkpoints.load_dictionary(path)
        return Bar(D, notes["lam"], notes["objectives"], notes["epochs"])


class Splits(NamedTuple):
    """The splits of a data set, less the mean of the training rows."""

    train: Images
    test: Images


class Bar(NamedTuple):
    """D★ (d_x, d_s), its λ, and for each seed the held-out objective and the epochs."""

    D: Tensor
    lam: float
    objectives: list[float]
    epochs: list[int]


def _atoms_of_rows(x: Tensor, atoms: int, seed: int) -> Tensor:
    """Return so many training rows of x (n, d_x), drawn by the seed, as atoms of norm 1, (d_x, atoms)."""
    rows = dictionary.draw_rows(x, atoms, torch.Generator().manual_seed(seed))
    return lasso.normalised(rows.T.contiguous())
