"""The one stopwatch of the benchmarks, and the machine and the digits that they have in common."""

import contextlib
import math
import platform
import re
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pandas
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor

from sc2viz import checkpoints, data, device

ALL_CORES = torch.get_num_threads()
PROCESSOR = platform.processor() or platform.machine()
PATIENCE = 10.0  # seconds; work that takes longer is not repeated
PAUSE = 0.5  # seconds before work that is repeated, in which the threads of what was measured before stop spinning

Result = TypeVar("Result")


class Stopwatch:
    """Measures time on all cores; or, for a machine that is not idle, the processor's time of one thread."""

    def __init__(self, processor_time: bool = False):
        self.clock = time.process_time if processor_time else time.perf_counter
        self.cores = 1 if processor_time else ALL_CORES
        self.what = "processor time, one thread" if processor_time else f"{ALL_CORES} threads"

    @contextlib.contextmanager
    def on_its_cores(self) -> Iterator[None]:
        with device.threads(self.cores), threadpool_limits(self.cores):
            yield

    def time(self, work: Callable[[], Result], repeats: int = 0) -> tuple[float, Result]:
        """The seconds of `work`, until an accelerator is done too, and what it returns.

        They are those of one run; or with `repeats` the median of so many runs after one to warm up.
        """
        if repeats:
            time.sleep(PAUSE)
        times: list[float] = []
        while len(times) <= repeats and (not times or times[0] <= PATIENCE):
            begin = self.clock()
            result = work()
            if torch.accelerator.is_available():
                torch.accelerator.synchronize()
            times.append(self.clock() - begin)
        return statistics.median(times[1:] or times), result


def print_table(rows: Iterable[dict[str, Any]]) -> None:
    """Print rows, whose keys are the heads of the columns."""
    print("\n" + pandas.DataFrame(rows).to_string(index=False), flush=True)


def high(times: Sequence[float]) -> float:
    """The 95th percentile."""
    return sorted(times)[math.ceil(0.95 * len(times)) - 1]


def digits(split: str = "test") -> tuple[str, Tensor, Tensor]:
    """The name of MNIST's digits, all of them where they are at hand; their pixels (n, 784), and the shipped atoms."""
    name = "mnist" if "mnist" in data.available() else "mnist-5k"
    return name, data.load(name, split=split).pixels, checkpoints.load_dictionary("mnist")


def resident(process: int | str | None = "self") -> float:
    """The memory of a process in MB; NaN where the system does not report it."""
    status = Path(f"/proc/{process}/status")
    found = re.search(r"VmRSS:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) / 1e3 if found else math.nan
