"""The keys of a reader's session: all of them, but those of widgets, stand in `ui/session.py`."""

import pytest
import streamlit as st

from sc2viz.ui import session


def test_each_name_stands_once():
    names = [key.name for key in vars(session).values() if isinstance(key, session.Key)]
    assert (
        len(names) > 30
        and len(set(names)) == len(names)
        and all(name.startswith("_") for name in names)
    )


def test_a_key_opens_holds_and_lets_go(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    key = session.Key("_number", 7)
    assert key.get() == 7 and not st.session_state
    key.set(8)
    assert key.get() == 8 == key.pop() and key.get() == 7
    assert key.kept(lambda: 9) == 9 == key.kept(
        lambda: pytest.fail("it is kept")
    ) and st.session_state == {"_number": 9}
