"""By how many points one method leads another, and whether the lead is more than chance.

A lead holds if its p-value is below `ALPHA` after Holm's correction, and if it exceeds two standard deviations over the
seeds. Everything else is a tie (`verdict`). All leads of SLSTM under both protocols, and of the cell of Eq. (8) under the
fair one, are one family of that correction (`by_contest`). A lead whose size is within `BORDER` of these two standard
deviations is called borderline.

p comes from a paired test over the test rows where both methods' runs stored which rows they classified rightly
(`paired`). Runs from before that stored accuracies alone. Their p is that of independent samples (`unpaired`), which is an
upper bound, because two methods tend to be right on the same rows.
"""

import hashlib
import itertools
import json
import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sc2viz.lab.experiments import printed
from sc2viz.lab.experiments.protocols import ATOMS, CELL, METHODS, SIZED, SIZES
from sc2viz.lab.experiments.records import RESULTS, BaseRun, Record, load, save, unpacked
from sc2viz.lab.reports import tables
from sc2viz.lab.reports.tables import Cell, Records
from sc2viz.words import _, localized

ALPHA = 0.05
BORDER = 0.05  # a verdict is borderline if a change of the lead by this share of the margin could change it
COMPARED = ("fair", "as-printed")  # the protocols whose leads are corrected together
EQUATION_8 = "equation-8"
# By the name of a contest: its protocol, and the method whose leads over all others it has. As printed, SLSTM is Eq. (8).
CONTESTS = {
    "fair": ("fair", "slstm"),
    "as-printed": ("as-printed", "slstm"),
    EQUATION_8: ("fair", CELL),
}
TEST_ROWS = 10_000  # rows of the test splits of MNIST and of CIFAR-10

Key = tuple[
    str, str, str, int
]  # data, setting, the other method and its atoms; a contest may follow


def verdict(points: float, p: float, margin: float) -> str:
    """One of "holds", "a tie" and "reversed", for a lead of `points` with the corrected p-value `p`.

    `margin` is two standard deviations of the lead over the seeds, in points.
    """
    if p >= ALPHA or abs(points) <= margin:
        return "a tie"
    return "holds" if points > 0 else "reversed"


def paired(one: np.ndarray, other: np.ndarray) -> float:
    """The two-sided p-value of a paired test: one, other (seeds, n) bool, whether each of n rows was classified rightly.

    A row counts by the difference of the numbers of seeds in which each method is right. If the methods are equally good,
    its sign is as likely + as −. The distribution of the sum under random signs is exact. For one seed this is McNemar's
    exact test (the sign test on the discordant rows).
    """
    apart = (one.astype(int) - other.astype(int)).sum(0)
    chance = np.ones(1)  # the distribution of the sum, from its least to its greatest value
    for size, rows in enumerate(np.bincount(np.abs(apart))[1:], 1):
        signs = np.zeros(2 * size * rows + 1)
        signs[:: 2 * size] = _heads(rows)
        chance = np.convolve(chance, signs)
    sums = np.arange(len(chance)) - len(chance) // 2
    return min(1.0, float(chance[np.abs(sums) >= abs(apart.sum())].sum()))


def _heads(tosses: int) -> np.ndarray:
    """The chance of 0, 1, … heads when a fair coin is tossed so often. (scipy.stats has it, and takes 45 MB.)"""
    factorial = np.log(np.arange(tosses + 1).clip(1)).cumsum()
    return np.exp(factorial[-1] - factorial - factorial[::-1] - tosses * math.log(2))


def unpaired(one: float, other: float, rows: int) -> float:
    """The two-sided p-value for two shares in [0, 1] of `rows` rows each, as if their rows were independent.

    It is the χ² test of two proportions without a correction for continuity.
    """
    pooled = (one + other) / 2
    deviation = math.sqrt(2 * pooled * (1 - pooled) / rows)
    return math.erfc(abs(one - other) / deviation / math.sqrt(2)) if deviation else 1.0


def holm(p: Mapping[Hashable, float]) -> dict[Hashable, float]:
    """p-values corrected for their number (Holm 1979): the k-th smallest of m is multiplied by m − k + 1, and no corrected
    value is below an earlier one or above 1."""
    corrected, highest = {}, 0.0
    for k, key in enumerate(sorted(p, key=p.get)):
        highest = max(highest, min(1.0, (len(p) - k) * p[key]))
        corrected[key] = highest
    return corrected


