"""The patch of a photograph that the reader took from the Photograph page to the others: a data set of one row, in their
session alone. It is coded without its mean, by the networks for photographs and by solvers that are built as they were for
the photograph."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

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


@dataclass(frozen=True, eq=False)
class _Patch:
    images: data.Images
    dictionary: Tensor | None
    options: Mapping[str, Mapping[str, Any]]


def bring(
    x: np.ndarray,
    shape: tuple[int, int, int],
    mean: float,
    dictionary: Tensor | None,
    options: Mapping[str, Mapping[str, Any]],
) -> None:
    """Put the patch x (d_x,), without its mean, at hand. dictionary: of the photograph, (d_x, d_s), where it is another one
    than that which ships. options: of `solvers.build`, by the name of the solver."""
    images = data.Images(NAME, torch.from_numpy(x)[None], shape=Raised(shape, mean))
    session.PATCH.set(_Patch(images, dictionary, options))


def images(split: str = "test") -> data.Images | None:
    """The patch, and as training rows many others without their means, where they have its size; None where none was
    brought."""
    brought: _Patch | None = session.PATCH.get()
    if brought is None:
        return None
    if split == "test" or (others := _others()).shape[1] != brought.images.pixels.shape[1]:
        return brought.images
    return replace(brought.images, pixels=others)


def dictionary() -> Tensor | None:
    """The dictionary (d_x, d_s) that came with the patch; None where it is the one that ships, or none was brought."""
    brought: _Patch | None = session.PATCH.get()
    return brought and brought.dictionary


def options() -> Mapping[str, Mapping[str, Any]]:
    """What the solvers of the photograph were built with, by name."""
    brought: _Patch | None = session.PATCH.get()
    return brought.options if brought else {}


@st.cache_resource(show_spinner=False)
def _others() -> Tensor:
    rows = startup.images(TRAINED_ON, "train").pixels
    return rows - rows.mean(1, keepdim=True)
