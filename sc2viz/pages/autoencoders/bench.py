"""The sidebar of the page: λ, which rows and how many atoms, which row is shown, and what is on the page."""

import random

import streamlit as st

from sc2viz.pages.autoencoders import encoders
from sc2viz.pages.autoencoders.encoders import EncoderSet
from sc2viz.ui import known_codes, sliders, url

CONTENTS = {  # the sections' titles by anchor
    "more-steps": "What more steps buy",
    "atoms": "Their atoms",
    "kinds": "All kinds",
    "known-codes": "Does R² find the truth?",
    "yours": "Your own autoencoder",
}


def choose() -> tuple[EncoderSet, int, float]:
    """Draw the sidebar; return the set and the row at hand, and λ in units of the encoders' own."""
    with st.sidebar:
        (price,) = sliders.live("gaps", {"price": sliders.Knob()}, bar=True)
        url.widget("coded")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            row = url.widget("sample", width=104, given={"rows": known_codes.ROWS})
            st.button("Random", on_click=_random, icon=":material/casino:", help="Another row.")
        with st.container(key="contents"):
            st.markdown("**On this page**")
            st.markdown("\n".join(f"- [{title}](#{anchor})" for anchor, title in CONTENTS.items()))
    return encoders.at_hand(), row, price


def heading(anchor: str) -> None:
    st.header(CONTENTS[anchor], anchor=anchor)


def _random() -> None:
    st.session_state["sample"] = random.randrange(known_codes.ROWS)
