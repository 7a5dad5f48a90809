"""What is done when a reader's connection ends.

A connection may drop and come back to the same session. The session therefore keeps what is the reader's, and is only told.
"""

import contextlib
from collections.abc import Callable

import streamlit as st


def call_at_end(name: str, do: Callable[[], None]) -> None:
    """Have `do` called when the connection of the reader whose page runs ends: in Streamlit's loop, once. A later call with
    the same name replaces it."""
    _tether()[name] = do


def _cut(tether: dict[str, Callable[[], None]]) -> None:
    with contextlib.ExitStack() as stack:  # which calls all, also where one fails
        for do in tether.values():
            stack.callback(do)
    tether.clear()


@st.cache_resource(scope="session", on_release=_cut, show_spinner=False)
def _tether() -> dict[str, Callable[[], None]]:
    return {}
