"""Carry out the runs of `recovery`: train or tune a method, and measure every iteration."""

import copy
import math
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sc2viz import data, dictionary, evaluation, lasso, solvers, training
from sc2viz.analysis import refitting
from sc2viz.data import Images
from sc2viz.lab.experiments import records
from sc2viz.lab.experiments.records import RESULTS, Experiment, Say
from sc2viz.lab.experiments.recovery_protocols import (
    ATOMS,
    CONDITIONS,
    D_S,
    D_X,
    LAMBDAS,
    METHODS,
    MORE,
    ROWS,
    STEPS,
    TRIED,
    RecoveryMethod,
    RecoveryRun,
)
from sc2viz.solvers.analytic import coupled
from sc2viz.training import cached_networks

TUNED, TRAINED, VALIDATED, HARDER = 1, 2, 3, 4  # seeds of the signals that are not measured
EVENTS = 2  # of a training whose last weights are kept; each costs exact codes
ROWS_OF_F = 100  # batches of signals that a network trained by F sees again and again
CERTIFIED = 1e-5  # the relative gap of the optimum below every F
CACHED = 4  # conditions whose signals and optimum are remembered


@lru_cache(CACHED)
def signals(condition: str, seed: int) -> Images:
    """The signals that are measured, with their true codes and atoms; `fresh` draws others by the same law."""
    law = CONDITIONS[condition]
    return data.load(
        "synthetic",
        "test",
        n_samples=ROWS,
        d_x=D_X,
        d_s=D_S,
        sparsity=law.sparsity,
        snr_db=law.snr_db,
        condition=law.condition,
        seed=seed,
    )


def made_for(condition: str) -> str:
    """The condition under which methods are trained and tuned."""
    return CONDITIONS[condition].made_for or condition


@lru_cache(CACHED)
def tuning(condition: str) -> Images:
    """The signals on which λ, k and α are tuned, once for all seeds: they have the atoms of seed 0."""
    return signals(condition, 0).fresh(ROWS, 0, TUNED)


def least(error: Callable[[float], float]) -> float:
    """The λ of LAMBDAS with the least error: a search that halves its step, for an error that falls and then rises."""
    at = cache(lambda place: error(LAMBDAS[place]))
    best = min(range(6, len(LAMBDAS), 6), key=at)
    for step in (3, 2, 1, 1):
        best = min(
            (place for place in (best - step, best, best + step) if 0 <= place < len(LAMBDAS)),
            key=at,
        )
    return LAMBDAS[best]


@lru_cache(CACHED)
def least_lambda(condition: str) -> float:
    """The λ whose exact codes have the least NMSE on the signals for tuning."""
    rows = tuning(condition)
    return least(
        lambda lam: evaluation.nmse(
            lasso.solve(rows.pixels, rows.dictionary, lam, tol=1e-3).codes, rows.codes
        )
    )


@lru_cache(CACHED)
def optimum(condition: str, seed: int, lam: float) -> tuple[Tensor, Tensor]:
    """Exact codes of the measured signals at λ, and their F."""
    rows = signals(condition, seed)
    codes = lasso.solve(rows.pixels, rows.dictionary, lam, tol=CERTIFIED).codes
    return codes, lasso.objective(rows.pixels, codes, rows.dictionary, lam)


