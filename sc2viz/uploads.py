"""A reader's own picture, uploaded or drawn, made like the pictures of a data set."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_BYTES = 20 * 2**20
MAX_PIXELS = 16 * 10**6
MAX_JPEG_PIXELS = 40 * 10**6  # decoded at a fraction of its size
_MNIST = (20 / 28, 0.5)  # the share of the side that a digit takes; its centre of mass, in pixels from the middle
_PLACED = {(8, 8): (1, 0)}  # scikit-learn's digits fill their 8 rows
_JPEG = ("JPEG", "MPO")
_INK = 0.1  # fainter than this is the soft edge of a stroke


def from_upload(
    content: bytes, shape: tuple[int, int, int], invert: bool | None = None
) -> tuple[np.ndarray, list[str]]:
    """The picture in a PNG, JPEG, WebP or GIF file, fitted to `shape`, and in words what was done to it.

    content  the file, at most MAX_BYTES, its picture at most MAX_PIXELS, or MAX_JPEG_PIXELS (looked up before a pixel is
             decoded)
    shape    (h, w, channels) of the data set's pictures, channels 1 (grey) or 3 (RGB)
    invert   dark to bright and bright to dark; None: where the data is grey, the digits white on black, and the
             picture's border is bright, as paper is

    The first frame is turned as its EXIF says, laid on white where it is transparent, cropped to the middle of the
    shape's aspect, and resized. Returns the pixels (h · w · channels,), float32 multiples of 1/255 in [0, 1], so that
    an 8-bit PNG keeps them exactly; and a list of sentences. Raises ValueError for a file that is too large, or that
    does not hold a picture of these formats.
    """
    _check(shape)
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"the file must have at most {MAX_BYTES >> 20} MB, got {len(content) / 2**20:.1f} MB: shrink it"
        )
    image = _readable(lambda: Image.open(io.BytesIO(content), formats=FORMATS))
    width, height = image.size
    most = MAX_JPEG_PIXELS if image.format in _JPEG else MAX_PIXELS
    if width * height > most:
        raise ValueError(_too_many(f"{width} × {height}", most))
    animated = image.format != "MPO" and getattr(image, "is_animated", False)
    image, grey, clear = _readable(lambda: _decoded(image, shape))
    notes = ["The first frame of an animation."] if animated else []
    if clear:
        notes.append("Transparent parts are white.")
    turned = image.size[0] < image.size[1] if width > height else image.size[0] > image.size[1]
    width, height = (height, width) if turned else (width, height)
    values, crop = _fitted(image, shape)
    middle = f"{max(1, round(crop[0] * width))} × {max(1, round(crop[1] * height))}"
    did = "" if crop == (1, 1) else f", cropped to the middle {middle}"
    scaled = "" if (height, width) == shape[:2] else f", resized to {shape[1]} × {shape[0]}"
    notes.append(f"{width} × {height} pixels{did}{scaled}.")
    if shape[2] == 1 and not grey:
        notes.append("Its colours are shades of grey here.")
    automatic = invert is None
    if automatic:
        invert = shape[2] == 1 and _border(values) > 0.5
    if invert:
        values = 1 - values
        why = ", for its border is bright: digits here are white on black" if automatic else ""
        notes.append(f"Inverted{why}.")
    return _levels(values), notes


def from_drawing(array: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray | None:
    """A digit drawn bright on dark, placed as MNIST's are: (h · w,) float32 in [0, 1], None where nothing is drawn.

    array  (H, W) grey or (H, W, 4) RGBA, uint8
    shape  (h, w, 1)

    The strokes' bounding box is fitted into 20 × 20 of 28 × 28, its proportions kept, and moved by whole pixels so that
    the centre of mass is in pixel (14, 14), counted from 0, unless a stroke would leave the picture (LeCun, Cortes and
    Burges, yann.lecun.com/exdb/mnist). Scikit-learn's digits, 8 × 8, fill all rows, and so does a drawing like them.
    """
    _check(shape)
    if shape[2] != 1:
        raise ValueError(f"a drawing is grey: shape must have 1 channel, got {tuple(shape)}")
    array = np.asarray(array)
    if array.dtype != np.uint8 or not (array.ndim == 2 or array.ndim == 3 and array.shape[2] == 4):
        raise ValueError(f"a drawing must be uint8 (H, W) or (H, W, 4), got {array.dtype} {array.shape}")
    ink = array / 255
    if array.ndim == 3:
        ink = ink[..., :3].mean(2) * ink[..., 3]
    rows, columns = (np.flatnonzero((ink > _INK).any(axis)) for axis in (1, 0))
    if not len(rows):
        return None
    strokes = Image.fromarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32))
    high, wide = shape[:2]
    share, off = _PLACED.get((high, wide), _MNIST)
    scale = min(high * share / strokes.height, wide * share / strokes.width)
    size = [max(1, round(scale * side)) for side in strokes.size]
    digit = np.asarray(strokes.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)).clip(0, 1)
    top = _start(digit.sum(1), high, off)
    left = _start(digit.sum(0), wide, off)
    placed = np.zeros((high, wide), np.float32)
    placed[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return _levels(placed)


def _check(shape) -> None:
    if len(shape) != 3 or shape[2] not in (1, 3) or min(shape) < 1:
        raise ValueError(f"shape must be (h, w, channels) with 1 or 3 channels, got {tuple(shape)}")


def _readable(read: Callable):
    """What `read` returns. Decoders fail on broken files in many ways; all of them mean the same to the reader."""
    try:
        return read()
    except Image.DecompressionBombError:
        raise ValueError(_too_many("far more", MAX_PIXELS)) from None
    except Exception as error:
        raise ValueError(
            "the file is no picture that can be read here, whatever its name says: choose a PNG, JPEG, WebP or GIF"
        ) from error


def _too_many(got: str, most: int) -> str:
    return f"a picture may have {most // 10**6} megapixels, got {got} pixels: shrink it"


def _decoded(image: Image.Image, shape) -> tuple[Image.Image, bool, bool]:
    """The first frame, upright, in mode L, F (16 bits), RGB, LA or RGBA; whether it was grey; whether it had clear parts.

    A picture of many megapixels is copied no more often than it must: what can wait is done to the fitted one.
    """
    if image.format in _JPEG:
        image.draft(None, (4 * shape[1], 4 * shape[0]))  # large photographs are decoded at a fraction of their size
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I") or image.mode == "F":
        return image.convert("F"), True, False
    grey, clear = image.mode in ("1", "L", "LA"), image.has_transparency_data
    kept = ("LA", "RGBA") if clear else ("L",) if grey or shape[2] == 1 else ("RGB",)
    if image.mode not in kept:
        image = image.convert(kept[-1])
    return image, grey, clear and image.getchannel("A").getextrema()[0] < 255


def _fitted(image: Image.Image, shape) -> tuple[np.ndarray, tuple[float, float]]:
    """The middle of a picture in `shape`, (h, w, channels) in [0, 1], on white; the shares of its width and height left."""
    high, wide, channels = shape
    width, height = image.size
    scale = min(width / wide, height / high)
    left, top = (width - scale * wide) / 2, (height - scale * high) / 2
    box = (left, top, width - left, height - top)
    image = image.resize((wide, high), Image.Resampling.LANCZOS, box=box, reducing_gap=3)
    white = 255
    if image.mode == "F":
        white = 65535
    elif image.mode in ("LA", "RGBA"):
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
        image = image.convert("L" if channels == 1 else "RGB")
    values = np.asarray(image, np.float32).reshape(high, wide, -1).clip(0, white) / white
    return np.broadcast_to(values, shape), (scale * wide / width, scale * high / height)


def _border(values: np.ndarray) -> float:
    """The mean of the outermost pixels."""
    rim = np.ones(values.shape[:2], bool)
    rim[1:-1, 1:-1] = False
    return float(values[rim].mean())


def _start(mass: np.ndarray, side: int, off: float) -> int:
    """Where to put `mass` along an axis of `side` pixels: its centre `off` the middle, and all of it inside."""
    centre = float(mass @ (np.arange(len(mass)) + 0.5) / mass.sum())
    return min(max(round(side / 2 + off - centre), 0), side - len(mass))


def _levels(values: np.ndarray) -> np.ndarray:
    return ((values * 255).round() / 255).astype(np.float32).ravel()
