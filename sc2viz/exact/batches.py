"""The iteration of `admm` on whole batches by torch: on a GPU, and for what other methods left."""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz.exact import gaps
from sc2viz.exact.task import Task

BATCH = 1024  # The samples of one batch, which iterate together.
EVERY = 5  # The gaps are computed after every so many iterations.
RELAX = 1.7  # The relaxation: the weight of s in v, where 1 − RELAX is that of z.


def solve(task: Task) -> int:
    """Fill the codes and gaps of all samples of a task; return the most iterations that a sample took.

    Codes that are not within the tolerance in the end are those of the last iteration.
    """
    B, iterations = task.B.double(), 0
    gram = B.T @ B
    for rows in torch.arange(len(task.x), device=B.device).split(BATCH):
        x, lam = task.x[rows].double(), task.lam[rows]
        projection, square = x @ B, x.square().sum(1)
        largest = (projection if task.positive else projection.abs()).amax(1)
        fits = gaps.provable(x, B.square().sum(0), square, largest, lam)
        task.codes[rows[~fits]] = 0
        batch = Open(rows, projection, square, lam[:, None]).choose(fits)
        iterations = max(iterations, _iterate(batch, gram, task))
    return iterations


class Open(NamedTuple):
    """The samples still being solved: their rows in the answer, Bᵀx, ‖x‖² and λ."""

    rows: Tensor  # (m,)
    projection: Tensor  # (m, d_s)
    square: Tensor  # (m,)
    lam: Tensor  # (m, 1)

    def choose(self, index: Tensor) -> Open:
        """Return the samples that `index` selects, a mask (m,) or places."""
        return Open(*(values[index] for values in self))

    def relative_gap(self, codes: Tensor, gram: Tensor, positive: bool) -> Tensor:
        """Return the relative duality gaps (m,) in the precision of the codes (m, d_s)."""
        projection, square, lam = (values.to(codes) for values in self[1:])
        correlation = projection - codes @ gram.to(codes)
        square = (square - (codes * (projection + correlation)).sum(1)).clamp_min(0)
        return gaps.relative(codes, correlation, square, lam, positive)


def _iterate(batch: Open, gram: Tensor, task: Task) -> int:
    """Solve one batch from its codes into its rows of a task; return the iterations taken.

    The gaps are computed every few iterations, first in the precision of the iterations. After 2, 4, 8, … of these looks, ρ
    moves towards balanced primal and dual residuals.
    """
    precision = torch.float32 if task.is_single else torch.float64
    lowest = -torch.inf if task.positive else -1
    values, vectors = torch.linalg.eigh(gram)
    rho, z = 0.7 * values.mean().item() or 1.0, task.codes[batch.rows]
    u = (batch.projection - z @ gram).clamp(lowest * batch.lam, batch.lam) / rho
    z, u = z.to(precision), u.to(precision)
    s = previous = z
    for k in count():
        if k % EVERY == 0 or k == task.limit:
            gap = batch.relative_gap(z, gram, task.positive).double()
            near = (gap <= task.tol) | (k == task.limit)
            if near.any():
                exact = z[near].double()
                gap[near] = batch.choose(near).relative_gap(exact, gram, task.positive)
            balance = 1.0
            if k > EVERY and (k // EVERY).bit_count() == 1:
                # 2√(primal/dual residual), or 1 if balanced or undefined: see `admm.balancing`.
                primal, dual = (s - z).norm() / z.norm(), (z - previous).norm() / u.norm()
                factor = 2 * (primal / dual).sqrt().item()
                if 0.01 < factor < 0.8 or 1.25 < factor < 100:
                    balance = factor
            done = (gap <= task.tol) | (k == task.limit)
            task.codes[batch.rows[done]], task.gap[batch.rows[done]] = z[done].double(), gap[done]
            if done.all():
                return k
            if done.any():
                batch, z, u = batch.choose(~done), z[~done], u[~done]
            if k == 0 or balance != 1:
                rho, u = rho * balance, u / balance
                inverse = (vectors / (values + rho)) @ vectors.T
                fixed, inverse = (batch.projection @ inverse).to(precision), inverse.to(precision)
            elif done.any():
                fixed = fixed[~done]
            threshold = (batch.lam / rho).to(precision)
        previous = z
        s = torch.addmm(fixed, z - u, inverse, alpha=rho)
        v = torch.lerp(z, s, RELAX).add_(u)
        u = v.clamp(lowest * threshold, threshold)
        z = v - u
