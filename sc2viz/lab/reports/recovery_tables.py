"""Results on the recovery of true codes: what is published of the records of `reproduce recovery`, and its part of the page
of results."""

import statistics
from typing import Any

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
from sc2viz.published.sentences import describe_noise, format_decibels, format_table
from sc2viz.words import N_

USUAL = "40dB"  # the condition of all seeds
BEST = "alista-selection"  # what others are compared with, layer by layer
BEHIND = 1.0  # dB
METRICS = ("nmse", "precision", "recall", "excess")
RESTING = {
    "w": "support-w",
    "least": "support",
    "plain": "alista-selection",
    "ridge": "alista-ridge",
}
# NMSE in dB that others published for the recovery of known codes, by source and condition. Protocols differ from source to
# source, so that no figure stands without its own. All are after 16 layers, unless the source says another number.
LOGS = N_("the authors’ logs, github.com/feeds/na-alista, d_s = 500, k = 50")
L2O = N_("Open-L2O (Chen et al. 2022), 256 × 512, read off its figure")
LAMP = N_(
    "the authors of LAMP, github.com/mborgerding/onsager_deep_learning, d_s = 500, sparsity 0.1, 100 iterations"
)
COURSE = N_("a course’s final project, github.com/ThEpiCake/hyperlista-mbdl, 250 × 500, k = 50")
OTHERS = (
    (
        LOGS,
        "40dB",
        {"ista": -5.77, "fista": -7.63, "alista-selection": -39.07, "na-alista": -42.19},
    ),
    (LAMP, "40dB", {"amp": -36.73}),
    (
        LOGS,
        "20dB",
        {"ista": -5.72, "fista": -7.55, "alista-selection": -21.08, "na-alista": -21.64},
    ),
    (
        L2O,
        "noiseless",
        {"lista-cp": -30, "lista-cp-selection": -63, "alista-selection": -79, "glista": -56},
    ),
    (
        L2O,
        "20dB",
        {"lista-cp": -14.7, "lista-cp-selection": -20, "alista-selection": -20, "glista": -22},
    ),
    (
        L2O,
        "conditioned",
        {"lista-cp": -19.5, "lista-cp-selection": -26.5, "alista-selection": -14, "glista": -31},
    ),
    (COURSE, "noiseless", {"ista": -5.3, "fista": -11.0, "alista": -29.8, "hyperlista": -61.4}),
)

RecoveryRecords = dict[RecoveryRun, Record]


def publish(records: RecoveryRecords) -> dict[str, Any]:
    """All that pages and the documentation say of the recovery of true codes."""
    methods = {}
    for name, method in METHODS.items():
        conditions = {}
        for condition in CONDITIONS:
            runs = _of_seeds(records, condition, name)
            if runs:
                conditions[condition] = {"runs": [run.name for run in runs]} | {
                    key: grouping.mean_and_spread(
                        [records[run]["metrics"][key][-1] for run in runs]
                    )
                    for key in METRICS
                }
        methods[name] = {
            "label": method.label,
            "behind": _falls_behind(records, name),
            "conditions": conditions,
        }
    return {
        "methods": methods,
        "conditions": {name: condition.label for name, condition in CONDITIONS.items()},
        "others": OTHERS,
        "noise": _publish_noise(records, methods),
        "fresh": _publish_fresh(records, methods),
        "missing": _list_missing(records),
    }


def _of_seeds(records: RecoveryRecords, condition: str, method: str) -> list[RecoveryRun]:
    """The runs of a method by seed, without the fresh ones."""
    return [
        run for run in grouping.of(records, condition=condition, method=method) if run.seed < FRESH
    ]


def _falls_behind(
    records: RecoveryRecords, method: str, condition: str = USUAL, other: str = BEST
) -> int | None:
    """The layer from which on a method is more than `BEHIND` dB worse than an `other` one, ALISTA with selection, 1, 2, …;
    None if it is not at the end."""
    nmse, best = (
        [
            statistics.fmean(layer)
            for layer in zip(
                *(records[run]["metrics"]["nmse"] for run in _of_seeds(records, condition, name)),
                strict=True,
            )
        ]
        for name in (method, other)
    )
    behind = [mine > other + BEHIND for mine, other in zip(nmse, best, strict=False)]
    if not behind or len(nmse) != len(best) or not behind[-1]:
        return None
    return len(behind) - behind[::-1].index(False) + 1 if False in behind else 1


