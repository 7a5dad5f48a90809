"""Cut pictures into overlapping patches, and average patches into a picture again.

Pictures are (n, c, h, w) with 1 or 3 channels; patches are rows (n·k, d_x) with d_x = p·p·c, laid out as (p, p, c) like the
rows of `data.Images`. There are k patches a picture, p×p each, `stride` pixels apart.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

CUTOFF = 0.4  # cycles a pixel: the 200 cycles of Olshausen & Field's pictures of 512 pixels
HIDDEN = (128, 64)  # the widths of the small network that chooses λ for each patch
LARGEST = 1.5  # of the logarithm of what λ is multiplied by: far above it all codes are zero, and nothing can be learned
REFERENCE = 0.1  # the σ at which what follows ln σ starts
NOISY_SHARE = -5.0  # the logit of the noisy picture's share, at the start


def layout(d: int) -> tuple[int, int]:
    """(side, channels) of a square picture of d values, grey or colour; ValueError where there is none."""
    for channels in (1, 3):
        side = math.isqrt(d // channels)
        if side * side * channels == d:
            return side, channels
    raise ValueError(f"a patch must be square, with 1 or 3 channels, got {d} values")


def to_pictures(rows: Tensor) -> Tensor:
    """Rows (n, h·h·c) of square pictures → (n, c, h, h)."""
    side, channels = layout(rows.shape[1])
    return rows.reshape(-1, side, side, channels).movedim(3, 1)


def cut(pictures: Tensor, size: int, stride: int = 1) -> Tensor:
    """All patches (n·k, size·size·c) of pictures (n, c, h, w), row by row."""
    n, channels = pictures.shape[:2]
    columns = functional.unfold(pictures, size, stride=stride)  # (n, c·size², k)
    if channels > 1:
        columns = columns.unflatten(1, (channels, size * size)).movedim(1, 2).flatten(1, 2)
    return columns.transpose(1, 2).reshape(-1, columns.shape[1])


def add_up(rows: Tensor, shape: tuple[int, int, int, int], size: int, stride: int = 1) -> Tensor:
    """The sum of patches where they lie in pictures of `shape` (n, c, h, w): the transpose of `cut`."""
    n, channels, high, wide = shape
    columns = rows.reshape(n, -1, rows.shape[1]).transpose(1, 2)
    if channels > 1:
        columns = columns.unflatten(1, (size * size, channels)).movedim(1, 2).flatten(1, 2)
    return functional.fold(columns, (high, wide), size, stride=stride)


def whiten(pictures: Tensor, cutoff: float = CUTOFF) -> Tensor:
    """Pictures (n, c, h, w) whose frequencies f, in cycles a pixel, are multiplied by f·exp(−(f/cutoff)⁴).

    The amplitudes of photographs fall about as 1/f, so the factor f makes them flat; the exponential removes the highest
    frequencies, which are mostly noise (Olshausen & Field 1996). The phases stay. The mean becomes zero. Pictures are taken
    to go on periodically: leave their edges out.
    """
    high, wide = pictures.shape[2:]
    down, right = torch.fft.fftfreq(high, dtype=pictures.dtype), torch.fft.rfftfreq(wide, dtype=pictures.dtype)
    f = torch.hypot(down[:, None], right).to(pictures.device)
    return torch.fft.irfft2(torch.fft.rfft2(pictures) * f * torch.exp(-((f / cutoff) ** 4)), s=(high, wide))


class Averaging(nn.Module):
    """What a network for photographs learns beside its codes; at the start it changes nothing but a small noisy share.

    λ of a patch    λ_i = λ exp(β tanh(MLP(asinh(x_i/σ))/β)), β = 1.5      one value a sample, as `solver(x, lam)` takes it
    weights         w_ij = exp(p_j) (1 + ‖s_i‖₀)^−q                        of pixel j of patch i in the average
    noisy share     ρ = sigmoid(r₀ + r₁ ln(σ/.1))                          (1 − ρ) · average + ρ · noisy picture
    """

    def __init__(self, d_x: int):
        super().__init__()
        first, second = HIDDEN
        self.chooser = nn.Sequential(nn.Linear(d_x, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(),
                                     nn.Linear(second, 1))  # fmt: skip
        generator = torch.Generator().manual_seed(0)
        for layer in self.chooser[:-1:2]:
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.chooser[-1].weight)
        nn.init.zeros_(self.chooser[-1].bias)
        self.p = nn.Parameter(torch.zeros(d_x))
        self.q = nn.Parameter(torch.zeros(()))
        self.r = nn.Parameter(torch.tensor([NOISY_SHARE, 0.0]))

    def lam(self, x: Tensor, lam: Tensor, sigma: Tensor) -> Tensor:
        """λ (n,) of patches x (n, d_x) without their means, from λ and σ, () or (n,)."""
        wanted = self.chooser(torch.asinh(x / sigma.reshape(-1, 1)))[:, 0]
        return lam * torch.exp(LARGEST * torch.tanh(wanted / LARGEST))

    def weights(self, codes: Tensor) -> Tensor:
        """(n, d_x), from codes (n, d_s)."""
        used = (1 + (codes.detach() != 0).sum(1).to(codes.dtype))[:, None]
        return torch.exp(self.p) * used**-self.q

    def mix(self, average: Tensor, noisy: Tensor, sigma: Tensor) -> Tensor:
        """The answer, of the shape of both, with σ of a shape that broadcasts."""
        return torch.lerp(average, noisy, torch.sigmoid(self.r[0] + self.r[1] * torch.log(sigma / REFERENCE)))
