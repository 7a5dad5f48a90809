"""What every table of results is made with: runs by seed, means with their spread, and Markdown."""

import statistics
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from sc2viz.lab.experiments.records import R
from sc2viz.words import _, count, localized


def of(runs: Iterable[R], **where: Any) -> list[R]:
    """Those of the runs whose fields, of which two or more are named, have these values, by seed."""
    fields, values = attrgetter(*where), tuple(where.values())
    return sorted((run for run in runs if fields(run) == values), key=attrgetter("seed"))


def spread(values: Sequence[float]) -> float | None:
    """The standard deviation over the seeds; None for one seed."""
    return statistics.stdev(values) if len(values) > 1 else None


def told(mean: float, spread: float | None, digits: int = 1, finer: bool = True) -> str:
    """ "98.2 ± 0.1"; finer: with more decimals if the spread would otherwise be shown as 0, "98.31 ± 0.03"."""
    while finer and spread and not round(spread, digits):
        digits += 1
    number = f"{mean:z.{digits}f}".replace("-", "−")
    return localized(number + ("" if spread is None else f" ± {spread:.{digits}f}"))


def averaged(values: Sequence[float], digits: int = 1) -> str:
    """The mean of the seeds' values ± their standard deviation, with so many decimals."""
    return told(statistics.fmean(values), spread(values), digits, finer=False)


def count_seeds(counts: Sequence[int]) -> str:
    """How many seeds means are of: "3 seeds", or "1 to 3 seeds" where they are not of as many."""
    low, high = min(counts), max(counts)
    seeds = count(high, "seed")
    return seeds if low == high else _("{low} to {seeds}", low=low, seeds=seeds)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = True) -> str:
    """A table in Markdown. numbers: every column but the first is aligned to the right."""
    ruled = ["---", *["---:" if numbers else "---"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ruled, *rows))


def into(text: str, part: str, made: str) -> str:
    """The text of the page of results with what was `made` between the two marks of a part."""
    begin, end = f"<!-- {part}: python -m sc2viz reproduce readme -->", f"<!-- end of {part} -->"
    before, rest = text.split(begin)
    lines = made and f"{made}\n"
    return f"{before}{begin}\n{lines}{end}{rest.split(end)[1]}"
