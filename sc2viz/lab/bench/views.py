"""`bench views`: what a view costs the server, in seconds of its processor and in bytes, page by page.

A reader without a browser opens each page, and then asks for another picture, for another λ, and for the same view again.
With `--against` the same is asked of the app in another checkout too, in turn with this one, so that other work on the
machine counts in both. What is made in the background after a view counts as well; the reader's own seconds do not.
"""

import argparse
import asyncio
import contextlib
from pathlib import Path

import pandas

from sc2viz.browser import stops
from sc2viz.lab.bench.browser import ROOT, server
from sc2viz.lab.bench.load import processor, until_it_rests
from sc2viz.lab.bench.stopwatch import PROCESSOR
from sc2viz.ui.app import TITLES
from sc2viz.ui.reader import Reader

WISHES = "new picture", "other λ", "same again"
QUIET, SETTLED = (
    0.1,
    0.003,
)  # a view is over when the server has used less than SETTLED seconds in QUIET seconds


def run(arguments: argparse.Namespace) -> None:
    print(f"{PROCESSOR}; the server's own seconds")
    roots = {"here": ROOT} | (
        {arguments.against: Path(arguments.against)} if arguments.against else {}
    )
    with contextlib.ExitStack() as started:
        servers = {name: started.enter_context(server(root=root)) for name, root in roots.items()}
        found = asyncio.run(
            _measure(
                arguments, {name: (address, app.pid) for name, (address, app) in servers.items()}
            )
        )
    table = pandas.DataFrame(found, columns=["of", "page", "wish", "seconds", "kB"])
    middle = (
        table.groupby(["page", "wish", "of"], sort=False)[["seconds", "kB"]].median().unstack("of")
    )
    print(
        middle.round({column: 3 if column[0] == "seconds" else 0 for column in middle}).to_string()
    )


async def _measure(
    arguments: argparse.Namespace, servers: dict[str, tuple[str, int]]
) -> list[tuple]:
    """(which server, page, wish, seconds, kB) of every view after the first of a page."""
    for address, pid in servers.values():
        await until_it_rests(address, pid)
    found = []
    for page in arguments.pages or TITLES:
        async with contextlib.AsyncExitStack() as opened:
            readers = {
                name: (await opened.enter_async_context(Reader(address, page)), pid)
                for name, (address, pid) in servers.items()
            }
            for reader, pid in readers.values():
                await _view(reader, pid, reader.view())
            for number in range(arguments.rounds):
                asked = (
                    ("picture", 17.0 * (number + 1)),
                    ("lam", stops.LAM[7 + 5 * number % 40]),
                    ("", 0.0),
                )
                for wish, (key, value) in zip(WISHES, asked, strict=True):
                    for name, (reader, pid) in readers.items():
                        view = reader.change(key, value) if reader.has(key) else reader.view()
                        found.append((name, page, wish, *await _view(reader, pid, view)))
    return found


async def _view(reader: Reader, pid: int, view) -> tuple[float, float]:
    """The seconds of the server's processor, and the kB, of one view."""
    before = processor(pid)
    seen = await view
    if seen.problem:
        raise ValueError(f"{reader.path}: {seen.problem}")
    last = processor(pid)
    while True:
        await asyncio.sleep(QUIET)
        now = processor(pid)
        if now - last < SETTLED:
            return now - before, seen.received / 1e3
        last = now
