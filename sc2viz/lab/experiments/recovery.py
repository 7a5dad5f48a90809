"""Carry out the runs of recovery: train or tune a method, and measure every iteration.

A run's seed draws B, all signals, and the random numbers of training. Three kinds of signals never meet: those that are
trained on, drawn anew for every batch; 1,000 others of seed 0, on which λ, k and α are tuned for all seeds; and 1,000 that
are measured. Networks learn by the loss `recovery` for 40 dB with the true codes, or by F at the λ whose exact codes have the
least NMSE.
"""

import copy
import math
from dataclasses import replace
from functools import cache, lru_cache

import torch

from sc2viz import data, dictionary, evaluation, lasso, solvers, training
from sc2viz.analysis import refitting
from sc2viz.lab.experiments import records
from sc2viz.lab.experiments.protocols import CONDITIONS, METHODS
from sc2viz.lab.experiments.records import Experiment
from sc2viz.solvers.analytic import coupled
from sc2viz.training import cached_networks

D_X, D_S, STEPS = 250, 500, 16
RARE = 1.2  # times as many non-zeros as methods are made for
ROWS = 1000  # signals that are tuned on, and that are measured
LAMBDAS = tuple(10 ** (k / 8) for k in range(-24, 1))  # tried for every solver that takes λ
TRIED = {  # options that are tried for a solver that has them and no λ
    "k": tuple(range(30, 90, 5)),
    "alpha": tuple(k / 20 for k in range(14, 37)),
}
ATOMS = 100  # iterations of a solver that counts atoms
TUNED, TRAINED, VALIDATED, HARDER = 1, 2, 3, 4  # seeds of the signals that are not measured
EVENTS = 2  # of a training whose last weights are kept; each costs exact codes
ROWS_OF_F = 100  # batches of signals that a network trained by F sees again and again
CERTIFIED = 1e-5  # the relative gap of the optimum below every F
CACHED = 4  # conditions whose signals and optimum are remembered


@lru_cache(CACHED)
def signals(condition, seed):
    """The signals that are measured, with their true codes and atoms; `fresh` draws others by the same law."""
    law = CONDITIONS[condition]
    shape = {"n_samples": ROWS, "d_x": D_X, "d_s": D_S, "seed": seed}
    options = {key: law[key] for key in ("sparsity", "snr_db", "condition")}
    return data.load("synthetic", "test", **shape, **options)


@lru_cache(CACHED)
def tuning(condition):
    """The signals on which λ, k and α are tuned, once for all seeds: they have the atoms of seed 0."""
    return signals(condition, 0).fresh(ROWS, 0, TUNED)


def search(error):
    """The λ of LAMBDAS with the least error: a search that halves its step, for an error that falls and then rises."""
    error_at = cache(lambda place: error(LAMBDAS[place]))
    best = min(range(6, len(LAMBDAS), 6), key=error_at)
    for step in (3, 2, 1, 1):
        places = range(max(best - step, best % step), min(best + step + 1, len(LAMBDAS)), step)
        best = min(places, key=error_at)
    return LAMBDAS[best]


@lru_cache(CACHED)
def least_lambda(condition):
    """The λ whose exact codes have the least NMSE on the signals for tuning."""
    rows = tuning(condition)
    codes = lambda lam: lasso.solve(rows.pixels, rows.dictionary, lam, tol=1e-3).codes  # noqa: E731
    return search(lambda lam: evaluation.nmse(codes(lam), rows.codes))


@lru_cache(CACHED)
def optimum(condition, seed, lam):
    """Exact codes of the measured signals at λ, and their F."""
    rows = signals(condition, seed)
    codes = lasso.solve(rows.pixels, rows.dictionary, lam, tol=CERTIFIED).codes
    return codes, lasso.objective(rows.pixels, codes, rows.dictionary, lam)


def trained_as(run):
    """The run under the condition that methods are made for, which trains its network and with seed 0 tunes it."""
    return replace(run, setting=CONDITIONS[run.setting]["made_for"] or run.setting)


