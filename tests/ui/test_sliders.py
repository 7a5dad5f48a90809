"""What components tell the server: a message that none of ours sends changes nothing, and fails nothing."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from sc2viz.ui import boards, errors


@pytest.mark.parametrize(
    "message", [None, {"lam": 0.2}, {"lam": 0.2, "T": [1]}, {"lam": None, "T": 1e400}]
)
def test_a_message_that_no_slider_sends_is_ignored(message):
    def script(message):
        import streamlit as st

        from sc2viz.ui import errors, sliders

        state = st.session_state
        if "lam" not in state:
            state.update(lam=0.5, T=10)
        if not state.get("once"):
            state.update(once=True, sliders={"moved": message})
            errors.message_handler(
                lambda: sliders._take("sliders", ("lam", "T"), sliders._take_t)
            )()

    app = AppTest.from_function(script, kwargs={"message": message}).run()
    assert not app.exception
    assert 0.01 <= app.session_state["lam"] <= 1 and 1 <= app.session_state["T"] <= 100


def test_what_sliders_tell_is_taken():
    def script():
        import streamlit as st

        from sc2viz.ui import errors, sliders

        st.session_state["sliders"] = {"moved": {"lam": 0.123456789, "T": 1e9, "t": -5}}
        errors.message_handler(lambda: sliders._take("sliders", ("lam", "T"), sliders._take_t))()

    app = AppTest.from_function(script).run()
    assert (
        app.session_state["lam"] == 0.123457
        and app.session_state["T"] == 100
        and app.session_state["_iteration"] == 0
    )


@pytest.mark.parametrize("value", [None, {"at": 5}, {"at": {"frame": 1e999}}])
def test_a_scrubber_that_tells_nothing_stands_where_it_stood(monkeypatch, value):
    monkeypatch.setattr(st, "session_state", {"scrubber": value})
    assert boards.resting_frame("scrubber", 3) == 3
    monkeypatch.setattr(st, "session_state", {"scrubber": {"at": {"frame": 4}}})
    assert boards.resting_frame("scrubber", 3) == 4


def test_what_is_wrong_with_the_app_itself_is_not_ignored():
    with pytest.raises(RuntimeError):
        errors.message_handler(lambda: (_ for _ in ()).throw(RuntimeError()))()
