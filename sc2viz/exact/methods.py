"""What `lasso.solve` and `lasso.path` call after their checks: `compiled`, and `uncompiled` until there is compiled code."""

import torch
from torch import Tensor

from sc2viz.exact import ahead, batches, gaps, uncompiled
from sc2viz.exact.uncompiled import CYCLING

NEGLIGIBLE = (
    1e-10  # A path is complete if no condition of optimality fails by more than this share of λ.
)
STUBBORN = 1000  # On a GPU, a sample that ADMM has not solved after this number of iterations goes to the CPU.


def solve(
    x: Tensor,
    B: Tensor,
    lam: Tensor,
    mask: Tensor | None,
    codes: Tensor,
    gap: Tensor,
    tol: float,
    max_iterations: int,
    positive: bool,
) -> int:
    """Fill `codes` (n, d_s), on entry where to begin, and `gap` (n,), on entry theirs; returns the most iterations.

    x (n, d_x), B (d_x, d_s), lam (n,) in float64, mask (n, d_x) or None: all on one device, and on the CPU with a mask.
    """
    if uncompiled.needed(x, B):
        most = uncompiled.solve(x, B, lam, mask, codes, gap, tol, max_iterations, positive)
        if ahead.compiling() or not (gap > tol).any():
            return most
    if x.device.type != "cpu":
        return on_gpu(x, B.double(), lam, codes, gap, tol, max_iterations, positive)
    from sc2viz.exact import compiled

    return compiled.solve(x, B, lam, mask, codes, gap, tol, max_iterations, positive)


def mend(
    x: Tensor,
    B: Tensor,
    lam: Tensor,
    mask: Tensor | None,
    codes: Tensor,
    gap: Tensor,
    left: Tensor,
    positive: bool,
) -> None:
    """Give the samples where `left` (n,) is True finite codes, and their true gaps: see `gaps.best_at_hand`."""
    for rows in left.nonzero()[:, 0].split(batches.BATCH):
        part = (
            x[rows].double(),
            codes[rows],
            B.double(),
            lam[rows, None],
            positive,
            None if mask is None else mask[rows],
        )
        codes[rows], gap[rows] = gaps.best_at_hand(*part)


def paths(
    x: Tensor, B: Tensor, lam: Tensor, positive: bool
) -> tuple[list[tuple[Tensor, Tensor]], Tensor]:
    """(λ of the knots (k,) and codes there (k, d_s) of every sample, whether its path is complete (n,)), on the CPU."""
    x, limit = x.double(), CYCLING * min(B.shape)
    found = (
        uncompiled.paths(x, B.double(), lam, limit, positive) if uncompiled.needed(x, B) else None
    )
    if found is None:
        from sc2viz.exact import compiled

        found = compiled.paths(x, B, lam, limit, positive)
    complete = torch.tensor([failure <= NEGLIGIBLE for _, _, failure in found], dtype=torch.bool)
    return [
        (torch.from_numpy(knots), torch.from_numpy(codes)) for knots, codes, _ in found
    ], complete


def on_gpu(
    x: Tensor,
    B: Tensor,
    lam: Tensor,
    codes: Tensor,
    gap: Tensor,
    tol: float,
    max_iterations: int,
    positive: bool,
) -> int:
    """`batches.solve`; what is left after STUBBORN iterations goes to the CPU."""
    most = batches.solve(x, B, lam, codes, gap, tol, min(max_iterations, STUBBORN), positive)
    left = (~(gap <= tol)).nonzero()[:, 0]
    if len(left) and max_iterations > STUBBORN:
        from sc2viz.exact import compiled

        some, *part = [tensor.cpu() for tensor in (x[left], lam[left], codes[left], gap[left])]
        rest = part[0], None, *part[1:], tol, max_iterations - STUBBORN, positive
        more = compiled.solve(some, B.cpu(), *rest)
        codes[left], gap[left], most = part[1].to(codes), part[2].to(gap), most + more
    return most
