"""Results of a model on some pictures: its codes, the way there, every λ, and the certified optimum it is measured by.

All are cached (`ui.cache`). A descent goes to `HORIZON` iterations whatever T the reader asks for, so that moving T
computes nothing. Of many pictures it keeps the codes at the slider's stops alone, which are the most of what is kept.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial, reduce
from typing import Any, TypeVar

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
from sc2viz.ui.cache import Named, cached, digest
from sc2viz.ui.models import Model

HORIZON = 100  # iterations
ALL = tuple(range(HORIZON + 1))
TIMED_FOR = 0.02  # seconds of the processor: a time is taken again while less has gone by
_BEYOND = (
    1.2,
    1.4,
    1.7,
    2,
    2.4,
    2.8,
    3.4,
    4,
    4.8,
    5.6,
    6.7,
    8,
    9.5,
    11,
    13,
    16,
    19,
    22,
)  # past the sidebar's, up to λ_max


@dataclass(frozen=True, eq=False)
class Optimum:
    """The exact optimum of n pictures on one dictionary."""

    codes: np.ndarray  # (n, d_s)
    objective: np.ndarray  # (n,) F*
    gap: float  # the worst relative duality gap
    milliseconds: float


@dataclass(frozen=True, eq=False)
class Descent:
    """A solver's way through `HORIZON` iterations, entry 0 the start."""

    course: Sweep  # after the numbers of iterations that were asked for
    excess: (
        np.ndarray
    )  # (HORIZON + 1,) `evaluation.rank`, in % of the mean optimum on the shared dictionary
    own: np.ndarray  # (HORIZON + 1,) the same by the optimum on the solver's own dictionary: what its iterations miss
    safeguarded: np.ndarray | None = None  # (HORIZON, n) where the safeguard acted, if it was on
    failure: solvers.Failed | None = None  # why, where codes of some iteration are not finite


Found = TypeVar("Found")


def each(
    chosen: Sequence[Model], compute: Callable[[Model], Found]
) -> tuple[dict[str, Found], list[str]]:
    """What `compute` finds for each model, by label, and a sentence for each that failed: it costs this one its card."""
    found, failed = {}, []
    for model in chosen:
        try:
            found[model.label] = compute(model)
        except Exception as error:  # a guest's, as a rule
            failed.append(describe_models.not_shown(model, error))
    return found, failed


# At one λ -------------------------------------------------------------------------------------------------------------


def exact(data: str, pixels: np.ndarray, lam: float) -> Optimum:
    """The optimum on the dictionary that ships for `data`, each sample's relative gap ≤ 1e-6."""
    return exact_on(sets.dictionary(data), pixels, lam)


@cached
def exact_on(B: Tensor, pixels: np.ndarray, lam: float, positive: bool = False) -> Optimum:
    """The optimum on any dictionary B (d_x, d_s), with `positive` that of codes ≥ 0."""
    x = torch.from_numpy(pixels)
    _warm(x.shape, B.shape)
    solution, milliseconds = timed(
        partial(lasso.solve, x, B, lam, tol=1e-6, positive=positive), repeats=1
    )
    objective = lasso.objective(x.double(), solution.codes.double(), B.double(), lam)
    return Optimum(
        solution.codes.numpy(), objective.numpy(), solution.gap.max().item(), milliseconds
    )


def descent(
    model: Model,
    pixels: np.ndarray,
    lam: float,
    kept: Sequence[int] = ALL,
    safeguard: bool = False,
    steps: int = HORIZON,
) -> Descent:
    """What `model` does to `pixels` (n, d_x) at λ, iteration by iteration, with or without the safeguard.

    Its course has the codes after each number of iterations in `kept`, ascending. `solvers.Failed` where codes up to
    iteration `steps` are not finite; later ones need not be.
    """
    path = _descent(
        model, pixels, lam, tuple(kept), sets.peak(model.data), models.guard(model, safeguard)
    )
    if path.failure is not None and not np.isfinite(path.excess[: steps + 1]).all():
        raise path.failure
    return path


