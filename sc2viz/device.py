"""Which device, and how many threads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch


def pick() -> torch.device:
    """CUDA, then MPS, then the CPU. TF32 stays off unless asked for: codes are compared to 1e-5."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


@contextlib.contextmanager
def threads(n: int) -> Iterator[None]:
    """Use n CPU threads inside: one for what a click computes (small products lose by more), all for training."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)
