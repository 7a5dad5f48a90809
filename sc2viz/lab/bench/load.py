"""`bench load`: how long a class or a crowd of readers waits, and what they cost the server.

    class    all open one link at once; then each moves λ
    crowd    one arrives every ARRIVES seconds at one of the pages; then each asks for another λ, picture or data set
    mixed    a crowd on the pages MIXED that turns to other pages as well

With --replicas the readers come through Caddy, which keeps each with one of several servers.

λ is one of the slider's stops, or with --typed any number of three digits, which hardly anybody has asked for before.
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
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas

from sc2viz.browser import stops
from sc2viz.lab.bench.browser import ROOT, proxy, server
from sc2viz.lab.bench.stopwatch import PROCESSOR, resident
from sc2viz.photographs import peers
from sc2viz.ui.app import TITLES
from sc2viz.ui.reader import PageRun, Reader

MIXED = "welcome", "compare", "step", "gates", "activations", "lambda", "paper"
TURNS = 0.2  # the share of wishes of a mixed crowd that are for another page
PICTURES = 100  # pictures that readers choose from
ARRIVES = 0.15  # seconds between two arrivals of a crowd
PAUSE = 3.0, 7.0  # seconds between two wishes of a reader, drawn uniformly
AWAY = 5.0  # seconds after which the server ends a session whose reader has left
SETTLES = 10.0  # seconds after the last reader has left until the server's memory is read
REST, RESTS = (
    2.0,
    0.05,
)  # a server rests that has used the processor for less than the share RESTS of REST seconds
MINUTE = 60.0


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
    if unknown := set(arguments.pages or ()) - TITLES.keys():
        raise ValueError(
            f"--pages must be among {', '.join(TITLES)}, got {', '.join(sorted(unknown))}"
        )
    usual = MIXED if arguments.mixed else ["compare"] if arguments.pattern == "class" else TITLES
    if arguments.soak is not None or arguments.mixed:
        arguments.pattern = "crowd"
    arguments.pages = arguments.pages or list(usual)
    if arguments.address:
        asyncio.run(_measure(arguments, arguments.address, {}))
        return
    with contextlib.ExitStack() as started:
        root = Path(arguments.of or ROOT)
        each = [
            started.enter_context(server(root=root, SC2VIZ_AWAY=f"{AWAY:g}"))
            for _ in range(arguments.replicas)
        ]
        address = (
            started.enter_context(proxy([one for one, _ in each])) if len(each) > 1 else each[0][0]
        )
        asyncio.run(_measure(arguments, address, {app.pid: one for one, app in each}))


async def _measure(arguments: argparse.Namespace, address: str, servers: dict[int, str]) -> None:
    """servers: their addresses by the number of the process, where they are known."""
    print(f"{PROCESSOR}, {os.cpu_count()} cores; other work on them counts in all waits")
    for pid, one in servers.items() or [(None, address)]:
        await until_it_rests(one, pid)
    for number in range(arguments.rounds):
        if arguments.rounds > 1:
            print(f"round {number + 1} of {arguments.rounds}")
        await _round(number, arguments, address, list(servers))


def _total(of: Callable[[int], float], pids: Sequence[int]) -> float:
    """The sum over the servers that are there; nan where none is known."""
    there = [value for value in map(of, pids) if not math.isnan(value)]
    return sum(there) if there else math.nan


async def _round(
    number: int, arguments: argparse.Namespace, address: str, pids: Sequence[int]
) -> None:
    """Let all readers come and leave, and print what they saw and cost."""
    before, busy, began = _total(resident, pids), _total(processor, pids), time.perf_counter()
    found, highest = Measured(), [before]
    watch = asyncio.create_task(_watch(pids, highest, arguments.soak is not None))
    first = number * arguments.readers
    async with contextlib.AsyncExitStack() as opened:
        for _ in range(arguments.training):
            query = {"data": arguments.data[0], "epochs": "500"}
            trainer = await opened.enter_async_context(Reader(address, "train", query))
            found.problems += filter(
                None, [(await trainer.view()).problem, (await trainer.press("Play")).problem]
            )
            opened.callback(asyncio.create_task(trainer.listen()).cancel)
        if arguments.soak:
            await _soak(first, arguments, address, found)
        else:
            await asyncio.gather(
                *(
                    _reader(first + k, k, arguments, address, found)
                    for k in range(arguments.readers)
                )
            )
    watch.cancel()
    spent, runs = _total(processor, pids) - busy, len(found.views)
    kind = "mixed crowd" if arguments.mixed else arguments.pattern
    print(
        f"{kind} of {arguments.readers} on {', '.join(arguments.pages)}: {runs} views in {time.perf_counter() - began:.0f} s"
    )
    _tell(arguments.pages, found)
    print(f"processor     {spent:.1f} s of the server's, {spent / max(runs, 1):.3f} s a view")
    await asyncio.sleep(AWAY + SETTLES)
    print(
        f"memory        {before:,.0f} MB before, {max(highest):,.0f} MB at most, "
        f"{_total(resident, pids):,.0f} MB after they left"
    )
    print(f"errors        {len(found.problems)}")
    for problem in sorted(set(found.problems))[:10]:
        print(f"  {problem[:200]}")


def _tell(pages: Sequence[str], found: Measured) -> None:
    """Print how long all views took, and those of each page, with their size."""
    views = pandas.DataFrame(found.views, columns=Seen._fields)
    high = partial(pandas.Series.quantile, q=0.95, interpolation="higher")
    for what, which in (("first view", "first"), ("later views", "later")):
        if len(seconds := views.seconds[views.which == which]):
            print(
                f"{what:13} median {seconds.median():.2f} s, 95th percentile {high(seconds):.2f} s, "
                f"worst {seconds.max():.2f} s"
            )
    print(
        " " * 14
        + "".join(f"{f'{what}: median':>16}{'95 %':>9}{'size':>12}" for what in ("first", "later"))
    )
    for page in dict.fromkeys(pages):
        cells = []
        for which in ("first", "later"):
            some = views[(views.page == page) & (views.which == which)]
            size = some.received.median() / 1e3
            cells.append(
                f"{some.seconds.median():14.2f} s{high(some.seconds):7.2f} s{size:9,.0f} kB"
            )
        print(f"  {page:12}{''.join(cells)}", flush=True)


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


async def _reader(
    number: int, place: int, arguments: argparse.Namespace, address: str, found: Measured
) -> None:
    """One reader from arrival, the `place`th of a crowd, to leaving. Reader `number` does the same in every run."""
    chance, page = random.Random(number), arguments.pages[number % len(arguments.pages)]
    crowd = arguments.pattern == "crowd"
    if crowd:
        await asyncio.sleep(ARRIVES * place)
    try:
        async with Reader(address, page, {"data": arguments.data[0]}) as reader:
            first = await reader.view()
            found.add(page, first, "first")
            for _ in range(0 if first.problem else arguments.requests):
                await asyncio.sleep(chance.uniform(*PAUSE))
                lam = _typed(chance) if arguments.typed else chance.choice(stops.LAM)
                wish = _wish(chance, reader, lam, arguments.data) if crowd else ("lam", lam)
                if arguments.mixed and chance.random() < TURNS:
                    shown = await reader.turn_to(chance.choice(arguments.pages))
                else:  # a page without the widget, such as The paper, is only viewed
                    shown = await (reader.change(*wish) if reader.has(wish[0]) else reader.view())
                found.add(reader.path, shown, "later")
    except OSError as error:
        found.problems.append(f"{page}: {error}")


def _wish(
    chance: random.Random, reader: Reader, lam: float, data: Sequence[str]
) -> tuple[str, float | str]:
    """What a reader of a crowd asks for next, of what the page has."""
    wishes = {
        "lam": lam,
        "picture": float(chance.randrange(PICTURES)),
        "data": chance.choice(data),
        "sigma": float(chance.randrange(5, 51)),
        "photo": chance.choice(peers.PICTURES),
    }
    return chance.choice(
        [wish for wish in wishes.items() if reader.has(wish[0])] or [*wishes.items()]
    )


def _typed(chance: random.Random) -> float:
    """A random λ of three digits."""
    return float(f"{10 ** chance.uniform(-2, 0):.3g}")


async def _soak(first: int, arguments: argparse.Namespace, address: str, found: Measured) -> None:
    """Each seat is taken by one reader after the other, from number `first` on, until the time is over."""
    end = time.monotonic() + MINUTE * arguments.soak

    async def seat(place: int) -> None:
        number = first + place
        while time.monotonic() < end:
            await _reader(
                number, place if number == first + place else 0, arguments, address, found
            )
            number += arguments.readers

    await asyncio.gather(*map(seat, range(arguments.readers)))


async def _watch(pids: Sequence[int], highest: list[float], aloud: bool) -> None:
    """Note the server's memory twice a second, and print it each minute if `aloud`."""
    began, minutes = time.monotonic(), 0
    while True:
        await asyncio.sleep(0.5)
        highest.append(_total(resident, pids))
        if aloud and time.monotonic() - began > MINUTE * (minutes + 1):
            minutes += 1
            print(f"  after {minutes} min: {highest[-1]:,.0f} MB", flush=True)


def processor(pid: int | None) -> float:
    """The seconds of the processor that a process has used, all its threads together; nan where they are not known."""
    with contextlib.suppress(OSError, TypeError):
        return time.clock_gettime(
            (~pid << 3) | 2
        )  # the clock of another process, as Linux numbers it
    return math.nan
