"""Rows of pixels as pictures: mosaics of images, of their errors and of codes, as RGBA arrays (H, W, 4) of uint8.

Tiles are in reading order, with transparent gaps that suit both themes. Pixels are repeated and never smoothed.

A `Shape` says how a row is drawn: as a picture (h, w, channels), or as `Lines`, white on black, where it is none.
"""

import base64
import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, WebPImagePlugin  # noqa: F401 (else Pillow imports all of its plugins to find this one)

from sc2viz.draw import style

GUTTER = 2  # pixels between two tiles of the finished mosaic
# Pixels: the height and width of a row that is drawn as a line, and the height of the strip of its errors.
HIGH, WIDE, STRIP = 64, 96, 20
STROKE = 1.6  # the thickness in pixels of the stroke of a row that is drawn as a line


@dataclass(frozen=True)
class Lines:
    """Rows that are no pictures: each is drawn as a line over its d_x entries, on a scale from `low` to `high`."""

    d_x: int
    low: float
    high: float


class Raised(tuple[int, int, int]):
    """The shape (h, w, channels) of pictures whose mean was taken away, and is added again where they are drawn."""

    base: float

    def __new__(cls, shape: tuple[int, int, int], base: float):
        raised = super().__new__(cls, shape)
        raised.base = base
        return raised

    def __getnewargs__(self):
        return tuple(self), self.base


Shape = tuple[int, int, int] | Lines  # how a row is drawn; `Raised` is such a tuple


def base(shape: Shape) -> float:
    """What is added to pixels where they are drawn."""
    return getattr(shape, "base", 0.0)


def shape_of(pixels: np.ndarray, shape: tuple[int, int, int] | None) -> Shape:
    """How the rows of a data set are drawn: `shape`, or lines on the scale of its first thousand rows and of 0."""
    if shape is not None:
        return shape
    low, high = (float(end(pixels[:1000], initial=0)) for end in (np.min, np.max))
    return Lines(pixels.shape[1], low, high if high > low else low + 1)


def span(shape: Shape) -> float:
    """The range of a pixel: 1, or that of the lines' scale."""
    return shape.high - shape.low if isinstance(shape, Lines) else 1.0


def tiles(pixels: np.ndarray, shape: Shape) -> np.ndarray:
    """The pictures of `pixels` (n, d_x) in [0, 1], clipped: (n, h, w, channels)."""
    if isinstance(shape, Lines):
        return _coverage(_rows(pixels, shape), shape)[..., None]
    return np.clip(np.nan_to_num(_rows(pixels, shape) + base(shape), nan=1.0), 0, 1)


