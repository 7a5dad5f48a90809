"""`lasso.path`, and the compiled homotopy under `lasso.solve`: against scikit-learn and the duality gap, in float64."""

import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from sc2viz import lasso
from sc2viz.exact import admm, batches, homotopy, loops, working_sets
from sc2viz.exact import problem as exact_problem
from sc2viz.exact.task import Task
from sc2viz.exact.threads import in_threads
from tests.problems import problem, scikit_learn


@st.composite
def problems(draw):
    """(x, B): wide and tall; duplicated, coherent and zero atoms, ties and zero pictures among them."""
    n, d_x, d_s = draw(st.integers(1, 4)), draw(st.integers(1, 20)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    B = rng.standard_normal((d_x, d_s))
    B *= rng.uniform(0.3, 1, d_s) / np.linalg.norm(B, axis=0)
    half, kind = (
        d_s // 2,
        draw(st.sampled_from(["random", "duplicated", "coherent", "zero", "orthogonal"])),
    )
    if kind == "duplicated":
        B[:, half : 2 * half] = B[:, :half] * draw(st.sampled_from([1.0, -1.0, 0.5]))
    if kind == "coherent":
        B[:, half : 2 * half] = B[:, :half] + draw(
            st.sampled_from([1e-1, 1e-2, 1e-3])
        ) * rng.standard_normal((d_x, half))
    if kind == "zero":
        B[:, half:] = 0
    if kind == "orthogonal":  # with x of ±1 everything happens at once
        B = np.eye(d_x, d_s)
    x = rng.choice([-1.0, 1.0], (n, d_x)) if kind == "orthogonal" else rng.standard_normal((n, d_x))
    if draw(st.booleans()):
        x[0] = 0
    return torch.from_numpy(x), torch.from_numpy(B)


def random(*shapes):
    rng = np.random.default_rng(0)
    return [torch.from_numpy(rng.standard_normal(shape)) for shape in shapes]


def relative_gap(x, codes, B, lam, **options):
    gap = lasso.duality_gap(x, codes, B, lam, **options)
    return torch.where(
        gap == 0, 0, gap / lasso.objective(x, codes, B, lam, mask=options.get("mask"))
    )


# The path -------------------------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(problems(), st.lists(st.floats(-3, 0.2), min_size=20, max_size=20), st.booleans())
def test_the_path_is_optimal_at_every_lambda(case, exponents, positive):
    x, B = case
    largest = lasso.lambda_max(x, B).max().item() or 1.0
    path = lasso.path(x, B, largest * 1e-3, positive=positive)
    lam = largest * 10 ** torch.tensor(exponents, dtype=x.dtype)
    codes = path.at_lambdas(lam).flatten(0, 1)
    assert codes.dtype == torch.float64
    gap = relative_gap(x.repeat(20, 1), codes, B, lam.repeat_interleave(len(x)), positive=positive)
    assert (gap <= 1e-9).all()


@given(problems())
def test_knots_fall_from_lambda_max_to_lam_min_and_the_path_goes_through_them(case):
    x, B = case
    largest = lasso.lambda_max(x, B)
    lam_min = (largest.max().item() or 1.0) * 0.05
    path = lasso.path(x, B, lam_min)
    for i, (lam, codes) in enumerate(zip(path.lam, path.codes, strict=True)):
        assert codes.shape == (len(lam), B.shape[1])
        assert (lam.diff() < 0).all() and lam[-1] == lam_min and (codes[0] == 0).all()
        if largest[i] > lam_min:
            assert lam[0].item() == pytest.approx(largest[i].item(), rel=1e-12)
        if path.complete[i]:
            assert_close(path.at_lambdas(lam)[:, i], codes, rtol=0, atol=1e-12)
    assert (path.at(largest.max() * 1.01 + 1) == 0).all()


def test_no_code_of_a_positive_path_is_below_zero():
    path = lasso.path(*random((20, 30), (30, 60)), 0.01, positive=True)
    assert min(codes.min() for codes in path.codes) == 0


def test_independent_atoms_have_the_codes_of_solve_and_lambda_may_differ_by_sample():
    x, B = random((6, 30), (30, 12))
    path, lam = lasso.path(x, B, 0.01), torch.logspace(-2, 1.5, 6, dtype=x.dtype)
    assert_close(path.at(lam), lasso.solve(x, B, lam, tol=1e-12).codes, rtol=0, atol=1e-9)
    by_sample = lasso.path(x, B, lam)
    assert_close(by_sample.at(lam), path.at(lam), rtol=0, atol=1e-9)
    assert path.complete.all() and by_sample.complete.all()


def test_below_its_end_the_path_is_not_known():
    x, B = torch.ones(2, 3), torch.eye(3)
    path = lasso.path(x, B, 0.1)
    for ask in (path.at, lambda lam: path.at_lambdas([0.5, lam])):
        with pytest.raises(
            ValueError, match=r"lam must be ≥ 0\.1, the lam_min of this path, got 0\.05"
        ):
            ask(0.05)
    assert_close(path.at(0.1), torch.full((2, 3), 0.9, dtype=torch.float64))
    lam = torch.tensor([[0.1, 0.7], [0.3, 0.2]])
    assert torch.equal(path.at_lambdas(lam), torch.stack([path.at(one_lam) for one_lam in lam]))
    assert path.at_lambdas([]).shape == (0, 2, 3)
    assert lasso.path(x[:0], B, 0.1).at(0.1).shape == (0, 3)


def test_a_path_that_is_not_complete_and_comes_last_is_solved_when_asked():
    """60 atoms in a plane depend on each other; no knot of their path is at lam_min."""
    angle = torch.linspace(0, 1.5, 60)
    B = torch.stack((angle.cos(), angle.sin())) * torch.linspace(0.5, 1, 60)
    x = torch.tensor([[1.0, 0.9]])
    path = lasso.path(x, B, 1e-3)
    assert not path.complete.any()
    assert (relative_gap(x.double(), path.at(0.1), B.double(), 0.1) <= 1e-8).all()


# Non-negative codes ---------------------------------------------------------------------------------------------------


def test_codes_below_zero_have_no_positive_certificate():
    gap = lasso.duality_gap(
        torch.ones(2, 2), torch.tensor([[1.0, 0.0], [-1.0, 0.0]]), torch.eye(2), 0.1, positive=True
    )
    assert torch.isfinite(gap[0]) and torch.isinf(gap[1])
    with pytest.raises(ValueError, match=r"start must be ≥ 0 with positive=True, got -1"):
        lasso.solve(torch.ones(1, 2), torch.eye(2), 0.1, start=-torch.ones(1, 2), positive=True)


# Pictures of which a part was observed --------------------------------------------------------------------------------


@given(problems(), st.integers(0, 99), st.floats(-3, 0), st.booleans())
def test_a_masked_sample_is_the_sample_without_those_rows(case, seed, exponent, positive):
    x, B = case
    mask = torch.from_numpy(np.random.default_rng(seed).random(x.shape) < 0.6)
    lam = (lasso.lambda_max(x, B).max().item() or 1.0) * 10**exponent
    hidden = torch.where(mask, x, torch.nan)  # is never looked at
    solution = lasso.solve(hidden, B, lam, tol=1e-9, mask=mask, positive=positive)
    assert solution.converged.all()
    for i, observed in enumerate(mask):
        codes, rows, masked = (
            solution.codes[[i]],
            x[[i]][:, observed],
            (hidden[[i]], solution.codes[[i]], B, lam),
        )
        F = lasso.objective(*masked, mask=mask[[i]])
        assert_close(F, lasso.objective(rows, codes, B[observed], lam))
        gap = lasso.duality_gap(*masked, mask=mask[[i]], positive=positive)
        duality_gap = lasso.duality_gap(rows, codes, B[observed], lam, positive=positive)
        assert_close(gap, duality_gap, rtol=1e-6, atol=1e-12)
        assert observed.any() or not codes.any()
        best = scikit_learn(rows, B[observed], lam, positive) if observed.any() else 0 * codes
        minimum = lasso.objective(rows, best, B[observed], lam)
        assert (F - minimum <= 1e-8 * minimum + 1e-12).all()


# Certificates at the edge ---------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(problems(), st.floats(-9.9, 0.2), st.sampled_from([0, 3, 6, -6]), st.booleans())
def test_every_gap_bounds_the_true_error(case, exponent, scale, positive):
    """Tiny λ and atoms of norm 1e6 among them; scikit-learn at a tolerance of 1e-12 is the truth."""
    x, B = case
    B[:, 0] *= 10.0**scale
    lam = (lasso.lambda_max(x, B).max().item() or 1.0) * 10**exponent
    best = lasso.objective(x, scikit_learn(x, B, lam, positive), B, lam)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lasso.NotConverged)  # allowed, if it is told
        solution = lasso.solve(x, B, lam, tol=1e-6, max_iterations=300, positive=positive)
    F = lasso.objective(x, solution.codes, B, lam)
    proved = torch.isfinite(solution.gap)
    assert (F - best <= solution.gap * F + 1e-12 * F)[proved].all()
    assert torch.equal(solution.converged, solution.gap <= 1e-6)


