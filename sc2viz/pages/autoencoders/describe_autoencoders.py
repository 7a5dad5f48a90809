"""The sentences of Autoencoders. All are computed from what the page shows."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from sc2viz.analysis.encoder_gap import GapCourse, StepCourse
from sc2viz.published.sentences import count_seeds, name_encoder
from sc2viz.training.autoencoders import BAR_SEEDS
from sc2viz.ui.known_codes import ROWS
from sc2viz.ui.phrases import objective, percent, tenths
from sc2viz.words import N_, _, count, listed, localized, numeral, templates

said = partial(templates.said, __file__)
LITTLE = 0.25  # the share of F(0) that exact codes must save, else λ is so large that gaps in % say little
EQUATION = (
    r"F(s, D) - F^\ast(D^\star) \;=\; \underbrace{F(s, D) - F^\ast(D)}_{\text{the encoder’s gap, } \ge 0} \;+\; "
    r"\underbrace{F^\ast(D) - F^\ast(D^\star)}_{\text{the dictionary’s}}"
)
IN_EQUATION = N_("the encoder’s gap,"), N_("the dictionary’s")


def bar() -> str:
    """What D★ is."""
    return _(
        "D★ is the best of {n} learned dictionaries, and not certified.", n=numeral(len(BAR_SEEDS))
    )


def saved(one: GapCourse, k: int) -> float:
    """The share of F of the empty code that exact codes save at stop `k` of λ."""
    return 1 - float(one.optimum[k] / one.empty[k])


def told(courses: Mapping[str, GapCourse], k: int) -> str:
    """The label of the encoder that is spoken of: the first whose λ is not so large that gaps say little."""
    return next(
        (label for label, one in courses.items() if saved(one, k) >= LITTLE), next(iter(courses))
    )


def sentence(courses: Mapping[str, GapCourse], k: int) -> str:
    """Whether the encoder or the dictionary costs more at stop `k` of λ: the two numbers of an encoder, how many of the
    others agree, and what D★ is."""
    first = told(courses, k)
    others = [label for label in courses if label != first]
    encoder, own = (float(getattr(courses[first], part)[k]) for part in ("encoder", "dictionary"))
    odd = [
        label
        for label in others
        if (courses[label].encoder[k] > courses[label].dictionary[k]) != (encoder > own)
    ]
    whole = said(
        "sentence",
        rows=ROWS,
        label=first,
        encoder=tenths(encoder),
        dictionary=tenths(own),
        more=encoder > own,
        others=len(others),
        other=listed(others) if others else "",
        all=numeral(len(others)),
        agree=numeral(len(others) - len(odd)),
        odd=listed(odd) if odd else "",
    )
    return f"{whole} {bar()}"


def costs(courses: Mapping[str, GapCourse], k: int) -> str:
    """What each encoder and its dictionary cost at stop `k` of λ."""
    told = [
        _(
            "**{label}**: its encoder costs **{encoder}** of F*(D★), its dictionary {dictionary}.",
            label=label,
            encoder=tenths(float(one.encoder[k])),
            dictionary=tenths(float(one.dictionary[k])),
        )
        for label, one in courses.items()
    ]
    return " ".join([_("On the first {rows} test rows:", rows=ROWS), *told])


def recorded(measured: Mapping[str, Any]) -> str:
    """The same from what is published of a set alone; "" where nothing is."""
    joint = {
        name_encoder(kind): encoder["joint"] for kind, encoder in measured.get("kinds", {}).items()
    }
    means = {
        label: [numbers[key][0] for key in ("percent", "dictionary_percent")]
        for label, numbers in joint.items()
    }
    if not means:
        return ""
    parts = [
        _(
            "**{label}** {encoder} and {dictionary}",
            label=label,
            encoder=tenths(encoder),
            dictionary=tenths(own),
        )
        for label, (encoder, own) in means.items()
    ]
    costlier = sum(encoder > own for encoder, own in means.values())
    claim = _(
        "Over {seeds}, the encoder costs more than its dictionary with {n} of {all} kinds, on all test rows: {parts}.",
        seeds=count_seeds([len(numbers["runs"]) for numbers in joint.values()]),
        n=numeral(costlier),
        all=numeral(len(means)),
        parts=", ".join(parts),
    )
    return f"{claim} {bar()}"


def why(label: str, one: GapCourse, k: int, steps: int) -> str:
    """What makes the two gaps of an encoder of so many steps, with its numbers."""
    own, exact = (localized(f"{each[k]:.1f}") for each in (one.count, one.exact_count))
    F, least, bar = (objective(each[k]) for each in (one.F, one.optimum, one.bar))
    return said(
        "why",
        label=label,
        steps=steps,
        lam=one.lam[k],
        F=F,
        least=least,
        bar=bar,
        own=own,
        exact=exact,
        sparser=one.exact_count[k] < one.count[k],
    )


def notes(courses: Mapping[str, GapCourse], k: int, lam: float, count: float) -> list[str]:
    """What a reader must know of the bars at stop `k` of λ. count: the non-zeros of exact codes on D★ at its λ, `lam`."""
    small = [label for label, one in courses.items() if saved(one, k) < LITTLE]
    most = max((saved(courses[label], k) for label in small), default=0.0)
    least = min((float(courses[label].lam[k]) for label in small), default=0.0)
    widest = max((float(courses[label].encoder[k]) for label in small), default=0.0)
    return templates.points(
        __file__,
        "notes",
        rows=ROWS,
        count=count,
        lam=lam,
        small=small,
        least=least,
        most=percent(100 * most),
        widest=tenths(widest),
    )


def steps(T: int, trained: Mapping[int, float], built: Mapping[str, StepCourse], cost: int) -> str:
    """What T trained steps reach, what is left of the encoder's gap, and what a built solver needs for as much."""
    if T not in trained:
        parts = [
            _("{label} {percent} above F*(D★)", label=label, percent=percent(float(one.excess[T])))
            for label, one in built.items()
        ]
        return _("After {steps}: {parts}", steps=count(T, "step"), parts=", ".join(parts))
    gone = 1 - trained[T] / trained[1] if T > 1 and 1 in trained else None
    many, needs = (
        numeral(T),
        "; ".join(_needs(label, one, trained[T]) for label, one in built.items()),
    )
    return said(
        "steps",
        T=T,
        many=f"{many[:1].upper()}{many[1:]}",
        percent=percent(trained[T]),
        cost=cost,
        gone=None if gone is None else percent(100 * gone),
        nearer=(gone or 0) > 0,
        needs=f"{needs}." if needs else "",
    )


