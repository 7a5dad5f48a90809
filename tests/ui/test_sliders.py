"""What components tell the server: a message that none of ours sends changes nothing, and fails nothing."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from sc2viz.ui import boards, errors


@pytest.mark.parametrize(
    "told",
    [
        "…",
        None,
        7,
        [],
        {},
        {"lam": 0.2},
        {"lam": 0.2, "T": [1]},
        {"lam": 0.2, "T": {"T": 3}},
        {"lam": None, "T": 1e400},
    ],
)
def test_what_no_slider_tells_is_left_unheard(told):
    def script(told):
        import streamlit as st

        from sc2viz.ui import errors, sliders

        state = st.session_state
        if "lam" not in state:
            state.update(lam=0.5, T=10)
        if not state.get("once"):
            state.update(once=True, sliders={"moved": told})
            errors.heard(lambda: sliders._take("sliders", ("lam", "T"), sliders._take_t))()

    app = AppTest.from_function(script, kwargs={"told": told}).run()
    assert not app.exception
    assert 0.01 <= app.session_state["lam"] <= 1 and 1 <= app.session_state["T"] <= 100


def test_what_sliders_tell_is_taken():
    def script():
        import streamlit as st

        from sc2viz.ui import errors, sliders

        st.session_state["sliders"] = {"moved": {"lam": 0.123456789, "T": 1e9, "t": -5}}
        errors.heard(lambda: sliders._take("sliders", ("lam", "T"), sliders._take_t))()

    app = AppTest.from_function(script).run()
    assert (
        app.session_state["lam"] == 0.123457
        and app.session_state["T"] == 100
        and app.session_state["_t"] == 0
    )


@pytest.mark.parametrize(
    "held",
    [None, 5, "x", {}, {"at": None}, {"at": 5}, {"at": {"frame": "x"}}, {"at": {"frame": 1e999}}],
)
def test_a_scrubber_that_tells_nothing_stands_where_it_stood(monkeypatch, held):
    monkeypatch.setattr(st, "session_state", {"scrubber": held})
    assert boards.at("scrubber", 3) == 3
    monkeypatch.setattr(st, "session_state", {"scrubber": {"at": {"frame": 4}}})
    assert boards.at("scrubber", 3) == 4


def test_what_is_wrong_with_the_app_itself_is_not_left_unheard():
    with pytest.raises(RuntimeError):
        errors.heard(lambda: (_ for _ in ()).throw(RuntimeError()))()
