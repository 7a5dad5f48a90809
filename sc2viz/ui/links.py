"""How a link opens a view: earlier keys and words of it are read, and what outlives a change of page is kept."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from sc2viz import words
from sc2viz.ui import session
from sc2viz.ui.url import GONE, ROWS, Row, first, lookup, value

_BROWSER_KEEPS = (
    "selectbox",
    "number_input",
    "segmented_control",
    "toggle",
)  # a value until one is set


def went_back() -> bool:
    """Whether the reader has come to this view by Back or Forward. The URL then says what is wanted, whatever was kept."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def mend(page) -> None:
    """Open `page` anew where the URL has an earlier key, a word of another language, or a value that there is not.

    Streamlit reads the URL when the first widget is made, and knows no more than the words of the reader's language.
    """
    if sentence := session.take("gone"):
        st.toast(sentence, icon=":material/link_off:", duration="long")
    query = {key: st.query_params.get_all(key) for key in st.query_params}
    goes_back = went_back()  # after Back and Forward, widgets take what the URL says
    repaired = mended(query, {} if goes_back else st.session_state)
    if repaired == query:
        return
    session.gone = " ".join(words._(GONE[key]) for key in query if key in GONE)
    if not goes_back:
        with suppress(StreamlitAPIException):  # where a widget of an interrupted run has a key
            st.switch_page(
                page, query_params={key: texts for key, texts in repaired.items() if texts}
            )
    # The URL of widgets that exist cannot be set any more, but their values can.
    for row in ROWS:
        if repaired.get(row.key) == query.get(row.key):
            continue
        if row.widget:
            st.session_state[row.key] = first(row, repaired.get(row.key, []), value)
        else:
            st.query_params[row.key] = repaired[row.key]
    st.rerun()


def go(path: str, query: Mapping[str, list[str]]) -> None:
    """Open the page at `path` with the view that `query` asks for. Other rows open as they do on that page."""
    del session.in_use
    language = st.session_state.get("lang") or st.query_params.get("lang")
    query = mended({**query, "lang": [language]} if language else query, {})
    widgets = {row.key for row in ROWS if row.widget and row.key in st.session_state}
    value = lookup(query)
    for row in ROWS:
        if (meaning := row.read(query.get(row.key, []), value)) is not None:
            st.session_state[row.key] = meaning
        elif row.key in widgets and row.widget in _BROWSER_KEEPS:
            is_first = row.widget == "selectbox" and row.default is None
            st.session_state[row.key] = row.values(value).options[0] if is_first else row.default
        else:
            st.session_state.pop(row.key, None)
    del session.iteration
    session.path = path  # or More would be closed, as on every other change of page
    session.views += 1
    session.has_chosen = "solvers" in query
    # Streamlit writes the keys of its widgets.
    unbound = {key: texts for key, texts in query.items() if key not in widgets}
    st.switch_page(session.pages[path], query_params=unbound)


def keep(into_url: bool) -> None:
    """Keep in the session what a link asks for of the rows that outlive a change of page, and write it `into_url` where the
    reader has come to another page. Streamlit does so only with what a reader has set. Called before the page, after the
    sidebar."""
    if went_back():
        return
    keys = set(st.query_params)
    for row in ROWS:
        if not row.persist:
            continue
        stored = st.session_state.get(row.key)
        if stored is None and row.key in keys:
            stored = row.read(st.query_params.get_all(row.key), value)
            if stored is not None:
                st.session_state[row.key] = stored
        elif stored is not None and into_url and row.key not in keys:
            values = stored if isinstance(stored, list) else [stored]
            if row.default in (stored, tuple(values)):
                continue
            st.session_state[row.key] = stored
            with suppress(StreamlitAPIException):  # where a widget of this page has the key already
                st.query_params[row.key] = list(map(row.values(value).label, values))


def mended(
    query: Mapping[str, list[str]], stored: Mapping[str, Any], rows: Sequence[Row] = ROWS
) -> dict[str, list[str]]:
    """Return what the query of a URL that has `query` should be.

    An older key becomes the row's own, and a value is left out where it is none of the row's. Keys in `stored` have a widget
    already and are left alone, for Streamlit keeps those right.
    """
    repaired = {key: texts for key, texts in query.items() if key not in GONE}
    for row in rows:
        for alias in row.aliases:
            if alias in repaired:
                repaired.setdefault(row.key, repaired.pop(alias))
    table = {row.key: row for row in rows}

    def value(key: str) -> Any:
        if stored.get(key) is not None:
            return stored[key]
        return first(table[key], repaired.get(key, []), value)

    for row in rows:
        if row.key in repaired and row.key not in stored:
            values = row.values(value)
            meanings = [values.mend(text) for text in repaired[row.key]]
            if (row.key, *meanings) == ("part", "alike"):  # which stands behind More today
                meanings, repaired["more"] = ["atoms"], ["true"]
            labels = (values.label(meaning) for meaning in meanings if meaning is not None)
            repaired[row.key] = list(dict.fromkeys(labels))
    return repaired
