"""Convert a picture that a reader brings to the format of a data set's pictures."""

import io
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from sc2viz.words import N_, _

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_BYTES = 20 * 2**20  # of a file
MAX_PIXELS = 16 * 10**6  # of a picture that is no JPEG
# Of a JPEG, more than of other formats, because it can be decoded at a fraction of its size
MAX_JPEG_PIXELS = 40 * 10**6
MAX_SCANS = 100  # passes of a progressive JPEG, each of which goes through the whole picture; encoders make about ten
LEAST_SIDE = 16  # pixels that a photograph has at least in height and in width
# Where a digit is placed in a picture: its size as a share of the side, and the offset of its centre of mass from the middle
# in pixels. MNIST's digits fill 20 of 28 rows, and scikit-learn's all 8.
_MNIST, _PLACED = (20 / 28, 0.5), {(8, 8): (1, 0)}
_LUMINANCE = np.array(
    [0.299, 0.587, 0.114], np.float32
)  # the weights of red, green and blue in ITU-R 601
_LOOK = (32, 32)  # the size to which a picture is reduced to judge what it looks like
_TINT = 0.1  # a pixel is coloured if its hue differs from the median hue by more than this
_COLOURED = 0.15  # a picture is coloured if more than this share of its pixels is; ink covers less of the paper
_PLAIN = 0.25  # a border is plain if its brightness varies by less than this; that of paper does, shadows included
_BETWEEN = 0.8  # the least share of the variance of a picture of two tones that is between them
# Paper is at least so bright, ink at most, and paper has at least this share
_PAPER, _BLACK, _SHEET = 0.85, 0.25, 0.4
_INK = 0.1  # a pixel of a drawing is background if its brightness is below this
INVERTED = N_("Inverted because its border is bright and digits here are white on black.")