@cached
def _descent(
    model: Model,
    pixels: np.ndarray,
    lam: float,
    kept: tuple[int, ...],
    peak: float,
    beyond: int | None,
) -> Descent:
    solver, x = models.build(model), torch.from_numpy(pixels)
    guard = None if beyond is None else Safeguard(solver, x, lam, beyond)
    with torch.no_grad():
        states = solvers.unroll(guard or solver, x, lam, HORIZON, record=True)
    codes, failure = torch.stack([state.codes for state in states]), None
    try:
        solvers.finite(solver, codes, first=0)
    except solvers.Failed as error:
        failure = error
    whole = sweeps.measured(solver.centred(x), codes, models.atoms(model), ALL, lam, peak)
    objective, optima = (
        torch.from_numpy(whole.objective),
        (exact(model.data, pixels, lam), best(model, pixels, lam)),
    )
    excess, own = (
        evaluation.excess(objective, torch.from_numpy(each.objective)).numpy() for each in optima
    )
    return Descent(
        whole.at(kept),
        excess,
        own,
        None if guard is None else torch.stack(guard.acted).numpy(),
        failure,
    )


def away(
    chosen: Sequence[Model], paths: Mapping[str, Descent], pixels: np.ndarray, steps: int
) -> list[Model]:
    """The models that have run away after `steps` iterations: F of a picture is above 2 F(0); of one that F does not rank its
    first part is, the squared error."""
    runaways = []
    for model in chosen:
        course = paths[model.label].course
        end = course.one(course.stops.tolist().index(steps))
        end = replace(end, objective=end.loss) if models.aside(model) else end
        if sweeps.runs_away(end, pixels)[0]:
            runaways.append(model)
    return runaways


def courses(ranked: Sequence[Model], paths: Mapping[str, Descent]) -> dict:
    """What the browser must know of models that F ranks to say which is ahead, and why (browser/why.js): their distances
    after 0, 1, … iterations, to the optimum on atoms of their own where they have some, and whether they have learned."""

    def rounded(distances: np.ndarray) -> list[float]:
        finite = np.nan_to_num(distances, nan=1e9, posinf=1e9)
        return [float(f"{distance:.6g}") for distance in finite]

    def course(model: Model) -> dict:
        path = paths[model.label]
        own = rounded(path.own) if model.own_atoms else None
        return {"far": rounded(path.excess), "own": own, "learned": model.traits.learned}

    return {
        "ranked": [model.label for model in ranked],
        "courses": {model.label: course(model) for model in ranked},
    }


def told_of_away(gone: Sequence[Model]) -> str:
    """A sentence on the models that have run away, and what stops them; "" without one."""
    return (
        phrases.ngettext(
            "{solvers} runs away: F is above 2 F(0), twice that of the empty code. Turn the safeguard on to stop that.",
            "{solvers} run away: F is above 2 F(0), twice that of the empty code. Turn the safeguard on to stop that.",
            len(gone),
            solvers=phrases.listed([model.label for model in gone]),
        )
        if gone
        else ""
    )


def told_of_blank(pixels: np.ndarray, noun: str) -> str:
    """A sentence on the pictures or rows (n, d_x) that a mean PSNR leaves out, where there are others; else ""."""
    blank = int((pixels == 0).all(1).sum())
    if not 0 < blank < len(pixels):
        return ""
    if noun == "row":
        return phrases.ngettext(
            "{n} row is zero and has no error: the mean PSNR is that of the others.",
            "{n} rows are zero and have no error: the mean PSNR is that of the others.",
            blank,
        )
    return phrases.ngettext(
        "{n} picture is blank and has no error: the mean PSNR is that of the others.",
        "{n} pictures are blank and have no error: the mean PSNR is that of the others.",
        blank,
    )


def pace(model: Model, pixels: np.ndarray, lam: float, safeguard: bool = False) -> np.ndarray:
    """The milliseconds until each iteration of `descent` is done, for all pictures together: (HORIZON + 1,)."""
    return _pace(model, len(pixels), models.guard(model, safeguard))


