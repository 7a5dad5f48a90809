"""Dictionary: all atoms and how pictures use them, how atoms are learned, and what a network made of them."""

import streamlit as st

from sc2viz import defaults
from sc2viz.draw import style
from sc2viz.pages.dictionary import all_atoms, networks, watching
from sc2viz.ui import page, session, sidebar, url
from sc2viz.ui.errors import fragment
from sc2viz.ui.handed_out import python
from sc2viz.words import _


def two_alike(view: sidebar.View, tools) -> None:
    """Draw the part of Dictionary in which two atoms in the plane are tilted towards each other."""
    compared = defaults.UNTRAINED
    labels, colours = (list(map(of, compared)) for of in (style.label, style.themed))
    page.idea("two_alike", {"lam": view.lam, "labels": labels, "colours": colours})
    with tools:
        page.explained(None, [], python(__file__, lam=view.lam, names=compared))


PARTS = {
    "atoms": all_atoms.all_atoms,
    "learning": watching.learning_atoms,
    "networks": networks.atoms_of_networks,
    "alike": two_alike,
}


@fragment
def dictionary_page() -> None:
    if session.WHOLE.pop():  # a click on this page has changed what the sidebar shows
        st.rerun()
    tools = page.head(_("Dictionary"), choices=True)
    with tools:
        part = url.widget("part")
    PARTS[part](sidebar.current(), tools)


dictionary_page()
