"""The photograph at hand and its noise, as the sidebar of this page says."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image

from sc2viz import photographs
from sc2viz.pages.photograph import patch_dictionary
from sc2viz.pages.photograph.patch_dictionary import Atoms
from sc2viz.photographs import peers
from sc2viz.ui import own, session, sliders, url
from sc2viz.ui.cache import Keyed, Named, cached
from sc2viz.ui.untrusted import NAMED, plain
from sc2viz.words import N_, _

BAND = 1_500_000  # pixels' values of a photograph that are worked on at a time
MARGIN = 16  # rows beside a band, two patches' sides, so that the answer is as if the picture were worked on as a whole
PRICE = N_("λ, over its usual")
PRICE_HELP = N_(
    "λ over what it usually is, which is in proportion to σ. With a higher λ, more of the noise goes, and more "
    "of the details with it."
)
OWN_HELP = N_(
    "The standard deviation of the noise to remove, on the scale of 0 to 255. It opens with an estimate."
)


@dataclass(frozen=True, eq=False)
class Photo(Keyed):
    """A photograph, clean or noisy as it came, and σ."""

    label: str
    values: np.ndarray  # (h, w) or (h, w, 3), float64 in [0, 1] or uint8
    sigma: int  # σ on the scale of 0 to 255
    price: float  # λ over what it usually is
    added: bool  # whether noise is added to the photograph; else it is noisy already
    own: bool  # whether the photograph is the reader's
    mark: Hashable  # stands for the values
    atoms: Atoms = Atoms()  # the dictionary of the solvers that were not trained

    @property
    def name(self) -> str:
        """The label in Markdown."""
        return plain(self.label, NAMED)

    @property
    def key(self) -> Hashable:
        return "photograph", self.mark, self.added, self.sigma, self.price

    @property
    def size(self) -> tuple[int, int]:
        """The height and the width in pixels."""
        return self.values.shape[:2]

    def floats(self, rows: slice | tuple[slice, slice] = slice(None)) -> np.ndarray:
        """Some rows of the photograph, or some rows and columns, without added noise, on the scale of [0, 1]."""
        values = self.values[rows]
        return values / 255 if values.dtype == np.uint8 else values

    @property
    def pixels(self) -> int:
        return self.values.shape[0] * self.values.shape[1]

    def within(self, corner: tuple[int, int], side: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of a patch, an index; beyond the edge they are those of the photograph's mirror image."""
        places = (np.arange(first, first + side) for first in corner)
        return np.ix_(
            *(
                np.where(at < most, np.maximum(at, -1 - at), 2 * most - 1 - at)
                for at, most in zip(places, self.size, strict=True)
            )
        )

    def noisy(self) -> np.ndarray:
        """The whole photograph with its noise."""
        return peers.noisy(self.floats(), self.sigma) if self.added else self.floats()

    def bands(self) -> Iterator[tuple[np.ndarray, slice, slice, float]]:
        """The noisy picture part by part, so that memory is bounded: (rows with their margins, which of the picture's rows
        they are for, where these are in them, the share of the picture that is before them)."""
        high, width = self.values.shape[0], self.values[0].size
        tall = max(MARGIN, BAND // width // MARGIN * MARGIN)
        if high <= tall + 2 * MARGIN:
            yield self.noisy(), slice(0, high), slice(0, high), 0.0
            return
        random, drawn, rest = np.random.RandomState(0), 0, None
        for start in range(0, high, tall):
            stop = min(start + tall, high)
            first, last = max(0, start - MARGIN), min(high, stop + MARGIN)
            values = self.floats(slice(first, last))
            if self.added:
                fresh = random.standard_normal((last - drawn, *self.values.shape[1:]))
                noise = (
                    fresh
                    if rest is None
                    else np.concatenate([rest[first - last :], fresh])[first - last :]
                )
                rest, drawn = noise, last
                values = values + self.sigma / 255 * noise
            yield values, slice(start, stop), slice(start - first, stop - first), start / high

    def around(self, row: int) -> tuple[np.ndarray, int]:
        """The noisy rows around a row of the picture, and which one is their first."""
        for values, rows, inside, _before in self.bands():
            if row < rows.stop:
                return values, rows.start - inside.start
        raise ValueError(f"there is no row {row}")


def choose(what: str) -> Photo | None:
    """Draw the sidebar; return the photograph at hand, None while the reader has not brought theirs.

    what: "denoise", "inpaint" or "approximate".
    """
    with st.sidebar:
        name = url.widget("photo", on_change=_elsewhere)
        if name != own.photograph.NAME:
            colour = url.widget("colour") if name != "camera" else False
            values = _tested(name, colour)
            basis = patch_dictionary.choose(values, what == "inpaint")
            return Photo(name, values, *_noise("", what), True, False, (name, colour), basis)
        brought = session.PHOTOGRAPH.get()
        if brought is None:
            return None
        own.photograph.controls(brought_anew)
        colour = brought.pixels.ndim == 3 and url.widget("colour")
        already = what == "denoise" and url.widget("already", on_change=brought_anew)
        most = _megapixels(brought, 12.0 if what == "denoise" else 1.0)
        values = _fitted(
            Named((brought.mark, most, bool(colour)), brought.pixels),
            most,
            bool(colour),
            private=True,
        )
        basis = patch_dictionary.choose(values, what == "inpaint")
        noise = _noise(_(OWN_HELP) if already else "", what)
        return Photo(
            brought.name,
            values,
            *noise,
            not already,
            True,
            (brought.mark, most, bool(colour)),
            basis,
        )


def _noise(help: str, what: str) -> tuple[int, float]:
    """The sliders of σ and λ, where noise is removed. help: of σ, where the usual one does not fit."""
    if what != "denoise":
        return url.now("sigma"), 1.0
    knobs = {"sigma": sliders.Knob(help=help), "price": sliders.Knob(_(PRICE), _(PRICE_HELP))}
    return tuple(sliders.live("noise", knobs, bar=True))


@st.cache_resource(max_entries=8, show_spinner=False)
def _tested(name: str, colour: bool) -> np.ndarray:
    return peers.picture(name, colour=colour)


def _megapixels(brought: own.photograph.Own, most: float) -> float:
    """How many megapixels of a large photograph are worked on, `most` at most."""
    whole = brought.pixels.shape[0] * brought.pixels.shape[1] / 1e6
    options = [size for size in url.domain("megapixels").options if size <= most]
    options = [size for k, size in enumerate(options) if not k or options[k - 1] < whole]
    if len(options) == 1:
        return options[0]
    if url.now("megapixels") not in options:
        st.session_state["megapixels"] = options[-1]
    return url.widget("megapixels", options=options)


@cached
def _fitted(pixels: Named, most: float, colour: bool) -> np.ndarray:
    """The reader's photograph with at most so many megapixels, grey unless `colour`."""
    image = Image.fromarray(pixels.value)
    scale = min(1.0, (1e6 * most / (image.width * image.height)) ** 0.5)
    if scale < 1:
        size = [max(1, int(scale * side)) for side in image.size]
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    return np.asarray(image if colour or image.mode == "L" else image.convert("L"))


def _elsewhere() -> None:
    """Forget the place in the photograph that was shown before."""
    for key in ("row", "column"):
        st.query_params.pop(key, None)


def brought_anew() -> None:
    """Begin anew with the reader's photograph, and estimate σ where it is noisy already."""
    _elsewhere()
    brought = session.PHOTOGRAPH.get()
    if brought is None:
        return
    st.session_state.setdefault("colour", brought.pixels.ndim == 3)
    if url.now("already"):
        middle = [
            slice(max(0, side // 2 - 500), side // 2 + 500) for side in brought.pixels.shape[:2]
        ]
        estimated = 255 * photographs.estimate_sigma(brought.pixels[tuple(middle)] / 255)
        st.session_state["sigma"] = min(
            max(round(estimated), url.domain("sigma").low), url.domain("sigma").high
        )