def spread(model: Model, lam: float, steps: int, safeguard: bool = False) -> np.ndarray:
    """The distance to the optimum after `steps` iterations, in %, of each of `evaluation.SPREAD` test pictures, (n,)."""
    images = sets.images(model.data)
    pixels = images.pixels[evaluation.subset(len(images))].numpy()
    return _distances(model, pixels, lam, steps, models.guard(model, safeguard))


@cached
def _distances(
    model: Model, pixels: np.ndarray, lam: float, steps: int, beyond: int | None
) -> np.ndarray:
    solver, x = models.build(model), torch.from_numpy(pixels)
    with torch.no_grad():
        codes = solvers.finite(solver, inspection.ends(solver, x, lam, steps, beyond).codes)
    best = torch.from_numpy(exact(model.data, pixels, lam).objective)
    return evaluation.distances(
        solver.centred(x), codes, solver.dictionary.detach(), lam, best
    ).numpy()


@cached
def trace(model: Model, pixels: np.ndarray, lam: float, steps: int) -> solvers.Trajectory:
    """Everything that `steps` iterations of `model` compute, with the safeguard where it acts without being asked for."""
    solver = models.build(model)
    with torch.no_grad():
        path = inspection.traced(
            solver, torch.from_numpy(pixels), lam, steps, models.acts_beyond(model, steps)
        )
    solvers.finite(solver, path.codes, first=0)
    return path


def probabilities(model: Model, codes: np.ndarray) -> np.ndarray | None:
    """Eq. (12)'s softmax of codes (…, d_s): (…, classes), for a model with a head; None without one."""
    solver = models.build(model)
    if solver.C is None:
        return None
    return torch.softmax(solver.head(torch.from_numpy(codes)), -1).numpy()


def best(model: Model, pixels: np.ndarray, lam: float) -> Optimum:
    """The optimum on a solver's own atoms, scaled to norm 1, where it has learned some; else on the shared ones."""
    if not model.own_atoms:
        return exact(model.data, pixels, lam)
    B, positive = models.unit_atoms(model), models.build(model).traits.positive
    return exact_on(B, models.centred(model, pixels), lam, positive, private=bool(model.mark))


@lru_cache(256)
def _warm(x: tuple[int, int], B: tuple[int, int]) -> None:
    """Solve a problem of these sizes once, so that no time that is shown has the compiler's in it."""
    ones = torch.ones(x, dtype=torch.float32), lasso.normalised(torch.ones(B, dtype=torch.float32))
    lasso.solve(*ones, url.default("lam"), tol=1e-6)


@cached
def _pace(model: Model, count: int, beyond: int | None) -> np.ndarray:
    """The milliseconds until each iteration on so many pictures is done: what is computed once, and the iterations evenly.

    It is measured once for all pictures and all λ, on which an iteration's work does not depend.
    """
    solver, images = models.build(model), sets.images(model.data)
    x = images.pixels[torch.arange(count) % len(images)]
    with torch.no_grad():
        run = partial(inspection.ends, solver, x, url.default("lam"), beyond=beyond)
        run(1)  # the first call in a thread takes longer
        first, last = (timed(partial(run, steps))[1] for steps in (0, HORIZON))
    return np.linspace(first, last, HORIZON + 1)


def timed(call: Callable[[], Any], repeats: int = 5) -> tuple[Any, float]:
    """What `call` returns, and the milliseconds that it takes of the processor on this thread: the best of `repeats` runs,
    or of as many as `TIMED_FOR` allows. Others who share the machine do not count."""
    times: list[float] = []
    while len(times) < repeats and sum(times) < TIMED_FOR:
        began = time.thread_time()
        found = call()
        times.append(time.thread_time() - began)
    return found, 1e3 * min(times)


# At every λ -----------------------------------------------------------------------------------------------------------


def lambda_max(data: str, pixels: np.ndarray) -> np.ndarray:
    """The λ at which each picture's codes are all zero, (n,)."""
    return lasso.lambda_max(torch.from_numpy(pixels), sets.dictionary(data)).numpy()