def mosaic(
    pixels: np.ndarray, shape: Shape, columns: int | None = None, side: int = 256
) -> np.ndarray:
    """A mosaic, about `side` px wide, of the pictures of `pixels` (n, d_x)."""
    levels = (tiles(pixels, shape) * 255).round().astype(np.uint8)
    return lay_out(levels.repeat(3 // levels.shape[3], axis=3), side, columns)


def signed(rows: np.ndarray, shape: Shape) -> np.ndarray:
    """Values in [−1, 1], (n, d_x), as pictures (n, h, w) or (n, h, w, 3) of uint8: 1 is −1, 128 is 0 and 255 is 1.

    A line is 255 where it is above zero, 1 where it is below, and its ground is 128.
    """
    if not isinstance(shape, Lines):
        levels = (128.5 + 127 * _rows(rows, shape)).astype(np.uint8)
        return levels[..., 0] if shape[2] == 1 else levels
    values = _rows(rows, shape)
    middle = np.linspace(0, shape.d_x - 1, 2 * WIDE + 1)[1::2]
    sign = np.sign([np.interp(middle, np.arange(shape.d_x), row) for row in values])[:, None]
    return (128.5 + 127 * sign * _coverage(values, Lines(shape.d_x, -1, 1))).astype(np.uint8)


def error(pixels: np.ndarray, reconstruction: np.ndarray, shape: Shape) -> np.ndarray:
    """|x − B s| of each pixel, averaged over the channels and not clipped: (n, h, w).

    Of lines it is a strip as wide as they are, which has the largest error of the entries that fall on a column.
    """
    wrong = np.abs(_rows(pixels, shape) - _rows(reconstruction, shape))
    if not isinstance(shape, Lines):
        return wrong.mean(axis=3) if wrong.shape[3] > 1 else wrong[..., 0]
    fine = WIDE * -(-shape.d_x // WIDE)
    strip = wrong[:, np.arange(fine) * shape.d_x // fine].reshape(len(wrong), WIDE, -1).max(2)
    return strip[:, None].repeat(STRIP, axis=1)


def error_mosaic(
    errors: np.ndarray, top: float, columns: int | None = None, side: int = 256
) -> np.ndarray:
    """A mosaic of errors (n, h, w) on the error scale: black at 0, brightest at `top` and above."""
    return lay_out(look_up(errors / top, style.ERROR_TABLE), side, columns)


def code_mosaic(codes: np.ndarray, top: float) -> np.ndarray:
    """A mosaic, about 256 px wide, of codes (n, d_s), each as a near-square in reading order, on the diverging scale from
    −top to top."""
    n, d_s = codes.shape
    high, wide = grid(d_s)
    folded = np.pad(codes, ((0, 0), (0, high * wide - d_s))).reshape(n, high, wide)
    return lay_out(look_up(folded / (2 * top) + 0.5, style.DIVERGING_TABLE[False]), 256)


def shared_top(errors: Iterable[np.ndarray], share: float = 0.995, limit: float = 1.0) -> float:
    """The top of a common error scale for all of `errors`: their `share` quantile, rounded up (`style.round_up`).

    It is at most `limit`, the range of a pixel (`span`), so that a solver that diverges does not darken the others.
    """
    everything = np.sort(np.concatenate([array.ravel() for array in errors]))
    count = np.isfinite(everything).sum()  # the others stand at the end
    if not count:
        return limit
    place = share * (count - 1)
    # `np.quantile`, and a partition by the two ranks around it, take several times as long.
    lower, upper = everything[[int(place), int(np.ceil(place))]].tolist()
    return min(limit, style.round_up(lower + place % 1 * (upper - lower)))


def opaque(rgb: np.ndarray, scale: int = 1) -> np.ndarray:
    """Colours (…, h, w, 3) as RGBA, each pixel repeated `scale` times down and across."""
    large = rgb.repeat(scale, -3).repeat(scale, -2)
    return np.concatenate([large, np.full((*large.shape[:-1], 1), 255, np.uint8)], axis=-1)


def png(rgba: np.ndarray, level: int = 1) -> bytes:
    """A picture as PNG, compressed at a level from 1, quick, to 9."""
    return _save(rgba, "PNG", compress_level=level)


def webp(rgba: np.ndarray) -> bytes:
    """A picture as WebP, which is shorter than PNG, without loss."""
    # More effort makes it hardly shorter, and takes three times as long.
    return _save(rgba, "WEBP", lossless=True, quality=50 if rgba.size > 2**14 else 25, method=1)


def data_uri(rgba: np.ndarray) -> str:
    """The same as a `data:` URI, for HTML and for Markdown."""
    return _uri("webp", webp(rgba))


def thumbnails(pixels: np.ndarray, shape: Shape) -> list[str]:
    """The pictures of `pixels` (n, d_x) as `data:` URIs that take little time: PNG of grey ones, and WebP, in which colours
    are only nearly right, of others."""
    levels = (tiles(pixels, shape) * 255).round().astype(np.uint8)
    if levels.shape[3] == 1:
        return [_uri("png", png(picture)) for picture in levels[..., 0]]
    return [_uri("webp", _save(picture, "WEBP", method=2, quality=95)) for picture in levels]


def _save(picture: np.ndarray, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, kind, **options)
    return stream.getvalue()


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


# What a picture is named by, and what makes its URI → the URI. The app has a store in the place of this.
store: Callable[[bytes, Callable[[], str]], str] = lambda name, make: make()  # noqa: E731


def kept_uri(rgba: np.ndarray) -> str:
    """`data_uri` of a picture, which compresses for 5 ms, from the `store`."""
    content = hashlib.sha1(np.ascontiguousarray(rgba), usedforsecurity=False)
    content.update(str(rgba.shape).encode())
    return store(content.digest(), lambda: data_uri(rgba))


def _rows(pixels: np.ndarray, shape: Shape) -> np.ndarray:
    """Rows as they are, (n, d_x), if they are drawn as lines, and as pictures (n, h, w, channels) otherwise."""
    if isinstance(shape, Lines):
        if pixels.ndim != 2 or pixels.shape[1] != shape.d_x:
            raise ValueError(f"rows must be (n, {shape.d_x}), got {pixels.shape}")
        return pixels
    if len(shape) != 3 or shape[2] not in (1, 3):
        raise ValueError(f"shape must be (h, w, channels) with 1 or 3 channels, got {tuple(shape)}")
    if pixels.ndim != 2 or pixels.shape[1] != np.prod(shape):
        raise ValueError(
            f"pixels must be (n, {np.prod(shape)}) for pictures of {tuple(shape)}, got {pixels.shape}"
        )
    return pixels.reshape(-1, *shape)


def _coverage(rows: np.ndarray, scale: Lines) -> np.ndarray:
    """Lines through the entries of `rows` (n, d_x): the share of each pixel that is covered, (n, HIGH, WIDE).

    A column is covered from the lowest to the highest point that the line has there, and at least `STROKE` high.
    """
    n, d_x = rows.shape
    points = -(-2 * d_x // WIDE)  # points of the line in a column of pixels
    heights = np.clip(np.nan_to_num((rows - scale.low) / (scale.high - scale.low), nan=1.0), 0, 1)
    positions = np.linspace(0, d_x - 1, WIDE * points + 1)
    start = np.minimum(positions.astype(int), max(d_x - 2, 0))
    right = np.minimum(start + 1, d_x - 1)
    fine = heights[:, start] + (positions - start) * (heights[:, right] - heights[:, start])
    columns = np.lib.stride_tricks.sliding_window_view(fine, points + 1, axis=1)[:, ::points]
    top, bottom = (
        (1 - end(2)) * (HIGH - 1 - STROKE) + 0.5 + STROKE / 2 for end in (columns.max, columns.min)
    )
    edges = np.arange(HIGH)[:, None]
    covered = np.minimum(bottom[:, None] + STROKE / 2, edges + 1) - np.maximum(
        top[:, None] - STROKE / 2, edges
    )
    return np.clip(covered, 0, 1)


def look_up(values: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Values in [0, 1] in the colours of a table (256, 3), brightest where they are not numbers."""
    return table[(np.clip(np.nan_to_num(values, nan=1.0), 0, 1) * 255).round().astype(np.uint8)]


def grid(count: int) -> tuple[int, int]:
    """The rows and columns of a mosaic of so many pictures."""
    columns = int(np.ceil(np.sqrt(count)))
    return -(-count // columns), columns


def lay_out(tiles: np.ndarray, side: int, columns: int | None = None) -> np.ndarray:
    """A mosaic, about `side` px wide, of pictures (n, h, w, 3) uint8, laid out as `grid` says unless `columns` does."""
    n, columns = len(tiles), columns or grid(len(tiles))[1]
    rows = -(-n // columns)
    tiles = opaque(tiles, max(1, round(side / (columns * tiles.shape[2]))))
    high, wide = tiles.shape[1:3]
    canvas = np.zeros((rows, high + GUTTER, columns, wide + GUTTER, 4), np.uint8)
    for k, tile in enumerate(tiles):
        canvas[k // columns, :high, k % columns, :wide] = tile
    return canvas.reshape(rows * (high + GUTTER), columns * (wide + GUTTER), 4)[:-GUTTER, :-GUTTER]
