"""The memory of a session: what its things take, and what is refused."""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import streamlit as st
import torch
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

from sc2viz import solvers
from sc2viz.ui import server
from sc2viz.ui.own import memory


def test_what_things_take_is_counted():
    solver = solvers.build("slstm", torch.eye(8))
    weights = sum(tensor.numel() * tensor.element_size() for tensor in solver.state_dict().values())
    assert memory.nbytes(solver) == weights > 0
    assert memory.nbytes({"a": (b"12345", np.zeros(3)), "b": [torch.zeros(2)]}) == 5 + 24 + 8


def test_what_does_not_fit_beside_the_rest_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(
        st, "session_state", {"_own_data": np.zeros(100 * 10**6, np.uint8), "_own_picture": b"0123"}
    )
    memory.check("own_dictionary", np.zeros(19 * 10**6, np.uint8), "mine.npy")
    message = "mine.npy would take 30 MB, and your other things take 100 MB of 120: bring less"
    with pytest.raises(ValueError, match=message):
        memory.check("own_dictionary", np.zeros(30 * 10**6, np.uint8), "mine.npy")
    memory.check(
        "own_data", np.zeros(119 * 10**6, np.uint8), "other.npz"
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
