"""HTML whose links open pages of this app in the reader's session, with the view kept: diagrams and cards.

Anchors have a true `href`, so that a new tab, a screen reader and a copied link work as anywhere. A plain click goes by
Streamlit's own links (`targets`): `st.switch_page` would drop what widgets keep in the URL.
"""

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from sc2viz.ui import session
from sc2viz.ui.widgets import component


def address(path: str) -> str:
    """The address of a page that shows the same view."""
    query = urlencode({name: st.query_params.get_all(name) for name in st.query_params}, doseq=True)
    return f"{path}?{query}" if query else path


def linked_html(markup: str, css: Path, key: str) -> None:
    """Draw `markup` in its own style sheet `css`; links to a page of the app carry `data-page`, its url_path."""
    component(Path(__file__).with_name("linked.js"), css)(key=key, data=markup)


def targets() -> None:
    """Streamlit's own link to every page, out of sight; once a page that draws linked HTML."""
    with st.container(key="linked"):
        st.html("<style>.st-key-linked { display: none; }</style>")
        for path, page in session.PAGES.get().items():
            if path:
                st.page_link(page)
