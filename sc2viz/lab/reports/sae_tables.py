"""Results on sparse autoencoders: what is published of the records of `reproduce sae`, and its part of the page of results."""

from collections import Counter

import numpy as np

from sc2viz.defaults import KINDS, STEPPED
from sc2viz.lab.experiments.protocols import ENCODED, ON_ATOMS, TABLE, autoencoder_runs
from sc2viz.lab.experiments.records import unpacked
from sc2viz.lab.reports import grouping, leads
from sc2viz.published.sentences import DIGITS, name_encoder
from sc2viz.training.autoencoders import SETS

PUBLISHED = TABLE["autoencoders"]["published"]
NEAR = 0.05  # of a published MCC
SEEDS = 3


def publish(records):
    """All that pages and the documentation say of autoencoders."""
    sets = {f"{data}-{atoms}": publish_set(records, data, atoms) for data, atoms in SETS}
    groups = grouping.group(
        (run for run in records if run.setting == "known"), lambda run: run.method
    )
    keys = "mcc_out", "exact_mcc_out", "r2_out", "non_zeros_out"
    known_codes = {
        kind: {
            "encoded": kind in ENCODED,
            "published": [value or None for value in PUBLISHED.get(kind, (0, 0))],
            **grouping.average(records, groups[kind], keys),
        }
        for kind in (*ON_ATOMS, *ENCODED)
        if kind in groups
    }
    networks = {
        run.name: {key: record["metrics"][key] for key in ("lam", "trained_at", "training_seconds")}
        for run, record in records.items()
        if run.setting != "known" and run.seed == 0
    }
    missing = Counter(
        (run.data, run.atoms) for run in autoencoder_runs(SEEDS) if run not in records
    )
    return {
        "sets": {name: measured for name, measured in sets.items() if measured["kinds"]},
        "known": known_codes,
        "networks": networks,
        "missing": [[*data_set, count] for data_set, count in missing.items()],
    }


def publish_set(records, data, atoms):
    """What is published of one data set."""
    groups = grouping.group(
        (run for run in records if (run.data, run.atoms) == (data, atoms)),
        lambda run: (run.setting, run.method),
    )
    kinds = {}
    for kind in KINDS:
        if joint := groups.get(("joint", kind)):
            kinds[kind] = {
                "multiplications": records[joint[0]]["metrics"]["multiplications"],
                "joint": grouping.average(records, joint, DIGITS),
            }
            if frozen := groups.get(("frozen", kind)):
                on_best = grouping.average(records, frozen, ("percent", "non_zeros"))
                kinds[kind]["frozen"] = on_best
    fixed = groups.get(("fixed", "relu"))
    return {
        "data": data,
        "atoms": atoms,
        "kinds": kinds,
        "steps": _compare_steps(records, groups),
        "fixed": grouping.average(records, fixed, DIGITS) if fixed else None,
    }


def _compare_steps(records, groups):
    """At which T half of the encoder's gap on D★ is gone, and how many test rows the most steps code better than one; p of
    the sign test with the seeds of a row together. None where that was not measured."""
    frozen = {kind: groups["frozen", kind] for kind in STEPPED if ("frozen", kind) in groups}
    if len(frozen) < 2 or "relu" not in frozen:
        return None
    gaps = {
        kind: grouping.average(records, runs, ["percent"])["percent"][0]
        for kind, runs in frozen.items()
    }
    half = next((KINDS[kind].steps for kind in gaps if gaps[kind] <= gaps["relu"] / 2), None)
    kind = [*frozen][-1]
    pair = frozen[kind], frozen["relu"]
    rows = [{run.seed: unpacked(records[run]["metrics"]["rows"]) for run in runs} for runs in pair]
    seeds = sorted(rows[0].keys() & rows[1].keys())
    last, first = (np.array([by_seed[seed] for seed in seeds]) for by_seed in rows)
    metrics = records[pair[1][0]]["metrics"]
    return {
        "half": half,
        "T": half or KINDS[kind].steps,
        "share": 1 - gaps[kind] / gaps["relu"],
        "epochs": metrics["bar_epochs"],
        "lam": metrics["bar_lam"],
        "non_zeros": metrics["exact_non_zeros"],
        "kind": kind,
        "smaller": float((last < first).mean()),
        "seeds": len(seeds),
        "p": leads.paired(last < first, last > first),
        "runs": [run.name for runs in pair for run in runs],
    }


def markdown(published):
    """The whole part of the page of results, with the MCC that are near the published ones, and those that are not."""
    near, distant = [], []
    for kind in filter(published["known"].__contains__, PUBLISHED):
        numbers = published["known"][kind]
        key = "mcc_out" if numbers["encoded"] else "exact_mcc_out"
        ours, theirs = numbers[key][0], numbers["published"][not numbers["encoded"]]
        label = KINDS[kind].label if kind in KINDS else name_encoder(kind)
        if abs(ours - theirs) <= NEAR:
            near.append(label)
        else:
            distant.append(f"{label} ({ours:.3f}, published {theirs:.3f})")
    return grouping.write(__file__, published, limit=NEAR, near=near, distant=distant)
