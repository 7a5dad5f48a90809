"""What every table of results is made with: runs by seed, means with their spread, and Markdown."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from sc2viz.lab.experiments.protocols import Run
from sc2viz.lab.experiments.records import Numbers, Record
from sc2viz.published.sentences import format_table


def group(runs: Iterable[Run], key: Callable[[Run], Any]) -> dict[Any, list[Run]]:
    """The runs by a key, those of each by seed."""
    groups: dict[Any, list[Run]] = {}
    for run in sorted(runs, key=attrgetter("seed")):
        groups.setdefault(key(run), []).append(run)
    return groups


def mean_and_spread(values: Sequence[float]) -> tuple[float, float | None]:
    """What published.json has of the values of all seeds: the mean, and the standard deviation, None for one seed."""
    return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None


def average(records: Mapping[Run, Record], runs: Sequence[Run], keys: Iterable[str]) -> Numbers:
    """The names of the runs, and mean and spread of each metric that they have, of a list of numbers of its last."""
    averages: Numbers = {"runs": [run.name for run in runs]}
    for key in keys:
        values = [records[run]["metrics"][key] for run in runs if key in records[run]["metrics"]]
        if values:
            ends = [value[-1] if isinstance(value, list) else value for value in values]
            averages[key] = mean_and_spread(ends)
    return averages


def mean_columns(rows: Iterable[Iterable[float]]) -> list[float]:
    """The mean over rows of every column."""
    return [statistics.fmean(column) for column in zip(*rows, strict=True)]


def tabulate(rows: Sequence[Mapping[str, str]]) -> str:
    """A table in Markdown of rows, whose keys are the heads of the columns; "" without rows."""
    return format_table([*rows[0]], [[*row.values()] for row in rows], numbers=True) if rows else ""


def join(*paragraphs: str) -> str:
    """Paragraphs in Markdown, those that are empty left out."""
    return "\n\n".join(filter(None, paragraphs))


def insert(text: str, section: str, markdown: str) -> str:
    """The text of the page of results with this Markdown between the two marks of a section."""
    begin, end = (
        f"<!-- {section}: python -m sc2viz reproduce readme -->",
        f"<!-- end of {section} -->",
    )
    head, tail = text.split(begin)
    lines = markdown and f"{markdown}\n"
    return f"{head}{begin}\n{lines}{end}{tail.split(end)[1]}"
