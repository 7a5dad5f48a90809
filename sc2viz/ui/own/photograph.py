"""The reader's own photograph: uploaded on the page Photograph, kept in the session, at most `MAX_PIXELS` pixels of it."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from streamlit.runtime.uploaded_file_manager import UploadedFile

from sc2viz.files import pictures
from sc2viz.ui import session
from sc2viz.ui.own import memory
from sc2viz.ui.untrusted import NAMED, plain
from sc2viz.words import N_, _

NAME, LABEL = "yours", N_("Your photograph…")
MAX_PIXELS = 12_000_000  # of a reader's photograph; a larger one is made smaller


class Photograph(NamedTuple):
    """A photograph that the reader brought."""

    name: str
    pixels: np.ndarray  # (h, w) or (h, w, 3) uint8
    notes: tuple[str, ...]  # what was done to the photograph to fit it
    mark: bytes  # a digest of the pixels


def controls(on_change: Callable[[], None]) -> None:
    """Draw a place to drop a photograph, or the one that was brought, with a button that forgets it."""
    if photograph := session.photograph:
        text = f"**{plain(photograph.name, NAMED)}**. {' '.join(photograph.notes)}"
        memory.draw_brought("photograph", text, _("Forget this photograph."), _forget, on_change)
        return
    about = _(
        "PNG, JPEG, WebP or GIF. More than {limit} megapixels are fitted to as many. It stays in the server's memory "
        "until you close this page; nothing is stored.",
        limit=MAX_PIXELS // 10**6,
    )
    memory.uploader(
        "_photograph_file",
        _("Your photograph"),
        memory.PICTURES,
        partial(_take, on_change),
        pictures.MAX_BYTES >> 20,
        about,
    )


def _take(on_change: Callable[[], None], file: UploadedFile) -> None:
    """Make an uploaded file the reader's photograph, and call `on_change`; ValueError where it cannot be read, or is too
    large."""
    pixels, notes = pictures.photograph(file.getvalue(), MAX_PIXELS)
    mark = hashlib.blake2b(np.ascontiguousarray(pixels), digest_size=16).digest()
    photograph = Photograph(file.name, pixels, tuple(notes), mark)
    memory.check("photograph", photograph, file.name)
    session.photograph = photograph
    on_change()


def _forget(on_change: Callable[[], None]) -> None:
    """Forget the reader's photograph, in a callback, and call `on_change`."""
    del session.photograph
    on_change()