def _needs(label: str, one: StepCourse, excess: float) -> str:
    """After how many steps a course is as near."""
    near = np.flatnonzero(one.excess <= excess)
    if len(near):
        return _(
            "{label} needs {n} for as much ({cost:,.0f} thousand)",
            label=label,
            n=near[0],
            cost=float(one.multiplications[near[0]]) / 1000,
        )
    return _(
        "{label} is {percent} above after {n}",
        label=label,
        percent=percent(float(one.excess[-1])),
        n=len(one.excess) - 1,
    )


def half(trained: Mapping[int, float]) -> str:
    """At which T half of the gap of one step is gone."""
    if len(trained) < 2 or 1 not in trained:
        return ""
    at = next((T for T, excess in sorted(trained.items()) if excess <= trained[1] / 2), None)
    last = max(trained)
    return said("half", at=at, T=last, percent=percent(100 * (1 - trained[last] / trained[1])))


def equal_k(found: Sequence[tuple[str, float, float]], k: int) -> str:
    """R² of encoders of fixed k beside OMP. found: label, R², that of OMP on the same atoms."""
    parts = [
        _("**{label}** {r2:.3f}, OMP {omp:.3f}", label=label, r2=r2, omp=omp)
        for label, r2, omp in found
    ]
    return _(
        "R² with about {k} atoms a row, on the same atoms: {parts}. This is no gap: the best {k} atoms of a row are an "
        "ℓ₀ problem, which has no certificate, and OMP is greedy as well. Its codes may have any sign.",
        k=k,
        parts="; ".join(parts),
    )
