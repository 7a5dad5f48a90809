"""Read a photograph and write it back as it was: grey of 8 or 16 bits or colour, with its alpha and colour profile.

PNG, JPEG, WebP and TIFF, as Pillow reads them: colour of 16 bits becomes 8. A picture is turned as its EXIF says. The old file
stays where something goes wrong.
"""

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, TiffImagePlugin

from sc2viz.files import Refused, reading
from sc2viz.files.atomic import replacing

SUFFIXES = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
MOST_PIXELS = 40_000_000
SIXTEEN = 65535
_OPTIONS = {
    "JPEG": {"quality": 95},
    "WEBP": {"lossless": True},
    "TIFF": {"compression": "tiff_adobe_deflate"},
}


@dataclass(frozen=True)
class Photograph:
    """A picture on the scale of [0, 1], and what is needed to write another one like it."""

    values: np.ndarray  # (h, w) or (h, w, 3) float32
    bits: int = 8  # 8 or 16 a channel
    alpha: np.ndarray | None = None  # (h, w) uint8
    # The options with which Pillow writes what a file has beside its pixels.
    options: dict[str, Any] = field(default_factory=dict)


def read(path: str | Path) -> Photograph:
    """Read the picture of a file; raise ValueError, naming it, for one that is missing, broken, too large or of another kind."""
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path.name} must end in {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    unreadable = reading(f"{path.name} is not a readable picture", ": save it anew")
    with unreadable, warnings.catch_warnings():
        # Pillow's, of sizes above this module's and of what it mends
        warnings.simplefilter("ignore")
        with Image.open(path) as image:
            megapixels = image.width * image.height / 1e6
            if megapixels > MOST_PIXELS / 1e6:
                raise Refused(
                    f"{path.name} has {megapixels:.0f} megapixels, and at most {MOST_PIXELS // 10**6} are worked "
                    "on: make it smaller first"
                )
            _check_numbers(path, image)
            return _convert(ImageOps.exif_transpose(image))


def _check_numbers(path: Path, image: Image.Image) -> None:
    """Raise `Refused` for a TIFF whose numbers Pillow would take for those of another picture."""
    if image.format != "TIFF":
        return
    tags = image.tag_v2
    kinds = tags.get(TiffImagePlugin.SAMPLEFORMAT, (1,))
    bits = tags[TiffImagePlugin.BITSPERSAMPLE]
    zero = tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION]
    is_deep_grey = image.mode.startswith(("I", "F"))
    if set(kinds) != {1} or is_deep_grey and (bits, zero) != ((16,), 1):
        raise Refused(
            f"{path.name} must hold whole numbers of 8 bits a channel, or grey of 16 bits where 0 is black: convert it"
        )


def _convert(image: Image.Image) -> Photograph:
    """Return an upright Pillow picture as a `Photograph`, with its alpha, its colour profile and its resolution."""
    options = {key: image.info[key] for key in ("icc_profile", "dpi") if key in image.info}
    if image.mode.startswith("I"):
        return Photograph(np.asarray(image, np.float32) / SIXTEEN, 16, None, options)
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        image = image.convert("RGB")
        options.pop("icc_profile", None)
    is_grey, alpha = image.mode in ("1", "L", "LA", "La"), None
    if image.has_transparency_data:
        image = image.convert("LA" if is_grey else "RGBA")
        alpha = np.asarray(image.getchannel("A"))
    image = image.convert("L" if is_grey else "RGB")
    return Photograph(np.asarray(image, np.float32) / 255, 8, alpha, options)


def write(path: str | Path, values: np.ndarray, like: Photograph) -> Path:
    """Write values on the scale of [0, 1], clipped, with the bits, alpha and profile of `like`; the suffix says the format.

    16 bits of grey become 8 as JPEG and WebP. JPEG has no alpha, which is left out.
    OSError where it cannot be written.
    """
    path = Path(path)
    kind = SUFFIXES[path.suffix.lower()]
    is_deep = like.bits == 16 and kind in ("TIFF", "PNG")
    white, dtype = (SIXTEEN, np.uint16) if is_deep else (255, np.uint8)
    image = Image.fromarray(np.rint(np.clip(values, 0, 1) * white).astype(dtype))
    if like.alpha is not None and kind != "JPEG":
        image.putalpha(Image.fromarray(like.alpha))
    with replacing(path) as temporary:
        image.save(temporary, kind, **_OPTIONS.get(kind, {}), **like.options)
    return path
