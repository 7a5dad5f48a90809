"""A dictionary of filters as an operator: B s = Σ_m d_m ∗ z_m, codes s being maps z_m of a whole picture.

Filter m stands at every position of a grid, `stride` pixels apart, at which it meets the picture, and what of it lies
outside is cut off; B is the matrix (d_x, d_s) of all these columns, which nothing here makes but `matrix`. Pictures are
rows (n, h·w); the a×b positions, each with its m codes one after the other, are rows of codes (n, a·b·m).
"""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor
from torch.nn import functional

from sc2viz import arguments
from sc2viz.exact import gaps

# Of the power iteration, which ends when the norm changes by less than that share.
MOST_ROUNDS, SETTLED = 1000, 1e-7


class Dictionary:
    """Filters (m, p, p), `stride` pixels apart, on pictures of `size` (h, w), by default those of one filter.

    Has the `shape` (d_x, d_s), the length d_x, the dtype and the device of the matrix B. ValueError for filters, a stride
    or a size with which pixels would be left out.
    """

    ndim = 2

    def __init__(self, filters: Tensor, stride: int = 1, size: tuple[int, int] | None = None):
        arguments.tensor("filters", filters)
        square = filters.ndim == 3 and filters.numel() and filters.shape[1] == filters.shape[2]
        if not square or not arguments.is_finite(filters):
            raise ValueError(
                f"filters must be finite and (m, p, p), square, got {tuple(filters.shape)}"
            )
        self.filters, side = filters, filters.shape[1]
        high, wide = self.size = (side, side) if size is None else tuple(size)
        arguments.whole_number("stride", stride)
        arguments.whole_number("the picture's height", high)
        arguments.whole_number("the picture's width", wide)
        if stride > side:
            raise ValueError(
                f"stride must be at most {side}, the side of a filter, got {stride}: pixels would be left out"
            )
        # By the margin the first filter reaches over the picture's edge.
        self.stride, self.margin = int(stride), side - 1
        self.grid = tuple((length - 1 + self.margin) // self.stride + 1 for length in self.size)
        # A product with filters p×p every s pixels is one with ⌈p/s⌉×⌈p/s⌉ filters on every pixel of the s·s pictures that
        # hold each s-th pixel: several times as quick, because there are s·s channels instead of one.
        self.block = -(-side // self.stride)
        self.dtype, self.device = filters.dtype, filters.device

    @property
    def shape(self) -> torch.Size:
        """The shape (d_x, d_s) of the matrix B."""
        return torch.Size((math.prod(self.size), math.prod(self.grid) * len(self.filters)))

    def __len__(self) -> int:
        return self.shape[0]

    def with_filters(self, filters: Tensor) -> Dictionary:
        """Return the dictionary of the same grid with other filters (m', p, p), which are not checked."""
        twin = copy.copy(self)
        twin.filters, twin.dtype, twin.device = filters, filters.dtype, filters.device
        return twin

    def detach(self) -> Dictionary:
        return self.with_filters(self.filters.detach())

    def maps(self, codes: Tensor) -> Tensor:
        """Return codes (…, d_s) as maps (…, a, b, m)."""
        return codes.unflatten(-1, (*self.grid, -1))

    def _blocks(self) -> Tensor:
        """Return the filters as (m, s·s, q, q), filled up with zeros to q·s pixels a side."""
        margin = self.block * self.stride - self.filters.shape[1]
        padded = functional.pad(self.filters, (0, margin) * 2)[:, None]
        return functional.pixel_unshuffle(padded, self.stride)

    def analyse(self, x: Tensor) -> Tensor:
        """Return Bᵀx of pictures x (n, d_x): (n, d_s)."""
        s, sides = self.stride, [count + self.block - 1 for count in self.grid]
        bottom, right = (
            s * side - length - self.margin for side, length in zip(sides, self.size, strict=True)
        )
        margins = self.margin, right, self.margin, bottom
        padded = functional.pad(x.reshape(-1, *self.size), margins)
        # Not `pixel_unshuffle`: here channels lie next to each other in memory, as the convolution takes them.
        channels = padded.reshape(-1, sides[0], s, sides[1], s).permute(0, 1, 3, 2, 4).flatten(3)
        maps = functional.conv2d(channels.permute(0, 3, 1, 2), self._blocks())
        return maps.permute(0, 2, 3, 1).flatten(1)

    def synthesise(self, codes: Tensor) -> Tensor:
        """Return B s of codes (n, d_s): (n, d_x)."""
        maps = self.maps(codes).permute(0, 3, 1, 2)
        sums = functional.conv_transpose2d(maps, self._blocks())
        picture, (high, wide) = functional.pixel_shuffle(sums, self.stride), self.size
        return picture[..., self.margin :, self.margin :][..., :high, :wide].flatten(1)

    def matrix(self) -> Tensor:
        """Return B itself, (d_x, d_s): for pictures of a few pixels."""
        return self.analyse(torch.eye(len(self), dtype=self.dtype, device=self.device))

    @torch.no_grad()
    def norm(self) -> Tensor:
        """Return ‖B‖₂ by power iteration on B Bᵀ, in float64, from a start of seed 0: a scalar tensor; 0 for filters of zeros."""
        exact = self.with_filters(self.filters.double().cpu())
        x = torch.randn(
            1, len(self), generator=torch.Generator().manual_seed(0), dtype=torch.float64
        )
        largest = x.new_zeros(())
        for _ in range(MOST_ROUNDS):
            previous, x = largest, exact.synthesise(exact.analyse(x / x.norm()))
            largest = x.norm()
            if not largest or abs(largest - previous) <= SETTLED * largest:
                break
        return largest.sqrt().to(self.filters)

    def duality_gap(self, x: Tensor, codes: Tensor, lam: float) -> Tensor:
        """Return an upper bound on F(s) − F*, (n,), of pictures (n, d_x) and codes (n, d_s), as `lasso.duality_gap` has it."""
        arguments.positive("lam", lam)
        r, lams = x - self.synthesise(codes), x.new_full((len(x), 1), lam)
        return gaps.absolute(codes, self.analyse(r), r.square().sum(1), lams, False)


def from_tensors(filters: Tensor, geometry: Tensor) -> Dictionary:
    """Return the dictionary of filters (m, p, p) and of (stride, h, w), which solvers keep as floats."""
    stride, high, wide = (int(value) for value in geometry)
    return Dictionary(filters, stride, (high, wide))


def check(B: object, label: str) -> None:
    """Raise ValueError, with the solver's label, unless B is a dictionary of filters."""
    if not isinstance(B, Dictionary):
        raise ValueError(
            f"{label} codes whole pictures on filters, and this dictionary is a matrix of atoms for vectors: "
            "denoise a photograph with it, or build it on a convolution.Dictionary"
        )
