"""Block by block: cut the patches of a part of the picture, code them, and add them up where they lie.

Memory is that of one block of patches beside a few pictures, whatever the size of the picture.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from sc2viz import patches
from sc2viz.photographs.channels import Picture, like

BLOCK = 1024  # At most so many patches are coded at a time, so that their codes stay in the processor's cache.

Progress = Callable[
    [float], Any
]  # a function that is told the share that is done, and returns False to stop


class Stopped(Exception):
    """Raised where `progress` returned False, which asks to stop."""


def report(progress: Progress | None, share: float) -> None:
    """Tell `progress`, if there is one, which share is done; `Stopped` where it returns False."""
    if progress is not None and progress(share) is False:
        raise Stopped("the work was stopped")


@dataclass(frozen=True)
class Answer:
    """What was made of a picture. Numbers of codes are those of the last round."""

    picture: Any  # the answer, unclipped, of the kind and shape of the picture that went in
    solver: str  # the name on the screen of the solver that coded the patches
    way: str  # how the problem was solved, in words
    sigma: float | None  # the standard deviation of the noise that was used
    patches: int
    non_zeros: float  # the mean number of codes of a patch that are not zero
    usage: Tensor = field(repr=False)  # (d_s,) the share of the patches that use each atom
    # What `patches` counts: "position" of filters, which code the picture as a whole
    each: str = "patch"
    gap: float = float("nan")  # the mean relative duality gap of masked codes

    @property
    def non_zeros_a_pixel(self) -> float:
        """Numbers that the picture was made of, over its pixels: the codes, and the mean of every patch."""
        pixels = self.picture.shape[0] * self.picture.shape[1]
        return (self.non_zeros + (self.each == "patch")) * self.patches / pixels


@dataclass
class Sums:
    """What the patches of a picture add up to."""

    total: Tensor  # (c, h, w)
    weight: Tensor  # (c, h, w)
    used: Tensor  # (d_s,) how many patches use an atom
    patches: int = 0

    @property
    def average(self) -> Tensor:
        """The average of the patches where they lie, (c, h, w)."""
        return self.total / self.weight

    def answer(
        self,
        values: Tensor,
        picture: Picture,
        solver: str,
        method: str,
        sigma: float | None = None,
        **options: Any,
    ) -> Answer:
        """Return the `Answer` whose picture is `values` (c, h, w), in the form of `picture`, with the numbers of these
        patches."""
        count = max(self.patches, 1)
        numbers = self.patches, self.used.sum().item() / count, self.used / count
        return Answer(like(values, picture), solver, method, sigma, *numbers, **options)


class Coded(NamedTuple):
    """The codes of patches, and how the patches count in the average."""

    codes: Tensor  # (n, d_s)
    lam: float | Tensor  # λ of all patches, or of each
    weights: Tensor | None = None  # (n, d_x) the weights of the patches' pixels in the average
    shift: Tensor | None = None  # (n,) what is added to the means of the patches


# Patches without their means (n, d_x), the mask of observed pixels or None, and how far the mean of the square around each
# patch is from its own (n,), or None.
Code = Callable[[Tensor, Tensor | None, Tensor | None], Coded]


def padded(picture: Tensor, size: int, stride: int) -> Tensor:
    """Return a picture (c, h, w) continued to the right and below, mirrored, so that patches `stride` apart reach every pixel."""
    ends = [(0, max(size - side, (size - side) % stride)) for side in picture.shape[1:]]
    return torch.from_numpy(np.pad(picture.numpy(), [(0, 0), *ends], "symmetric"))


def sample(
    picture: Tensor, size: int, channels: int, limit: int, stride: int = 1, seed: int = 0
) -> Tensor:
    """Return patches (n, d_x) of a picture (c, h, w), without their means, at the places where it is cut: all of them, or `limit`
    that are drawn."""
    windows = (
        picture.unflatten(0, (-1, channels)).unfold(2, size, stride).unfold(3, size, stride)
    )  # (k, channels, a, b, p, p)
    high, wide = windows.shape[2:4]
    count = len(windows) * high * wide
    places = torch.arange(count)
    if count > limit:
        generator = torch.Generator().manual_seed(seed)
        places = torch.randint(count, (limit,), generator=generator)
    rows = windows[places // (high * wide), :, places // wide % high, places % wide]
    rows = rows.movedim(1, 3).flatten(1)
    return rows - rows.mean(1, keepdim=True)


def blocks(down: int, across: int, limit: int) -> Iterator[tuple[slice, slice]]:
    """Yield the parts (rows, columns) of `down` × `across` patches that hold at most `limit` each, and together each patch
    once."""
    columns = min(across, limit)
    rows = max(1, limit // columns)
    for row in range(0, down, rows):
        for column in range(0, across, columns):
            yield slice(row, min(row + rows, down)), slice(column, min(column + columns, across))


@torch.no_grad()
def assemble(
    picture: Tensor,
    code: Code,
    B: Tensor,
    offset: Tensor,
    stride: int,
    progress: Progress | None,
    observed: Tensor | None = None,
    around: bool = False,
) -> Sums:
    """Code all patches of `picture` (c, h, w), `stride` apart, on the dictionary B (d_x, d_s), and add up B s + mean
    + `offset` (d_x,); channel by channel where the patches are grey.

    `observed` (h, w) bool: the mean of a patch is that of its known pixels, `code` is told which they are, and a patch
    without any is left out. `around`: `code` is told of the squares around the patches.
    """
    size, channels = patches.layout(len(B))
    canvas = padded(picture, size, stride)
    if observed is not None:
        observed = padded(observed[None], size, stride).expand(channels, -1, -1).float()
    down, across = ((side - size) // stride + 1 for side in canvas.shape[1:])
    sums = Sums(torch.zeros_like(canvas), torch.zeros_like(canvas), B.new_zeros(B.shape[1]))
    count = down * across * len(canvas) // channels
    for first in range(0, len(canvas), channels):
        group = slice(first, first + channels)
        if around:
            surround = patches.means_around(canvas[None, group], size, stride)
            surround = surround.reshape(down, across)
        for block in blocks(down, across, BLOCK):
            window = tuple(
                slice(span.start * stride, (span.stop - 1) * stride + size) for span in block
            )
            area = canvas[group, *window]
            rows = patches.cut(area[None], size, stride).to(B)
            mask = None
            mean = rows.mean(1, keepdim=True)
            if observed is not None:
                mask = patches.cut(observed[None, :, *window], size, stride).to(B) > 0
                mean = (rows * mask).sum(1, keepdim=True) / mask.sum(1, keepdim=True).clamp_min(1)
            further = surround[block].flatten().to(B) - mean[:, 0] if around else None
            coded = code(rows - mean, mask, further)
            level = mean if coded.shift is None else mean + coded.shift[:, None]
            estimate = torch.addmm(level + offset, coded.codes, B.T)
            weight = torch.ones_like(estimate) if coded.weights is None else coded.weights
            if mask is not None:
                weight = weight * mask.any(1, keepdim=True)
            for total, values in ((sums.total, estimate * weight), (sums.weight, weight)):
                overlap = patches.add_up(values, (1, *area.shape), size, stride)[0]
                total[group, *window] += overlap.to(total)
            sums.used += (coded.codes != 0).sum(0)
            sums.patches += len(rows)
            report(progress, sums.patches / count)
    inner = slice(None), slice(picture.shape[1]), slice(picture.shape[2])
    return Sums(sums.total[inner], sums.weight[inner], sums.used.cpu(), sums.patches)