def exact_sweep(data: str, pixels: np.ndarray, lam: float, beyond: bool = True) -> Sweep:
    """The optimum on the dictionary in use for `data`, at the stops of λ, at `lam`, and `beyond`, up to λ_max."""
    return _exact_stops(
        sets.dictionary(data), pixels, lam, sets.peak(data), _beyond(data, pixels) if beyond else ()
    )


def refitted(data: str, pixels: np.ndarray, best: Sweep) -> Sweep:
    """Without the shrinkage: least squares on the atoms that the exact codes `best` use, at the same λ."""
    own = np.array(
        [lam <= url.LAM.high and lam not in url.LAM.marks for lam in best.stops.tolist()]
    )
    parts = [
        _refitted(
            sets.dictionary(data),
            pixels,
            best.codes[some],
            tuple(best.stops[some].tolist()),
            sets.peak(data),
        )
        for some in (~own, own)
        if some.any()
    ]
    return reduce(sweeps.merged, parts)


def sweep(
    model: Model,
    pixels: np.ndarray,
    steps: int,
    lam: float,
    beyond: bool = True,
    safeguard: bool = False,
) -> Sweep:
    """`model` after `steps` iterations, at the same λ; a learned one only at those that networks are trained for."""
    more = _beyond(model.data, pixels) if beyond and not model.traits.learned else ()
    guard = models.guard(model, safeguard)

    def at(lams: tuple[float, ...]) -> Sweep:
        return _sweep(model, pixels, steps, lams, sets.peak(model.data), guard)

    return _with_own(more, lam, at, lambda: at((lam,)))


def moving(
    model: Model, pixels: np.ndarray, lam: float, steps: int, safeguard: bool = False
) -> Moving:
    """`model` at every stop of the two sliders. One that takes no λ for each picture holds still while λ moves."""
    T, took = url.stops("T", steps), pace(model, pixels, lam, safeguard)
    milliseconds = {"lam": np.full(len(url.stops("lam", lam)), took[steps]), "T": took[list(T)]}
    return replace(_moving(model, pixels, lam, steps, "T", T, safeguard), milliseconds=milliseconds)


def stepping(
    model: Model, pixels: np.ndarray, lam: float, t: int, safeguard: bool = False
) -> Moving:
    """`model` after each iteration at this λ, the axis "t", and after `t` of them at every stop of λ."""
    return _moving(model, pixels, lam, t, "t", ALL, safeguard)


def _moving(
    model: Model,
    pixels: np.ndarray,
    lam: float,
    steps: int,
    axis: str,
    at: tuple[int, ...],
    safeguard: bool,
):
    """After `steps` iterations at every stop of λ, and after each number of them in `at`, on that axis."""
    way = descent(model, pixels, lam, at, safeguard, steps)
    peak = sets.peak(model.data)
    optima, still = (
        (
            _exact_stops(sets.dictionary(model.data), pixels, lam, peak),
            exact_sweep_of(model, pixels, lam),
        ),
        "",
    )
    try:
        here = sweep(model, pixels, steps, lam, beyond=False, safeguard=safeguard)
        F = torch.from_numpy(here.objective)
        shared, own = (
            {"lam": evaluation.excess(F, torch.from_numpy(best.objective)).numpy()}
            for best in optima
        )
    except Exception as error:  # a guest's, at λ as (n, 1)
        here, still = way.course.one(at.index(steps)), describe_models.wrong(model, error)
        shared, own = ({"lam": distances[steps : steps + 1]} for distances in (way.excess, way.own))
    shared[axis], own[axis] = way.excess[list(at)], way.own[list(at)]
    sweeps_by_axis, own = {"lam": here, axis: way.course}, own if model.own_atoms else None
    return Moving(
        models.drawn_atoms(model), sweeps_by_axis, shared, own, None, still, models.offset(model)
    )


