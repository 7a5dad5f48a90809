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

_HERE = Path(__file__).parent
PAUSE = 0.2  # seconds in which a browser draws the style sheet
_WAITS: ContextVar[bool] = ContextVar("opening", default=False)  # whether the opening is shown


def look() -> None:
    """Draw the style sheets, which say what the theme cannot express; app.py calls this once a run.

    Streamlit loads what draws them by a request of its own and React draws it when nothing else waits to be drawn. So a
    session begins with a pause, without which a page is seen before it has its look, and then jumps.
    """
    colours = {
        name: ", ".join(st.get_option(f"theme.{kind}.{option}") for kind in ("light", "dark"))
        for name, option in (
            ("control", "primaryColor"),
            ("text", "textColor"),
            ("page", "backgroundColor"),
        )
    }
    named = ";".join(f"--sc-{name}:light-dark({both})" for name, both in colours.items())
    sheets = modules.sheet(_HERE / "style.css", _HERE / "print.css", "cards.css")
    st.html(
        f"<style>:root{{{named}}}{sheets}@media (max-height: 480px) {{{modules.style(_HERE / 'first.css')}}}</style>"
    )
    # A view for a projector has its letters from the start: present.py knows of it once PyTorch is there.
    if st.session_state.get("present", st.query_params.get("present") == "true"):
        for sheet in (_HERE / "present.css", _HERE / "first.css"):
            st.html(f"<style>{modules.style(sheet)}</style>")
    if not session.LOOKED.get():
        session.LOOKED.set(True)
        st.html(f"<style>{modules.style(_HERE / 'opening.css')}</style>")
        time.sleep(PAUSE)


@contextmanager
def shown(
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
