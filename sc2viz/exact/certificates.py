"""The duality gap of a sample's codes, in compiled code and in float64, whatever the codes' precision: see `gaps`."""

from functools import partial

import numpy as np

from sc2viz.exact.loops import add_rows, compiled, finite


@compiled
def times_gram(B, atoms, gram, active, weights, k, out):
    """Compute out = G_{·A} weights: by rows of G where there is a Gram matrix, else as Bᵀ(B_A weights)."""
    d_x, d_s = B.shape
    out[:] = 0
    if len(gram):
        add_rows(gram, active, weights, k, out, d_s)
    else:
        reconstruction = np.zeros(d_x)
        add_rows(atoms, active, weights, k, reconstruction, d_x)
        add_rows(B, np.arange(d_x), reconstruction, d_x, out, d_s)


@compiled
def correlations(samples, r, active, values, k, c):
    """Compute c = Bᵀx − G s of sample r and the codes s_A = values."""
    projection = samples.projection[r]
    times_gram(samples.B, samples.atoms, samples.gram, active, values, k, c)
    for j in range(len(c)):
        c[j] = projection[j] - c[j]


@partial(compiled, fast=False)
def share(residual, price, dot, scale):
    """Return the gap ½(1 − scale)² ‖x − B s‖² + dot as a share of F = ½‖x − B s‖² + price; infinite if a number overflowed."""
    if not (abs(residual) < np.inf and price < np.inf and abs(dot) < np.inf):
        return np.inf
    residual = max(residual, 0.0)
    gap = max(0.5 * (1 - scale) ** 2 * residual + dot, 0.0)
    return gap / (0.5 * residual + price) if gap > 0 else 0.0


@compiled
def objective(c0, c, s0, s, lam, square, positive, largest):
    """Return (F, relative duality gap) of the codes s (m,), given their correlations c = Bᵀ(x − B s): see `lasso.duality_gap`.

    They began as s0, with the correlations c0 and ‖x − B s0‖² = `square`. `largest` is at least λ and the largest
    correlation of any other atom.
    """
    fit, price, dot = 0.0, 0.0, 0.0
    for i in range(len(s)):
        largest = max(largest, c[i] if positive else abs(c[i]))
        fit += (s[i] - s0[i]) * (c0[i] + c[i])
    scale = lam / largest
    for i in range(len(s)):
        price += lam * abs(s[i])
        dot += lam * abs(s[i]) - scale * s[i] * c[i]
    return 0.5 * max(square - fit, 0.0) + price, share(square - fit, price, dot, scale)


@compiled
def relative_gap(samples, r, codes):
    """Return the duality gap of sample r's codes (d_s,) of any precision, relative to F there: see `lasso.duality_gap`.

    It is infinite for codes that are not finite.
    """
    if not finite(codes):
        return np.inf
    d_s, lam, k = len(codes), samples.lam[r], np.int64(0)
    active, values, c = np.empty(d_s, np.int64), np.empty(d_s), np.empty(d_s)
    for j in range(d_s):
        if codes[j] != 0:
            active[k], values[k] = j, codes[j]
            k += 1
    correlations(samples, r, active, values, k, c)
    return objective(
        samples.projection[r],
        c,
        np.zeros(d_s),
        codes,
        lam,
        samples.square_x[r],
        samples.positive,
        lam,
    )[1]
