"""`bench exact`: exact codes a second, proved by float64 gaps."""

import argparse
import itertools
import statistics
from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from sc2viz import checkpoints, data, device, lasso
from sc2viz.exact import problem as parts
from sc2viz.lab.bench.stopwatch import Stopwatch, digits, print_table

TOLERANCES = 1e-4, 1e-6
SHARES = 0.5, 0.1, 0.02  # λ/λ_max of the table of shapes
SAMPLES = 20, 2000
PLANTED, NOISE = 32, 0.1  # a planted signal has so many atoms, and noise of this share of its norm


def run(arguments: argparse.Namespace) -> None:
    watch, repeats = Stopwatch(arguments.processor_time), arguments.repeats
    lasso.warm_up().join()
    with watch.on_its_cores():
        print(watch.what)
        if arguments.shape:
            print_table(time_shapes(watch, arguments.shape, repeats))
        else:
            print_table(time_digits(watch, arguments.lam, repeats))
    if not arguments.shape:
        with device.threads(1):
            print_table(time_pictures(watch, 4 * repeats))
            print_table(time_paths(watch, 4 * repeats))


def time_digits(watch: Stopwatch, lam: float, repeats: int) -> Iterator[dict[str, Any]]:
    """All test digits of MNIST at one λ."""
    name, x, B = digits()
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


def time_shapes(
    watch: Stopwatch, shapes: list[tuple[int, int]], repeats: int
) -> Iterator[dict[str, Any]]:
    """Random and planted signals on dictionaries of these shapes, of which nothing is remembered."""
    for shape, signal in itertools.product(shapes, ("planted", "random")):
        x, B = problem(*shape, max(SAMPLES), signal)
        for share, tol, count in itertools.product(SHARES, TOLERANCES, SAMPLES):
            samples = x[:count]
            seconds, solution = watch.time(partial(solve_afresh, samples, B, share, tol), repeats)
            yield {
                "shape": "×".join(map(str, shape)),
                "signals": signal,
                "λ/λ_max": share,
                "gap ≤": tol,
                "samples": count,
                "ms a sample": round(1e3 * seconds / count, 3),
                "worst gap": measure_worst_gap(samples, solution.codes, B, share),
            }


def time_pictures(watch: Stopwatch, repeats: int) -> Iterator[dict[str, Any]]:
    """What a page asks for, in ms on one thread: one picture, and sixteen.

    The dictionary is remembered from the call that warms up, as on a page, but for "new dictionary".
    """
    for name, x, B in _page_problems():
        for lam in (0.5, 0.1, 0.01):
            calls = {
                "1 picture": partial(lasso.solve, x[:1], B, lam, tol=1e-6),
                "16 pictures": partial(lasso.solve, x, B, lam, tol=1e-6),
                "1, new dictionary": partial(solve_afresh, x[:1], B, lam, 1e-6),
            }
            times = {
                label: round(1e3 * watch.time(call, repeats)[0], 2) for label, call in calls.items()
            }
            yield {"ms on one thread": name, "λ": lam, **times}


def time_paths(watch: Stopwatch, repeats: int) -> Iterator[dict[str, Any]]:
    """Every λ of sixteen pictures, on one thread."""
    problems = [(*page, 0.01) for page in _page_problems()]
    for name, x, B, lam_min in [*problems, ("64×256, λ_max = 1", *problem(64, 256, 16), 0.02)]:
        seconds, path = watch.time(partial(lasso.path, x, B, lam_min), repeats)
        knots = statistics.mean(map(len, path.lam))
        yield {
            "every λ of 16": name,
            "ms": round(1e3 * seconds, 1),
            "knots a picture": round(knots),
        }


def _page_problems() -> list[tuple[str, Tensor, Tensor]]:
    """Sixteen test pictures of the data sets that pages open with, and their dictionaries."""
    trained = {"mnist-5k": "mnist", "digits": "digits", "patches": "patches"}
    return [
        (name, data.load(name, split="test").pixels[:16], checkpoints.load_dictionary(folder))
        for name, folder in trained.items()
    ]


def problem(d_x: int, d_s: int, count: int, signal: str = "random") -> tuple[Tensor, Tensor]:
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


def solve_afresh(x: Tensor, B: Tensor, lam: float, tol: float) -> lasso.Solution:
    """`lasso.solve` with all that it computes of B, which it else remembers."""
    parts.forget()
    return lasso.solve(x, B, lam, tol=tol)


def measure_worst_gap(x: Tensor, codes: Tensor, B: Tensor, lam: float) -> float:
    """The largest duality gap of a sample, relative to F there, in float64."""
    x, codes, B = x.double(), codes.double(), B.double()
    gaps = lasso.duality_gap(x, codes, B, lam) / lasso.objective(x, codes, B, lam)
    return float(f"{gaps.max().item():.1e}")
