"""Components of our own: what Streamlit has no widget for."""

from functools import cache
from pathlib import Path

import streamlit as st

from sc2viz.browser import modules


@cache
def component(script: Path, *sheets: str | Path, isolated: bool = True):
    """The component that a module draws, whose name is that of the file, in its style sheets (`modules.sheet`). isolated:
    whether the page's own style sheets leave it as it is."""
    js = modules.packed(modules.joined(script), modules.sheet(*sheets) if sheets else "")
    return st.components.v2.component(f"sc2viz_{script.stem}", js=js, isolate_styles=isolated)
