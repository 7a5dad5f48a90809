"""Present: a page as a lecture hall sees it, with larger letters and charts and fewer words. One switch, which stands in the
URL, and the keys of a clicker.

present.css, which opening.py draws, says how a page looks then, `draw/enlarged.py` how a chart does. The sliders of λ and T
stand in a strip at the bottom, as on a phone (widgets/bar.js), and beside them what leads to the page before and after
(widgets/frame.js).
"""

import streamlit as st

from sc2viz.ui import session, url
from sc2viz.ui.widgets import component
from sc2viz.words import _

KEY, LARGE = "present", "one picture"
_component = component("frame")


def is_on() -> bool:
    """Whether the reader presents."""
    return bool(url.value(KEY))


def frame(path: str, pages: list[str]) -> None:
    """Draw what surrounds the page at the address `path`, one of `pages`: the strip while the reader presents."""
    if is_on() and "layout" not in (*st.session_state, *st.query_params):
        st.session_state["layout"] = LARGE
    with st.container(key="frame"):
        with st.container(key=f"{KEY}-state"):
            url.widget(KEY)
        # Where a clicker's keys lead. While a tour is taken, they lead to its steps instead (widgets/frame.js).
        titles, index, padded = {}, pages.index(path), [None, *pages, None]
        for direction, address in (("before", padded[index]), ("after", padded[index + 2])):
            page = address and session.pages[address]
            titles[direction] = page and page.title
            if is_on():
                with st.container(key=f"goes-{direction}"):
                    if page:
                        st.page_link(page)
        place = f"{index + 1} / {len(pages)}"
        if steps := session.tours.get(url.value("tour")):
            k = min(url.value("step"), steps)
            titles = {
                "before": _("Back") if k > 1 else None,
                "after": _("Next") if k < steps else _("End"),
            }
            place = f"{k} / {steps}"
        data = {"is_on": is_on(), "place": place, **titles}
        _component(key="around", data=data, on_leave_change=lambda: switch(False))


def switch(is_on: bool) -> None:
    """Begin or end Present, in a callback, as `is_on` says."""
    st.session_state[KEY] = is_on
    # A hall sees one large picture, unless the reader chose otherwise.
    if is_on and "layout" not in st.query_params:
        st.session_state["layout"] = LARGE
