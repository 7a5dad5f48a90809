"""The problem at hand, as the sidebar of this page says: how many atoms, measurements and non-zeros, how much noise."""

import streamlit as st

from sc2viz.ui import known_codes, session, sliders, url
from sc2viz.ui.known_codes import Problem
from sc2viz.words import _


def choose() -> tuple[Problem, int]:
    """Draw the sidebar; return the problem at hand and which of its signals is shown."""
    with st.sidebar:
        k, snr, d_x = sliders.live(
            "known", {key: sliders.Knob() for key in ("k", "snr", "dx")}, bar=True
        )
        exactly = url.widget("exactly")
        with st.container(horizontal=True, gap="small"):
            d_s = url.widget("ds", on_change=_other_size)
            row = url.widget("signal", given={"rows": known_codes.ROWS})
        at_hand = Problem(d_x, d_s, k, snr, exactly)
        url.widget("own_lam")
        if at_hand != known_codes.RECIPE:
            about = _("250 measurements, 500 atoms, 50 of them in use on average, 40 dB.")
            st.button(
                _("Back to the papers’ recipe"),
                on_click=put,
                args=(known_codes.RECIPE,),
                help=about,
                icon=":material/undo:",
            )
    session.PROBLEM.set(at_hand)
    return at_hand, row


def put(wanted: Problem) -> None:
    """Make a problem the one at hand; called in callbacks."""
    values = {
        "ds": wanted.d_s,
        "dx": wanted.d_x,
        "k": wanted.k,
        "snr": wanted.snr,
        "exactly": wanted.exactly,
    }
    st.session_state.update(values)


def _other_size() -> None:
    """Keep the shares d_x/d_s and k/d_s where the number of atoms changes."""
    before, now = known_codes.at_hand(), url.now("ds")
    st.session_state["dx"] = max(5, round(before.d_x * now / before.d_s))
    st.session_state["k"] = max(1, min(url.now("dx"), round(before.k * now / before.d_s)))
