"""What is true by published results and by what pages measure, and what needs no picture."""

import itertools
from collections.abc import Mapping
from functools import partial
from typing import Any

from sc2viz import evaluation, published, solvers
from sc2viz.classroom.question import Truth
from sc2viz.defaults import KINDS, STEPPED
from sc2viz.published import accuracies, printed
from sc2viz.published.sentences import count_seeds
from sc2viz.ui import encoder_costs, encoders, known_codes, phrases, session, startup, url
from sc2viz.ui.tours.truths.registry import Sight, find_lowest, named
from sc2viz.words import _, localized, templates

said = partial(templates.said, __file__)


@named
def noise(at: Sight) -> Truth:
    """The PSNR of a photograph to which noise of σ is added, in dB."""
    sigma = at.now("sigma")
    decibels = float(evaluation.decibels((sigma / 255) ** 2))
    why = _(
        "The root of the mean squared error is σ, so it is 20 log₁₀(255 / {sigma}) = {psnr}, whatever the photograph. "
        "Clipped to grey values, it is a little more.",
        sigma=sigma,
        psnr=phrases.decibels(decibels),
    )
    return Truth(decibels, why, margin=0.5)


@named
def parameters(at: Sight, solver: str, other: str) -> Truth:
    """How many times as many parameters a solver has as another, on the dictionary of MNIST."""
    B, kinds = startup.dictionary("mnist"), [solvers.solver_class(name) for name in (solver, other)]
    counts = [
        sum(each.numel() for each in solvers.build(kind.name, B).parameters()) for kind in kinds
    ]
    why = _(
        "With {atoms} atoms for {numbers} numbers, {solver} learns {many} numbers and {other} learns {few} numbers.",
        atoms=B.shape[1],
        numbers=B.shape[0],
        solver=kinds[0].label,
        many=localized(f"{counts[0]:,}"),
        other=kinds[1].label,
        few=localized(f"{counts[1]:,}"),
    )
    return Truth(counts[0] / counts[1], why, margin=0.3)


@named
def leads_hold(at: Sight) -> Truth | None:
    """In how many blocks of Table 1 SLSTM's lead over the best other method holds, where all are trained alike."""
    claims = accuracies.load()
    blocks = itertools.product(printed.DATA, printed.SETTINGS)
    there = [lead for block in blocks if (lead := claims.lead("fair", *block)) is not None]
    if not there:
        return None
    counts = {
        verdict: sum(lead.verdict == verdict for lead in there)
        for verdict in ("holds", "a tie", "reversed")
    }
    holds, ties, behind = counts.values()
    seeds = count_seeds([len(cell.values) for lead in there for cell in (lead.mine, lead.best)])
    why = said("leads_hold", all=len(there), seeds=seeds, holds=holds, ties=ties, behind=behind)
    return Truth(holds, why)


@named
def gates_or_matrix(at: Sight) -> Truth | None:
    """How much of the way from SLSTM to ALISTA is gone where SLSTM's gates are given ALISTA's matrix."""
    methods = "slstm-recovery, alista-gated, alista-selection"
    ends = _recovered(methods, "nmse")
    if None in ends:
        return None
    own, given, best = ends
    ratio = (given - own) / (best - own)
    numbers = dict(zip(("own", "given", "best"), map(phrases.decibels, ends), strict=True))
    return Truth(
        ratio,
        said(
            "gates_or_matrix",
            seeds=_seeds(methods),
            missing=ratio > 0.9 and given > best,
            **numbers,
        ),
    )


@named
def nearest_code(at: Sight, methods: str) -> Truth | None:
    """Which of the measured methods, one for each choice and commas between, ends nearest to the true codes."""
    found = _recovered(methods, "nmse")
    if None in found:
        return None
    shown = list(map(phrases.decibels, found))
    told = phrases.listed(
        [f"{_(choice)} {each}" for choice, each in zip(at.choices, shown, strict=True)]
    )
    place, ties = find_lowest(found, shown)
    why = _("Error of the codes over {seeds}: {told}.", seeds=_seeds(methods), told=told)
    return Truth(place, why, ties=ties)


