"""No traceback reaches the reader: a message says what went wrong and what to do; the server's log has the rest."""

import functools
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from sc2viz.ui import session
from sc2viz.ui.untrusted import plain
from sc2viz.words import _

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
            _(
                "This view could not be drawn ({error}). Change a setting on the left, or [start again with the defaults](?); "
                "what happened is in the server's log.",
                error=type(error).__name__,
            ),
            icon=":material/error:",
        )


def fragment(draw: Callable[..., None], run_every: float | None = None) -> Callable[..., None]:
    """Return `draw` as a fragment of Streamlit's, which runs again every `run_every` seconds if that is given. It is
    `guarded` by itself, for its reruns do not pass through the app's block."""
    return st.fragment(guarded()(draw), run_every=run_every)


def message_handler(take: Callable[..., None]) -> Callable[..., None]:
    """Return a callback that calls `take` when a component of ours has sent something. A message that none of them sends may
    hold anything, and is ignored."""

    @functools.wraps(take)
    def inner(*args) -> None:
        try:
            take(*args)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            _log.warning("a message was ignored: %r", error)

    return inner


def download(
    make: Callable[[], bytes | str] | None, label: str, file: str, mime: str, **options: Any
) -> None:
    """Draw a button that gives away what `make` makes once it is pressed; None: what it needs is not there yet. If it fails,
    the page runs again and says so. options: what else Streamlit's button takes.

    Streamlit itself says no more than that there is no file, for five seconds. It calls this in a thread that belongs to no
    reader, where `make` would find the defaults in the place of the reader's dictionary and settings. So `make` has a thread
    of its own, which belongs to the reader and ends with it.
    """
    context = get_script_run_ctx()

    def give() -> bytes | str:
        """Return what the reader takes away; where `make` fails, have the page say so and raise."""
        try:
            with ThreadPoolExecutor(1, "download", add_script_run_ctx, (None, context)) as thread:
                return thread.submit(make).result()
        except Exception as error:
            _log.exception("the download %s failed", label)
            if context and runtime.exists():
                reason = str(error) if isinstance(error, ValueError) else type(error).__name__
                sentence = _("{file} could not be made: {reason}", file=label, reason=reason)
                if reader := runtime.get_instance().get_app_session(context.session_id):
                    reader.session_state["_failed_download"] = sentence
                    # Where nothing else is asked for, Streamlit runs the app's first page.
                    query, page = context.query_string, context.page_script_hash
                    state = ClientState(query_string=query, page_script_hash=page)
                    widgets = context.session_state.get_widget_states()
                    state.widget_states.widgets.extend(widgets)
                    reader.request_rerun(state)
            raise

    disabled = make is None
    st.download_button(label, give, file, mime, on_click="ignore", disabled=disabled, **options)


def report_failed_download() -> None:
    """Say which download has failed, if one has."""
    if sentence := session.take("failed_download"):
        st.toast(
            _("{sentence}. What happened is in the server’s log.", sentence=plain(sentence)),
            icon=":material/error:",
            duration="infinite",
        )
