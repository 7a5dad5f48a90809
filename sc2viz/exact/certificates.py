"""The duality gap of a sample's codes, in compiled code and in float64, whatever the codes' precision: see `gaps`."""

from __future__ import annotations

from functools import partial

import numpy as np

from sc2viz.exact.loops import add_rows, compiled, finite


@compiled
def times_gram(B, atoms, gram, active, weights, k, order, out):
    """out = G_{·A} weights: by rows of G where there is a Gram matrix, else as Bᵀ(B_A weights)."""
    d_x, d_s = B.shape
    out[:] = 0
    if len(gram):
        add_rows(gram, active, weights, k, out, d_s)
    else:
        reconstruction = np.zeros(d_x)
        add_rows(atoms, active, weights, k, reconstruction, d_x)
        add_rows(B, order, reconstruction, d_x, out, d_s)


@compiled
def correlations(projection, B, atoms, gram, active, values, k, order, c):
    """c = Bᵀx − G s of the codes s_A = values."""
    times_gram(B, atoms, gram, active, values, k, order, c)
    for j in range(len(c)):
        c[j] = projection[j] - c[j]


@partial(compiled, fast=False)
def share(residual, price, dot, scale):
    """The gap ½(1 − scale)² ‖x − B s‖² + dot as a share of F = ½‖x − B s‖² + price; infinite if a number overflowed."""
    if not (abs(residual) < np.inf and price < np.inf and abs(dot) < np.inf):
        return np.inf
    residual = max(residual, 0.0)
    gap = max(0.5 * (1 - scale) ** 2 * residual + dot, 0.0)
    return gap / (0.5 * residual + price) if gap > 0 else 0.0


@compiled
def gap_of(active, values, k, c, projection, square_x, lam, positive):
    """The relative duality gap of the k codes `values` on the atoms `active`, where c = Bᵀ(x − B s)."""
    largest, dot, price, fit = 0.0, 0.0, 0.0, 0.0
    for j in range(len(c)):
        largest = max(largest, c[j] if positive else abs(c[j]))
    scale = lam / largest if largest > lam else 1.0
    for i in range(k):
        j, s = active[i], values[i]
        fit += s * (projection[j] + c[j])
        dot += lam * abs(s) - scale * s * c[j]
        price += lam * abs(s)
    return share(square_x - fit, price, dot, scale)


@compiled
def relative_gap(codes, projection, square_x, lam, B, atoms, gram, positive):
    """The duality gap of one sample's codes (of any precision), relative to F there: see `lasso.duality_gap`.

    It is infinite for codes that are not finite.
    """
    if not finite(codes):
        return np.inf
    d_x, d_s = B.shape
    active, values, c, k = np.empty(d_s, np.int64), np.empty(d_s), np.empty(d_s), np.int64(0)
    for j in range(d_s):
        if codes[j] != 0:
            active[k], values[k] = j, codes[j]
            k += 1
    correlations(projection, B, atoms, gram, active, values, k, np.arange(d_x), c)
    return gap_of(active, values, k, c, projection, square_x, lam, positive)


@compiled
def certify(rows, projection, square_x, lam, B, atoms, gram, positive, codes, gap):
    """gap[r] of codes[r] for every r of `rows`."""
    for r in rows:
        gap[r] = relative_gap(codes[r], projection[r], square_x[r], lam[r], B, atoms, gram, positive)