def exact_sweep_of(model: Model, pixels: np.ndarray, lam: float) -> Sweep:
    """The optimum at the stops of λ on the atoms of `model`, scaled to norm 1 where it has learned some, of codes ≥ 0 where
    its own are."""
    B = models.unit_atoms(model) if model.own_atoms else sets.dictionary(model.data)
    positive = models.build(model).traits.positive
    return _exact_stops(
        B, models.centred(model, pixels), lam, sets.peak(model.data), positive=positive
    )


def moving_optimum(data: str, pixels: np.ndarray, lam: float) -> Moving:
    """The optimum at every stop of λ. T does not move it."""
    found, took = (
        exact_sweep(data, pixels, lam, beyond=False),
        exact(data, pixels, lam).milliseconds,
    )
    still = found.one(found.place(lam))
    zeros, times = (
        {"lam": np.full(len(found.stops), value), "T": np.full(1, value)} for value in (0.0, took)
    )
    return Moving(sets.atoms(data), {"lam": found, "T": still}, zeros, None, times)


def _beyond(data: str, pixels: np.ndarray) -> tuple[float, ...]:
    top = float(lambda_max(data, pixels).max(initial=0))
    return *(lam for lam in _BEYOND if lam < top), *([top] if top > url.LAM.high else [])


def _with_own(
    more: tuple[float, ...],
    lam: float,
    at: Callable[[tuple[float, ...]], Sweep],
    own: Callable[[], Sweep],
) -> Sweep:
    """The stops of λ with the one at hand and `more` among them. Those at the marks are the same for every λ and page."""
    parts = [
        at(url.LAM.marks),
        *([at(more)] if more else []),
        *([] if lam in (*url.LAM.marks, *more) else [own()]),
    ]
    return reduce(sweeps.merged, parts)


def _exact_stops(
    B: Tensor,
    pixels: np.ndarray,
    lam: float,
    peak: float,
    more: tuple[float, ...] = (),
    positive: bool = False,
) -> Sweep:
    """The optimum on B at the marks, at `lam` and at `more`, with `positive` that of codes ≥ 0."""
    return _with_own(
        more,
        lam,
        lambda lams: _exact_sweep(B, pixels, lams, peak, positive),
        lambda: _exact_stop(B, pixels, lam, peak, positive),
    )


@cached
def _exact_stop(B: Tensor, pixels: np.ndarray, lam: float, peak: float, positive: bool) -> Sweep:
    codes = torch.from_numpy(exact_on(B, pixels, lam, positive).codes)[None]
    return sweeps.measured(torch.from_numpy(pixels), codes, B, (lam,), lam, peak)


@cached
def _exact_sweep(
    B: Tensor, pixels: np.ndarray, lams: tuple[float, ...], peak: float, positive: bool
) -> Sweep:
    return sweeps.exact(torch.from_numpy(pixels), B, lams, peak, positive)


@cached
def _refitted(
    B: Tensor, pixels: np.ndarray, codes: np.ndarray, lams: tuple[float, ...], peak: float
) -> Sweep:
    x = torch.from_numpy(pixels)
    return sweeps.measured(
        x, refitting.refitted(x, torch.from_numpy(codes), B), B, lams, lams, peak
    )


@cached
def _sweep(
    model: Model,
    pixels: np.ndarray,
    steps: int,
    lams: tuple[float, ...],
    peak: float,
    guard: int | None,
) -> Sweep:
    return sweeps.coded(models.build(model), torch.from_numpy(pixels), lams, steps, peak, guard)


def by_numbers(moving: Moving) -> Named:
    """`moving` by what words on it read: its numbers at all stops."""
    by_axis = [getattr(moving, name) or {} for name in ("excess", "own", "milliseconds")]
    parts = [part for parts in by_axis for part in parts.values()]
    parts += [
        getattr(sweep, name)
        for sweep in moving.sweeps.values()
        for name in ("loss", "objective", "nonzero", "psnr")
    ]
    return Named((*moving.sweeps, *map(len, by_axis), moving.atoms.shape, digest(parts)), moving)


brightest = cached(comparison.brightest)
