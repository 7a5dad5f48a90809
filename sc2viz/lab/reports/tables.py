"""Means over seeds of the paper's runs next to the printed numbers."""

import math
import statistics
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sc2viz.lab.experiments import printed, records
from sc2viz.lab.experiments.protocols import ATOMS, PROTOCOLS, TABLE_METHODS, Run
from sc2viz.lab.experiments.records import RESULTS, Record
from sc2viz.lab.reports import grouping
from sc2viz.words import _

TOLERANCE = 1.0  # percentage points up to which measured and printed agree, or two standard deviations if that is more

Records = dict[Run, Record]


def load(folder: Path = RESULTS) -> Records:
    """The records of all runs of the paper in `folder`."""
    return records.load(Run, folder)


@dataclass(frozen=True)
class Cell:
    """A cell of a table: the measured accuracies in %, one per seed, and the printed accuracy."""

    runs: tuple[Run, ...]
    values: tuple[float, ...]
    printed: float | None = None
    metric: str = (
        "accuracy"  # of the records; "unseen" is measured on the test split where "accuracy" is not
    )
    drawn: int = 0  # how many test rows each seed drew from the training split; 0 if all seeds share the test split

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @cached_property
    def over_seeds(self) -> float | None:
        """The standard deviation over the seeds; None for one seed."""
        return grouping.spread(self.values)

    @property
    def spread(self) -> float | None:
        """What stands after ±: the standard deviation over the seeds; None if there is none.

        Where each seed drew test rows of its own, it holds the binomial error of these rows. A single such seed has the
        binomial standard error alone.
        """
        if len(self.values) != 1 or not self.drawn:
            return self.over_seeds
        share = self.mean / 100
        return 100 * math.sqrt(share * (1 - share) / self.drawn)

    @property
    def verdict(self) -> str | None:
        """One of "beats", "agrees" and "falls short"; None if nothing is printed or measured."""
        if self.printed is None or not self.values:
            return None
        margin = max(TOLERANCE, 2 * (self.spread or 0.0))
        above = self.mean - self.printed
        return "beats" if above > margin else "falls short" if above < -margin else "agrees"

    def text(self, digits: int = 1) -> str:
        """ "98.2 ± 0.1", or "not measured"."""
        return grouping.told(self.mean, self.spread, digits) if self.values else _("not measured")


def cell(
    records: Records,
    table: str,
    data: str,
    protocol: str,
    setting: str,
    method: str,
    atoms: int = ATOMS,
    clean: bool = False,
) -> Cell:
    """The cell of `table` for "mnist" or "cifar10". Methods that use no labels have the same cell in both settings. As
    printed, SLSTM and the cell of Eq. (8) are one.

    As printed, accuracy is measured on rows of the training split. Where most labels of these rows were seen
    (`labels_seen`), `clean` takes the accuracy on the test split.
    """
    if protocol == "as-printed":
        method = printed.SAME.get(method, method)
    set_in = "unsupervised" if method in ("raw", "head") else setting
    name = f"{data}-features" if data == "cifar10" else data
    found = grouping.of(
        records,
        data=name,
        protocol=protocol,
        experiment="accuracy",
        setting=set_in,
        method=method,
        atoms=atoms,
    )
    drawn = PROTOCOLS[protocol].classified_rows is not None
    metric = "unseen" if clean and drawn and labels_seen(data, setting) else "accuracy"
    runs = tuple(run for run in found if metric in records[run]["metrics"])
    values = tuple(100 * records[run]["metrics"][metric] for run in runs)
    rows = (
        [records[run]["metrics"].get("rows") for run in runs]
        if drawn and metric == "accuracy"
        else []
    )
    return Cell(
        runs,
        values,
        printed.accuracy(table, data, setting, method),
        metric,
        rows[0][1] if any(rows) else 0,
    )


def labels_seen(data: str, setting: str) -> bool:
    """Whether labels of training rows went into the codes: by the networks' loss, or by CIFAR-10's features."""
    return setting == "supervised" or data == "cifar10"


def larger(records: Records, data: str, protocol: str, setting: str) -> list[tuple[str, int]]:
    """The methods, and their atoms, that were measured with more or fewer atoms than the tables have."""
    name = f"{data}-features" if data == "cifar10" else data
    found = grouping.of(
        records, data=name, protocol=protocol, experiment="accuracy", setting=setting
    )
    return list(
        dict.fromkeys(
            (run.method, run.atoms) for run in found if run.atoms != ATOMS and protocol != "sizes"
        )
    )


def columns(table: str, data: str, setting: str) -> list[str]:
    """The methods of a table in its order, including those that are not in the paper."""
    methods = [method for method in TABLE_METHODS[table] if method != "head" or data == "cifar10"]
    return [method for method in methods if method != "exact" or setting == "unsupervised"]
