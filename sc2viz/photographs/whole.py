"""Remove noise with solvers on filters, which code a picture as a whole: no patches, no average.

The picture, less its mean, is continued by its mirror image, coded, synthesised and cut; a large one is done in tiles with
margins, so that memory is bounded. Channels are pictures of their own. Codes depend on where the grid of the filters begins:
answers of several grids are averaged.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sc2viz import checkpoints, convolution, patches, solvers
from sc2viz.photographs import coding
from sc2viz.photographs.assembling import Progress, Stopped, Sums

TILE, MARGIN = 512, 16  # pixels of a tile's side, and by which it sees further, or the mirror image
FILTERS, SIDE, STRIDE = (
    64,
    7,
    2,
)  # of the overcomplete DCT that a solver without a dictionary is built on


def dct(count: int = FILTERS, side: int = SIDE, stride: int = STRIDE) -> convolution.Dictionary:
    """Filters (count, side, side) of norm 1: products of √count frequencies each way."""
    return convolution.Dictionary(
        patches.dct(side, count).T.reshape(-1, side, side).contiguous(), stride
    )


def network(solver: object, dictionary: object, steps: int | None) -> solvers.Solver | None:
    """The solver on filters that `denoise`'s arguments mean; None where they mean one of patches."""
    if isinstance(solver, solvers.Solver):
        return solver if solver.traits.filters else None
    if not isinstance(solver, str | Path):
        return None
    if dictionary is None and (name := coding.shipped(str(solver), 1)):
        return (
            checkpoints.load(name)
            if checkpoints.header(name).solver in solvers.ON_FILTERS
            else None
        )
    if str(solver) not in solvers.ON_FILTERS:
        return None
    B = dct() if dictionary is None else dictionary
    convolution.check(B, solvers.solver_class(str(solver)).label)
    return solvers.build(str(solver), B, steps or coding.STEPS).eval()


def mirrored(picture: Tensor, margin: int) -> Tensor:
    """(c, h, w) continued by its mirror image on all sides."""
    return torch.from_numpy(
        np.pad(picture.numpy(), [(0, 0), (margin, margin), (margin, margin)], "symmetric")
    )


def grids(apart: int, stride: int) -> list[tuple[int, int]]:
    """By how many pixels up and to the left each grid is moved, where filters are `apart` pixels apart and their positions
    on all grids together are to be `stride` pixels apart; the grid itself is the first."""
    moves = range(0, apart, min(stride, apart))
    return [(up, left) for up in moves for left in moves]


class Given(NamedTuple):
    """What a network is given."""

    around: Tensor  # (c, h + 2·edge, w + 2·edge) the picture less its mean, continued by its mirror image
    edge: int  # pixels: as many as every grid needs
    mean: Tensor  # (c, 1, 1)
    scale: float  # by which the contrast is multiplied, so that the noise is of the range that a network was trained for
    lam: float


def given(values: Tensor, sigma: float, found: coding.PatchCoder, lam: float | None) -> Given:
    """A picture (c, h, w) with noise of standard deviation σ as `found`, a solver on filters, is given it."""
    scale = found.scale(sigma)
    mean = values.mean((1, 2), keepdim=True)
    edge = MARGIN + found.B.stride - 1
    lam = found.lam_per_sigma * sigma if lam is None else lam
    return Given(mirrored((values - mean) * scale, edge), edge, mean, scale, lam * scale)


def coder(solver: solvers.Solver, steps: int | None = None) -> coding.PatchCoder:
    """A solver on filters with its dictionary, and how it takes noise."""
    return coding.PatchCoder(solver.dictionary.detach(), solver.label, solver, steps)


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
    """The picture (c, h, w) without its noise of standard deviation σ, averaged over `grids`, and of each filter at how many
    positions it is used. `Stopped` where `progress` says so."""
    found = coder(solver)
    asked = given(values, sigma, found, lam)
    cleaned, sums = (
        torch.zeros_like(values),
        Sums(values, values, torch.zeros(len(found.B.filters))),
    )
    high, wide = values.shape[1:]
    moves = grids(found.B.stride, stride)
    places = [
        (top, left, *by)
        for top in range(0, high, tile)
        for left in range(0, wide, tile)
        for by in moves
    ]
    for number, (top, left, *by) in enumerate(places, 1):
        sides = min(tile, high - top), min(tile, wide - left)
        inside = tuple(
            slice(MARGIN + move, MARGIN + move + side) for move, side in zip(by, sides, strict=True)
        )
        starts = (at + asked.edge - MARGIN - move for at, move in zip((top, left), by, strict=True))
        rows, columns = (
            slice(at, at + side + 2 * MARGIN) for at, side in zip(starts, sides, strict=True)
        )
        part = asked.around[:, rows, columns]
        sized = solver.at(tuple(part.shape[1:]))
        codes = solvers.finite(sized, sized(part.flatten(1), asked.lam, steps))
        made = sized.reconstruct(codes).view_as(part)[:, *inside]
        cleaned[:, top : top + tile, left : left + tile] += made / asked.scale / len(moves)
        maps = sized.dictionary.maps(codes)
        sums.used += (maps != 0).sum((0, 1, 2))
        sums.patches += maps[..., 0].numel()
        if progress is not None and progress(number / len(places)) is False:
            raise Stopped("the work was stopped")
    return cleaned + asked.mean, sums
