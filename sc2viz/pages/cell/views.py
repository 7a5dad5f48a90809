"""Inside the cell: what its two views have in common, each of which has an address of its own."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sc2viz.ui import page, pen, session, sidebar
from sc2viz.words import N_, _

VIEWS = {"gates": N_("Gates"), "activations": N_("Activation")}  # by address


def open_view() -> tuple[sidebar.View, DeltaGenerator, DeltaGenerator]:
    """Draw the head of the page, with a link to the other view; return what the reader looks at, and the places of the pen's
    canvas and of the sentence."""
    view = sidebar.current()
    with page.head(_("Inside the cell"), choices=True):
        with st.container(horizontal=True, gap=None, key="views"):
            for address, label in VIEWS.items():
                is_open = address == session.path
                st.page_link(session.pages[address], label=_(label), disabled=is_open)
        pen.switch(view)
    return view, st.container(), st.container()
