"""`bench load`: how long a class or a crowd of readers waits, and what they cost the server.

All readers of a class open Compare at once; then each moves λ. With --mixed, one reader of a crowd arrives every ARRIVES
seconds at one of the pages MIXED; then each asks for another λ, picture, data set or page. With --replicas the readers come
through Caddy, which keeps each with one of several servers.

Readers pause for PAUSE seconds between what they ask for. They run in this process and the server in another, whose
processor time and memory are read from /proc (elsewhere they are not known and shown as nan). A view is there when the run
of the page has ended; what is then made in the background counts in the processor's time alone.
"""

import asyncio
import contextlib
import math
import os
import random
import time
from pathlib import Path

import pandas

from sc2viz.browser import stops
from sc2viz.lab.bench.browser import ROOT, proxy, server
from sc2viz.lab.bench.stopwatch import PROCESSOR, high, resident
from sc2viz.ui.reader import Reader

MIXED = "welcome", "compare", "step", "gates", "activations", "lambda", "paper"
TURNS = 0.2  # the share of wishes of a mixed crowd that are for another page
DATA = "mnist-5k", "digits", "patches"  # that readers choose from; they begin with the first
# What readers ask for: another λ, or in a crowd any of what the page has
WISHES = {"lam": stops.LAM, "picture": [float(k) for k in range(100)], "data": DATA}
ARRIVES = 0.15  # seconds between two arrivals of a crowd
PAUSE = 3.0, 7.0  # seconds between two wishes of a reader, drawn uniformly
SESSION = 5.0  # seconds after which the server ends a session whose reader has left
SETTLES = 10.0  # seconds after the last reader has left until the server's memory is read
# A server rests that has used the processor for less than the share IDLE of QUIET seconds
QUIET, IDLE = 2.0, 0.05


def run(arguments):
    root = Path(arguments.of or ROOT)
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(server(root=root, SC2VIZ_AWAY=f"{SESSION:g}"))
            for _ in range(arguments.replicas)
        ]
        addresses = [address for address, _ in servers]
        address = stack.enter_context(proxy(addresses)) if len(servers) > 1 else addresses[0]
        print(f"{PROCESSOR}, {os.cpu_count()} cores; other work on them counts in all waits")
        asyncio.run(_measure(arguments, address, {app.pid: url for url, app in servers}))


async def _measure(arguments, address, servers):
    """Let all readers come and leave, and print what they saw and cost. servers: their addresses by their processes."""
    for pid, replica in servers.items():
        await wait_for_rest(replica, pid)
    start, busy, memory = time.perf_counter(), total(processor, servers), []
    watch = asyncio.create_task(_watch(servers, memory))
    numbers = range(arguments.readers)
    readers = (_read(number, arguments.mixed, arguments.requests, address) for number in numbers)
    views = [view for of_reader in await asyncio.gather(*readers) for view in of_reader]
    watch.cancel()
    kind, seconds = "mixed crowd" if arguments.mixed else "class", time.perf_counter() - start
    problems = {f"{view['page']}: {view['problem']}" for view in views if view["problem"]}
    good = pandas.DataFrame([view for view in views if not view["problem"]])
    good["kB"] = good.received / 1e3
    spent = total(processor, servers) - busy
    print(f"{kind} of {arguments.readers}: {len(good)} views in {seconds:.0f} s")
    columns = {
        "median s": ("seconds", "median"),
        "95 % s": ("seconds", high),
        "worst s": ("seconds", "max"),
        "kB": ("kB", "median"),
    }
    for keys in ("which", ["page", "which"]):
        print(good.groupby(keys, sort=False).agg(**columns).round(2).to_string())
    print(f"processor     {spent:.1f} s of the server's, {spent / len(good):.3f} s a view")
    await asyncio.sleep(SESSION + SETTLES)
    print(
        f"memory        {memory[0]:,.0f} MB before, {max(memory):,.0f} MB at most, "
        f"{total(resident, servers):,.0f} MB after they left"
    )
    print(f"errors        {len(views) - len(good)}")
    print("".join(f"  {problem[:200]}\n" for problem in sorted(problems)[:10]), end="")


def total(measure, pids):
    """The sum over the servers; nan where it is not known."""
    return sum(map(measure, pids))


async def wait_for_rest(address, pid):
    """Open a page until the server answers, which then has imported everything; wait until it has compiled what it compiles
    in the background: it then hardly uses the processor."""
    while True:
        with contextlib.suppress(OSError):
            async with Reader(address, "welcome") as reader:
                opened = await reader.view()
            if opened.problem:
                raise ValueError(f"the server does not work: {opened.problem}")
            break
        await asyncio.sleep(0.2)
    previous = -math.inf
    while (current := processor(pid)) - previous > IDLE * QUIET:
        previous = current
        await asyncio.sleep(QUIET)


async def _read(number, mixed, requests, address):
    """What one reader sees from arrival to leaving. Reader `number` does the same in every run."""
    chance, views, pages = random.Random(number), [], MIXED if mixed else ("compare",)
    page = pages[number % len(pages)]
    if mixed:
        await asyncio.sleep(ARRIVES * number)
    try:
        async with Reader(address, page, {"data": DATA[0]}) as reader:
            view = await reader.view()
            views.append({"page": page, "which": "first"} | vars(view))
            for _ in range(0 if view.problem else requests):
                await asyncio.sleep(chance.uniform(*PAUSE))
                keys = [key for key in WISHES if reader.has(key) and (mixed or key == "lam")]
                if mixed and chance.random() < TURNS:
                    view = await reader.turn_to(chance.choice(pages))
                elif keys:
                    key = chance.choice(keys)
                    view = await reader.change(key, chance.choice(WISHES[key]))
                else:  # a page without widgets, such as The paper, is only viewed
                    view = await reader.view()
                views.append({"page": reader.path, "which": "later"} | vars(view))
    except OSError as error:
        views.append({"page": page, "problem": repr(error)})
    return views


async def _watch(pids, memory):
    """Note the servers' memory twice a second."""
    while True:
        memory.append(total(resident, pids))
        await asyncio.sleep(0.5)


def processor(pid):
    """The seconds of the processor that a process has used, all its threads together; nan where they are not known."""
    with contextlib.suppress(OSError, TypeError):
        clock = (~pid << 3) | 2  # that of another process, as Linux numbers it
        return time.clock_gettime(clock)
    return math.nan
