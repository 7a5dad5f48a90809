"""Support selection: the largest codes that pass a threshold are not shrunk by it (Chen, Liu, Wang & Yin 2018).

    h_{θ,p}(c)_j = c_j           where |c_j| > θ is among the p d_s largest of its row
                   sh_θ(c_j)     elsewhere

In iteration t = 1, 2, … p is 1.2 t %, at most 13 %, as in the authors' code; the choice of entries has no gradient.
"""

import torch
from torch import Tensor

from sc2viz.activations import shrink

PER_ITERATION, LARGEST = 0.012, 0.13


def share(t: int) -> float:
    """Return p of iteration t = 1, 2, …, the share of a row's entries that are not shrunk if they are above the threshold."""
    return min(PER_ITERATION * t, LARGEST)


def is_among_largest(c: Tensor, p: float | Tensor) -> Tensor:
    """Return whether each entry of c (n, d_s) is among the p d_s largest of its row, (n, d_s) bool; p is a number or one a row,
    (n, 1)."""
    size, width = c.detach().abs(), c.shape[1]
    if isinstance(p, Tensor):
        count = (
            (p.detach() * width).round().long().clamp(0, width)
        )  # p is NaN where a solver runs away
        floor = size.sort(dim=1, descending=True).values.gather(1, (count - 1).clamp_min(0))
        return (size >= floor) & (count > 0)
    count = round(p * width)
    return (
        size >= size.topk(count, dim=1).values[:, -1:]
        if count
        else torch.zeros_like(size, dtype=torch.bool)
    )


def select(c: Tensor, theta: Tensor, p: float | Tensor) -> Tensor:
    """Return h_{θ,p}(c) of c (n, d_s): shrunk by θ, () or (n, 1), except for entries above θ among the p d_s largest of a row."""
    return torch.where(is_among_largest(c, p) & (c.abs() > theta), c, shrink(c, theta))


def threshold(c: Tensor, theta: Tensor, t: int, selects: bool) -> Tensor:
    """Return the codes of c (n, d_s) after iteration t: by θ () with or without support selection."""
    return select(c, theta, share(t)) if selects else shrink(c, theta)
