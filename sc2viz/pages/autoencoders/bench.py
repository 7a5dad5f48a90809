"""The sidebar of the page: λ, which rows and how many atoms, which row is shown, and what is on the page."""

import random

import streamlit as st

from sc2viz.ui import encoders, known_codes, sliders, url
from sc2viz.ui.encoders import EncoderSet
from sc2viz.words import N_, _

CONTENTS = {  # the sections' titles by anchor
    "more-steps": N_("What more steps buy"),
    "atoms": N_("Their atoms"),
    "kinds": N_("All kinds"),
    "known-codes": N_("Does R² find the truth?"),
    "yours": N_("Your own autoencoder"),
}


def choose() -> tuple[EncoderSet, int, float]:
    """Draw the sidebar; return the set and the row at hand, and λ in units of the encoders' own."""
    with st.sidebar:
        (price,) = sliders.live("gaps", {"price": sliders.Knob()}, bar=True)
        url.widget("coded")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            row = url.widget("sample", width=104, given={"rows": known_codes.ROWS})
            st.button(
                _("Random"),
                icon=":material/casino:",
                help=_("Another row."),
                on_click=lambda: st.session_state.update(sample=random.randrange(known_codes.ROWS)),
            )
        with st.container(key="contents"):
            st.markdown(_("**On this page**"))
            st.markdown(
                "\n".join(f"- [{_(title)}](#{anchor})" for anchor, title in CONTENTS.items())
            )
    return encoders.at_hand(), row, price


def heading(anchor: str) -> None:
    st.header(_(CONTENTS[anchor]), anchor=anchor)
