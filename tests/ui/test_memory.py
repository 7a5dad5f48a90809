"""The memory of a session: what its things take, and what is refused."""

import asyncio
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
import torch
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.common import WidgetMetadata

from sc2viz import solvers
from sc2viz.ui import server, session
from sc2viz.ui.own import memory


def test_what_things_take_is_counted():
    solver = solvers.build("slstm", torch.eye(8))
    weights = sum(part.numel() * part.element_size() for part in solver.state_dict().values())
    assert memory.nbytes(solver) == weights > 0
    assert memory.nbytes({"a": (b"12345", np.zeros(3)), "b": [torch.zeros(2)]}) == 5 + 24 + 8


def test_what_does_not_fit_beside_the_rest_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(
        st, "session_state", {"_own_data": np.zeros(100 * 10**6, np.uint8), "_own": b"0123"}
    )
    memory.check(session.OWN_DICTIONARY, np.zeros(19 * 10**6, np.uint8), "mine.npy")
    said = "mine.npy would take 30 MB, and your other things take 100 MB of 120: bring less"
    with pytest.raises(ValueError, match=said):
        memory.check(session.OWN_DICTIONARY, np.zeros(30 * 10**6, np.uint8), "mine.npy")
    memory.check(
        session.OWN_DATA, np.zeros(119 * 10**6, np.uint8), "other.npz"
    )  # in the place of the data


def test_an_upload_is_not_written_to_a_temporary_file(monkeypatch):
    server.prepare()
    monkeypatch.setattr(
        tempfile.SpooledTemporaryFile, "rollover", lambda self: pytest.fail("written to disk")
    )
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="mine.npz"\r\n\r\n'

    async def parsed() -> bytes:
        async def body():
            yield head
            for _ in range(3):
                yield bytes(2**20)
            yield b"\r\n--edge--\r\n"

        parser = MultiPartParser(
            Headers({"content-type": "multipart/form-data; boundary=edge"}), body()
        )
        return await (await parser.parse())["file"].read()

    with ThreadPoolExecutor(1) as thread:  # which has no loop yet, whatever ran before in this one
        assert len(thread.submit(asyncio.run, parsed()).result()) == 3 * 2**20


def test_a_session_that_ended_holds_nothing_even_if_streamlit_keeps_it(monkeypatch):
    closed, collected, forgotten = [], [], []
    instance = SimpleNamespace(
        is_active_session=lambda name: name == "here", close_session=closed.append
    )
    monkeypatch.setattr(
        memory, "runtime", SimpleNamespace(exists=lambda: True, get_instance=lambda: instance)
    )
    monkeypatch.setattr(memory.allocator, "release", lambda frozen: collected.append(frozen))
    monkeypatch.setattr(memory.startup, "forget_training", lambda: forgotten.append(len(collected)))
    monkeypatch.setattr(memory, "SOON", 0.0)
    monkeypatch.setattr(memory, "LATER", 0.01)
    monkeypatch.setattr(memory, "_here", {"here", "gone"})
    sessions = [
        SimpleNamespace(id=name, session_state=SessionState())
        for name in ("here", "gone", "gone too")
    ]
    for one in sessions:
        one.session_state["rows"] = np.zeros(10)
        broken = WidgetMetadata("sliders", json.loads, json.dumps, "json_value")
        one.session_state._set_widget_metadata(broken)
    for one in sessions[1:]:  # what anybody can send who speaks Streamlit's protocol
        one.session_state.set_widgets_from_proto(
            WidgetStates(widgets=[WidgetState(id="sliders", json_value="{")])
        )

    async def end():
        for one in sessions:
            memory._end(one)
        await asyncio.sleep(0.05)
        memory._here.clear()
        memory._end(sessions[1])
        await asyncio.sleep(0.05)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, end()).result()
    assert closed == ["gone", "gone too", "gone"]
    assert [list(one.session_state.filtered_state) for one in sessions] == [["rows"], [], []]
    assert collected == [
        False,
        False,
        True,
        True,
    ]  # at once and later; what is frozen only while nobody is here
    assert forgotten == [2, 3]  # before
