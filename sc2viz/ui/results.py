"""Results of a model on some pictures: its codes, iteration by iteration and at every λ, and the certified optimum.

All are cached (`ui.cache`). A descent goes to `HORIZON` iterations whatever T the reader asks for, so that moving T
computes nothing. Of many pictures it keeps the codes at the slider's stops alone, which take the most memory.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from sc2viz import evaluation, lasso, solvers
from sc2viz.analysis import inspection, refitting, sweeps
from sc2viz.analysis.sweeps import Sweep
from sc2viz.browser import comparison
from sc2viz.browser.comparison import Moving
from sc2viz.solvers.cell import Safeguard
from sc2viz.ui import describe_models, models, phrases, sets, url
from sc2viz.ui.cache import cached
from sc2viz.ui.models import Model
from sc2viz.words import _, count_rows

HORIZON = 100  # iterations
ALL = tuple(range(HORIZON + 1))
TIMED_FOR = 0.02  # seconds of the processor after which a time is not taken again
# The λ past the sidebar's, up to λ_max
_BEYOND = (1.2, 1.4, 1.7, 2, 2.4, 2.8, 3.4, 4, 4.8, 5.6, 6.7, 8, 9.5, 11, 13, 16, 19, 22)

brightest = cached(comparison.brightest)


class Optimum(NamedTuple):
    """The exact optimum of n pictures on one dictionary."""

    codes: np.ndarray  # (n, d_s)
    objective: np.ndarray  # (n,) F*
    gap: float  # the worst relative duality gap
    milliseconds: float


class Descent(NamedTuple):
    """`HORIZON` iterations of a solver, entry 0 the start. Distances are in % of the mean optimum (`evaluation.rank`)."""

    course: Sweep  # after the numbers of iterations that were asked for
    excess: np.ndarray  # (HORIZON + 1,) over the optimum on the shared dictionary
    own_excess: np.ndarray  # (HORIZON + 1,) over that on the solver's own: what its iterations miss
    safeguarded: np.ndarray | None  # (HORIZON, n) where the safeguard acted, if it was on
    failure: solvers.Failed | None  # why, where codes of some iteration are not finite


def compute_each(
    chosen: Sequence[Model], compute: Callable[[Model], Any]
) -> tuple[dict[str, Any], list[str]]:
    """Return what `compute` returns for each model, by label, and a sentence for each model for which it failed."""
    computed, failed = {}, []
    for model in chosen:
        try:
            computed[model.label] = compute(model)
        except Exception as error:  # a guest's, as a rule, which costs this solver its card alone
            failed.append(describe_models.not_shown(model, error))
    return computed, failed


# At one λ -------------------------------------------------------------------------------------------------------------


def exact(data: str, pixels: np.ndarray, lam: float) -> Optimum:
    """Return the optimum on the dictionary in use for `data`, each sample's relative gap ≤ 1e-6."""
    return exact_on(sets.dictionary(data), pixels, lam, False)


@cached
def exact_on(B: Tensor, pixels: np.ndarray, lam: float, positive: bool) -> Optimum:
    """Return the optimum on any dictionary B (d_x, d_s), with `positive` that of codes ≥ 0."""
    x = torch.from_numpy(pixels)
    _warm_up(x.shape, B.shape)
    solve = partial(lasso.solve, x, B, lam, tol=1e-6, positive=positive)
    solution, milliseconds = timed(solve, repeats=1)
    F = lasso.objective(x.double(), solution.codes.double(), B.double(), lam)
    return Optimum(solution.codes.numpy(), F.numpy(), solution.gap.max().item(), milliseconds)


def best(model: Model, pixels: np.ndarray, lam: float) -> Optimum:
    """Return the optimum on a solver's own atoms, scaled to norm 1, where it has learned some; else on the shared ones."""
    if not model.own_atoms:
        return exact(model.data, pixels, lam)
    B, positive = models.unit_atoms(model), models.build(model).traits.positive
    return exact_on(B, models.centred(model, pixels), lam, positive, private=model.is_private)


@lru_cache(256)
def _warm_up(x: tuple[int, int], B: tuple[int, int]) -> None:
    """Solve a problem of these sizes once, so that no time that is shown has the compiler's in it."""
    ones = torch.ones(x, dtype=torch.float32), lasso.normalised(torch.ones(B, dtype=torch.float32))
    lasso.solve(*ones, url.default("lam"), tol=1e-6)


