"""`bench views`: what a view costs the server, in seconds of its processor and in bytes, page by page.

A reader without a browser opens each page, and then asks for another picture, for another λ, and for the same view again.
With `--against` the same is asked of the app in another checkout too, in turn with this one, so that other work on the
machine counts in both. What is made in the background after a view counts as well; the reader's own seconds do not.
"""

import asyncio
import contextlib
from pathlib import Path

import pandas

from sc2viz.browser import stops
from sc2viz.lab.bench.browser import ROOT, server
from sc2viz.lab.bench.load import processor, wait_for_rest
from sc2viz.lab.bench.stopwatch import PROCESSOR
from sc2viz.ui.app import TITLES
from sc2viz.ui.reader import Reader

QUIET, SETTLED = (
    0.1,
    0.003,
)  # a view is over once the server used less than SETTLED in QUIET seconds


def run(arguments):
    print(f"{PROCESSOR}; the server's own seconds")
    roots = {"here": ROOT}
    if arguments.against:
        roots[arguments.against] = Path(arguments.against)
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(server(root=root)) for name, root in roots.items()}
        rows = asyncio.run(_measure(arguments.pages or TITLES, arguments.rounds, servers))
    table = pandas.DataFrame(rows, columns=["of", "page", "wish", "seconds", "kB"])
    groups = table.groupby(["page", "wish", "of"], sort=False)[["seconds", "kB"]]
    medians = groups.median().unstack("of")
    digits = {column: 3 if column[0] == "seconds" else 0 for column in medians}
    print(medians.round(digits).to_string())


async def _measure(pages, rounds, servers):
    """(which server, page, wish, seconds, kB) of every view after the first of a page."""
    for address, app in servers.values():
        await wait_for_rest(address, app.pid)
    rows = []
    for page in pages:
        async with contextlib.AsyncExitStack() as stack:
            readers = {
                name: (await stack.enter_async_context(Reader(address, page)), app.pid)
                for name, (address, app) in servers.items()
            }
            for reader, pid in readers.values():
                await _view(reader, pid, reader.view())
            for number in range(rounds):
                wishes = {
                    "new picture": ("picture", 17.0 * (number + 1)),
                    "other λ": ("lam", stops.LAM[7 + 5 * number % 40]),
                    "same again": ("", 0.0),
                }
                for wish, (key, value) in wishes.items():
                    for name, (reader, pid) in readers.items():
                        view = reader.change(key, value) if reader.has(key) else reader.view()
                        rows.append((name, page, wish, *await _view(reader, pid, view)))
    return rows


async def _view(reader, pid, view):
    """The seconds of the server's processor, and the kB, of one view."""
    start = processor(pid)
    page = await view
    if page.problem:
        raise ValueError(f"{reader.path}: {page.problem}")
    previous, current = -SETTLED, processor(pid)
    while current - previous >= SETTLED:
        previous = current
        await asyncio.sleep(QUIET)
        current = processor(pid)
    return current - start, page.received / 1e3
