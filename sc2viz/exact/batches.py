"""The iteration of `admm` on whole batches by torch: on a GPU, and for what other methods left."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from sc2viz.exact import gaps
from sc2viz.exact.gaps import provable

BATCH = 1024  # The samples of one batch, which iterate together.


def solve(
    x: Tensor,
    B: Tensor,
    lam: Tensor,
    codes: Tensor,
    gap: Tensor,
    tol: float,
    max_iterations: int,
    positive: bool,
) -> int:
    """Fill `codes` (n, d_s), on entry where to begin, and `gap` (n,); returns the most iterations that a sample took.

    x (n, d_x), B (d_x, d_s) and lam (n,) in float64. Codes that are not within `tol` after `max_iterations` are those of
    the last iteration.
    """
    gram, most = B.T @ B, 0
    for rows in torch.arange(len(x), device=x.device).split(BATCH):
        pictures = x[rows].double()
        projection, square = pictures @ B, pictures.square().sum(1)
        largest = (projection if positive else projection.abs()).amax(1)
        fits = provable(pictures, B.square().sum(0), square, largest, lam[rows])
        codes[rows[~fits]] = 0
        batch = Open(rows, projection, square, lam[rows, None], positive)[fits]
        most = max(
            most,
            _iterate(
                batch,
                gram,
                codes[batch.rows].double(),
                codes.dtype,
                tol,
                max_iterations,
                codes,
                gap,
            ),
        )
    return most


@dataclass(frozen=True)
class Open:
    """The samples still being solved: their rows in the answer, Bᵀx, ‖x‖² and λ."""

    rows: Tensor  # (m,)
    projection: Tensor  # (m, d_s)
    square: Tensor  # (m,)
    lam: Tensor  # (m, 1)
    positive: bool

    def __getitem__(self, kept: Tensor) -> Open:
        return Open(
            self.rows[kept], self.projection[kept], self.square[kept], self.lam[kept], self.positive
        )

    def to(self, precision: torch.dtype) -> Open:
        parts = (part.to(precision) for part in (self.projection, self.square, self.lam))
        return Open(self.rows, *parts, self.positive)

    def relative_gap(self, codes: Tensor, gram: Tensor) -> Tensor:
        correlation = self.projection - codes @ gram
        residual_square = (
            self.square - (codes * (self.projection + correlation)).sum(1)
        ).clamp_min(0)
        return gaps.relative(codes, correlation, residual_square, self.lam, self.positive)


def _iterate(
    batch: Open,
    gram: Tensor,
    z: Tensor,
    precision: torch.dtype,
    tol: float,
    max_iterations: int,
    codes: Tensor,
    gap: Tensor,
    *,
    relax: float = 1.7,
    every: int = 5,
) -> int:
    """Solve one batch from the codes `z` into its rows of `codes` and `gap`; returns the iterations taken.

    The gaps are computed every few iterations, first in the precision of the iterations. After 2, 4, 8, … of these looks, ρ
    moves towards balanced primal and dual residuals.
    """
    lowest = -torch.inf if batch.positive else -1
    values, vectors = torch.linalg.eigh(gram)
    rho = 0.7 * values.mean().item() or 1.0
    u = (batch.projection - z @ gram).clamp(lowest * batch.lam, batch.lam) / rho
    z, u = z.to(precision), u.to(precision)
    sketch, sketch_gram = batch.to(precision), gram.to(precision)
    s = before = z
    for k in range(max_iterations + 1):
        if k % every == 0 or k == max_iterations:
            last = k == max_iterations
            reached = sketch.relative_gap(z, sketch_gram).double()
            near = (reached <= tol) | last
            if near.any():
                reached[near] = batch[near].relative_gap(z[near].double(), gram)
            balance = 1.0
            if k > every and (k // every).bit_count() == 1:
                balance = _balance((s - z).norm() / z.norm(), (z - before).norm() / u.norm())
            done = (reached <= tol) | last
            codes[batch.rows[done]], gap[batch.rows[done]] = z[done], reached[done]
            if done.all():
                return k
            if done.any():
                batch, sketch, z, u = batch[~done], sketch[~done], z[~done], u[~done]
            if k == 0 or balance != 1:
                rho, u = rho * balance, u / balance
                inverse = (vectors / (values + rho)) @ vectors.T
                fixed, inverse = (batch.projection @ inverse).to(precision), inverse.to(precision)
            elif done.any():
                fixed = fixed[~done]
            threshold = sketch.lam / rho
        before = z
        s = torch.addmm(fixed, z - u, inverse, alpha=rho)
        v = torch.lerp(z, s, relax).add_(u)
        u = v.clamp(lowest * threshold, threshold)
        z = v - u
    raise AssertionError("the last look returns")


def _balance(primal: Tensor, dual: Tensor) -> float:
    """The factor by which ρ changes, 2√(primal/dual residual), or 1 if balanced or undefined: see `admm.balancing`."""
    factor = 2 * (primal / dual).sqrt().item()
    return factor if 0.01 < factor < 0.8 or 1.25 < factor < 100 else 1.0
