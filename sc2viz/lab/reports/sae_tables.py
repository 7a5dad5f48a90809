"""The part of the page of results on sparse autoencoders, made from the records of `reproduce sae`."""

import statistics
from collections import Counter
from typing import Any

import numpy as np

from sc2viz.lab.experiments import sae_runs
from sc2viz.lab.experiments.records import Record, unpacked
from sc2viz.lab.experiments.sae_runs import ENCODED, KINDS, KNOWN, ON_ATOMS, SETS, STEPPED, SAERun
from sc2viz.lab.reports import grouping, leads
from sc2viz.words import N_, _, count, localized, templates

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
WORDS = {
    "true": N_("true atoms"),
    "fista": N_("atoms learned by least squares, as published"),
    "learned": N_("atoms that `dictionary.learn` learned"),
    "random": N_("random atoms"),
    "topk-random": N_("TopK on random atoms that stay"),
    "topk-twice": N_("TopK at twice the rate"),
    "mp-released": N_("MP with codes of any sign and no atom twice, as released"),
}
# The same for a chart, where it is shorter
SHORT = {
    "fista": N_("least squares"),
    "learned": "dictionary.learn",
    "topk-random": N_("TopK, random atoms"),
    "topk-twice": N_("TopK, rate × 2"),
    "mp-released": N_("MP as released"),
}

# The columns of joint training, and their digits behind the point.
DIGITS = {
    "percent": 1,
    "lam": 2,
    "dictionary_percent": 1,
    "r2": 3,
    "exact_r2": 3,
    "non_zeros": 1,
    "dead": 0,
}

SAERecords = dict[SAERun, Record]


def named(kind: str) -> str:
    """What a kind of encoders is called."""
    if kind in WORDS:
        return _(WORDS[kind])
    return (
        count(KINDS[kind].steps, "step")
        if KINDS[kind].label.endswith("steps")
        else KINDS[kind].label
    )


def markdown(records: SAERecords) -> str:
    """The whole part."""
    sets = [(name, atoms) for name, atoms in SETS if cell(records, name, atoms, "joint", "relu")]
    parts = []
    for of in sets:
        parts += filter(
            None, (grouping.table(*gaps(records, *of)), sentence(records, *of), fixed(records, *of))
        )
    if any(run.mode == "known" for run in records):
        parts.append(known(records))
    return "\n\n".join([*parts, *missing(records)])


def missing(records: SAERecords) -> list[str]:
    """What was not measured, set by set, in a sentence; nothing where all was."""
    left = Counter((run.data, run.atoms) for run in sae_runs.runs(SEEDS) if run not in records)
    if not left:
        return []
    named = ", ".join(
        f"{name} with {atoms:,} atoms ({count} runs)" for (name, atoms), count in left.items()
    )
    return [f"Not measured yet: {named}. `sc2viz reproduce sae` measures what is missing."]


def cell(
    records: SAERecords, name: str, atoms: int, mode: str, kind: str
) -> dict[int, dict[str, Any]]:
    """The metrics of a kind by seed; empty where it was not measured."""
    return {
        run.seed: records[run]["metrics"]
        for run in grouping.of(records, data=name, atoms=atoms, mode=mode, kind=kind)
    }


def gaps(records: SAERecords, name: str, atoms: int) -> tuple[list[str], list[list[str]]]:
    """The head of the table of one data set, and a row for each kind that was measured."""
    head = [
        f"{name}, {atoms:,} atoms",
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
        "seeds on D★, jointly",
    ]
    rows = []
    for kind in KINDS:
        frozen, joint = (cell(records, name, atoms, mode, kind) for mode in ("frozen", "joint"))
        if not joint:
            continue
        told = {key: _told(joint, key, digits) for key, digits in DIGITS.items()}
        multiplied = next(iter(joint.values()))["multiplications"]
        on_bar = (
            [f"{_told(frozen, 'percent', 1)} %", _told(frozen, "non_zeros", 1)]
            if frozen
            else ["–", "–"]
        )
        rows.append(
            [
                named(kind),
                localized(f"{multiplied:,}"),
                *on_bar,
                f"{told.pop('percent')} %",
                told.pop("lam"),
                f"{told.pop('dictionary_percent')} %",
                *told.values(),
                f"{len(frozen)}, {len(joint)}",
            ]
        )
    return head, rows


