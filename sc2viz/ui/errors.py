"""No traceback reaches the reader: a message says what went wrong and what to do; the server's log has the rest."""

import functools
import logging
from contextlib import contextmanager

import streamlit as st

from sc2viz.ui.foreign import plain

_log = logging.getLogger("sc2viz")


@contextmanager
def guarded():
    """Turn an exception inside the block into a message on the page.

    The core's ValueErrors name the thing, the value and the remedy, so they are shown as they are. Streamlit's own
    control flow (stop, rerun) does not derive from Exception and passes.
    """
    try:
        yield
    except ValueError as error:
        _log.warning("shown to the reader: %s", error, exc_info=True)
        st.error(plain(error), icon=":material/block:")
    except Exception as error:
        _log.exception("a page failed")
        st.error(
            f"This view could not be drawn ({type(error).__name__}). Change a setting on the left, or "
            "[start again with the defaults](?); what happened is in the server's log.",
            icon=":material/error:",
        )


def guard(function):
    """`guarded` as a decorator; put it under `@st.fragment`, whose reruns do not pass through the page's own block."""

    @functools.wraps(function)
    def inner(*args, **kwargs):
        with guarded():
            return function(*args, **kwargs)

    return inner
