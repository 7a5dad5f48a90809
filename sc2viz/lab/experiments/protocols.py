"""What all experiments measure: a run, and which runs are behind each table and figure. The table is protocols.toml.

"One recipe" under the protocol fair is not the same training for all. Table 1's LISTA and LFISTA are trained on exact codes,
as in the paper, and SLSTM has about twice their parameters (`parameters`). `equal_atoms` gives LISTA and LFISTA as many.
"""

import tomllib
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

from sc2viz import checkpoints, solvers
from sc2viz.defaults import KINDS
from sc2viz.photographs import coding
from sc2viz.photographs.peers import SIGMAS
from sc2viz.published import printed
from sc2viz.published.printed import ATOMS, CELL, SETTINGS
from sc2viz.training import losses
from sc2viz.training.autoencoders import SETS

TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
COUNTS = range(10**9)  # what a number in the name of a run may be


@dataclass(frozen=True)
class Run:
    """What is measured: a method in a setting with a seed. `study` says in which experiments, and protocols.toml which of the
    fields they have.

    setting: of the paper, whether with labels; of recovery, the condition; of autoencoders, the mode; of photographs, σ; of
    gates, the length of a training in batches
    """

    data: str = ""
    protocol: str = ""
    experiment: str = ""
    setting: str | int = ""
    method: str = ""
    atoms: int = ATOMS
    seed: int = 0
    study: str = "paper"

    @property
    def fields(self):
        """What a record notes of the run."""
        return {name: getattr(self, field) for name, field in TABLE[self.study]["fields"].items()}

    @property
    def name(self):
        """All fields in one. The record of the run and the command that repeats it are called so."""
        return TABLE[self.study]["head"] + "_".join(map(str, self.fields.values()))

    @classmethod
    def named(cls, name):
        """The run with this name; ValueError where there is none."""
        for study, row in TABLE.items():
            values = name.removeprefix(row["head"]).split("_")
            if len(values) == len(row["fields"]):
                values = [int(value) if value.isdecimal() else value for value in values]
                run = cls(**dict(zip(row["fields"].values(), values, strict=True)), study=study)
                if run.name == name and run.exists():
                    return run
        names = (row["head"] + "_".join(row["fields"]) for row in TABLE.values())
        raise ValueError(f"there is no run {name!r}: a name is {', or '.join(names)}")

    def exists(self):
        """Whether there is such a run."""
        if self.atoms not in COUNTS or self.seed not in COUNTS:
            return False
        if self.study == "paper":
            return (
                self.protocol in PROTOCOLS
                and self.experiment in TABLE["paper"]["experiments"]
                and self.setting in SETTINGS
                and self.method in printed.METHODS
            )
        if self.study == "recovery":
            return self.setting in CONDITIONS and self.method in METHODS
        if self.study == "autoencoders":
            return self.data in ENCODED_SETS and self.method in ENCODERS.get(self.setting, ())
        if self.study == "photographs":
            return self.setting in SIGMAS
        return self.method in ARMS and self.setting in COUNTS[1:]


# The paper ------------------------------------------------------------------------------------------------------------

TARGETS = (*printed.TABLES, "equal", "cell", "figure4", "figure5", "figure6", "figure7", "sizes")
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
EQUAL = "lista", "lfista"  # also trained with SLSTM's own loss and at least as many parameters
WIDTHS = {"mnist": 784, "cifar10-features": 2304}  # d_x where networks are as large as SLSTM


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
    tuning_epochs: int | None = None  # of tuning λ with labels; None: the paper's λ is used
    training_rows: int | None = None  # from the first; None for all but those that `fit` holds out
    classified_rows: int | None = None  # of training, a quarter for testing; None: both splits
    iterations: int = STEPS  # iterations of ISTA and FISTA for their accuracy
    loss_iterations: int = STEPS  # iterations of ISTA and FISTA for their line in Figure 6


PROTOCOLS = {name: Protocol(name, **row) for name, row in TABLE["paper"]["protocols"].items()}


