"""Pictures that go in and out are numpy arrays or tensors, (h, w) or (h, w, 3); inside, tensors (c, h, w) of float32."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

Picture = np.ndarray | Tensor


def planes(picture: Picture) -> Tensor:
    """The picture as (c, h, w) float32 on the CPU; ValueError for anything else than finite floats (h, w) or (h, w, 3)."""
    values = torch.as_tensor(np.ascontiguousarray(picture) if isinstance(picture, np.ndarray) else picture)
    if not values.is_floating_point():
        raise ValueError(f"picture must be of floats on the scale of [0, 1], got {values.dtype}: divide bytes by 255")
    if values.ndim not in (2, 3) or values.ndim == 3 and values.shape[2] != 3 or not values.numel():
        raise ValueError(f"picture must be (h, w) or (h, w, 3) with at least one pixel, got {tuple(values.shape)}")
    values = values.detach().cpu().float()
    if not torch.isfinite(values).all():
        raise ValueError("picture must be finite, got NaN or infinity: mark such pixels as missing and fill them in")
    return (values[None] if values.ndim == 2 else values.movedim(2, 0)).contiguous()


def like(answer: Tensor, picture: Picture) -> Any:
    """The answer (c, h, w) as what `picture` is: its kind, shape, precision and device."""
    values = answer.movedim(0, 2) if picture.ndim == 3 else answer[0]
    if isinstance(picture, Tensor):
        return values.contiguous().to(picture)
    return np.ascontiguousarray(values.numpy()).astype(picture.dtype)