def test_a_lambda_that_float64_cannot_prove_is_refused():
    x, B = torch.ones(2, 3, dtype=torch.float64), torch.eye(3, dtype=torch.float64)
    B[0, 0] = 1e6
    for ask in (lasso.solve, lasso.path):
        with pytest.raises(ValueError, match=r"lam must be ≥ 1e-10 of λ_max = 1e\+06, got 1e-06"):
            ask(x, B, 1e-6)
    assert lasso.solve(x, B, 1.1e-4).converged.all()


# Threads, and the other ways to the optimum ---------------------------------------------------------------------------


def test_batches_and_the_homotopy_have_one_optimum():
    """ADMM, which GPUs use and which is asked where the homotopy fails, run here on the CPU."""
    x, B = random((30, 20), (20, 15))
    for positive in (False, True):
        exact = lasso.solve(x, B, 0.5, tol=1e-10, positive=positive)
        codes, gap = torch.zeros_like(exact.codes), torch.full_like(exact.gap, torch.inf)
        lam = torch.full((30,), 0.5, dtype=x.dtype)
        batches.solve(Task(x, B, lam, codes, gap, 1e-10, 5000, positive, is_single=False))
        assert (gap <= 1e-10).all() and (
            relative_gap(x, codes, B, 0.5, positive=positive) <= 1e-9
        ).all()
        assert_close(codes, exact.codes, rtol=0, atol=1e-4)


