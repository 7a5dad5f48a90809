"""Patches of photographs for the experiment of Olshausen & Field (1996): which atoms suit natural pictures.

The same places of the same photographs are cut, as they are or after `patches.whiten`, so that the filter is the only
difference. Each photograph is first given mean 0 and the standard deviation `CONTRAST`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from sc2viz import data, patches

SIZE = 12  # pixels
EACH = 400  # patches of a photograph
CONTRAST = 0.25
EDGE = 16  # pixels at the border that are left out, since whitening takes a picture to go on periodically


def natural(whitened: bool = True, size: int = SIZE, each: int = EACH, seed: int = 0) -> Tensor:
    """Grey patches (n, size²) of `data.PHOTOGRAPHS`, `each` of every photograph, at random places, shuffled."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for name in data.PHOTOGRAPHS:
        picture = torch.from_numpy(data.photograph(name)).float()
        picture = (patches.whiten(picture[None, None]) if whitened else picture[None, None])[0, 0, EDGE:-EDGE, EDGE:-EDGE]
        picture = (picture - picture.mean()) * (CONTRAST / picture.std())
        windows = picture.unfold(0, size, 1).unfold(1, size, 1)  # (h, w, size, size)
        down, right = (torch.randint(count, (each,), generator=generator) for count in windows.shape[:2])
        rows.append(windows[down, right].reshape(each, size * size))
    return torch.cat(rows)[torch.randperm(each * len(data.PHOTOGRAPHS), generator=generator)]
