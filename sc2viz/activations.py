"""The activations that make codes sparse: shrinkage (soft thresholding), and the double tanh that the paper uses instead.

sh_θ(c) = sign(c)(|c| − θ)₊                                                (Eq. 5)
h_{D,u}(c) = D (tanh(c + u) + tanh(c − u))                                 (Eq. 8; Gregor & LeCun 2010)
"""

import math

import torch
from torch import Tensor

_LOG_LOW, _LOG_HIGH = -6.0, 3.0  # limits of log D and log u of a fit


def _shrunk(c: Tensor, theta: Tensor) -> Tensor:
    """Return c (n, d_s) shrunk by θ, in the faster of two ways that give the same values."""
    if c.numel() < 2000 or theta.shape[-1:] == c.shape[-1:]:
        return c - torch.clamp(c, -theta, theta)
    return c - torch.minimum(
        torch.maximum(c, -theta), theta
    )  # clamp takes thrice as long for one θ of many atoms


class _Shrink(torch.autograd.Function):
    @staticmethod
    def forward(ctx, c: Tensor, theta: Tensor) -> Tensor:
        s = _shrunk(c, theta)
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
    """Return `c` (n, d_s) shrunk by the soft threshold `theta` ≥ 0, which broadcasts against it. The slope at ±θ is defined as
    0."""
    return _Shrink.apply(c, theta) if torch.is_grad_enabled() else _shrunk(c, theta)


def shrink_derivative(c: Tensor, theta: Tensor | float) -> Tensor:
    """Return the derivative of shrinkage: 1 outside [−θ, θ] and 0 inside. The second derivative is 0 wherever it exists."""
    return (c.abs() > theta).to(c.dtype)


def double_tanh(c: Tensor, D: Tensor | float, u: Tensor | float) -> Tensor:
    """Return h_{D,u}(c): smooth, odd, saturating at ±2D. It is zero only at zero, so codes are small but not sparse."""
    return D * (torch.tanh(c + u) + torch.tanh(c - u))


def double_tanh_derivative(
    c: Tensor, D: Tensor | float, u: Tensor | float, order: int = 1
) -> Tensor:
    """Return the first or second derivative of h_{D,u} at c. The slope at the origin is 2D/cosh²u."""
    plus, minus = torch.tanh(c + u), torch.tanh(c - u)
    if order == 1:
        return D * (2 - plus.square() - minus.square())
    if order == 2:
        return -2 * D * (plus * (1 - plus.square()) + minus * (1 - minus.square()))
    raise ValueError(f"order must be 1 or 2, got {order}")


def fit_double_tanh(
    theta: float, radius: float, most: tuple[float, float] = (math.inf, math.inf)
) -> tuple[float, float]:
    """Fit double tanh to shrinkage with threshold `theta`; return (D, u).

    The fit is least squares over 201 points of [−radius, radius], with D and u between e⁻⁶ and e³, because the best D
    and u grow without bound as θ approaches the radius. The paper calls the approximation good within [−u, u] and does
    not say how u relates to θ. It is good where θ ≪ u: for θ = 0.0053 and u = 0.80 the best D leaves a root mean square
    error of 0.002 on [−u, u]. For u = θ shrinkage is zero on all of [−u, u], so the best D there is 0.
    `most`: bounds of D and of u besides, within which the fit then is the best one.
    Raises ValueError unless 0 < theta < radius, and for bounds that are not positive.

    The best D for a given u is known in closed form, so that only u is searched: on a grid of log u, and again between the
    neighbours of its best point.
    """
    if not 0 < theta < radius:
        raise ValueError(f"theta must lie between 0 and the radius {radius:g}, got {theta:g}")
    if not min(most) > 0:
        raise ValueError(f"most must be two positive bounds of D and u, got {most}")
    c = torch.linspace(-radius, radius, 201, dtype=torch.float64)
    target = shrink(c, torch.tensor(theta, dtype=torch.float64))
    top, end = (min(_LOG_HIGH, math.log(bound)) for bound in most)
    low, high = min(_LOG_LOW, end - 1), end
    for _ in range(7):  # each round narrows the range of log u to a fiftieth
        u = torch.linspace(low, high, 101, dtype=torch.float64).exp()
        h = double_tanh(
            c, 1.0, u[:, None]
        )  # double tanh is 0 where u is so large that both tanh are ±1
        D = (h @ target / h.square().sum(1).clamp_min(1e-300)).clamp(
            math.exp(min(_LOG_LOW, top)), math.exp(top)
        )
        best = int((D[:, None] * h - target).square().sum(1).argmin())
        low, high = (u[min(max(k, 0), 100)].log().item() for k in (best - 1, best + 1))
    return D[best].item(), u[best].item()
