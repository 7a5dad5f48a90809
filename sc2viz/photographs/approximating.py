"""Write a picture with few codes: patches side by side, and as many non-zeros as asked for.

A solver that counts its atoms stops at the ‖x − B s‖ ≤ ε that gives them, one that keeps k codes keeps so many, and any
other takes the λ that gives them. ε or λ is found by bisection on some of the patches.
"""

import math
from collections.abc import Callable
from numbers import Real

import numpy as np
from torch import Tensor

from sc2viz import patches, solvers
from sc2viz.photographs import assembling, coding, denoising
from sc2viz.photographs.assembling import Answer, Progress
from sc2viz.photographs.channels import Picture, like, planes

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
    """The picture made of about `non_zeros` codes a pixel, the mean of every patch counted as one, or of the codes at λ.

    `stride`: pixels between patches, by default a patch's side, so that they do not overlap. ValueError unless exactly one
    of `non_zeros` and `lam` is given, and for fewer non-zeros than the means alone.
    """
    if (non_zeros is None) == (lam is None):
        raise ValueError("give non_zeros, the mean number of codes a pixel, or lam, and not both")
    if non_zeros is not None and not isinstance(non_zeros, Real):
        raise ValueError(
            f"non_zeros must be a number, got {non_zeros!r}: pass the mean number of codes a pixel"
        )
    values = planes(picture)
    denoising.check(1 if stride is None else stride, None, lam)
    found = coding.coder(solver, dictionary, values, lam or 0.1)
    size = patches.layout(len(found.B))[0]
    stride = size if stride is None else stride
    if stride > size:
        raise ValueError(f"stride must be at most {size}, the side of a patch, got {stride}")
    if non_zeros is None:
        run, how = _at(found, lam), f"λ = {lam:g}"
    else:
        run, how = _sparse(found, values, float(non_zeros), stride, progress)
    sums = assembling.assemble(
        values,
        lambda x, *_: assembling.Coded(run(x)),
        found.B,
        stride,
        progress,
        offset=found.offset,
    )
    answer = like(sums.average, picture)
    return Answer(
        answer,
        found.label,
        f"{found.label} at {how}",
        None,
        sums.patches,
        sums.non_zeros,
        sums.usage,
    )


def _at(found: coding.PatchCoder, lam: float) -> Callable[[Tensor], Tensor]:
    return lambda x: found.codes(x, lam)


def _sparse(
    found: coding.PatchCoder,
    values: Tensor,
    asked: float,
    stride: int,
    progress: Progress | None = None,
) -> tuple[Callable[[Tensor], Tensor], str]:
    """The function that codes patches with `asked` non-zeros a pixel in all, and how it does so in words."""
    size, channels = patches.layout(len(found.B))
    pixels = values.shape[1] * values.shape[2]
    whole = assembling.padded(values, size, stride)
    sides = [(side - size) // stride + 1 for side in whole.shape[1:]]
    # Non-zeros of a patch, its mean not counted.
    wanted = asked * pixels / (sides[0] * sides[1] * len(values) / channels) - 1
    if not (math.isfinite(asked) and 0 <= wanted <= found.B.shape[1]):
        least = sides[0] * sides[1] * len(values) / channels / pixels
        most = least * (found.B.shape[1] + 1)
        raise ValueError(
            f"non_zeros must be from {least:.3g}, the means of the patches alone, to {most:.3g}, all atoms, got {asked:g}"
        )
    takes = solvers.options_of(found.solver.name) if found.solver is not None else ()
    x = assembling.drawn(whole, size, channels, SAMPLE, stride)
    if "k" in takes:
        found.solver.k = max(1, min(round(wanted), found.B.shape[1]))
        return lambda rows: found.codes(rows, 0.1), f"k = {found.solver.k}"
    by_error = "epsilon" in takes
    low, high = (math.log(end) for end in RANGE)

    def run(at: float) -> Callable[[Tensor], Tensor]:
        if not by_error:
            return _at(found, math.exp(at))
        found.solver.epsilon = math.exp(at)
        return lambda rows: found.codes(rows, 0.1)

    if by_error:
        found.solver.steps = min(len(found.B), found.B.shape[1])
    for _ in range(HALVINGS):
        if progress is not None and progress(0.0) is False:
            raise assembling.Stopped("the work was stopped")
        middle = (low + high) / 2
        count = (run(middle)(x) != 0).sum(1).double().mean().item()
        low, high = (middle, high) if count > wanted else (low, middle)
        if abs(count - wanted) <= CLOSE * wanted:
            high = middle
            break
    return run(high), f"{'ε' if by_error else 'λ'} = {math.exp(high):.3g}"