@pytest.mark.parametrize("dtype, tol", [(torch.float32, 1e-4), (torch.float64, 1e-8)])
@pytest.mark.parametrize("positive", [False, True])
def test_large_batches_with_a_small_lambda_have_that_optimum_too(dtype, tol, positive, monkeypatch):
    """Compiled ADMM on blocks, of more than one size, cut short for some samples, from zeros and from a start."""
    x, B = (tensor.to(dtype) for tensor in random((150, 20), (20, 30)))
    lam = lasso.lambda_max(x, B) * torch.logspace(-2.5, -1, 150, dtype=dtype)
    solution = lasso.solve(x, B, lam, tol=tol, positive=positive)
    for patience, start in ((40, None), (10, None), (10, solution.codes.roll(1, 0))):
        monkeypatch.setattr(admm, "patience", lambda shape, limit=patience: limit)
        restarted = lasso.solve(x, B, lam, tol=tol, positive=positive, start=start)
        assert restarted.converged.all() and not (positive and (restarted.codes < 0).any())
        exact = x.double(), restarted.codes.double(), B.double(), lam.double()
        assert_close(relative_gap(*exact, positive=positive), restarted.gap, rtol=1e-3, atol=1e-9)
    monkeypatch.setattr(admm, "suits", lambda shape, n, is_single, share, **_: np.zeros(n, bool))
    alone = lasso.solve(x, B, lam, tol=tol, positive=positive)
    assert solution.iterations != alone.iterations  # ADMM solved some


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_dictionary_that_changes_in_place_is_not_taken_for_the_one_before(dtype):
    x, B = (tensor.to(dtype) for tensor in random((3, 20), (20, 15)))
    lasso.solve(x, B, 0.5, tol=1e-8)
    B[3, 4] += 1
    for _ in range(2):
        codes = lasso.solve(x, B, 0.5, tol=1e-8).codes
        assert (relative_gap(x, codes, B, 0.5) <= 1.01e-8).all()
    assert (relative_gap(x, lasso.path(x, B, 0.4).at(0.5), B, 0.5) <= 1e-9).all()


