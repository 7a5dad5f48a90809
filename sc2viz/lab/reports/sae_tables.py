"""Results on sparse autoencoders: what is published of the records of `reproduce sae`, and its part of the page of results."""

from collections import Counter

import numpy as np

from sc2viz.defaults import KINDS, STEPPED
from sc2viz.lab.experiments.protocols import ENCODED, ON_ATOMS, TABLE, autoencoder_runs
from sc2viz.lab.experiments.records import Numbers, Records, unpacked
from sc2viz.lab.reports import grouping, leads
from sc2viz.published.sentences import (
    DIGITS,
    describe_fixed,
    describe_steps,
    format_table,
    list_gaps,
    list_known,
    name_encoder,
)
from sc2viz.training.autoencoders import SETS

PUBLISHED = TABLE["autoencoders"]["published"]
NEAR = 0.05  # of a published MCC
SEEDS = 3


def publish(records: Records) -> Numbers:
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


def publish_set(records: Records, data: str, atoms: int) -> Numbers:
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


def _compare_steps(records: Records, groups: dict) -> Numbers | None:
    """At which T half of the encoder's gap on D★ is gone, and how many test rows the most steps code better than one; p of
    the sign test with the seeds of a row together. None where that was not measured."""
    gaps = {
        KINDS[kind].steps: grouping.average(records, groups["frozen", kind], ["percent"])[
            "percent"
        ][0]
        for kind in STEPPED
        if ("frozen", kind) in groups
    }
    if len(gaps) < 2 or 1 not in gaps:
        return None
    half = next((T for T, gap in sorted(gaps.items()) if gap <= gaps[1] / 2), None)
    last = max(gaps)
    kind = next(kind for kind in STEPPED if KINDS[kind].steps == last)
    pair = groups["frozen", kind], groups["frozen", "relu"]
    by_seed = [{run.seed: records[run]["metrics"] for run in runs} for runs in pair]
    seeds = sorted(by_seed[0].keys() & by_seed[1].keys())
    last_gaps, first_gaps = (
        np.array([unpacked(runs[seed]["rows"]) for seed in seeds]) for runs in by_seed
    )
    first = records[pair[1][0]]["metrics"]
    return {
        "half": half,
        "T": half or last,
        "share": 1 - gaps[last] / gaps[1],
        "epochs": first["bar_epochs"],
        "lam": first["bar_lam"],
        "non_zeros": first["exact_non_zeros"],
        "kind": kind,
        "smaller": float((last_gaps < first_gaps).mean()),
        "seeds": len(seeds),
        "p": leads.paired(last_gaps < first_gaps, last_gaps > first_gaps),
        "runs": [run.name for runs in pair for run in runs],
    }


def markdown(published: Numbers) -> str:
    """The whole part of the page of results."""
    sections = []
    for measured in published["sets"].values():
        sections += [_tabulate(measured), describe_steps(measured), describe_fixed(measured)]
    if codes := published["known"]:
        sections += [_tabulate_known(codes), _compare_published(codes)]
    if missing := published["missing"]:
        counts = [f"{data} with {atoms:,} atoms ({count} runs)" for data, atoms, count in missing]
        about = "`sc2viz reproduce sae` measures what is missing."
        sections.append(f"Not measured yet: {', '.join(counts)}. {about}")
    return grouping.join(*sections)


def _tabulate(measured: Numbers) -> str:
    head = [
        f"{measured['data']}, {measured['atoms']:,} atoms",
        "seeds on D★, jointly",
        "multiplications a row",
        "encoder’s gap on D★",
        "non-zeros on D★",
        "encoder’s gap, trained jointly",
        "at λ",
        "dictionary’s gap",
        "R²",
        "of exact codes",
        "non-zeros",
        "dead",
    ]
    return format_table(head, list_gaps(measured), numbers=True)


def _tabulate_known(codes: Numbers) -> str:
    """MCC of known codes beside the published numbers, and R²."""
    head = [
        "known codes, out of the distribution",
        "MCC",
        "published",
        "MCC of exact codes on its atoms",
        "published",
        "R²",
        "non-zeros",
        "seeds",
    ]
    return format_table(head, list_known(codes), numbers=True)


def _label(kind: str) -> str:
    return KINDS[kind].label if kind in KINDS else name_encoder(kind)


def _compare_published(codes: Numbers) -> str:
    """Which MCC are near the published ones, and which are not."""
    near, distant = [], []
    for kind in filter(codes.__contains__, PUBLISHED):
        numbers = codes[kind]
        encoder, exact = numbers["published"]
        ours, theirs = numbers["exact_mcc_out"][0], exact
        if numbers["encoded"]:
            ours, theirs = numbers["mcc_out"][0], encoder
        if abs(ours - theirs) <= NEAR:
            near.append(_label(kind))
        else:
            distant.append(f"{_label(kind)} ({ours:.3f}, published {theirs:.3f})")
    sentence = f"Within {NEAR:g} of the published MCC: {', '.join(near) or 'none'}."
    return sentence + (f" Further away: {', '.join(distant)}." if distant else "")
