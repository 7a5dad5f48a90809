"""Readers without a browser on a server of their own: what one asks costs no other anything, and a server that trains ends in
order."""

import asyncio
import contextlib
import math
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from sc2viz.lab.bench import browser, load
from sc2viz.ui.reader import Reader


def in_a_thread(work, *arguments):
    """work(*arguments) in a thread without an event loop: Playwright's runs in this one after tests in a browser."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work, *arguments).result()


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """(address, process, its messages) of a server; the last test here ends it."""
    log = tmp_path_factory.mktemp("server") / "log"
    with browser.server(log, OMP_NUM_THREADS="1", SC2VIZ_AWAY="1") as (address, process):
        in_a_thread(asyncio.run, load.wait_for_rest(address, None))
        yield address, process, log


def test_a_widget_that_a_page_lacks_is_a_problem(app):
    async def nowhere():
        async with Reader(app[0], "nowhere") as reader:
            assert not (await reader.view()).problem  # Streamlit shows the first page instead
            return await reader.change("sum of all", 1.0)

    assert "has no widget" in in_a_thread(asyncio.run, nowhere()).problem


def test_a_number_out_of_range_in_an_open_session_becomes_the_default(app):
    async def visit():
        async with Reader(app[0], "welcome", {"data": "digits", "picture": "7"}) as reader:
            first = await reader.view()
            reader.query["picture"] = "9" * 400
            return first, await reader.view(is_back=True), reader.query.get("picture", "0")

    *runs, last = in_a_thread(asyncio.run, visit())
    assert [run.problem for run in runs] == ["", ""] and last == "0"


HOSTILE = [
    {
        "T": ("double_value", 1e9),
        "picture": ("double_value", 1e15),
        "lam": ("double_value", -1.0),
        "atom": ("double_value", 1e9),
    },
    {
        "T": ("double_value", math.nan),
        "picture": ("string_value", "seven"),
        "data": ("string_value", "nowhere"),
    },
]


def test_a_session_that_begins_with_any_values_costs_no_other_anything_and_ends(app):
    address, process, _ = app

    async def visit():
        async with Reader(address, "gates", {"data": "digits"}) as reader:
            opened = await reader.view()
            widgets = {key: widget for key, (_, widget) in reader._widgets.items()}
        for hostile in HOSTILE:
            strange = {widgets[key]: {field: value} for key, (field, value) in hostile.items()}
            async with Reader(address, "gates", {"data": "digits"}) as reader:
                reader._states = {
                    widget: WidgetState(id=widget, **value) for widget, value in strange.items()
                }
                await reader.view()
        async with Reader(address, "gates", {"data": "digits"}) as reader:
            reader._states = {widgets["T"]: WidgetState(id=widgets["T"], double_value=1e9)}
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reader.view(), 0.3)
        async with Reader(address, "gates", {"data": "digits"}) as reader:
            return opened, await reader.view(), await reader.change("lam", 0.1)

    runs = in_a_thread(asyncio.run, visit())
    assert [run.problem for run in runs] == ["", "", ""]
    end, seconds_before = time.monotonic() + 30, -math.inf
    while (
        seconds := load.processor(process.pid)
    ) - seconds_before > 0.5 and time.monotonic() < end:
        seconds_before = seconds
        time.sleep(2)
    assert seconds - seconds_before <= 0.5  # seconds of the processor in two


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
def test_a_server_that_trains_ends_in_order(app):
    address, process, log = app
    log_before = log.read_text()

    async def train():
        async with Reader(
            address, "train", {"data": "digits", "epochs": "500", "start": "noise"}
        ) as reader:
            assert not (await reader.view()).problem
            assert not (await reader.press("Play")).problem
            await asyncio.sleep(1)
            process.send_signal(signal.SIGTERM)
            start = time.monotonic()
            while process.poll() is None and time.monotonic() - start < 30:
                await asyncio.sleep(0.05)

    in_a_thread(asyncio.run, train())
    new_log = log.read_text().removeprefix(log_before)
    assert process.returncode == 0, new_log
    assert not re.search("terminate called|Fatal|Aborted|core dumped|Traceback", new_log), new_log
