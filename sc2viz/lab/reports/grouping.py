"""What every table of results is made with: runs by seed, means with their spread, and templates in Markdown."""

import re
import statistics
from operator import attrgetter

from sc2viz.published import sentences
from sc2viz.words import templates


def group(runs, key):
    """The runs by a key, those of each by seed."""
    groups = {}
    for run in sorted(runs, key=attrgetter("seed")):
        groups.setdefault(key(run), []).append(run)
    return groups


def mean_and_spread(values):
    """What published.json has of the values of all seeds: the mean, and the standard deviation, None for one seed."""
    return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None


def average(records, runs, keys):
    """The names of the runs, and mean and spread of each metric that they have, of a list of numbers of its last."""
    averages = {"runs": [run.name for run in runs]}
    for key in keys:
        values = [records[run]["metrics"][key] for run in runs if key in records[run]["metrics"]]
        if values:
            ends = [value[-1] if isinstance(value, list) else value for value in values]
            averages[key] = mean_and_spread(ends)
    return averages


def mean_columns(rows):
    """The mean over rows of every column."""
    return [statistics.fmean(column) for column in zip(*rows, strict=True)]


def write(file, published, **values):
    """The template beside the module `file`, without the blank lines around its empty paragraphs."""
    values |= {"published": published, "sentences": sentences}
    return re.sub(r"\n{3,}", "\n\n", templates.filled(file, "md", **values)).strip("\n")
