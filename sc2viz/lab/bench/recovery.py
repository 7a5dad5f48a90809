"""`bench recovery`: how long the map of the phase transition takes, and OMP beside scikit-learn's and SPAMS's."""

import argparse
import importlib.util
from functools import partial

import numpy as np
import torch
from sklearn.linear_model import orthogonal_mp
from torch import Tensor

from sc2viz import lasso, solvers
from sc2viz.analysis import phase_transition
from sc2viz.lab.bench.stopwatch import Stopwatch

D_X, D_S, ATOMS, SIGNALS = 256, 1024, 32, 1000  # of the race of OMP
SHADES = " .:-=+*#%@"  # of shares from 0 to 1


def run(asked: argparse.Namespace) -> None:
    watch, trials = Stopwatch(), asked.trials or phase_transition.TRIALS
    lasso.warm_up().join()
    seconds, found = watch.time(partial(phase_transition.phase_map, trials=trials))
    size, d_s = len(found.delta), phase_transition.ATOMS
    print(
        f"{size}×{size} cells, d_s = {d_s}, {trials} trials a cell, exact codes: {seconds:.1f} s, "
        f"{torch.get_num_threads()} threads\n\n{drawn(found)}\n"
    )
    race(watch, asked.repeats)


def drawn(found: phase_transition.Map) -> str:
    """The map as text, ρ upwards and δ to the right; "|" is where Donoho and Tanner's curve leaves a row."""
    lines = []
    for rho, row in reversed(list(zip(found.rho, found.share, strict=True))):
        thresholds = [phase_transition.weak_threshold(delta) for delta in found.delta]
        cells = [SHADES[round(share * (len(SHADES) - 1))] * 2 for share in row]
        first = next((k for k, threshold in enumerate(thresholds) if threshold > rho), len(cells))
        lines.append(f"ρ = {rho:.2f}  {''.join(cells[:first])}|{''.join(cells[first:])}")
    return "\n".join([*lines, f"{'δ = 0':>14}{'1':>{2 * len(found.delta) - 4}}"])


def race(watch: Stopwatch, repeats: int) -> None:
    """Print the signals a second of OMP, of the Gram matrix too, and whether the supports are the same."""
    x, B = problem()
    ours = solvers.build("omp", B, ATOMS)
    with torch.no_grad():
        seconds, codes = watch.time(partial(ours, x, 1.0), repeats, min)
    print(f"OMP, {ATOMS} of {D_S} atoms, d_x = {D_X}, {SIGNALS} signals, float32")
    print(f"{'sc2viz':>14} {SIGNALS / seconds:9,.0f} /s")
    for name, module, work in (
        ("scikit-learn", "sklearn", scikit_learn),
        ("SPAMS", "spams", spams_omp),
    ):
        if importlib.util.find_spec(module):
            spent, theirs = watch.time(partial(work, x, B), repeats, min)
            same = ((codes.numpy() != 0) == (theirs != 0)).all(1).mean()
            print(
                f"{name:>14} {SIGNALS / spent:9,.0f} /s, the same support in {100 * same:.1f} % of the signals"
            )
        else:
            print(f"{name:>14} is not installed")


def problem(n: int = SIGNALS) -> tuple[Tensor, Tensor]:
    """Combinations of 32 random atoms plus noise, and these atoms."""
    generator = torch.Generator().manual_seed(0)
    B = lasso.normalised(torch.randn(D_X, D_S, generator=generator))
    codes = torch.randn(n, D_S, generator=generator) * (
        torch.rand(n, D_S, generator=generator) < ATOMS / D_S
    )
    return codes @ B.T + 0.05 * torch.randn(n, D_X, generator=generator), B


def scikit_learn(x: Tensor, B: Tensor) -> np.ndarray:
    return orthogonal_mp(B.numpy(), x.numpy().T, n_nonzero_coefs=ATOMS, precompute=True).T


def spams_omp(x: Tensor, B: Tensor) -> np.ndarray:
    import spams

    columns, atoms = (np.asfortranarray(part.numpy()) for part in (x.T, B))
    return spams.omp(
        columns, D=atoms, L=ATOMS, eps=0.0, numThreads=torch.get_num_threads()
    ).T.toarray()
