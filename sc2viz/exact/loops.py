"""What the compiled methods share: how they are compiled, and products of matrices as loops over numpy arrays of float64.

Every function works on the thread that calls it and without the GIL. No BLAS is called, because BLAS libraries share one
pool of threads among all who call them at once. Loops copy and sum arrays, and counters begin as np.int64, because array
expressions and literals take seconds to compile.
"""

from contextlib import suppress
from functools import partial

import numba
import numpy as np

WIDTH = 128  # The columns of a dictionary that are multiplied at a time.
TILE = 64  # The rows and columns of a Gram matrix that are computed at a time.
STEP = 16  # The rows of a matrix that are eliminated at a time.
LINE = 16  # So many numbers of float32 are in a cache line.
BLOCK = 64  # The samples that are solved and multiplied together: few enough to stay in the cache.
FAST = {
    "contract",
    "reassoc",
    "nsz",
    "arcp",
    "nnan",
}  # Rounding may differ; infinity keeps its meaning, but NaN has none.


def compiled(function, fast=FAST):
    """Compile a function by numba, without the GIL and with `fast` as its `fastmath`, and return it. The machine code is kept on
    disk if a folder for that can be written."""
    with suppress(
        RuntimeError
    ):  # "no locator available": then it is compiled anew in every process
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
    """Copy source to out[:len(source)], of one dimension each."""
    for i in range(len(source)):
        out[i] = source[i]


@compiled
def multiply(A, B, out, m):
    """Compute out[:m] = A[:m] @ B for m divisible by four. Every number loaded is used four times."""
    d, n = B.shape
    for i in range(0, m, 4):
        w, x, y, z = out[i], out[i + 1], out[i + 2], out[i + 3]
        out[i : i + 4] = 0
        for k in range(0, d - d % 4, 4):
            p, q, r, s = B[k], B[k + 1], B[k + 2], B[k + 3]
            wp, wq, wr, ws = A[i, k], A[i, k + 1], A[i, k + 2], A[i, k + 3]
            xp, xq, xr, xs = A[i + 1, k], A[i + 1, k + 1], A[i + 1, k + 2], A[i + 1, k + 3]
            yp, yq, yr, ys = A[i + 2, k], A[i + 2, k + 1], A[i + 2, k + 2], A[i + 2, k + 3]
            zp, zq, zr, zs = A[i + 3, k], A[i + 3, k + 1], A[i + 3, k + 2], A[i + 3, k + 3]
            for j in range(n):
                a, b, c, e = p[j], q[j], r[j], s[j]
                w[j] += wp * a + wq * b + wr * c + ws * e
                x[j] += xp * a + xq * b + xr * c + xs * e
                y[j] += yp * a + yq * b + yr * c + ys * e
                z[j] += zp * a + zq * b + zr * c + zs * e
        for k in range(d - d % 4, d):
            p, wp, xp, yp, zp = B[k], A[i, k], A[i + 1, k], A[i + 2, k], A[i + 3, k]
            for j in range(n):
                w[j] += wp * p[j]
                x[j] += xp * p[j]
                y[j] += yp * p[j]
                z[j] += zp * p[j]


@compiled
def add_rows(rows, index, weights, k, out, n):
    """Compute out[:n] += Σ_i weights[i] · rows[index[i], :n] over i < k: four rows a pass, so that `out` is stored less often."""
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
def invert(gram, rho, out):
    """Compute out = ρ(G + ρI)⁻¹ by elimination without pivots (Gauss & Jordan), STEP rows at a time, below the diagonal.

    Above it, the entry of a row that was eliminated is minus its mirror image, and that of another row is equal to it.
    """
    A, order = gram.copy(), np.arange(len(gram))
    for i in order:
        A[i, i] += rho
    for first in range(0, len(A), STEP):
        block = order[first : first + STEP]
        for k in block:
            for j in range(k + 1, len(A)):
                A[k, j] = A[j, k]
        weights = A[first : first + STEP].copy()
        weights[:, first:] *= -1
        for k in block:
            row, pivot = A[k], A[k, k]
            row[k] = 1
            for j in order:
                row[j] /= pivot
            for i in block:
                if i != k:
                    weight, A[i, k] = A[i, k], 0
                    for j in order:
                        A[i, j] -= weight * row[j]
        for i in order:
            if not first <= i < first + STEP:
                A[i, first : first + STEP] = 0
                add_rows(A, block, weights[:, i], len(block), A[i], i + 1)
    for i in order:
        for j in range(i + 1):
            out[i, j] = out[j, i] = rho * A[i, j]


