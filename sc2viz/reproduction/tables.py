"""Read the JSON files of the runs: means over seeds next to the printed numbers, and README's table."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sc2viz import checkpoints
from sc2viz.reproduction import printed
from sc2viz.reproduction.protocols import METHODS, TABLE_METHODS, Run

RESULTS = checkpoints.PRETRAINED / "results"
TOLERANCE = 1.0  # percentage points up to which measured and printed agree, or two standard deviations if that is more
BEGIN, END = "<!-- results: python -m sc2viz reproduce readme -->", "<!-- end of results -->"

Records = dict[Run, dict[str, Any]]


def load(folder: Path = RESULTS) -> Records:
    """The records of all runs in `folder`."""
    return {Run.named(path.stem): read(path) for path in sorted(folder.glob("*.json"))}


def read(path: Path) -> dict[str, Any]:
    """The record of one run; a ValueError names the file if it is broken."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise ValueError(f"{path} is not a readable result ({error}): delete it and repeat its run") from None
    if not isinstance(record, dict) or not isinstance(record.get("metrics"), dict) or "configuration" not in record:
        raise ValueError(f"{path} does not hold a result of reproduce: delete it and repeat its run")
    return record


@dataclass(frozen=True)
class Cell:
    """A cell of a table: the measured accuracies in %, one per seed, and the printed accuracy."""

    runs: tuple[Run, ...]
    values: tuple[float, ...]
    printed: float | None = None

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def spread(self) -> float | None:
        """The standard deviation over the seeds; None for one seed."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None

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


def cell(records: Records, table: str, data: str, protocol: str, setting: str, method: str, atoms: int = 100) -> Cell:
    """The cell of `table` for "mnist" or "cifar10". Methods that use no labels have the same cell in both settings."""
    set_in = "unsupervised" if method in ("raw", "head") else setting
    name = f"{data}-features" if data == "cifar10" else data
    runs = tuple(
        run for run in records
        if (run.data, run.protocol, run.experiment, run.setting, run.method, run.atoms)
        == (name, protocol, "accuracy", set_in, method, atoms)
    )  # fmt: skip
    values = tuple(100 * records[run]["metrics"]["accuracy"] for run in runs)
    return Cell(runs, values, printed.accuracy(table, data, setting, method))


def columns(table: str, data: str, setting: str) -> list[str]:
    """The methods of a table in its order, including those that are not in the paper."""
    methods = [method for method in TABLE_METHODS[table] if method != "head" or data == "cifar10"]
    return [method for method in methods if method != "exact" or setting == "unsupervised"]


def markdown(records: Records) -> str:
    """README's table: the printed and the measured numbers of both tables of the paper."""
    methods = list(dict.fromkeys(method for table in printed.TABLES for method in printed.METHODS[table]))
    head = ["", *(METHODS[method].label for method in methods)]
    lines = [_row(head), _row(["---"] + ["---:"] * len(methods))]
    for data in printed.DATA:
        for setting in printed.SETTINGS:
            labels = "with labels" if setting == "supervised" else "without labels"
            name = {"mnist": "MNIST", "cifar10": "CIFAR-10"}[data]
            highest = (printed.highest(data, setting, method) for method in methods)
            lines.append(_row([f"{name}, {labels}: in the paper", *(f"{value:.2f}" for value in highest)]))
            for protocol in ("fair", "as-printed"):
                cells = [_any(records, data, protocol, setting, method) for method in methods]
                if any(one.values for one in cells):
                    whose = f"ours, {protocol.replace('-', ' ')}"
                    lines.append(_row([whose, *(one.text() if one.values else "–" for one in cells)]))
    return "\n".join(lines)


def _any(records: Records, data: str, protocol: str, setting: str, method: str) -> Cell:
    table = next(table for table in printed.TABLES if method in printed.METHODS[table])
    return cell(records, table, data, protocol, setting, method)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def into(text: str, records: Records) -> str:
    """The text of README with a new table between the two marks."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{markdown(records)}\n{END}{rest.split(END)[1]}"
