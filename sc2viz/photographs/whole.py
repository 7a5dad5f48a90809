"""Remove noise with solvers on filters, which code a picture as a whole: no patches, no average.

The picture, less its mean, is continued by its mirror image, coded, synthesised and cut; a large one is done in tiles with
margins, so that memory is bounded. Channels are pictures of their own. Codes depend on where the grid of the filters begins:
answers of several grids are averaged.
"""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sc2viz import checkpoints, convolution, patches, solvers
from sc2viz.photographs import coding
from sc2viz.photographs.assembling import Progress, Sums, report

TILE, MARGIN = 512, 16  # pixels of a tile's side, and by which it sees further, or the mirror image
# Of the overcomplete DCT that a solver without a dictionary is built on
FILTERS, SIDE, STRIDE = 64, 7, 2


def dct(count: int = FILTERS, side: int = SIDE, stride: int = STRIDE) -> convolution.Dictionary:
    """Return filters (count, side, side) of norm 1: products of √count frequencies each way."""
    return convolution.Dictionary(
        patches.dct(side, count).T.reshape(-1, side, side).contiguous(), stride
    )


def network(solver: object, dictionary: object, steps: int | None) -> solvers.Solver | None:
    """Return the solver on filters that `denoise`'s arguments mean; None where they mean one of patches."""
    if isinstance(solver, solvers.Solver):
        return solver if solver.traits.filters else None
    if not isinstance(solver, str | Path):
        return None
    if dictionary is None and (name := coding.shipped(str(solver), 1)):
        on_filters = checkpoints.header(name).solver in solvers.ON_FILTERS
        return checkpoints.load(name) if on_filters else None
    if str(solver) not in solvers.ON_FILTERS:
        return None
    B = dct() if dictionary is None else dictionary
    convolution.check(B, solvers.solver_class(str(solver)).label)
    return solvers.build(str(solver), B, steps or coding.STEPS).eval()


def mirrored(picture: Tensor, margin: int) -> Tensor:
    """Return a picture (c, h, w) continued by its mirror image on all sides."""
    return torch.from_numpy(
        np.pad(picture.numpy(), [(0, 0), (margin, margin), (margin, margin)], "symmetric")
    )


def grids(spacing: int, stride: int) -> list[tuple[int, int]]:
    """Return by how many pixels up and to the left each grid is moved, where filters are `spacing` pixels apart and their
    positions on all grids together are to be `stride` pixels apart; the grid itself is the first."""
    moves = range(0, spacing, min(stride, spacing))
    return list(product(moves, moves))


class Input(NamedTuple):
    """What a network is given."""

    around: Tensor  # (c, h + 2·edge, w + 2·edge) the picture less its mean, continued by its mirror image
    edge: int  # pixels: as many as every grid needs
    mean: Tensor  # (c, 1, 1)
    scale: float  # by which the contrast is multiplied, so that the noise is of the range that a network was trained for
    lam: float

    def cut(self, starts: Sequence[int], stops: Sequence[int], move: tuple[int, int]) -> Tensor:
        """Return the pixels from row and column `starts` to `stops` and MARGIN around them, (c, a, b), as a moved grid meets
        them."""
        rows, columns = (
            slice(start + self.edge - MARGIN - shift, stop + self.edge + MARGIN - shift)
            for start, stop, shift in zip(starts, stops, move, strict=True)
        )
        return self.around[:, rows, columns]


def prepare(values: Tensor, sigma: float, coder: coding.PatchCoder, lam: float | None) -> Input:
    """Return a picture (c, h, w) with noise of standard deviation σ as `coder`, of a solver on filters, is given it."""
    scale, mean = coder.scale(sigma), values.mean((1, 2), keepdim=True)
    edge = MARGIN + coder.B.stride - 1
    lam = coder.lam_per_sigma * sigma if lam is None else lam
    return Input(mirrored((values - mean) * scale, edge), edge, mean, scale, lam * scale)


def coder(solver: solvers.Solver) -> coding.PatchCoder:
    """Return a solver on filters with its dictionary, and how it takes noise."""
    return coding.PatchCoder(solver.dictionary.detach(), solver.label, solver)


@torch.no_grad()
def remove(
    values: Tensor,
    sigma: float,
    solver: solvers.Solver,
    progress: Progress | None = None,
    lam: float | None = None,
    steps: int | None = None,
    tile: int = TILE,
    stride: int = 1,
) -> tuple[Tensor, Sums]:
    """Return the picture (c, h, w) without its noise of standard deviation σ, averaged over `grids`, and of each filter at how
    many positions it is used. `Stopped` where `progress` says so."""
    B, (high, wide) = solver.dictionary, values.shape[1:]
    source, moves = prepare(values, sigma, coder(solver), lam), grids(B.stride, stride)
    cleaned, sums = torch.zeros_like(values), Sums(values, values, torch.zeros(len(B.filters)))
    places = list(product(range(0, high, tile), range(0, wide, tile), moves))
    for number, (y, x, move) in enumerate(places, 1):
        height, width = min(tile, high - y), min(tile, wide - x)
        area = source.cut((y, x), (y + height, x + width), move)
        sized = solver.at(tuple(area.shape[1:]))
        codes = solvers.finite(sized, sized(area.flatten(1), source.lam, steps))
        row, column = MARGIN + move[0], MARGIN + move[1]
        estimate = sized.reconstruct(codes).view_as(area)
        estimate = estimate[:, row : row + height, column : column + width]
        cleaned[:, y : y + tile, x : x + tile] += estimate / source.scale / len(moves)
        maps = sized.dictionary.maps(codes)
        sums.used += (maps != 0).sum((0, 1, 2))
        sums.patches += maps[..., 0].numel()
        report(progress, number / len(places))
    return cleaned + source.mean, sums
