"""Remove noise with solvers on filters, which code a picture as a whole: no patches, no average.

The picture, less its mean, is continued by its mirror image, coded, synthesised and cut; a large one is done in tiles with
margins, so that memory is bounded. Channels are pictures of their own.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from sc2viz import checkpoints, convolution, patches, solvers
from sc2viz.photographs import coding
from sc2viz.photographs.assembling import Progress, Stopped, Sums
from sc2viz.training import losses

TILE, MARGIN = 512, 16  # pixels of a tile's side, and by which it sees further, or the mirror image
FILTERS, SIDE, STRIDE = 64, 7, 2  # of the overcomplete DCT that a solver without a dictionary is built on


def dct(count: int = FILTERS, side: int = SIDE, stride: int = STRIDE) -> convolution.Dictionary:
    """Filters (count, side, side) of norm 1: products of √count frequencies each way."""
    return convolution.Dictionary(patches.dct(side, count).T.reshape(-1, side, side).contiguous(), stride)


def network(solver: object, dictionary: object, steps: int | None) -> solvers.Solver | None:
    """The solver on filters that `denoise`'s arguments mean; None where they mean one of patches."""
    if isinstance(solver, solvers.Solver):
        return solver if solver.traits.filters else None
    if not isinstance(solver, str | Path):
        return None
    if dictionary is None and (name := coding.shipped(str(solver), 1)):
        return checkpoints.load(name) if checkpoints.header(name).solver in solvers.ON_FILTERS else None
    if str(solver) not in solvers.ON_FILTERS:
        return None
    B = dct() if dictionary is None else dictionary
    convolution.check(B, solvers.solver_class(str(solver)).label)
    return solvers.build(str(solver), B, steps or coding.STEPS).eval()


def mirrored(picture: Tensor, margin: int) -> Tensor:
    """(c, h, w) continued by its mirror image on all sides."""
    for dim in (1, 2):
        side = picture.shape[dim]
        at = torch.arange(-margin, side + margin) % (2 * side)
        picture = picture.index_select(dim, torch.where(at < side, at, 2 * side - 1 - at))
    return picture


@torch.no_grad()
def remove(values: Tensor, sigma: float, solver: solvers.Solver, progress: Progress | None = None, lam: float | None = None,
           steps: int | None = None, tile: int = TILE) -> tuple[Tensor, Sums]:  # fmt: skip
    """The picture (c, h, w) without its noise of standard deviation σ, and of each filter at how many positions it is used.

    As with patches, a network is given noise of the range that it was trained for. `Stopped` where `progress` says so.
    """
    found = coding.PatchCoder(solver.dictionary.detach(), solver.label, solver)
    low, high = losses.SIGMA_RANGE
    scale = min(max(sigma, low), high) / sigma if found.trained else 1.0
    lam = (found.lam_per_sigma * sigma if lam is None else lam) * scale
    mean = values.mean((1, 2), keepdim=True)
    whole = mirrored((values - mean) * scale, MARGIN)
    cleaned, sums = torch.empty_like(values), Sums(values, values, torch.zeros(len(found.B.filters)))
    high, wide = values.shape[1:]
    places = [(top, left) for top in range(0, high, tile) for left in range(0, wide, tile)]
    for number, (top, left) in enumerate(places, 1):
        part = whole[:, top : top + tile + 2 * MARGIN, left : left + tile + 2 * MARGIN]
        sized = solver.at(tuple(part.shape[1:]))
        codes = solvers.finite(sized, sized(part.flatten(1), lam, steps))
        made = sized.reconstruct(codes).view_as(part)[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
        cleaned[:, top : top + tile, left : left + tile] = made / scale
        maps = sized.dictionary.maps(codes)
        sums.used += (maps != 0).sum((0, 1, 2))
        sums.patches += maps[..., 0].numel()
        if progress is not None and progress(number / len(places)) is False:
            raise Stopped("the work was stopped")
    return cleaned + mean, sums
