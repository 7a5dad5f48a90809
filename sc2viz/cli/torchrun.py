"""Support `torchrun` on the command line: each process works on its part of the data; rank 0 alone prints and writes."""

import contextlib
import os
from collections.abc import Iterator

import torch
from torch import distributed

from sc2viz import device
from sc2viz.training import Processes


@contextlib.contextmanager
def processes() -> Iterator[tuple[Processes | None, torch.device]]:
    """This process's rank and device, or (None, device) outside torchrun. The backend is NCCL on GPUs and Gloo on CPUs."""
    if "WORLD_SIZE" not in os.environ:
        yield None, device.pick()
        return
    where = torch.device("cpu")
    if torch.cuda.is_available():
        where = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(where)
    ours = (
        not distributed.is_initialized()
    )  # a caller who runs several commands in one process starts and ends the group
    if ours:
        distributed.init_process_group("nccl" if where.type == "cuda" else "gloo")
    try:
        yield Processes(distributed.get_rank(), distributed.get_world_size()), where
        distributed.barrier()  # the interpreter must not end while Gloo's threads still release the last tensors
    finally:
        if ours:
            distributed.destroy_process_group()