def test_what_the_homotopy_cannot_do_admm_does(monkeypatch):
    x, B = random((8, 20), (20, 15))
    monkeypatch.setattr(exact_problem.Samples, "solve", lambda *arguments: None)
    solution = lasso.solve(x, B, 0.5, tol=1e-6)
    assert solution.converged.all() and (relative_gap(x, solution.codes, B, 0.5) <= 1.01e-6).all()


@pytest.mark.parametrize("failing", range(3))
def test_after_an_error_no_thread_works_on(failing):
    started, barrier = [], threading.Barrier(3)

    def work(item):
        started.append(item)
        if item < 3:
            barrier.wait(10)  # all three threads are at work when one fails
        time.sleep(0 if item == failing else 0.1)
        if item == failing:
            raise ArithmeticError
        done.append(item)

    done, before = [], torch.get_num_threads()
    torch.set_num_threads(3)
    with pytest.raises(ArithmeticError):
        in_threads(work, range(30), 1e9)
    torch.set_num_threads(before)
    assert len(started) < 30 and sorted(started) == sorted([*done, failing])


def test_two_threads_at_once_are_right_and_leave_the_thread_count_alone():
    x, B = problem(200, 20, 30)
    expected, thread_count = lasso.solve(x, B, 0.5, tol=1e-8).codes, torch.get_num_threads()
    together = threading.Barrier(2)

    def work(compute):
        torch.set_num_threads(thread_count)
        together.wait(10)
        for _ in range(50):
            assert_close(compute(), expected, rtol=0, atol=1e-8)
        return torch.get_num_threads()

    ways = lambda: lasso.solve(x, B, 0.5, tol=1e-8).codes, lambda: lasso.path(x, B, 0.4).at(0.5)
    with ThreadPoolExecutor(2) as threads:
        assert [*threads.map(work, ways)] == [
            thread_count
        ] * 2 and torch.get_num_threads() == thread_count


def test_warm_up_compiles_in_the_background(monkeypatch):
    solve, precisions = admm.solve, set()
    monkeypatch.setattr(
        admm,
        "solve",
        lambda samples, rows, task, *arguments: (
            precisions.add(task.is_single) or solve(samples, rows, task, *arguments)
        ),
    )
    thread = lasso.warm_up()
    assert thread.daemon
    thread.join(60)
    assert not thread.is_alive() and homotopy.follow.signatures
    assert precisions == {True, False}  # of the codes that ADMM is compiled for
    assert homotopy.solve.signatures and working_sets.rounds.signatures


def test_without_a_folder_for_the_cache_numba_compiles_all_the_same(monkeypatch):
    def refuse(function, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(function, **options)

    njit = loops.numba.njit
    monkeypatch.setattr(loops.numba, "njit", refuse)
    assert loops.compiled(lambda a: a + 1)(1) == 2


def test_one_sample_of_a_large_dictionary_has_a_path():
    """Its product with the atoms is worth several threads, and there is one row to share."""
    x, B = problem(1, 1600, 2000, dtype=torch.float32)
    path = lasso.path(x, B, 0.99 * lasso.lambda_max(x, B))
    assert path.complete.all() and (path.codes[0][-1] != 0).any()
