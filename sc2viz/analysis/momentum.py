"""Where a solver's steps lead: how they compare with ISTA's from the same codes, and when they go uphill.

−g is the direction of steepest descent of F(s) = ½‖x − Bs‖² + λ‖s‖₁, where g is the shortest subgradient. F is convex, so a
step that raises F makes an angle above 90° with −g at its end.
"""

from typing import NamedTuple

import numpy as np

from sc2viz import evaluation


class Steps(NamedTuple):
    """The steps s⁽ᵗ⁾ − s⁽ᵗ⁻¹⁾ of T iterations, entry t − 1 for iteration t. NaN where a length is zero."""

    uphill: np.ndarray  # (T,) the angle in degrees between the step and steepest descent at its end
    longer: np.ndarray  # (T,) how many times as long it is as ISTA's step from the same code
    rises: np.ndarray  # (T,) bool: whether it raises F


def downhill(slope: np.ndarray, s: np.ndarray, lam: float) -> np.ndarray:
    """The direction of steepest descent of F at codes s (k, d_s), where ½‖x − Bs‖² has this slope; zero at the optimum."""
    away = np.where(
        s != 0, slope + lam * np.sign(s), np.sign(slope) * np.maximum(np.abs(slope) - lam, 0)
    )
    return -away


def steps(x: np.ndarray, B: np.ndarray, codes: np.ndarray, lam: float, tau: float) -> Steps:
    """The steps of codes (T + 1, d_s) of one picture x (d_x,) with atoms B (d_x, d_s) of norm 1, where ISTA steps by τ.

    Raises ValueError for codes of no iteration after the start.
    """
    if codes.ndim != 2 or len(codes) < 2:
        raise ValueError(
            f"codes must be (T + 1, d_s) with T ≥ 1, got {codes.shape}: give one picture's at each iteration"
        )
    x, B, s = (np.asarray(part, float) for part in (x, B, codes))
    before, moved = s[:-1], np.diff(s, axis=0)
    rest = s @ B.T - x
    slope = rest @ B
    target = before - tau * slope[:-1]
    plain = np.sign(target) * np.maximum(np.abs(target) - lam * tau, 0) - before
    down = downhill(slope[1:], s[1:], lam)
    F = 0.5 * np.square(rest).sum(1) + lam * np.abs(s).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = (moved * down).sum(1) / (
            np.linalg.norm(moved, axis=1) * np.linalg.norm(down, axis=1)
        )
        longer = np.linalg.norm(moved, axis=1) / np.linalg.norm(plain, axis=1)
    uphill = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return Steps(uphill, np.where(np.isfinite(longer), longer, np.nan), np.diff(F) > 1e-9 * F[0])


def valley(B: np.ndarray, code: np.ndarray) -> float | None:
    """The largest curvature of F over the smallest one, among unit directions within the atoms of B (d_x, d_s) that `code`
    (d_s,) uses: the condition number of their Gram matrix. None for fewer than two atoms."""
    used = B[:, evaluation.in_use(code)].astype(float)
    return float(np.linalg.cond(used.T @ used)) if used.shape[1] > 1 else None
