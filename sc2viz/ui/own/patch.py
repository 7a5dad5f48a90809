"""The patch of a photograph that the reader took from the Photograph page to the others: a data set of one row, in their
session alone. It is coded without its mean, by the networks for photographs and by solvers that are built as they were for
the photograph."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from sc2viz import data
from sc2viz.draw.mosaics import Raised
from sc2viz.ui import session, startup
from sc2viz.words import N_

NAME, LABEL = "patch", N_("patch of a photograph")
FILE = "sc2viz-patch.npz"  # the name of the patch's file that Photograph gives away, which the Python of other pages reads
TRAINED_ON = "grey-patches"
Options = Mapping[str, Mapping[str, Any]]  # of `solvers.build`, by the name of the solver


class Patch(NamedTuple):
    """The patch, the dictionary that came with it where that does not ship, and how its solvers were built."""

    images: data.Images | None = None
    dictionary: Tensor | None = None
    options: Options = MappingProxyType({})


def bring(
    x: np.ndarray,
    shape: tuple[int, int, int],
    mean: float,
    dictionary: Tensor | None,
    options: Options,
) -> None:
    """Put the patch x (d_x,), without its mean, at hand. dictionary: of the photograph, (d_x, d_s), where it is another one
    than that which ships."""
    images = data.Images(NAME, torch.from_numpy(x)[None], shape=Raised(shape, mean))
    session.patch = Patch(images, dictionary, options)


def brought() -> Patch:
    """Return the patch that was brought; an empty one where none was."""
    return session.patch or Patch()


def images(split: str = "test") -> data.Images | None:
    """Return the patch, or as training rows many others without their means, where they have its size; None where none was
    brought."""
    patch = brought().images
    if split == "test" or patch is None or (rows := _rows()).shape[1] != patch.pixels.shape[1]:
        return patch
    return replace(patch, pixels=rows)


@st.cache_resource(show_spinner=False)
def _rows() -> Tensor:
    """Return the training patches of photographs that ship, each without its mean, (n, d_x)."""
    rows = startup.images(TRAINED_ON, "train").pixels
    return rows - rows.mean(1, keepdim=True)
