"""The one stopwatch of the benchmarks, and what they have in common."""

import math
import platform
import re
import statistics
import time
from pathlib import Path

import pandas
import torch

ALL_CORES = torch.get_num_threads()
PROCESSOR = platform.processor() or platform.machine()
PATIENCE = 10.0  # seconds; work that takes longer is not repeated
PAUSE = 0.5  # seconds before work that is repeated, in which the threads of what was measured before stop spinning


class Stopwatch:
    """Measures time on all cores; or, for a machine that is not idle, the processor's time of one thread."""

    def __init__(self, processor_time=False):
        self.clock = time.process_time if processor_time else time.perf_counter
        self.cores = 1 if processor_time else ALL_CORES
        self.label = "processor time, one thread" if processor_time else f"{ALL_CORES} threads"

    def time(self, work, repeats=0):
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


def print_table(rows):
    """Print rows, whose keys are the heads of the columns."""
    print("\n" + pandas.DataFrame(rows).to_string(index=False), flush=True)


def high(times):
    """The 95th percentile."""
    return sorted(times)[math.ceil(0.95 * len(times)) - 1]


def resident(process="self"):
    """The memory of a process in MB; NaN where the system does not report it."""
    status = Path(f"/proc/{process}/status")
    match = re.search(r"VmRSS:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(match[1]) / 1e3 if match else math.nan
