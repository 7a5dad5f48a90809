"""What can be said of atoms: how many pictures use them, how alike they are, and how far training has moved them."""

from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz import evaluation, lasso

SAME = 0.5  # mean |cosine| of atoms of one number above which two dictionaries count as one that has changed


class Usage(NamedTuple):
    """How codes (n, d_s) use each atom, (d_s,)."""

    share: Tensor  # (d_s,) the share of the pictures that use each atom
    size: Tensor  # (d_s,) the mean |s| over the pictures that use the atom; 0 where there are none


def usage(codes: Tensor) -> Usage:
    """Return how codes (n, d_s) use each atom."""
    used = evaluation.in_use(codes)
    counts = used.sum(0)
    return Usage(used.double().mean(0), (codes.abs() * used).sum(0).double() / counts.clamp_min(1))


def cosines(A: Tensor, B: Tensor) -> Tensor:
    """Return the cosines a_iᵀ b_j / ‖a_i‖‖b_j‖ of the atoms of A (d_x, k) and B (d_x, m), (k, m); 0 for an atom of zeros."""
    return lasso.normalised(A).T @ lasso.normalised(B)


def twins(B: Tensor) -> tuple[Tensor, Tensor]:
    """Return (the largest |cosine| of each atom of B (d_x, d_s) with another one, which one that is), both (d_s,).

    The largest of all is the coherence of B. A dictionary of a single atom has the cosine 0 with itself.
    """
    alike = cosines(B, B).abs().fill_diagonal_(0)
    return alike.max(1)


def push(x: Tensor, codes: Tensor, B: Tensor, atom: int) -> Tensor:
    """Return the step by which rows x (n, d_x) with codes (n, d_s) push an atom of B (d_x, d_s), (d_x,): Σ s_j (x − B s) / Σ
    s_j², less its part along the atom, which the unit ball takes back.

    It is what the rows that use the atom leave unexplained, weighted by its weights: the step to the least-squares best of
    this atom for these codes. Zeros where no row uses it.
    """
    weights, direction = codes[:, atom], lasso.normalised(B[:, [atom]])[:, 0]
    step = weights @ (x - codes @ B.T) / weights.square().sum().clamp_min(1e-12)
    return step - (step @ direction) * direction


def counterparts(A: Tensor, B: Tensor) -> tuple[Tensor, bool]:
    """Return for each atom of A (d_x, k) the atom of B (d_x, m) that it is compared with, (k,), and whether it has the same
    number.

    It has where A and B are one dictionary that has changed; otherwise the most alike atom is taken.
    """
    alike = cosines(A, B)
    if A.shape == B.shape and alike.diagonal().abs().mean() > SAME:
        return torch.arange(A.shape[1]), True
    return alike.abs().argmax(1), False


def turned(A: Tensor, B: Tensor) -> Tensor:
    """Return the angles between the atoms of A and B, both (d_x, d_s), whatever their signs, in degrees from 0 to 90, (d_s,)."""
    alike = (lasso.normalised(A) * lasso.normalised(B)).sum(0).abs()
    return torch.rad2deg(torch.arccos(alike.clamp(max=1)))


def spectrum(W: Tensor) -> Tensor:
    """Return the singular values of a matrix, falling."""
    return torch.linalg.svdvals(W)
