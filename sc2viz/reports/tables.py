"""Read the JSON files of the runs: means over seeds next to the printed numbers."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sc2viz.experiments import printed
from sc2viz.experiments.protocols import ATOMS, PROTOCOLS, TABLE_METHODS, Run
from sc2viz.experiments.records import RESULTS, read

TOLERANCE = 1.0  # percentage points up to which measured and printed agree, or two standard deviations if that is more

Records = dict[Run, dict[str, Any]]


def load(folder: Path = RESULTS) -> Records:
    """The records of all runs in `folder`."""
    return {Run.named(path.stem): read(path) for path in sorted(folder.glob("*.json"))}


@dataclass(frozen=True)
class Cell:
    """A cell of a table: the measured accuracies in %, one per seed, and the printed accuracy."""

    runs: tuple[Run, ...]
    values: tuple[float, ...]
    printed: float | None = None
    metric: str = "accuracy"  # of the records; "unseen" is measured on the test split where "accuracy" is not
    drawn: int = 0  # how many test rows each seed drew from the training split; 0 if all seeds share the test split

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def over_seeds(self) -> float | None:
        """The standard deviation over the seeds; None for one seed."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None

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
        """ "98.2 ± 0.1", with more decimals if the spread would otherwise be shown as 0: "98.31 ± 0.03"."""
        if not self.values:
            return "not measured"
        while self.spread and not round(self.spread, digits):
            digits += 1
        spread = "" if self.spread is None else f" ± {self.spread:.{digits}f}"
        return f"{self.mean:.{digits}f}{spread}"


def cell(records: Records, table: str, data: str, protocol: str, setting: str, method: str, atoms: int = ATOMS,
         clean: bool = False) -> Cell:  # fmt: skip
    """The cell of `table` for "mnist" or "cifar10". Methods that use no labels have the same cell in both settings. As
    printed, SLSTM and the cell of Eq. (8) are one.

    As printed, accuracy is measured on rows of the training split. Where most labels of these rows were seen
    (`labels_seen`), `clean` takes the accuracy on the test split.
    """
    if protocol == "as-printed":
        method = printed.SAME.get(method, method)
    set_in = "unsupervised" if method in ("raw", "head") else setting
    name = f"{data}-features" if data == "cifar10" else data
    runs = tuple(
        run for run in records
        if (run.data, run.protocol, run.experiment, run.setting, run.method, run.atoms)
        == (name, protocol, "accuracy", set_in, method, atoms)
    )  # fmt: skip
    drawn = PROTOCOLS[protocol].classified_rows is not None
    metric = "unseen" if clean and drawn and labels_seen(data, setting) else "accuracy"
    runs = tuple(run for run in runs if metric in records[run]["metrics"])
    values = tuple(100 * records[run]["metrics"][metric] for run in runs)
    rows = [records[run]["metrics"].get("rows") for run in runs] if drawn and metric == "accuracy" else []
    return Cell(runs, values, printed.accuracy(table, data, setting, method), metric, rows[0][1] if any(rows) else 0)


def labels_seen(data: str, setting: str) -> bool:
    """Whether labels of training rows went into the codes: by the networks' loss, or by CIFAR-10's features."""
    return setting == "supervised" or data == "cifar10"


def larger(records: Records, data: str, protocol: str, setting: str) -> list[tuple[str, int]]:
    """The methods, and their atoms, that were measured with more or fewer atoms than the tables have."""
    name = f"{data}-features" if data == "cifar10" else data
    found = {
        (run.method, run.atoms): None for run in records
        if (run.data, run.protocol, run.experiment, run.setting) == (name, protocol, "accuracy", setting)
        and run.atoms != ATOMS and protocol != "sizes"
    }  # fmt: skip
    return list(found)


def columns(table: str, data: str, setting: str) -> list[str]:
    """The methods of a table in its order, including those that are not in the paper."""
    methods = [method for method in TABLE_METHODS[table] if method != "head" or data == "cifar10"]
    return [method for method in methods if method != "exact" or setting == "unsupervised"]
