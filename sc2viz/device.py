"""Choose the device and the number of threads."""

import contextlib
from collections.abc import Iterator

import torch


def pick() -> torch.device:
    """Return the device to compute on: CUDA if there is one, else MPS, else the CPU. TF32 stays off by default, because codes are
    compared to 1e-5."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


@contextlib.contextmanager
def threads(n: int) -> Iterator[None]:
    """Use n CPU threads inside the block: one for a page's small products, which more threads slow down."""
    count = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(count)
