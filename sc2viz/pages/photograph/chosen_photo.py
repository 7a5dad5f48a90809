"""The photograph at hand, its noise, and the dictionary of the solvers that were not trained, as the sidebar says."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import streamlit as st
from PIL import Image
from torch import Tensor

from sc2viz import patches, photographs
from sc2viz.photographs import peers
from sc2viz.ui import own, session, sliders, url
from sc2viz.ui.cache import Named, cached, digest
from sc2viz.ui.untrusted import NAMED, plain
from sc2viz.words import _

ATOMS = url.domain("patch_dictionary").options  # the dictionaries of patches
SHIPPED, LEARNED, BROUGHT = ATOMS
MAX_LEARNED = 4_200_000  # pixels of a photograph that atoms are learned from
BAND = 1_500_000  # pixels' values of a photograph that are worked on at a time
MARGIN = 16  # rows beside a band, two patches' sides, so that the answer is as if the picture were worked on as a whole


class PatchDictionary(NamedTuple):
    """A dictionary for patches. B (d_x, d_s) is None where it ships, or is not learned yet."""

    kind: str = SHIPPED
    B: Tensor | None = None
    key: Hashable = SHIPPED
    is_private: bool = False  # whether it is the reader's alone

    @property
    def is_ready(self) -> bool:
        return self.kind == SHIPPED or self.B is not None


@dataclass(frozen=True, eq=False)
class Photo:
    """A photograph, clean or noisy as it came, σ, and what is to be done."""

    task: str  # "denoise", "inpaint" or "approximate"
    label: str
    values: np.ndarray  # (h, w) or (h, w, 3), float64 in [0, 1] or uint8
    sigma: int  # σ on the scale of 0 to 255
    price: float  # λ over what it usually is
    is_clean: bool  # noise is then added to it; else it is noisy already
    is_private: bool  # whether the photograph is the reader's
    mark: Hashable  # stands for the values
    dictionary: PatchDictionary = PatchDictionary()

    @property
    def name(self) -> str:
        """The label in Markdown."""
        return plain(self.label, NAMED)

    @property
    def key(self) -> Hashable:
        return self.task, self.mark, self.is_clean, self.sigma, self.price

    @property
    def size(self) -> tuple[int, int]:
        """The height and the width in pixels."""
        return self.values.shape[:2]

    @property
    def pixels(self) -> int:
        return self.size[0] * self.size[1]

    @property
    def has_colour(self) -> bool:
        return self.values.ndim == 3

    def floats(self, region: slice | tuple = slice(None)) -> np.ndarray:
        """Some rows, or rows and columns, of the photograph without added noise, on the scale of [0, 1]."""
        values = self.values[region]
        return values / 255 if values.dtype == np.uint8 else values

    def noisy(self) -> np.ndarray:
        """The whole photograph with its noise."""
        return peers.noisy(self.floats(), self.sigma) if self.is_clean else self.floats()

    def within(self, corner: tuple[int, int], side: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of a patch, an index; beyond the edge they are those of the photograph's mirror image."""
        return np.ix_(
            *(
                np.pad(np.arange(limit), side, "symmetric")[side + first : 2 * side + first]
                for first, limit in zip(corner, self.size, strict=True)
            )
        )

    def bands(self) -> Iterator[tuple[np.ndarray, slice, slice]]:
        """The noisy picture part by part, so that memory is bounded: rows with their margins, which of the picture's rows
        they are for, and where these are in them."""
        high, width = self.values.shape[0], self.values[0].size
        tall = max(MARGIN, BAND // width // MARGIN * MARGIN)
        if high <= tall + 2 * MARGIN:
            yield self.noisy(), slice(0, high), slice(0, high)
            return
        random, noise, end = np.random.RandomState(0), np.empty((0, *self.values.shape[1:])), 0
        for start in range(0, high, tall):
            stop = min(start + tall, high)
            first, last = max(0, start - MARGIN), min(high, stop + MARGIN)
            values = self.floats(slice(first, last))
            if self.is_clean:
                fresh = random.standard_normal((last - end, *noise.shape[1:]))
                noise, end = np.concatenate([noise, fresh])[first - last :], last
                values = values + self.sigma / 255 * noise
            yield values, slice(start, stop), slice(start - first, stop - first)

    def around(self, row: int) -> tuple[np.ndarray, int]:
        """The noisy rows around a row of the picture, and which one is their first."""
        return next(
            (values, rows.start - inside.start)
            for values, rows, inside in self.bands()
            if row < rows.stop
        )


def choose(task: str) -> Photo | None:
    """Draw the sidebar; return the photograph at hand for a task, None while the reader has not brought theirs."""
    with st.sidebar:
        name = url.widget("photo", on_change=forget_place)
        is_own = name == own.photograph.NAME
        if not is_own:
            colour = name != "camera" and url.widget("colour")
            values, mark, is_clean = _test_picture(name, colour), (name, colour), True
        elif (brought := session.photograph) is None:
            return None
        else:
            own.photograph.controls(begin_anew)
            name, colour = brought.name, brought.pixels.ndim == 3 and url.widget("colour")
            is_clean = task != "denoise" or not url.widget("already", on_change=begin_anew)
            mark = brought.mark, _megapixels(brought, 12.0 if task == "denoise" else 1.0), colour
            values = _fit(Named(mark, brought.pixels), *mark[1:], private=True)
        dictionary = _dictionary(values, task)
        sigma, price = url.value("sigma"), 1.0
        if task == "denoise":
            knobs = {
                "sigma": sliders.Knob(
                    help=""
                    if is_clean
                    else _(
                        "The standard deviation of the noise to remove, on the scale of 0 to 255. It opens with an estimate."
                    )
                ),
                "price": sliders.Knob(
                    _("λ, over its usual"),
                    _(
                        "λ over what it usually is, which is in proportion to σ. With a higher λ, more of the noise goes, and "
                        "more of the details with it."
                    ),
                ),
            }
            sigma, price = sliders.live("noise", knobs, bar=True)
        return Photo(task, name, values, sigma, price, is_clean, is_own, mark, dictionary)


def _dictionary(values: np.ndarray, task: str) -> PatchDictionary:
    """Draw the menu of dictionaries. None is learned from a photograph with missing pixels."""
    is_learnable = task != "inpaint" and values.shape[0] * values.shape[1] <= MAX_LEARNED
    options = [kind for kind in ATOMS if is_learnable or kind != LEARNED]
    if url.value("patch_dictionary") not in options:
        st.session_state["patch_dictionary"] = SHIPPED
    kind = url.widget("patch_dictionary", options=options)
    if kind != BROUGHT:
        return PatchDictionary(kind)
    own.dictionary.controls(None)
    B = own.dictionary.brought(None)
    if B is None:
        return PatchDictionary()
    if patches.layout(len(B))[1] > values[0, 0].size:
        st.warning(
            _("These atoms are colour patches: choose a photograph in colour."),
            icon=":material/palette:",
        )
        return PatchDictionary()
    return PatchDictionary(BROUGHT, B, digest([B]), True)


@st.cache_resource(max_entries=8, show_spinner=False)
def _test_picture(name: str, colour: bool) -> np.ndarray:
    return peers.picture(name, colour=colour)


def _megapixels(brought: own.photograph.Photograph, limit: float) -> float:
    """How many megapixels of a large photograph are worked on."""
    total = brought.pixels.shape[0] * brought.pixels.shape[1] / 1e6
    sizes = [size for size in url.domain("megapixels").options if size <= limit]
    options = [size for k, size in enumerate(sizes) if not k or sizes[k - 1] < total]
    if len(options) == 1:
        return options[0]
    if url.value("megapixels") not in options:
        st.session_state["megapixels"] = options[-1]
    return url.widget("megapixels", options=options)


@cached
def _fit(pixels: Named, megapixels: float, colour: bool) -> np.ndarray:
    """The reader's photograph with at most so many megapixels, grey unless `colour`."""
    image = Image.fromarray(pixels.value)
    scale = (1e6 * megapixels / (image.width * image.height)) ** 0.5
    if scale < 1:
        size = [max(1, int(scale * side)) for side in image.size]
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    return np.asarray(image if colour or image.mode == "L" else image.convert("L"))


def forget_place() -> None:
    """Forget the place in the photograph that was shown before."""
    for key in ("row", "column"):
        st.query_params.pop(key, None)


def begin_anew() -> None:
    """Begin anew with the reader's photograph, and estimate σ where it is noisy already."""
    forget_place()
    brought = session.photograph
    if brought is None:
        return
    st.session_state.setdefault("colour", brought.pixels.ndim == 3)
    if url.value("already"):
        middle = tuple(
            slice(max(0, side // 2 - 500), side // 2 + 500) for side in brought.pixels.shape[:2]
        )
        estimate = 255 * photographs.estimate_sigma(brought.pixels[middle] / 255)
        st.session_state["sigma"] = url.domain("sigma").nearest(round(estimate))
