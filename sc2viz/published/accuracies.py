"""The paper's accuracies as they are published: cells of its tables, and leads of one method over another."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sc2viz import published
from sc2viz.published import printed
from sc2viz.published.printed import ATOMS, METHODS
from sc2viz.published.sentences import ALPHA, format_mean
from sc2viz.words import _, localized

TOLERANCE = 1.0  # percentage points up to which measured and printed agree, or two standard deviations if that is more

Key = tuple[str, str, str, int]  # data, setting, the other method and its atoms


@dataclass(frozen=True)
class Cell:
    """A cell of a table: the accuracies in %, one per seed, their mean, and the printed accuracy."""

    runs: Sequence[str] = ()  # their names
    values: Sequence[float] = ()
    mean: float | None = None
    over_seeds: float | None = None  # the standard deviation over the seeds; None for one seed
    # What stands after ±: `over_seeds`, which holds the binomial error of test rows that each seed drew. A single such seed
    # has the binomial standard error alone.
    spread: float | None = None
    # Of the records: "unseen" is measured on the test split where "accuracy" is not.
    metric: str = "accuracy"
    drawn: int = 0  # how many test rows each seed drew from the training split; 0 if all share the test split
    objective: float | None = None  # the mean of F
    printed: float | None = None

    @property
    def verdict(self) -> str | None:
        """One of "beats", "agrees" and "falls short"; None if nothing is printed or measured."""
        if self.printed is None or self.mean is None:
            return None
        margin = max(TOLERANCE, 2 * (self.spread or 0.0))
        excess = self.mean - self.printed
        return "beats" if excess > margin else "falls short" if excess < -margin else "agrees"

    def text(self, digits: int = 1) -> str:
        """ "98.2 ± 0.1", or "not measured"."""
        if self.mean is None:
            return _("not measured")
        return format_mean(self.mean, self.spread, digits, finer=True)


@dataclass(frozen=True)
class Lead:
    """The lead of `mine` over `best`, the cell of the method `rival`: negative if behind."""

    mine: Cell
    best: Cell
    rival: str
    atoms: int  # of the rival's dictionary
    p: float  # after Holm's correction
    by_rows: bool  # whether p is that of the paired test; if not, it is an upper bound
    points: float  # the difference of the means, before rounding
    margin: float  # two standard deviations of the lead over the seeds, in points
    verdict: str  # "holds", "a tie" or "reversed"
    borderline: bool  # whether a small change of the lead could change the verdict

    @property
    def border(self) -> str:
        """What follows the verdict in words: ", borderline", or nothing."""
        return _(", borderline") if self.borderline else ""

    @property
    def label(self) -> str:
        """The rival's name, with its number of atoms where that differs."""
        name = METHODS[self.rival].label
        if self.atoms == ATOMS:
            return name
        return _("{method} with {atoms} atoms", method=name, atoms=self.atoms)

    @property
    def p_text(self) -> str:
        """p in words that show on which side of `ALPHA` it is: "p = 0.003", "p ≤ 0.02" for an upper bound, "p < 0.0001"."""
        if self.p < 1e-4:
            return localized("p < 0.0001")
        digits = max(2, -math.floor(math.log10(self.p)))
        while digits < 6 and round(self.p, digits) == ALPHA:
            digits += 1
        return localized(f"p {'=' if self.by_rows or self.p == 1 else '≤'} {self.p:.{digits}f}")


@dataclass(frozen=True, eq=False)
class Claims:
    """What is published of the paper, as cells and leads. `stamp` differs once that has changed."""

    published: Mapping[str, Any]
    stamp: tuple[int, ...] = ()

    def cell(
        self,
        data: str,
        protocol: str,
        setting: str,
        method: str,
        table: str = "table1",
        clean: bool = False,
        atoms: int = ATOMS,
    ) -> Cell:
        """A cell of a table; one without values where it was not measured. Methods that use no labels have the same cell in
        both settings. As printed, SLSTM and the cell of Eq. (8) are one.

        As printed, accuracy is measured on rows of the training split. Where most labels of these rows were seen, `clean`
        takes the accuracy on the test split.
        """
        name = self.name(data, protocol, setting, method, clean, atoms)
        cell = self.cells.get(name, Cell())
        return replace(cell, printed=printed.accuracy(table, data, setting, method))

    @staticmethod
    def name(
        data: str,
        protocol: str,
        setting: str,
        method: str,
        clean: bool = False,
        atoms: int = ATOMS,
    ) -> str:
        """The name of a cell in published.json."""
        if protocol == "as-printed":
            method = printed.SAME.get(method, method)
        trained = "unsupervised" if method in ("raw", "head") else setting
        name = f"{data}/{protocol}/{trained}/{method}/{atoms}"
        of_test_split = clean and protocol == "as-printed" and printed.labels_seen(data, setting)
        return f"{name}/unseen" if of_test_split else name

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """The cells by their names."""
        return {name: Cell(**cell) for name, cell in self.published.get("cells", {}).items()}

    @cached_property
    def leads(self) -> dict[str, dict[Key, Lead]]:
        """By contest: "fair" and "as-printed", of SLSTM; "equation-8", of the paper's own cell under the fair protocol; and
        "equation-10", of training with Eq. (10) over training on exact codes. "sizes" are SLSTM's over the best other method
        for each number of atoms."""
        contests = self.published.get("leads", {})
        return {
            contest: {
                (lead["data"], lead["setting"], lead["rival"], lead["atoms"]): self._lead(
                    lead, "table2" if contest == "equation-10" else "table1"
                )
                for lead in leads
            }
            for contest, leads in contests.items()
        }

    def _lead(self, lead: Mapping[str, Any], table: str) -> Lead:
        numbers = {key: value for key, value in lead.items() if key not in ("data", "setting")}
        for side in ("mine", "best"):
            method = lead[side].split("/")[3]
            claimed = printed.accuracy(table, lead["data"], lead["setting"], method)
            numbers[side] = replace(self.cells[lead[side]], printed=claimed)
        return Lead(**numbers)

    def lead(
        self,
        contest: str,
        data: str,
        setting: str,
        among: tuple[str, ...] = printed.RIVALS,
        larger: bool = False,
    ) -> Lead | None:
        """The lead over the most accurate of the methods `among`, `larger`: of networks with more atoms; None if none of them
        is measured."""
        leads = [
            lead
            for (*key, method, atoms), lead in self.leads.get(contest, {}).items()
            if key == [data, setting] and method in among and (atoms != ATOMS) == larger
        ]
        return max(leads, key=lambda lead: lead.best.mean, default=None)

    def list_larger(self, data: str, protocol: str, setting: str) -> list[tuple[str, int]]:
        """The methods, and their atoms, that were measured with more or fewer atoms than the tables have."""
        names = [name.split("/") for name in self.published.get("cells", {})]
        return [
            (name[3], int(name[4]))
            for name in names
            if name[:3] == [data, protocol, setting] and len(name) == 5 and int(name[4]) != ATOMS
        ]


def load() -> Claims:
    """What is published now."""
    return Claims(published.read("paper"), published.stamp())