class RecoveryExperiment(Experiment):
    """The runs of the recovery of true codes."""

    def configuration(self, run):
        law = {"d_x": D_X, "d_s": D_S, "steps": STEPS, "rows": ROWS, **CONDITIONS[run.setting]}
        return {**run.fields, "law": law, "network": METHODS[run.method]}

    def measure(self, run):
        lam = self.lam(run)
        path, notes = self._codes(run, lam)
        return notes.pop("tuned", {}) | measured(run, path, lam), notes

    def lam(self, run):
        """The λ at which every F of a run is measured: that whose exact codes have the least NMSE under the condition that
        methods are made for, as the run of exact codes with seed 0 found."""
        first = replace(trained_as(run), method="exact", seed=0)
        if run == first:
            return least_lambda(run.setting)
        return self.perform(first)["metrics"]["measured_at"]

    def _codes(self, run, lam):
        """Codes after every iteration, (T, n, d_s), and notes."""
        method, rows = METHODS[run.method], signals(run.setting, run.seed)
        x, B = rows.pixels, rows.dictionary
        if method["solver"] is None:
            exact, _ = optimum(run.setting, run.seed, lam)
            computed = {
                "exact": lambda: exact,
                "refitted": lambda: refitting.refitted(x, exact, B),
                "support": lambda: refitting.refitted(x, rows.codes, B),
                "support-w": lambda: refitting.resting(x, rows.codes, B, coupled(B, "ALISTA")),
            }
            return computed[run.method]()[None], {}
        if method["loss"] is None:
            tuned = self._tuned(run, lam)
            solver = _untrained(method, B, {key: tuned[key] for key in TRIED if key in tuned})
            return _trace(solver, x, tuned.get("lam", lam)), {"tuned": tuned}
        solver = self.network(trained_as(run))
        return _trace(solver, x, solver.notes.get("lam", lam)), solver.notes

    def _tuned(self, run, lam):
        """λ, k or α of a solver that learns nothing, with the least NMSE at its end on the signals for tuning."""
        first = replace(trained_as(run), seed=0)
        if run != first:
            metrics = self.perform(first)["metrics"]
            return {key: metrics[key] for key in ("lam", *TRIED) if key in metrics}
        method, rows = METHODS[run.method], tuning(run.setting)

        def error(lam, **options):
            return _nmse(_untrained(method, rows.dictionary, options), rows, lam)

        if solvers.solver_class(method["solver"]).traits.uses_lambda:
            return {"lam": search(error)}
        for key in solvers.options_of(method["solver"]):
            if key in TRIED:
                return {key: min(TRIED[key], key=lambda value: error(lam, **{key: value}))}
        return {}

    def network(self, run):
        """The trained network of a run, from the cache or trained now."""
        path = cached_networks.locate(run.name, self.configuration(run))
        return cached_networks.load_or_make(path, lambda: self._train(run))

    def _train(self, run):
        method, rows, lam = METHODS[run.method], signals(run.setting, run.seed), self.lam(run)
        loss, size, looks = method["loss"], method["size"], method.get("looks", 0)
        if loss == "recovery":  # a solver that takes λ starts as FISTA at its best λ would
            lam = self.perform(replace(run, method="fista", seed=0))["metrics"]["lam"]
        B = rows.dictionary
        solver = solvers.build(method["solver"], B, STEPS, seed=run.seed, **method["options"])
        if loss == "recovery":
            batches = method["batches"] // 100
            settings = replace(training.recipe(solver, loss, "recommended"), lam=lam)
        else:  # at one λ, for T alone, on the true atoms
            batches = ROWS_OF_F
            settings = training.Settings(lam=lam, dictionary_rate=0.0, project=False)
        every = -(-method["batches"] // (looks or EVENTS))
        settings = replace(settings, **method.get("settings", {}), every=every)
        curve, keys = [], ("step", "loss", "nmse", "objective", "optimum", "seconds")
        held_out, best, least_error = _held_out(rows, run.seed), None, math.inf
        for event in training.fit(
            solver,
            rows.fresh(batches * size, run.seed, TRAINED),
            loss,
            settings=settings,
            seed=run.seed,
            epochs=method["batches"] // batches,
            batch_size=size,
            validation=rows.fresh(50, run.seed, VALIDATED),
        ):
            curve.append({key: records.rounded(getattr(event, key)) for key in keys})
            self.report(
                f"  {run.name}: step {event.step}, NMSE {event.nmse:.2f} dB, {event.seconds:.0f} s"
            )
            if looks:
                curve[-1]["held_out"] = records.rounded(error := _nmse(solver, held_out, lam))
                if error < least_error:
                    least_error, best = error, copy.deepcopy(solver.state_dict())
        if best:
            solver.load_state_dict(best)
        notes = {
            "data": "synthetic",
            "loss": loss,
            "seed": run.seed,
            **self.configuration(run)["law"],
            "dictionary": dictionary.digest(B),
            "curve": curve,
            "seconds": event.seconds,
            "stopped": event.stopped,
        }
        return solver, notes | ({"lam": lam} if solver.traits.uses_lambda else {})


def _untrained(method, B, options):
    counts_atoms = solvers.solver_class(method["solver"]).traits.counts == "atoms"
    steps = ATOMS if counts_atoms else STEPS
    return solvers.build(method["solver"], B, steps, **{**method["options"], **options})


@torch.no_grad()
def _trace(solver, x, lam):
    return solver.trace(x, lam).codes[1:]


def _held_out(rows, seed):
    """The signals that weights are chosen by. Half of them have 20 % more non-zeros, as rare ones do, on which a network may
    run away that is good on a thousand others."""
    harder = replace(rows, law=replace(rows.law, sparsity=RARE * rows.law.sparsity))
    usual, rare = rows.fresh(ROWS, seed, VALIDATED), harder.fresh(ROWS, seed, HARDER)
    both = {
        key: torch.cat([getattr(usual, key), getattr(rare, key)]) for key in ("pixels", "codes")
    }
    return replace(rows, **both)


@torch.no_grad()
def _nmse(solver, rows, lam):
    return float(evaluation.nmse(solver(rows.pixels, lam), rows.codes))


def measured(run, path, lam):
    """Of the codes after every iteration, (T, n, d_s): NMSE in dB, precision and recall of the support, and the honest F
    above the certified optimum in %, at λ ("measured_at")."""
    rows, (_, best) = signals(run.setting, run.seed), optimum(run.setting, run.seed, lam)
    metrics = {"measured_at": lam}
    for codes in path:
        F = lasso.honest_objective(rows.pixels, codes.to(rows.pixels), rows.dictionary, lam)
        values = evaluation.nmse(codes, rows.codes), *evaluation.support(codes, rows.codes)
        numbers = *values, evaluation.excess(F, best).item()
        for key, value in zip(("nmse", "precision", "recall", "excess"), numbers, strict=True):
            metrics.setdefault(key, []).append(float(f"{value:.5g}"))
    return metrics
