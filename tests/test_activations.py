import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sc2viz.activations import (
    double_tanh,
    double_tanh_derivative,
    fit_double_tanh,
    shrink,
    shrink_derivative,
)
from tests.problems import soft

positive = st.floats(0.01, 3)


def randn(*shape, seed=0, dtype=torch.float64):
    return torch.randn(
        shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    ).to(dtype)


# Shrinkage ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(), (1,), (5, 1), (7,), (5, 7)])
def test_shrink_is_eq_5(shape, dtype):
    c, theta = randn(5, 7, dtype=dtype), randn(*shape, seed=1, dtype=dtype).abs()
    c64, theta64 = c.numpy().astype(np.float64), theta.numpy().astype(np.float64)
    expected = np.sign(c64) * np.maximum(np.abs(c64) - theta64, 0)
    s = shrink(c, theta)
    assert s.dtype == dtype
    np.testing.assert_allclose(s.numpy(), expected, rtol=0, atol=4 * torch.finfo(dtype).eps)
    inside = np.abs(c64) <= theta64
    assert inside.any() and (~inside).any()
    assert (s.numpy()[inside] == 0).all()  # exactly: sparsity is counted


@pytest.mark.parametrize("shape", [(), (1,), (5, 1), (7,), (5, 7)])
def test_gradients_of_shrink(shape):
    c, theta = randn(5, 7).requires_grad_(), (0.1 + randn(*shape, seed=1).abs()).requires_grad_()
    assert torch.autograd.gradcheck(shrink, (c, theta))
    assert torch.autograd.gradcheck(lambda c: shrink(c, theta.detach()), (c,))
    assert torch.autograd.gradcheck(lambda theta: shrink(c.detach(), theta), (theta,))


def test_slope_of_shrink_at_its_corners_is_zero():
    c = torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0], requires_grad=True)
    theta = torch.tensor(1.0)
    shrink(c, theta).sum().backward()
    assert c.grad.tolist() == [1, 0, 0, 0, 1] == shrink_derivative(c.detach(), theta).tolist()


@pytest.mark.parametrize("theta", [0.3, torch.tensor(0.3), torch.rand(7)])
def test_shrink_derivative_is_autograds(theta):
    c = randn(5, 7, dtype=torch.float32).requires_grad_()
    (slope,) = torch.autograd.grad(shrink(c, torch.as_tensor(theta)).sum(), c)
    assert torch.equal(shrink_derivative(c.detach(), theta), slope)


# Double tanh ----------------------------------------------------------------------------------------------------------


@given(D=positive, u=positive, seed=st.integers(0, 99))
def test_double_tanh_is_eq_8_with_its_derivatives(D, u, seed):
    c = 3 * randn(9, seed=seed).requires_grad_()
    expected = D * (np.tanh(c.detach().numpy() + u) + np.tanh(c.detach().numpy() - u))
    h = double_tanh(c, D, u)
    np.testing.assert_allclose(h.detach().numpy(), expected, rtol=1e-12, atol=1e-14)
    (first,) = torch.autograd.grad(h.sum(), c, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), c)
    torch.testing.assert_close(double_tanh_derivative(c, D, u), first, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(
        double_tanh_derivative(c, D, u, order=2), second, rtol=1e-9, atol=1e-12
    )


# The best fit ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "theta, radius, limits",
    [
        (0.007, 1.0, None),
        (0.1, 1.0, None),
        (0.3, 1.0, (6.0, 3.0)),
        (0.2, 4.0, None),
        (0.0104, 0.26, (6.0, 3.0)),  # without bounds the best fit has D = e³
    ],
)
def test_no_double_tanh_on_a_grid_is_nearer_to_shrinkage_than_the_fit(theta, radius, limits):
    c = np.linspace(-radius, radius, 201)

    def error(D, u):
        both = np.tanh(c + u[..., None]) + np.tanh(c - u[..., None])
        return np.square(D[..., None] * both - soft(c, theta)).sum(-1)

    D, u = map(
        np.array,
        fit_double_tanh(theta, radius, limits) if limits else fit_double_tanh(theta, radius),
    )
    bounds = limits or 2 * (np.exp(3),)  # with a large θ the best D and u run away together
    assert (np.array([D, u]) <= np.array(bounds) * (1 + 1e-9)).all()
    wide = [np.geomspace(0.01, bound, 120) for bound in bounds]
    near = [
        np.minimum(value * np.linspace(0.99, 1.01, 21), bound)
        for value, bound in zip((D, u), bounds, strict=True)
    ]
    for grid in (wide, near):
        assert error(D, u) <= error(*np.meshgrid(*grid)).min() * (1 + 1e-6)


@pytest.mark.parametrize("theta", [0.0, -0.1, 1.0, 2.0])
def test_the_fit_needs_a_threshold_inside_the_radius(theta):
    with pytest.raises(
        ValueError, match=f"theta must lie between 0 and the radius 1, got {theta:g}"
    ):
        fit_double_tanh(theta, 1.0)


def test_bounds_of_the_fit_must_be_positive():
    with pytest.raises(ValueError, match="positive"):
        fit_double_tanh(0.1, 1.0, (6.0, 0.0))
