"""Exact codes while another process compiles: the same codes, proved in the same way, and nothing compiled for them."""

import subprocess
import sys
from unittest import mock

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from sc2viz import lasso
from sc2viz.exact import ahead, uncompiled


def problem(n, d_x, d_s, seed=0):
    draw = torch.Generator().manual_seed(seed)
    B = torch.nn.functional.normalize(
        torch.randn(d_x, d_s, generator=draw, dtype=torch.float64), dim=0
    )
    return torch.randn(n, d_x, generator=draw, dtype=torch.float64), B


@pytest.fixture
def compiling(monkeypatch):
    monkeypatch.setattr(ahead, "compiling", lambda: True)


@given(
    st.integers(1, 12),
    st.integers(1, 20),
    st.integers(0, 10**6),
    st.booleans(),
    st.floats(0.02, 0.9),
)
@settings(max_examples=40, deadline=None)
def test_a_path_is_optimal_at_every_knot_and_between(d_x, d_s, seed, positive, share):
    x, B = problem(2, d_x, d_s, seed)
    top = (x @ B if positive else (x @ B).abs()).amax(1).clamp_min(1e-3)
    with mock.patch.object(ahead, "compiling", lambda: True):
        paths = uncompiled.paths(x, B, share * top, 10 * min(d_x, d_s), positive)
    for row, path, end in zip(x, paths, share * top, strict=True):
        knots, codes, failure = (*map(torch.as_tensor, path[:2]), path[2])
        if failure > 1e-10:  # `lasso.path` calls such a path incomplete
            assert min(d_x, d_s) == 1 or failure < 1e-6
            continue
        assert knots[-1] == end and (knots.diff() < 0).all()
        lams = torch.cat((knots, (knots[1:] + knots[:-1]) / 2))
        between = torch.cat((codes, (codes[1:] + codes[:-1]) / 2))
        rows = row.expand(len(lams), -1)
        F = lasso.objective(rows, between, B, lams)
        gap = lasso.duality_gap(
            rows, between.clamp_min(0) if positive else between, B, lams, positive=positive
        )
        assert (gap <= 1e-8 * F).all() and not (positive and codes.min() < -1e-12)


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize(
    ("n", "d_x", "d_s"), [(5, 20, 30), (3, 300, 310), (1, 400, 410)]
)  # the last by ADMM
def test_codes_are_those_of_compiled_code_within_their_gaps(n, d_x, d_s, positive, monkeypatch):
    x, B = problem(n, d_x, d_s)
    compiled = lasso.solve(x, B, 0.2, tol=1e-8, positive=positive)
    monkeypatch.setattr(ahead, "compiling", lambda: True)
    solution = lasso.solve(x, B, 0.2, tol=1e-8, positive=positive)
    assert solution.converged.all() and solution.iterations > 0
    F, minimum = (lasso.objective(x, result.codes, B, 0.2) for result in (solution, compiled))
    assert_close(F, minimum, rtol=1e-7, atol=0)
    gap = lasso.duality_gap(x, solution.codes, B, 0.2, positive=positive)
    assert_close(gap / F, solution.gap, rtol=1e-3, atol=1e-12)


def test_entries_that_were_not_observed_do_not_count(compiling):
    x, B = problem(3, 12, 20)
    mask = torch.rand(3, 12, generator=torch.Generator().manual_seed(1)) > 0.3
    solution = lasso.solve(x.masked_fill(~mask, 9.0), B, 0.1, tol=1e-9, mask=mask)
    for row, observed, codes in zip(x, mask, solution.codes, strict=True):
        assert_close(
            lasso.solve(row[observed][None], B[observed], 0.1, tol=1e-9).codes[0],
            codes,
            rtol=0,
            atol=1e-6,
        )


NOTHING = """
import sys, torch
from sc2viz import lasso
from sc2viz.exact import ahead
ahead.has_machine_code = lambda: False
ahead._compile_elsewhere = lambda module: ahead._ending.wait()
lasso.warm_up(elsewhere=True, patience=60)
x, B = torch.rand(3, 64), torch.nn.functional.normalize(torch.randn(64, 40), dim=0)
assert ahead.compiling() and lasso.solve(x, B, 0.1).converged.all() and lasso.path(x, B, 0.1).complete.all()
assert not ahead._is_known.is_set() and lasso.solve(x.repeat(2000, 1), B, 0.1).converged.all()
print("numba" in sys.modules, ahead.compiling())
"""


def test_meanwhile_codes_need_no_numba_and_many_ask_what_is_on_disk():
    done = subprocess.run(
        [sys.executable, "-c", NOTHING], capture_output=True, text=True, timeout=50
    )
    assert done.stdout.split() == ["False", "True"], done.stderr
