"""The part of the page of results on the recovery of true codes, made from the records of `reproduce recovery`."""

import statistics
from collections.abc import Sequence

from sc2viz import words
from sc2viz.lab.experiments import recovery_protocols
from sc2viz.lab.experiments.records import Record
from sc2viz.lab.experiments.recovery_protocols import (
    CHECKED,
    CONDITIONS,
    FRESH,
    METHODS,
    RecoveryRun,
)
from sc2viz.lab.reports import grouping
from sc2viz.words import _

USUAL = "40dB"  # the condition of all seeds
BEST = "alista-selection"  # what others are compared with, layer by layer
BEHIND = 1.0  # dB

RecoveryRecords = dict[RecoveryRun, Record]


def of_seeds(records: RecoveryRecords, condition: str, method: str) -> list[RecoveryRun]:
    """The runs of a method by seed, without the fresh ones."""
    return [
        run for run in grouping.of(records, condition=condition, method=method) if run.seed < FRESH
    ]


def values(
    records: RecoveryRecords, condition: str, method: str, key: str = "nmse", layer: int = -1
) -> list[float]:
    """A number of every seed, after the layer at that place: NMSE in dB, "precision", "recall", or "excess" of F in %."""
    return [path[layer] for path in _paths(records, condition, method, key)]


def mean(
    records: RecoveryRecords, condition: str, method: str, key: str = "nmse", layer: int = -1
) -> float | None:
    """The mean over seeds; None if there is no run."""
    found = values(records, condition, method, key, layer)
    return statistics.fmean(found) if found else None


def by_layer(
    records: RecoveryRecords, condition: str, method: str, key: str = "nmse"
) -> list[float]:
    """The mean over seeds after every layer."""
    return [
        statistics.fmean(each)
        for each in zip(*_paths(records, condition, method, key), strict=True)
    ]


def _paths(records: RecoveryRecords, condition: str, method: str, key: str) -> list[list[float]]:
    """A number after every layer, by seed."""
    return [records[run]["metrics"][key] for run in of_seeds(records, condition, method)]


def falls_behind(
    records: RecoveryRecords, method: str, condition: str = USUAL, other: str = BEST
) -> int | None:
    """The layer from which on a method is more than `BEHIND` dB worse than an `other` one, ALISTA with selection, 1, 2, …;
    None if it is not at the end."""
    own, best = (by_layer(records, condition, name) for name in (method, other))
    behind = [mine > other + BEHIND for mine, other in zip(own, best, strict=False)]
    if not behind or len(own) != len(best) or not behind[-1]:
        return None
    return len(behind) - behind[::-1].index(False) + 1 if False in behind else 1


def ordered(records: RecoveryRecords) -> list[str]:
    """The methods that were measured at 40 dB, the least NMSE first."""
    measured = [method for method in METHODS if values(records, USUAL, method)]
    return sorted(measured, key=lambda method: mean(records, USUAL, method))


def markdown(records: RecoveryRecords) -> str:
    """The whole part."""
    others = [condition for condition in CONDITIONS if condition != USUAL]
    head = [
        "Solver",
        CONDITIONS[USUAL].label,
        "precision, recall",
        "F above the optimum",
        "behind ALISTA from layer",
        *(CONDITIONS[condition].label for condition in others),
    ]
    rows = []
    for method in ordered(records):
        behind = falls_behind(records, method)
        rows.append(
            [
                METHODS[method].label,
                decibels(values(records, USUAL, method)),
                f"{_percent(mean(records, USUAL, method, 'precision'))}, {_percent(mean(records, USUAL, method, 'recall'))}",
                above(mean(records, USUAL, method, "excess")),
                "–" if behind is None else f"{behind}",
                *(decibels(values(records, condition, method)) for condition in others),
            ]
        )
    return "\n\n".join(
        [grouping.table(head, rows), *noise(records), *missing(records), *fresh(records)]
    )