def network(run, lam, protocol, rates=None):
    """All settings of a run's network, named as in `solvers.build` and `training.fit`; None if the run trains no network.

    `lam` is the λ of supervised networks and of networks that are trained at one λ. `rates` take the place of the
    protocol's. A method with a `cell` is trained at one λ, because double tanh does not follow λ.
    """
    method, labels = printed.METHODS[run.method], run.setting == "supervised"
    is_printed = protocol.preset == "paper"
    if method.solver is None or (method.loss is None and not labels):
        return None
    loss = method.loss or "sc2net"
    if labels:
        loss = "codes-supervised" if loss == "codes" else "supervised"
    kind = "tuning" if run.experiment == "tuning" else run.setting
    epochs = getattr(protocol, f"{kind}_epochs")
    if run.data == "cifar10":
        epochs = PIXEL_EPOCHS
    elif run.data == "cifar10-features" and protocol.name == "fair":
        epochs = FEATURE_EPOCHS[kind]
    settings = {
        "data": run.data,
        "solver": method.solver,
        "atoms": run.atoms,
        "steps": STEPS,
        "loss": loss,
        "preset": protocol.preset,
        "epochs": epochs,
        "batch_size": protocol.batch_size,
        "seed": run.seed,
        "lam": None if loss == "sc2net" and not is_printed and method.cell is None else lam,
        "project": not is_printed and not loss.startswith("codes"),
        "rate": 1.0 if is_printed else 1e-3,
    }
    if settings["lam"] is None:
        settings["tilt"] = losses.TILT  # that of recommended-1, whose loss does not go beyond T
        settings["dictionary_rate"] = 0.1  # small: B starts as the best dictionary for every λ
    if run.data == "cifar10":
        settings |= PIXEL_RATES.get(method.solver, {})
    if labels:
        # The released code sums the cross-entropy over a batch of 300 and weighs it 0.1 (LISTA) or 1 (LFISTA).
        of_code = 300.0 if method.solver == "lfista" else 30.0
        settings["cross_entropy"] = of_code if is_printed else 10.0
    if method.cell is not None:
        tuned = {key: value for key, value in (rates or {}).items() if key in RATES}
        return settings | {"cell": method.cell} | tuned
    if method.solver == "slstm" and not is_printed:
        settings["kappa"] = 1.0 if labels else 2.0
    if is_printed:
        settings["optimiser"] = (
            "Adadelta, ρ = 0.95, ε = 1e-8; the epoch with the least cost is kept"
        )
    if protocol.training_rows:
        settings["training_rows"] = protocol.training_rows
    return settings


@cache
def parameters(method, d_x, atoms=ATOMS):
    """How many numbers the network of a method learns with labels under "fair", for rows of d_x entries and ten classes."""
    solver, preset = printed.METHODS[method].solver, PROTOCOLS["fair"].preset
    built = solvers.build(solver, torch.eye(d_x, atoms), STEPS, preset=preset, classes=10)
    return sum(parameter.numel() for parameter in built.parameters())


def equal_atoms(method, data):
    """The fewest atoms with which the network of a method has at least as many parameters as SLSTM has with `ATOMS`."""
    d_x = WIDTHS[data]
    count = lambda atoms: parameters(method, d_x, atoms)  # noqa: E731
    return bisect_left(range(4 * ATOMS), parameters("slstm", d_x), 1, key=count)


def paper_runs(target, data, protocol, seeds):
    """The runs behind a table or figure of the paper, ordered by seed and then by method.

    Figure 4 always shows MNIST and Figure 5 CIFAR-10. Figures 4, 5 and 7, the sizes and the networks with as many
    parameters as SLSTM exist under the fair protocol only.
    """
    features = f"{data}-features" if data == "cifar10" else data
    has_both = target in printed.TABLE_METHODS or target == "figure6"
    if protocol != "fair" and not has_both:
        return []
    if target in ("figure4", "figure5"):
        pictured = "mnist" if target == "figure4" else "cifar10"
        block = pictured, "fair", "pictures", "unsupervised"
        return [Run(*block, method) for method in printed.PICTURED]
    if target == "figure7":
        lines = [("lambda", "unsupervised", method, ATOMS) for method in printed.FIGURE7]
        lines += [("lambda-own", "unsupervised", method, ATOMS) for method in printed.FIGURE7_OWN]
    elif target == "equal":
        lines = [("accuracy", "supervised", name, equal_atoms(name, features)) for name in EQUAL]
    else:
        methods = printed.TABLE_METHODS | {
            "figure6": printed.FIGURE6,
            "cell": [CELL],
            "sizes": printed.SIZED,
        }
        lines = [
            ("accuracy", setting, method, atoms)
            for setting in (SETTINGS[:1] if target == "figure6" else SETTINGS)
            for atoms in (printed.SIZES if target == "sizes" else [ATOMS])
            for method in methods[target]
        ]
    block = features, "sizes" if target == "sizes" else protocol
    runs = [Run(*block, *line, seed) for seed in range(seeds) for line in lines]
    return [run for run in runs if not has_both or is_needed(run)]


def is_needed(run):
    """Whether a table needs a run: "raw" and "head" have one run in all, "exact" only runs without labels."""
    if run.method == CELL:
        return run.protocol == "fair"  # SLSTM as printed is this cell
    is_fair = run.setting == "unsupervised" and run.protocol == "fair"
    if run.method in ("raw", "head"):
        exists = run.method == "raw" or run.data == "cifar10-features"
        return exists and is_fair and run.seed == 0
    return run.method != "exact" or is_fair


