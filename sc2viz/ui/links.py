"""How a link opens a view: earlier keys and words of it are read, and what outlives a change of page is kept."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from sc2viz import words
from sc2viz.ui import session
from sc2viz.ui.domains import Names, written
from sc2viz.ui.url import GONE, ROWS, TABLE, Row, first, now


def went_back() -> bool:
    """Whether the reader has come to this view by Back or Forward. The URL then says what is wanted, whatever was kept."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def mend(page) -> None:
    """Open `page` anew where the URL has an earlier key, a word of another language, or a value that there is not.

    Streamlit reads the URL when the first widget is made, and knows no more than the words of the reader's language.
    """
    if sentence := session.GONE.pop():
        st.toast(sentence, icon=":material/link_off:", duration="long")
    asked = {key: st.query_params.get_all(key) for key in st.query_params}
    back = went_back()  # after Back and Forward, widgets take what the URL says
    given = mended(asked, {} if back else st.session_state)
    if given != asked:
        session.GONE.set(" ".join(words._(GONE[key]) for key in asked if key in GONE))
        if not back:
            query = {key: texts for key, texts in given.items() if texts}
            with suppress(StreamlitAPIException):  # where a widget of an interrupted run has a key
                st.switch_page(page, query_params=query)
        # The URL of widgets that exist cannot be set any more, but their values can.
        for row in ROWS:
            if given.get(row.key) == asked.get(row.key):
                continue
            if row.widget:
                st.session_state[row.key] = first(row, given.get(row.key, []), now)
            else:
                st.query_params[row.key] = given[row.key]
        st.rerun()


def go(path: str, query: Mapping[str, list[str]]) -> None:
    """Open the page at `path` with the view that `query` asks for. Other rows open as they do on that page."""
    session.IN_USE.pop()
    language = st.session_state.get("lang") or st.query_params.get("lang")
    given = mended({**query, "lang": [language]} if language else query, {})
    drawn = {row.key for row in ROWS if row.widget and row.key in st.session_state}

    def now(key: str) -> Any:
        return first(TABLE[key], given.get(key, []), now)

    for row in ROWS:
        if (found := row.held(given.get(row.key, []), now)) is not None:
            st.session_state[row.key] = found
        elif row.key in drawn and row.widget in (
            "selectbox",
            "number_input",
            "segmented_control",
            "toggle",
        ):  # a browser keeps these
            by_data = row.widget == "selectbox" and row.default is None
            st.session_state[row.key] = (
                next(iter(row.values(now).options)) if by_data else row.default
            )
        else:
            st.session_state.pop(row.key, None)
    session.ITERATION.pop()
    session.VIEWS.set(session.VIEWS.get() + 1)
    session.HAS_CHOSEN.set("solvers" in given)
    free = {
        key: texts for key, texts in given.items() if key not in drawn
    }  # Streamlit writes those of its widgets
    st.switch_page(session.PAGES.get()[path], query_params=free)


def keep(into_url: bool) -> None:
    """Keep what a link asks for of the rows that outlive a change of page, and write it `into_url` where the reader has come
    to another page. Streamlit does so only with what a reader has set. Called before the page, after the sidebar."""
    if went_back():
        return
    asked = set(st.query_params)
    for row in ROWS:
        if not row.persist:
            continue
        held, texts = (
            st.session_state.get(row.key),
            st.query_params.get_all(row.key) if row.key in asked else [],
        )
        if held is None:
            if (found := row.held(texts, now)) is not None:
                st.session_state[row.key] = found
        elif (
            into_url
            and not texts
            and (tuple(held) if isinstance(held, list) else held) != row.default
        ):
            label = values.label if isinstance(values := row.values(now), Names) else written
            st.session_state[row.key] = held
            with suppress(
                StreamlitAPIException
            ):  # raised where a widget of this page has the key already
                st.query_params[row.key] = (
                    list(map(label, held)) if isinstance(held, list) else label(held)
                )


def mended(
    asked: Mapping[str, list[str]], held: Mapping[str, Any], rows: Sequence[Row] = ROWS
) -> dict[str, list[str]]:
    """What a URL that asks for `asked` should be.

    An older key becomes the row's own, and a value is left out where it is none of the row's. Keys in `held` have a widget
    already and are left alone, for Streamlit keeps those right.
    """
    given = {key: texts for key, texts in asked.items() if key not in GONE}
    for row in rows:
        for alias in row.aliases:
            if alias in given:
                texts = given.pop(alias)
                given.setdefault(row.key, texts)
    table = {row.key: row for row in rows}

    def now(key: str) -> Any:
        value = held.get(key)
        return value if value is not None else first(table[key], given.get(key, []), now)

    for row in rows:
        if row.key not in given or row.key in held:
            continue
        values = row.values(now)
        label = values.label if isinstance(values, Names) else written
        found = (values.mend(row.reworded(text)) for text in given[row.key])
        given[row.key] = list(dict.fromkeys(label(value) for value in found if value is not None))
    return given
