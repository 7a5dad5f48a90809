"""The losses. Each returns one value a sample, (n,); a step of training minimises their weighted mean.

    codes         ½‖s − s*‖², s* the exact codes on B₀                         LISTA's own supervision (Gregor & LeCun 2010)
    sc2net        ½‖x − B s‖² + λ‖s‖₁, x less the solver's offset if it has one    Eq. (10) with the ½ of Eq. (6)
    supervised    sc2net + weight · cross-entropy of softmax(C s)              Eq. (11)
    codes-supervised    codes + the same                                       Table 1's supervised LISTA and LFISTA
    denoising     mean of (x − x̂)²/σ², x̂ = B s + mean, from x plus noise      ours; a patch, or the average of patches
    autoencoder   what the source of a sparse autoencoder trains it on         ReLU: ℓ1; TopK: dead atoms; JumpReLU: ℓ0
    recovery      log(Σ‖s − s*‖² / Σ‖s*‖²), s* the true codes, of a batch        the NMSE of the networks since 2018

Free atoms can cheat `sc2net`: with large atoms and small codes the ℓ1 term vanishes.

A loss uses the codes after the T iterations of the solver. With `later`, a number of iterations above T, it is the mean of
the losses at T and at `later`, from one pass. A network that learns both does not run away beyond T. With `window`, the
loss at `later` has a gradient through its last `window` iterations alone (truncated backpropagation).
"""

import math
from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional

from sc2viz import lasso, patches
from sc2viz.solvers import Solver, failing
from sc2viz.training.settings import (  # noqa: F401
    BY_SOLVER,
    LABELLED,
    LAMBDA_RANGE,
    NOISY,
    RECOVERING,
    REGRESSING,
    TILT,
)
from sc2viz.training.settings import LOSSES as NAMES  # noqa: F401

SIGMA_RANGE = (5 / 255, 55 / 255)  # of the noise that is drawn, uniformly
TOLERATED = 1.1  # F over F(0) from which on `running_away` counts
WEIGHT = 4.0  # of that loss


def suiting(solver: type[Solver], labelled: bool) -> list[str]:
    """Return the losses that can train a solver on rows with or without labels, whose true codes are not known."""
    return [
        loss
        for loss in NAMES
        if loss not in RECOVERING
        and (labelled or loss not in LABELLED)
        and (solver.traits.learned or loss not in REGRESSING)
        and (hasattr(solver, "cost") or loss not in BY_SOLVER)
    ]


def codes(
    solver: Solver,
    x: Tensor,
    lam: Tensor | float,
    target: Tensor,
    labels: Tensor | None = None,
    weight: float = 0.0,
    **horizon: int | None,
) -> Tensor:
    """Return ½‖s − target‖² of the codes s of x, (n,): `target` (n, d_s) are exact codes on the solver's dictionary, which this
    loss leaves alone. labels, weight: as `sc2net` has them."""
    return _mean(
        _with_labels(0.5 * (s - target).square().sum(1), solver, s, labels, weight)
        for s in _codes(solver, x, lam, **horizon)
    )


def sc2net(
    solver: Solver,
    x: Tensor,
    lam: Tensor | float,
    labels: Tensor | None = None,
    weight: float = 0.0,
    **horizon: int | None,
) -> Tensor:
    """Return F of the codes of x, (n,), on the solver's own atoms. With `labels` (n,) int64, `weight` times the cross-entropy,
    which is a mean over the batch like the rest, is added."""
    return _mean(
        _with_labels(_objective(solver, x, s, lam), solver, s, labels, weight)
        for s in _codes(solver, x, lam, **horizon)
    )


supervised, codes_supervised = sc2net, codes


def _with_labels(
    loss: Tensor, solver: Solver, s: Tensor, labels: Tensor | None, weight: float
) -> Tensor:
    """Return `loss` (n,), where there are labels plus `weight` times the cross-entropy of the softmax head on codes s."""
    if labels is None:
        return loss
    return loss + weight * functional.cross_entropy(solver.head(s), labels, reduction="none")


def growth(solver: Solver, x: Tensor, lam: Tensor | float, later: int) -> Tensor:
    """Return F after `later` iterations over F after the solver's own number of them, (n,)."""
    at_T, at_later = (_objective(solver, x, s, lam) for s in _codes(solver, x, lam, later))
    return at_later / at_T


def running_away(solver: Solver, x: Tensor, lam: Tensor | float, **horizon: int | None) -> Tensor:
    """Return the loss of a network that runs away, 4 log(1 + (F/F(0) − 1.1)₊), (n,): F(0) = ½‖x − offset‖² is that of the code of
    zeros, and F above it a network that runs away."""
    nothing = (0.5 * solver.centred(x).square().sum(1)).clamp_min(torch.finfo(x.dtype).tiny)
    return _mean(
        WEIGHT * torch.log1p((_objective(solver, x, s, lam) / nothing - TOLERATED).relu())
        for s in _codes(solver, x, lam, **horizon)
    )


def autoencoder(solver: Solver, x: Tensor, lam: Tensor | float, **horizon: int | None) -> Tensor:
    """Return the loss, (n,), that a sparse autoencoder has itself (`cost`), at its T alone."""
    return solver.cost(x, lasso.as_lambda(lam, x))


