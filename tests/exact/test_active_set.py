"""Atoms that nearly depend on each other, zero atoms and extreme scales: what `lasso.solve` returns is proved or told."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2viz import lasso
from sc2viz.exact import active_set
from sc2viz.exact.task import Task
from tests.problems import problem, scikit_learn


def hilbert(d_x, d_s):
    """Atoms of norm 1 whose condition number is far above 1/ε, from the matrix 1/(i + j + 1)."""
    return lasso.normalised(torch.from_numpy(1 / (np.arange(d_x)[:, None] + np.arange(d_s) + 1.0)))


def numpy_gap(x, codes, B, lam, positive=False, mask=None):
    """The relative duality gap (n,) and F (n,), in NumPy's longest floats."""
    x, codes, B = (np.asarray(array.double(), np.longdouble) for array in (x, codes, B))
    residual = x - codes @ B.T
    residual = residual if mask is None else np.where(mask, residual, 0)
    correlation, price = residual @ B, lam * np.abs(codes).sum(1)
    scale = lam / np.maximum((correlation if positive else np.abs(correlation)).max(1), lam)
    F = 0.5 * np.square(residual).sum(1) + price
    gap = (
        0.5 * (1 - scale) ** 2 * np.square(residual).sum(1)
        + price
        - scale * (codes * correlation).sum(1)
    )
    return gap / np.where(F > 0, F, 1), F


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("scale", [1e-9, 1, 1e9])
def test_hilbert_atoms_are_solved(scale, positive):
    """In float64, as NumPy proves, and in float32, where rounded codes of ±5,000 prove little by themselves."""
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((24, 40)))
    B, lam = scale * hilbert(40, 60), scale * 1e-4
    solution = lasso.solve(x, B, lam, tol=1e-8, positive=positive)  # NotConverged would be an error
    gap, best = numpy_gap(x, solution.codes, B, lam, positive)
    assert torch.isfinite(solution.codes).all() and (gap <= 1.1e-8).all()
    np.testing.assert_allclose(solution.gap, gap.astype(float), rtol=0.01, atol=1e-9)
    rounded = lasso.solve(x.float(), B.float(), lam, positive=positive)
    assert rounded.codes.dtype == torch.float32 and (rounded.gap <= 1e-4).all()