def descent(
    model: Model,
    pixels: np.ndarray,
    lam: float,
    stops: Sequence[int] = ALL,
    safeguard: bool = False,
    steps: int = HORIZON,
) -> Descent:
    """Return what `model` does to `pixels` (n, d_x) at λ, iteration by iteration, with or without the safeguard.

    Its course has the codes after each number of iterations in `stops`, ascending. `solvers.Failed` where codes up to
    iteration `steps` are not finite; later ones need not be.
    """
    path = _descent(model, pixels, lam, tuple(stops), safeguard)
    if path.failure is not None and not np.isfinite(path.excess[: steps + 1]).all():
        raise path.failure
    return path


@cached
def _descent(
    model: Model, pixels: np.ndarray, lam: float, stops: tuple[int, ...], safeguard: bool
) -> Descent:
    """Compute `descent` to iteration `HORIZON`; where codes are not finite, it has the failure and raises nothing."""
    solver, x = models.build(model), torch.from_numpy(pixels)
    beyond, failure = models.guard(model, safeguard), None
    guard = None if beyond is None else Safeguard(solver, x, lam, beyond)
    with torch.no_grad():
        states = solvers.unroll(guard or solver, x, lam, HORIZON, record=True)
    codes = torch.stack([state.codes for state in states])
    try:
        solvers.finite(solver, codes, first=0)
    except solvers.Failed as error:
        failure = error
    peak = sets.peak(model.data)
    course = sweeps.measured(solver.centred(x), codes, models.atoms(model), ALL, lam, peak)
    optima = exact(model.data, pixels, lam), best(model, pixels, lam)
    safeguarded = None if guard is None else torch.stack(guard.acted).numpy()
    return Descent(course.select(stops), *_excess(course, optima), safeguarded, failure)


def _excess(sweep: Sweep, optima: Sequence[Optimum | Sweep]) -> list[np.ndarray]:
    """Return how far F of a sweep is above each of the optima, in %: (stops,) each."""
    F = torch.from_numpy(sweep.objective)
    return [evaluation.excess(F, torch.from_numpy(optimum.objective)).numpy() for optimum in optima]


def find_runaways(
    chosen: Sequence[Model], paths: Mapping[str, Descent], pixels: np.ndarray, steps: int
) -> list[Model]:
    """Return the models of which F of a picture is above 2 F(0) after `steps` iterations; of one that F does not rank its
    first part counts, the squared error."""
    runaways = []
    for model in chosen:
        course = paths[model.label].course
        end = course.select([course.stops.tolist().index(steps)])
        end = replace(end, objective=end.loss) if models.why_unranked(model) else end
        if sweeps.runs_away(end, pixels)[0]:
            runaways.append(model)
    return runaways


def courses(ranked: Sequence[Model], paths: Mapping[str, Descent]) -> dict:
    """Return what the browser must know of models that F ranks to say which is ahead, and why (browser/why.js): their
    distances after 0, 1, … iterations, to the optimum on atoms of their own where they have some, and whether they have
    learned."""

    def rounded(distances: np.ndarray) -> list[float]:
        finite = np.nan_to_num(distances, nan=1e9, posinf=1e9)
        return [float(f"{distance:.6g}") for distance in finite]

    by_label = {
        model.label: {
            "far": rounded(paths[model.label].excess),
            "own": rounded(paths[model.label].own_excess) if model.own_atoms else None,
            "learned": model.traits.learned,
        }
        for model in ranked
    }
    return {"ranked": list(by_label), "courses": by_label}


def describe_runaways(runaways: Sequence[Model]) -> str:
    """Return a sentence on the models that have run away, and what stops them; "" without one."""
    if not runaways:
        return ""
    return phrases.ngettext(
        "{solvers} runs away: F is above 2 F(0), twice that of the empty code. Turn the safeguard on to stop that.",
        "{solvers} run away: F is above 2 F(0), twice that of the empty code. Turn the safeguard on to stop that.",
        len(runaways),
        solvers=phrases.listed([model.label for model in runaways]),
    )


def describe_blanks(pixels: np.ndarray, noun: str) -> str:
    """Return a sentence on the pictures or rows (n, d_x) that a mean PSNR leaves out, where there are others; else "", the
    empty text."""
    count = int((pixels == 0).all(1).sum())
    if not 0 < count < len(pixels):
        return ""
    return _(
        "The mean PSNR leaves out what is blank and has no error: {rows}.",
        rows=count_rows(count, noun),
    )


@cached
def spread(model: Model, lam: float, steps: int, safeguard: bool = False) -> np.ndarray:
    """Return the distance to the optimum after `steps` iterations, in %, of each of `evaluation.SPREAD` test pictures,
    (n,)."""
    solver, images = models.build(model), sets.images(model.data)
    x = images.pixels[evaluation.subset(len(images))]
    with torch.no_grad():
        ends = inspection.ends(solver, x, lam, steps, models.guard(model, safeguard))
    codes = solvers.finite(solver, ends.codes)
    F = torch.from_numpy(exact(model.data, x.numpy(), lam).objective)
    atoms = models.atoms(model)
    return evaluation.distances(solver.centred(x), codes, atoms, lam, F).numpy()


