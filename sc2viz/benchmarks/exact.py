"""`bench exact`: exact codes a second, proved by float64 gaps, beside the `peers` that are installed."""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor

from sc2viz import checkpoints, data, device, lasso
from sc2viz.benchmarks import peers
from sc2viz.cli import limits

clock = time.perf_counter
ALL_CORES = torch.get_num_threads()
SHARES = 0.5, 0.1, 0.02  # the values of λ/λ_max that are timed
TOLERANCES = 1e-4, 1e-6
SIZES = 20, 2000
WIDE = (768, 2048), (768, 4096)  # the shapes that `--peers` times, unless it is told others
# The shapes of `--choice`, unless it is told others.
CHOSEN = (64, 256), (64, 1200), (250, 500), (784, 512), (256, 1024), (512, 1024), *WIDE
FEW_AND_MANY = 1, 5, 20, 200  # its numbers of samples
SIGNALS = "planted", "random"
PLANTED, NOISE = 32, 0.1  # a planted signal has so many atoms, and noise of this share of its norm
SECONDS = 10.0  # a run that takes longer is not repeated, and another solver gets fewer samples
PAUSE = 0.5  # seconds before a measurement, in which the threads of the one before stop spinning


def add_command(which: argparse._SubParsersAction) -> None:
    command = which.add_parser("exact", help="exact codes a second, beside scikit-learn and SPAMS")
    command.add_argument("--lam", type=float, default=0.1, help="λ of the race on MNIST")
    command.add_argument("--repeats", type=limits.times, default=5)
    command.add_argument(
        "--shape", nargs="+", type=shape, metavar="D_X×D_S", help="a table for dictionaries of these shapes"
    )
    command.add_argument(
        "--share", nargs="+", type=float, choices=SHARES, default=SHARES, help="λ/λ_max in that table (default: all of it)"
    )
    text = "that table for planted and random signals, codes of both signs and ≥ 0, of 768×2048 and 768×4096 (or --shape)"
    command.add_argument("--peers", action="store_true", help=text)
    command.add_argument("--signals", nargs="+", choices=SIGNALS, default=SIGNALS, help="those of that table")
    command.add_argument("--samples", nargs="+", type=limits.times, help="the numbers of samples in that table")
    command.add_argument("--choice", action="store_true", help="which method is chosen, and what each takes")
    command.add_argument("--processor-time", action="store_true", help="of one thread each, for a machine that is not idle")
    command.set_defaults(run=run)


