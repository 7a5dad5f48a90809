"""Results on sparse autoencoders: what is published of the records of `reproduce sae`, and its part of the page of results."""

from collections import Counter
from typing import Any

import numpy as np

from sc2viz.defaults import KINDS, STEPPED
from sc2viz.lab.experiments import sae_runs
from sc2viz.lab.experiments.records import Record, unpacked
from sc2viz.lab.experiments.sae_runs import ENCODED, KNOWN, ON_ATOMS, SAERun
from sc2viz.lab.reports import grouping, leads
from sc2viz.published.sentences import (
    DIGITS,
    describe_fixed,
    describe_steps,
    format_mean,
    format_table,
    list_gaps,
    name_encoder,
)
from sc2viz.training.autoencoders import SETS

# MCC out of the distribution, d_z = 100, means of three seeds in the released code's results/exp_vary_latents.json and
# exp_frozen_decoder.json: of the encoder, and of FISTA on its atoms.
PUBLISHED = {
    "true": (None, 0.986),
    "fista": (None, 0.945),
    "topk": (0.705, 0.865),
    "topk-twice": (0.705, 0.865),
    "relu": (0.413, 0.387),
    "mp": (0.349, 0.385),
    "mp-released": (0.349, 0.385),
    "jumprelu": (0.324, 0.304),
}
NEAR = 0.05  # of a published MCC
SEEDS = 3
ON_BEST = ("percent", "non_zeros")  # what is published of encoders on D★

SAERecords = dict[SAERun, Record]


def publish(records: SAERecords) -> dict[str, Any]:
    """All that pages and the documentation say of autoencoders."""
    sets = {}
    for data, atoms in SETS:
        measured = _publish_set(records, data, atoms)
        if measured["kinds"]:
            sets[f"{data}-{atoms}"] = measured
    known = {
        kind: {
            "encoded": kind in ENCODED,
            "published": PUBLISHED.get(kind, (None, None)),
            **_means(of_seeds, ("mcc_out", "exact_mcc_out", "r2_out", "non_zeros_out")),
        }
        for kind in (*ON_ATOMS, *ENCODED)
        if (of_seeds := _of_seeds(records, *KNOWN, "known", kind))
    }
    networks = {
        run.name: {key: record["metrics"][key] for key in ("lam", "trained_at", "training_seconds")}
        for run, record in records.items()
        if run.mode != "known" and run.seed == 0
    }
    missing = Counter((run.data, run.atoms) for run in sae_runs.runs(SEEDS) if run not in records)
    return {
        "sets": sets,
        "known": known,
        "networks": networks,
        "missing": [[data, atoms, count] for (data, atoms), count in missing.items()],
    }


def _publish_set(records: SAERecords, data: str, atoms: int) -> dict[str, Any]:
    kinds = {}
    for kind in KINDS:
        frozen, joint = (
            _of_seeds(records, data, atoms, mode, kind) for mode in ("frozen", "joint")
        )
        if joint:
            kinds[kind] = {
                "multiplications": next(iter(joint.values()))["multiplications"],
                "joint": _means(joint, DIGITS),
            }
            if frozen:
                kinds[kind]["frozen"] = _means(frozen, ON_BEST)
    fixed = _of_seeds(records, data, atoms, "fixed", "relu")
    return {
        "data": data,
        "atoms": atoms,
        "kinds": kinds,
        "steps": _compare_steps(records, data, atoms),
        "fixed": _means(fixed, DIGITS) if fixed else None,
    }


