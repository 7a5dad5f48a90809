"""Support `torchrun` on the command line: each process works on its part of the data; rank 0 alone prints and writes."""

import contextlib
import os
from collections.abc import Iterator

import torch
from torch import distributed

from sc2viz import device
from sc2viz.training import Processes


@contextlib.contextmanager
def processes() -> Iterator[tuple[Processes, torch.device]]:
    """This process's place among all, and its device. The backend is NCCL on GPUs and Gloo on CPUs."""
    if "WORLD_SIZE" not in os.environ:
        yield Processes(0, 1), device.pick()
        return
    has_gpu = torch.cuda.is_available()
    place = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if has_gpu else torch.device("cpu")
    if has_gpu:
        torch.cuda.set_device(place)
    # A caller who runs several commands in one process starts and ends the group
    is_ours = not distributed.is_initialized()
    if is_ours:
        distributed.init_process_group("nccl" if has_gpu else "gloo")
    try:
        yield Processes(distributed.get_rank(), distributed.get_world_size()), place
        distributed.barrier()  # the interpreter must not end while Gloo's threads still release the last tensors
    finally:
        if is_ours:
            distributed.destroy_process_group()
