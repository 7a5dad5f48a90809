"""What makes codes sparse: shrinkage (soft thresholding), and the smooth double tanh that the paper puts in its place.

    sh_θ(c) = sign(c)(|c| − θ)₊                                                (Eq. 5)
    h_{D,u}(c) = D (tanh(c + u) + tanh(c − u))                                 (Eq. 8; Gregor & LeCun 2010)
"""

from __future__ import annotations

import torch
from scipy.optimize import least_squares
from torch import Tensor


class _Shrink(torch.autograd.Function):
    @staticmethod
    def forward(ctx, c: Tensor, theta: Tensor) -> Tensor:
        s = c - torch.clamp(c, -theta, theta)
        ctx.save_for_backward(s)
        ctx.theta_shape = theta.shape
        return s

    @staticmethod
    def backward(ctx, grad: Tensor):
        (s,) = ctx.saved_tensors
        sign = s.sign()
        for_theta = -(grad * sign).sum_to_size(ctx.theta_shape) if ctx.needs_input_grad[1] else None
        return grad * sign.abs(), for_theta


def shrink(c: Tensor, theta: Tensor) -> Tensor:
    """Soft threshold of `c` (n, d_s) at `theta` ≥ 0, which broadcasts against it. Its slope at ±θ is taken as 0."""
    return _Shrink.apply(c, theta)


def shrink_derivative(c: Tensor, theta: Tensor | float) -> Tensor:
    """1 outside [−θ, θ], 0 inside; its own derivative is 0 wherever it exists."""
    return (c.abs() > theta).to(c.dtype)


def double_tanh(c: Tensor, D: Tensor | float, u: Tensor | float) -> Tensor:
    """h_{D,u}(c): smooth, odd, saturating at ±2D, and zero at zero only: it makes codes small rather than sparse."""
    return D * (torch.tanh(c + u) + torch.tanh(c - u))


def double_tanh_derivative(c: Tensor, D: Tensor | float, u: Tensor | float, order: int = 1) -> Tensor:
    """First or second derivative of h_{D,u} at c. At the origin the slope is 2D/cosh²u."""
    right, left = torch.tanh(c + u), torch.tanh(c - u)
    if order == 1:
        return D * (2 - right.square() - left.square())
    if order == 2:
        return -2 * D * (right * (1 - right.square()) + left * (1 - left.square()))
    raise ValueError(f"order must be 1 or 2, got {order}")


def fit_double_tanh(theta: float, radius: float) -> tuple[float, float]:
    """(D, u) of the double tanh nearest to shrinkage by `theta`, in least squares over 201 points of [−radius, radius].

    Both are sought between e⁻⁶ and e³: for θ near the radius the best D and u grow together without end. The published
    advice, [−u, u], fits nothing: with u = θ shrinkage is zero on all of it. ValueError unless 0 < theta < radius.
    """
    if not 0 < theta < radius:
        raise ValueError(f"theta must lie between 0 and the radius {radius:g}, got {theta:g}")
    c = torch.linspace(-radius, radius, 201, dtype=torch.float64)
    target = shrink(c, torch.tensor(theta, dtype=torch.float64))
    fit = least_squares(
        lambda log: (double_tanh(c, *torch.from_numpy(log).exp()) - target).numpy(), x0=[0.0, 0.0], bounds=(-6, 3)
    )
    D, u = torch.from_numpy(fit.x).exp().tolist()
    return D, u