def shape(text: str) -> tuple[int, int]:
    d_x, _, d_s = text.replace("x", "×").partition("×")
    if not (d_x.isdecimal() and d_s.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a shape like 64×256")
    return int(d_x), int(d_s)


def run(arguments: argparse.Namespace) -> None:
    global clock
    if arguments.processor_time:
        clock = time.process_time
    lasso.warm_up().join()
    with device.threads(1 if arguments.processor_time else ALL_CORES):
        print("processor time, one thread\n" if arguments.processor_time else f"{ALL_CORES} threads\n")
        sizes = arguments.samples or (FEW_AND_MANY if arguments.peers else SIZES)
        if arguments.choice:
            choice(arguments.shape or CHOSEN, arguments.signals, arguments.share, sizes, arguments.repeats)
        elif arguments.peers:
            lines = itertools.product(arguments.shape or WIDE, arguments.signals, (False, True))
            table(lines, arguments.share, sizes, arguments.repeats)
        elif arguments.shape:
            table(((shape, "", False) for shape in arguments.shape), arguments.share, sizes, arguments.repeats)
        else:
            mnist(arguments.lam, arguments.repeats)
            pictures(arguments.repeats)


Result = TypeVar("Result")


def seconds_of(work: Callable[[], object], repeats: int) -> float:
    """Median time of `work` after one run to warm up; that of the first run where it takes longer than SECONDS."""
    return timed(work, repeats)[0]


def timed(work: Callable[[], Result], repeats: int) -> tuple[float, Result]:
    """The time of `work` as by `seconds_of`, and what it returns."""
    time.sleep(PAUSE)
    times = []
    for _ in range(repeats + 1):
        begin = clock()
        result = work()
        times.append(clock() - begin)
        if times[0] > SECONDS:
            return times[0], result
    return statistics.median(times[1:]), result


# The tables -----------------------------------------------------------------------------------------------------------


def problem(d_x: int, d_s: int, n: int, signal: str = "", positive: bool = False) -> tuple[Tensor, Tensor, str]:
    """Samples of λ_max = 1 and a dictionary: test digits of MNIST for 784×100, else Gaussian with unit atoms; their name.

    `signal`: "planted" for PLANTED atoms of Gaussian weights (their size if `positive`), and noise.
    """
    if (d_x, d_s) == (784, 100):
        name = "mnist" if "mnist" in data.available() else "mnist-5k"
        x, B = data.load(name, split="test").pixels[:n], checkpoints.load_dictionary("mnist")
    else:
        name, generator = signal or "random", torch.Generator().manual_seed(0)
        B = lasso.normalised(torch.randn(d_x, d_s, generator=generator))
        x = torch.randn(n, d_x, generator=generator)
        if name == "planted":
            codes, support = torch.zeros(n, d_s), torch.rand(n, d_s, generator=generator).topk(min(PLANTED, d_s), 1).indices
            weights = torch.randn(support.shape, generator=generator)
            signals = codes.scatter(1, support, weights.abs() if positive else weights) @ B.T
            x = signals + NOISE * x * signals.norm(dim=1, keepdim=True) / x.norm(dim=1, keepdim=True)
    strength = x @ B if positive else (x @ B).abs()
    return x / strength.amax(1, keepdim=True), B, name


def solve_afresh(x: Tensor, B: Tensor, lam: float, tol: float, positive: bool = False) -> lasso.Solution:
    """`lasso.solve` with all that it computes of B, as the peers' times include the Gram matrix too."""
    from sc2viz.exact.problem import forget  # imported here, because numba takes a third of a second

    forget()
    return lasso.solve(x, B, lam, tol=tol, positive=positive)


def products_seconds(x: Tensor, B: Tensor, repeats: int) -> float:
    """Seconds of XB and of the residuals' correlations once: no method proves codes by less."""
    from sc2viz.exact.problem import products  # imported here, because numba takes a third of a second

    return 2 * seconds_of(lambda: products(x.numpy(), B.numpy(), torch.get_num_threads()), repeats)


def table(lines: Iterable[tuple[tuple[int, int], str, bool]], shares: Sequence[float], sizes: Sequence[int],
          repeats: int) -> None:  # fmt: skip
    """Print a table with a row for every (shape, signal, positive) of `lines`, share, tolerance and size."""
    others = peers.installed()
    missing = [peer.name for peer in peers.ALL if peer not in others]
    print(f"ms a sample; × is a peer's time by ours. A peer runs on at most {peers.ROWS} samples, scaled, and has B in the "
          "layout and precision that it wants.")  # fmt: skip
    print("".join(f"{name} is not installed. " for name in missing))
    print(f"{'shape':>10} {'data':>8} {'codes':>6} {'λ/λ_max':>7} {'gap ≤':>6} {'n':>5} {'products':>8} {'sc2viz':>9} "
          f"{'worst gap':>9}", "".join(f" {peer.name:>12} {'×':>6}" for peer in others))  # fmt: skip
    for shape, signal, positive in lines:
        x, B, name = problem(*shape, max(sizes), signal, positive)
        for share, tol in itertools.product(shares, TOLERANCES):
            found = [peers.settings(peer, x, B, share, tol, positive, clock) for peer in others]
            for n in sizes:
                some = x[:n]
                least = products_seconds(some, B, repeats)
                ours, answer = timed(partial(solve_afresh, some, B, share, tol, positive), repeats)
                gap = peers.worst_gap(some, answer.codes, B, share, positive)
                codes = "≥ 0" if positive else "±"
                label = f"{'×'.join(map(str, shape)):>10} {name:>8} {codes:>6} {share:>7g} {tol:>6.0e} {n:>5}"
                print(f"{label} {1e3 * least / n:>8.3f} {1e3 * ours / n:>9.3f} {gap:>9.0e}", end=" ", flush=True)
                for peer, settings in zip(others, found, strict=True):
                    theirs = peers.seconds(peer, settings, some, B, share, positive, clock, min(repeats, 3))
                    print(f" {1e3 * theirs / n:>12.3f} {theirs / ours:>6.1f}", end="", flush=True)
                print(flush=True)


def choice(shapes: Sequence[tuple[int, int]], signals: Sequence[str], shares: Sequence[float], sizes: Sequence[int],
           repeats: int) -> None:  # fmt: skip
    """Print what each method takes, of those that `methods` chooses among, and how far the choice is from the best."""
    from sc2viz.exact import admm, working_sets

    def all_samples(shape: object, n: int, precision: object, share: np.ndarray, tried: bool = False) -> np.ndarray:
        return np.ones(len(share), bool)

    def no_samples(shape: object, n: int, precision: object, share: np.ndarray, tried: bool = False) -> np.ndarray:
        return np.zeros(len(share), bool)

    def no_knots(d_s: int, n: int) -> int:
        return 0  # else the homotopy takes samples from ADMM

    forced = {"working sets": (all_samples, no_samples), "ADMM": (no_samples, all_samples),
              "homotopy": (no_samples, no_samples)}  # fmt: skip
    print(f"ms a sample; a method that took longer than {SECONDS:g} s is not timed with more samples\n"
          f"{'shape':>10} {'data':>8} {'λ/λ_max':>7} {'gap ≤':>6} {'n':>5} {'chosen':>9}"
          + "".join(f" {name:>12}" for name in forced) + " chosen/best")  # fmt: skip
    for shape, signal in itertools.product(shapes, signals):
        x, B, name = problem(*shape, max(sizes), signal)
        for share, tol in itertools.product(shares, TOLERANCES):
            times = dict.fromkeys(forced, 0.0)
            for n in sorted(sizes):
                call = partial(solve_afresh, x[:n], B, share, tol)
                chosen = seconds_of(call, repeats)
                for method, (suits, many) in forced.items():
                    with (patch.object(working_sets, "suits", suits), patch.object(admm, "suits", many),
                          patch.object(admm, "knots", no_knots)):  # fmt: skip
                        times[method] = seconds_of(call, repeats) if times[method] < SECONDS else np.inf
                label = f"{'×'.join(map(str, shape)):>10} {name:>8} {share:>7g} {tol:>6.0e} {n:>5} {1e3 * chosen / n:>9.3f}"
                each = "".join(f" {1e3 * spent / n:>12.3f}" for spent in times.values())
                print(f"{label}{each} {chosen / min(*times.values(), chosen):>11.2f}", flush=True)


def mnist(lam: float, repeats: int) -> None:
    """Print the exact codes a second of all test digits of MNIST at one λ."""
    name = "mnist" if "mnist" in data.available() else "mnist-5k"
    x, B = data.load(name, split="test").pixels, checkpoints.load_dictionary("mnist")
    print(f"{len(x)} test digits of {name}, shipped dictionary of {B.shape[1]} atoms, λ = {lam:g}")
    for tol in TOLERANCES:
        ours = seconds_of(lambda tol=tol: lasso.solve(x, B, lam, tol=tol), repeats)
        gap = peers.worst_gap(x, lasso.solve(x, B, lam, tol=tol).codes, B, lam)
        print(f"gap ≤ {tol:.0e}: {len(x) / ours:9,.0f} codes/s, worst gap {gap:.1e}", end="")
        if importlib.util.find_spec("spams"):
            kind = np.float32 if tol >= lasso.FLOAT32_FLOOR else np.float64
            samples, atoms = x.numpy().astype(kind), np.asfortranarray(B.numpy(), kind)
            theirs = seconds_of(partial(peers.spams, samples, atoms, lam, tol, False), min(repeats, 3))
            print(f"; SPAMS {len(x) / theirs:9,.0f}; {theirs / ours:.1f} times as fast", end="")
        print()


def pictures(repeats: int) -> None:
    """Print the times of what a page asks for: one picture, sixteen pictures, sixteen pictures at every λ, on one thread.

    The dictionary is remembered from the call that warms up, as on a page; the last column is one picture without that.
    """
    print("\nms on one thread, warm     λ      1 picture  16 pictures  1 with a new dictionary")
    sets = [(name, data.load(name, split="test").pixels[:16], checkpoints.load_dictionary(trained))
            for name, trained in (("mnist-5k", "mnist"), ("digits", "digits"), ("patches", "patches"))]  # fmt: skip
    with device.threads(1):
        for name, x, B in sets:
            for lam in (0.5, 0.1, 0.01):
                calls = [partial(lasso.solve, x[:n], B, lam, tol=1e-6) for n in (1, 16)]
                calls.append(partial(solve_afresh, x[:1], B, lam, 1e-6))
                one, sixteen, afresh = (1e3 * seconds_of(call, 4 * repeats) for call in calls)
                print(f"{name:>24} {lam:>6g} {one:>14.2f} {sixteen:>12.2f} {afresh:>23.2f}")
        print("\nevery λ of 16 pictures     ms   knots a picture")
        paths = [(*one, 0.01) for one in sets] + [("64×256, λ_max = 1", *problem(64, 256, 16)[:2], 0.02)]
        for name, x, B, least in paths:
            spent = seconds_of(partial(lasso.path, x, B, least), 4 * repeats)
            knots = statistics.mean(len(lam) for lam in lasso.path(x, B, least).lam)
            print(f"{name:>24} {1e3 * spent:>6.1f} {knots:>10.0f}")
