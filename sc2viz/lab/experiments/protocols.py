"""The methods, settings and protocols that check the paper, and the runs behind each table and figure.

fair          full splits, atoms in the unit ball, one recipe and one budget for all methods; λ = 0.1 without labels,
              and λ tuned on held-out training rows with labels; logistic regression is fitted on all training codes
              and tested on the test split
as-printed    as in the authors' released code: free atoms, Adadelta, 20 × 167 batches of 300; logistic regression is
              fitted on 6,000 rows and tested on 2,000, all of them from the training split
sizes         like fair, with fewer epochs, for other dictionary sizes

"One recipe" is not the same training for all. Table 1's LISTA and LFISTA are trained on exact codes, as in the paper, and
SLSTM has about twice their parameters (`parameters`). `equal_atoms` gives LISTA and LFISTA as many.
"""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from sc2viz import solvers
from sc2viz.lab.experiments.records import BaseRun
from sc2viz.published.printed import (
    ATOMS,
    CELL,
    FIGURE6,
    FIGURE7,
    FIGURE7_OWN,
    METHODS,
    PICTURED,
    SETTINGS,
    SIZED,
    SIZES,
    TABLE_METHODS,
    TABLES,
)
from sc2viz.training import losses

WHAT = (*TABLES, "equal", "cell", "figure4", "figure5", "figure6", "figure7", "sizes", "all")
LAMBDAS = (0.01, 0.03, 0.05, 0.1, 0.3, 0.5, 1.0)  # the λ of Figure 7
TUNED = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # the λ tried for every supervised method under "fair"
# The rates tried for the cell of Eq. (8): Adam's, and then that of the atoms over it, of which the middle one comes first.
RATES = {"rate": (3e-4, 1e-3, 3e-3, 1e-2), "dictionary_rate": (0.01, 0.1, 1.0, 10.0)}
STEPS = 10  # iterations of every network
# Epochs on CIFAR-10's features, whose rows are 3 times as long as MNIST's.
FEATURE_EPOCHS = {"unsupervised": 10, "supervised": 12, "tuning": 4}
PIXEL_EPOCHS = 12  # epochs on CIFAR-10's pixels, for Figure 5, as for the shipped networks
# Rates on CIFAR-10's pixels, whose rows are 4 times as long as MNIST's.
PIXEL_RATES = {"slstm": {"rate": 3e-4, "dictionary_rate": 0.3}}


@dataclass(frozen=True)
class Protocol:
    """The settings that all runs of a protocol share.

    `preset` names a recipe by its version, so that stored runs stay reproducible when the recommended recipe changes.
    """

    name: str
    preset: str
    batch_size: int
    unsupervised_epochs: int
    supervised_epochs: int
    tuning_epochs: int | None = (
        None  # epochs of tuning λ with labels; None where the paper's λ is used
    )
    # The number of training rows, from the first; None for all but those that `fit` holds out.
    training_rows: int | None = None
    # Training rows to classify, a quarter of them for testing; None for both splits in full.
    classified_rows: int | None = None
    iterations: int = STEPS  # iterations of ISTA and FISTA for their accuracy
    loss_iterations: int = STEPS  # iterations of ISTA and FISTA for their line in Figure 6


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "fair",
            "recommended-1",
            256,
            unsupervised_epochs=40,
            supervised_epochs=20,
            tuning_epochs=3,
        ),
        Protocol(
            "as-printed",
            "paper",
            300,
            unsupervised_epochs=20,
            supervised_epochs=20,
            training_rows=50_000,
            classified_rows=8_000,
            iterations=100,
            loss_iterations=20,
        ),
        Protocol("sizes", "recommended-1", 256, unsupervised_epochs=10, supervised_epochs=10),
    )
}


@dataclass(frozen=True)
class Run(BaseRun):
    """A run of the paper's tables and figures.

    experiment: "accuracy" (Tables 1, 2, Figure 6, sizes), "lambda" (Figure 7), "lambda-own" (Figure 7 with a dictionary
    learned at each λ), "pictures" (Figures 4, 5), "tuning" (λ, and the rates of the cell of Eq. (8))
    """

    FILE = "paper.jsonl"
    data: str
    protocol: str
    experiment: str
    setting: str
    method: str
    atoms: int = ATOMS
    seed: int = 0

    def exists(self) -> bool:
        known = self.protocol in PROTOCOLS and self.method in METHODS and self.setting in SETTINGS
        return known and self.experiment in (
            "accuracy",
            "lambda",
            "lambda-own",
            "pictures",
            "tuning",
        )


def epochs(run: Run, protocol: Protocol) -> int | None:
    """The number of epochs for the network of a run, the same for every method."""
    kind = "tuning" if run.experiment == "tuning" else run.setting
    if run.data == "cifar10-features" and protocol.name == "fair":
        return FEATURE_EPOCHS[kind]
    if run.data == "cifar10":
        return PIXEL_EPOCHS
    return getattr(protocol, f"{kind}_epochs")


