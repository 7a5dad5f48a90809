"""`bench exact`: exact codes a second, proved by float64 gaps, beside the `peers` that are installed."""

import argparse
import importlib.util
import itertools
import statistics
from collections.abc import Iterable
from functools import partial

import numpy as np
import torch
from torch import Tensor

from sc2viz import checkpoints, data, device, lasso
from sc2viz.exact import admm, compiled, working_sets
from sc2viz.exact import problem as parts
from sc2viz.lab.bench import peers
from sc2viz.lab.bench.stopwatch import PATIENCE, Stopwatch, digits

TOLERANCES = 1e-4, 1e-6
SIZES = 20, 2000
WIDE = (768, 2048), (768, 4096)  # the shapes that `--peers` times, unless it is told others
# The shapes of `--choice`, unless it is told others.
CHOSEN = (64, 256), (64, 1200), (250, 500), (784, 512), (256, 1024), (512, 1024), *WIDE
FEW_AND_MANY = 1, 5, 20, 200  # its numbers of samples
METHODS = "working sets", "ADMM", "homotopy"
PLANTED, NOISE = 32, 0.1  # a planted signal has so many atoms, and noise of this share of its norm


def run(asked: argparse.Namespace) -> None:
    watch = Stopwatch(asked.processor_time)
    lasso.warm_up().join()
    with watch.on_its_cores():
        print(f"{watch.what}\n")
        asked.samples = asked.samples or (FEW_AND_MANY if asked.peers else SIZES)
        if asked.choice:
            choice(watch, asked)
        elif asked.peers:
            table(
                watch, asked, itertools.product(asked.shape or WIDE, asked.signals, (False, True))
            )
        elif asked.shape:
            table(watch, asked, ((shape, "", False) for shape in asked.shape))
        else:
            mnist(watch, asked.lam, asked.repeats)
            pictures(watch, asked.repeats)


# The tables -----------------------------------------------------------------------------------------------------------


def problem(
    d_x: int, d_s: int, n: int, signal: str = "", positive: bool = False
) -> tuple[Tensor, Tensor, str]:
    """Samples of λ_max = 1 and a dictionary: test digits of MNIST for 784×100, else Gaussian with unit atoms; their name.

    `signal`: "planted" for PLANTED atoms of Gaussian weights (their size if `positive`), and noise.
    """
    if (d_x, d_s) == (784, 100):
        name, pixels, B = digits()
        x = pixels[:n]
    else:
        name, generator = signal or "random", torch.Generator().manual_seed(0)
        B = lasso.normalised(torch.randn(d_x, d_s, generator=generator))
        x = torch.randn(n, d_x, generator=generator)
        if name == "planted":
            codes, support = (
                torch.zeros(n, d_s),
                torch.rand(n, d_s, generator=generator).topk(min(PLANTED, d_s), 1).indices,
            )
            weights = torch.randn(support.shape, generator=generator)
            signals = codes.scatter(1, support, weights.abs() if positive else weights) @ B.T
            x = signals + NOISE * x * signals.norm(dim=1, keepdim=True) / x.norm(
                dim=1, keepdim=True
            )
    strength = x @ B if positive else (x @ B).abs()
    return x / strength.amax(1, keepdim=True), B, name


def solve_afresh(
    x: Tensor, B: Tensor, lam: float, tol: float, positive: bool = False
) -> lasso.Solution:
    """`lasso.solve` with all that it computes of B, as the peers' times include the Gram matrix too."""
    parts.forget()
    return lasso.solve(x, B, lam, tol=tol, positive=positive)


def solve_by(method: str, x: Tensor, B: Tensor, lam: float, tol: float) -> np.ndarray:
    """The codes of `solve_afresh` by one of METHODS; the homotopy solves what another one leaves."""
    parts.forget()
    dictionary, weights, workers = (
        parts.dictionary(B, len(x)),
        np.full(len(x), lam, float),
        torch.get_num_threads(),
    )
    codes = np.zeros((len(x), B.shape[1]), np.float32 if tol >= lasso.FLOAT32_FLOOR else float)
    gap, events, most = (
        np.full(len(x), np.inf),
        np.zeros(len(x), np.int64),
        compiled.CYCLING * min(B.shape),
    )
    if method == "working sets":
        working_sets.solve(
            dictionary,
            x.numpy(),
            weights,
            tol,
            most,
            False,
            codes,
            gap,
            events,
            workers,
            everywhere=True,
        )
    if not (gap > tol).any():
        return codes
    samples, _ = compiled.arrays(x, dictionary, torch.from_numpy(weights), False, workers)
    if method == "ADMM" and len(samples.gram):
        admm.solve(
            samples, np.arange(len(x)), tol, admm.patience(samples), codes, gap, events, workers
        )
    samples.solve((gap > tol).nonzero()[0], tol, most, codes, gap, events, workers)
    return codes