def _publish_noise(records: RecoveryRecords, methods: dict[str, Any]) -> dict[str, Any] | None:
    """Why ALISTA stops where it does, and from which layer on; None where that was not measured."""
    places = [(name, condition) for condition in ("20dB", USUAL) for name in RESTING]
    nmse = {}
    for name, condition in places:
        if condition not in methods[RESTING[name]]["conditions"]:
            return None
        nmse[f"{name}_{condition}"] = methods[RESTING[name]]["conditions"][condition]["nmse"]
    return {
        "nmse": nmse,
        "behind": BEHIND,
        "layer": _falls_behind(records, "alista-selection", "20dB", "alista-ridge"),
        "seeds": [
            len(methods["alista-ridge"]["conditions"][condition]["runs"])
            for condition in ("20dB", USUAL)
        ],
        "runs": [
            run
            for name, condition in places
            for run in methods[RESTING[name]]["conditions"][condition]["runs"]
        ],
    }


def _publish_fresh(
    records: RecoveryRecords, methods: dict[str, Any]
) -> dict[str, dict[int, float]]:
    """NMSE by seed of the methods that were measured with further seeds; empty where one of those is missing for whose sake
    it was done."""
    nmse: dict[str, dict[int, float]] = {}
    for run in recovery_protocols.fresh_runs():
        if run in records and USUAL in methods[run.method]["conditions"]:
            nmse.setdefault(run.method, {})[run.seed] = records[run]["metrics"]["nmse"][-1]
    return nmse if set(CHECKED) <= nmse.keys() else {}


def _list_missing(records: RecoveryRecords) -> dict[str, list[str]]:
    """Where each method was not measured."""
    missing: dict[str, list[str]] = {}
    for run in [*recovery_protocols.runs(), *recovery_protocols.fresh_runs()]:
        if run not in records:
            where = CONDITIONS[run.condition].label + (f" seed {run.seed}" if run.seed else "")
            missing.setdefault(METHODS[run.method].label, []).append(where)
    return missing


def markdown(published: dict[str, Any]) -> str:
    """The whole part of the page of results."""
    others = [condition for condition in CONDITIONS if condition != USUAL]
    head = [
        "Solver",
        CONDITIONS[USUAL].label,
        "precision, recall",
        "F above the optimum",
        "behind ALISTA from layer",
        *(CONDITIONS[condition].label for condition in others),
    ]
    measured = [method for method in published["methods"].values() if USUAL in method["conditions"]]
    rows = []
    for method in sorted(measured, key=lambda method: method["conditions"][USUAL]["nmse"][0]):
        usual = method["conditions"][USUAL]
        rows.append(
            [
                method["label"],
                format_decibels(*usual["nmse"]),
                f"{100 * usual['precision'][0]:.0f} %, {100 * usual['recall'][0]:.0f} %",
                _format_excess(usual["excess"][0]),
                "–" if method["behind"] is None else f"{method['behind']}",
                *(
                    format_decibels(*method["conditions"][condition]["nmse"])
                    if condition in method["conditions"]
                    else ""
                    for condition in others
                ),
            ]
        )
    parts = [
        format_table(head, rows, numbers=True),
        describe_noise(published),
        _describe_missing(published),
    ]
    return "\n\n".join(filter(None, [*parts, _describe_fresh(published)]))


def _describe_missing(published: dict[str, Any]) -> str:
    methods = "; ".join(
        f"{label} ({', '.join(places)})" for label, places in published["missing"].items()
    )
    return f"Not measured yet: {methods}." if methods else ""


def _describe_fresh(published: dict[str, Any]) -> str:
    """The methods that were measured with further seeds beside their means over the others, and what that says."""
    if not published["fresh"]:
        return ""
    rows, excess = [], {}
    for name, by_seed in published["fresh"].items():
        method = published["methods"][name]
        nmse = method["conditions"][USUAL]["nmse"]
        further = ", ".join(
            f"{format_decibels(value)} (seed {seed})" for seed, value in by_seed.items()
        )
        rows.append([method["label"], format_decibels(*nmse), further])
        if name in CHECKED:
            excess[method["label"]] = [*by_seed.values()][-1] - nmse[0]
    worst = max(excess, key=excess.get)
    verdict = (
        f"at most {excess[worst]:.1f} dB worse ({worst})"
        if round(excess[worst], 1) > 0
        else "not worse"
    )
    table = format_table(["Solver", "seeds 0, 1, 2", "further seeds"], rows, numbers=True)
    return f"{table}\n\nOn signals drawn anew the four are {verdict} than on average over the three seeds."


def _format_excess(percent: float) -> str:
    """How far F is above the optimum: "0 %", "1.3 %", "1,720 %"."""
    if abs(percent) < 0.005:
        return "0 %"
    return f"{percent:.1f} %" if percent < 10 else f"{percent:,.0f} %"
