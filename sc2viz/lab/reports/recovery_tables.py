"""Results on the recovery of true codes: what is published of the records of `reproduce recovery`, and its part of the page
of results."""

from sc2viz.lab.experiments.protocols import (
    CONDITIONS,
    METHODS,
    RECOVERY,
    fresh_runs,
    recovery_runs,
)
from sc2viz.lab.reports import grouping

USUAL = "40dB"  # the condition of all seeds
BEST = "alista-selection"  # what others are compared with, layer by layer
BEHIND = 1.0  # dB
METRICS = ("nmse", "precision", "recall", "excess")
RESTING = {"w": "support-w", "least": "support", "plain": BEST, "ridge": "alista-ridge"}


def publish(records):
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
    missing = {}
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


def _fall_behind(records, groups, method, condition=USUAL, rival=BEST):
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


def _publish_noise(records, groups, methods):
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


def _publish_fresh(records, methods):
    """NMSE by seed of the methods that were measured with further seeds; empty where one of those is missing for whose sake
    it was done."""
    nmse = {}
    for run in fresh_runs():
        if run in records and USUAL in methods[run.method]["conditions"]:
            nmse.setdefault(run.method, {})[run.seed] = records[run]["metrics"]["nmse"][-1]
    return nmse if nmse.keys() >= {*RECOVERY["checked"]} else {}


def markdown(published):
    """The whole part of the page of results, the methods with the least error first."""
    methods, fresh = published["methods"], published["fresh"]
    nmse = {
        name: method["conditions"][USUAL]["nmse"][0]
        for name, method in methods.items()
        if USUAL in method["conditions"]
    }
    # How much worse methods are on signals drawn anew
    excess = {
        name: [*fresh[name].values()][-1] - nmse[name] for name in RECOVERY["checked"] if fresh
    }
    worst = max(excess, key=excess.get, default=BEST)
    return grouping.write(
        __file__,
        published,
        usual=USUAL,
        others={name: label for name, label in published["conditions"].items() if name != USUAL},
        measured=[methods[name] for name in sorted(nmse, key=nmse.get)],
        excess=excess.get(worst),
        worst=methods[worst]["label"],
    )
