"""`torchrun` for the command line: every process takes its share, rank 0 speaks and writes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import torch
from torch import distributed

from sc2viz import device
from sc2viz.training import Processes


@contextlib.contextmanager
def processes() -> Iterator[tuple[Processes | None, torch.device]]:
    """This process's place and device; (None, device) where torchrun did not start us. NCCL on GPUs, Gloo on CPUs."""
    if "WORLD_SIZE" not in os.environ:
        yield None, device.pick()
        return
    where = torch.device("cpu")
    if torch.cuda.is_available():
        where = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(where)
    distributed.init_process_group("nccl" if where.type == "cuda" else "gloo")
    try:
        yield Processes(distributed.get_rank(), distributed.get_world_size()), where
    finally:
        distributed.destroy_process_group()
