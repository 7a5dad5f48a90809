"""Convert a picture that a reader brings to the format of a data set's pictures."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from sc2viz.words import N_, _

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MAX_BYTES = 20 * 2**20  # of a file
MAX_PIXELS = 16 * 10**6  # of a picture that is no JPEG
MAX_JPEG_PIXELS = (
    40 * 10**6
)  # of a JPEG, more than of other formats, because it can be decoded at a fraction of its size
MAX_SCANS = 100  # passes of a progressive JPEG, each of which goes through the whole picture; encoders make about ten
LEAST_SIDE = 16  # pixels that a photograph has at least in height and in width
_JPEG = ("JPEG", "MPO")
# Where a digit is placed in a picture: its size as a share of the side, and the offset of its centre of mass from the middle
# in pixels. MNIST's digits fill 20 of 28 rows, and scikit-learn's all 8.
_MNIST, _PLACED = (20 / 28, 0.5), {(8, 8): (1, 0)}
_LUMINANCE = np.array(
    [0.299, 0.587, 0.114], np.float32
)  # the weights of red, green and blue in ITU-R 601
_LOOK = (32, 32)  # the size to which a picture is reduced to judge what it looks like
_TINT = 0.1  # a pixel is coloured if its hue differs from the median hue by more than this
_FEW = 0.15  # a picture is coloured if more than this share of its pixels is; ink covers less of the paper
_PLAIN = 0.25  # a border is plain if its brightness varies by less than this; that of paper does, shadows included
_TWO = 0.8  # the least share of the variance of a picture of two tones that is between them
_PAPER, _BLACK, _SHEET = (
    0.85,
    0.25,
    0.4,
)  # paper is at least so bright, ink at most, and paper has at least this share
_INK = 0.1  # a pixel of a drawing is background if its brightness is below this
_FIRST, _WHITE = (
    N_("Only the first frame of the animation is used."),
    N_("Transparent parts became white."),
)
INVERTED = N_("Inverted because its border is bright and digits here are white on black.")


@dataclass(frozen=True)
class Crop:
    """The part of a picture that is kept. It has the proportions of the data set's pictures."""

    zoom: float = 1.0  # ≥ 1; at 1 the part that is kept is as large as the picture allows
    across: float = 0.5  # where the part lies between the left end, 0, and the right end, 1
    down: float = 0.5  # where the part lies between the top, 0, and the bottom, 1

    def box(
        self, size: tuple[int, int], shape: tuple[int, int, int]
    ) -> tuple[float, float, float, float]:
        """Left, top, right and bottom in pixels of a picture of `size` (width, height); the part has at least one pixel."""
        scale = min(size[0] / shape[1], size[1] / shape[0]) / self.zoom
        kept = [
            min(side, max(1.0, scale * part))
            for side, part in zip(size, (shape[1], shape[0]), strict=True)
        ]
        left, top = (
            (side - part) * at
            for side, part, at in zip(size, kept, (self.across, self.down), strict=True)
        )
        return left, top, left + kept[0], top + kept[1]


MIDDLE = Crop()


@dataclass(frozen=True)
class Look:
    """What a picture looks like, for whether it suits a data set."""

    coloured: bool  # many of its pixels differ in hue from most of the others, so that ink on tinted paper is not coloured
    plain: bool  # the border of the picture has one brightness, as that of paper has
    bright: bool  # the border of the picture is bright
    inky: bool = False  # it has two tones, ink and bright paper, wherever the ink is: also where it reaches the border

    @property
    def paper(self) -> bool:
        """Whether it looks like dark ink on paper."""
        return self.plain and self.bright and not self.coloured


