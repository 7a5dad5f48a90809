"""HTML whose links open pages of this app in the reader's session, with the view kept: diagrams and cards.

Anchors have a true `href`, so that a new tab, a screen reader and a copied link work as anywhere.
"""

from urllib.parse import urlencode

import streamlit as st

_JS = """
export default function ({ parentElement, data, setTriggerValue }) {
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
    event.preventDefault();
    setTriggerValue("page", link.dataset.page);
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
    return st.session_state.get("_pages", {})


def address(path: str) -> str:
    """The address of a page that shows the same view."""
    query = urlencode(_query(), doseq=True)
    return f"{path}?{query}" if query else path


def draw(markup: str, css: str, key: str) -> None:
    """Draw `markup` in its own styles `css`; links to a page of the app carry `data-page`, its url_path."""
    result = _component(css)(key=key, data=markup, on_page_change=lambda: None)
    if result.page in pages():
        st.switch_page(pages()[result.page], query_params=_query())


def _query() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


@st.cache_resource(max_entries=8, show_spinner=False)
def _component(css: str):
    return st.components.v2.component("sc2viz_linked", css=css, js=_JS)
