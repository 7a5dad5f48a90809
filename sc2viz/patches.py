"""Cut pictures into overlapping patches, and average patches into a picture again.

Pictures are (n, c, h, w) with 1 or 3 channels; patches are rows (n·k, d_x) with d_x = p·p·c, laid out as (p, p, c) like the
rows of `data.Images`. There are k patches a picture, p×p each, `stride` pixels apart.
"""

import math
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

CUTOFF = 0.4  # cycles a pixel: the 200 cycles of Olshausen & Field's pictures of 512 pixels
HIDDEN = (
    128,
    64,
)  # the widths of the hidden layers of `Averaging`'s small network, which looks at each patch
LARGEST = 1.5  # bound on the logarithms of `Averaging`'s network: λ times far more than its exponential makes all codes zero
REFERENCE = 0.1  # the σ that `Averaging` measures others by, so that ln (σ/REFERENCE) is 0 there
NOISY_SHARE = -5.0  # the logit of the noisy picture's share in an answer, before training
RATE = 3.0  # the learning rate of `Averaging` over that of a solver's matrices


def layout(d: int) -> tuple[int, int]:
    """Return (side, channels) of a square picture of d values, grey or colour; ValueError where there is none."""
    for channels in (1, 3):
        side = math.isqrt(d // channels)
        if side * side * channels == d:
            return side, channels
    raise ValueError(f"a patch must be square, with 1 or 3 channels, got {d} values")


def to_pictures(rows: Tensor) -> Tensor:
    """Return rows (n, h·h·c) of square pictures as pictures (n, c, h, h)."""
    side, channels = layout(rows.shape[1])
    return rows.reshape(-1, side, side, channels).movedim(3, 1)


def cut(pictures: Tensor, size: int, stride: int = 1) -> Tensor:
    """Return all patches (n·k, size·size·c) of pictures (n, c, h, w), row by row."""
    channels = pictures.shape[1]
    columns = functional.unfold(pictures, size, stride=stride)  # (n, c·size², k)
    columns = columns.unflatten(1, (channels, size * size)).movedim(1, 2).flatten(1, 2)
    return columns.transpose(1, 2).reshape(-1, columns.shape[1])


def add_up(rows: Tensor, shape: tuple[int, int, int, int], size: int, stride: int = 1) -> Tensor:
    """Return the sum of patches where they lie in pictures of `shape` (n, c, h, w): the transpose of `cut`."""
    n, channels, high, wide = shape
    columns = rows.reshape(n, -1, rows.shape[1]).transpose(1, 2)
    columns = columns.unflatten(1, (size * size, channels)).movedim(1, 2).flatten(1, 2)
    return functional.fold(columns, (high, wide), size, stride=stride)


def whiten(pictures: Tensor, cutoff: float = CUTOFF) -> Tensor:
    """Return pictures (n, c, h, w) whose frequencies f, in cycles a pixel, are multiplied by f·exp(−(f/cutoff)⁴).

    The amplitudes of photographs fall about as 1/f, so the factor f makes them flat; the exponential removes the highest
    frequencies, which are mostly noise (Olshausen & Field 1996). The phases stay. The mean becomes zero. Pictures are taken
    to go on periodically: leave their edges out.
    """
    high, wide = pictures.shape[2:]
    down, right = (
        torch.fft.fftfreq(high, dtype=pictures.dtype),
        torch.fft.rfftfreq(wide, dtype=pictures.dtype),
    )
    f = torch.hypot(down[:, None], right).to(pictures.device)
    return torch.fft.irfft2(
        torch.fft.rfft2(pictures) * f * torch.exp(-((f / cutoff) ** 4)), s=(high, wide)
    )


def dct(size: int, atoms: int) -> Tensor:
    """Return an overcomplete DCT: products of √atoms frequencies each way, (size·size, atoms), norm 1."""
    count = round(atoms**0.5)
    waves = torch.cos(torch.arange(size)[:, None] * torch.arange(count) * torch.pi / count)
    waves[:, 1:] -= waves[:, 1:].mean(0)
    return functional.normalize(torch.kron(waves, waves), dim=0)


def means_around(pictures: Tensor, size: int, stride: int = 1) -> Tensor:
    """Return the mean (n·k,) of the square three times as wide around every patch of pictures (n, c, h, w), within the
    picture."""
    wide, grey = 3 * size, pictures.mean(1, keepdim=True)
    rows = functional.avg_pool2d(grey, (wide, 1), (stride, 1), (size, 0), count_include_pad=False)
    return functional.avg_pool2d(
        rows, (1, wide), (1, stride), (0, size), count_include_pad=False
    ).flatten()


class Choice(NamedTuple):
    """What a network for photographs chooses for every patch, (n,) each."""

    lam: Tensor  # (n,) λ_i of each patch
    b: Tensor  # (n,) the logarithm of each patch's weight
    g: Tensor  # (n,) the share of the mean around each patch


class Averaging(nn.Module):
    """What a network for photographs learns beside its codes; at the start it changes nothing but a small noisy share.

    a patch         a_i, b_i, γ_i = MLP(asinh(x_i/σ), ln(.1 + mean (x_i/σ)²), ln(σ/.1), asinh(√d_x (M_i − m_i)/σ))
    its λ           λ_i = λ exp(β tanh(a_i/β)),  β = 1.5                   one value a sample, as `solver(x, lam)` takes it
    its mean        m_i + g_i (M_i − m_i),  g_i = tanh(γ_i)                m_i its own, M_i of the square around it
    its weights     w_ij = exp(p_j + β tanh(b_i/β)) (1 + ‖s_i‖₀)^−q        of pixel j of patch i in the average
    noisy share     ρ = sigmoid(r₀ + r₁ ln(σ/.1))                          (1 − ρ) · average + ρ · noisy picture

    The noise of m_i has the standard deviation σ/√d_x, which nothing else removes, and that of M_i a third of it.
    """

    def __init__(self, d_x: int):
        super().__init__()
        layers = [nn.Linear(*widths) for widths in pairwise((d_x + 3, *HIDDEN, 3))]
        self.chooser = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
        generator = torch.Generator().manual_seed(0)
        for layer in layers:
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=generator)
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(layers[2].weight)
        self.p = nn.Parameter(torch.zeros(d_x, dtype=torch.float32))
        self.q = nn.Parameter(torch.zeros((), dtype=torch.float32))
        self.r = nn.Parameter(torch.tensor([NOISY_SHARE, 0.0], dtype=torch.float32))

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return the parameters for training, in the form of `Solver.parameter_groups`."""
        return [{"params": list(self.parameters()), "scale": RATE}]

    def choose(self, x: Tensor, further: Tensor, lam: Tensor, sigma: Tensor) -> Choice:
        """Return what the network chooses for patches x (n, d_x) without their means, with M − m, `further` (n,), and λ and σ, ()
        or (n,)."""
        sigma = sigma.reshape(-1, 1)
        scaled, level = x / sigma, torch.log(sigma / REFERENCE)
        inputs = (
            torch.asinh(scaled),
            torch.log(0.1 + scaled.square().mean(1, keepdim=True)),
            level.expand(len(x), 1),
            torch.asinh(x.shape[1] ** 0.5 * further[:, None] / sigma),
        )
        a, b, g = self.chooser(torch.cat(inputs, 1)).unbind(1)
        a, b = (LARGEST * torch.tanh(numbers / LARGEST) for numbers in (a, b))
        return Choice(lam * torch.exp(a), b, torch.tanh(g))

    def weights(self, codes: Tensor, b: Tensor) -> Tensor:
        """Return the weights w (n, d_x) of the patches' pixels in the average, from codes (n, d_s) and b (n,)."""
        used = 1 + (codes.detach() != 0).sum(1).to(codes.dtype)
        return torch.exp(self.p + (b - self.q * torch.log(used))[:, None])

    def mix(self, average: Tensor, noisy: Tensor, sigma: Tensor) -> Tensor:
        """Return the average and the noisy picture mixed, of the shape of both; σ broadcasts against them."""
        return torch.lerp(
            average, noisy, torch.sigmoid(self.r[0] + self.r[1] * torch.log(sigma / REFERENCE))
        )


def averaging_of(solver: nn.Module | None) -> Averaging | None:
    """Return the `Averaging` of a network that was trained on whole photographs; None for other solvers."""
    return getattr(solver, "averaging", None)


def give_averaging(solver: Any, averaging: Averaging | None = None) -> None:
    """Make `averaging`, by default an untrained one, a part of a solver of patches: it is trained and stored with it."""
    B = solver.dictionary
    solver.averaging = Averaging(len(B)).to(B) if averaging is None else averaging
