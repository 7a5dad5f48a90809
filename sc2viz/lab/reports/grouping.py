"""What every table of results is made with: runs by seed, means with their spread, and Markdown."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from sc2viz.lab.experiments.records import R


def of(runs: Iterable[R], **where: Any) -> list[R]:
    """Those of the runs whose fields, of which two or more are named, have these values, by seed."""
    fields, values = attrgetter(*where), tuple(where.values())
    return sorted((run for run in runs if fields(run) == values), key=attrgetter("seed"))


def spread(values: Sequence[float]) -> float | None:
    """The standard deviation over the seeds; None for one seed."""
    return statistics.stdev(values) if len(values) > 1 else None


def mean_and_spread(values: Sequence[float]) -> tuple[float, float | None]:
    """What published.json has of the values of all seeds: `published.Mean`."""
    return statistics.fmean(values), spread(values)


def mean(of_seeds: Mapping[int, Mapping[str, Any]], key: str) -> float:
    """The mean of a metric over the seeds."""
    return statistics.fmean(metrics[key] for metrics in of_seeds.values())


def into(text: str, part: str, made: str) -> str:
    """The text of the page of results with what was `made` between the two marks of a part."""
    begin, end = f"<!-- {part}: python -m sc2viz reproduce readme -->", f"<!-- end of {part} -->"
    before, rest = text.split(begin)
    lines = made and f"{made}\n"
    return f"{before}{begin}\n{lines}{end}{rest.split(end)[1]}"