def sentence(records: SAERecords, name: str, atoms: int) -> str:
    """How many non-zeros exact codes on D★ have on test rows, at which T half of the encoder's gap is gone there, and
    whether more steps are better by more than chance."""
    found = {kind: cell(records, name, atoms, "frozen", kind) for kind in STEPPED}
    means = {
        KINDS[kind].steps: _mean(by_seed, "percent") for kind, by_seed in found.items() if by_seed
    }
    if len(means) < 2 or 1 not in means:
        return ""
    half, last = (
        next((T for T, percent in sorted(means.items()) if percent <= means[1] / 2), None),
        max(means),
    )
    bar = next(iter(found["relu"].values()))
    kind = next(kind for kind in STEPPED if KINDS[kind].steps == last)
    epochs = ", ".join(map(str, bar["bar_epochs"]))
    beaten = _beaten(f"{name}, {atoms} atoms, frozen: {kind} over relu", found[kind], found["relu"])
    return templates.said(
        __file__,
        "sentence",
        half=half,
        T=half or last,
        share=1 - means[last] / means[1],
        epochs=epochs,
        lam=bar["bar_lam"],
        non_zeros=bar["exact_non_zeros"],
        kind=named(kind),
        beaten=beaten,
    )


def fixed(records: SAERecords, name: str, atoms: int) -> str:
    """What joint training of ReLU gives at the λ of D★ instead, in a sentence; "" where that was not measured."""
    found = cell(records, name, atoms, "fixed", "relu")
    if not found:
        return ""
    told = {key: _told(found, key, digits) for key, digits in DIGITS.items()}
    return templates.said(
        __file__, "fixed", kind=named("relu"), seeds=count(len(found), "seed"), **told
    )


def _beaten(what: str, one: dict[int, dict], other: dict[int, dict]) -> str:
    """On how many test rows the gap of `one` is smaller, and the p of the sign test with the seeds of a row together."""
    pair = [
        [by_seed[seed]["rows"] for seed in sorted(one.keys() & other.keys())]
        for by_seed in (one, other)
    ]

    def test() -> dict[str, float]:
        first, second = (np.array([unpacked(rows) for rows in each]) for each in pair)
        return {
            "p": leads.paired(first < second, first > second),
            "smaller": float((first < second).mean()),
        }

    found = leads.tested(what, pair, test)
    p = found["p"]
    return _(
        "{share:.0%} of the rows (sign test over {seeds}, p {p})",
        share=found["smaller"],
        seeds=count(len(pair[0]), "seed"),
        p=localized("< 0.0001" if p < 1e-4 else f"= {p:.4f}"),
    )


def known(records: SAERecords) -> str:
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
    for kind in (*ON_ATOMS, *ENCODED):
        found = cell(records, *KNOWN, "known", kind)
        if not found:
            continue
        own, exact = PUBLISHED.get(kind, (None, None))
        label = WORDS.get(kind) or KINDS[kind].label
        mcc = _told(found, "mcc_out", 3) if kind in ENCODED else ""
        rows.append(
            [
                label,
                mcc,
                _known(own),
                _told(found, "exact_mcc_out", 3),
                _known(exact),
                _told(found, "r2_out", 3),
                _told(found, "non_zeros_out", 1),
                str(len(found)),
            ]
        )
    return f"{grouping.table(head, rows)}\n\n{_apart(records)}"


def _apart(records: SAERecords) -> str:
    """Which MCC are near the published ones, and which are not."""
    pairs = {
        (KINDS[kind].label if kind in KINDS else WORDS[kind]): (_mean(found, key), value)
        for kind, values in PUBLISHED.items()
        if (found := cell(records, *KNOWN, "known", kind))
        for key, value in [
            ("mcc_out", values[0]) if kind in ENCODED else ("exact_mcc_out", values[1])
        ]
    }
    near = [label for label, (ours, theirs) in pairs.items() if abs(ours - theirs) <= NEAR]
    far = [
        f"{label} ({ours:.3f}, published {theirs:.3f})"
        for label, (ours, theirs) in pairs.items()
        if abs(ours - theirs) > NEAR
    ]
    said = f"Within {NEAR:g} of the published MCC: {', '.join(near) or 'none'}."
    return said + (f" Further away: {', '.join(far)}." if far else "")


def _known(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _mean(by_seed: dict[int, dict], key: str) -> float:
    return statistics.fmean(metrics[key] for metrics in by_seed.values())


def _told(by_seed: dict[int, dict], key: str, digits: int) -> str:
    return grouping.averaged([metrics[key] for metrics in by_seed.values()], digits)
