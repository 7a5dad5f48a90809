"""Dictionary: all atoms and how pictures use them, how atoms are learned, and what a network made of them."""

import streamlit as st

from sc2viz.pages.dictionary import all_atoms, networks, watching
from sc2viz.ui import page, session, sidebar, url
from sc2viz.ui.errors import guard

PARTS = {"atoms": all_atoms.all_atoms, "learning": watching.learning_atoms, "networks": networks.atoms_of_networks}


@st.fragment
@guard
def dictionary_page() -> None:
    if session.WHOLE.pop():  # a click on this page has changed what the sidebar shows
        st.rerun()
    tools = page.head("Dictionary", choices=True)
    with tools:
        about = "All atoms of the dictionary at hand; atoms while they are learned; what a trained network made of them."
        part = url.widget("part", "Show", label_visibility="collapsed", help=about)
    PARTS[part](sidebar.current(), tools)


dictionary_page()
