"""One place of a noisy picture: the patch there, its code after each iteration, and all patches that share its pixel. Of a
solver on filters, the codes of one position of its grid, the maps around it, and what all grids make of the pixel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sc2viz import patches
from sc2viz.photographs import assembling, coding, denoising, whole
from sc2viz.photographs.channels import Picture, planes

CHANNEL = 1  # the channel that is shown of a colour picture coded channel by channel: green, the brightest to the eye
NEAR = 64  # pixels around a place that are coded on filters
SHOWN, REACH = 6, 20  # filters whose maps are shown, and positions around a place
AROUND = 2  # how far around a pixel's patches the picture may matter to them, in sides of a patch


@dataclass(frozen=True, eq=False)
class Place:
    """The patch around a pixel, as the solver meets it: without its mean, its contrast multiplied by `scale`. On filters,
    the pixels of one position of the grid, without the mean of the picture."""

    # Row and column of the patch's first pixel; on filters it may begin or end outside, where the mirror image is.
    corner: tuple[int, int]
    shape: tuple[int, int, int]  # (p, p, channels)
    channel: int | None  # the channel, where the picture is coded channel by channel; else None
    x: np.ndarray  # (d_x,)
    mean: float
    level: float  # the mean that is added to the patch again, which a network may have moved
    lam: float
    scale: float
    codes: np.ndarray  # (T + 1, d_s) after each iteration; (1, d_s) of exact codes
    B: np.ndarray  # (d_x, d_s)
    pixel: int  # the entry of the patch that is the pixel's first channel
    estimates: np.ndarray  # (k,) what each patch that covers the pixel makes of it
    own: int  # the entry of `estimates` that is this patch's
    average: float  # the average of `estimates`: the pixel of the cleaned picture where patches are one pixel apart
    # (d_x,) what B s is added to beside the mean, where the solver has one; on filters (T + 1, d_x), what other positions
    # make of these pixels.
    offset: np.ndarray | None = None
    # On filters: those with the largest codes here at the end, then around here, (k,), and their maps around the place,
    # (T + 1, k, a, b), as "codes" and by the name of each gate, which is 0 before the first iteration.
    loudest: np.ndarray | None = None
    maps: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def noisy(self) -> np.ndarray:
        """The patch as it was cut out, (d_x,)."""
        return (self.x + self.mean) / self.scale

    @property
    def made(self) -> np.ndarray:
        """(T + 1, d_x) B s + mean after each iteration, on the scale of the picture."""
        return (
            self.codes @ self.B.T + self.level + (0 if self.offset is None else self.offset)
        ) / self.scale


class _Watched(coding.PatchCoder):
    """A coder that remembers the patches that it coded, what became of them, and at which λ, block by block."""

    lam: float | Tensor
    sigma: float  # the standard deviation of the patches' noise
    # Of each block the patches, λ, codes, and by how much the means are moved.
    blocks: list[tuple[Tensor, float | Tensor, Tensor, Tensor | None]]

    def codes(self, x: Tensor, lam: float | Tensor, mask: Tensor | None = None) -> Tensor:
        self.lam = lam
        return super().codes(x, lam, mask)

    def denoising(self, sigma: float, lam: float | None = None) -> assembling.Code:
        code, self.sigma, self.blocks = super().denoising(sigma, lam), sigma, []

        def watched(x: Tensor, *others) -> assembling.Coded:
            coded = code(x, *others)
            self.blocks.append((x, self.lam, coded.codes, coded.shift))
            return coded

        return watched

    def all(self) -> list[Any]:
        """Patches, λ, codes and shifts of all blocks together."""
        return [
            torch.cat(parts) if isinstance(parts[0], Tensor) else parts[0]
            for parts in zip(*self.blocks, strict=True)
        ]


@torch.no_grad()
def look(
    picture: Picture,
    sigma: float,
    found: coding.PatchCoder,
    row: int,
    column: int,
    lam: float | None = None,
) -> Place:
    """The patch, or the position of filters, whose middle is nearest to a pixel of a picture with noise of standard
    deviation σ, as `denoise` codes it. ValueError where the picture has no such pixel.
    """
    values = planes(picture)
    if not (0 <= row < values.shape[1] and 0 <= column < values.shape[2]):
        raise ValueError(
            f"there is no pixel ({row}, {column}) in a picture of {values.shape[1]} × {values.shape[2]}"
        )
    if found.solver is not None and found.solver.traits.filters:
        return _of_filters(values, sigma, found, row, column, lam)
    size, channels = patches.layout(len(found.B))
    channel = CHANNEL if channels == 1 and len(values) > 1 else None
    part = values if channel is None else values[channel : channel + 1]
    # The part of the picture around the pixel is cleaned as the whole picture is, and the coder is watched.
    starts = [max(0, at - size + 1 - AROUND * size) for at in (row, column)]
    part = part[:, starts[0] : row + (1 + AROUND) * size, starts[1] : column + (1 + AROUND) * size]
    watched = _Watched(found.B, found.label, found.solver, found.steps)
    cleaned, _ = denoising.remove(part, sigma, watched, 1, None, lam)
    at = row - starts[0], column - starts[1]
    sides = [
        max(side, size) - size + 1 for side in part.shape[1:]
    ]  # how many patches there are down and across
    ranges = [
        torch.arange(max(0, k - size + 1), min(k, side - 1) + 1)
        for k, side in zip(at, sides, strict=True)
    ]
    covering = (ranges[0][:, None] * sides[1] + ranges[1]).flatten()
    inside = (((at[0] - ranges[0]) * size)[:, None] + (at[1] - ranges[1])).flatten() * channels
    corner = [
        min(max(k - size // 2, int(each[0])), int(each[-1]))
        for k, each in zip(at, ranges, strict=True)
    ]
    mine = corner[0] * sides[1] + corner[1]

    scale = watched.sigma / sigma
    whole = patches.cut(assembling.padded(part, size, 1)[None], size) * scale
    means = whole.mean(1)
    x, lam, codes, shift = watched.all()
    levels = means if shift is None else means + shift
    begins = found.B.new_zeros(len(found.B)) if found.offset is None else found.offset
    estimates = ((codes @ found.B.T)[covering, inside] + levels[covering] + begins[inside]) / scale
    price = lam[mine : mine + 1] if isinstance(lam, Tensor) else lam
    own = codes[None, mine : mine + 1]
    if found.solver is not None:
        own = found.solver.trace(x[mine : mine + 1], price, found.steps).codes
    return Place(
        (corner[0] + starts[0], corner[1] + starts[1]),
        (size, size, channels),
        channel,
        x[mine].numpy(),
        means[mine].item(),
        levels[mine].item(),
        float(price),
        scale,
        own[:, 0].numpy(),
        found.B.numpy(),
        int(inside[(covering == mine).nonzero()[0, 0]]),
        estimates.numpy(),
        int((covering == mine).nonzero()[0, 0]),
        cleaned[0, at[0], at[1]].item(),
        None if found.offset is None else found.offset.numpy(),
    )


def _of_filters(
    values: Tensor, sigma: float, found: coding.PatchCoder, row: int, column: int, lam: float | None
) -> Place:
    """`look` on filters. Codes are those of the pixels within NEAR, which further ones hardly change."""
    channel = CHANNEL if len(values) > 1 else None
    asked = whole.given(
        values[:1] if channel is None else values[channel : channel + 1], sigma, found, lam
    )
    (count, p, _), apart = found.B.filters.shape, found.B.stride
    ends = [
        (max(0, at - NEAR) // apart * apart, min(side, at + NEAR))
        for at, side in zip((row, column), values.shape[1:], strict=True)
    ]
    inner = [whole.MARGIN + at - first for at, (first, _) in zip((row, column), ends, strict=True)]
    estimates, parts = [], []
    for moved in whole.grids(apart, 1):
        (top, below), (left, right) = (
            (first + asked.edge - whole.MARGIN - by, last + asked.edge + whole.MARGIN - by)
            for (first, last), by in zip(ends, moved, strict=True)
        )
        parts.append(asked.around[0, top:below, left:right])
        sized = found.solver.at(tuple(parts[-1].shape))
        if not estimates:
            grid, trace = sized.dictionary, sized.trace(parts[0].flatten()[None], asked.lam)
        codes = trace.codes[-1] if not estimates else sized(parts[-1].flatten()[None], asked.lam)
        made = sized.reconstruct(codes).view_as(parts[-1])
        estimates.append(
            made[inner[0] + moved[0], inner[1] + moved[1]].item() / asked.scale + asked.mean.item()
        )
    # Position k of a side has the pixels k·apart − (p − 1) … k·apart of the part.
    at = [round((pixel + p // 2) / apart) for pixel in inner]
    starts = [k * apart - p + 1 for k in at]
    window = tuple(slice(start, start + p) for start in starts)
    own = grid.maps(trace.codes)[:, 0, at[0], at[1]]
    B = found.B.filters.reshape(count, -1).T
    made = grid.synthesise(trace.codes[:, 0]).unflatten(1, parts[0].shape)[:, *window].flatten(1)
    shown, maps = {"codes": trace.codes}, {}
    for name in found.solver.traits.gates:
        shown[name] = torch.cat([torch.zeros_like(trace.codes[:1]), trace.iterations(name)])
    for name, part in shown.items():  # so that the place is in the middle
        around = functional.pad(grid.maps(part[:, 0]), (0, 0, REACH, REACH, REACH, REACH))
        maps[name] = (
            around[:, at[0] : at[0] + 2 * REACH + 1, at[1] : at[1] + 2 * REACH + 1]
            .movedim(3, 1)
            .numpy()
        )
    size = B.norm(dim=0).numpy()
    order = -np.abs(maps["codes"][-1]).mean((1, 2)) * size, -np.abs(own[-1].numpy()) * size
    loudest = np.lexsort(order)[:SHOWN]
    maps = {name: part[:, loudest] for name, part in maps.items()}
    corner = tuple(
        start - whole.MARGIN + first for start, (first, _) in zip(starts, ends, strict=True)
    )
    pixel, level = (
        (inner[0] - starts[0]) * p + inner[1] - starts[1],
        asked.mean.item() * asked.scale,
    )
    return Place(
        corner,
        (p, p, 1),
        channel,
        parts[0][window].flatten().numpy(),
        level,
        level,
        asked.lam,
        asked.scale,
        own.numpy(),
        B.numpy(),
        pixel,
        np.array(estimates),
        0,
        float(np.mean(estimates)),
        (made - own @ B.T).numpy(),
        loudest,
        maps,
    )
