"""The pictures of the strip that the reader's class has drawn. They live with the room that the reader leads."""

import io

import numpy as np
import streamlit as st

from sc2viz.classroom import phones
from sc2viz.classroom.drawings import SIDE
from sc2viz.classroom.rooms import Room
from sc2viz.data import Images
from sc2viz.files.pictures import fit_drawing
from sc2viz.ui import session
from sc2viz.ui.own.pictures import takes_pictures

FILE = "class-drawings.npz"  # the name under which the lecturer takes them away
PRIVATE = "class"  # of the URL: the room that a lecturer leads, which is shared with nobody


def room() -> Room | None:
    """Return the room that this reader leads, whose lecturer then counts as present; None where there is none that its server
    knows of."""
    code, _, secret = (session.room or st.query_params.get(PRIVATE, "")).partition(".")
    led = phones.ROOMS.controlled(code, secret) if secret else None
    if led is None:
        del session.room
        st.query_params.pop(PRIVATE, None)
        return None
    led.note_lecturer()
    session.room = f"{led.code}.{led.secret}"
    if st.query_params.get(PRIVATE) != session.room:
        st.query_params[PRIVATE] = session.room
    return led


def pixels(images: Images) -> np.ndarray | None:
    """Return the drawings as pictures of a data set, (n, d_x) float32; None where there are none, and where pictures are not
    grey."""
    led = room()
    if led is None or not takes_pictures(images) or images.shape[2] != 1:
        return None
    drawings = (np.frombuffer(drawing, np.uint8).reshape(SIDE, SIDE) for drawing in led.strip)
    fits = [fit for drawing in drawings if (fit := fit_drawing(drawing, images.shape)) is not None]
    return np.stack(fits) if fits else None


def put_back() -> None:
    """Show the pictures of the data set again."""
    if led := room():
        led.strip = ()


def npz(pixels: np.ndarray, shape: tuple[int, int, int]) -> bytes:
    """Return the content of a .npz file with the drawings as the test split of a data set, which `data.load` reads."""
    stream = io.BytesIO()
    np.savez_compressed(stream, x_test=pixels.reshape(-1, *shape))
    return stream.getvalue()
