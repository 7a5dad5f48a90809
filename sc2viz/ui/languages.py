"""In which language a reader reads: that of the link or of the menu, else that of their browser. Streamlit's own words, such
as those of its file uploader, are English in every language."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from sc2viz import words
from sc2viz.ui import session
from sc2viz.words import _

KEY = "lang"  # of the URL


def choose() -> None:
    """Choose the reader's language for this run. Called before the first word of it."""
    choice = st.session_state.get(KEY) or st.query_params.get(KEY) or ""
    chosen = words.choose_language([str(choice), st.context.locale or ""])
    session.language = chosen
    words.speak(chosen)


def draw_menu() -> None:
    """Draw the menu of languages in the sidebar, where there is more than English."""
    if len(words.offered()) > 1:
        with st.sidebar:
            st.selectbox(
                _("Language"),
                words.offered(),
                words.offered().index(words.language()),
                format_func=words.own_name,
                key="language",
                on_change=_take,
            )


def _take() -> None:
    """Take over, in a callback, the language that was chosen in the menu, for the session and the URL."""
    st.session_state[KEY] = st.query_params[KEY] = st.session_state["language"]
    # Menus show the words of their choices in the language before until they are told these again.
    st.session_state.update(
        {key: value for key, value in st.session_state.items() if isinstance(value, str)}
    )


# The language of a callback or of a fragment, which runs alone, and of a thread that belongs to a reader
words.in_no_run = lambda: session.language if get_script_run_ctx() else words.ENGLISH