@cached
def trace(model: Model, pixels: np.ndarray, lam: float, steps: int) -> solvers.Trajectory:
    """Return everything that `steps` iterations of `model` compute, with the safeguard where it acts without being asked
    for."""
    solver, beyond = models.build(model), models.acts_beyond(model, steps)
    with torch.no_grad():
        path = inspection.traced(solver, torch.from_numpy(pixels), lam, steps, beyond)
    solvers.finite(solver, path.codes, first=0)
    return path


def probabilities(model: Model, movement: Moving) -> dict[str, np.ndarray]:
    """Return Eq. (12)'s softmax of the codes at the stops of each slider, (stops, n, classes), for a model with a head; {}
    without."""
    solver = models.build(model)
    if solver.C is None:
        return {}
    codes = {axis: torch.from_numpy(sweep.codes) for axis, sweep in movement.sweeps.items()}
    return {axis: torch.softmax(solver.head(s), -1).numpy() for axis, s in codes.items()}


@cached
def pace(model: Model, count: int, safeguard: bool) -> np.ndarray:
    """Return the milliseconds until each iteration of `descent` on `count` pictures is done, (HORIZON + 1,): what is computed
    once, and the iterations evenly. An iteration's work does not depend on the pictures and λ."""
    solver, images = models.build(model), sets.images(model.data)
    x, beyond = images.pixels[torch.arange(count) % len(images)], models.guard(model, safeguard)
    with torch.no_grad():
        run = partial(inspection.ends, solver, x, url.default("lam"), beyond=beyond)
        run(1)  # the first call in a thread takes longer
        first, last = (timed(partial(run, steps))[1] for steps in (0, HORIZON))
    return np.linspace(first, last, HORIZON + 1)


def timed(call: Callable[[], Any], repeats: int = 5) -> tuple[Any, float]:
    """Return what `call` returns, and the milliseconds that it takes of the processor on this thread: the best of `repeats`
    runs, or of as many as `TIMED_FOR` allows. Others who share the machine do not count."""
    times: list[float] = []
    while len(times) < repeats and sum(times) < TIMED_FOR:
        start = time.thread_time()
        result = call()
        times.append(time.thread_time() - start)
    return result, 1e3 * min(times)


# At every λ -----------------------------------------------------------------------------------------------------------


def lambda_max(data: str, pixels: np.ndarray) -> np.ndarray:
    """Return the λ at which each picture's codes are all zero, (n,)."""
    return lasso.lambda_max(torch.from_numpy(pixels), sets.dictionary(data)).numpy()


def exact_sweep(data: str, pixels: np.ndarray, lam: float, beyond: bool = True) -> Sweep:
    """Return the optimum on the dictionary in use for `data`, at the stops of λ, at `lam`, and `beyond`, up to λ_max."""
    B, peak = sets.dictionary(data), sets.peak(data)
    compute = partial(_exact_sweep, B, pixels, peak=peak, positive=False)
    return _join_stops(compute, lam, _lams_beyond(data, pixels) if beyond else ())


def exact_sweep_of(model: Model, pixels: np.ndarray, lam: float) -> Sweep:
    """Return the optimum at the stops of λ on the atoms of `model`, scaled to norm 1 where it has learned some, of codes ≥ 0
    where its own are."""
    B = models.unit_atoms(model) if model.own_atoms else sets.dictionary(model.data)
    compute = partial(
        _exact_sweep,
        B,
        models.centred(model, pixels),
        peak=sets.peak(model.data),
        positive=models.build(model).traits.positive,
        private=model.is_private,
    )
    return _join_stops(compute, lam)


@cached
def _exact_sweep(
    B: Tensor, pixels: np.ndarray, lams: tuple[float, ...], peak: float, positive: bool
) -> Sweep:
    """Return the optimum on B (d_x, d_s) at each λ of `lams`. peak: the range of the values, for PSNR."""
    x = torch.from_numpy(pixels)
    if len(lams) > 1:
        return sweeps.exact(x, B, lams, peak, positive)
    codes = torch.from_numpy(exact_on(B, pixels, *lams, positive).codes)[None]
    return sweeps.measured(x, codes, B, lams, lams, peak)


