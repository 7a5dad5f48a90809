"""One place of a noisy picture: the patch there, its code after each iteration, and all patches that share its pixel. Of a
solver on filters, the codes of one position of its grid, the maps around it, and what all grids make of the pixel."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sc2viz import patches
from sc2viz.photographs import assembling, coding, denoising, whole
from sc2viz.photographs.channels import Picture, planes

CHANNEL = 1  # the channel that is shown of a colour picture coded channel by channel: green, the brightest to the eye
NEAR = 64  # pixels around a place that are coded on filters
LOUDEST, REACH = 6, 20  # filters whose maps are shown, and positions around a place
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
    chosen: int  # the entry of `estimates` that is this patch's
    average: float  # the average of `estimates`: the pixel of the cleaned picture where patches are one pixel apart
    # What B s is added to beside the mean, (1, d_x), where the solver has such an offset; on filters (T + 1, d_x), what other
    # positions make of these pixels.
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
    def reconstructions(self) -> np.ndarray:
        """(T + 1, d_x) B s + mean after each iteration, on the scale of the picture."""
        offset = 0 if self.offset is None else self.offset
        return (self.codes @ self.B.T + self.level + offset) / self.scale


@torch.no_grad()
def look(
    picture: Picture,
    sigma: float,
    coder: coding.PatchCoder,
    row: int,
    column: int,
    lam: float | None = None,
) -> Place:
    """Return the patch, or the position of filters, whose middle is nearest to a pixel of a picture with noise of standard
    deviation σ, as `denoise` codes it. ValueError where the picture has no such pixel."""
    values = planes(picture)
    if not (0 <= row < values.shape[1] and 0 <= column < values.shape[2]):
        raise ValueError(
            f"there is no pixel ({row}, {column}) in a picture of {values.shape[1]} × {values.shape[2]}"
        )
    if coder.solver is not None and coder.solver.traits.filters:
        return _look_on_filters(values, sigma, coder, row, column, lam)
    size, channels = patches.layout(len(coder.B))
    channel = CHANNEL if channels == 1 and len(values) > 1 else None
    area = values if channel is None else values[channel : channel + 1]
    # The part of the picture around the pixel is cleaned as the whole picture is, and what was coded is recorded.
    edge = (1 + AROUND) * size
    starts = [max(0, pixel + 1 - edge) for pixel in (row, column)]
    area = area[:, starts[0] : row + edge, starts[1] : column + edge]
    inputs, results = [], []

    def record_codes(level: float, lam: float | None) -> assembling.Code:
        code = coder.denoising(level, lam)

        def record(x: Tensor, *others) -> assembling.Coded:
            inputs.append(x)
            results.append(code(x, *others))
            return results[-1]

        return record

    recorder = copy.copy(coder)
    recorder.denoising = record_codes
    cleaned, _ = denoising.remove(area, sigma, recorder, 1, None, lam)
    x, codes = torch.cat(inputs), torch.cat([result.codes for result in results])
    pixel = row - starts[0], column - starts[1]
    # The patches that cover the pixel, where it is in them, and in which of them it is nearest to the middle
    numbers = torch.arange(area[0].numel(), dtype=torch.float64).view(1, *area.shape[1:])
    rows = patches.cut(assembling.padded(numbers, size, 1)[None], size)
    covering, inside = (rows == numbers[0, *pixel]).nonzero(as_tuple=True)
    down, across = inside // size, inside % size
    chosen = int(((down - size // 2) ** 2 + (across - size // 2) ** 2).argmin())
    index, inside = int(covering[chosen]), inside * channels

    scale = coder.scale(sigma)
    means = (patches.cut(assembling.padded(area, size, 1)[None], size) * scale).mean(1)
    levels, price = means, results[0].lam
    if results[0].shift is not None:
        levels = means + torch.cat([result.shift for result in results])
    if isinstance(price, Tensor):
        price = torch.cat([result.lam for result in results])[index : index + 1]
    offset = coder.offset
    estimates = (codes @ coder.B.T)[covering, inside] + levels[covering] + offset[inside]
    course = codes[None, index : index + 1]
    if coder.solver is not None:
        course = coder.solver.trace(x[index : index + 1], price, coder.steps).codes
    return Place(
        (row - int(down[chosen]), column - int(across[chosen])),
        (size, size, channels),
        channel,
        x[index].numpy(),
        means[index].item(),
        levels[index].item(),
        float(price),
        scale,
        course[:, 0].numpy(),
        coder.B.numpy(),
        int(inside[chosen]),
        (estimates / scale).numpy(),
        chosen,
        cleaned[0, *pixel].item(),
        offset[None].numpy() if offset.any() else None,
    )


def _look_on_filters(
    values: Tensor, sigma: float, coder: coding.PatchCoder, row: int, column: int, lam: float | None
) -> Place:
    """Return what `look` does for a solver on filters. Codes are those of the pixels within NEAR, which further ones hardly
    change."""
    channel = CHANNEL if len(values) > 1 else None
    values = values[[channel or 0]]
    source = whole.prepare(values, sigma, coder, lam)
    (count, p, _), spacing = coder.B.filters.shape, coder.B.stride
    pixel, (high, wide) = (row, column), values.shape[1:]
    starts = [max(0, place - NEAR) // spacing * spacing for place in pixel]
    stops = min(high, row + NEAR), min(wide, column + NEAR)
    inner = [whole.MARGIN + place - start for place, start in zip(pixel, starts, strict=True)]
    estimates, trace = [], None
    for move in whole.grids(spacing, 1):
        x = source.cut(starts, stops, move)
        sized = coder.solver.at(tuple(x.shape[1:]))
        if trace is None:  # of the first grid, whose codes are shown
            area, grid, trace = x[0], sized.dictionary, sized.trace(x.flatten(1), source.lam)
            codes = trace.codes[-1]
        else:
            codes = sized(x.flatten(1), source.lam)
        picture = sized.reconstruct(codes).view_as(x)
        value = picture[0, inner[0] + move[0], inner[1] + move[1]].item()
        estimates.append(value / source.scale + source.mean.item())
    # Position k of a side has the pixels k·spacing − (p − 1) … k·spacing of the part.
    position = [round((place + p // 2) / spacing) for place in inner]
    corner = [k * spacing - p + 1 for k in position]
    window = tuple(slice(start, start + p) for start in corner)
    course = grid.maps(trace.codes)[:, 0, *position]
    B = coder.B.filters.reshape(count, -1).T
    pictures = grid.synthesise(trace.codes[:, 0]).unflatten(1, area.shape)
    offset = pictures[:, *window].flatten(1) - course @ B.T
    arrays, maps = {"codes": trace.codes}, {}
    for name in coder.solver.traits.gates:
        arrays[name] = torch.cat([torch.zeros_like(trace.codes[:1]), trace.iterations(name)])
    for name, array in arrays.items():  # so that the place is in the middle
        around = functional.pad(grid.maps(array[:, 0]), (0, 0, REACH, REACH, REACH, REACH))
        square = tuple(slice(k, k + 2 * REACH + 1) for k in position)
        maps[name] = around[:, *square].movedim(3, 1).numpy()
    norms = B.norm(dim=0).numpy()
    nearby = -np.abs(maps["codes"][-1]).mean((1, 2)) * norms
    loudest = np.lexsort((nearby, -np.abs(course[-1].numpy()) * norms))[:LOUDEST]
    level = source.mean.item() * source.scale
    return Place(
        tuple(k - whole.MARGIN + start for k, start in zip(corner, starts, strict=True)),
        (p, p, 1),
        channel,
        area[window].flatten().numpy(),
        level,
        level,
        source.lam,
        source.scale,
        course.numpy(),
        B.numpy(),
        (inner[0] - corner[0]) * p + inner[1] - corner[1],
        np.array(estimates),
        0,
        float(np.mean(estimates)),
        offset.numpy(),
        loudest,
        {name: values[:, loudest] for name, values in maps.items()},
    )
