"""Fill in missing pixels.

Masked    solvers that take a mask, and exact codes: min ½‖M(x − B s)‖² + λ‖s‖₁ for every patch; the average of the patches
          replaces what is missing. Pixels that no patch with a known pixel covers are filled in from what was filled in.
Imputed   all others: what is missing is guessed, the picture is coded as if it were noisy, with σ falling round by round,
          and what is missing is replaced by the average of the patches:   x ← M x + (1 − M) B s
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sc2viz import arguments, defaults, evaluation, solvers
from sc2viz.photographs import assembling, coding, denoising
from sc2viz.photographs.assembling import Answer, Progress
from sc2viz.photographs.channels import Picture, checked, like, planes

LAM = 0.005  # λ of the masked problem, unless another is asked for
STEPS = 200  # iterations of a masked solver, chosen on chelsea, coins and rocket
ROUNDS = 30  # rounds of imputation, chosen on chelsea as FIRST_SIGMA and LAST_SIGMA were
FIRST_SIGMA, LAST_SIGMA = 30 / 255, 1 / 255
CHECKED = 200  # patches over which the relative duality gap is averaged that an answer tells


def inpaint(
    picture: Picture,
    missing: np.ndarray | Tensor,
    solver: str | solvers.Solver = defaults.FILLS,
    dictionary: str | Tensor | np.ndarray | None = None,
    stride: int = 2,
    progress: Progress | None = None,
    *,
    lam: float = LAM,
    steps: int | None = None,
    rounds: int = ROUNDS,
) -> Answer:
    """The picture with its missing pixels filled in; known pixels stay as they are.

    `picture` as for `denoise`, `missing` (h, w) bool, True where a pixel is unknown, whatever the picture holds there.
    `lam` is that of the masked problem; `rounds` are those of imputation. The answer's `way` says which of the two it was,
    and of masked codes the mean relative duality gap. ValueError for a mask of another size or one that leaves no pixel.
    """
    checked(picture)
    unknown = _mask(picture, missing)
    values = planes(_blanked(picture, unknown))
    denoising.check(stride, None, None, steps)
    arguments.positive("lam", lam)
    arguments.whole("rounds", rounds)
    found = coding.coder(solver, dictionary, values, lam, steps, 0.0, stride, masked=True)
    if not unknown.any():
        unused = found.B.new_zeros(found.B.shape[1])
        return Answer(
            like(values, picture), found.label, "nothing was missing", None, 0, 0.0, unused
        )
    gap = float("nan")
    if found.takes_mask:
        found.steps = steps or STEPS
        filled, sums, gap = _masked(values, unknown, found, stride, progress, lam)
        way = f"{found.label} on the known pixels of every patch (masked), mean relative duality gap {gap:.1e}"
        sigma = None
    else:
        filled, sums = _imputed(values, unknown, found, stride, progress, rounds)
        way, sigma = f"{found.label}, {rounds} rounds of imputation", LAST_SIGMA
    return Answer(
        like(filled, picture),
        found.label,
        way,
        sigma,
        sums.patches,
        sums.non_zeros,
        sums.usage,
        gap=gap,
    )


def _mask(picture: Picture, missing: np.ndarray | Tensor) -> Tensor:
    kind, size = getattr(missing, "dtype", type(missing).__name__), tuple(picture.shape[:2])
    if kind not in (torch.bool, np.bool_) or tuple(missing.shape) != size:
        found = f"{kind} {tuple(getattr(missing, 'shape', ()))}"
        raise ValueError(
            f"missing must be bool {size} like the picture, got {found}: it is True where a pixel is unknown"
        )
    unknown = torch.as_tensor(missing).cpu()
    if unknown.all():
        raise ValueError(
            "missing must leave at least one pixel that is known: there is nothing to fill in from"
        )
    return unknown


def _blanked(picture: Picture, unknown: Tensor) -> Any:
    """The picture with zeros where it is unknown, whatever it holds there."""
    if isinstance(picture, Tensor):
        where = unknown.to(picture.device)
        return picture.masked_fill(where if picture.ndim == 2 else where[..., None], 0)
    where = unknown.numpy()
    return np.where(
        where if picture.ndim == 2 else where[..., None], picture.dtype.type(0), picture
    )


def _masked(
    values: Tensor,
    unknown: Tensor,
    found: coding.PatchCoder,
    stride: int,
    progress: Progress | None,
    lam: float,
) -> tuple[Tensor, assembling.Sums, float]:
    """Fill in by masked codes: (the picture, the sums, the mean relative gap of some patches)."""
    gaps: list[Tensor] = []

    def code(x: Tensor, mask: Tensor, _: None) -> assembling.Coded:
        codes = found.codes(x, lam, mask)
        if not gaps:
            rows = x if found.offset is None else x - found.offset
            some = rows[:CHECKED].double(), codes[:CHECKED].double(), found.B.double()
            gaps.append(evaluation.relative_gap(*some, lam, mask[:CHECKED]))
        return assembling.Coded(codes)

    filled, left, sums = values.clone(), unknown.clone(), None
    while left.any():
        whole = assembling.assemble(
            filled, code, found.B, stride, progress, known=~left, offset=found.offset
        )
        reached = left & (whole.weight > 0).all(0)
        filled = torch.where(reached, whole.average, filled)
        left, sums = left & ~reached, sums or whole
    return filled, sums, gaps[0].mean().item()


def _imputed(
    values: Tensor,
    unknown: Tensor,
    found: coding.PatchCoder,
    stride: int,
    progress: Progress | None,
    rounds: int,
) -> tuple[Tensor, assembling.Sums]:
    filled, sums = guess(values, unknown), None
    for round_ in range(rounds):
        share = round_ / max(rounds - 1, 1)
        sigma = math.exp((1 - share) * math.log(FIRST_SIGMA) + share * math.log(LAST_SIGMA))
        told = assembling.part_of(progress, round_, rounds)
        cleaned, sums = denoising.remove(filled, sigma, found, stride, told)
        filled = torch.where(unknown, cleaned, values)
    return filled, sums


def guess(values: Tensor, unknown: Tensor) -> Tensor:
    """The picture (c, h, w) with the mean of the nearest known pixels where it is unknown: windows of 3, 5, 9, … pixels."""
    known = (~unknown).float()[None]
    filled, left, size = values * known, unknown.clone(), 3
    while left.any():
        weight = assembling.box(known, size)
        near = left & (weight[0] > 0)
        filled = torch.where(
            near, assembling.box(values * known, size) / weight.clamp_min(1e-12), filled
        )
        left, size = left & ~near, 2 * size - 1
    return filled
