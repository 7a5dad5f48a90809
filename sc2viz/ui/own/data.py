"""The reader's own data set: a .npz that they chose in the sidebar, in their session alone."""

from dataclasses import replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from sc2viz import data
from sc2viz.ui import session
from sc2viz.ui.own import memory
from sc2viz.ui.untrusted import NAMED, plain
from sc2viz.words import N_, _, count_rows

NAME = "yours"  # of the reader's data set, in the URL and in the session
LABEL = N_("Your data…")
MEGABYTES = 100  # that both splits of a reader's data set may have together, as float32
_UPLOAD = 200  # MB that the .npz of a reader's data set may have


def controls() -> None:
    """Draw a place to drop a .npz, or where one was brought, its name and a button that forgets it."""
    if (brought := session.OWN_DATA.get()) is not None:
        train, test = brought
        name, d_x = plain(session.OWN_DATA_FILE.get(), NAMED), test.pixels.shape[1]
        tests = count_rows(len(test), "picture" if test.shape else "row", tests=True)
        given = {"file": name, "train": len(train), "tests": tests, "d_x": d_x}
        told = _("**{file}**: {train:,} training and {tests} of {d_x} numbers.", **given)
        if test.shape:
            given |= {
                "high": test.shape[0],
                "wide": test.shape[1],
                "colours": _("grey") if test.shape[2] == 1 else "RGB",
            }
            told = _(
                "**{file}**: {train:,} training and {tests}, {high} × {wide} {colours}.",
                **given,
            )
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", key="own-data"
        ):
            st.caption(told, width="stretch")
            st.button(
                "",
                icon=":material/delete:",
                on_click=_forget,
                key="_forget_data",
                help=_("Forget this data set."),
            )
        return
    if (
        problem := session.DATA_PROBLEM.get()
    ):  # above the field, so that a phone's sliders do not cover it
        st.warning(plain(problem), icon=":material/block:")
    about = _(
        "The file must contain x_train and x_test: pictures, (n, h, w) or (n, h, w, 3), or rows of any numbers, "
        "(n, d_x), at most {most} MB in float32. It may contain the labels y_train and y_test. It stays in the "
        "server's memory until you close this page; nothing is stored.",
        most=MEGABYTES,
    )
    memory.uploader(
        "_data_file", _("Your data (.npz)"), ["npz"], _take, session.DATA_PROBLEM, _UPLOAD, about
    )
    if not problem:
        st.caption(_("Choose a file; until then mnist-5k is shown."))


def _take(file: UploadedFile) -> None:
    """Put both splits of a .npz at hand."""
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