def _compare_steps(records: SAERecords, data: str, atoms: int) -> dict[str, Any] | None:
    """At which T half of the encoder's gap on D★ is gone, and how many test rows the most steps code better than one; p of
    the sign test with the seeds of a row together. None where that was not measured."""
    frozen = {kind: _of_seeds(records, data, atoms, "frozen", kind) for kind in STEPPED}
    gaps = {
        KINDS[kind].steps: grouping.mean(of_seeds, "percent")
        for kind, of_seeds in frozen.items()
        if of_seeds
    }
    if len(gaps) < 2 or 1 not in gaps:
        return None
    half = next((T for T, gap in sorted(gaps.items()) if gap <= gaps[1] / 2), None)
    last = max(gaps)
    kind = next(kind for kind in STEPPED if KINDS[kind].steps == last)
    pair = frozen[kind], frozen["relu"]
    seeds = sorted(pair[0].keys() & pair[1].keys())
    more, one = (
        np.array([unpacked(of_seeds[seed]["rows"]) for seed in seeds]) for of_seeds in pair
    )
    first = next(iter(frozen["relu"].values()))
    return {
        "half": half,
        "T": half or last,
        "share": 1 - gaps[last] / gaps[1],
        "epochs": first["bar_epochs"],
        "lam": first["bar_lam"],
        "non_zeros": first["exact_non_zeros"],
        "kind": kind,
        "smaller": float((more < one).mean()),
        "seeds": len(seeds),
        "p": leads.paired(more < one, more > one),
        "runs": [
            run.name
            for name in (kind, "relu")
            for run in grouping.of(records, data=data, atoms=atoms, mode="frozen", kind=name)
        ],
    }


def _of_seeds(
    records: SAERecords, data: str, atoms: int, mode: str, kind: str
) -> dict[int, dict[str, Any]]:
    """The metrics of a kind by seed, each with the name of its run; empty where it was not measured."""
    return {
        run.seed: records[run]["metrics"] | {"run": run.name}
        for run in grouping.of(records, data=data, atoms=atoms, mode=mode, kind=kind)
    }


def _means(of_seeds: dict[int, dict[str, Any]], keys) -> dict[str, Any]:
    runs = [metrics["run"] for metrics in of_seeds.values()]
    return {"runs": runs} | {
        key: grouping.mean_and_spread([metrics[key] for metrics in of_seeds.values()])
        for key in keys
    }


def markdown(published: dict[str, Any]) -> str:
    """The whole part of the page of results."""
    parts = []
    for measured in published["sets"].values():
        parts += filter(
            None, (_table(measured), describe_steps(measured), describe_fixed(measured))
        )
    if published["known"]:
        parts += [_known_table(published["known"]), _compare_published(published["known"])]
    if published["missing"]:
        sets = ", ".join(
            f"{data} with {atoms:,} atoms ({count} runs)"
            for data, atoms, count in published["missing"]
        )
        parts.append(f"Not measured yet: {sets}. `sc2viz reproduce sae` measures what is missing.")
    return "\n\n".join(parts)


def _table(measured: dict[str, Any]) -> str:
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


def _known_table(known: dict[str, Any]) -> str:
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
    rows = []
    for kind, numbers in known.items():
        encoder, exact = ("" if value is None else f"{value:.3f}" for value in numbers["published"])
        rows.append(
            [
                _label(kind),
                format_mean(*numbers["mcc_out"], 3) if numbers["encoded"] else "",
                encoder,
                format_mean(*numbers["exact_mcc_out"], 3),
                exact,
                format_mean(*numbers["r2_out"], 3),
                format_mean(*numbers["non_zeros_out"]),
                str(len(numbers["runs"])),
            ]
        )
    return format_table(head, rows, numbers=True)


def _label(kind: str) -> str:
    return KINDS[kind].label if kind in KINDS else name_encoder(kind)


def _compare_published(known: dict[str, Any]) -> str:
    """Which MCC are near the published ones, and which are not."""
    near, distant = [], []
    for kind in PUBLISHED:
        if kind not in known:
            continue
        encoded = known[kind]["encoded"]
        ours = known[kind]["mcc_out" if encoded else "exact_mcc_out"][0]
        theirs = known[kind]["published"][0 if encoded else 1]
        if abs(ours - theirs) <= NEAR:
            near.append(_label(kind))
        else:
            distant.append(f"{_label(kind)} ({ours:.3f}, published {theirs:.3f})")
    sentence = f"Within {NEAR:g} of the published MCC: {', '.join(near) or 'none'}."
    return sentence + (f" Further away: {', '.join(distant)}." if distant else "")