class RecoveryRunner(Experiment):
    """Carries out the runs of the recovery of true codes."""

    def __init__(
        self,
        folder: Path = RESULTS,
        say: Say = lambda line: None,
        methods: dict[str, RecoveryMethod] = METHODS,
    ):
        super().__init__(folder, say)
        self.methods = methods

    def measure(self, run: RecoveryRun, again: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        lam = self.lam(run)
        codes, made = self._codes(run, lam)
        return made.pop("tuned", {}) | measured(run, codes, lam), made

    def lam(self, run: RecoveryRun) -> float:
        """The λ at which every F of a run is measured: that whose exact codes have the least NMSE under the condition that
        methods are made for, as the run of exact codes with seed 0 found."""
        first = RecoveryRun(made_for(run.condition), "exact")
        return (
            least_lambda(first.condition)
            if run == first
            else self.perform(first)["metrics"]["measured_at"]
        )

    def configuration(self, run: RecoveryRun) -> dict[str, Any]:
        method = self.methods[run.method]
        law = {
            "d_x": D_X,
            "d_s": D_S,
            "steps": STEPS,
            "rows": ROWS,
            **asdict(CONDITIONS[run.condition]),
        }
        network = {
            key: value
            for key, value in asdict(method).items()
            if key not in ("settings", "looks") or value
        }
        return {**asdict(run), "law": law, "network": network}

    # Codes after every iteration, (T, n, d_s) -----------------------------------------------------------------------------

    def _codes(self, run: RecoveryRun, lam: float) -> tuple[Tensor, dict[str, Any]]:
        method, rows = self.methods[run.method], signals(run.condition, run.seed)
        if method.solver is None:
            exact, _ = optimum(run.condition, run.seed, lam)
            made = {
                "exact": lambda: exact,
                "refitted": lambda: refitting.refitted(rows.pixels, exact, rows.dictionary),
                "support": lambda: refitting.refitted(rows.pixels, rows.codes, rows.dictionary),
                "support-w": lambda: refitting.resting(
                    rows.pixels, rows.codes, rows.dictionary, coupled(rows.dictionary, "ALISTA")
                ),
            }
            return made[run.method]()[None], {}
        if method.loss is None:
            tuned = self._tuned(run, lam)
            options = {**method.options, **{key: tuned[key] for key in TRIED if key in tuned}}
            solver = solvers.build(method.solver, rows.dictionary, iterations(method), **options)
            return _trace(solver, rows.pixels, tuned.get("lam", lam)), {"tuned": tuned}
        solver = self.network(replace(run, condition=made_for(run.condition)))
        lam = solver.notes.get("lam", lam)
        return _trace(solver, rows.pixels, lam), {**solver.notes, "tuned": {}}

    def _tuned(self, run: RecoveryRun, lam: float) -> dict[str, Any]:
        """λ, k or α of a solver that learns nothing, with the least NMSE at its end on the signals for tuning."""
        first = RecoveryRun(made_for(run.condition), run.method)
        if run != first:
            metrics = self.perform(first)["metrics"]
            return {key: metrics[key] for key in ("lam", *TRIED) if key in metrics}
        method, rows = self.methods[run.method], tuning(run.condition)

        def error(lam: float, **options: Any) -> float:
            built = solvers.build(
                method.solver, rows.dictionary, iterations(method), **{**method.options, **options}
            )
            return _nmse(built, rows, lam)

        if solvers.solver_class(method.solver).traits.uses_lambda:
            return {"lam": least(error)}
        for key in solvers.options_of(method.solver):
            if key in TRIED:
                return {key: min(TRIED[key], key=lambda value: error(lam, **{key: value}))}
        return {}

    def network(self, run: RecoveryRun) -> solvers.Solver:
        """The trained network of a run, from the cache or trained now."""
        return cached_networks.load_or_make(
            cached_networks.locate(run.name, self.configuration(run)), lambda: self._trained(run)
        )

    def _trained(self, run: RecoveryRun) -> tuple[solvers.Solver, dict[str, Any]]:
        method, rows, lam = (
            self.methods[run.method],
            signals(run.condition, run.seed),
            self.lam(run),
        )
        if method.loss == "recovery":  # a solver that takes λ starts as FISTA at its best λ would
            lam = self.perform(RecoveryRun(run.condition, "fista"))["metrics"]["lam"]
        solver = solvers.build(
            method.solver, rows.dictionary, STEPS, seed=run.seed, **method.options
        )
        by_F = method.loss == "sc2net"
        batches = ROWS_OF_F if by_F else method.batches // 100
        settings = replace(training.recipe(solver, method.loss, "recommended"), lam=lam)
        if by_F:  # at one λ, for T alone, on the true atoms
            settings = training.Settings(lam=lam, dictionary_rate=0.0, project=False)
        settings = replace(
            settings, **method.settings, every=-(-method.batches // (method.looks or EVENTS))
        )
        curve, keys = [], ("step", "loss", "nmse", "objective", "optimum", "seconds")
        held_out, kept, least_error = _held_out(rows, run.seed), None, math.inf
        for event in training.fit(
            solver,
            rows.fresh(batches * method.size, run.seed, TRAINED),
            method.loss,
            settings=settings,
            seed=run.seed,
            epochs=method.batches // batches,
            batch_size=method.size,
            validation=rows.fresh(50, run.seed, VALIDATED),
        ):
            curve.append({key: records.rounded(getattr(event, key)) for key in keys})
            self.say(
                f"  {run.name}: step {event.step}, NMSE {event.nmse:.2f} dB, {event.seconds:.0f} s"
            )
            if method.looks:
                curve[-1]["held_out"] = records.rounded(error := _nmse(solver, held_out, lam))
                if error < least_error:
                    least_error, kept = error, copy.deepcopy(solver.state_dict())
        if kept:
            solver.load_state_dict(kept)
        notes = {
            "data": "synthetic",
            "loss": method.loss,
            "seed": run.seed,
            **self.configuration(run)["law"],
            "dictionary": dictionary.digest(rows.dictionary),
            "curve": curve,
            "seconds": event.seconds,
            "stopped": event.stopped,
        }
        return solver, notes | ({"lam": lam} if solver.traits.uses_lambda else {})


@torch.no_grad()
def _trace(solver: solvers.Solver, x: Tensor, lam: float) -> Tensor:
    return solver.trace(x, lam).codes[1:]


def _held_out(rows: Images, seed: int) -> Images:
    """The signals that weights are chosen by. Half of them have 20 % more non-zeros, as rare ones do, on which a network may
    run away that is good on a thousand others."""
    harder = replace(rows, law=replace(rows.law, sparsity=MORE * rows.law.sparsity))
    parts = rows.fresh(ROWS, seed, VALIDATED), harder.fresh(ROWS, seed, HARDER)
    pixels, codes = (
        torch.cat([getattr(part, key) for part in parts]) for key in ("pixels", "codes")
    )
    return replace(rows, pixels=pixels, codes=codes)


@torch.no_grad()
def _nmse(solver: solvers.Solver, rows: Images, lam: float) -> float:
    return float(evaluation.nmse(solver(rows.pixels, lam), rows.codes))


def iterations(method: RecoveryMethod) -> int:
    return ATOMS if solvers.solver_class(method.solver).traits.counts == "atoms" else STEPS


def measured(run: RecoveryRun, path: Tensor, lam: float) -> dict[str, Any]:
    """Of the codes after every iteration, (T, n, d_s): NMSE in dB, precision and recall of the support, and the honest F
    above the certified optimum in %, at λ ("measured_at")."""
    rows = signals(run.condition, run.seed)
    _, best = optimum(run.condition, run.seed, lam)
    found: dict[str, Any] = {
        "measured_at": lam,
        "nmse": [],
        "precision": [],
        "recall": [],
        "excess": [],
    }
    for codes in path:
        precision, recall = evaluation.support(codes, rows.codes)
        F = lasso.honest_objective(rows.pixels, codes.to(rows.pixels), rows.dictionary, lam)
        for key, value in (
            ("nmse", evaluation.nmse(codes, rows.codes)),
            ("precision", precision),
            ("recall", recall),
            ("excess", evaluation.excess(F, best).item()),
        ):
            found[key].append(float(f"{value:.5g}"))
    return found
