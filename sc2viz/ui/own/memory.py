"""The memory of a session: how much a reader's own things take, the limit that they share, and their release.

A session may hold `MEGABYTES`. `RESULTS` of it are for what is computed from the reader's own things, and the least recently
used goes there first; the photographs that a page shows count there and do not go. The rest is for the things themselves,
and `check` refuses what does not fit any more.
"""

import asyncio
import contextlib
import gc
import os
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from time import monotonic
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile
from torch import nn

from sc2viz.ui import session, startup
from sc2viz.ui.untrusted import plain
from sc2viz.words import _

MEGABYTES, RESULTS = 200, 80
THINGS = MEGABYTES - RESULTS
# What counts towards the limit of a session
COUNTED = (
    "own_data",
    "own_dictionary",
    "own_picture",
    "photograph",
    "painted",
    "patch",
    "learned",
    "film",
    "job",
    "own_encoder",
    "code_trainings",
)
ABSENCE = 100.0  # seconds until a session ends whose reader has left; SC2VIZ_AWAY sets others, up to Streamlit's own 120
PICTURES = ["png", "jpg", "jpeg", "webp", "gif"]  # endings of files
RELEASE = 5.0  # seconds from its end until its memory is given back, because a run may outlive its session


def nbytes(value: Any) -> int:
    """Return about how many bytes a value takes: what its arrays and texts take, and a little for the rest."""
    if isinstance(value, (float, int)):  # first, because most parts of a value are numbers
        return 64
    if isinstance(value, (str, bytes, bytearray)):
        return len(value)
    if hasattr(value, "nbytes"):
        return value.nbytes
    if isinstance(value, nn.Module):
        return nbytes(value.state_dict())
    if is_dataclass(value):
        value = vars(value)
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        return sum(map(len if set(map(type, value)) == {str} else nbytes, value))
    return 64


def check(key: str, fresh: Any, name: str) -> None:
    """Raise ValueError if `fresh`, in the place of what the session has as `key`, would take the session beyond its limit.

    name: what `fresh` is called in the message.
    """
    size = nbytes(fresh)
    others = sum(nbytes(getattr(session, counted)) for counted in COUNTED if counted != key)
    if size + others > THINGS * 1e6:
        raise ValueError(
            _(
                "{name} would take {size:,.0f} MB, and your other things take {usage:,.0f} MB of {limit}: "
                "bring less, or reload the page to begin anew",
                name=name,
                size=size / 1e6,
                usage=others / 1e6,
                limit=THINGS,
            )
        )


# Files ----------------------------------------------------------------------------------------------------------------


def uploader(
    key: str,
    label: str,
    endings: list[str],
    take: Callable[[UploadedFile], None],
    megabytes: int | None = None,
    help: str | None = None,
) -> None:
    """Draw a place to drop a file, which `take` reads once it is there. Streamlit then forgets the file.

    What is wrong with it, a ValueError, becomes a sentence above the place, where a phone's sliders do not
    cover it.
    """
    if problem := session.problems.get(key):
        st.warning(plain(problem), icon=":material/block:")
    st.file_uploader(
        label,
        endings,
        key=key,
        on_change=_receive,
        args=(key, take),
        max_upload_size=megabytes,
        help=help,
    )


def _receive(key: str, take: Callable[[UploadedFile], None]) -> None:
    """Hand the file that was dropped to `take`, in a callback, and keep what is wrong with it as a sentence."""
    file = chosen(key)
    if file is None:
        return
    problems = session.keep("problems", {})
    problems.pop(key, None)
    try:
        take(file)
    except ValueError as error:
        message = str(error)
        problems[key] = f"{message}." if file.name in message else f"{file.name}: {message}."
    finally:
        let_go(file)


def chosen(key: str) -> UploadedFile | None:
    """Return the file that was just chosen in the uploader `key`; None where there is none, or where it was let go before."""
    file = st.session_state[key]
    return None if isinstance(file, DeletedFile) else file


def let_go(file: UploadedFile) -> None:
    """Have Streamlit forget an uploaded file, of which it would keep a copy for as long as the session lasts."""
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def draw_brought(kind: str, text: str, help: str, forget: Callable[..., None], *args: Any) -> None:
    """Draw what the reader has brought in words, and a button that forgets it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"own-{kind}"):
        st.caption(text)
        st.button(
            "",
            icon=":material/delete:",
            on_click=forget,
            args=args,
            key=f"_forget_{kind}",
            help=help,
        )


# The end of a session -------------------------------------------------------------------------------------------------


def present() -> None:
    """Note that the reader is here, and begin to notice when they leave. When their connection ends, their jobs are told;
    some time later the session ends, and all that it holds goes. A connection may also drop and come back to the same
    session."""
    jobs = [*session.learned.values(), *session.code_trainings.values(), session.film, session.job]
    jobs = list(filter(None, [*jobs, session.encoder_training, session.encoder_measuring]))
    for job in jobs:
        job.gone = None
    if context := get_script_run_ctx():
        _connection().update(jobs=jobs, desk=session.desk, session_id=context.session_id)
        _active.add(context.session_id)


def _leave(connection: dict[str, Any]) -> None:
    """Tell the jobs of a reader whose connection has ended, and end the session some time later. Streamlit's loop calls
    this."""
    for job in connection["jobs"]:
        job.gone = monotonic()
    if desk := connection["desk"]:
        desk.leave()
    seconds = float(os.environ.get("SC2VIZ_AWAY", ABSENCE))
    with contextlib.suppress(RuntimeError, KeyError):  # raised where the server itself ends
        if reader := runtime.get_instance().get_app_session(connection["session_id"]):
            asyncio.get_running_loop().call_later(seconds, _end_session, reader)


@st.cache_resource(scope="session", on_release=_leave, show_spinner=False)
def _connection() -> dict[str, Any]:
    """Return what `_leave` must know of the reader. Streamlit keeps it for one connection, and calls `_leave` with it at the
    end."""
    return {}


def _end_session(reader: AppSession) -> None:
    """Close a session and empty it, because Streamlit's loop keeps the one that it has served last until another comes."""
    if not runtime.exists() or runtime.get_instance().is_active_session(reader.id):
        return
    runtime.get_instance().close_session(reader.id)
    with contextlib.suppress(Exception):  # what a widget of ours holds may be broken JSON
        reader.session_state.clear()
    if not _timers:  # one release serves all sessions that end at about the same time
        _timers.append(asyncio.get_running_loop().call_later(RELEASE, _release_memory))


def _release_memory() -> None:
    """Give back the memory of sessions that have ended, and forget the training data where no reader is left."""
    _timers.clear()
    if runtime.exists():
        is_active = runtime.get_instance().is_active_session
        _active.intersection_update(filter(is_active, list(_active)))
    if not _active:
        startup.forget_training()
        gc.unfreeze()  # what `startup.freeze` excluded, which takes longer
    gc.collect()
    if not _active:
        gc.freeze()


_active: set[str] = (
    set()
)  # sessions that had a reader when memory was last given back, or came since
_timers: list[asyncio.TimerHandle] = []
