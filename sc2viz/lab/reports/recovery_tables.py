"""Results on the recovery of true codes: what is published of the records of `reproduce recovery`, and its part of the page
of results."""

from sc2viz.lab.experiments.protocols import (
    CONDITIONS,
    METHODS,
    RECOVERY,
    fresh_runs,
    recovery_runs,
)
from sc2viz.lab.experiments.records import Numbers, Records
from sc2viz.lab.reports import grouping
from sc2viz.published.sentences import describe_noise, format_decibels, format_table

USUAL = "40dB"  # the condition of all seeds
BEST = "alista-selection"  # what others are compared with, layer by layer
BEHIND = 1.0  # dB
METRICS = ("nmse", "precision", "recall", "excess")
RESTING = {"w": "support-w", "least": "support", "plain": BEST, "ridge": "alista-ridge"}


def publish(records: Records) -> Numbers:
    """All that pages and the documentation say of the recovery of true codes."""
    # The runs of a method by seed, without the fresh ones
    groups = grouping.group(
        (run for run in records if run.seed < RECOVERY["fresh"]),
        lambda run: (run.method, run.setting),
    )
    methods = {
        name: {
            "label": method["label"],
            "behind": _fall_behind(records, groups, name),
            "conditions": {
                condition: grouping.average(records, groups[name, condition], METRICS)
                for condition in CONDITIONS
                if (name, condition) in groups
            },
        }
        for name, method in METHODS.items()
    }
    missing: dict[str, list[str]] = {}
    for run in recovery_runs() + fresh_runs():
        if run not in records:
            place = CONDITIONS[run.setting]["label"] + (f" seed {run.seed}" if run.seed else "")
            missing.setdefault(METHODS[run.method]["label"], []).append(place)
    others = [[row["label"], row["condition"], row["nmse"]] for row in RECOVERY["others"]]
    return {
        "methods": methods,
        "conditions": {name: condition["label"] for name, condition in CONDITIONS.items()},
        "others": others,
        "noise": _publish_noise(records, groups, methods),
        "fresh": _publish_fresh(records, methods),
        "missing": missing,
    }


def _fall_behind(
    records: Records, groups: dict, method: str, condition: str = USUAL, rival: str = BEST
) -> int | None:
    """The layer from which on a method is more than `BEHIND` dB worse than a `rival`, ALISTA with selection, 1, 2, …;
    None if it is not at the end."""
    nmse, best = (
        grouping.mean_columns(
            records[run]["metrics"]["nmse"] for run in groups.get((name, condition), ())
        )
        for name in (method, rival)
    )
    behind = [mine > theirs + BEHIND for mine, theirs in zip(nmse, best, strict=False)]
    if not behind or len(nmse) != len(best) or not behind[-1]:
        return None
    return len(behind) - behind[::-1].index(False) + 1 if False in behind else 1


def _publish_noise(records: Records, groups: dict, methods: dict) -> Numbers | None:
    """Why ALISTA stops where it does, and from which layer on; None where that was not measured."""
    numbers = {
        f"{name}_{condition}": methods[method]["conditions"].get(condition)
        for condition in ("20dB", USUAL)
        for name, method in RESTING.items()
    }
    if not all(numbers.values()):
        return None
    return {
        "nmse": {name: row["nmse"] for name, row in numbers.items()},
        "behind": BEHIND,
        "layer": _fall_behind(records, groups, BEST, "20dB", RESTING["ridge"]),
        "seeds": [len(numbers[f"ridge_{condition}"]["runs"]) for condition in ("20dB", USUAL)],
        "runs": [run for row in numbers.values() for run in row["runs"]],
    }


def _publish_fresh(records: Records, methods: dict) -> dict[str, dict[int, float]]:
    """NMSE by seed of the methods that were measured with further seeds; empty where one of those is missing for whose sake
    it was done."""
    nmse: dict[str, dict[int, float]] = {}
    for run in fresh_runs():
        if run in records and USUAL in methods[run.method]["conditions"]:
            nmse.setdefault(run.method, {})[run.seed] = records[run]["metrics"]["nmse"][-1]
    return nmse if nmse.keys() >= {*RECOVERY["checked"]} else {}


def markdown(published: Numbers) -> str:
    """The whole part of the page of results."""
    labels = published["conditions"]
    measured = [method for method in published["methods"].values() if USUAL in method["conditions"]]
    rows = []
    for method in sorted(measured, key=lambda method: method["conditions"][USUAL]["nmse"][0]):
        usual = method["conditions"][USUAL]
        nmse = {
            label: format_decibels(*method["conditions"][condition]["nmse"])
            if condition in method["conditions"]
            else ""
            for condition, label in labels.items()
        }
        about = {
            "Solver": method["label"],
            labels[USUAL]: nmse.pop(labels[USUAL]),
            "precision, recall": f"{100 * usual['precision'][0]:.0f} %, {100 * usual['recall'][0]:.0f} %",
            "F above the optimum": _format_excess(usual["excess"][0]),
            "behind ALISTA from layer": "–" if method["behind"] is None else f"{method['behind']}",
        }
        rows.append(about | nmse)
    missing = (f"{label} ({', '.join(places)})" for label, places in published["missing"].items())
    missing = "; ".join(missing)
    return grouping.join(
        grouping.tabulate(rows),
        describe_noise(published),
        f"Not measured yet: {missing}." if missing else "",
        _describe_fresh(published),
    )


def _describe_fresh(published: Numbers) -> str:
    """The methods that were measured with further seeds beside their means over the others, and what that says."""
    if not published["fresh"]:
        return ""
    rows, excess = [], {}
    for name, by_seed in published["fresh"].items():
        method = published["methods"][name]
        nmse = method["conditions"][USUAL]["nmse"]
        further = [f"{format_decibels(value)} (seed {seed})" for seed, value in by_seed.items()]
        rows.append([method["label"], format_decibels(*nmse), ", ".join(further)])
        if name in RECOVERY["checked"]:
            excess[method["label"]] = [*by_seed.values()][-1] - nmse[0]
    worst = max(excess, key=excess.get)
    is_worse = round(excess[worst], 1) > 0
    verdict = f"at most {excess[worst]:.1f} dB worse ({worst})" if is_worse else "not worse"
    table = format_table(["Solver", "seeds 0, 1, 2", "further seeds"], rows, numbers=True)
    return f"{table}\n\nOn signals drawn anew the four are {verdict} than on average over the three seeds."


def _format_excess(percent: float) -> str:
    """How far F is above the optimum: "0 %", "1.3 %", "1,720 %"."""
    if abs(percent) < 0.005:
        return "0 %"
    return f"{percent:.1f} %" if percent < 10 else f"{percent:,.0f} %"
