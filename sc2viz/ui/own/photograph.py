"""The reader's own photograph: uploaded on the page Photograph, kept in the session, at most `MOST_PIXELS` pixels of it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from sc2viz.files import pictures
from sc2viz.ui import session
from sc2viz.ui.own import memory
from sc2viz.ui.untrusted import NAMED, plain
from sc2viz.words import N_, _

NAME, LABEL = "yours", N_("Your photograph…")
MOST_PIXELS = 12_000_000  # of a reader's photograph; a larger one is made smaller
_ENDINGS = ["png", "jpg", "jpeg", "webp", "gif"]


@dataclass(frozen=True, eq=False)
class Own:
    """A photograph that the reader brought."""

    name: str
    pixels: np.ndarray  # (h, w) or (h, w, 3) uint8
    notes: tuple[str, ...]  # what was done to the photograph to fit it
    mark: bytes  # a digest of the pixels


def controls(then: Callable[[], None]) -> None:
    """Draw a place to drop a photograph, or the one that was brought, with a button that forgets it; then call `then`."""
    if (brought := session.PHOTOGRAPH.get()) is not None:
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", key="own-photograph"
        ):
            st.caption(
                f"**{plain(brought.name, NAMED)}**. {' '.join(brought.notes)}", width="stretch"
            )
            st.button(
                "",
                icon=":material/delete:",
                on_click=_forget,
                args=(then,),
                key="_forget_photograph",
                help=_("Forget this photograph."),
            )
        return
    about = _(
        "PNG, JPEG, WebP or GIF. More than {most} megapixels are fitted to as many. It stays in the server's memory "
        "until you close this page; nothing is stored.",
        most=MOST_PIXELS // 10**6,
    )
    memory.uploader(
        "_photograph_file",
        _("Your photograph"),
        _ENDINGS,
        partial(_take, then),
        session.PHOTOGRAPH_PROBLEM,
        pictures.MAX_BYTES >> 20,
        about,
    )
    if problem := session.PHOTOGRAPH_PROBLEM.get():
        st.warning(plain(problem), icon=":material/broken_image:")


def _take(then: Callable[[], None], file: UploadedFile) -> None:
    """Put a photograph at hand; then call `then`."""
    pixels, notes = pictures.photograph(file.getvalue(), MOST_PIXELS)
    mark = hashlib.blake2b(np.ascontiguousarray(pixels), digest_size=16).digest()
    found = Own(file.name, pixels, tuple(notes), mark)
    memory.check(session.PHOTOGRAPH, found, file.name)
    session.PHOTOGRAPH.set(found)
    then()


def _forget(then: Callable[[], None]) -> None:
    session.PHOTOGRAPH.pop()
    then()