# The other experiments ------------------------------------------------------------------------------------------------

RECOVERY = TABLE["recovery"]
LAW = {"snr_db": 40.0, "sparsity": 0.1, "condition": None, "made_for": ""}
CONDITIONS = {name: LAW | row for name, row in RECOVERY["conditions"].items()}
CONDITIONS["noiseless"]["snr_db"] = None  # which TOML does not have
METHODS = {
    name: {"label": row.get("name"), "solver": None, "loss": None, "options": {}}
    | {"batches": 400, "size": 64}
    | {key: value for key, value in row.items() if key != "name"}
    for name, row in RECOVERY["methods"].items()
}

KNOWN_CODES = ("compositional", 100)
ENCODED_SETS = tuple(dict.fromkeys(name for name, _ in (*SETS, KNOWN_CODES)))
ON_ATOMS, ENCODED = TABLE["autoencoders"]["on_atoms"], TABLE["autoencoders"]["encoded"]
ENCODERS = {"known": (*ON_ATOMS, *ENCODED)} | dict.fromkeys(("frozen", "joint", "fixed"), KINDS)
FIXED = "grey-patches"  # the data of the mode "fixed"

MEANS, BM3D = "non-local-means", "bm3d"

ARMS = TABLE["gates"]["arms"]
BATCHES = 12_000  # of a run, unless others are asked for

DATA = (*printed.DATA, *ENCODED_SETS)


def recovery_runs(seeds=3):
    """All runs of recovery, those of seed 0 at 40 dB first. `seeds`: at 40 dB, at most."""
    return [
        Run(setting=condition, method=method, seed=seed, study="recovery")
        for condition in CONDITIONS
        for seed in range(min(seeds, RECOVERY["seeds"].get(condition, 1)))
        for method in METHODS
    ]


def fresh_runs():
    """The runs of recovery with the fresh seed and later ones, which no mean over seeds contains."""
    seeds = dict.fromkeys((*RECOVERY["beside"], *RECOVERY["checked"]), RECOVERY["fresh"])
    pairs = [*seeds.items(), *RECOVERY["later"].items()]
    return [
        Run(setting="40dB", method=method, seed=seed, study="recovery") for method, seed in pairs
    ]


def autoencoder_runs(seeds, data=None):
    """All runs of autoencoders, or those of one data set, in the order in which they are carried out."""
    runs = []
    for name, atoms in (*SETS[:2], KNOWN_CODES, *SETS[2:]):
        pairs = [(mode, kind) for mode in ("frozen", "joint") for kind in KINDS]
        if (name, atoms) == KNOWN_CODES:
            pairs = [("known", kind) for kind in ENCODERS["known"]]
        elif name == FIXED:
            pairs.append(("fixed", "relu"))
        runs += [
            Run(name, "", "", mode, kind, atoms, seed, "autoencoders")
            for seed in range(seeds if data in (None, name) else 0)
            for mode, kind in pairs
            if (mode, kind) != ("frozen", "mp") or seed == 0
        ]
    return runs


def photograph_networks():
    """The networks for grey photographs that ship."""
    shipped = (name.partition("/")[2] for name in checkpoints.available(coding.FOLDER))
    return [name for name in shipped if not name.endswith(coding.COLOUR)]


def plan(
    target,
    data=None,
    protocol="fair",
    seeds=3,
    batches=BATCHES,
):
    """The runs that a word of the command asks for: all of a study, those of a table, or the one of that name."""
    if target == "recovery":
        return recovery_runs(seeds) + fresh_runs()
    if target == "sae":
        if data not in (None, *ENCODED_SETS):
            raise ValueError(f"sae takes --data {', '.join(ENCODED_SETS)}, got {data}")
        return autoencoder_runs(seeds, data)
    if target == "conv":
        pairs = [(arm, seed) for seed in range(seeds) for arm in ARMS]
        return [Run(setting=batches, method=arm, seed=seed, study="gates") for arm, seed in pairs]
    if target == "photographs":
        return [
            Run(setting=sigma, method=method, seed=seed, study="photographs")
            for method in (MEANS, BM3D, *photograph_networks())
            for sigma in SIGMAS
            for seed in range(seeds)
        ]
    if target not in (*TARGETS, "all"):
        return [Run.named(target)]
    data, figure = data or "mnist", "figure4" if data == "cifar10" else "figure5"
    targets = [name for name in TARGETS if name != figure] if target == "all" else [target]
    runs = [run for name in targets for run in paper_runs(name, data, protocol, seeds)]
    if not runs:
        raise ValueError(f"{target} is measured under the fair protocol only: leave out --protocol")
    return list(dict.fromkeys(runs))