def recovery(
    solver: Solver, x: Tensor, lam: Tensor | float, target: Tensor, steps: int | None = None
) -> Tensor:
    """Return the logarithm of the NMSE of a batch's codes, (n,), the same for all samples. `target` (n, d_s): true codes;
    `steps`: the layers that are in use.

    Its logarithm lets an error that is halved count as much at 40 dB as at 10, so that a network that is right to 20 dB
    learns on.
    """
    error = (solver(x, lam, steps) - target).square().sum()
    return (error / target.square().sum().clamp_min(torch.finfo(x.dtype).tiny)).log().expand(len(x))


def denoising(
    solver: Solver, x: Tensor, lam: Tensor, sigma: Tensor, noise: Tensor, **horizon: int | None
) -> Tensor:
    """Return the mean squared error in units of σ², of clean rows `x` to which `noise` (like x) of standard deviation `sigma`
    (n,) is added; `lam` (n,) follows σ. Rows of the atoms' size are patches. Larger rows are square pictures: all their patches
    are coded and averaged, and the pixels count that every patch covers as often as any."""
    noisy, d_x, averaging = x + noise, len(solver.dictionary), patches.averaging_of(solver)
    rows, lams, sigmas, choice = noisy, lam, sigma, None
    is_averaged = x.shape[1] > d_x
    if is_averaged:
        size, pictures = patches.layout(d_x)[0], patches.to_pictures(noisy)
        rows = patches.cut(pictures, size)
        lams, sigmas = (value.repeat_interleave(len(rows) // len(x)) for value in (lam, sigma))
    mean = rows.mean(1, keepdim=True)
    rows = rows - mean
    if is_averaged and averaging is not None:
        further = patches.means_around(pictures, size) - mean[:, 0]
        choice = averaging.choose(rows, further, lams, sigmas)
        mean, lams = mean + (choice.g * further)[:, None], choice.lam
    losses = []
    for s in _codes(solver, rows, lams, **horizon):
        estimate, clean = solver.reconstruct(s) + mean, x
        if is_averaged:
            # Where patches overlap, their weighted mean
            weight = torch.ones_like(estimate)
            if choice is not None:
                weight = averaging.weights(s, choice.b)
            total, weights = (
                patches.add_up(values, pictures.shape, size)
                for values in (weight * estimate, weight)
            )
            estimate, inner = total / weights, slice(size - 1, 1 - size)
            if choice is not None:
                estimate = averaging.mix(estimate, pictures, sigma[:, None, None, None])
            estimate, clean = (
                values[..., inner, inner].flatten(1)
                for values in (estimate, patches.to_pictures(x))
            )
        losses.append((estimate - clean).square().mean(1) / sigma.square())
    return _mean(losses)


def _codes(
    solver: Solver,
    x: Tensor,
    lam: Tensor | float,
    later: int | None = None,
    window: int | None = None,
) -> list[Tensor]:
    """Return a list: the codes after the solver's own number of iterations, and those after `later` of them where that is asked
    for."""
    if later is None:
        return [solver(x, lam)]
    # The first iteration through which the gradient flows.
    first = -1 if window is None else max(later - window, solver.steps)
    with failing.name_failures(solver):
        drive, state = solver.drive(x, lasso.as_lambda(lam, x)), solver.start(x)
        for t in range(later):
            if t == solver.steps:
                codes_at_T = state.codes
            if t == first:
                tensors = {
                    name: value.detach()
                    for name, value in state._asdict().items()
                    if torch.is_tensor(value)
                }
                state = state._replace(**tensors)
            with torch.set_grad_enabled(t < solver.steps or t >= first):
                state = solver.step(state, drive)
    return [codes_at_T, state.codes]


def _objective(solver: Solver, x: Tensor, s: Tensor, lam: Tensor | float) -> Tensor:
    """Return F of codes s (n, d_s), that of x − offset: (n,)."""
    return lasso.objective(solver.centred(x), s, solver.dictionary, lam)


def _mean(values: Iterable[Tensor]) -> Tensor:
    """Return the mean of tensors of one shape, entry by entry."""
    return torch.stack(list(values)).mean(0)


def draw_lambda(
    uniform: Tensor,
    tilt: float | None = None,
    at_highest: float = 0.0,
    lowest: float = LAMBDA_RANGE[0],
) -> tuple[Tensor, Tensor]:
    """Turn uniform numbers in [0, 1) into λ, log-uniform from `lowest` to the end of LAMBDA_RANGE, and its weight, λ^−tilt over
    its mean.

    The share `at_highest` of the numbers, the lowest ones, gives the highest λ, where few samples come near. `tilt` is
    TILT by default. F itself grows about as √λ: a tilt of ½ weighs relative errors alike, which suits a network that
    starts at a good dictionary; one dictionary that is learned for every λ falls behind at large λ then, and at small
    ones without a tilt, so that its own is half way between.
    """
    tilt = TILT if tilt is None else tilt
    low, high = lowest, LAMBDA_RANGE[1]
    lam = torch.where(
        uniform < at_highest,
        high,
        low * (high / low) ** ((uniform - at_highest) / (1 - at_highest)),
    )
    mean = (low**-tilt - high**-tilt) / (tilt * math.log(high / low)) if tilt else 1.0
    return lam, lam**-tilt / (at_highest * high**-tilt + (1 - at_highest) * mean)