@cached
def refitted(
    B: Tensor, pixels: np.ndarray, codes: np.ndarray, lams: tuple[float, ...], peak: float
) -> Sweep:
    """Return the codes without the shrinkage: least squares on the atoms of B (d_x, d_s) that the exact `codes` use, at the
    same λ of `lams`. peak: the range of the values, for PSNR."""
    x = torch.from_numpy(pixels)
    codes = refitting.refitted(x, torch.from_numpy(codes), B)
    return sweeps.measured(x, codes, B, lams, lams, peak)


def sweep(
    model: Model,
    pixels: np.ndarray,
    steps: int,
    lam: float,
    beyond: bool = True,
    safeguard: bool = False,
) -> Sweep:
    """Return what `model` reaches in `steps` iterations at each λ of `exact_sweep`; a learned one only at those that networks
    are trained for."""
    lams = _lams_beyond(model.data, pixels) if beyond and not model.traits.learned else ()
    compute = partial(_sweep, model, pixels, steps=steps, safeguard=safeguard)
    return _join_stops(compute, lam, lams)


@cached
def _sweep(
    model: Model, pixels: np.ndarray, lams: tuple[float, ...], steps: int, safeguard: bool
) -> Sweep:
    """Return what `model` reaches in `steps` iterations at each λ of `lams`."""
    solver, beyond = models.build(model), models.guard(model, safeguard)
    peak = sets.peak(model.data)
    return sweeps.coded(solver, torch.from_numpy(pixels), lams, steps, peak, beyond)


def _lams_beyond(data: str, pixels: np.ndarray) -> tuple[float, ...]:
    """Return the λ past the sidebar's, up to the largest λ_max of the pictures."""
    top = float(lambda_max(data, pixels).max(initial=0))
    return *(lam for lam in _BEYOND if lam < top), *([top] if top > url.LAM.high else [])


def _join_stops(
    compute: Callable[[tuple[float, ...]], Sweep], lam: float, lams: tuple[float, ...] = ()
) -> Sweep:
    """Return a sweep at the marks of λ, which are computed once for every λ and page, at `lams`, and at `lam`."""
    groups = [url.LAM.marks, *filter(None, [lams])]
    if lam not in (*url.LAM.marks, *lams):
        groups.append((lam,))
    first, *others = map(compute, groups)
    return sweeps.merged(first, *others) if others else first  # as its arrays' digests are kept


def movement(
    model: Model,
    pixels: np.ndarray,
    lam: float,
    steps: int,
    safeguard: bool,
    axis: str = "T",
    compares_own: bool = True,
) -> Moving:
    """Return what `model` reaches in `steps` iterations at every stop of λ, and at this λ in as many as each stop of T, or
    with the axis "t" in each number of iterations. One that takes no λ for each picture holds still while λ moves.
    compares_own: whether its distances to the optimum on atoms of its own are asked for as well."""
    stops = url.stops("T", steps) if axis == "T" else ALL
    path = descent(model, pixels, lam, stops, safeguard, steps)
    optima = [exact_sweep(model.data, pixels, lam, beyond=False)]
    compares_own = compares_own and model.own_atoms
    if compares_own:
        optima.append(exact_sweep_of(model, pixels, lam))
    failure, places = "", list(stops)
    try:
        by_lam = sweep(model, pixels, steps, lam, beyond=False, safeguard=safeguard)
        excess, *own_excess = _excess(by_lam, optima)
    except Exception as error:  # a guest's, at λ as (n, 1)
        failure = describe_models.describe_failure(model, error)
        by_lam = path.course.select([stops.index(steps)])
        excess, *own_excess = path.excess[[steps]], path.own_excess[[steps]]
    milliseconds = None
    if axis == "T":
        times = pace(model, len(pixels), safeguard)
        milliseconds = {
            "lam": np.full(len(url.stops("lam", lam)), times[steps]),
            "T": times[places],
        }
    return Moving(
        models.atoms(model).numpy(),
        {"lam": by_lam, axis: path.course},
        {"lam": excess, axis: path.excess[places]},
        {"lam": own_excess[0], axis: path.own_excess[places]} if compares_own else None,
        milliseconds,
        failure,
        models.offset(model),
    )


def movement_of_optimum(data: str, pixels: np.ndarray, lam: float) -> Moving:
    """Return the optimum at every stop of λ. T does not move it."""
    by_lam = exact_sweep(data, pixels, lam, beyond=False)
    zeros, times = (
        {"lam": np.full(len(by_lam.stops), value), "T": np.full(1, value)}
        for value in (0.0, exact(data, pixels, lam).milliseconds)
    )
    by_axis = {"lam": by_lam, "T": by_lam.select([by_lam.place(lam)])}
    return Moving(sets.dictionary(data).numpy(), by_axis, zeros, None, times)
