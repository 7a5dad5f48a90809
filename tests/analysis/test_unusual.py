"""Pictures of other kinds, and F over F(0) on them, against numpy."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from sc2viz import data, lasso, solvers
from sc2viz.analysis import unusual
from tests.problems import F

DIGITS = data.load("digits", "test")


def test_each_kind_is_what_its_name_says():
    pictures = unusual.pictures(DIGITS, rows=12)
    x = DIGITS.pixels[:12].numpy()
    assert all(rows.shape == (12, 64) and rows.dtype == torch.float32 for rows in pictures.values())
    assert_allclose(pictures["inverted"], 1 - x)
    assert_allclose(pictures["× 3"], 3 * x)
    assert_array_equal(
        pictures["turned by 90°"].reshape(-1, 8, 8), np.rot90(x.reshape(-1, 8, 8), axes=(1, 2))
    )
    assert (pictures["one pixel"].sum(1) == 1).all() and (pictures["one pixel"].amax(1) == 1).all()
    assert (pictures["constant"] == pictures["constant"][:, :1]).all()
    for kind in ("letters", "drawings"):
        assert (
            pictures[kind].min() >= 0
            and pictures[kind].max() <= 1
            and (pictures[kind].amax(1) > 0.3).all()
        )
        assert len(pictures[kind].unique(dim=0)) == 12


def test_colour_pictures_and_rows_that_are_none():
    images = data.load("patches", "test")
    assert all(rows.shape == (4, 768) for rows in unusual.pictures(images, 4).values())
    with pytest.raises(ValueError, match="rows of synthetic have none"):
        unusual.pictures(data.load("synthetic", "test"))


def test_growth_is_F_over_that_of_zeros():
    B = torch.nn.functional.normalize(
        torch.randn(64, 30, generator=torch.Generator().manual_seed(0)), dim=0
    )
    solver, x = solvers.build("lista", B).requires_grad_(False), DIGITS.pixels[:6]
    expected = F(x, solver(x, 0.2, 7), B, 0.2) / F(x, torch.zeros(6, 30), B)
    assert_allclose(unusual.growth(solver, x, 0.2, (3, 7))[1], expected, rtol=1e-6)


def test_ista_never_runs_away_and_a_solver_that_grows_does():
    B = lasso.normalised(torch.randn(64, 30, generator=torch.Generator().manual_seed(0)))
    grows = solvers.build("lista", B).requires_grad_(False)
    grows.weights.delta_e += 2 * torch.eye(30)
    for solver, runs in ((solvers.build("ista", B), False), (grows, True)):
        table = unusual.table(solver.requires_grad_(False), DIGITS, rows=3)
        runaways, cells = unusual.count_run_away(table)
        assert cells == len(table) * len(unusual.LAMBDAS) * len(unusual.HORIZONS)
        assert (runaways > 0) == runs and (table["uniform noise"][0, -1] == torch.inf) == runs
        assert runs or max(cell.max() for cell in table.values()) <= 1 + 1e-6
