"""`bench load`: how long a class or a crowd of readers waits, and what they cost the server.

    class    all open one link at once; then each asks for a λ of its own
    crowd    one arrives every ARRIVES seconds at one of the pages; then each asks for another λ, picture or data set

Readers pause for PAUSE seconds between what they ask for. They run in this process and the server in another, whose
processor time and memory are read from /proc (elsewhere they are not known and shown as nan).
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import platform
import random
import re
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sc2viz import limits
from sc2viz.benchmarks.browser import server

if TYPE_CHECKING:
    from sc2viz.ui.reader import Run

PAGES = "welcome", "compare", "step", "gates", "activations", "train", "lambda", "paper"
DATA = "mnist-5k", "digits", "patches"
PICTURES = 100  # that readers choose from
ARRIVES = 0.15  # seconds between two arrivals of a crowd
PAUSE = 3.0, 7.0  # seconds, uniformly
REQUESTS = 5  # of each reader, after the first view
AWAY = 5.0  # seconds after which the server ends a session whose reader has left
SETTLES = 10.0  # seconds until its memory is read
MINUTE = 60.0


@dataclass
class Measured:
    """What all readers of a run have seen."""

    first: list[float] = field(default_factory=list)  # seconds
    later: list[float] = field(default_factory=list)
    received: list[tuple[str, bool, int]] = field(default_factory=list)  # (page, whether first, bytes) of each run
    problems: list[str] = field(default_factory=list)

    def add(self, page: str, run: Run, first: bool) -> None:
        if run.problem:
            self.problems.append(f"{page}: {run.problem}")
            return
        (self.first if first else self.later).append(run.seconds)
        self.received.append((page, first, run.received))


def add_command(which: argparse._SubParsersAction) -> None:
    command = which.add_parser("load", help="how long a class or a crowd of readers waits, without browsers")
    command.add_argument("--readers", type=limits.whole(1, 1000), default=50, help="default: %(default)s")
    command.add_argument("--pattern", choices=("class", "crowd"), default="class", help="default: %(default)s")
    command.add_argument("--pages", nargs="+", choices=PAGES, default=PAGES, metavar="PAGE",
                         help="those that readers open, in turn; a class opens the first, by default compare")  # fmt: skip
    command.add_argument("--data", choices=DATA, nargs="+", default=DATA, help="data sets that readers choose from")
    command.add_argument("--requests", type=limits.rows, default=REQUESTS, help="of each, after its first view")
    command.add_argument("--soak", type=float, metavar="SECONDS", help="readers come and go for so long, as in a crowd")
    command.add_argument("--address", help="of a server that runs already; by default one is started")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    if arguments.pattern == "class" and arguments.pages is PAGES:
        arguments.pages = ("compare",)
    if arguments.address:
        asyncio.run(_measure(arguments, arguments.address, None))
        return
    with server(SC2VIZ_AWAY=f"{AWAY:g}") as (address, process):
        asyncio.run(_measure(arguments, address, process.pid))


async def _measure(arguments: argparse.Namespace, address: str, pid: int | None) -> None:
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores; other work on them counts in all waits")
    await _until_it_answers(address)
    before, busy, began = memory(pid), processor(pid), time.perf_counter()
    found, highest = Measured(), [before]
    watch = asyncio.create_task(_watch(pid, highest, arguments.soak is not None))
    if arguments.soak:
        await _soak(arguments, address, found)
    else:
        await asyncio.gather(*(_reader(k, arguments, address, found) for k in range(arguments.readers)))
    watch.cancel()
    spent, runs = processor(pid) - busy, len(found.first) + len(found.later)
    print(f"{arguments.pattern} of {arguments.readers} on {', '.join(arguments.pages)}: {runs} views in "
          f"{time.perf_counter() - began:.0f} s")  # fmt: skip
    _times("first view", found.first)
    _times("later views", found.later)
    for page in arguments.pages:
        sizes = {first: [size for name, when, size in found.received if (name, when) == (page, first)]
                 for first in (True, False)}  # fmt: skip
        said = (f"{statistics.median(each) / 1e3:7,.0f} kB" if each else "nothing" for each in sizes.values())
        print(f"  {page:12} first {next(said)}, later {next(said)} (medians)")
    print(f"processor     {spent:.1f} s of the server's, {spent / max(runs, 1):.3f} s a view")
    await asyncio.sleep(AWAY + SETTLES)
    print(f"memory        {before:,.0f} MB before, {max(highest):,.0f} MB at most, {memory(pid):,.0f} MB after they left")
    print(f"errors        {len(found.problems)}")
    for problem in sorted(set(found.problems))[:10]:
        print(f"  {problem[:200]}")


async def _until_it_answers(address: str) -> None:
    """Open a page until the server answers; it then has imported everything."""
    from sc2viz.ui.reader import Reader

    while True:
        try:
            async with Reader(address, "welcome") as reader:
                opened = await reader.view()
            if opened.problem:
                raise ValueError(f"the server does not work: {opened.problem}")
            return
        except OSError:
            await asyncio.sleep(0.2)


async def _reader(k: int, arguments: argparse.Namespace, address: str, found: Measured) -> None:
    """One reader from arrival to leaving. Reader k does the same in every run of the benchmark."""
    from sc2viz.ui.reader import Reader  # here: Streamlit takes a second to import

    chance, page = random.Random(k), arguments.pages[k % len(arguments.pages)]
    crowd = arguments.pattern == "crowd" or arguments.soak is not None
    if crowd and arguments.soak is None:
        await asyncio.sleep(ARRIVES * k)
    try:
        async with Reader(address, page, {"data": arguments.data[0]}) as reader:
            first = await reader.view()
            found.add(page, first, True)
            for _ in range(0 if first.problem else arguments.requests):
                await asyncio.sleep(chance.uniform(*PAUSE))
                key, value = _wish(chance, crowd, arguments.data)
                shown = reader.change(key, value) if reader.has(key) else reader.view()  # a page without a sidebar
                found.add(page, await shown, False)
    except OSError as error:
        found.problems.append(f"{page}: {error}")


def _wish(chance: random.Random, crowd: bool, data: tuple[str, ...]) -> tuple[str, float | str]:
    """What a reader asks for next: a λ of three digits, a picture or another data set."""
    what = chance.choice(("lam", "picture", "data")) if crowd else "lam"
    if what == "picture":
        return what, float(chance.randrange(PICTURES))
    if what == "data":
        return what, chance.choice(data)
    return what, float(f"{10 ** chance.uniform(-2, 0):.3g}")


async def _soak(arguments: argparse.Namespace, address: str, found: Measured) -> None:
    """Each seat is taken by one reader after the other, until the time is over."""
    end = time.monotonic() + arguments.soak

    async def seat(number: int) -> None:
        await asyncio.sleep(ARRIVES * number)
        while time.monotonic() < end:
            await _reader(number, arguments, address, found)
            number += arguments.readers

    await asyncio.gather(*map(seat, range(arguments.readers)))


async def _watch(pid: int | None, highest: list[float], aloud: bool) -> None:
    """Note the server's memory twice a second, and print it each minute if `aloud`."""
    began, minutes = time.monotonic(), 0
    while True:
        await asyncio.sleep(0.5)
        highest.append(memory(pid))
        if aloud and time.monotonic() - began > MINUTE * (minutes + 1):
            minutes += 1
            print(f"  after {minutes} min: {highest[-1]:,.0f} MB", flush=True)


def _times(what: str, seconds: list[float]) -> None:
    if seconds:
        ordered = sorted(seconds)
        high = ordered[min(len(ordered) - 1, math.ceil(0.95 * len(ordered)) - 1)]
        print(
            f"{what:13} median {statistics.median(ordered):.2f} s, 95th percentile {high:.2f} s, worst {ordered[-1]:.2f} s"
        )


def memory(pid: int | None) -> float:
    """The resident memory of a process in MB; nan where it is not known."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmRSS:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) / 1e3 if found else float("nan")


def processor(pid: int | None) -> float:
    """The seconds of the processor that a process has used; nan where they are not known."""
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():
        return float("nan")
    parts = status.read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")
