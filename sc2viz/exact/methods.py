"""What `lasso.solve` and `lasso.path` call after their checks: `compiled`, and `uncompiled` until there is compiled code."""

from dataclasses import replace

import torch
from torch import Tensor

from sc2viz.exact import ahead, batches, gaps, uncompiled
from sc2viz.exact.task import Task
from sc2viz.exact.uncompiled import CYCLING

NEGLIGIBLE = (
    1e-10  # A path is complete if no condition of optimality fails by more than this share of λ.
)
STUBBORN = 1000  # On a GPU, a sample that ADMM has not solved after this number of iterations goes to the CPU.


def solve(task: Task) -> int:
    """Fill the codes and the gaps of a task; return the most iterations that a sample took."""
    if uncompiled.is_needed(task.x, task.B):
        iterations = uncompiled.solve(task)
        if ahead.compiling() or not (task.gap > task.tol).any():
            return iterations
    if task.x.device.type == "cpu":
        from sc2viz.exact import compiled

        return compiled.solve(task)
    iterations = batches.solve(replace(task, limit=min(task.limit, STUBBORN)))
    rows = (~(task.gap <= task.tol)).nonzero()[:, 0]
    if len(rows) and task.limit > STUBBORN:
        from sc2viz.exact import compiled

        stubborn = replace(task.of_rows(rows).to("cpu"), limit=task.limit - STUBBORN)
        iterations += compiled.solve(stubborn)
        task.take(rows, stubborn.to(task.x.device))
    return iterations


def mend(task: Task, is_open: Tensor) -> None:
    """Give the samples where `is_open` (n,) finite codes, and their true gaps: zeros where the codes are not finite or prove
    less. The gap is infinite where ½‖x‖² leaves the range of float64."""
    limits, B = torch.finfo(torch.float64), task.B.double()
    for rows in is_open.nonzero()[:, 0].split(batches.BATCH):
        subset = task.of_rows(rows)
        x, codes, lam = subset.x.double(), subset.codes, subset.lam[:, None]
        gap, gap_of_zeros = (
            gaps.of_codes(x, s, B, lam, task.positive, subset.mask)
            for s in (codes, torch.zeros_like(codes))
        )
        is_better = codes.isfinite().all(1) & (gap <= gap_of_zeros)  # false for NaN
        gap = torch.where(is_better, gap, gap_of_zeros)
        square = x.square().sum(1)
        proved = (square > limits.tiny / limits.eps) & (square < torch.inf) & gap.isfinite()
        task.codes[rows] = torch.where(is_better[:, None], codes, 0)
        task.gap[rows] = torch.where(proved, gap, torch.inf)


def paths(
    x: Tensor, B: Tensor, lam: Tensor, positive: bool
) -> tuple[list[tuple[Tensor, Tensor]], Tensor]:
    """Return (λ of the knots (k,) and codes there (k, d_s) of every sample, whether its path is complete (n,)), on the CPU."""
    problem, results = (x.double(), B, lam, CYCLING * min(B.shape), positive), None
    if uncompiled.is_needed(x, B):
        results = uncompiled.paths(*problem)
    if results is None:
        from sc2viz.exact import compiled

        results = compiled.paths(*problem)
    knots = [(torch.from_numpy(lams), torch.from_numpy(codes)) for lams, codes, _ in results]
    return knots, torch.tensor([failure <= NEGLIGIBLE for *_, failure in results], dtype=torch.bool)
