"""`bench exact`: exact codes a second, proved by float64 gaps, beside SPAMS and scikit-learn where these are installed."""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from sc2viz import checkpoints, data, device, evaluation, lasso
from sc2viz.cli import limits

clock = time.perf_counter
ALL_CORES = torch.get_num_threads()
SHARES = 0.5, 0.1, 0.02  # the values of λ/λ_max that are timed
TOLERANCES = 1e-4, 1e-6
SIZES = 20, 2000
PEERS = 100  # samples, at most, on which another solver is timed; its time is scaled to all
SECONDS = 10.0  # a run that takes longer is not repeated, and another solver gets fewer samples
PAUSE = 0.5  # seconds before a measurement, in which the threads of the one before stop spinning
SPAMS, SCIKIT_LEARN = "SPAMS", "scikit-learn"


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
        if arguments.shape:
            table(arguments.shape, arguments.share, arguments.repeats)
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


def worst_gap(x: Tensor, codes: Tensor, B: Tensor, lam: float) -> float:
    x, codes, B = x.double(), codes.double(), B.double()
    return evaluation.relative_gap(x, codes, B, lam).max().item()


# The peers: what to call, given (x, B, λ), for codes (n, d_s) ---------------------------------------------------------


def spams_codes(x: Tensor, B: Tensor, lam: float) -> Tensor:
    import spams

    columns, atoms = (np.asfortranarray(part.numpy()) for part in (x.T, B))
    return torch.from_numpy(
        spams.lasso(columns, D=atoms, lambda1=lam, mode=2, numThreads=torch.get_num_threads()).T.toarray()
    )


def scikit_learn_codes(x: Tensor, B: Tensor, lam: float, tol: float, precompute: bool) -> Tensor:
    from sklearn.linear_model import Lasso

    columns, atoms = (np.asfortranarray(part.double().numpy()) for part in (x.T, B))
    gram = atoms.T @ atoms if precompute else False
    model = Lasso(alpha=lam / len(atoms), fit_intercept=False, tol=tol, max_iter=100_000, precompute=gram)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns that it did not converge, and the gap decides that here
        return torch.from_numpy(np.atleast_2d(model.fit(atoms, columns).coef_))


def spams_seconds(x: Tensor, B: Tensor, lam: float, tol: float, repeats: int) -> float:
    """Seconds for all of x: in float32 if its codes meet `tol`, else in float64; on at most PEERS samples, and scaled."""
    some = x[:PEERS]
    if worst_gap(some[:3], spams_codes(some[:3].float(), B.float(), lam), B, lam) > tol:
        some, B = some.double(), B.double()
    return seconds_of(lambda: spams_codes(some, B, lam), repeats) * len(x) / len(some)


def scikit_learn_seconds(x: Tensor, B: Tensor, lam: float, tol: float, repeats: int) -> float:
    """Seconds for all of x, the quicker of with and without Gram, at the loosest of 1e-3, 1e-4, … that meets `tol`."""
    best, atoms = float("inf"), B.double()
    gram = seconds_of(lambda: atoms.T @ atoms, 1)
    for precompute in (False, True):
        for own in 10.0 ** -np.arange(3, 13):
            begin = clock()
            codes = scikit_learn_codes(x[:3], B, lam, own, precompute)
            each = (clock() - begin - precompute * gram) / 3
            if worst_gap(x[:3], codes, B, lam) <= tol:
                break
        fixed = precompute * gram
        some = x[: max(3, min(PEERS, int(SECONDS / 2 / max(each, 1e-9))))]
        spent = seconds_of(
            lambda some=some, own=own, p=precompute: scikit_learn_codes(some, B, lam, own, p), min(repeats, 3)
        )
        best = min(best, fixed + (spent - fixed) * len(x) / len(some))
    return best


# The tables -----------------------------------------------------------------------------------------------------------


def problem(d_x: int, d_s: int, n: int) -> tuple[Tensor, Tensor, str]:
    """Samples of λ_max = 1 and a dictionary: test digits of MNIST for 784×100, else Gaussian with unit atoms; their name."""
    if (d_x, d_s) == (784, 100):
        name = "mnist" if "mnist" in data.available() else "mnist-5k"
        x, B = data.load(name, split="test").pixels[:n], checkpoints.load_dictionary("mnist")
    else:
        name, generator = "random", torch.Generator().manual_seed(0)
        B = lasso.normalised(torch.randn(d_x, d_s, generator=generator))
        x = torch.randn(n, d_x, generator=generator)
    return x / lasso.lambda_max(x, B)[:, None], B, name


def solve_afresh(x: Tensor, B: Tensor, lam: float, tol: float) -> lasso.Solution:
    """`lasso.solve` with all that it computes of B, as the peers' times include the Gram matrix too."""
    from sc2viz.exact.problem import forget  # imported here, because numba takes a third of a second

    forget()
    return lasso.solve(x, B, lam, tol=tol)


def table(shapes: list[tuple[int, int]], shares: Sequence[float], repeats: int) -> None:
    peers = {SPAMS: ("spams", spams_seconds), SCIKIT_LEARN: ("sklearn", scikit_learn_seconds)}
    missing = [name for name, (module, _) in peers.items() if not importlib.util.find_spec(module)]
    print("ms a sample; × is a peer's time by ours. A peer runs on at most "
          f"{PEERS} samples, scaled.{''.join(f' {name} is not installed.' for name in missing)}")  # fmt: skip
    print(f"{'shape':>10} {'data':>8} {'λ/λ_max':>7} {'gap ≤':>6} {'n':>5} {'sc2viz':>9} {'worst gap':>9}", end="")
    print("".join(f" {name:>12} {'×':>6}" for name in peers if name not in missing))
    for d_x, d_s in shapes:
        x, B, name = problem(d_x, d_s, max(SIZES))
        for share in shares:
            for tol in TOLERANCES:
                for n in SIZES:
                    some = x[:n]
                    call = partial(solve_afresh, some, B, share, tol)
                    ours, answer = timed(call, repeats)
                    gap = worst_gap(some, answer.codes, B, share)
                    label = f"{f'{d_x}×{d_s}':>10} {name:>8} {share:>7g} {tol:>6.0e} {n:>5}"
                    print(f"{label} {1e3 * ours / n:>9.3f} {gap:>9.0e}", end="", flush=True)
                    for peer, (_, work) in peers.items():
                        if peer not in missing:
                            theirs = work(some, B, share, tol, repeats)
                            print(f" {1e3 * theirs / n:>12.3f} {theirs / ours:>6.1f}", end="", flush=True)
                    print(flush=True)


def mnist(lam: float, repeats: int) -> None:
    """Print the exact codes a second of all test digits of MNIST at one λ."""
    name = "mnist" if "mnist" in data.available() else "mnist-5k"
    x, B = data.load(name, split="test").pixels, checkpoints.load_dictionary("mnist")
    print(f"{len(x)} test digits of {name}, shipped dictionary of {B.shape[1]} atoms, λ = {lam:g}")
    for tol in TOLERANCES:
        ours = seconds_of(lambda tol=tol: lasso.solve(x, B, lam, tol=tol), repeats)
        gap = worst_gap(x, lasso.solve(x, B, lam, tol=tol).codes, B, lam)
        print(f"gap ≤ {tol:.0e}: {len(x) / ours:9,.0f} codes/s, worst gap {gap:.1e}", end="")
        if importlib.util.find_spec("spams"):
            kind = torch.float32 if tol >= lasso.FLOAT32_FLOOR else torch.float64
            theirs = seconds_of(lambda kind=kind: spams_codes(x.to(kind), B.to(kind), lam), min(repeats, 3))
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
