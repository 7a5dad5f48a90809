"""The active-set method for samples that the other methods leave, as with atoms that nearly depend on each other.

    s_A ← argmin F over codes on A of fixed signs,    A ← A ∪ {the atom that violates |b_jᵀ(x − B s)| ≤ λ most},    again

(Feature-sign search: Lee, Battle, Raina & Ng 2006.) A step goes along a straight line to the lowest F there, on which codes
may vanish or change their signs; so F falls with every step. Steps come from a singular value decomposition of the atoms of
A, not from their Gram matrix, whose condition number is the square of theirs. Where these atoms depend on each other, the
step stays in their null space and lowers λ‖s‖₁ alone, until a code vanishes.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz.exact import gaps

WIDEST = 256  # Supports of more atoms are left to ADMM: one decomposition takes too long.
LONGEST = 10  # A sample takes at most this number of steps for each atom that its support can have.
PATIENCE = 5  # Steps that the gap may stay as it is once no atom is left to enter.
RANK = 1e-12  # Singular values below this share of the largest one count as zero.
FLAT = 1e-8  # The step stays in the null space if a larger share than this of the slope lies there.


class Step(NamedTuple):
    """How far to go along a direction, and which code of the support vanishes there, if any."""

    length: float
    gone: int | None = None
    crossed: bool = False  # whether a code changes its sign on the way


def solve(
    x: Tensor,
    B: Tensor,
    lam: Tensor,
    tol: float,
    limit: int,
    positive: bool,
    rows: Tensor,
    codes: Tensor,
    gap: Tensor,
) -> tuple[int, Tensor]:
    """Improve codes[rows] and gap[rows]; returns (the most steps of a sample, which samples are not solved (m,)).

    x (m, d_x), B (d_x, d_s) and lam (m,) are those of the `rows` (m,), in float64 on the CPU. Codes of float32 are rounded
    when they are found. Their gap is F of the rounded codes above the dual at the residual before rounding: after it, that
    residual would prove little where large codes nearly cancel.
    """
    most, left = 0, torch.zeros(len(x), dtype=torch.bool)
    for i, row in enumerate(rows.tolist()):
        found, reached, steps = search(
            x[i], B, lam[i].item(), codes[row].double(), tol, limit, positive
        )
        most, left[i] = max(most, steps), not reached <= tol
        rounded = found.to(codes.dtype)
        if codes.dtype != torch.float64:
            F, after = (
                gaps.objective(x[i], each, B, lam[i]).item() for each in (found, rounded.double())
            )
            reached = max(after - (1 - reached) * F, 0.0) / after if after > 0 else 0.0
        if reached < gap[row] and rounded.isfinite().all():
            codes[row], gap[row] = rounded, reached
    return most, left


def search(
    x: Tensor, B: Tensor, lam: float, start: Tensor, tol: float, limit: int, positive: bool
) -> tuple[Tensor, float, int]:
    """(codes (d_s,), their relative gap, steps) of x (d_x,), beginning with `start`, or with zeros if F is smaller there.

    It works on atoms of norm 1, whose codes are t_j = ‖b_j‖ s_j, each with a λ of its own, w_j = λ/‖b_j‖. An atom enters
    when the support is `settled`: its codes are optimal for their signs. An atom whose entry does not lower F is `banned`
    until F falls.
    """
    if not gaps.objective(x, start, B, lam) < gaps.objective(x, torch.zeros_like(start), B, lam):
        start = torch.zeros_like(start)
    norms = B.norm(dim=0)
    atoms, weights = B / torch.where(norms > 0, norms, 1), lam / norms
    weight = torch.tensor([[lam]], dtype=B.dtype)
    t, best, lowest, settled, banned, idle = (
        start * norms,
        torch.zeros_like(start),
        torch.inf,
        False,
        [],
        0,
    )
    last = min(limit, LONGEST * min(B.shape))
    for steps in range(last + 1):
        rest, s = x - atoms @ t, torch.where(norms > 0, t / norms, 0)
        correlation = rest @ atoms
        reached = gaps.relative(
            s[None], (correlation * norms)[None], rest.square().sum()[None], weight, positive
        ).item()
        best, lowest, idle = (s, reached, 0) if reached < lowest else (best, lowest, idle + 1)
        sign, new = t.sign(), None
        if settled or not sign.any():
            excess = (correlation if positive else correlation.abs()) - weights
            excess[(sign != 0).nonzero()[:, 0]] = -torch.inf
            excess[banned] = -torch.inf
            if excess.max() > 0:
                new = int(excess.argmax())
                sign[new] = correlation[new].sign()
        used = sign.nonzero()[:, 0]
        if (
            lowest <= tol
            or steps == last
            or not len(used)
            or (new is None and settled and idle > PATIENCE)
        ):
            return best, lowest, steps
        slope = (correlation - weights * sign)[used]
        direction, flat = _direction(atoms[:, used], slope)
        change = atoms[:, used] @ direction
        curvature = 0.0 if flat else change.square().sum().item()
        step = _lowest(
            t[used],
            direction,
            sign[used],
            weights[used],
            (rest @ change).item(),
            curvature,
            positive,
        )
        if step.length > 0:
            t[used] += step.length * direction
            settled, banned = step.gone is None and not step.crossed, []
        elif new is not None:
            banned.append(new)
            continue
        else:
            settled = step.gone is None
        if step.gone is not None:
            t[used[step.gone]] = 0
    raise AssertionError("the last look returns")


def _direction(atoms: Tensor, slope: Tensor) -> tuple[Tensor, bool]:
    """(Newton's step (k,) for −∂F = `slope`, False), or (a direction in the null space of atoms (d_x, k), True)."""
    _, values, V = torch.linalg.svd(atoms, full_matrices=False)
    kept = values > RANK * values[0]
    V = V[kept]
    along = V @ slope
    flat = slope - along @ V
    if flat.norm() > FLAT * slope.norm():
        return flat, True
    return (along / values[kept].square()) @ V, False


def _lowest(
    t: Tensor,
    direction: Tensor,
    sign: Tensor,
    weights: Tensor,
    fit: float,
    curvature: float,
    positive: bool,
) -> Step:
    """Where F is lowest on the line t + a·direction, a ≥ 0; with `positive`, up to the first code that vanishes.

    F is quadratic between two places where a code vanishes. −`fit` and `curvature` are the first two derivatives of
    ½‖x − B s‖² by a.
    """
    ends = torch.where(direction * sign < 0, -t / direction, torch.inf)
    slope, at, last = (weights * sign * direction).sum().item() - fit, 0.0, None
    for i in ends.argsort().tolist() + [-1]:
        if slope + curvature * at >= 0:
            break
        end, lowest = (
            torch.inf if i < 0 else ends[i].item(),
            -slope / curvature if curvature > 0 else torch.inf,
        )
        if lowest <= end:
            return Step(lowest if lowest < torch.inf else 0.0, None, last is not None)
        at, last = max(end, 0.0), i
        if positive:
            break
        slope += 2 * (weights[i] * direction[i].abs()).item()
    return Step(at, last, last is not None)
