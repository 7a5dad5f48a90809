"""Small changes of pictures, as hands make them when they write the same digit again.

A data set of few pictures leaves a network with many weights much to learn by heart. It then comes nearer to the optimum of
these pictures than to that of others. Pictures that are deformed anew in every epoch prevent that. Atoms that may move
follow them, away from the pictures as they are: `Settings.dictionary_rate` 0 keeps the atoms.
"""

import torch
from torch import Tensor
from torch.nn import functional

NUMBERS = 7  # a picture's draws: its angle, shear, two scales, two shifts and its exponent
# Standard deviations of a deformation; a shift of 1 is half the picture.
TURN, SHEAR, SCALE, SHIFT, GAMMA = 0.08, 0.08, 0.06, 0.09, 0.25


def deform(x: Tensor, shape: tuple[int, int, int], draws: Tensor) -> Tensor:
    """Return x (n, h·w·c) of values in [0, 1], each row turned, sheared, scaled, shifted and with another contrast.

    shape: (h, w, c). draws (n, 7): standard normal numbers, of which zeros leave a row as it is. Pixels from outside are 0.
    """
    turn, shear, wide, high, right, down, gamma = draws.to(x).T
    turn, wide, high = TURN * turn, torch.exp(SCALE * wide), torch.exp(SCALE * high)
    rotation = torch.stack((turn.cos(), -turn.sin(), turn.sin(), turn.cos()), 1).reshape(-1, 2, 2)
    zero = torch.zeros_like(turn)
    stretch = torch.stack((wide, SHEAR * shear, zero, high), 1).reshape(-1, 2, 2)
    transform = torch.cat(
        (rotation @ stretch, SHIFT * torch.stack((right, down), 1)[:, :, None]), 2
    )
    pictures = x.reshape(-1, *shape).permute(0, 3, 1, 2)
    grid = functional.affine_grid(transform, list(pictures.shape), align_corners=False)
    deformed = functional.grid_sample(pictures, grid, mode="bicubic", align_corners=False).clamp(
        0, 1
    )
    deformed = deformed ** torch.exp(GAMMA * gamma)[:, None, None, None]
    return deformed.permute(0, 2, 3, 1).reshape(x.shape)
