"""Block by block: cut the patches of a part of the picture, code them, and add them up where they lie.

Memory is that of one block of patches beside a few pictures, whatever the size of the picture.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sc2viz import patches

BLOCK = 1024  # At most so many patches are coded at a time, so that their codes stay in the processor's cache.

Progress = Callable[
    [float], Any
]  # a function that is told the share that is done, and returns False to stop


class Stopped(Exception):
    """Raised where `progress` returned False, which asks to stop."""


def part_of(progress: Progress | None, before: int, count: float) -> Progress | None:
    """What is told of the progress of a part, where `before` of `count` equal parts are done; None if nobody is told."""
    return None if progress is None else lambda done: progress((before + done) / count)


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
    each: str = (
        "patch"  # what `patches` counts: "position" of filters, which code the picture as a whole
    )
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
        return self.total / self.weight

    @property
    def non_zeros(self) -> float:
        return self.used.sum().item() / max(self.patches, 1)

    @property
    def usage(self) -> Tensor:
        return self.used / max(self.patches, 1)


class Coded(NamedTuple):
    """The codes of patches, and how the patches count in the average."""

    codes: Tensor  # (n, d_s)
    weights: Tensor | None = None  # (n, d_x) the weights of the patches' pixels in the average
    shift: Tensor | None = None  # (n,) what is added to the means of the patches


# Patches without their means (n, d_x), the mask of observed pixels or None, and how far the mean of the square around each
# patch is from its own (n,), or None.
Code = Callable[[Tensor, Tensor | None, Tensor | None], Coded]


def padded(picture: Tensor, size: int, stride: int) -> Tensor:
    """(c, h, w) continued to the right and below, mirrored, so that patches `stride` apart reach every pixel."""
    least = ((side, max(side, size)) for side in picture.shape[1:])
    ends = [(0, most - side + -(most - size) % stride) for side, most in least]
    return torch.from_numpy(np.pad(picture.numpy(), [(0, 0), *ends], "symmetric"))


def drawn(
    picture: Tensor, size: int, channels: int, most: int, stride: int = 1, seed: int = 0
) -> Tensor:
    """Patches (n, d_x) of a picture (c, h, w), without their means, at the places where it is cut: all of them, or `most`
    that are drawn."""
    parts = (
        picture.unflatten(0, (-1, channels)).unfold(2, size, stride).unfold(3, size, stride)
    )  # (k, channels, a, b, p, p)
    high, wide = parts.shape[2:4]
    count = len(parts) * high * wide
    generator = torch.Generator().manual_seed(seed)
    places = (
        torch.arange(count) if count <= most else torch.randint(count, (most,), generator=generator)
    )
    rows = (
        parts[places // (high * wide), :, places // wide % high, places % wide]
        .movedim(1, 3)
        .flatten(1)
    )
    return rows - rows.mean(1, keepdim=True)


def blocks(
    high: int, wide: int, size: int, stride: int, most: int
) -> Iterator[tuple[slice, slice]]:
    """The parts (rows, columns) of a picture that hold at most `most` patches each, and together each patch once."""
    down, across = ((side - size) // stride + 1 for side in (high, wide))
    columns = min(across, most)
    rows = max(1, most // columns)
    for top in range(0, down, rows):
        for left in range(0, across, columns):
            ends = (
                (min(start + count, limit) - 1) * stride + size
                for start, count, limit in ((top, rows, down), (left, columns, across))
            )
            below, right = ends
            yield slice(top * stride, below), slice(left * stride, right)


@torch.no_grad()
def assemble(
    picture: Tensor,
    code: Code,
    B: Tensor,
    stride: int = 1,
    progress: Progress | None = None,
    known: Tensor | None = None,
    around: bool = False,
    offset: Tensor | None = None,
) -> Sums:
    """Code all patches of `picture` (c, h, w), `stride` apart, on the dictionary B (d_x, d_s), and add up B s + mean, and
    `offset` (d_x,) where there is one; channel by channel where the patches are grey.

    `known` (h, w) bool: the mean of a patch is that of its known pixels, `code` is told which they are, and a patch
    without any is left out. `around`: `code` is told of the squares around the patches.
    """
    parts = picture.split(patches.layout(len(B))[1])
    told = (part_of(progress, number, len(parts)) for number in range(len(parts)))
    done = [
        _assemble(*each, code, B, stride, known, around, offset)
        for each in zip(parts, told, strict=True)
    ]
    total, weight = (
        torch.cat([getattr(each, what) for each in done]) for what in ("total", "weight")
    )
    return Sums(total, weight, sum(each.used for each in done), sum(each.patches for each in done))


def _assemble(
    picture: Tensor,
    progress: Progress | None,
    code: Code,
    B: Tensor,
    stride: int,
    known: Tensor | None,
    around: bool,
    offset: Tensor | None,
) -> Sums:
    size, channels = patches.layout(len(B))
    shape = picture.shape
    whole = padded(picture, size, stride)
    seen = None if known is None else padded(known[None], size, stride).expand(channels, -1, -1)
    sums = Sums(torch.zeros_like(whole), torch.zeros_like(whole), B.new_zeros(B.shape[1]))
    count = ((whole.shape[1] - size) // stride + 1) * ((whole.shape[2] - size) // stride + 1)
    wide = (
        patches.means_around(whole[None], size, stride).reshape(
            [(side - size) // stride + 1 for side in whole.shape[1:]]
        )
        if around
        else None
    )
    for down, across in blocks(*whole.shape[1:], size, stride, BLOCK):
        part = whole[:, down, across]
        rows = patches.cut(part[None], size, stride).to(B)
        mask = (
            None
            if seen is None
            else patches.cut(seen[None, :, down, across].float(), size, stride).to(B) > 0
        )
        mean = _means(rows, mask)
        further = (
            None
            if wide is None
            else wide[_positions(down, size, stride), _positions(across, size, stride)].flatten()
        )
        s, weight, shift = code(
            rows - mean, mask, None if further is None else further.to(B) - mean[:, 0]
        )
        level = mean if shift is None else mean + shift[:, None]
        estimate = torch.addmm(level if offset is None else level + offset, s, B.T)
        if weight is None:
            weight = torch.ones_like(estimate)
        if mask is not None:
            weight = weight * mask.any(1, keepdim=True)
        for into, what in ((sums.total, estimate * weight), (sums.weight, weight)):
            into[:, down, across] += patches.add_up(what, (1, *part.shape), size, stride)[0].to(
                into
            )
        sums.used += (s != 0).sum(0)
        sums.patches += len(rows)
        if progress is not None and progress(sums.patches / count) is False:
            raise Stopped("the work was stopped")
    crop = (slice(None), slice(shape[1]), slice(shape[2]))
    return Sums(sums.total[crop], sums.weight[crop], sums.used.cpu(), sums.patches)


def _positions(within: slice, size: int, stride: int) -> slice:
    """Which patches, counted along one side of the picture, lie within a range of pixels."""
    return slice(within.start // stride, (within.stop - size) // stride + 1)


def _means(rows: Tensor, mask: Tensor | None) -> Tensor:
    """The mean of every patch over its known pixels, (n, 1); 0 where there are none."""
    if mask is None:
        return rows.mean(1, keepdim=True)
    return (rows * mask).sum(1, keepdim=True) / mask.sum(1, keepdim=True).clamp_min(1)


def box(values: Tensor, size: int) -> Tensor:
    """The mean of (c, h, w) over size × size windows, within the picture."""
    return functional.avg_pool2d(values[None], size, 1, size // 2, count_include_pad=False)[0]
