"""Remove noise: λ = κσ for every patch, or as few atoms as leave ‖x − B s‖ ≤ 1.15 σ √d_x, and the average of the patches."""

import warnings

import numpy as np
import torch
from torch import Tensor

from sc2viz import arguments, convolution, defaults, patches, solvers
from sc2viz.photographs import assembling, coding, whole
from sc2viz.photographs.assembling import Answer, Progress
from sc2viz.photographs.channels import LARGEST, Picture, planes

BEST = "best"
LEAST_SIGMA = 0.1 / 255  # the least σ that is estimated


def denoise(
    picture: Picture,
    sigma: float | None = None,
    solver: str | solvers.Solver = BEST,
    dictionary: str | Tensor | np.ndarray | convolution.Dictionary | None = None,
    stride: int = 1,
    progress: Progress | None = None,
    *,
    lam: float | None = None,
    steps: int | None = None,
) -> Answer:
    """Return the picture without its noise of standard deviation `sigma`, on the scale of [0, 1]; None: estimated. "best" is the
    best network that takes no longer than BM3D: `defaults.PHOTOGRAPHS` on filters, and in colour, or on a dictionary of patches,
    `defaults.PATCHES`.

    `picture` (h, w) or (h, w, 3), floats. `solver`, `dictionary`: see `coding`. `stride`: pixels between patches; 1 covers
    every inner pixel as often as a patch has pixels. `progress` is told the share that is done; `Stopped` is raised where it
    returns False. `lam`: λ, by default in proportion to σ; `steps`: iterations. A colour picture is coded in colour patches
    where the network or dictionary has them, and else channel by channel. A solver on filters, such as a network of
    Conv-LISTA, or its name with a `convolution.Dictionary`, codes the whole picture, once for each grid of filters: `stride`
    is then how far apart the positions of all grids are, and the answers are averaged. ValueError for bad input.
    """
    values = planes(picture)
    check(stride, sigma, lam, steps)
    sigma = estimate_sigma(picture) if sigma is None else float(sigma)
    if isinstance(solver, str) and solver == BEST:
        is_grey = dictionary is None and len(values) == 1
        on_filters = isinstance(dictionary, convolution.Dictionary) or is_grey
        solver = defaults.PHOTOGRAPHS if on_filters else defaults.PATCHES
    network = whole.network(solver, dictionary, steps)
    if network is not None:
        label, unit = network.label, "position"
        cleaned, sums = whole.remove(values, sigma, network, progress, lam, steps, stride=stride)
        (m, p, _), spacing = network.dictionary.filters.shape, network.dictionary.stride
        count = len(whole.grids(spacing, stride))
        method = f"{m} filters of {p}×{p}, {spacing} px apart"
        method += f", averaged over {count} grids" if count > 1 else ""
    else:
        price = coding.LAM_PER_SIGMA * sigma if lam is None else lam
        coder = coding.coder(solver, dictionary, values, price, steps, sigma, stride)
        label, unit = coder.label, "patch"
        cleaned, sums = remove(values, sigma, coder, stride, progress, lam)
        method = "patches" if len(values) == 1 else "patches of each channel"
        method = "colour patches" if patches.layout(len(coder.B))[1] > 1 else method
        method += f" {stride} px apart, averaged"
    return sums.answer(cleaned, picture, label, f"{label}, {method}", sigma=sigma, each=unit)


@torch.no_grad()
def remove(
    values: Tensor,
    sigma: float,
    coder: coding.PatchCoder,
    stride: int,
    progress: Progress | None = None,
    lam: float | None = None,
) -> tuple[Tensor, assembling.Sums]:
    """Return the picture (c, h, w) without its noise, and what its patches added up to."""
    scale, averaging = coder.scale(sigma), patches.averaging_of(coder.solver)
    values, level = values * scale, sigma * scale
    sums = assembling.assemble(
        values,
        coder.denoising(level, None if lam is None else lam * scale),
        coder.B,
        coder.offset,
        stride,
        progress,
        around=averaging is not None,
    )
    average = sums.average
    if averaging is not None:
        average = averaging.mix(average, values, torch.tensor(level, dtype=torch.float32))
    return average / scale, sums


def estimate_sigma(picture: Picture) -> float:
    """Estimate the standard deviation of the noise, from the finest diagonal wavelet coefficients (Donoho & Johnstone 1994; by
    scikit-image), averaged over the channels; at least .1/255, and that for a picture too small to tell."""
    from skimage import restoration  # imported here, because that takes a third of a second

    with warnings.catch_warnings():
        # Scikit-image warns of pictures that are flat or too small to have such coefficients.
        warnings.simplefilter("ignore")
        sigma = restoration.estimate_sigma(
            planes(picture).double().numpy(), average_sigmas=True, channel_axis=0
        )
    return max(float(np.nan_to_num(sigma)), LEAST_SIGMA)


def check(
    stride: int, sigma: float | None = None, lam: float | None = None, steps: int | None = None
) -> None:
    """Raise ValueError unless every number is one that can be worked with; None stands for a default."""
    arguments.whole_number("stride", stride)
    if steps is not None:
        arguments.whole_number("steps", steps)
    if lam is not None:
        arguments.positive("lam", lam)
    if sigma is not None:
        arguments.positive("sigma", sigma)
        if not 1 / LARGEST <= sigma <= LARGEST:
            raise ValueError(
                f"sigma must be from {1 / LARGEST:g} to {LARGEST:g} on the scale of [0, 1], got {sigma:g}"
            )
