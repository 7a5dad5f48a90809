"""NMSE that others published for the recovery of known codes, each with its source and the conditions that the source names.

Protocols differ from source to source, so that no figure stands without its own. All are after 16 layers, unless the source
says another number, in decibels. The names are those of `recovery.METHODS`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import mean

from sc2viz.lab.experiments.recovery_protocols import CONDITIONS, METHODS
from sc2viz.lab.reports import grouping, recovery_tables
from sc2viz.lab.reports.recovery_tables import RecoveryRecords
from sc2viz.words import N_


@dataclass(frozen=True)
class Published:
    """The figures of one source under one condition of `recovery.CONDITIONS`, by method."""

    source: str
    condition: str
    figures: dict[str, float]


_LOGS = N_("the authors’ logs, github.com/feeds/na-alista, d_s = 500, k = 50")
_L2O = N_("Open-L2O (Chen et al. 2022), 256 × 512, read off its figure")
_LAMP = N_(
    "the authors of LAMP, github.com/mborgerding/onsager_deep_learning, d_s = 500, sparsity .1, 100 iterations"
)
_COURSE = N_("a course’s final project, github.com/ThEpiCake/hyperlista-mbdl, 250 × 500, k = 50")
PUBLISHED = (
    Published(
        _LOGS,
        "40dB",
        {"ista": -5.77, "fista": -7.63, "alista-selection": -39.07, "na-alista": -42.19},
    ),
    Published(_LAMP, "40dB", {"amp": -36.73}),
    Published(
        _LOGS,
        "20dB",
        {"ista": -5.72, "fista": -7.55, "alista-selection": -21.08, "na-alista": -21.64},
    ),
    Published(
        _L2O,
        "noiseless",
        {"lista-cp": -30, "lista-cp-selection": -63, "alista-selection": -79, "glista": -56},
    ),
    Published(
        _L2O,
        "20dB",
        {"lista-cp": -14.7, "lista-cp-selection": -20, "alista-selection": -20, "glista": -22},
    ),
    Published(
        _L2O,
        "conditioned",
        {"lista-cp": -19.5, "lista-cp-selection": -26.5, "alista-selection": -14, "glista": -31},
    ),
    Published(
        _COURSE, "noiseless", {"ista": -5.3, "fista": -11.0, "alista": -29.8, "hyperlista": -61.4}
    ),
)


@dataclass(frozen=True)
class Comparison:
    """A published figure beside ours. `measured` and `spread` (over the seeds) are None where we have no run, or one alone;
    `runs` are their names."""

    condition: str
    method: str
    printed: float
    source: str
    measured: float | None
    spread: float | None
    runs: tuple[str, ...]


def comparisons(records: RecoveryRecords) -> Iterator[Comparison]:
    """All published figures with the runs among `records` that measured the same method under that condition."""
    for one in PUBLISHED:
        for method, printed in one.figures.items():
            found = recovery_tables.of_seeds(records, one.condition, method)
            values = [records[run]["metrics"]["nmse"][-1] for run in found]
            yield Comparison(
                CONDITIONS[one.condition].label,
                METHODS[method].label,
                printed,
                one.source,
                mean(values) if values else None,
                grouping.spread(values),
                tuple(run.name for run in found),
            )
