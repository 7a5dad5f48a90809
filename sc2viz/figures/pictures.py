"""Rows of pixels as pictures: mosaics of images, of their errors and of codes, as RGBA arrays (H, W, 4) of uint8.

Tiles are in reading order, with transparent gaps that suit both themes. Pixels are repeated and never smoothed.
"""

import base64
import io

import numpy as np
from PIL import Image

from sc2viz.figures import style

GUTTER = 2  # pixels of the finished mosaic


def mosaic(pixels: np.ndarray, shape: tuple[int, int, int], columns: int | None = None, side: int = 256) -> np.ndarray:
    """A mosaic, about `side` px wide, of the pictures `pixels (n, d_x)` of `shape` (h, w, channels), clipped to [0, 1]."""
    tiles = np.clip(np.nan_to_num(_tiles(pixels, shape), nan=1.0), 0, 1)
    return _lay_out((tiles * 255).round().astype(np.uint8).repeat(3 // shape[2], axis=3), columns, side)


def error(pixels: np.ndarray, reconstruction: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """|x − B s| of each pixel, averaged over the channels and not clipped: (n, h, w)."""
    return np.abs(_tiles(pixels, shape) - _tiles(reconstruction, shape)).mean(axis=3)


def error_mosaic(errors: np.ndarray, top: float, columns: int | None = None, side: int = 256) -> np.ndarray:
    """A mosaic of errors (n, h, w) on the error scale: black at 0, brightest at `top` and above."""
    return _lay_out(_look_up(errors / top, style.ERROR_TABLE), columns, side)


def code_mosaic(
    codes: np.ndarray, top: float, dark: bool = False, columns: int | None = None, side: int = 256
) -> np.ndarray:
    """A mosaic of codes (n, d_s), each as a near-square in reading order, on the diverging scale from −top to top."""
    n, d_s = codes.shape
    wide = int(np.ceil(np.sqrt(d_s)))
    high = -(-d_s // wide)
    folded = np.zeros((n, high * wide))
    folded[:, :d_s] = codes
    table = style.DIVERGING_TABLE[dark]
    return _lay_out(_look_up(folded.reshape(n, high, wide) / (2 * top) + 0.5, table), columns, side)


def shared_top(errors: list[np.ndarray], share: float = 0.995) -> float:
    """The top of a common error scale for all of `errors`: their `share` quantile, rounded up (`style.round_up`).

    It is at most 1, the range of a pixel, so that a solver that diverges does not darken the others.
    """
    everything = np.concatenate([part.ravel() for part in errors])
    everything = everything[np.isfinite(everything)]
    return min(1.0, style.round_up(float(np.quantile(everything, share)))) if len(everything) else 1.0


def png(rgba: np.ndarray) -> bytes:
    """A picture as PNG."""
    stream = io.BytesIO()
    Image.fromarray(rgba).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def data_uri(rgba: np.ndarray) -> str:
    """A picture as a `data:` URI, for HTML and for Markdown."""
    return f"data:image/png;base64,{base64.b64encode(png(rgba)).decode()}"


def _tiles(pixels: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    if len(shape) != 3 or shape[2] not in (1, 3):
        raise ValueError(f"shape must be (h, w, channels) with 1 or 3 channels, got {tuple(shape)}")
    if pixels.ndim != 2 or pixels.shape[1] != np.prod(shape):
        raise ValueError(f"pixels must be (n, {np.prod(shape)}) for pictures of {tuple(shape)}, got {pixels.shape}")
    return pixels.reshape(-1, *shape)


def _look_up(values: np.ndarray, table: np.ndarray) -> np.ndarray:
    return table[(np.clip(np.nan_to_num(values, nan=1.0), 0, 1) * 255).round().astype(np.uint8)]


def _lay_out(tiles: np.ndarray, columns: int | None, side: int) -> np.ndarray:
    n, high, wide = tiles.shape[:3]
    columns = columns or int(np.ceil(np.sqrt(n)))
    rows = -(-n // columns)
    scale = max(1, round(side / (columns * wide)))
    tiles = tiles.repeat(scale, axis=1).repeat(scale, axis=2)
    high, wide = high * scale, wide * scale
    canvas = np.zeros((rows, high + GUTTER, columns, wide + GUTTER, 4), np.uint8)
    for k, tile in enumerate(tiles):
        canvas[k // columns, :high, k % columns, :wide, :3] = tile
        canvas[k // columns, :high, k % columns, :wide, 3] = 255
    return canvas.reshape(rows * (high + GUTTER), columns * (wide + GUTTER), 4)[:-GUTTER, :-GUTTER]
