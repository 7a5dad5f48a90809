"""What a page shows before the server has loaded what pages need: its heading, its question, and what it waits for.

Importing PyTorch takes seconds, once a server. This module does not import it, so that the first
reader sees at once which page opens. It is hidden once the page's own heading is there (`page.head`).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sc2viz.browser import modules
from sc2viz.ui import session

_FOLDER = Path(__file__).parent
PAUSE = 0.2  # seconds in which a browser draws the style sheet
_WAITS: ContextVar[bool] = ContextVar("opening", default=False)  # whether the opening is shown


def look() -> None:
    """Draw the style sheets, which say what the theme cannot express; app.py calls this once a run.

    Streamlit loads what draws them by a request of its own and React draws it when nothing else waits to be drawn. So a
    session begins with a pause, without which a page is seen before it has its look, and then jumps.
    """
    options = {"control": "primaryColor", "text": "textColor", "page": "backgroundColor"}
    colours = {
        name: ",".join(st.get_option(f"theme.{kind}.{option}") for kind in ("light", "dark"))
        for name, option in options.items()
    }
    variables = ";".join(f"--sc-{name}:light-dark({both})" for name, both in colours.items())
    style, printed, present, low, opening = (
        _FOLDER / f"{name}.css" for name in ("style", "print", "present", "first", "opening")
    )
    sheets = modules.sheet(style, printed, "cards.css")
    st.html(
        f"<style>:root{{{variables}}}{sheets}@media (max-height: 480px) {{{modules.style(low)}}}</style>"
    )
    # PyTorch is not needed to know whether a view is for a projector, whose letters are large from the start.
    if st.session_state.get("present", st.query_params.get("present") == "true"):
        st.html(f"<style>{modules.style(present)}{modules.style(low)}</style>")
    if not session.styles_sent:
        session.styles_sent = True
        st.html(f"<style>{modules.style(opening)}</style>")
        time.sleep(PAUSE)


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
    """Hide the heading that the page waits with, for the page's own; nothing if it is not shown. A rule in the style sheet
    would need .stMain:has(…), with which Chromium takes twice as long to compute styles as long as the page is open."""
    if _WAITS.get():
        st.html(
            '<style>[data-testid="stLayoutWrapper"]:has(> .st-key-opening) { display: none; }</style>'
        )
