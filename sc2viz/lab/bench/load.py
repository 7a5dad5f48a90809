"""`bench load`: how long a class or a crowd of readers waits, and what they cost the server.

All readers of a class open Compare at once; then each moves λ. With --mixed, one reader of a crowd arrives every ARRIVES
seconds at one of the pages MIXED; then each asks for another λ, picture, data set or page. With --replicas the readers come
through Caddy, which keeps each with one of several servers.

Readers pause for PAUSE seconds between what they ask for. They run in this process and the server in another, whose
processor time and memory are read from /proc (elsewhere they are not known and shown as nan). A view is there when the run
of the page has ended; what is then made in the background counts in the processor's time alone.
"""

import argparse
import asyncio
import contextlib
import math
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pandas

from sc2viz.browser import stops
from sc2viz.lab.bench.browser import ROOT, proxy, server
from sc2viz.lab.bench.stopwatch import PROCESSOR, high, resident
from sc2viz.ui.reader import PageRun, Reader

MIXED = "welcome", "compare", "step", "gates", "activations", "lambda", "paper"
TURNS = 0.2  # the share of wishes of a mixed crowd that are for another page
PICTURES = 100  # pictures that readers choose from
DATA = (
    "mnist-5k",
    "digits",
    "patches",
)  # data sets that readers choose from; they begin with the first
ARRIVES = 0.15  # seconds between two arrivals of a crowd
PAUSE = 3.0, 7.0  # seconds between two wishes of a reader, drawn uniformly
AWAY = 5.0  # seconds after which the server ends a session whose reader has left
SETTLES = 10.0  # seconds after the last reader has left until the server's memory is read
REST, RESTS = (
    2.0,
    0.05,
)  # a server rests that has used the processor for less than the share RESTS of REST seconds


class Seen(NamedTuple):
    """A view that a reader has seen."""

    page: str
    which: str  # the "first" view of this reader, or a "later" one
    seconds: float
    received: int  # bytes that the server sent for the view


@dataclass
class Measured:
    """What all readers of a round have seen."""

    views: list[Seen] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, page: str, run: PageRun, which: str) -> None:
        if run.problem:
            self.problems.append(f"{page}: {run.problem}")
        else:
            self.views.append(Seen(page, which, run.seconds, run.received))


def run(arguments: argparse.Namespace) -> None:
    root = Path(arguments.of or ROOT)
    with contextlib.ExitStack() as started:
        servers = [
            started.enter_context(server(root=root, SC2VIZ_AWAY=f"{AWAY:g}"))
            for _ in range(arguments.replicas)
        ]
        addresses = [address for address, _ in servers]
        address = started.enter_context(proxy(addresses)) if len(servers) > 1 else addresses[0]
        pids = [process.pid for _, process in servers]
        print(f"{PROCESSOR}, {os.cpu_count()} cores; other work on them counts in all waits")
        asyncio.run(_measure(arguments, address, dict(zip(pids, addresses, strict=True))))


async def _measure(arguments: argparse.Namespace, address: str, servers: dict[int, str]) -> None:
    """Let all readers come and leave, and print what they saw and cost. servers: their addresses by their processes."""
    for pid, replica in servers.items():
        await until_it_rests(replica, pid)
    pids, pages = list(servers), MIXED if arguments.mixed else ("compare",)
    before, busy, began = _total(resident, pids), _total(processor, pids), time.perf_counter()
    measured, memory = Measured(), [before]
    watch = asyncio.create_task(_watch(pids, memory))
    await asyncio.gather(
        *(
            _read(number, arguments.mixed, pages, arguments.requests, address, measured)
            for number in range(arguments.readers)
        )
    )
    watch.cancel()
    spent, count = _total(processor, pids) - busy, len(measured.views)
    kind, seconds = "mixed crowd" if arguments.mixed else "class", time.perf_counter() - began
    print(f"{kind} of {arguments.readers}: {count} views in {seconds:.0f} s")
    _print_waits(measured)
    print(f"processor     {spent:.1f} s of the server's, {spent / max(count, 1):.3f} s a view")
    await asyncio.sleep(AWAY + SETTLES)
    print(
        f"memory        {before:,.0f} MB before, {max(memory):,.0f} MB at most, "
        f"{_total(resident, pids):,.0f} MB after they left"
    )
    print(f"errors        {len(measured.problems)}")
    for problem in sorted(set(measured.problems))[:10]:
        print(f"  {problem[:200]}")


