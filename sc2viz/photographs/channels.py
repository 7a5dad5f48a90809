"""Pictures that go in and out are numpy arrays or tensors, (h, w) or (h, w, 3); inside, tensors (c, h, w) of float32."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

Picture = np.ndarray | Tensor

LARGEST = 1e6  # Larger values than this are refused: float32 could not hold both them and λ.


def checked(picture: Picture) -> Tensor:
    """Return the picture as a tensor; ValueError unless it is floats (h, w) or (h, w, 3), finite or not."""
    if not isinstance(picture, np.ndarray | Tensor):
        raise ValueError(
            f"picture must be a NumPy array or a tensor, got {type(picture).__name__}: pass np.array(picture)"
        )
    is_array = isinstance(picture, np.ndarray)
    if not (picture.dtype.kind == "f" if is_array else picture.is_floating_point()):
        raise ValueError(
            f"picture must be of floats on the scale of [0, 1], got {picture.dtype}: divide bytes by 255"
        )
    values = torch.as_tensor(np.ascontiguousarray(picture) if is_array else picture)
    if values.ndim not in (2, 3) or values.ndim == 3 and values.shape[2] != 3 or not values.numel():
        raise ValueError(
            f"picture must be (h, w) or (h, w, 3) with at least one pixel, got {tuple(values.shape)}"
        )
    return values


def planes(picture: Picture) -> Tensor:
    """Return the picture as (c, h, w) float32 on the CPU; ValueError unless it is `checked`, finite and at most LARGEST."""
    values = checked(picture).detach().cpu()
    if not torch.isfinite(values).all():
        raise ValueError(
            "picture must be finite, got NaN or infinity: mark such pixels as missing and fill them in"
        )
    if (largest := values.abs().max()) > LARGEST:
        raise ValueError(
            f"picture must be on the scale of [0, 1], got values up to {largest:g}: divide it by the largest"
        )
    values = values.float()
    return (values[None] if values.ndim == 2 else values.movedim(2, 0)).contiguous()


def like(answer: Tensor, picture: Picture) -> Any:
    """Return the answer (c, h, w) as what `picture` is: its kind, shape, precision and device."""
    values = answer.movedim(0, 2) if picture.ndim == 3 else answer[0]
    if isinstance(picture, Tensor):
        return values.contiguous().to(picture)
    return np.ascontiguousarray(values.numpy()).astype(picture.dtype)
