"""One place of a noisy picture: the patch there, its code after each iteration, and all patches that share its pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sc2viz import losses, patches
from sc2viz.photographs import assembling, coding
from sc2viz.photographs.pictures import Picture, planes

CHANNEL = 1  # of a colour picture that is coded channel by channel: green, the brightest to the eye


@dataclass(frozen=True, eq=False)
class Place:
    """The patch around a pixel, as the solver meets it: without its mean, its contrast multiplied by `scale`."""

    corner: tuple[int, int]  # row and column of its first pixel
    shape: tuple[int, int, int]  # (p, p, channels)
    channel: int | None  # where the picture is coded channel by channel
    x: np.ndarray  # (d_x,)
    mean: float
    lam: float
    scale: float
    codes: np.ndarray  # (T + 1, d_s) after each iteration; (1, d_s) of exact codes
    B: np.ndarray  # (d_x, d_s)
    pixel: int  # which entry of the patch the pixel is (its first channel)
    estimates: np.ndarray  # (k,) of the pixel, by each patch that covers it
    weights: np.ndarray  # (k,) of these in the average
    own: int  # which of these is the patch's

    def patch(self, x: np.ndarray) -> np.ndarray:
        """Rows (…, d_x) without mean, on the scale of [0, 1] again."""
        return (x + self.mean) / self.scale

    @property
    def made(self) -> np.ndarray:
        """(T + 1, d_x) B s + mean after each iteration, on the scale of [0, 1]."""
        return self.patch(self.codes @ self.B.T)

    @property
    def average(self) -> float:
        """Of the estimates: the pixel of the cleaned picture where patches are one pixel apart."""
        return float(self.weights @ self.estimates / self.weights.sum())


class _Heard(coding.Coder):
    """A coder that remembers the λ at which it coded: a number, or one a patch."""

    lam: float | Tensor

    def codes(self, x: Tensor, lam: float | Tensor, mask: Tensor | None = None) -> Tensor:
        self.lam = lam
        return super().codes(x, lam, mask)


@torch.no_grad()
def look(picture: Picture, sigma: float, found: coding.Coder, row: int, column: int, lam: float | None = None) -> Place:
    """The patch whose middle is nearest to a pixel of a picture with noise of standard deviation σ, as `denoise` codes it.

    ValueError where the picture has no such pixel.
    """
    values = planes(picture)
    if not (0 <= row < values.shape[1] and 0 <= column < values.shape[2]):
        raise ValueError(f"there is no pixel ({row}, {column}) in a picture of {values.shape[1]} × {values.shape[2]}")
    size, channels = patches.layout(len(found.B))
    channel = CHANNEL if channels == 1 and len(values) > 1 else None
    values = values if channel is None else values[channel : channel + 1]
    low, high = losses.SIGMA_RANGE
    scale = min(max(sigma, low), high) / sigma if found.trained else 1.0
    level, wanted = sigma * scale, None if lam is None else lam * scale
    whole = assembling.padded(values * scale, size, 1)
    (top, below), (left, right) = (
        (max(0, at - size + 1), min(at, side - size)) for at, side in zip((row, column), whole.shape[1:], strict=True)
    )
    rows = patches.cut(whole[None, :, top : below + size, left : right + size], size)
    means = rows.mean(1, keepdim=True)
    heard = _Heard(found.B, found.label, found.solver, found.steps)
    codes, weight = heard.denoising(level, wanted)(rows - means, None)
    tops, lefts = torch.arange(top, below + 1), torch.arange(left, right + 1)
    inside = (((row - tops) * size)[:, None] + (column - lefts)).flatten() * channels
    every = torch.arange(len(rows))
    estimates = (codes @ found.B.T + means)[every, inside] / scale
    weights = torch.ones(len(rows)) if weight is None else weight[every, inside]
    corner = [min(max(want - size // 2, first), last) for want, first, last in ((row, top, below), (column, left, right))]
    own = (corner[0] - top) * len(lefts) + corner[1] - left
    x = (rows - means)[own : own + 1]
    at = heard.lam[own : own + 1] if isinstance(heard.lam, Tensor) else heard.lam
    path = codes[None, own : own + 1] if found.solver is None else found.solver.trace(x, at, found.steps).codes
    return Place((corner[0], corner[1]), (size, size, channels), channel, x[0].numpy(), means[own].item(), float(at), scale,
                 path[:, 0].numpy(), found.B.numpy(), int(inside[own]), estimates.numpy(), weights.numpy(), own)  # fmt: skip
