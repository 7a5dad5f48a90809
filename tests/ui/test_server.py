"""What the server does once for all readers, before the first page."""

import gc
import os
import re
import subprocess
import sys

import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.app_session import AppSession

from sc2viz.exact import ahead
from sc2viz.ui import app, server


@pytest.fixture
def streamlits_own(monkeypatch):
    """`AppSession` whose method is as Streamlit has it, put back as it was at the end."""

    def clear(session):
        st.cache_data.clear()
        st.cache_resource.clear()

    monkeypatch.setattr(AppSession, server.CLEARS, clear)


class Session(AppSession):
    """One of a reader whom nobody serves."""

    def __init__(self):
        pass

    def __del__(self):
        pass


def ask_to_clear() -> None:
    """Handle the message as Streamlit does when a reader sends it."""
    Session().handle_backmsg(BackMsg(clear_cache=True))


def test_no_page_has_an_address_at_which_the_server_answers_phones():
    addresses = [route.path.strip("/") for route in server.beside()]
    assert {"atoms", *app.TITLES} <= {*addresses} and len({*addresses}) == len(addresses)


@pytest.mark.parametrize("command", ["sc2viz app", "streamlit run app.py"])
def test_no_reader_clears_the_caches_of_all(streamlits_own, monkeypatch, command):
    calls = []
    cached = st.cache_resource(lambda: calls.append(1))
    cached.clear()
    cached()
    ask_to_clear()
    cached()
    assert len(calls) == 2  # so it would be
    if command == "sc2viz app":
        monkeypatch.setattr(server, "prepare", lambda: None)
        monkeypatch.setattr(server.sys, "argv", [])
        monkeypatch.setattr(server.runpy, "run_module", lambda *_, **__: ask_to_clear())
        server.serve([])
    else:
        ahead.begin()
        server.prepare.__wrapped__().join()  # what the first page does
        assert gc.isenabled()
        ask_to_clear()
    cached()
    assert len(calls) == 2


def test_where_streamlit_has_renamed_it_nothing_starts_and_the_message_says_why(monkeypatch):
    monkeypatch.setattr(server, "CLEARS", "_handle_something_else")
    for start in (lambda: server.serve([]), server.prepare.__wrapped__):
        with pytest.raises(
            RuntimeError, match=r"no AppSession._handle_something_else.*requirements\.txt"
        ):
            start()


@pytest.mark.release
def test_a_thread_of_a_view_computes_on_itself_alone():
    script = """if True:
        import os, threading
        from sc2viz.ui import server
        server.prepare.__wrapped__()
        import threadpoolctl
        def view():  # it has asked PyTorch for nothing so far
            found = [each["num_threads"] for each in threadpoolctl.threadpool_info()]
            print("threads", len(found), max(found), flush=True)
            os._exit(0)
        threading.Thread(target=view).start()
        threading.Event().wait()
    """
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    output = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=120
    ).stdout
    assert re.search(r"^threads [2-9] 1$", output, re.M), output