def from_upload(
    content: bytes,
    shape: tuple[int, int, int],
    invert: bool | None = None,
    crop: Crop = MIDDLE,
    name: str = "the file",
) -> tuple[np.ndarray, list[str]]:
    """Fit the picture in a PNG, JPEG, WebP or GIF file to `shape`; return its pixels and sentences that say what was done.

    content  the file: at most MAX_BYTES, with at most MAX_PIXELS pixels (MAX_JPEG_PIXELS for JPEG), which is checked
             before the picture is decoded
    shape    (h, w, channels) of the data set's pictures, with 1 channel (grey) or 3 (RGB)
    invert   whether to exchange dark and bright; None: invert if the data set is grey (white digits on black) and the
             picture looks like dark ink on paper (`Look`)
    crop     the part of the picture that is kept
    name     of the file, for messages

    The first frame is rotated by its EXIF orientation, transparent parts become white, the picture is cropped to the
    aspect ratio of `shape`, and the result is resized. The pixels (h · w · channels,) are float32 multiples of 1/255 in
    [0, 1], so an 8-bit PNG stores them exactly. Raises ValueError for a file that is too large or is not a picture in one
    of these formats.
    """
    _check(shape)
    side = max(*shape[:2], _LOOK[0])
    picture = _opened(content, round(side * crop.zoom), name)
    values = _fitted(picture, shape[:2], crop)
    notes = [_(_FIRST)] if picture.animated else []
    if picture.clear:
        notes.append(_(_WHITE))
    width, height = picture.size
    left, top, right, bottom = crop.box(picture.size, shape)
    kept = f"{max(1, round(right - left))} × {max(1, round(bottom - top))}"
    did = _("{size} pixels", size=(size := f"{width} × {height}"))
    if kept != size and (crop.across, crop.down) == (0.5, 0.5):
        did = _("{did}, cropped to the middle {kept}", did=did, kept=kept)
    elif kept != size:
        did = _(
            "{did}, cropped to {kept} from ({left}, {top}) on",
            did=did,
            kept=kept,
            left=round(left),
            top=round(top),
        )
    notes.append(
        _("{did}.", did=did)
        if (height, width) == shape[:2]
        else _("{did}, resized to {size}.", did=did, size=f"{shape[1]} × {shape[0]}")
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


def look(content: bytes, name: str = "the file") -> Look:
    """What the picture in a file looks like. Raises ValueError as `from_upload` does."""
    return _look(_opened(content, _LOOK[0], name))


def thumbnail(content: bytes, side: int, name: str = "the file") -> np.ndarray:
    """The whole picture in a file in its own colours, its longer side `side` pixels: (h, w, 3) uint8. Raises ValueError as
    `from_upload` does."""
    picture = _opened(content, side, name)
    scale = side / max(picture.size)
    wide, high = (max(1, round(scale * each)) for each in picture.size)
    return _bytes(_fitted(picture, (high, wide), MIDDLE))


def photograph(content: bytes, most: int, name: str = "the file") -> tuple[np.ndarray, list[str]]:
    """The whole picture in a file, upright and on white, (h, w) or (h, w, 3) uint8, and sentences that say what was done.

    What has more than `most` pixels is fitted to as many. Raises ValueError as `from_upload` does, and for a picture that
    is less than `LEAST_SIDE` pixels high or wide.
    """
    wide, high = _readable(lambda: Image.open(io.BytesIO(content), formats=FORMATS), name).size
    if min(wide, high) < LEAST_SIDE:
        raise ValueError(
            f"{name} must have at least {LEAST_SIDE} × {LEAST_SIDE} pixels, got {wide} × {high}: choose a larger one"
        )
    scale = min(1.0, (most / (wide * high)) ** 0.5)
    picture = _opened(content, max(wide, high), name)
    notes = [_(_FIRST)] if picture.animated else []
    image = picture.image
    if scale < 1:
        size = [max(1, int(scale * side)) for side in image.size]
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    given = {"wide": image.width, "high": image.height, "was_wide": wide, "was_high": high}
    notes.append(
        _("{wide:,} × {high:,} pixels, fitted from {was_wide:,} × {was_high:,}.", **given)
        if scale < 1
        else _("{wide:,} × {high:,} pixels.", **given)
    )
    if image.mode == "F":
        return (np.asarray(image) / 257).clip(0, 255).round().astype(np.uint8), notes
    if image.mode in ("LA", "RGBA"):
        image = Image.alpha_composite(
            Image.new("RGBA", image.size, "white"), image.convert("RGBA")
        ).convert("RGB")
        notes += [_(_WHITE)] * picture.clear
    pixels = np.array(image)
    if pixels.ndim == 3 and (
        picture.grey or all((pixels[..., 0] == pixels[..., k]).all() for k in (1, 2))
    ):
        pixels = np.ascontiguousarray(pixels[..., 0])
    return pixels, notes


def from_drawing(array: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray | None:
    """Place a digit that was drawn bright on dark as MNIST places its digits: (h · w,) float32 in [0, 1].

    array  (H, W) uint8
    shape  (h, w, 1)

    The digit's bounding box is scaled to fit into 20 × 20 of 28 × 28 pixels with its proportions kept. It is shifted by
    whole pixels so that its centre of mass lies in pixel (14, 14), counted from 0, unless the digit would leave the
    picture (LeCun, Cortes and Burges, yann.lecun.com/exdb/mnist). At 8 × 8 the digit fills all rows, as scikit-learn's
    digits do. Returns None if nothing is drawn. Raises ValueError for another shape or dtype.
    """
    _check(shape)
    if shape[2] != 1:
        raise ValueError(f"a drawing is grey: shape must have 1 channel, got {tuple(shape)}")
    array = np.asarray(array)
    if array.dtype != np.uint8 or array.ndim != 2:
        raise ValueError(f"a drawing must be uint8 (H, W), got {array.dtype} {array.shape}")
    ink = array / 255
    rows, columns = (np.flatnonzero((ink > _INK).any(axis)) for axis in (1, 0))
    if not len(rows):
        return None
    strokes = Image.fromarray(
        ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    )
    high, wide = shape[:2]
    share, off = _PLACED.get((high, wide), _MNIST)
    scale = min(high * share / strokes.height, wide * share / strokes.width)
    size = [max(1, round(scale * side)) for side in strokes.size]
    digit = np.asarray(
        strokes.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)
    ).clip(0, 1)
    top = _start(digit.sum(1), high, off)
    left = _start(digit.sum(0), wide, off)
    placed = np.zeros((high, wide), np.float32)
    placed[top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    return _levels(placed)


def _check(shape) -> None:
    if len(shape) != 3 or shape[2] not in (1, 3) or min(shape) < 1:
        raise ValueError(f"shape must be (h, w, channels) with 1 or 3 channels, got {tuple(shape)}")


def _readable(read: Callable, name: str):
    """Return `read()`, or raise one ValueError for the many exceptions with which decoders fail on a damaged file."""
    try:
        return read()
    except Image.DecompressionBombError:
        raise ValueError(_too_many(name, "far more", MAX_PIXELS)) from None
    except Exception as error:
        raise ValueError(
            f"{name} cannot be read as a picture: choose a PNG, JPEG, WebP or GIF"
        ) from error


def _too_many(name: str, got: str, most: int) -> str:
    return f"{name} may have at most {most // 10**6} megapixels, got {got} pixels: shrink it"


@dataclass(frozen=True)
class _Picture:
    """The first frame of a file, upright."""

    image: Image.Image  # in mode L, F (16 bits), RGB, LA or RGBA, perhaps at a fraction of its size
    size: tuple[int, int]  # the picture's own width and height
    grey: bool
    clear: bool  # whether parts are transparent
    animated: bool


def _opened(content: bytes, side: int, name: str) -> _Picture:
    """Read a file, for a result whose longer side has `side` pixels. Raises ValueError."""
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"{name} must have at most {MAX_BYTES >> 20} MB, got {len(content) / 2**20:.1f} MB: shrink it"
        )
    image = _readable(lambda: Image.open(io.BytesIO(content), formats=FORMATS), name)
    if (
        image.format in _JPEG and content.count(b"\xff\xda") > MAX_SCANS
    ):  # the marker at which a pass begins
        raise ValueError(
            f"{name} is a progressive JPEG, and one may have at most {MAX_SCANS} passes: save the picture anew"
        )
    width, height = image.size
    most = MAX_JPEG_PIXELS if image.format in _JPEG else MAX_PIXELS
    if width * height > most:
        raise ValueError(_too_many(name, f"{width} × {height}", most))
    animated = image.format != "MPO" and getattr(image, "is_animated", False)
    image, grey, clear = _readable(lambda: _decoded(image, side), name)
    turned = image.size[0] < image.size[1] if width > height else image.size[0] > image.size[1]
    return _Picture(image, (height, width) if turned else (width, height), grey, clear, animated)


def _decoded(image: Image.Image, side: int) -> tuple[Image.Image, bool, bool]:
    """The first frame, upright; whether it was grey; whether parts are transparent.

    Steps that can be applied after resizing are left for later, because copying many megapixels is slow.
    """
    if image.format in _JPEG:
        image.draft(
            None, (4 * side, 4 * side)
        )  # large photographs are decoded at a fraction of their size
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I") or image.mode == "F":
        return image.convert("F"), True, False
    grey, clear = image.mode in ("1", "L", "LA"), image.has_transparency_data
    kept = ("LA", "RGBA") if clear else ("L",) if grey else ("RGB",)
    if image.mode not in kept:
        image = image.convert(kept[-1])
    return image, grey, clear and image.getchannel("A").getextrema()[0] < 255


def _fitted(picture: _Picture, sides: tuple[int, int], crop: Crop) -> np.ndarray:
    """A part of a picture fitted to (h, w), on white: (h, w, 3) in [0, 1]."""
    high, wide = sides
    image = picture.image
    box = crop.box(picture.size, (high, wide, 3))
    fractions = [part / whole for part, whole in zip(image.size, picture.size, strict=True)]
    box = [min(edge * fractions[k % 2], image.size[k % 2]) for k, edge in enumerate(box)]
    image = image.resize((wide, high), Image.Resampling.LANCZOS, box=box, reducing_gap=3)
    white = 255
    if image.mode == "F":
        white = 65535
    elif image.mode in ("LA", "RGBA"):
        image = Image.alpha_composite(
            Image.new("RGBA", image.size, "white"), image.convert("RGBA")
        ).convert("RGB")
    values = np.asarray(image, np.float32).reshape(high, wide, -1).clip(0, white) / white
    return np.broadcast_to(values, (high, wide, 3))


def _look(picture: _Picture) -> Look:
    values = _fitted(picture, _LOOK, MIDDLE)
    rim = np.ones(_LOOK, bool)
    rim[1:-1, 1:-1] = False
    border = values.mean(2)[rim]
    low, high = np.quantile(border, (0.1, 0.9))
    hue = values - values.mean(2, keepdims=True)
    odd = np.abs(hue - np.median(hue, axis=(0, 1))).max(2) > _TINT
    return Look(
        bool(odd.mean() > _FEW),
        bool(high - low < _PLAIN),
        bool(border.mean() > 0.5),
        _inky(values.mean(2)),
    )


def _inky(grey: np.ndarray) -> bool:
    """Whether the two tones that describe grey values best (Otsu 1979) are those of ink and paper."""
    best, tones = 0.0, (0.0, 0.0, 0.0)
    for level in np.linspace(grey.min(), grey.max(), 34)[1:-1]:
        bright = grey > level
        share = float(bright.mean())
        if not 0 < share < 1:
            continue
        paper, ink = float(grey[bright].mean()), float(grey[~bright].mean())
        between = share * (1 - share) * (paper - ink) ** 2 / max(float(grey.var()), 1e-9)
        best, tones = max((best, tones), (between, (share, paper, ink)))
    share, paper, ink = tones
    return best > _TWO and share > _SHEET and paper > _PAPER and ink < _BLACK


def _start(mass: np.ndarray, side: int, off: float) -> int:
    """The first pixel for `mass` on an axis of `side` pixels, so that its centre lies `off` from the middle and it fits."""
    centre = float(mass @ (np.arange(len(mass)) + 0.5) / mass.sum())
    return min(max(round(side / 2 + off - centre), 0), side - len(mass))


def _levels(values: np.ndarray) -> np.ndarray:
    return ((values * 255).round() / 255).astype(np.float32).ravel()


def _bytes(values: np.ndarray) -> np.ndarray:
    return (values * 255).round().astype(np.uint8)