@dataclass(frozen=True)
class Lead:
    """The lead of `mine` over `best`, the cell of the method `rival`, in percentage points: negative if behind."""

    mine: Cell
    best: Cell
    rival: str
    p: float  # the corrected p-value
    by_rows: bool  # whether p is that of the paired test; if not, it is an upper bound
    atoms: int = ATOMS  # atoms of the rival's dictionary

    @property
    def points(self) -> float:
        """The difference of the means, before rounding."""
        return self.mine.mean - self.best.mean

    @property
    def margin(self) -> float:
        """Two standard deviations of the lead over the seeds, in points."""
        return 2 * math.hypot(self.mine.over_seeds or 0.0, self.best.over_seeds or 0.0)

    @property
    def verdict(self) -> str:
        return verdict(self.points, self.p, self.margin)

    @property
    def borderline(self) -> bool:
        """Whether p is below `ALPHA` and a change of the lead by `BORDER` of the margin could change the verdict."""
        return self.p < ALPHA and abs(abs(self.points) - self.margin) <= BORDER * self.margin

    @property
    def border(self) -> str:
        """What follows the verdict in words: ", borderline", or nothing."""
        return _(", borderline") if self.borderline else ""

    @property
    def label(self) -> str:
        """The rival's name, with its number of atoms where that differs."""
        name = METHODS[self.rival].label
        return (
            name
            if self.atoms == ATOMS
            else _("{method} with {atoms} atoms", method=name, atoms=self.atoms)
        )

    @property
    def p_text(self) -> str:
        """p in words that show on which side of `ALPHA` it is: "p = 0.003", "p ≤ 0.02" for an upper bound, "p < 0.0001"."""
        if self.p < 1e-4:
            return localized("p < 0.0001")
        digits = max(2, -math.floor(math.log10(self.p)))
        while digits < 6 and round(self.p, digits) == ALPHA:
            digits += 1
        return localized(f"p {'=' if self.by_rows or self.p == 1 else '≤'} {self.p:.{digits}f}")


def judged(records: Records, pairs: Mapping[Key, tuple[Cell, Cell]]) -> dict[Key, Lead]:
    """The leads of pairs of cells, whose p-values are corrected for the number of pairs. Cells without runs are left out."""
    found = {
        key: _p(records, *cells)
        for key, cells in pairs.items()
        if all(cell.values for cell in cells)
    }
    corrected = holm({key: p for key, (p, _by_rows) in found.items()})
    return {
        key: Lead(*pairs[key], rival=key[2], p=corrected[key], by_rows=by_rows, atoms=key[3])
        for key, (_p, by_rows) in found.items()
    }


def _p(records: Records, mine: Cell, best: Cell) -> tuple[float, bool]:
    """The p-value of a pair of cells before correction, and whether it is that of the paired test."""
    one, other = _right(records, mine), _right(records, best)
    seeds = sorted(one.keys() & other.keys())
    if seeds and len(one) == len(mine.runs) and len(other) == len(best.runs):
        pair = [[each[seed] for seed in seeds] for each in (one, other)]

        def test() -> dict[str, float]:
            rows = [
                np.array([unpacked(found["bits"], found["rows"]) for found in each])
                for each in pair
            ]
            # Where `drawn`, each seed tests on rows of its own.
            return {"p": paired(*(each.reshape(1, -1) if mine.drawn else each for each in rows))}

        what = f"{mine.metric}: {mine.runs[0].name} over {best.runs[0].name}, and further seeds"
        return tested(what, [pair, bool(mine.drawn)], test)["p"], True
    rows = mine.drawn * min(len(mine.runs), len(best.runs)) or TEST_ROWS
    return unpaired(mine.mean / 100, best.mean / 100, rows), False


def _right(records: Records, cell: Cell) -> dict[int, dict[str, Any]]:
    """By seed, which rows were classified rightly, as it is stored, of the runs of a cell that stored it."""
    stored = {
        run.seed: records[run]["metrics"].get("right", {}).get(cell.metric) for run in cell.runs
    }
    return {seed: one for seed, one in stored.items() if one}


@dataclass(frozen=True)
class PairedTest(BaseRun):
    """A paired test of two methods, by a digest of the rows that it compares."""

    FILE = "p_values.jsonl"
    digest: str


