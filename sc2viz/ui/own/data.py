"""The reader's own data set: a .npz that they chose in the sidebar, in their session alone."""

from dataclasses import replace

import streamlit as st

from sc2viz import data
from sc2viz.ui import session
from sc2viz.ui.own import memory
from sc2viz.ui.untrusted import NAMED, plain

NAME = "yours"  # of the reader's data set, in the URL and in the session
LABEL = "Your data…"
MEGABYTES = 100  # that both splits of a reader's data set may have together, as float32
_UPLOAD = 200  # MB that the .npz of a reader's data set may have


def splits() -> tuple[data.Images, data.Images] | None:
    """The training and the test split of the reader's data set; None where there is none."""
    return session.OWN_DATA.get()


def controls() -> None:
    """Draw a place to drop a .npz, or where one was brought, its name and a button that forgets it."""
    if (brought := splits()) is not None:
        train, test = brought
        what = f"rows of {test.pixels.shape[1]} numbers"
        if test.shape:
            what = f"pictures, {test.shape[0]} × {test.shape[1]} {'grey' if test.shape[2] == 1 else 'RGB'}"
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="own-data"):
            st.caption(
                f"**{plain(file_name(), NAMED)}**: {len(train):,} training and {len(test):,} test {what}.",
                width="stretch",
            )
            st.button("", icon=":material/delete:", on_click=_forget, key="_forget_data", help="Forget this data set.")
        return
    if problem := session.DATA_PROBLEM.get():  # above the field, so that a phone's sliders do not cover it
        st.warning(plain(problem), icon=":material/block:")
    st.file_uploader(
        "Your data (.npz)",
        ["npz"],
        key="_data_file",
        on_change=_take,
        max_upload_size=_UPLOAD,
        help="The file must contain x_train and x_test: pictures, (n, h, w) or (n, h, w, 3), or rows of any numbers, "
        f"(n, d_x), at most {MEGABYTES} MB in float32. It may contain the labels y_train and y_test. It stays in the "
        "server's memory until you close this page; nothing is stored.",
    )
    if not problem:
        st.caption("Choose a file; until then mnist-5k is shown.")


def file_name() -> str:
    """The name of the .npz that the reader brought."""
    return session.OWN_DATA_FILE.get()


def _take() -> None:
    """Read the .npz that was just chosen; what is wrong with it is said under the uploader."""
    with memory.received("_data_file", session.DATA_PROBLEM) as file:
        if file is None:
            return
        found = data.both_splits(file, file.name, MEGABYTES * 10**6)
        memory.check(session.OWN_DATA, found, file.name)
        session.OWN_DATA.set(tuple(replace(images, name=NAME) for images in found))
        session.OWN_DATA_FILE.set(file.name)
        st.session_state["picture"] = 0
        session.LEARNED.get().pop(NAME, None)


def _forget() -> None:
    session.OWN_DATA.pop()
    session.LEARNED.get().pop(NAME, None)
    st.session_state["picture"] = 0