@compiled
def dot(a, b):
    """Return aᵀb of two vectors of one length."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@compiled
def fill_sixteen_products(a, b, c, d, p, q, r, s, n, out):
    """Fill out (4, 4): out[i, j] = the dot product of the first n numbers of the i-th of a, b, c, d and the j-th of p, q, r,
    s."""
    zero = out.dtype.type(0)
    ap = aq = ar = az = bp = bq = br = bz = cp = cq = cr = cz = dp = dq = dr = dz = zero
    for k in range(n):
        w, x, y, z, e, f, g, h = a[k], b[k], c[k], d[k], p[k], q[k], r[k], s[k]
        ap, aq, ar, az = ap + w * e, aq + w * f, ar + w * g, az + w * h
        bp, bq, br, bz = bp + x * e, bq + x * f, br + x * g, bz + x * h
        cp, cq, cr, cz = cp + y * e, cq + y * f, cr + y * g, cz + y * h
        dp, dq, dr, dz = dp + z * e, dq + z * f, dr + z * g, dz + z * h
    out[0, 0], out[0, 1], out[0, 2], out[0, 3] = ap, aq, ar, az
    out[1, 0], out[1, 1], out[1, 2], out[1, 3] = bp, bq, br, bz
    out[2, 0], out[2, 1], out[2, 2], out[2, 3] = cp, cq, cr, cz
    out[3, 0], out[3, 1], out[3, 2], out[3, 3] = dp, dq, dr, dz


@compiled
def gram_rows(atoms, W, first, last, out):
    """Fill out[i, j] = out[j, i] = b_iᵀb_j of the atoms W (m,) for first ≤ i < last and all j ≤ i, in tiles; atoms = Bᵀ."""
    m, d_x, sums = len(W), atoms.shape[1], np.empty((4, 4), atoms.dtype)
    for top in range(first, last, TILE):
        for first_column in range(0, min(top + TILE, last), TILE):
            for i in range(top, min(top + TILE, last), 4):
                a, b, c, d = W[i], W[min(i + 1, m - 1)], W[min(i + 2, m - 1)], W[min(i + 3, m - 1)]
                for j in range(first_column, min(first_column + TILE, i + 4, m), 4):
                    p, q, r, s = (
                        W[j],
                        W[min(j + 1, m - 1)],
                        W[min(j + 2, m - 1)],
                        W[min(j + 3, m - 1)],
                    )
                    fill_sixteen_products(
                        atoms[a],
                        atoms[b],
                        atoms[c],
                        atoms[d],
                        atoms[p],
                        atoms[q],
                        atoms[r],
                        atoms[s],
                        d_x,
                        sums,
                    )
                    for k in range(i, min(i + 4, m)):
                        for h in range(j, min(j + 4, m)):
                            out[k, h] = out[h, k] = sums[k - i, h - j]


@compiled
def transpose(B, atoms, columns):
    """Set atoms[j] = column j of B for every j of `columns`: LINE of them at a time, which often share cache lines."""
    for start in range(0, len(columns), LINE):
        for i in range(len(B)):
            row = B[i]
            for j in columns[start : start + LINE]:
                atoms[j, i] = row[j]


@partial(compiled, fast=FAST - {"nnan"})
def squares(B):
    """Return the sum of the squares of every column of B, in float64: not finite where an entry is not finite."""
    out = np.zeros(B.shape[1])
    for row in B:
        for j in range(len(out)):
            out[j] += np.float64(row[j]) ** 2
    return out


@compiled
def project(x, B, projection, square):
    """Compute projection = x B in the precision of B, and square = ‖x‖² of every row in float64; x (n, d_x) of any precision.

    BLOCK rows of x and WIDTH columns of B, which are copied, are multiplied at a time, so that they stay in the cache.
    """
    n, d_x = x.shape
    d_s, order = B.shape[1], np.arange(d_x)
    rows = min(BLOCK, n + -n % 4)
    block, tile = np.zeros((rows, d_x), B.dtype), np.empty((d_x, min(WIDTH, d_s)), B.dtype)
    product, in_tile = np.empty((rows, tile.shape[1]), B.dtype), -1
    for start in range(0, n, BLOCK):
        m = min(BLOCK, n - start)
        for i in range(m):
            total = 0.0
            for j in range(d_x):
                v = np.float64(x[start + i, j])
                block[i, j] = v
                total += v * v
            square[start + i] = total
        if m < 4:
            for i in range(m):
                projection[start + i] = 0
                add_rows(B, order, block[i], d_x, projection[start + i], d_s)
            continue
        for first in range(0, d_s, WIDTH):
            width = min(WIDTH, d_s - first)
            if in_tile != first:
                in_tile = first
                for j in range(d_x):
                    copy(B[j, first : first + width], tile[j])
            multiply(block, tile, product, m + -m % 4)
            for i in range(m):
                copy(product[i, :width], projection[start + i, first : first + width])
