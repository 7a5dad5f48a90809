"""Fill in missing pixels.

Masked    solvers that take a mask, and exact codes: min ½‖M(x − B s)‖² + λ‖s‖₁ for every patch; the average of the patches
          replaces what is missing. Pixels that no patch with a known pixel covers are filled in from what was filled in.
Imputed   all others: what is missing is guessed, the picture is coded as if it were noisy, with σ falling round by round,
          and what is missing is replaced by the average of the patches:   x ← M x + (1 − M) B s
"""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sc2viz import arguments, defaults, evaluation, patches, solvers
from sc2viz.photographs import assembling, coding, denoising
from sc2viz.photographs.assembling import Answer, Progress
from sc2viz.photographs.channels import Picture, checked, planes

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
    """Return the picture with its missing pixels filled in; known pixels stay as they are.

    `picture` as for `denoise`, `missing` (h, w) bool, True where a pixel is unknown, whatever the picture holds there.
    `lam` is that of the masked problem; `rounds` are those of imputation. The answer's `way` says which of the two it was,
    and of masked codes the mean relative duality gap. ValueError for a mask of another size or one that leaves no pixel.
    """
    values = checked(picture)
    kind, size = getattr(missing, "dtype", type(missing).__name__), tuple(values.shape[:2])
    if kind not in (torch.bool, np.bool_) or tuple(missing.shape) != size:
        got = f"{kind} {tuple(getattr(missing, 'shape', ()))}"
        raise ValueError(
            f"missing must be bool {size} like the picture, got {got}: it is True where a pixel is unknown"
        )
    unknown = torch.as_tensor(missing).cpu()
    if unknown.all():
        raise ValueError(
            "missing must leave at least one pixel that is known: there is nothing to fill in from"
        )
    # Whatever the picture holds where it is unknown, which may be NaN
    blank = unknown if values.ndim == 2 else unknown[..., None]
    values = planes(values.masked_fill(blank.to(values.device), 0))
    denoising.check(stride, None, None, steps)
    arguments.positive("lam", lam)
    arguments.whole_number("rounds", rounds)
    coder = coding.coder(solver, dictionary, values, lam, steps, 0.0, stride, masked=True)
    gap, sigma = float("nan"), None
    if not unknown.any():
        filled, method = values, "nothing was missing"
        sums = assembling.Sums(values, values, coder.B.new_zeros(coder.B.shape[1]))
    elif coder.solver is None or solvers.takes_mask(coder.solver):
        coder.steps = steps or STEPS
        gaps: list[Tensor] = []

        def code(x: Tensor, mask: Tensor, _: None) -> assembling.Coded:
            codes = coder.codes(x, lam, mask)
            if not gaps:
                rows = (x - coder.offset)[:CHECKED].double(), codes[:CHECKED].double()
                gaps.append(evaluation.relative_gap(*rows, coder.B.double(), lam, mask[:CHECKED]))
            return assembling.Coded(codes, lam)

        filled, sums = values, None
        while unknown.any():
            result = assembling.assemble(
                filled, code, coder.B, coder.offset, stride, progress, observed=~unknown
            )
            reached = unknown & (result.weight > 0).all(0)
            filled = torch.where(reached, result.average, filled)
            unknown, sums = unknown & ~reached, sums or result
        gap = gaps[0].mean().item()
        method = f"{coder.label} on the known pixels of every patch (masked), mean relative duality gap {gap:.1e}"
    else:
        sigma, filled = LAST_SIGMA, guess(values, unknown)
        for k in range(rounds):
            share = k / max(rounds - 1, 1)
            level = math.exp((1 - share) * math.log(FIRST_SIGMA) + share * math.log(LAST_SIGMA))
            report = progress and (lambda done, k=k: progress((k + done) / rounds))
            cleaned, sums = denoising.remove(filled, level, coder, stride, report)
            filled = torch.where(unknown, cleaned, values)
        method = f"{coder.label}, {rounds} rounds of imputation"
    return sums.answer(filled, picture, coder.label, method, sigma=sigma, gap=gap)


def count_known(missing: np.ndarray, d_x: int, stride: int = 2) -> Tensor:
    """Return how many numbers are known of each patch of d_x that misses some, (n,); `missing` and `stride` as for `inpaint`."""
    side, _ = patches.layout(d_x)
    observed = assembling.padded(torch.from_numpy(~missing)[None], side, stride).float()
    counts = d_x * functional.avg_pool2d(observed, side, stride).flatten()
    return counts[counts < d_x].round()


def guess(values: Tensor, unknown: Tensor) -> Tensor:
    """Return the picture (c, h, w) with the mean of the nearest known pixels where it is unknown: windows of 3, 5, 9, …
    pixels."""
    observed = (~unknown).float()[None]
    filled, size = values * observed, 3
    while unknown.any():
        weight, total = (
            functional.avg_pool2d(planes, size, 1, size // 2, count_include_pad=False)
            for planes in (observed, values * observed)
        )
        near = unknown & (weight[0] > 0)
        filled = torch.where(near, total / weight.clamp_min(1e-12), filled)
        unknown, size = unknown & ~near, 2 * size - 1
    return filled
