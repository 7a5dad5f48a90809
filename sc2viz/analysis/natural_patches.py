"""Patches of photographs for the experiment of Olshausen & Field (1996): which atoms suit natural pictures.

The same places of the same photographs are cut, as they are or after `patches.whiten`, so that the filter is the only
difference. Each photograph is first given mean 0 and the standard deviation `CONTRAST`.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz import data, patches

SIZE = 12  # pixels a side of a patch
EACH = 300  # patches that are cut from each photograph
CONTRAST = 0.25
EDGE = 16  # pixels at the border that are left out, since whitening takes a picture to go on periodically


class Natural(NamedTuple):
    """Grey patches (n, size²) as they are and whitened; a row of both comes from the same place."""

    raw: Tensor
    whitened: Tensor


def natural(size: int = SIZE, each: int = EACH, seed: int = 0) -> Natural:
    """`each` patches of every one of `data.PHOTOGRAPHS` at random places, shuffled."""
    generator = torch.Generator().manual_seed(seed)
    rows: tuple[list[Tensor], list[Tensor]] = [], []
    for name in data.PHOTOGRAPHS:
        picture = torch.from_numpy(data.photograph(name)).float()[None, None]
        high, wide = (side - 2 * EDGE - size + 1 for side in picture.shape[2:])
        down, right = (torch.randint(count, (each,), generator=generator) for count in (high, wide))
        for kept, shown in zip(rows, (picture, patches.whiten(picture)), strict=True):
            inner = shown[0, 0, EDGE:-EDGE, EDGE:-EDGE]
            inner = (inner - inner.mean()) * (CONTRAST / inner.std())
            kept.append(
                inner.unfold(0, size, 1).unfold(1, size, 1)[down, right].reshape(each, size * size)
            )
    order = torch.randperm(each * len(data.PHOTOGRAPHS), generator=generator)
    return Natural(*(torch.cat(kept)[order] for kept in rows))
