"""What `norm` guarantees, every brightness alike and gates that add nothing up; and what `shorten` does, F ≤ F(0)."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from sc2viz import data, solvers, training
from sc2viz.analysis import inspection
from tests.problems import F, stirred

NORM, LAM = 2.0, 0.1


def trained(name: str, seed: int = 0, wild: float = 0.1, **options) -> solvers.Solver:
    """A solver with weights that are far from untrained ones, by a standard deviation of `wild`."""
    generator = torch.Generator().manual_seed(seed)
    B = torch.nn.functional.normalize(
        torch.randn(20, 12, generator=generator, dtype=torch.float64), dim=0
    )
    return stirred(solvers.build(name, B, **options), wild, seed)


def rows(n: int = 7) -> torch.Tensor:
    return torch.randn(n, 20, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("name", ["lista", "lfista", "slstm"])
@pytest.mark.parametrize("bright", [1e-3, 0.1, 3.0, 200.0])
def test_codes_of_a_brighter_picture_are_brighter_alike(name, bright):
    solver, x = trained(name, norm=NORM), rows()
    for steps in (1, 10, 40):
        assert_close(
            solver(bright * x, bright * LAM, steps),
            bright * solver(x, LAM, steps),
            rtol=1e-9,
            atol=0,
        )
    without = trained(name)
    assert not torch.allclose(without(3 * x, 3 * LAM), 3 * without(x, LAM), rtol=1e-3)


@pytest.mark.parametrize("name", ["lista", "lfista", "slstm"])
def test_a_picture_of_the_typical_norm_is_coded_as_without_norm(name):
    x = NORM * torch.nn.functional.normalize(rows())
    bounded, free = trained(name, norm=NORM), trained(name)
    if (
        name == "slstm"
    ):  # whose forget gate is then bounded as well: input gates that are nearly closed leave it free
        for solver in (bounded, free):
            solver.gate_bias[0] -= 30
            solver.gate_bias[1] -= 1
    assert_close(bounded(x, LAM, 10), free(x, LAM, 10), rtol=1e-9, atol=1e-15)


def test_the_memory_is_bounded_by_itself_and_the_candidate():
    solver = trained("slstm", norm=NORM)
    solver.gate_bias += 3  # gates that want to be open, both
    path = solver.trace(rows(), LAM, 30)
    assert (path.input_gate > 0.9).double().mean() > 0.5
    assert (path.forget_gate <= 1 - path.input_gate + 1e-12).all()
    bound = torch.maximum(path.cell[:-1].abs(), path.candidate.abs())
    assert (path.cell[1:].abs() <= bound + 1e-12).all()
    free = trained("slstm")
    free.gate_bias += 3
    path = free.trace(rows(), LAM, 30)
    assert (
        path.cell[1:].abs() > torch.maximum(path.cell[:-1].abs(), path.candidate.abs()) + 1e-12
    ).any()


LEARNED = pytest.mark.parametrize("name", ["lista", "lfista", "slstm"])


def growth(solver, x, codes, lam) -> np.ndarray:
    """F over F(0) of codes (…, n, d_s)."""
    return F(x, codes, solver.dictionary, lam) / F(x, 0 * codes, solver.dictionary)


@LEARNED
@given(
    st.integers(0, 10**6),
    st.floats(0.01, 1.0),
    st.floats(1e-3, 1e3),
    st.sampled_from([0.1, 1.0, 5.0]),
)
def test_with_shorten_no_code_is_worse_than_the_code_of_zeros_whatever_the_weights(
    name, seed, lam, bright, wild
):
    solver = trained(name, seed, wild, shorten=True)
    x = bright * torch.randn(
        5, 20, generator=torch.Generator().manual_seed(seed + 1), dtype=torch.float64
    )
    path = solver.trace(x, lam, 60)
    assert (growth(solver, x, path.codes[solver.steps :], lam) <= 1 + 1e-9).all()


@LEARNED
def test_a_code_that_is_no_worse_stays_as_it_is_and_one_that_is_worse_gets_its_best_length(name):
    x, (free, short) = (
        rows(60),
        (trained(name, 3, 0.12, steps=3, shorten=shorten) for shorten in (False, True)),
    )
    free_codes, short_codes = (solver.trace(x, LAM, 3).codes for solver in (free, short))
    assert torch.equal(
        free_codes[:3], short_codes[:3]
    )  # the first iterations are the network's own
    free_code, short_code = free_codes[3], short_codes[3]
    worse = growth(free, x, free_code, LAM) > 1
    assert worse.any() and not worse.all() and torch.equal(free_code[~worse], short_code[~worse])
    beta = (short_code * free_code).sum(1, keepdim=True) / free_code.square().sum(1, keepdim=True)
    assert_close(short_code, beta * free_code)
    growth_found = growth(free, x, short_code, LAM)
    for share in np.linspace(0, 1, 101):
        assert (growth_found[worse] <= growth(free, x, share * free_code, LAM)[worse] + 1e-12).all()


@LEARNED
def test_shortened_codes_know_every_brightness_and_learn(name):
    solver, x = trained(name, 3, 1.0, norm=NORM, shorten=True), rows()
    assert_close(solver(7 * x, 7 * LAM, 20), 7 * solver(x, LAM, 20), rtol=1e-7, atol=1e-12)
    solver.requires_grad_(True)(x, LAM, 5).square().sum().backward()
    assert all(
        torch.isfinite(parameter.grad).all()
        for parameter in solver.parameters()
        if parameter.grad is not None
    )


def test_held_gates_shorten_as_the_solver_does():
    """With gates held at what they are, the codes are the solver's own."""
    solver, x = trained("slstm", 3, 1.0, norm=NORM, shorten=True), rows()
    path = solver.trace(x, LAM, 12)
    free = trained("slstm", 3, 1.0, norm=NORM).trace(x, LAM, 12)
    assert not torch.allclose(path.codes, free.codes)  # some were shortened
    with_held_gates = inspection.with_gates_held(
        solver, lambda state: {"input_gate": state.input_gate}
    )
    assert_close(with_held_gates.trace(x, LAM, 12).codes, path.codes)
    assert not inspection.explained(
        solver, solver.trace(x[:1], LAM, 12), x[:1], LAM
    )  # s is not h(c) alone


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"norm": 0.0}, "norm must be > 0 and finite, got 0.0"),
        ({"norm": 2.0, "preset": "paper"}, "norm belongs to"),
        ({"norm": 2.0, "activation": "double-tanh"}, "norm belongs to shrinkage"),
    ],
)
def test_a_norm_that_cannot_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        solvers.build("slstm", torch.eye(4), **options)


def test_networks_for_every_lambda_are_bounded_and_others_are_not():
    images = data.load("digits")
    typical = float(images.pixels.double().square().sum(1).sqrt().median())
    assert training.bounds("slstm", images, "sc2net", {"preset": "recommended"})[
        "norm"
    ] == pytest.approx(typical, abs=1e-3)
    recommended = {"preset": "recommended"}
    for name, loss, options in (
        ("ista", "sc2net", recommended),
        ("slstm", "sc2net", {"preset": "paper"}),
        ("slstm", "supervised", recommended),
        ("slstm", "sc2net", recommended | {"activation": "double-tanh"}),
    ):
        assert training.bounds(name, images, loss, options) == {}
    dark = replace(images, pixels=0 * images.pixels, labels=None)  # whose median is no bound
    assert training.bounds("slstm", dark, "sc2net", recommended) == {}