def noise(records: RecoveryRecords) -> list[str]:
    """Why ALISTA stops where it does, and from which layer on, in a sentence or two; nothing where that was not measured."""
    measured = {
        "w": "support-w",
        "least": "support",
        "plain": "alista-selection",
        "ridge": "alista-ridge",
    }
    told = {
        f"{name}_{condition}": decibels(values(records, condition, method))
        for condition in ("20dB", USUAL)
        for name, method in measured.items()
    }
    if not all(told.values()):
        return []
    apart = [
        mean(records, condition, "support-w") - mean(records, condition, "support")
        for condition in ("20dB", USUAL)
    ]
    layer = falls_behind(records, "alista-selection", "20dB", "alista-ridge")
    counts = [len(values(records, condition, "alista-ridge")) for condition in ("20dB", USUAL)]
    first = _(
        "ALISTA’s W passes noise on. Where the iteration with it rests on the true support, it is {w_20dB} dB with "
        "noise at 20 dB and {w_40dB} dB with noise at 40 dB, {apart:.1f} and {less:.1f} dB above least squares, and "
        "more layers do not help. Of {seeds} at 20 dB and {n} at 40 dB.",
        **told,
        seeds=words.count(counts[0], "seed"),
        n=counts[1],
        apart=apart[0],
        less=apart[1],
    )
    return (
        [first]
        if layer is None
        else [
            " ".join(
                [
                    first,
                    _(
                        "With a ridge, W = argmin ‖WᵀB‖² + ‖W‖², the same network is more than {behind:g} dB better "
                        "at 20 dB from layer {layer} on. It ends at {ridge_20dB} instead of {plain_20dB} dB there, "
                        "and with noise at 40 dB at {ridge_40dB} instead of {plain_40dB} dB.",
                        **told,
                        behind=BEHIND,
                        layer=layer,
                    ),
                ]
            )
        ]
    )


def missing(records: RecoveryRecords) -> list[str]:
    """The runs that were not measured, in a sentence; nothing where all were."""
    left: dict[str, list[str]] = {}
    for run in [*recovery_protocols.runs(), *recovery_protocols.fresh_runs()]:
        if run not in records:
            where = CONDITIONS[run.condition].label + (f" seed {run.seed}" if run.seed else "")
            left.setdefault(METHODS[run.method].label, []).append(where)
    named = "; ".join(f"{label} ({', '.join(where)})" for label, where in left.items())
    return [f"Not measured yet: {named}."] if left else []


def fresh(records: RecoveryRecords) -> list[str]:
    """The methods that were measured with the fresh seed beside their means over the others, and what that says."""
    found: dict[str, dict[int, float]] = {}
    for run in recovery_protocols.fresh_runs():
        if run in records and values(records, USUAL, run.method):
            found.setdefault(run.method, {})[run.seed] = records[run]["metrics"]["nmse"][-1]
    if not set(CHECKED) <= found.keys():
        return []
    rows = []
    for method, by_seed in found.items():
        told = ", ".join(f"{decibels([nmse])} (seed {seed})" for seed, nmse in by_seed.items())
        rows.append([METHODS[method].label, decibels(values(records, USUAL, method)), told])
    worse = {
        method: [*found[method].values()][-1] - mean(records, USUAL, method) for method in CHECKED
    }
    most = max(worse, key=worse.get)
    said = (
        f"at most {worse[most]:.1f} dB worse ({METHODS[most].label})"
        if round(worse[most], 1) > 0
        else "not worse"
    )
    return [
        grouping.table(["Solver", "seeds 0, 1, 2", "further seeds"], rows),
        f"On signals drawn anew the four are {said} than on average over the three seeds.",
    ]


def decibels(found: Sequence[float]) -> str:
    """ "−41.8 ± 0.1" of several seeds, "−41.8" of one, "" of none."""
    if not found:
        return ""
    return grouping.told(statistics.fmean(found), grouping.spread(found) or None)


def above(excess: float) -> str:
    """How far F is above the optimum: "0 %", "1.3 %", "1,720 %"."""
    return (
        "0 %" if abs(excess) < 0.005 else f"{excess:.1f} %" if excess < 10 else f"{excess:,.0f} %"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