@st.composite
def hostile(draw):
    """(x, B, λ, mask): atoms that nearly depend on each other or are zero, at scales from 1e-100 to 1e100."""
    n, d_x, d_s = draw(st.integers(1, 4)), draw(st.integers(1, 25)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    B, half = lasso.normalised(torch.from_numpy(rng.standard_normal((d_x, d_s)))), d_s // 2
    kind = draw(st.sampled_from(["hilbert", "duplicated", "near", "zero", "uneven"]))
    if kind == "hilbert":
        B = hilbert(d_x, d_s)
    if kind == "duplicated":
        B[:, half : 2 * half] = B[:, :half] * draw(st.sampled_from([1.0, -1.0, 0.5]))
    if kind == "near":
        B[:, half : 2 * half] = B[:, :half] + 10.0 ** draw(st.integers(-12, -4)) * torch.from_numpy(
            rng.standard_normal((d_x, half))
        )
    if kind == "zero":
        B[:, half:] = 0
    if kind == "uneven":
        B = B * torch.from_numpy(10 ** rng.uniform(-4, 4, d_s))
    scales = st.sampled_from([0, 0, -30, 30, -100, 100])
    x, B = (
        torch.from_numpy(rng.standard_normal((n, d_x))) * 10.0 ** draw(scales),
        B * 10.0 ** draw(scales),
    )
    mask = torch.from_numpy(rng.random((n, d_x)) < 0.7) if draw(st.booleans()) else None
    if draw(st.booleans()) and max(x.abs().max(), B.abs().max()) < 1e38:
        x, B = x.float(), B.float()
    largest = (x if mask is None else x * mask).double() @ B.double()
    lam = (largest.abs().max().item() or 1.0) * 10 ** draw(st.floats(-6, 0.1))
    return x, B, torch.tensor(lam, dtype=x.dtype).item() or torch.finfo(x.dtype).tiny, mask


@settings(max_examples=200)
@given(
    hostile(),
    st.booleans(),
    st.sampled_from([1e-2, 1e-4, 1e-8]),
    st.sampled_from([0, 3, 5000, 5000]),
)
def test_codes_are_finite_and_their_gaps_true_whatever_the_atoms(case, positive, tol, limit):
    x, B, lam, mask = case
    if not lam < torch.finfo(x.dtype).max:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lasso.NotConverged)  # allowed, if it is told
        solution = lasso.solve(
            x, B, lam, tol=tol, mask=mask, positive=positive, max_iterations=limit
        )
    codes, gaps = solution.codes, solution.gap.numpy()
    assert torch.isfinite(codes).all() and not (positive and (codes < 0).any())
    assert torch.equal(solution.converged, solution.gap <= tol)
    assert ((gaps <= 1.0001) | np.isinf(gaps)).all()  # zeros have a gap of at most 1
    observed = x if mask is None else torch.where(mask, x, 0)
    gap, F = numpy_gap(observed, codes, B, lam, positive, mask)
    without = 0.5 * np.square(np.asarray(observed.double(), np.longdouble)).sum(1)
    assert (without * (1 + 1e-6) >= F).all()  # never above F of zeros
    # What rounding of Bᵀ(x − B s), whose sums have at most d_x + d_s terms, does to the gap.
    size = observed.double().norm(dim=1) + codes.double().norm(dim=1) * torch.linalg.matrix_norm(
        B.double(), 2
    )
    rounding = (
        sum(B.shape)
        * np.finfo(float).eps
        * (size * torch.linalg.matrix_norm(B.double(), 2) / lam).numpy()
    )
    if codes.dtype == torch.float64:  # in float32 a gap may be that of the dual before rounding
        assert (gaps >= gap * (1 - 1e-3) - rounding - 1e-12).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_no_code_is_below_zero_where_pairs_of_atoms_are_nearly_alike(seed):
    rng = np.random.default_rng(seed)
    half = lasso.normalised(torch.from_numpy(rng.standard_normal((12, 10))))
    B = torch.cat((half, half + 1e-6 * torch.from_numpy(rng.standard_normal((12, 10)))), dim=1)
    x = torch.from_numpy(rng.standard_normal((40, 12)))
    solution = lasso.solve(x, B, 1e-3, tol=1e-2, positive=True)
    assert solution.converged.all() and (solution.codes >= 0).all()
    gap, _ = numpy_gap(x, solution.codes, B, 1e-3, positive=True)
    assert (gap <= 1.01e-2).all()


@pytest.mark.parametrize("power", [-30, 30])
def test_what_float32_cannot_hold_comes_back_as_zeros_with_their_gap(power):
    """The optimum is about 1e-60 or 1e60; float64, which the warning names, solves it."""
    x, B = 10.0**power * torch.ones(2, 3), 10.0**-power * torch.eye(3)
    with pytest.warns(lasso.NotConverged, match="2 of 2 samples .* pass x in float64"):
        solution = lasso.solve(x, B, 0.1)
    assert (solution.codes == 0).all() and not solution.converged.any()
    gap, _ = numpy_gap(x, solution.codes, B, 0.1)
    np.testing.assert_allclose(solution.gap, gap.astype(float), rtol=1e-6)
    assert lasso.solve(x.double(), B.double(), 0.1).converged.all()


@pytest.mark.parametrize("positive", [False, True])
def test_the_active_set_leads_to_the_optimum(positive):
    x, B = problem(d_x=20, d_s=30)
    codes, gap = torch.zeros(4, 30, dtype=x.dtype), torch.full((4,), np.inf)
    lam = torch.tensor([0.1, 0.3, 0.5, 9.0], dtype=x.dtype)
    solved = active_set.solve(Task(x, B, lam, codes, gap, 1e-12, 5000, positive, False))
    best = scikit_learn(x, B, lam.numpy(), positive)
    torch.testing.assert_close(solved.codes, best, rtol=0, atol=1e-6)
    assert (solved.gap <= 1e-12).all() and not (positive and (solved.codes < 0).any())
