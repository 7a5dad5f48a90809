"""The memory of a session: how much a reader's own things take, the limit that they share, and their release.

A session may hold `MEGABYTES`. `RESULTS` and `BUILT` of it are for what is computed from the reader's own things, and the
least recently used goes there first; the photographs that a page shows count in `RESULTS` and do not go. The rest is for the
things themselves, and `check` refuses what does not fit any more.
"""

import asyncio
import contextlib
import gc
import os
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state import SessionState
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile
from torch import nn

from sc2viz.ui import session, session_end, startup
from sc2viz.words import _

MEGABYTES = 200
RESULTS, BUILT = 40, 40
THINGS = MEGABYTES - RESULTS - BUILT
# What counts towards the limit of a session
KEPT = (
    session.OWN_DATA,
    session.OWN_DICTIONARY,
    session.OWN_PICTURE,
    session.PHOTOGRAPH,
    session.PAINTED,
    session.PATCH,
    session.LEARNED,
    session.FILM,
    session.JOB,
    session.OWN_ENCODER,
    session.CODE_TRAININGS,
)
AWAY = 100.0  # seconds until a session ends whose reader has left; SC2VIZ_AWAY sets others, up to Streamlit's own 120
# Seconds from the end of a session until its memory is given back, twice: a run may outlive its session for a while.
SOON, LATER = 1.0, 5.0


def nbytes(value: Any) -> int:
    """What the arrays in a value take, in bytes, and a little for the rest."""
    if isinstance(value, (float, int)):  # first, because most parts of a value are numbers
        return 64
    if isinstance(value, (str, bytes, bytearray)):
        return len(value)
    if hasattr(value, "nbytes"):
        return value.nbytes
    if isinstance(value, nn.Module):
        return sum(part.nbytes for part in value.state_dict().values())
    if is_dataclass(value):
        return sum(nbytes(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, Mapping):
        return sum(map(nbytes, value.values()))
    if isinstance(value, tuple | list):
        return sum(map(len if set(map(type, value)) == {str} else nbytes, value))
    return 64


def check(key: session.Key, fresh: Any, name: str) -> None:
    """Raise ValueError if `fresh`, in the place of what `key` holds, would take the session beyond its limit.

    name: what `fresh` is called in the message.
    """
    size = nbytes(fresh)
    others = sum(nbytes(thing.get()) for thing in KEPT if thing is not key)
    if size + others > THINGS * 1e6:
        raise ValueError(
            _(
                "{name} would take {size:,.0f} MB, and your other things take {others:,.0f} MB of {all}: "
                "bring less, or reload the page to begin anew",
                name=name,
                size=size / 1e6,
                others=others / 1e6,
                all=THINGS,
            )
        )


def chosen(key: str) -> UploadedFile | None:
    """The file that was just chosen in the uploader `key`; None where there is none, or where it was let go before."""
    file = st.session_state[key]
    return None if isinstance(file, DeletedFile) else file


def uploader(
    key: str,
    label: str,
    endings: list[str],
    take: Callable[[UploadedFile], None],
    problem: session.Key[str],
    megabytes: int | None = None,
    help: str | None = None,
) -> None:
    """Draw a place to drop a file, which `take` reads once it is there.

    What is wrong with it, a ValueError, becomes a sentence in `problem`. Streamlit then forgets the file.
    """
    st.file_uploader(
        label,
        endings,
        key=key,
        on_change=_receive,
        args=(key, take, problem),
        max_upload_size=megabytes,
        help=help,
    )


def _receive(key: str, take: Callable[[UploadedFile], None], problem: session.Key[str]) -> None:
    file = chosen(key)
    if file is None:
        return
    problem.set("")
    try:
        take(file)
    except ValueError as error:
        said = str(error)
        problem.set(f"{said}." if file.name in said else f"{file.name}: {said}.")
    finally:
        let_go(file)


def let_go(file: UploadedFile) -> None:
    """Have Streamlit forget an uploaded file, of which it would keep a copy for as long as the session lasts."""
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


# The end of a session -------------------------------------------------------------------------------------------------


def present() -> None:
    """Note that the reader is here. Some time after their connection ends, so does the session, and all that it holds
    goes."""
    if context := get_script_run_ctx():
        session_end.then("session", partial(_ends, context.session_id))
        _here.add(context.session_id)


def _ends(session_id: str) -> None:
    """End a session some time after its connection has ended, as the reader may come back."""
    seconds = float(os.environ.get("SC2VIZ_AWAY", AWAY))
    with contextlib.suppress(RuntimeError, KeyError):  # raised where the server itself ends
        session = runtime.get_instance().get_app_session(session_id)
        if session is not None:
            asyncio.get_running_loop().call_later(seconds, _end, session)


def _end(session: AppSession) -> None:
    """Close a session and empty it, because Streamlit's loop keeps the one that it has served last until another comes."""
    if runtime.exists() and not runtime.get_instance().is_active_session(session.id):
        try:
            runtime.get_instance().close_session(session.id)
        finally:  # whatever a session holds, its memory is given back
            empty(session.session_state)
            _release_in(SOON)
            if (
                LATER in _releasing
            ):  # the later release waits until `LATER` after the last session that ends
                _releasing.pop(LATER).cancel()
            _release_in(LATER)


def empty(state: SessionState) -> None:
    """Empty a session's state. Its own `clear` reads what a widget holds before it lets it go, and stops where that cannot
    be read, such as broken JSON of a component."""
    state._new_widget_state.states.clear()
    state.clear()


def _release_in(seconds: float) -> None:
    if seconds not in _releasing:  # one release serves all sessions that end at about the same time
        _releasing[seconds] = asyncio.get_running_loop().call_later(seconds, _release, seconds)


def _release(seconds: float) -> None:
    del _releasing[seconds]
    if runtime.exists():
        gone = [
            session
            for session in list(_here)
            if not runtime.get_instance().is_active_session(session)
        ]
        _here.difference_update(gone)
    if not _here:
        startup.forget_training()
        gc.unfreeze()  # what `startup.freeze` excluded, which takes longer
    gc.collect()
    if not _here:
        gc.freeze()


_here: set[str] = (
    set()
)  # sessions that had a reader when memory was last given back, and those that came since
_releasing: dict[float, asyncio.TimerHandle] = {}
