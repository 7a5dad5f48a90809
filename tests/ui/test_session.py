"""The keys of a reader's session: all of them, but those of widgets, stand in `ui/session.py`."""

import pytest
import streamlit as st
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.safe_session_state import SafeSessionState

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


def test_the_values_of_a_session_are_those_that_streamlit_lists(monkeypatch):
    """Streamlit's widgets read one key of what it would list as a whole; the fields of our pages depend on it."""
    state = SessionState()
    state["a"], state["b"] = 1, None
    state._new_widget_state.set_from_value("$$ID-0123-None", "without a key")
    asked = []
    safe = SafeSessionState(state, lambda: asked.append(1))
    seen = safe.filtered_state
    assert dict(seen) == state.filtered_state == {"a": 1, "b": None} and len(seen) == 2
    monkeypatch.setattr(
        SessionState,
        "filtered_state",
        property(lambda self: pytest.fail("all keys are read for one")),
    )
    assert (
        "b" in safe.filtered_state
        and safe.filtered_state["b"] is None
        and "c" not in safe.filtered_state
    )