def tested(what: str, compared: Any, test: Callable[[], dict[str, float]]) -> dict[str, float]:
    """What a paired test found of the rows that are `compared` (JSON): stored, or else computed now by `test`, once."""
    run = PairedTest(hashlib.sha256(json.dumps(compared, sort_keys=True).encode()).hexdigest()[:16])
    if run not in _known():
        _known()[run] = {"run": run.name, "configuration": {"what": what}, "metrics": test()}
    return _known()[run]["metrics"]


@cache
def _known() -> dict[PairedTest, Record]:
    """The paired tests that are stored, and those that were computed since."""
    return dict(load(PairedTest))


def forget() -> None:
    """Compute every paired test anew from here on."""
    _known().clear()


def store(records: Records, folder: Path = RESULTS) -> None:
    """Write all paired tests since `forget`, with those of all leads, so that no page has to compute one."""
    by_contest(records)
    for protocol in COMPARED:
        of_equation_10(records, protocol)
    for data, setting in itertools.product(printed.DATA, printed.SETTINGS):
        of_sizes(records, data, setting)
    save(PairedTest, _known(), folder)


# Whose leads ----------------------------------------------------------------------------------------------------------


def by_contest(records: Records) -> dict[str, dict[Key, Lead]]:
    """By contest, the lead of its method over every other method of both tables, and over larger networks, in every block of
    Table 1. All of them are one family: p is corrected for their number.

    As printed, both methods are measured on the test split where labels of other rows were seen (`tables.labels_seen`).
    """
    others = dict.fromkeys(method for table in printed.TABLES for method in printed.METHODS[table])
    pairs = {}
    for (contest, (protocol, one)), data, setting in itertools.product(
        CONTESTS.items(), printed.DATA, printed.SETTINGS
    ):
        where = {"data": data, "protocol": protocol, "setting": setting, "clean": True}
        mine = tables.cell(records, "table1", method=one, **where)
        rivals = [(method, ATOMS) for method in others if method != one]
        for method, atoms in rivals + tables.larger(records, data, protocol, setting):
            other = tables.cell(records, "table1", method=method, atoms=atoms, **where)
            pairs[data, setting, method, atoms, contest] = mine, other
    found: dict[str, dict[Key, Lead]] = {contest: {} for contest in CONTESTS}
    for (*key, contest), lead in judged(records, pairs).items():
        found[contest][tuple(key)] = lead
    return found


def best(
    leads: Mapping[Key, Lead], data: str, setting: str, among: tuple[str, ...], larger: bool = False
) -> Lead | None:
    """The lead over the most accurate of the methods `among` in a block, `larger`: of networks with more atoms; None if
    none of them is measured."""
    mine = [
        lead
        for (of, where, method, atoms), lead in leads.items()
        if (of, where) == (data, setting) and method in among and (atoms != ATOMS) == larger
    ]
    return max(mine, key=lambda lead: lead.best.mean, default=None)


def of_equation_10(records: Records, protocol: str) -> dict[Key, Lead]:
    """Table 2: the lead of training with Eq. (10) over training on exact codes."""
    pairs = {}
    for data in printed.DATA:
        for setting in printed.SETTINGS:
            where = {"data": data, "protocol": protocol, "setting": setting, "clean": True}
            for method in ("lista", "lfista"):
                cells = (
                    tables.cell(records, "table2", method=each, **where)
                    for each in (method, f"{method}-codes")
                )
                pairs[data, setting, f"{method}-codes", ATOMS] = tuple(cells)
    return judged(records, pairs)


def of_sizes(records: Records, data: str, setting: str) -> dict[int, Lead]:
    """SLSTM's lead over the best other method by dictionary size; p is corrected for all methods and sizes of the block."""
    pairs = {}
    for atoms in SIZES:
        cells = {
            method: tables.cell(records, "table1", data, "sizes", setting, method, atoms)
            for method in SIZED
        }
        mine = cells.pop("slstm")
        pairs |= {(data, setting, method, atoms): (mine, cell) for method, cell in cells.items()}
    found = judged(records, pairs)
    by_size: dict[int, Lead] = {}
    for (*_block, atoms), lead in found.items():
        if atoms not in by_size or lead.best.mean > by_size[atoms].best.mean:
            by_size[atoms] = lead
    return by_size


def stored(records: Records, protocol: str) -> tuple[int, int]:
    """How many of a protocol's measured runs stored which rows they classified rightly, and how many runs there are."""
    mine = [
        record
        for run, record in records.items()
        if run.experiment == "accuracy" and run.protocol == protocol and run.method != "head"
    ]
    return sum("right" in record["metrics"] for record in mine), len(mine)
