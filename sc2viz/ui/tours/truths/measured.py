"""What is true by the records of runs, and what needs no picture."""

from __future__ import annotations

import itertools
import statistics

from sc2viz import evaluation, solvers
from sc2viz.classroom.question import Truth
from sc2viz.experiments import printed, records, sae_runs
from sc2viz.experiments.recovery_protocols import RecoveryRun
from sc2viz.reports import leads, recovery_tables, sae_tables, tables
from sc2viz.ui import phrases, session, startup
from sc2viz.ui.known_codes import RECIPE
from sc2viz.ui.tours.truths.registry import Sight, named


@named
def noise(at: Sight) -> Truth:
    """The PSNR of a photograph to which noise of σ is added, in dB."""
    sigma = at.now("sigma")
    decibels = float(evaluation.decibels((sigma / 255) ** 2))
    why = f"The root of the mean squared error is σ, so it is 20 log₁₀(255 / {sigma}) = {phrases.decibels(decibels)}"
    return Truth(decibels, f"{why}, whatever the photograph. Clipped to grey values, it is a little more.", margin=0.5)


@named
def parameters(at: Sight, solver: str, other: str) -> Truth:
    """How many times as many parameters a solver has as another, on the dictionary of MNIST."""
    B, kinds = startup.dictionary("mnist"), [solvers.solver_class(name) for name in (solver, other)]
    counts = [sum(each.numel() for each in solvers.build(kind.name, B).parameters()) for kind in kinds]
    told = phrases.listed([f"{kind.label} learns {many:,} numbers" for kind, many in zip(kinds, counts, strict=True)])
    return Truth(counts[0] / counts[1], f"With {B.shape[1]} atoms for {B.shape[0]} numbers, {told}.", margin=0.3)


@named
def leads_hold(at: Sight) -> Truth | None:
    """In how many blocks of Table 1 SLSTM's lead over the best other method holds, where all are trained alike."""
    fair = leads.by_contest(tables.load())["fair"]
    rivals = tuple(method for method in printed.METHODS["table1"] if method != "slstm")
    found = [leads.best(fair, *block, rivals) for block in itertools.product(printed.DATA, printed.SETTINGS)]
    there = [lead for lead in found if lead is not None]
    if not there:
        return None
    counts = {verdict: sum(lead.verdict == verdict for lead in there) for verdict in ("holds", "a tie", "reversed")}
    held, ties = phrases.form(counts["holds"], "1 holds", f"{counts['holds']} hold"), counts["a tie"]
    tied = phrases.form(ties, "1 is a tie", f"{ties} are ties")
    return Truth(counts["holds"], f"Of {len(there)} leads, {held}, {tied}, and SLSTM is behind in {counts['reversed']}.")


@named
def gates_or_matrix(at: Sight) -> Truth | None:
    """How much of the way from SLSTM to ALISTA is gone where SLSTM's gates are given ALISTA's matrix."""
    measured, runs = records.load(RecoveryRun), ("slstm-recovery", "alista-gated", "alista-selection")
    ends = [recovery_tables.mean(measured, recovery_tables.USUAL, name) for name in runs]
    if None in ends:
        return None
    own, given, best = ends
    ratio = (given - own) / (best - own)
    said = [phrases.decibels(each) for each in ends]
    why = f"NMSE: SLSTM {said[0]}, with ALISTA’s matrix {said[1]}, and ALISTA without gates {said[2]}."
    return Truth(
        ratio, f"{why} The matrix was missing, and the gates add nothing to it." if ratio > 0.9 and given > best else why
    )


@named
def nearest_code(at: Sight, methods: str) -> Truth | None:
    """Which of the measured methods, one for each choice and commas between, ends nearest to the true codes."""
    if session.PROBLEM.get() not in (None, RECIPE):
        return None
    measured = records.load(RecoveryRun)
    found = [recovery_tables.mean(measured, recovery_tables.USUAL, name) for name in methods.split(", ")]
    if None in found:
        return None
    told = [f"{choice} {phrases.decibels(each)}" for choice, each in zip(at.choices, found, strict=True)]
    return Truth(found.index(min(found)), f"Error of the codes, measured over seeds: {phrases.listed(told)}.")


@named
def false_alarms(at: Sight, methods: str) -> Truth | None:
    """Which of the measured methods, one for each choice, uses most atoms that are not in the true code."""
    if session.PROBLEM.get() not in (None, RECIPE):
        return None
    measured, counts = records.load(RecoveryRun), []
    for name in methods.split(", "):
        parts = [recovery_tables.mean(measured, recovery_tables.USUAL, name, key) for key in ("precision", "recall")]
        if None in parts:
            return None
        precision, recall = parts
        counts.append(RECIPE.k * recall * (1 / precision - 1))
    told = [f"{choice} {phrases.number(each)}" for choice, each in zip(at.choices, counts, strict=True)]
    why = f"False alarms a signal, measured over seeds: {phrases.listed(told)}."
    return Truth(counts.index(max(counts)), why)


@named
def costlier(at: Sight, kind: str) -> Truth | None:
    """Whether an autoencoder's encoder (0) or its dictionary (1) costs more of F."""
    data, _, atoms = at.now("coded").rpartition("-")
    found = sae_tables.cell(records.load(sae_runs.SAERun), data, int(atoms), "joint", kind).values()
    if not found:
        return None
    encoder, own = (statistics.fmean(each[key] for each in found) for key in ("percent", "dictionary_percent"))
    name = sae_runs.KINDS[kind].label
    return Truth(
        int(own >= encoder),
        f"{name} on {data}: the encoder costs {encoder:.1f} % of the optimum, and the dictionary {own:.1f} %.",
    )


@named
def halving_steps(at: Sight) -> Truth | None:
    """With how many steps half of the gap of an encoder of one step is gone, on the same atoms."""
    data, _, atoms = at.now("coded").rpartition("-")
    found = {
        kind: sae_tables.cell(records.load(sae_runs.SAERun), data, int(atoms), "frozen", kind) for kind in sae_runs.STEPPED
    }
    gaps = {sae_runs.KINDS[kind].steps: statistics.fmean(one["percent"] for one in seeds.values())
            for kind, seeds in found.items() if seeds}  # fmt: skip
    half = next((T for T in sorted(gaps) if gaps[T] <= gaps.get(1, 0) / 2), None)
    if half is None:
        return None
    return Truth(
        half, f"On {data} the gap is {gaps[1]:.1f} % with one step and {gaps[half]:.1f} % with {half}, on the same atoms."
    )
