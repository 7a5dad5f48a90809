"""How well codes agree with the codes that data were made of, which are known where we made the data ourselves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from sc2viz import evaluation, lasso
from sc2viz.solvers import Solver, failing

SHARES = (1e-2, 1e-3, 1e-4, 1e-5)  # of the largest λ_max: the search for the best λ goes down to one after the other
A_DECADE = 16  # λ that are tried


def best_lambda(x: Tensor, B: Tensor, truth: Tensor) -> float:
    """The λ whose exact codes have the least NMSE, to three digits, found on `lasso.path`, which has all λ at once.

    x (n, d_x), B (d_x, d_s), truth (n, d_s). λ falls from the largest λ_max until the NMSE has risen again. Tune it on other
    samples than those on which it is used.
    """
    top = float(lasso.lambda_max(x, B).max())
    for share in SHARES:
        path = lasso.path(x, B, share * top)
        lams = np.geomspace(share * top, top, round(-A_DECADE * math.log10(share)) + 1).tolist()
        errors = [float(evaluation.nmse(path.at(lam), truth)) for lam in lams]
        best = min(range(len(lams)), key=errors.__getitem__)
        if best:  # the least NMSE is not at the end of the path
            break
    return float(f"{lams[best]:.3g}")


def _of_bag(rows: Sequence[int], index: Sequence[int], *_: object, **__: object) -> int:
    """The operations of a weighted sum of rows (m, d) that `index` (k,) names: k·d multiplications and additions."""
    return 2 * index[0] * rows[1]


def _of_triangle(L: Sequence[int], *_: object, **__: object) -> int:
    """The operations of solving L y = b for n triangles L (n, k, k)."""
    return math.prod(L[:-1]) * (L[-1] + 1)


def _of_product(one: Tensor, other: Tensor, d_s: int) -> int:
    """The operations of one @ other. Where `one` (n, k·d_s) holds k codes beside each other, those that are all zero need
    none, such as s⁽⁰⁾."""
    (n, columns), wide = one.shape, d_s if one.shape[1] % d_s == 0 else one.shape[1]
    needed = one.reshape(n, columns // wide, wide).ne(0).any(2).any(0).sum().item() if other.any() else 0
    return 2 * n * int(needed) * wide * other.shape[1]


def _counter(d_s: int) -> FlopCounterMode:
    """Counts the operations of torch's products, and what it does not count by itself: OMP computes Bᵀr and its codes so."""

    def mm(one: Tensor, other: Tensor, **_: object) -> int:
        return _of_product(one, other, d_s)

    def addmm(added: Tensor, one: Tensor, other: Tensor, **_: object) -> int:
        return _of_product(one, other, d_s)

    mm._get_raw = addmm._get_raw = True  # They are given the tensors, not their shapes.
    aten = torch.ops.aten
    own = {aten.mm: mm, aten.addmm: addmm, aten._embedding_bag: _of_bag, aten._embedding_bag_forward_only: _of_bag,
           aten.linalg_solve_triangular: _of_triangle}  # fmt: skip
    return FlopCounterMode(display=False, custom_mapping=own)


@torch.no_grad()
def multiplications(solver: Solver, steps: int) -> list[int]:
    """The multiplications in matrix products, and in systems of equations that are triangles, which one more signal costs
    until each number of iterations 0 … `steps` is done, counted in runs on a row of noise and on the same row twice.

    What is computed of the dictionary alone, once for all signals, does not count, and a gate counts like a matrix of its
    size. Neither does a product with s⁽⁰⁾ = 0, so that T iterations of ISTA cost d_x d_s + (T − 1) d_s². They are counted at
    a hundredth of λ_max, where later codes are not zero.
    """
    D = solver.dictionary
    x = torch.randn(1, len(D), generator=torch.Generator().manual_seed(0)).to(D)
    lam = lasso.as_lambda(lasso.lambda_max(solver.centred(x), D).item() / 100 or 1.0, x)

    def counted(rows: Tensor) -> list[int]:
        with failing.named(solver), _counter(D.shape[1]) as counter:
            drive, state = solver.drive(rows, lam), solver.start(rows)
            counts = [counter.get_total_flops() // 2]
            for _ in range(steps):
                state = solver.step(state, drive)
                counts.append(counter.get_total_flops() // 2)
        return counts

    return [two - one for one, two in zip(counted(x), counted(x.repeat(2, 1)), strict=True)]


def spread(codes: Tensor, truth: Tensor, shares: Sequence[float] = evaluation.QUANTILES) -> Tensor:
    """Quantiles over the samples of each one's own NMSE in dB, (len(shares),): codes and truth (n, d_s). Samples whose truth
    is zero are left out."""
    there = truth.double().square().sum(1)
    own = 10 * torch.log10((codes.double() - truth.double()).square().sum(1)[there > 0] / there[there > 0])
    return torch.quantile(own, torch.tensor(shares, dtype=own.dtype))