def _total(measure: Callable[[int], float], pids: Sequence[int]) -> float:
    """The sum over the servers; nan where it is not known."""
    return sum(map(measure, pids))


def _print_waits(measured: Measured) -> None:
    """Print how long all views took, and those of each page, with their size."""
    views = pandas.DataFrame(measured.views, columns=Seen._fields)
    views["kB"] = views.received / 1e3
    for which in ("first", "later"):
        if len(seconds := views.seconds[views.which == which]):
            print(
                f"{which:5} view    median {seconds.median():.2f} s, 95th percentile {high(seconds):.2f} s, "
                f"worst {seconds.max():.2f} s"
            )
    table = views.groupby(["page", "which"], sort=False).agg(
        median=("seconds", "median"), high=("seconds", high), kB=("kB", "median")
    )
    print(table.rename(columns={"median": "median s", "high": "95 % s"}).round(2).to_string())


async def until_it_rests(address: str, pid: int | None) -> None:
    """Open a page until the server answers, which then has imported everything; wait until it has compiled what it compiles
    in the background: it then hardly uses the processor."""
    while True:
        try:
            async with Reader(address, "welcome") as reader:
                opened = await reader.view()
            if opened.problem:
                raise ValueError(f"the server does not work: {opened.problem}")
            break
        except OSError:
            await asyncio.sleep(0.2)
    before = -math.inf
    while (now := processor(pid)) - before > RESTS * REST:
        before = now
        await asyncio.sleep(REST)


async def _read(
    number: int, mixed: bool, pages: Sequence[str], requests: int, address: str, measured: Measured
) -> None:
    """One reader from arrival to leaving. Reader `number` does the same in every run."""
    chance, page = random.Random(number), pages[number % len(pages)]
    if mixed:
        await asyncio.sleep(ARRIVES * number)
    try:
        async with Reader(address, page, {"data": DATA[0]}) as reader:
            first = await reader.view()
            measured.add(page, first, "first")
            for _ in range(0 if first.problem else requests):
                await asyncio.sleep(chance.uniform(*PAUSE))
                key, value = _choose_wish(chance, reader, mixed)
                if mixed and chance.random() < TURNS:
                    view = reader.turn_to(chance.choice(pages))
                else:  # a page without the widget, such as The paper, is only viewed
                    view = reader.change(key, value) if reader.has(key) else reader.view()
                measured.add(reader.path, await view, "later")
    except OSError as error:
        measured.problems.append(f"{page}: {error}")


def _choose_wish(chance: random.Random, reader: Reader, mixed: bool) -> tuple[str, float | str]:
    """What a reader asks for next: another λ, or in a crowd something of what the page has."""
    wishes = {"lam": chance.choice(stops.LAM)}
    if mixed:
        wishes |= {"picture": float(chance.randrange(PICTURES)), "data": chance.choice(DATA)}
    return chance.choice(
        [wish for wish in wishes.items() if reader.has(wish[0])] or [*wishes.items()]
    )


async def _watch(pids: Sequence[int], memory: list[float]) -> None:
    """Note the servers' memory twice a second."""
    while True:
        await asyncio.sleep(0.5)
        memory.append(_total(resident, pids))


def processor(pid: int | None) -> float:
    """The seconds of the processor that a process has used, all its threads together; nan where they are not known."""
    with contextlib.suppress(OSError, TypeError):
        return time.clock_gettime(
            (~pid << 3) | 2
        )  # the clock of another process, as Linux numbers it
    return math.nan