def network(
    run: Run, lam: float, protocol: Protocol, rates: dict[str, float] | None = None
) -> dict[str, Any] | None:
    """All settings of a run's network, named as in `solvers.build` and `training.fit`; None if the run trains no network.

    `lam` is the λ of supervised networks and of networks that are trained at one λ. `rates` take the place of the
    protocol's. A method with a `cell` is trained at one λ, because double tanh does not follow λ.
    """
    method, labels, printed = (
        METHODS[run.method],
        run.setting == "supervised",
        protocol.preset == "paper",
    )
    if method.solver is None or (method.loss is None and not labels):
        return None
    loss = method.loss or "sc2net"
    if labels:
        loss = "codes-supervised" if loss == "codes" else "supervised"
    made = {
        "data": run.data,
        "solver": method.solver,
        "atoms": run.atoms,
        "steps": STEPS,
        "loss": loss,
        "preset": protocol.preset,
        "epochs": epochs(run, protocol),
        "batch_size": protocol.batch_size,
        "seed": run.seed,
        "lam": None if loss == "sc2net" and not printed and method.cell is None else lam,
        "project": not printed and not loss.startswith("codes"),
        "rate": 1.0 if printed else 1e-3,
    }
    if made["lam"] is None:
        made["tilt"] = losses.TILT  # the tilt of recommended-1, whose loss does not go beyond T
        made["dictionary_rate"] = (
            0.1  # the rate is small, because B starts as the best dictionary for every λ
        )
    if run.data == "cifar10":
        made |= PIXEL_RATES.get(method.solver, {})
    if labels:
        # The released code sums the cross-entropy over a batch of 300 and weighs it 0.1 (LISTA) or 1 (LFISTA).
        made["cross_entropy"] = (300.0 if method.solver == "lfista" else 30.0) if printed else 10.0
    if method.cell is not None:
        return (
            made
            | {"cell": method.cell}
            | {key: value for key, value in (rates or {}).items() if key in RATES}
        )
    if method.solver == "slstm" and not printed:
        made["kappa"] = 1.0 if labels else 2.0
    if printed:
        made["optimiser"] = "Adadelta, ρ = 0.95, ε = 1e-8; the epoch with the least cost is kept"
    if protocol.training_rows:
        made["training_rows"] = protocol.training_rows
    return made


EQUAL = (
    "lista",
    "lfista",
)  # networks also trained with SLSTM's own loss and at least as many parameters
WIDTHS = {
    "mnist": 784,
    "cifar10-features": 2304,
}  # d_x of the data whose networks are made as large as SLSTM


def runs(what: str, data: str, protocol: str, seeds: int) -> list[Run]:
    """The runs behind a table or figure, ordered by seed and then by method. `data` is "mnist", "cifar10", …

    Figure 4 always shows MNIST and Figure 5 CIFAR-10. Figures 4, 5 and 7, the sizes and the networks with as many
    parameters as SLSTM exist under the fair protocol only.
    """
    features = f"{data}-features" if data == "cifar10" else data
    if what == "all":
        hundred = "figure5" if data == "cifar10" else "figure4"
        parts = "table1", "table2", "equal", "cell", "figure6", hundred, "figure7", "sizes"
        return list(
            dict.fromkeys(run for part in parts for run in runs(part, data, protocol, seeds))
        )
    if what not in WHAT:
        raise ValueError(f"reproduce takes {', '.join(WHAT)} or the name of a run, got {what!r}")
    is_as_printed_too = what in TABLE_METHODS or what == "figure6"
    if protocol != "fair" and not is_as_printed_too:
        return []
    if what in ("figure4", "figure5"):
        pictured = "mnist" if what == "figure4" else "cifar10"
        return [Run(pictured, "fair", "pictures", "unsupervised", method) for method in PICTURED]
    if what == "figure7":
        lines = [
            (experiment, "unsupervised", method, ATOMS)
            for experiment, methods in (("lambda", FIGURE7), ("lambda-own", FIGURE7_OWN))
            for method in methods
        ]
    elif what == "equal":
        lines = [
            ("accuracy", "supervised", method, equal_atoms(method, features)) for method in EQUAL
        ]
    else:
        methods = {**TABLE_METHODS, "figure6": FIGURE6, "cell": [CELL], "sizes": SIZED}[what]
        lines = [
            ("accuracy", setting, method, atoms)
            for setting in (SETTINGS[:1] if what == "figure6" else SETTINGS)
            for atoms in (SIZES if what == "sizes" else [ATOMS])
            for method in methods
        ]
    candidates = [
        Run(features, "sizes" if what == "sizes" else protocol, *line, seed)
        for seed in range(seeds)
        for line in lines
    ]
    return [run for run in candidates if not is_as_printed_too or measured(run)]


def measured(run: Run) -> bool:
    """Whether a run is needed: "raw" and "head" have one run in all, "exact" only runs without labels."""
    if run.method in ("raw", "head"):
        only = run.method == "raw" or run.data == "cifar10-features"
        return only and run.seed == 0 and run.protocol == "fair" and run.setting == "unsupervised"
    if run.method == CELL:
        return run.protocol == "fair"  # SLSTM as printed is this cell
    return run.method != "exact" or (run.setting == "unsupervised" and run.protocol == "fair")


@cache
def parameters(method: str, d_x: int, atoms: int = ATOMS) -> int:
    """How many numbers the network of a method learns with labels under "fair", for rows of d_x entries and ten classes."""
    preset = PROTOCOLS["fair"].preset
    built = solvers.build(
        METHODS[method].solver, torch.eye(d_x, atoms), STEPS, preset=preset, classes=10
    )
    return sum(parameter.numel() for parameter in built.parameters())


def equal_atoms(method: str, data: str) -> int:
    """The fewest atoms with which the network of a method has at least as many parameters as SLSTM has with `ATOMS`."""
    d_x = WIDTHS[data]
    return bisect_left(
        range(4 * ATOMS),
        parameters("slstm", d_x),
        1,
        key=lambda atoms: parameters(method, d_x, atoms),
    )
