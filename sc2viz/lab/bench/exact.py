"""`bench exact`: exact codes a second, proved by float64 gaps."""

import itertools
from functools import partial
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from sc2viz import checkpoints, data, device, lasso
from sc2viz.exact.problem import remembered
from sc2viz.lab.bench.stopwatch import Stopwatch, print_table

Row = dict[str, Any]
TOLERANCES = 1e-4, 1e-6
SHARES = 0.5, 0.1, 0.02  # λ/λ_max of the table of shapes
SAMPLES = 20, 2000
PLANTED, NOISE = 32, 0.1  # a planted signal has so many atoms, and noise of this share of its norm
PAGES = {"mnist-5k": "mnist", "digits": "digits", "patches": "patches"}  # their dictionaries


def run(arguments):
    watch, repeats = Stopwatch(arguments.processor_time), arguments.repeats
    lasso.warm_up().join()
    with device.threads(watch.cores), threadpool_limits(watch.cores):
        print(watch.label)
        if arguments.shape:
            print_table(time_shapes(watch, arguments.shape, repeats))
        else:
            print_table(time_digits(watch, arguments.lam, repeats))
    if not arguments.shape:
        with device.threads(1):
            print_table(time_pages(watch, 4 * repeats))


def time_digits(watch, lam, repeats):
    """All test digits at one λ: of MNIST, or of the part that the package has."""
    name = "mnist" if "mnist" in data.available() else "mnist-5k"
    x, B = data.load(name, "test").pixels, checkpoints.load_dictionary("mnist")
    for tol in TOLERANCES:
        seconds, solution = watch.time(partial(lasso.solve, x, B, lam, tol=tol), repeats)
        yield {
            "data": name,
            "samples": len(x),
            "λ": lam,
            "gap ≤": tol,
            "codes a second": f"{len(x) / seconds:,.0f}",
            "worst gap": measure_worst_gap(x, solution.codes, B, lam),
        }


def time_shapes(watch, shapes, repeats):
    """Random and planted signals on dictionaries of these shapes, of which nothing is remembered."""
    for shape, signal in itertools.product(shapes, ("planted", "random")):
        samples, B = problem(*shape, max(SAMPLES), signal)
        for share, tol, count in itertools.product(SHARES, TOLERANCES, SAMPLES):
            x = samples[:count]
            seconds, solution = watch.time(partial(solve_afresh, x, B, share, tol), repeats)
            yield {
                "shape": "×".join(map(str, shape)),
                "signals": signal,
                "λ/λ_max": share,
                "gap ≤": tol,
                "samples": count,
                "ms a sample": round(1e3 * seconds / count, 3),
                "worst gap": measure_worst_gap(x, solution.codes, B, share),
            }


def time_pages(watch, repeats):
    """What a page asks for, in ms on one thread: one picture, sixteen, and every λ of sixteen.

    The dictionary is remembered from the call that warms up, as on a page, but for "new dictionary".
    """
    for name, folder in PAGES.items():
        x = data.load(name, split="test").pixels[:16]
        B = checkpoints.load_dictionary(folder)
        for lam in (0.5, 0.1, 0.01):
            calls = {
                "1 picture": partial(lasso.solve, x[:1], B, lam, tol=1e-6),
                "16 pictures": partial(lasso.solve, x, B, lam, tol=1e-6),
                "1, new dictionary": partial(solve_afresh, x[:1], B, lam, 1e-6),
                "16, every larger λ": partial(lasso.path, x, B, lam),
            }
            times = {label: watch.time(call, repeats)[0] for label, call in calls.items()}
            milliseconds = {label: round(1e3 * seconds, 2) for label, seconds in times.items()}
            yield {"ms on one thread": name, "λ": lam} | milliseconds


def problem(d_x, d_s, count, signal="random"):
    """Samples of λ_max = 1, and a Gaussian dictionary of unit atoms.

    `signal`: "random" for Gaussian ones, "planted" for PLANTED atoms of Gaussian weights, and noise.
    """
    generator = torch.Generator().manual_seed(0)
    B = lasso.normalised(torch.randn(d_x, d_s, generator=generator))
    x = torch.randn(count, d_x, generator=generator)
    if signal == "planted":
        chance = torch.rand(count, d_s, generator=generator)
        support = chance.topk(min(PLANTED, d_s), 1).indices
        weights = torch.randn(support.shape, generator=generator)
        planted = torch.zeros(count, d_s).scatter(1, support, weights) @ B.T
        x *= NOISE * planted.norm(dim=1, keepdim=True) / x.norm(dim=1, keepdim=True)
        x += planted
    return x / (x @ B).abs().amax(1, keepdim=True), B


def solve_afresh(x, B, lam, tol):
    """`lasso.solve` with all that it computes of B, which it else remembers."""
    remembered.cache_clear()
    return lasso.solve(x, B, lam, tol=tol)


def measure_worst_gap(x, codes, B, lam):
    """The largest duality gap of a sample, relative to F there, in float64."""
    problem = x.double(), codes.double(), B.double(), lam
    gaps = lasso.duality_gap(*problem) / lasso.objective(*problem)
    return float(f"{gaps.max().item():.1e}")
