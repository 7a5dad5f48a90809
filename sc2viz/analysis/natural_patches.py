"""Patches of photographs for the experiment of Olshausen & Field (1996): which atoms suit natural pictures.

The same places of the same photographs are cut, as they are or after `patches.whiten`, so that the filter is the only
difference. Each photograph is first given mean 0 and the standard deviation `CONTRAST`.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz import data, patches

SIZE = 12  # pixels a side of a patch
COUNT = 300  # patches that are cut from each photograph
CONTRAST = 0.25
EDGE = 16  # pixels at the border that are left out, since whitening takes a picture to go on periodically


class Natural(NamedTuple):
    """Grey patches (n, size²) as they are and whitened; a row of both comes from the same place."""

    raw: Tensor
    whitened: Tensor


def natural(size: int = SIZE, count: int = COUNT) -> Natural:
    """Return `count` patches of every one of `data.PHOTOGRAPHS` at random places, shuffled."""
    generator = torch.Generator().manual_seed(0)
    rows: tuple[list[Tensor], list[Tensor]] = [], []
    for name in data.PHOTOGRAPHS:
        picture = torch.from_numpy(data.photograph(name)).float()[None, None]
        sides = [side - 2 * EDGE - size + 1 for side in picture.shape[2:]]
        places = tuple(torch.randint(side, (count,), generator=generator) for side in sides)
        for patches_of_kind, image in zip(rows, (picture, patches.whiten(picture)), strict=True):
            inner = image[0, 0, EDGE:-EDGE, EDGE:-EDGE]
            inner = (inner - inner.mean()) * (CONTRAST / inner.std())
            windows = inner.unfold(0, size, 1).unfold(1, size, 1)
            patches_of_kind.append(windows[places].reshape(count, size * size))
    order = torch.randperm(count * len(data.PHOTOGRAPHS), generator=generator)
    return Natural(*(torch.cat(patches_of_kind)[order] for patches_of_kind in rows))
