"""The active-set method for samples that the other methods leave, as with atoms that nearly depend on each other.

The residual ν = x − B s of the optimum is the point nearest to x at which |b_jᵀν| ≤ λ for every atom. Such a problem is one
of non-negative least squares (Lawson & Hanson 1974, chapter 23), which SciPy solves by its authors' active-set method:

    u = argmin ‖E u − e‖ over u ≥ 0,    E = [−M; hᵀ],    M = [B, −B],    h = Mᵀx − λ,    e = (0, …, 0, 1)
    s = (u₁ − u₂) / (1 − hᵀu)

The method works on the atoms, not on their Gram matrix, whose condition number is the square of theirs. It is given atoms
of norm 1, whose codes are ‖b_j‖ s_j with a λ of their own, λ/‖b_j‖, and rows of norm 1.
"""

from contextlib import suppress
from dataclasses import replace

import torch

from sc2viz.exact import gaps
from sc2viz.exact.task import Task

WIDEST = 256  # Supports of more atoms are left to ADMM: the method takes too long for them.


def solve(task: Task) -> Task:
    """Return the task with other codes and their gaps, on the CPU and with B in float64: zeros where the method gives up.

    Codes of float32 are rounded when they are found. Their gap is F of the rounded codes above the dual at the residual
    before rounding: after it, that residual would prove little where large codes nearly cancel.
    """
    from scipy.optimize import nnls  # here: it takes a fifth of a second to import

    x, B, lam, codes = task.x.double(), task.B, task.lam[:, None], torch.zeros_like(task.codes)
    norms = B.norm(dim=0)
    norms[norms == 0] = 1
    signs = B.new_tensor([1] if task.positive else [1, -1])
    M, e = torch.kron(signs, B / norms), torch.eye(len(B) + 1)[-1]
    for i, row in enumerate(x):
        size = row.norm()
        h = (row @ M - (lam[i] / norms).repeat(len(signs))) / size
        with suppress(RuntimeError, ValueError):  # too many steps, or numbers that overflow
            u = torch.from_numpy(nnls(torch.vstack((-M, h)), e, maxiter=task.limit)[0])
            codes[i] = signs @ u.view(len(signs), -1) * size / (1 - h @ u) / norms
    gap, rounded = gaps.of_codes(x, codes, B, lam, task.positive), task.rounded(codes)
    if task.is_single:
        F, F_rounded = (
            0.5 * (x - s @ B.T).square().sum(1) + (lam * s.abs()).sum(1) for s in (codes, rounded)
        )
        excess = (F_rounded - (1 - gap) * F).clamp_min(0)
        gap = torch.where(F_rounded == 0, 0, excess / F_rounded)  # NaN where rounding overflows
    return replace(task, codes=rounded, gap=gap)
