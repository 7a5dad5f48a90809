"""Photographs and their errors as PNG files that the browser loads."""

import io

import numpy as np
from PIL import Image

from sc2viz.draw import mosaics, style
from sc2viz.draw.cards import Served
from sc2viz.pages.photograph.noisy_photo import Photo
from sc2viz.ui import page
from sc2viz.ui.cache import cached

MOST_SHOWN = 2_000_000  # pixels of a photograph on the screen


def levels(values: np.ndarray) -> np.ndarray:
    """Numbers in [0, 1], to which others are clipped, as uint8."""
    return (255 * values.clip(0, 1)).round().astype(np.uint8)


def reduced(size: tuple[int, int]) -> int:
    """By how much a side is reduced on the screen."""
    return int(np.ceil((size[0] * size[1] / MOST_SHOWN) ** 0.5))


def served(subject: Photo, name: str, picture: np.ndarray, alt: str = "") -> Served:
    """A picture (h, w) or (h, w, 3) uint8, reduced to what a screen shows."""
    factor = reduced(picture.shape[:2])
    size = -(-picture.shape[1] // factor), -(-picture.shape[0] // factor)
    return page.served(_png(picture, factor, private=subject.own), f"photograph-{name}", alt, size)


def errors(subject: Photo, name: str, levels: np.ndarray, alt: str) -> Served:
    """Errors (h, w) as levels of the error scale, uint8."""
    return page.served(
        _errors(levels, private=subject.own), f"photograph-error-{name}", alt, levels.shape[::-1]
    )


@cached
def _png(picture: np.ndarray, factor: int) -> bytes:
    return mosaics.png(np.asarray(Image.fromarray(picture).reduce(factor)), 3)


@cached
def _errors(levels: np.ndarray) -> bytes:
    image = Image.fromarray(levels)
    image.putpalette(style.ERROR_TABLE.tobytes())
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=3)
    return stream.getvalue()
