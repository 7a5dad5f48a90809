"""What a server gives back of the memory that its threads have freed."""

import platform
import subprocess
import sys

import pytest

MEASURE = """
import threading
import numpy as np
from sc2viz.ui import allocator

def megabytes():
    status = open("/proc/self/status").read()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024

def upload():
    once = np.ones(30_000_000, np.uint8)
    del once  # from here on, arrays of this size come from the thread's arena
    arrays = [np.ones(20_000_000, np.uint8) for _ in range(3)]

allocator.keep_little()
before = megabytes()
for _ in range(3):
    thread = threading.Thread(target=upload)
    thread.start()
    thread.join()
allocator.release()
print(megabytes() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="is about the GNU C library")
def test_what_a_thread_has_freed_goes_back_to_the_system():
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True
    )
    assert float(ran.stdout) < 10
