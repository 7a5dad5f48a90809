"""What is true by the records of runs, and what needs no picture."""

import itertools
import statistics
from functools import partial

from sc2viz import evaluation, solvers
from sc2viz.classroom.question import Truth
from sc2viz.lab.experiments import printed, records, sae_runs
from sc2viz.lab.experiments.recovery_protocols import RecoveryRun
from sc2viz.lab.reports import leads, recovery_tables, sae_tables, tables
from sc2viz.ui import phrases, session, startup
from sc2viz.ui.known_codes import RECIPE
from sc2viz.ui.tours.truths.registry import Sight, named
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
    fair = leads.by_contest(tables.load())["fair"]
    rivals = tuple(method for method in printed.METHODS["table1"] if method != "slstm")
    found = [
        leads.best(fair, *block, rivals)
        for block in itertools.product(printed.DATA, printed.SETTINGS)
    ]
    there = [lead for lead in found if lead is not None]
    if not there:
        return None
    counts = {
        verdict: sum(lead.verdict == verdict for lead in there)
        for verdict in ("holds", "a tie", "reversed")
    }
    holds, ties, behind = counts.values()
    return Truth(holds, said("leads_hold", all=len(there), holds=holds, ties=ties, behind=behind))


@named
def gates_or_matrix(at: Sight) -> Truth | None:
    """How much of the way from SLSTM to ALISTA is gone where SLSTM's gates are given ALISTA's matrix."""
    ends = _recovered("slstm-recovery, alista-gated, alista-selection", "nmse")
    if None in ends:
        return None
    own, given, best = ends
    ratio = (given - own) / (best - own)
    numbers = dict(zip(("own", "given", "best"), map(phrases.decibels, ends), strict=True))
    return Truth(ratio, said("gates_or_matrix", missing=ratio > 0.9 and given > best, **numbers))


@named
def nearest_code(at: Sight, methods: str) -> Truth | None:
    """Which of the measured methods, one for each choice and commas between, ends nearest to the true codes."""
    found = _recovered(methods, "nmse")
    if None in found:
        return None
    told = phrases.listed(
        [
            f"{_(choice)} {phrases.decibels(each)}"
            for choice, each in zip(at.choices, found, strict=True)
        ]
    )
    return Truth(
        found.index(min(found)), _("Error of the codes, measured over seeds: {told}.", told=told)
    )


@named
def false_alarms(at: Sight, methods: str) -> Truth | None:
    """Which of the measured methods, one for each choice, uses most atoms that are not in the true code."""
    parts = [_recovered(methods, key) for key in ("precision", "recall")]
    if None in parts[0] + parts[1]:
        return None
    counts = [
        RECIPE.k * recall * (1 / precision - 1) for precision, recall in zip(*parts, strict=True)
    ]
    told = phrases.listed(
        [
            f"{_(choice)} {phrases.number(each)}"
            for choice, each in zip(at.choices, counts, strict=True)
        ]
    )
    return Truth(
        counts.index(max(counts)),
        _("False alarms a signal, measured over seeds: {told}.", told=told),
    )


def _recovered(methods: str, key: str) -> list[float | None]:
    """A mean of each of the methods; None where it was not measured, or the reader's codes are made otherwise."""
    measured = records.load(RecoveryRun) if session.PROBLEM.get() in (None, RECIPE) else {}
    return [
        recovery_tables.mean(measured, recovery_tables.USUAL, name, key)
        for name in methods.split(", ")
    ]


@named
def costlier(at: Sight, kind: str) -> Truth | None:
    """Whether an autoencoder's encoder (0) or its dictionary (1) costs more of F."""
    encoder, own = (_gap(at, "joint", kind, key) for key in ("percent", "dictionary_percent"))
    if encoder is None or own is None:
        return None
    costs = {
        "encoder": localized(f"{encoder:.1f}"),
        "own": localized(f"{own:.1f}".replace("-", "−")),
    }
    why = _(
        "{name} on all test rows of {data}: the encoder costs {encoder} % of the optimum, and the dictionary {own} %.",
        name=sae_runs.KINDS[kind].label,
        data=at.now("coded").rsplit("-", 1)[0],
        **costs,
    )
    return Truth(int(own >= encoder), why)


@named
def halving_steps(at: Sight) -> Truth | None:
    """With how many steps half of the gap of an encoder of one step is gone, on the same atoms."""
    found = ((sae_runs.KINDS[kind].steps, _gap(at, "frozen", kind)) for kind in sae_runs.STEPPED)
    gaps = {steps: gap for steps, gap in found if gap is not None}
    half = next((T for T in sorted(gaps) if gaps[T] <= gaps.get(1, 0) / 2), None)
    if half is None:
        return None
    given = {
        "data": at.now("coded").rsplit("-", 1)[0],
        "one": localized(f"{gaps[1]:.1f}"),
        "steps": half,
    }
    why = _(
        "On all test rows of {data} the gap is {one} % with one step and {more} % with {steps}, on the same atoms.",
        more=localized(f"{gaps[half]:.1f}"),
        **given,
    )
    return Truth(half, why)


def _gap(at: Sight, mode: str, kind: str, key: str = "percent") -> float | None:
    """A mean over seeds of the data set at hand, in % of the optimum; None where it was not measured."""
    data, atoms = at.now("coded").rsplit("-", 1)
    found = sae_tables.cell(records.load(sae_runs.SAERun), data, int(atoms), mode, kind).values()
    return statistics.fmean(each[key] for each in found) if found else None
