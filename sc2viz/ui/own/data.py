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
# Of both splits as float32, and of the file
MEGABYTES, FILE_MEGABYTES = 100, 200


def controls() -> None:
    """Draw a place to drop a .npz, or where one was brought, its name and a button that forgets it."""
    if splits := session.own_data:
        memory.draw_brought("data", _describe(*splits), _("Forget this data set."), _forget)
        return
    about = _(
        "The file must contain x_train and x_test: pictures, (n, h, w) or (n, h, w, 3), or rows of any numbers, "
        "(n, d_x), at most {limit} MB in float32. It may contain the labels y_train and y_test. It stays in the "
        "server's memory until you close this page; nothing is stored.",
        limit=MEGABYTES,
    )
    label, key = _("Your data (.npz)"), "_data_file"
    memory.uploader(key, label, ["npz"], _take, FILE_MEGABYTES, about)
    if key not in session.problems:
        st.caption(_("Choose a file; until then mnist-5k is shown."))


def _describe(train: data.Images, test: data.Images) -> str:
    """Return a sentence on the reader's data set: its file, how many rows each split has, and their size."""
    values = {
        "file": plain(session.own_data_file, NAMED),
        "train": len(train),
        "tests": count_rows(len(test), "picture" if test.shape else "row", tests=True),
    }
    if not test.shape:
        d_x = test.pixels.shape[1]
        return _("**{file}**: {train:,} training and {tests} of {d_x} numbers.", d_x=d_x, **values)
    high, wide, channels = test.shape
    return _(
        "**{file}**: {train:,} training and {tests}, {high} × {wide} {colours}.",
        high=high,
        wide=wide,
        colours=_("grey") if channels == 1 else "RGB",
        **values,
    )


def _take(file: UploadedFile) -> None:
    """Make an uploaded .npz the reader's data set, both splits of it; ValueError where it is none, or too large."""
    splits = data.both_splits(file, file.name, MEGABYTES * 10**6)
    memory.check("own_data", splits, file.name)
    session.own_data = tuple(replace(images, name=NAME) for images in splits)
    session.own_data_file = file.name
    _begin_anew()


def _forget() -> None:
    """Forget the reader's data set, in a callback."""
    del session.own_data
    _begin_anew()


def _begin_anew() -> None:
    """Forget what was computed of an earlier data set, and show the first picture."""
    del session.results
    session.learned.pop(NAME, None)
    st.session_state["picture"] = 0
