"""Checks of arguments that public functions share. Each raises a ValueError that names the thing, the value and the remedy.

The core takes torch tensors of float32 or float64 and refuses NumPy arrays, which are float64 by default.
Photographs take both, because pictures are NumPy arrays in most libraries.
"""

import math
import os
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch
from torch import Tensor


def tensor(name: str, value: Any) -> None:
    """Check that `value` is a torch tensor of numbers in rows: neither sparse nor nested nor without its numbers."""
    if not isinstance(value, Tensor):
        maker = "from_numpy" if isinstance(value, np.ndarray) else "tensor"
        kind = type(value).__name__
        raise ValueError(f"{name} must be a torch tensor, got {kind}: pass torch.{maker}({name})")
    if value.is_nested or value.layout != torch.strided or value.is_meta:
        layout = "a nested" if value.is_nested else "a meta" if value.is_meta else value.layout
        raise ValueError(f"{name} must be a dense tensor that holds its numbers, got {layout} one")


def floats(name: str, value: Any, *shape: str) -> None:
    """Check that `value` is a tensor of float32 or float64: shorter floats round λ, and no gap could be trusted.

    shape: the names of its sizes, such as "n", "d_x"; "…" at the front stands for any number of others.
    """
    tensor(name, value)
    if shape and (value.ndim < len(shape) - 1 if shape[0] == "…" else value.ndim != len(shape)):
        raise ValueError(f"{name} must be ({', '.join(shape)}), got shape {tuple(value.shape)}")
    if not value.is_floating_point():
        raise ValueError(
            f"{name} must be of floating point, got {value.dtype}: divide bytes by 255, or convert it with .float()"
        )
    if value.dtype not in (torch.float32, torch.float64):
        raise ValueError(
            f"{name} must be float32 or float64, got {value.dtype}: widen it with .float()"
        )


def finite(name: str, value: Tensor) -> None:
    """Check that no entry of a tensor is NaN or infinite."""
    if not is_finite(value):
        raise ValueError(f"{name} must be finite, got NaN or infinity: clean or rescale it first")


def is_finite(value: Tensor) -> bool:
    """Whether no entry is NaN or infinite. NumPy looks on a CPU: torch's threads go on spinning, in the way of others."""
    if not value.numel():
        return True
    if value.device.type == "cpu" and value.dtype in (torch.float32, torch.float64):
        with np.errstate(all="ignore"):  # the sum of finite entries may overflow
            return bool(
                np.isfinite(np.sum(entries := value.numpy(force=True)))
                or np.isfinite(entries).all()
            )
    return bool(torch.isfinite(torch.stack(value.aminmax())).all())


def whole_number(name: str, value: Any, minimum: int = 1, maximum: float = math.inf) -> None:
    """Check that `value` is a whole number from `minimum` to `maximum`."""
    value = plain(value)
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not (is_whole and minimum <= int(value) <= maximum):
        limits = f"≥ {minimum}" if maximum == math.inf else f"from {minimum} to {maximum:,}"
        raise ValueError(f"{name} must be a whole number {limits}, got {value!r}")


def seed(value: Any) -> None:
    """Check that `value` is a seed that torch takes."""
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not (is_whole and -(2**63) <= int(value) < 2**63):
        raise ValueError(f"seed must be a whole number, got {value!r}: take one from 0 to 2⁶³ − 1")


def path(name: str, value: Any) -> None:
    """Check that `value` is text or a path."""
    if not isinstance(value, str | os.PathLike):
        raise ValueError(
            f"{name} must be a name or a path, got {value!r}: pass text or a pathlib.Path"
        )


def built(solver: Any) -> None:
    """Check that a solver comes from `solvers.build` or a checkpoint, which note its options as `config`."""
    if not hasattr(solver, "config"):
        kind = solver if isinstance(solver, str) else type(solver).__name__
        raise ValueError(
            f"solver must come from solvers.build or checkpoints.load, which note its options, got {kind}"
        )


def plain(value: Any) -> Any:
    """Return a number of NumPy or torch, of no dimension, as one of Python, and anything else as it is."""
    scalar = isinstance(value, Tensor | np.ndarray | np.generic) and value.ndim == 0
    return value.item() if scalar and not (isinstance(value, Tensor) and value.is_meta) else value


def positive(name: str, value: Any) -> None:
    """Check that `value` is a finite number above zero; a tensor of one number is one."""
    number = plain(value)
    is_real = isinstance(number, Real) and not isinstance(number, bool)
    if not (is_real and float(number) > 0 and math.isfinite(number)):
        raise ValueError(f"{name} must be > 0 and finite, got {value!r}")