def table(
    watch: Stopwatch, asked: argparse.Namespace, lines: Iterable[tuple[tuple[int, int], str, bool]]
) -> None:
    """Print a table with a row for every (shape, signal, positive) of `lines`, share, tolerance and number of samples."""
    others = peers.installed()
    missing = [peer.name for peer in peers.ALL if peer not in others]
    print(
        f"ms a sample; × is a peer's time by ours. A peer runs on at most {peers.ROWS} samples, scaled, and has B in the "
        "layout and precision that it wants."
    )
    print("".join(f"{name} is not installed. " for name in missing))
    print(
        f"{'shape':>10} {'data':>8} {'codes':>6} {'λ/λ_max':>7} {'gap ≤':>6} {'n':>5} {'products':>8} {'sc2viz':>9} "
        f"{'worst gap':>9}",
        "".join(f" {peer.name:>12} {'×':>6}" for peer in others),
    )
    for shape, signal, positive in lines:
        x, B, name = problem(*shape, max(asked.samples), signal, positive)
        for share, tol in itertools.product(asked.share, TOLERANCES):
            found = [peer.settings(watch, x, B, share, positive, tol) for peer in others]
            for n in asked.samples:
                some = x[:n]
                # XB, and as much again for the correlations of the residuals: no method proves codes by less.
                products = partial(parts.products, some.numpy(), B.numpy(), torch.get_num_threads())
                least = 2 * watch.time(products, asked.repeats)[0]
                ours, answer = watch.time(
                    partial(solve_afresh, some, B, share, tol, positive), asked.repeats
                )
                gap = peers.worst_gap(some, answer.codes, B, share, positive)
                codes = "≥ 0" if positive else "±"
                label = f"{'×'.join(map(str, shape)):>10} {name:>8} {codes:>6} {share:>7g} {tol:>6.0e} {n:>5}"
                print(
                    f"{label} {1e3 * least / n:>8.3f} {1e3 * ours / n:>9.3f} {gap:>9.0e}",
                    end=" ",
                    flush=True,
                )
                for peer, settings in zip(others, found, strict=True):
                    theirs = peer.seconds(
                        watch, some, B, share, positive, settings, min(asked.repeats, 3)
                    )
                    print(f" {1e3 * theirs / n:>12.3f} {theirs / ours:>6.1f}", end="", flush=True)
                print(flush=True)


def choice(watch: Stopwatch, asked: argparse.Namespace) -> None:
    """Print what each method takes, of those that `methods` chooses among, and how far the choice is from the best."""
    print(
        f"ms a sample; a method that took longer than {PATIENCE:g} s is not timed with more samples\n"
        f"{'shape':>10} {'data':>8} {'λ/λ_max':>7} {'gap ≤':>6} {'n':>5} {'chosen':>9}"
        + "".join(f" {name:>12}" for name in METHODS)
        + " chosen/best"
    )
    for shape, signal in itertools.product(asked.shape or CHOSEN, asked.signals):
        x, B, name = problem(*shape, max(asked.samples), signal)
        for share, tol in itertools.product(asked.share, TOLERANCES):
            times = dict.fromkeys(METHODS, 0.0)
            for n in sorted(asked.samples):
                chosen, _ = watch.time(partial(solve_afresh, x[:n], B, share, tol), asked.repeats)
                for method, before in times.items():
                    work = partial(solve_by, method, x[:n], B, share, tol)
                    times[method] = (
                        watch.time(work, asked.repeats)[0] if before < PATIENCE else np.inf
                    )
                label = f"{'×'.join(map(str, shape)):>10} {name:>8} {share:>7g} {tol:>6.0e} {n:>5} {1e3 * chosen / n:>9.3f}"
                each = "".join(f" {1e3 * spent / n:>12.3f}" for spent in times.values())
                print(f"{label}{each} {chosen / min(*times.values(), chosen):>11.2f}", flush=True)


def mnist(watch: Stopwatch, lam: float, repeats: int) -> None:
    """Print the exact codes a second of all test digits of MNIST at one λ."""
    name, x, B = digits()
    print(f"{len(x)} test digits of {name}, shipped dictionary of {B.shape[1]} atoms, λ = {lam:g}")
    for tol in TOLERANCES:
        ours, answer = watch.time(partial(lasso.solve, x, B, lam, tol=tol), repeats)
        gap = peers.worst_gap(x, answer.codes, B, lam)
        print(f"gap ≤ {tol:.0e}: {len(x) / ours:9,.0f} codes/s, worst gap {gap:.1e}", end="")
        if importlib.util.find_spec("spams"):
            kind = np.float32 if tol >= lasso.FLOAT32_FLOOR else np.float64
            samples, atoms = x.numpy().astype(kind), np.asfortranarray(B.numpy(), kind)
            theirs, _ = watch.time(
                partial(peers.spams, samples, atoms, lam, tol, False), min(repeats, 3)
            )
            print(f"; SPAMS {len(x) / theirs:9,.0f}; {theirs / ours:.1f} times as fast", end="")
        print()


def pictures(watch: Stopwatch, repeats: int) -> None:
    """Print the times of what a page asks for: one picture, sixteen pictures, sixteen pictures at every λ, on one thread.

    The dictionary is remembered from the call that warms up, as on a page; the last column is one picture without that.
    """
    print("\nms on one thread, warm     λ      1 picture  16 pictures  1 with a new dictionary")
    sets = [
        (name, data.load(name, split="test").pixels[:16], checkpoints.load_dictionary(trained))
        for name, trained in (("mnist-5k", "mnist"), ("digits", "digits"), ("patches", "patches"))
    ]
    with device.threads(1):
        for name, x, B in sets:
            for lam in (0.5, 0.1, 0.01):
                calls = [partial(lasso.solve, x[:n], B, lam, tol=1e-6) for n in (1, 16)]
                calls.append(partial(solve_afresh, x[:1], B, lam, 1e-6))
                one, sixteen, afresh = (1e3 * watch.time(call, 4 * repeats)[0] for call in calls)
                print(f"{name:>24} {lam:>6g} {one:>14.2f} {sixteen:>12.2f} {afresh:>23.2f}")
        print("\nevery λ of 16 pictures     ms   knots a picture")
        paths = [(*one, 0.01) for one in sets] + [
            ("64×256, λ_max = 1", *problem(64, 256, 16)[:2], 0.02)
        ]
        for name, x, B, least in paths:
            spent, path = watch.time(partial(lasso.path, x, B, least), 4 * repeats)
            print(f"{name:>24} {1e3 * spent:>6.1f} {statistics.mean(map(len, path.lam)):>10.0f}")
