"""What is true by published results and by what pages measure, and what needs no picture."""

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from sc2viz import evaluation, published, solvers
from sc2viz.defaults import KINDS, STEPPED
from sc2viz.published import accuracies, printed
from sc2viz.published.sentences import count_seeds
from sc2viz.ui import encoder_costs, encoders, known_codes, phrases, session, startup, url
from sc2viz.ui.tours.truths.registry import Numbers, Sight, find_lowest, truth
from sc2viz.words import _


@truth
def noise(sight: Sight) -> Numbers:
    """Return the PSNR of a photograph to which noise of σ is added, in dB, as "answer", with the numbers of its sentence."""
    sigma = sight.value("sigma")
    psnr = float(evaluation.decibels((sigma / 255) ** 2))
    return {"answer": psnr, "margin": 0.5, "sigma": sigma}


@truth
def parameters(sight: Sight, solver: str, rival: str) -> Numbers:
    """Return how many times as many parameters a solver has as another, on the dictionary of MNIST, as "answer", with the
    numbers of its sentence."""
    B, names = startup.dictionary("mnist"), (solver, rival)
    first, second = (
        sum(tensor.numel() for tensor in solvers.build(name, B).parameters()) for name in names
    )
    labels = [solvers.solver_class(name).label for name in names]
    return {
        "answer": first / second,
        "margin": 0.3,
        "numbers": B.shape[0],
        "atoms": B.shape[1],
        "parameters": first,
        "rival_parameters": second,
        "solver": labels[0],
        "rival": labels[1],
    }


@truth
def leads_hold(sight: Sight) -> Numbers:
    """Return in how many blocks of Table 1 SLSTM's lead over the best other method holds, where all are trained alike, as
    "answer", with the numbers of its sentence."""
    claims, blocks = accuracies.load(), itertools.product(printed.DATA, printed.SETTINGS)
    leads = [lead for block in blocks if (lead := claims.lead("fair", *block)) is not None]
    verdicts = Counter(lead.verdict for lead in leads)
    seeds = count_seeds([len(cell.values) for lead in leads for cell in (lead.mine, lead.best)])
    return {
        "answer": verdicts["holds"],
        "seeds": seeds,
        "total": len(leads),
        "ties_counted": verdicts["a tie"],
        "losses": verdicts["reversed"],
    }


def _recovery(methods: str) -> list[dict[str, Any]]:
    """Return what is published of each of the methods, names with commas between, with noise at 40 dB. LookupError: one was
    not measured, or the reader's codes are made otherwise."""
    if session.problem not in (None, known_codes.RECIPE):
        raise LookupError("the published codes are made by the papers' recipe")
    measured = published.read("recovery")["methods"]
    return [measured[name]["conditions"]["40dB"] for name in methods.split(", ")]


def _count_seeds(records: Sequence[dict[str, Any]]) -> str:
    """Return with how many seeds the methods of these records were trained, in words."""
    return count_seeds([len(method["runs"]) for method in records])


@truth
def gates_or_matrix(sight: Sight) -> Numbers:
    """Return how much of the way from SLSTM to ALISTA is gone where SLSTM's gates are given ALISTA's matrix, as "answer",
    with the numbers of its sentence."""
    records = _recovery("slstm-recovery, alista-gated, alista-selection")
    errors = [method["nmse"][0] for method in records]
    slstm, gated, alista = errors
    ratio = (gated - slstm) / (alista - slstm)
    return {"answer": ratio, "seeds": _count_seeds(records), "errors": errors}


def _compare(
    sight: Sight,
    records: Sequence[dict[str, Any]],
    values: Sequence[float],
    readings: Sequence[str],
) -> dict[str, Any]:
    """Return the place of the method with the lowest value, as "answer", with the reading of each method."""
    pairs = zip(map(_, sight.choices), readings, strict=True)
    numbers = {"seeds": _count_seeds(records), "readings": [*map(" ".join, pairs)]}
    return find_lowest(values, readings) | numbers


@truth
def nearest_code(sight: Sight, methods: str) -> Numbers:
    """Return which of the measured methods, one for each choice and commas between, ends nearest to the true codes, as
    "answer", its place."""
    records = _recovery(methods)
    errors = [method["nmse"][0] for method in records]
    return _compare(sight, records, errors, list(map(phrases.decibels, errors)))


@truth
def false_alarms(sight: Sight, methods: str) -> Numbers:
    """Return which of the measured methods, one for each choice, uses most atoms that are not in the true code, as "answer",
    its place."""
    records = _recovery(methods)
    recall, precision = (
        np.array([method[key][0] for method in records]) for key in ("recall", "precision")
    )
    counts = known_codes.RECIPE.k * recall * (1 / precision - 1)
    return _compare(sight, records, -counts, list(map(phrases.number, counts)))


@truth
def costlier(sight: Sight, kind: str) -> Numbers:
    """Return whether an autoencoder's encoder (0) or its dictionary (1) costs more of F, as Autoencoders measures it, as
    "answer"."""
    coded, price = encoders.chosen_set(sight.value), sight.value("price")
    trained, best, stops = encoders.trained(coded), encoders.best(coded), url.stops("price", price)
    course = encoder_costs.courses(coded, {kind: trained[kind]}, best, stops)[kind]
    gaps = [float(gap[stops.index(price)]) for gap in (course.encoder, course.dictionary)]
    readings = list(map(phrases.tenths, gaps))
    return find_lowest([-gap for gap in gaps], readings) | {
        "name": trained[kind].label,
        "rows": known_codes.ROWS,
        "data": coded.data,
        "readings": readings,
    }


@truth
def halving_steps(sight: Sight) -> Numbers:
    """Return with how many steps half of the gap of an encoder of one step is gone, on the same atoms, as "answer", with the
    numbers of its sentence."""
    coded = encoders.chosen_set(sight.value)
    trained, best = encoders.trained(coded, "frozen"), encoders.best(coded)
    gaps = {
        KINDS[kind].steps: encoder_costs.stepping(
            trained[kind].model, coded, best.D, best.lam, sight.value("sample")
        ).excess[-1]
        for kind in STEPPED
        if kind in trained
    }
    steps = min(T for T, gap in gaps.items() if gap <= gaps[1] / 2)
    return {
        "answer": steps,
        "first_gap": gaps[1],
        "gap": gaps[steps],
        "rows": known_codes.ROWS,
        "data": coded.data,
    }
