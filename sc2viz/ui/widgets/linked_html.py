"""HTML whose links open pages of this app in the reader's session, with the view kept: diagrams and cards.

Anchors have a true `href`, so that a new tab, a screen reader and a copied link work as anywhere. A plain click goes by
Streamlit's own links (`targets`): `st.switch_page` would drop what widgets keep in the URL.
"""

from urllib.parse import urlencode

import streamlit as st

from sc2viz.ui import session

_JS = """
export default function ({ parentElement, data }) {
  let root = parentElement.querySelector(".linked");
  if (!root) {
    root = parentElement.appendChild(document.createElement("div"));
    root.className = "linked";
  }
  if (root.markup !== data) {
    root.markup = data;
    root.innerHTML = data;
  }
  root.onclick = (event) => {
    const link = event.target.closest("a[data-page]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const own = [...document.querySelectorAll(".st-key-linked a")].find(
      (a) => new URL(a.href).pathname.split("/").pop() === link.dataset.page
    );
    if (!own) return;
    event.preventDefault();
    own.click();
  };
  // What a part says stands in the `.says` of its figure while it is pointed at.
  const say = (event) => {
    const part = event.target.closest("[data-says]");
    const place = event.target.closest("figure")?.querySelector(".says");
    if (!place) return;
    place.usual ??= place.textContent;
    place.textContent = part ? part.dataset.says : place.usual;
  };
  root.onpointerover = say;
  root.onpointerleave = () => root.querySelectorAll(".says").forEach((p) => (p.textContent = p.usual ?? p.textContent));
  root.onfocusin = say;
}
"""


def pages() -> dict:
    """The pages that this app has, by url_path, as app.py registered them."""
    return session.PAGES.get()


def address(path: str) -> str:
    """The address of a page that shows the same view."""
    query = urlencode({name: st.query_params.get_all(name) for name in st.query_params}, doseq=True)
    return f"{path}?{query}" if query else path


def draw(markup: str, css: str, key: str) -> None:
    """Draw `markup` in its own styles `css`; links to a page of the app carry `data-page`, its url_path."""
    _component(css)(key=key, data=markup)


def targets() -> None:
    """Streamlit's own link to every page, out of sight; once a page that draws linked HTML."""
    with st.container(key="linked"):
        st.html("<style>.st-key-linked { display: none; }</style>")
        for path, page in pages().items():
            if path:
                st.page_link(page)


@st.cache_resource(max_entries=8, show_spinner=False)
def _component(css: str):
    return st.components.v2.component("sc2viz_linked", css=css, js=_JS)
