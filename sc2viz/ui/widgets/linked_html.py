"""HTML whose links open pages of this app in the reader's session, with the view kept: diagrams and cards.

Anchors have a true `href`, so that a new tab, a screen reader and a copied link work as anywhere. A plain click goes by
Streamlit's own links: `st.switch_page` would drop what widgets keep in the URL.
"""

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from sc2viz.ui import session
from sc2viz.ui.widgets import component


def addresses() -> dict[str, str]:
    """Return the address of each page with the same view, by its path."""
    query = urlencode({name: st.query_params.get_all(name) for name in st.query_params}, doseq=True)
    return {path: f"{path}?{query}" if query else path for path in session.pages}


def linked_html(markup: str, css: Path) -> None:
    """Draw `markup` in its own style sheet `css`, once a page; links to a page of the app carry `data-page`, its path."""
    component(Path(__file__).with_name("linked.js"), css)(key="linked-html", data=markup)
    with st.container(key="linked"):  # Streamlit's own link to every page, out of sight
        for path, page in session.pages.items():
            if path:
                st.page_link(page)
