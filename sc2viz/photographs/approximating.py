"""Write a picture with few codes: patches side by side, and as many non-zeros as asked for.

A solver that counts its atoms stops at the ‖x − B s‖ ≤ ε that gives them, one that keeps k codes keeps so many, and any
other takes the λ that gives them. ε or λ is found by bisection on some of the patches.
"""

import math
from numbers import Real

import numpy as np
from torch import Tensor

from sc2viz import patches, solvers
from sc2viz.photographs import assembling, coding, denoising
from sc2viz.photographs.assembling import Answer, Progress
from sc2viz.photographs.channels import Picture, planes

SAMPLE = 1024  # patches on which the bisection is done
HALVINGS = 25
CLOSE = 0.01  # the bisection ends where the non-zeros are within this share of what is asked for
RANGE = (1e-5, 10.0)  # the values of λ, or of ε, that the bisection tries


def approximate(
    picture: Picture,
    non_zeros: float | None = None,
    solver: str | solvers.Solver = coding.EXACT,
    dictionary: str | Tensor | np.ndarray | None = None,
    stride: int | None = None,
    progress: Progress | None = None,
    *,
    lam: float | None = None,
) -> Answer:
    """Return the picture made of about `non_zeros` codes a pixel, the mean of every patch counted as one, or of the codes at λ.

    `stride`: pixels between patches, by default a patch's side, so that they do not overlap. ValueError unless exactly one
    of `non_zeros` and `lam` is given, and for fewer non-zeros than the means alone.
    """
    if (non_zeros is None) == (lam is None):
        raise ValueError("give non_zeros, the mean number of codes a pixel, or lam, and not both")
    if non_zeros is not None and not isinstance(non_zeros, Real):
        raise ValueError(
            f"non_zeros must be a number, got {non_zeros!r}: pass the mean number of codes a pixel"
        )
    values, smallest = planes(picture), 1 if stride is None else stride
    denoising.check(smallest, None, lam)
    coder = coding.coder(solver, dictionary, values, lam or 0.1, stride=smallest)
    stride = patches.layout(len(coder.B))[0] if stride is None else stride
    if lam is not None:
        setting = f"λ = {lam:g}"
    else:
        lam, setting = _search(coder, values, float(non_zeros), stride, progress)
    sums = assembling.assemble(
        values,
        lambda x, *_: assembling.Coded(coder.codes(x, lam), lam),
        coder.B,
        coder.offset,
        stride,
        progress,
    )
    return sums.answer(sums.average, picture, coder.label, f"{coder.label} at {setting}")


def _search(
    coder: coding.PatchCoder,
    values: Tensor,
    non_zeros: float,
    stride: int,
    progress: Progress | None,
) -> tuple[float, str]:
    """Find the λ at which patches have `non_zeros` a pixel in all, and return it with words for what gives them, "λ = …"; where
    that is k or ε, the solver is given it."""
    (d_x, d_s), solver = coder.B.shape, coder.solver
    size, channels = patches.layout(d_x)
    canvas = assembling.padded(values, size, stride)
    sides = [(side - size) // stride + 1 for side in canvas.shape[1:]]
    pixels = values[0].numel()
    count = math.prod(sides) * len(values) / channels
    # Non-zeros of a patch, its mean not counted
    target = non_zeros * pixels / count - 1
    if not (math.isfinite(non_zeros) and 0 <= target <= d_s):
        density = count / pixels
        raise ValueError(
            f"non_zeros must be from {density:.3g}, the means of the patches alone, to {density * (d_s + 1):.3g}, all "
            f"atoms, got {non_zeros:g}"
        )
    takes = solvers.options_of(solver.name) if solver else ()
    if "k" in takes:
        solver.k = max(1, min(round(target), d_s))
        return 0.1, f"k = {solver.k}"
    by_error = "epsilon" in takes
    if by_error:
        solver.steps = min(d_x, d_s)
    x = assembling.sample(canvas, size, channels, SAMPLE, stride)
    low, high = (math.log(end) for end in RANGE)
    for _ in range(HALVINGS):
        assembling.report(progress, 0.0)
        middle = (low + high) / 2
        lam = math.exp(middle)
        if by_error:
            solver.epsilon, lam = lam, 0.1
        count = (coder.codes(x, lam) != 0).sum(1).double().mean().item()
        low, high = (middle, high) if count > target else (low, middle)
        if abs(count - target) <= CLOSE * target:
            high = middle
            break
    value = math.exp(high)
    if by_error:
        solver.epsilon = value
        return 0.1, f"ε = {value:.3g}"
    return value, f"λ = {value:.3g}"
