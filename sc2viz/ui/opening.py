"""What a page shows before the server has loaded what pages need: its heading, its question, and what it waits for.

Importing PyTorch takes seconds, once a server. This module does not import it, so that the first
reader sees at once which page opens. It is hidden once the page's own heading is there (`page.head`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sc2viz.browser import modules

_FOLDER = Path(__file__).parent
_WAITS: ContextVar[bool] = ContextVar("opening", default=False)  # whether the opening is shown


def draw_styles() -> None:
    """Draw the style sheets, which say what the theme cannot express; app.py calls this once a run. Nothing is seen before
    they are there (opening.css)."""
    options = {"control": "primaryColor", "text": "textColor", "page": "backgroundColor"}
    colours = {
        name: ",".join(st.get_option(f"theme.{kind}.{option}") for kind in ("light", "dark"))
        for name, option in options.items()
    }
    variables = ";".join(f"--sc-{name}:light-dark({both})" for name, both in colours.items())
    style, printed, present, low = (
        _FOLDER / f"{name}.css" for name in ("style", "print", "present", "first")
    )
    sheets, low_sheet = modules.sheet(style, printed, "cards.css"), modules.style(low)
    # PyTorch is not needed to know whether a view is for a projector, whose letters are large from the start.
    if st.session_state.get("present", st.query_params.get("present") == "true"):
        sheets += modules.style(present) + low_sheet
    else:
        sheets += f"@media (max-height: 480px) {{{low_sheet}}}"
    st.html(f"<style>:root{{{variables}}}{sheets}</style>")


@contextmanager
def waiting(
    place: DeltaGenerator, heading: str, question: str, doing: str, waits: bool
) -> Iterator[None]:
    """Show this heading and question in `place` while the block lasts, and what is being done, if the page `waits` for the
    server, beside an empty sidebar. The places are there in every run, so that what stands below them keeps its own."""
    beside = st.sidebar.empty()
    if waits:
        beside.html('<div class="opening"></div>')
        with place.container(key="opening"):
            st.title(heading, anchor=False)
            st.markdown(question)
            st.html(f'<div class="opening" role="status"><i></i>{escape(doing)}</div>')
        _WAITS.set(True)
    try:
        yield
    finally:
        _WAITS.set(False)
        if waits:
            place.empty()
            beside.empty()


def leave() -> None:
    """Hide the heading that the page waits with, because the page draws its own; nothing if it is not shown. A rule in the
    style sheet would need .stMain:has(…), with which Chromium takes twice as long to compute styles as long as the page is
    open."""
    if _WAITS.get():
        st.html(
            '<style>[data-testid="stLayoutWrapper"]:has(> .st-key-opening) { display: none; }</style>'
        )
