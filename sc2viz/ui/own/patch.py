"""The patch of a photograph that the reader took from the Photograph page to the others: a data set of one row, in their
session alone. It is coded without its mean, by the networks for photographs."""

from dataclasses import replace

import numpy as np
import streamlit as st
import torch

from sc2viz import data
from sc2viz.figures.pictures import Raised
from sc2viz.ui import startup

NAME, LABEL = "patch", "patch of a photograph"
FILE = "sc2viz-patch.npz"  # what the Photograph page gives away, for the Python of other pages
TRAINED_ON = "grey-patches"
_PATCH = "_patch"


def bring(x: np.ndarray, shape: tuple[int, int, int], mean: float) -> None:
    """Put the patch x (d_x,), without its mean, at hand."""
    st.session_state[_PATCH] = data.Images(NAME, torch.from_numpy(x)[None], shape=Raised(shape, mean))


def images(split: str = "test") -> data.Images | None:
    """The patch, and as training rows many others without their means; None where none was brought."""
    brought = st.session_state.get(_PATCH)
    if brought is None or split == "test":
        return brought
    return replace(brought, pixels=_others())


@st.cache_resource(show_spinner=False)
def _others() -> torch.Tensor:
    rows = startup.images(TRAINED_ON, "train").pixels
    return rows - rows.mean(1, keepdim=True)
