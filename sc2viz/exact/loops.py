"""What the compiled methods share: how they are compiled, and products of matrices as loops over numpy arrays of float64.

Every function works on the thread that calls it and without the GIL. No BLAS is called, because BLAS libraries share one
pool of threads among all who call them at once. Loops copy and sum arrays, and counters begin as np.int64, because array
expressions and literals take seconds to compile.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import numba
import numpy as np

BLOCK = 64  # The samples whose matrix products are computed together: few enough to stay in the cache.
FAST = {"contract", "reassoc", "nsz", "arcp", "nnan"}  # Rounding may differ; infinity keeps its meaning, but NaN has none.


def compiled(function, fast=FAST):
    """numba without the GIL. The machine code is kept on disk if a folder for that can be written."""
    with suppress(RuntimeError):  # "no locator available": then it is compiled anew in every process
        return numba.njit(function, nogil=True, fastmath=fast, error_model="numpy", cache=True)
    return numba.njit(function, nogil=True, fastmath=fast, error_model="numpy")


@partial(compiled, fast=False)
def finite(values):
    """Whether no entry of values (m,) is NaN or infinite. Code compiled with FAST cannot tell."""
    for value in values:  # noqa: SIM110
        if not abs(value) < np.inf:
            return False
    return True


@compiled
def copy(source, out):
    """out[:len(source)] = source, of one dimension each."""
    for i in range(len(source)):
        out[i] = source[i]


@compiled
def multiply(A, B, out, m, first=0):
    """out[:m, first:] = A[:m] @ B[:, first:] for m divisible by four. Every number loaded is used four times."""
    d, n = B.shape
    for i in range(0, m, 4):
        w, x, y, z = out[i, first:], out[i + 1, first:], out[i + 2, first:], out[i + 3, first:]
        out[i : i + 4, first:] = 0
        for k in range(0, d - d % 4, 4):
            p, q, r, s = B[k, first:], B[k + 1, first:], B[k + 2, first:], B[k + 3, first:]
            wp, wq, wr, ws = A[i, k], A[i, k + 1], A[i, k + 2], A[i, k + 3]
            xp, xq, xr, xs = A[i + 1, k], A[i + 1, k + 1], A[i + 1, k + 2], A[i + 1, k + 3]
            yp, yq, yr, ys = A[i + 2, k], A[i + 2, k + 1], A[i + 2, k + 2], A[i + 2, k + 3]
            zp, zq, zr, zs = A[i + 3, k], A[i + 3, k + 1], A[i + 3, k + 2], A[i + 3, k + 3]
            for j in range(n - first):
                a, b, c, e = p[j], q[j], r[j], s[j]
                w[j] += wp * a + wq * b + wr * c + ws * e
                x[j] += xp * a + xq * b + xr * c + xs * e
                y[j] += yp * a + yq * b + yr * c + ys * e
                z[j] += zp * a + zq * b + zr * c + zs * e
        for k in range(d - d % 4, d):
            p, wp, xp, yp, zp = B[k, first:], A[i, k], A[i + 1, k], A[i + 2, k], A[i + 3, k]
            for j in range(n - first):
                w[j] += wp * p[j]
                x[j] += xp * p[j]
                y[j] += yp * p[j]
                z[j] += zp * p[j]


@compiled
def add_rows(rows, index, weights, k, out, n):
    """out[:n] += Σ_i weights[i] · rows[index[i], :n] over i < k: four rows a pass, so that `out` is stored less often."""
    for i in range(0, k - k % 4, 4):
        a, b, c, d = rows[index[i]], rows[index[i + 1]], rows[index[i + 2]], rows[index[i + 3]]
        p, q, r, s = weights[i], weights[i + 1], weights[i + 2], weights[i + 3]
        for j in range(n):
            out[j] += p * a[j] + q * b[j] + r * c[j] + s * d[j]
    for i in range(k - k % 4, k):
        a, p = rows[index[i]], weights[i]
        for j in range(n):
            out[j] += p * a[j]


@compiled
def dot(a, b):
    """aᵀb."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@compiled
def project(rows, x, B, projection, square):
    """projection[r] = Bᵀx[r] and square[r] = ‖x[r]‖² in float64 for every r of `rows`; x (n, d_x) of any precision."""
    block, product = np.zeros((BLOCK, x.shape[1])), np.empty((BLOCK, B.shape[1]))
    for start in range(0, len(rows), BLOCK):
        some = rows[start : start + BLOCK]
        for i in range(len(some)):
            total = 0.0
            for j in range(x.shape[1]):
                block[i, j] = x[some[i], j]
                total += block[i, j] * block[i, j]
            square[some[i]] = total
        multiply(block, B, product, len(some) + -len(some) % 4)
        for i in range(len(some)):
            copy(product[i], projection[some[i]])


@compiled
def gram_block(B, atoms, out, first):
    """G = BᵀB from row `first` on, BLOCK rows, right of the diagonal, and their mirror image; atoms = Bᵀ."""
    last = min(first + BLOCK, B.shape[1])
    block, product = np.zeros((BLOCK, B.shape[0])), np.empty((BLOCK, B.shape[1]))
    for i in range(first, last):
        copy(atoms[i], block[i - first])
    multiply(block, B, product, BLOCK, first)
    for i in range(first, last):
        copy(product[i - first, first:], out[i, first:])
    for j in range(last, B.shape[1]):
        for i in range(first, last):
            out[j, i] = product[i - first, j]