@named
def false_alarms(at: Sight, methods: str) -> Truth | None:
    """Which of the measured methods, one for each choice, uses most atoms that are not in the true code."""
    parts = [_recovered(methods, key) for key in ("precision", "recall")]
    if None in parts[0] + parts[1]:
        return None
    counts = [
        known_codes.RECIPE.k * recall * (1 / precision - 1)
        for precision, recall in zip(*parts, strict=True)
    ]
    shown = list(map(phrases.number, counts))
    told = phrases.listed(
        [f"{_(choice)} {each}" for choice, each in zip(at.choices, shown, strict=True)]
    )
    place, ties = find_lowest([-each for each in counts], shown)
    why = _("False alarms a signal over {seeds}: {told}.", seeds=_seeds(methods), told=told)
    return Truth(place, why, ties=ties)


def _seeds(methods: str) -> str:
    """How many seeds the means of the methods are of."""
    return count_seeds([len(numbers["runs"]) for numbers in _usual(methods) if numbers])


def _recovered(methods: str, key: str) -> list[float | None]:
    """A mean of each of the methods; None where it was not measured, or the reader's codes are made otherwise."""
    is_usual = session.PROBLEM.get() in (None, known_codes.RECIPE)
    return [numbers[key][0] if numbers and is_usual else None for numbers in _usual(methods)]


def _usual(methods: str) -> list[Mapping[str, Any] | None]:
    """What is published of each of the methods with noise at 40 dB."""
    measured = published.read("recovery").get("methods", {})
    return [
        measured.get(name, {}).get("conditions", {}).get("40dB") for name in methods.split(", ")
    ]


@named
def costlier(at: Sight, kind: str) -> Truth | None:
    """Whether an autoencoder's encoder (0) or its dictionary (1) costs more of F, as Autoencoders measures it."""
    of, price = encoders.at_hand(at.now), at.now("price")
    trained, best, stops = encoders.trained(of), encoders.best(of), url.stops("price", price)
    if kind not in trained or best is None:
        return None
    course = encoder_costs.courses(of, {kind: trained[kind]}, best, stops)[kind]
    gaps = [float(gap[stops.index(price)]) for gap in (course.encoder, course.dictionary)]
    shown = list(map(phrases.tenths, gaps))
    place, ties = find_lowest([-gap for gap in gaps], shown)
    why = _(
        "{name} of one seed on the first {rows} test rows of {data}: the encoder costs {encoder} of the optimum, and the "
        "dictionary {own}.",
        name=trained[kind].label,
        rows=known_codes.ROWS,
        data=of.data,
        encoder=shown[0],
        own=shown[1],
    )
    return Truth(place, why, ties=ties)


@named
def halving_steps(at: Sight) -> Truth | None:
    """With how many steps half of the gap of an encoder of one step is gone, on the same atoms."""
    of = encoders.at_hand(at.now)
    trained, best = encoders.trained(of, "frozen"), encoders.best(of)
    if "relu" not in trained or best is None:
        return None
    gaps = {
        KINDS[kind].steps: encoder_costs.reached(
            trained[kind].model, of, best.D, best.lam, at.now("sample")
        ).excess[-1]
        for kind in STEPPED
        if kind in trained
    }
    half = next((T for T in sorted(gaps) if gaps[T] <= gaps[1] / 2), None)
    if half is None:
        return None
    why = _(
        "On the first {rows} test rows of {data}, with networks of one seed, the gap is {one} with one step and {more} with "
        "{steps}, on the same atoms.",
        rows=known_codes.ROWS,
        data=of.data,
        one=phrases.percent(gaps[1]),
        more=phrases.percent(gaps[half]),
        steps=half,
    )
    return Truth(half, why)