class Crop(NamedTuple):
    """The part of a picture that is kept. It has the proportions of the data set's pictures."""

    zoom: float = 1.0  # ≥ 1; at 1 the part that is kept is as large as the picture allows
    across: float = 0.5  # where the part lies between the left end, 0, and the right end, 1
    down: float = 0.5  # where the part lies between the top, 0, and the bottom, 1

    def box(
        self, size: tuple[int, int], shape: tuple[int, int, int]
    ) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom in pixels of a picture of `size` (width, height); the part has at least one
        pixel."""
        scale = min(size[0] / shape[1], size[1] / shape[0]) / self.zoom
        width, height = (
            min(side, max(1.0, scale * length))
            for side, length in zip(size, (shape[1], shape[0]), strict=True)
        )
        x, y = (size[0] - width) * self.across, (size[1] - height) * self.down
        return x, y, x + width, y + height


MIDDLE = Crop()


class Look(NamedTuple):
    """What a picture looks like, for whether it suits a data set."""

    coloured: bool  # many of its pixels differ in hue from most of the others, so that ink on tinted paper is not coloured
    plain: bool  # the border of the picture has one brightness, as that of paper has
    # Dark ink on paper: the border is plain and bright, and the picture is not coloured
    paper: bool
    inky: bool  # it has two tones, ink and bright paper, wherever the ink is: also where it reaches the border


def from_upload(
    content: bytes,
    shape: tuple[int, int, int],
    invert: bool | None = None,
    crop: Crop = MIDDLE,
) -> tuple[np.ndarray, list[str]]:
    """Fit the picture in a PNG, JPEG, WebP or GIF file to `shape`; return its pixels and sentences that say what was done.

    content  the file: at most MAX_BYTES, with at most MAX_PIXELS pixels (MAX_JPEG_PIXELS for JPEG), which is checked
             before the picture is decoded
    shape    (h, w, channels) of the data set's pictures, with 1 channel (grey) or 3 (RGB)
    invert   whether to exchange dark and bright; None: invert if the data set is grey (white digits on black) and the
             picture looks like dark ink on paper (`Look`)
    crop     the part of the picture that is kept

    The first frame is rotated by its EXIF orientation, transparent parts become white, the picture is cropped to the
    aspect ratio of `shape`, and the result is resized. The pixels (h · w · channels,) are float32 multiples of 1/255 in
    [0, 1], so an 8-bit PNG stores them exactly. Raises ValueError for a file that is too large or is not a picture in one
    of these formats.
    """
    picture = _open(content, round(max(*shape[:2], _LOOK[0]) * crop.zoom))
    values, notes = _fit(picture, shape[:2], crop), picture.notes
    width, height = picture.size
    x, y, right, bottom = crop.box(picture.size, shape)
    part_size = f"{max(1, round(right - x))} × {max(1, round(bottom - y))}"
    size = f"{width} × {height}"
    description = _("{size} pixels", size=size)
    if part_size != size and (crop.across, crop.down) == (0.5, 0.5):
        description = _(
            "{description}, cropped to the middle {size}", description=description, size=part_size
        )
    elif part_size != size:
        description = _(
            "{description}, cropped to {size} from ({left}, {top}) on",
            description=description,
            size=part_size,
            left=round(x),
            top=round(y),
        )
    notes.append(
        _("{description}.", description=description)
        if (height, width) == shape[:2]
        else _(
            "{description}, resized to {size}.",
            description=description,
            size=f"{shape[1]} × {shape[0]}",
        )
    )
    if shape[2] == 1:
        if not picture.grey:
            notes.append(_("Colours were converted to grey."))
        values = values @ _LUMINANCE
    automatic = invert is None
    if automatic:
        invert = shape[2] == 1 and _look(picture).paper
    if invert:
        values = 1 - values
        notes.append(_(INVERTED) if automatic else _("Inverted."))
    return _levels(values), notes


def look(content: bytes) -> Look:
    """Return what the picture in a file looks like. Raises ValueError as `from_upload` does."""
    return _look(_open(content, _LOOK[0]))


def thumbnail(content: bytes, side: int) -> np.ndarray:
    """Return the whole picture in a file in its own colours, its longer side `side` pixels: (h, w, 3) uint8. Raises ValueError as
    `from_upload` does."""
    picture = _open(content, side)
    wide, high = (max(1, round(side * length / max(picture.size))) for length in picture.size)
    return (_fit(picture, (high, wide), MIDDLE) * 255).round().astype(np.uint8)


def photograph(content: bytes, max_pixels: int) -> tuple[np.ndarray, list[str]]:
    """Return the whole picture in a file, upright and on white, (h, w) or (h, w, 3) uint8, and sentences that say what was done.

    What has more than `max_pixels` is fitted to as many. Raises ValueError as `from_upload` does, and for a picture that
    is less than `LEAST_SIDE` pixels high or wide.
    """
    picture = _open(content)
    (wide, high), image = picture.size, picture.image
    if min(wide, high) < LEAST_SIDE:
        raise ValueError(
            f"the file must have at least {LEAST_SIDE} × {LEAST_SIDE} pixels, got {wide} × {high}: choose a larger one"
        )
    scale = min(1.0, (max_pixels / (wide * high)) ** 0.5)
    if scale < 1:
        size = [max(1, int(scale * side)) for side in image.size]
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    sizes = {"wide": image.width, "high": image.height, "was_wide": wide, "was_high": high}
    size_note = (
        _("{wide:,} × {high:,} pixels, fitted from {was_wide:,} × {was_high:,}.", **sizes)
        if scale < 1
        else _("{wide:,} × {high:,} pixels.", **sizes)
    )
    pixels = np.array(_on_white(image))
    if pixels.ndim == 3 and (pixels == pixels[..., :1]).all():
        pixels = np.ascontiguousarray(pixels[..., 0])
    return pixels, [*picture.notes, size_note]


def fit_drawing(drawing: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray | None:
    """Return a drawing as it is where pictures have its shape, and else as `from_drawing` places it; None where they have
    colours, or nothing is drawn."""
    if shape == (*drawing.shape, 1):
        return drawing.astype(np.float32).ravel() / np.float32(255)
    return from_drawing(drawing, shape) if shape[2] == 1 else None


def from_drawing(array: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray | None:
    """Place a digit that was drawn bright on dark as MNIST places its digits: (h · w,) float32 in [0, 1].

    array  (H, W) uint8
    shape  (h, w, 1)

    The digit's bounding box is scaled to fit into 20 × 20 of 28 × 28 pixels with its proportions kept. It is shifted by
    whole pixels so that its centre of mass lies in pixel (14, 14), counted from 0, unless the digit would leave the
    picture (LeCun, Cortes and Burges, yann.lecun.com/exdb/mnist). At 8 × 8 the digit fills all rows, as scikit-learn's
    digits do. Returns None if nothing is drawn.
    """
    box = Image.fromarray((array / 255 > _INK).astype(np.uint8)).getbbox()
    if box is None:
        return None
    strokes = Image.fromarray((array / 255).astype(np.float32)).crop(box)
    high, wide = shape[:2]
    share, shift = _PLACED.get((high, wide), _MNIST)
    scale = min(high * share / strokes.height, wide * share / strokes.width)
    size = [max(1, round(scale * side)) for side in strokes.size]
    digit = np.asarray(
        strokes.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)
    ).clip(0, 1)
    y, x = _start(digit.sum(1), high, shift), _start(digit.sum(0), wide, shift)
    placed = np.zeros((high, wide), np.float32)
    placed[y : y + digit.shape[0], x : x + digit.shape[1]] = digit
    return _levels(placed)


def _readable(read: Callable):
    """Return `read()`, or raise one ValueError for the many exceptions with which decoders fail on a damaged file."""
    try:
        return read()
    except Image.DecompressionBombError:
        raise ValueError(_too_many("far more", MAX_PIXELS)) from None
    except Exception as error:
        raise ValueError(
            "the file cannot be read as a picture: choose a PNG, JPEG, WebP or GIF"
        ) from error


def _too_many(size: str, limit: int) -> str:
    """Return the message for a picture of `size` pixels, in words, where `limit` are allowed."""
    return f"the file may have at most {limit // 10**6} megapixels, got {size} pixels: shrink it"


class _Picture(NamedTuple):
    """The first frame of a file, upright."""

    image: Image.Image  # in mode L, RGB, LA or RGBA, perhaps at a fraction of its size
    size: tuple[int, int]  # the picture's own width and height
    grey: bool
    notes: list[str]  # sentences that say what was left out of the file


def _open(content: bytes, side: int | None = None) -> _Picture:
    """Read a file, for a result whose longer side has `side` pixels, or at its full size. Raises ValueError."""
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"the file must have at most {MAX_BYTES >> 20} MB, got {len(content) / 2**20:.1f} MB: shrink it"
        )
    image = _readable(lambda: Image.open(io.BytesIO(content), formats=FORMATS))
    is_jpeg = image.format in ("JPEG", "MPO")
    if is_jpeg and content.count(b"\xff\xda") > MAX_SCANS:  # the marker at which a pass begins
        raise ValueError(
            f"the file is a progressive JPEG, and one may have at most {MAX_SCANS} passes: save the picture anew"
        )
    width, height = image.size
    limit = MAX_JPEG_PIXELS if is_jpeg else MAX_PIXELS
    if width * height > limit:
        raise ValueError(_too_many(f"{width} × {height}", limit))
    is_animated = image.format != "MPO" and getattr(image, "is_animated", False)
    notes = [_("Only the first frame of the animation is used.")] if is_animated else []
    if is_jpeg and side:  # large photographs are decoded at a fraction of their size
        image.draft(None, (4 * side, 4 * side))
    image, grey, is_clear = _readable(lambda: _decode(image))
    if is_clear:
        notes.append(_("Transparent parts became white."))
    is_turned = (image.width < image.height) != (width < height)
    return _Picture(image, (height, width) if is_turned else (width, height), grey, notes)


def _decode(image: Image.Image) -> tuple[Image.Image, bool, bool]:
    """Decode an opened file; return the first frame, upright, and whether it was grey, and whether parts are transparent.

    Steps that can be applied after resizing are left for later, because copying many megapixels is slow.
    """
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I"):  # grey of 16 bits: v / 257, rounded, in whole numbers
        levels = np.array(image, np.uint16)
        levels -= levels >> 8
        image = Image.fromarray(((levels + 128) >> 8).astype(np.uint8))
    grey, has_alpha = image.mode in ("1", "L", "LA"), image.has_transparency_data
    modes = ("LA", "RGBA") if has_alpha else ("L",) if grey else ("RGB",)
    if image.mode not in modes:
        image = image.convert(modes[-1])
    return image, grey, has_alpha and image.getchannel("A").getextrema()[0] < 255


def _on_white(image: Image.Image) -> Image.Image:
    """Return the picture with white in the place of what is transparent, without alpha."""
    if image.mode not in ("LA", "RGBA"):
        return image
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")


def _fit(picture: _Picture, sides: tuple[int, int], crop: Crop) -> np.ndarray:
    """Return a part of a picture fitted to (h, w), on white: (h, w, 3) in [0, 1]."""
    image, (high, wide) = picture.image, sides
    fractions = np.divide(image.size, picture.size)
    box = np.minimum(
        crop.box(picture.size, (high, wide, 3)) * np.tile(fractions, 2), image.size * 2
    )
    image = image.resize((wide, high), Image.Resampling.LANCZOS, box=(*box,), reducing_gap=3)
    values = np.asarray(_on_white(image), np.float32).reshape(high, wide, -1) / 255
    return np.broadcast_to(values, (high, wide, 3))


def _look(picture: _Picture) -> Look:
    """Return what a picture looks like, by its middle at the size `_LOOK`."""
    values = _fit(picture, _LOOK, MIDDLE)
    grey, rim = values.mean(2), np.ones(_LOOK, bool)
    rim[1:-1, 1:-1] = False
    border = grey[rim]
    low, high = np.quantile(border, (0.1, 0.9))
    hue = values - grey[..., None]
    tint = np.abs(hue - np.median(hue, axis=(0, 1))).max(2)
    is_coloured = bool((tint > _TINT).mean() > _COLOURED)
    is_plain = bool(high - low < _PLAIN)
    is_paper = is_plain and border.mean() > 0.5 and not is_coloured
    return Look(is_coloured, is_plain, bool(is_paper), _is_inky(grey))


def _is_inky(grey: np.ndarray) -> bool:
    """Whether the two tones that describe grey values best (Otsu 1979) are those of ink and paper."""
    from skimage.filters import threshold_otsu

    bright = grey > threshold_otsu(grey)
    share = bright.mean()
    if not _SHEET < share < 1:
        return False
    paper, ink = grey[bright].mean(), grey[~bright].mean()
    between = share * (1 - share) * (paper - ink) ** 2 / grey.var()
    return bool(between > _BETWEEN and paper > _PAPER and ink < _BLACK)


def _start(mass: np.ndarray, side: int, shift: float) -> int:
    """Return the first pixel for `mass` on an axis of `side` pixels, so that its centre lies `shift` from the middle and it
    fits."""
    centre = float(mass @ (np.arange(len(mass)) + 0.5) / mass.sum())
    return min(max(round(side / 2 + shift - centre), 0), side - len(mass))


def _levels(values: np.ndarray) -> np.ndarray:
    """Return values in [0, 1] rounded to multiples of 1/255, as one row of float32."""
    return ((values * 255).round() / 255).astype(np.float32).ravel()
