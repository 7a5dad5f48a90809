"""Present: a page as a lecture hall sees it, with larger letters and charts and fewer words. One switch, which stands in the
URL, and the keys of a clicker.

present.css says how a page looks then, `draw/enlarged.py` how a chart does. The sliders of λ and T stand in a strip at
the bottom, as on a phone (widgets/bar.js), and beside them what leads to the page before and after (widgets/frame.js).
"""

from pathlib import Path

import streamlit as st

from sc2viz.browser import modules
from sc2viz.ui import session, url
from sc2viz.ui.widgets import component
from sc2viz.words import _

KEY, LARGE = "present", "one picture"
_HERE = Path(__file__).parent
_component = component(_HERE / "widgets" / "frame.js", _HERE / "widgets" / "frame.css")


def on() -> bool:
    """Whether the reader presents."""
    return bool(url.now(KEY))


def beside(path: str, pages: list[str]) -> dict[str, str | None]:
    """Where a clicker's keys lead from the page at the address `path`: to the one before and to the one after among `pages`,
    None at either end. While a tour is taken, they lead to its steps instead (widgets/frame.js)."""
    at = pages.index(path)
    return {
        "before": pages[at - 1] if at else None,
        "after": pages[at + 1] if at + 1 < len(pages) else None,
    }


def _place(path: str, pages: list[str]) -> tuple[str, dict[str, str | None]]:
    """Where the reader is, of how many, and what stands before and after: steps of the tour at hand, else pages."""
    if steps := session.TOURS.get().get(url.now("tour")):
        k = min(url.now("step"), steps)
        return f"{k} / {steps}", {
            "before": _("Back") if k > 1 else None,
            "after": _("Next") if k < steps else _("End"),
        }
    names = {name: to and session.PAGES.get()[to].title for name, to in beside(path, pages).items()}
    return f"{pages.index(path) + 1} / {len(pages)}", names


def frame(path: str, pages: list[str]) -> None:
    """Draw what surrounds the page at the address `path`, one of `pages`: the strip while the reader presents."""
    if on() and "layout" not in (*st.session_state, *st.query_params):
        st.session_state["layout"] = LARGE
    with st.container(key="frame"):
        with st.container(key=f"{KEY}-state"):
            url.widget(KEY)
        place, names = _place(path, pages)
        data = {"on": on(), "place": place, **names}
        if on():
            for sheet in ("present.css", "first.css"):
                st.html(f"<style>{modules.style(_HERE / sheet)}</style>")
            for name, to in beside(path, pages).items():
                with st.container(key=f"goes-{name}"):
                    if to:
                        st.page_link(session.PAGES.get()[to])
        _component(key="around", data=data, on_leave_change=lambda: switch(False))


def switch(to: bool) -> None:
    """Present, or leave that."""
    st.session_state[KEY] = to
    if (
        to and "layout" not in st.query_params
    ):  # a hall sees one large picture, unless the reader chose otherwise
        st.session_state["layout"] = LARGE
