"""Read a photograph and write it back as it was: 8 or 16 bits, grey or colour, with its alpha and colour profile.

PNG, JPEG, WebP and TIFF. A picture is turned as its EXIF says. 16-bit colour is read and written as TIFF alone, by tifffile;
Pillow reads other files of that kind with 8 bits. The old file stays where something goes wrong.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from sc2viz.files.atomic import replacing

SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
MOST_PIXELS = 40_000_000
SIXTEEN = 65535


@dataclass(frozen=True)
class Photograph:
    """A picture on the scale of [0, 1], and what is needed to write another one like it."""

    values: np.ndarray  # (h, w) or (h, w, 3) float32
    bits: int = 8  # 8 or 16
    alpha: np.ndarray | None = None  # (h, w) uint8 or uint16
    kept: dict[str, Any] = field(default_factory=dict)  # what Pillow writes beside the pixels


def read(path: str | Path) -> Photograph:
    """The picture of a file; ValueError, naming it, for one that is missing, broken, too large or of another kind."""
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path.name} must end in {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    if SUFFIXES[path.suffix.lower()] == "TIFF" and (found := _sixteen_bit_colour(path)) is not None:
        return found
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is lower
            with Image.open(path) as image:
                _check_size(path, *image.size)
                return _of(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError:
        raise ValueError(f"{path.name} has more than {MOST_PIXELS // 10**6} megapixels: make it smaller first") from None
    except (OSError, SyntaxError, EOFError) as error:
        raise ValueError(f"{path.name} is not a readable picture: {error}") from None


def _check_size(path: Path, wide: int, high: int) -> None:
    if wide * high > MOST_PIXELS:
        raise ValueError(
            f"{path.name} has {wide * high / 1e6:.0f} megapixels, and at most {MOST_PIXELS // 10**6} are worked on: "
            "make it smaller first"
        )


def _of(image: Image.Image) -> Photograph:
    kept = {key: image.info[key] for key in ("icc_profile", "dpi") if key in image.info}
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image)
        if image.mode == "F" or values.min() < 0 or values.max() > SIXTEEN:
            raise ValueError(f"the picture must have 8 or 16 bits a channel, got Pillow's mode {image.mode}")
        return Photograph(values.astype(np.float32) / SIXTEEN, 16, None, kept)
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        image, kept = image.convert("RGB"), {key: kept[key] for key in kept if key != "icc_profile"}
    alpha = None
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("LA" if image.mode in ("LA", "La", "L", "1") else "RGBA")
        alpha = np.asarray(image.getchannel("A"))
    image = image.convert("L" if image.mode in ("1", "L", "LA") else "RGB")
    return Photograph(np.asarray(image, np.float32) / 255, 8, alpha, kept)


def _sixteen_bit_colour(path: Path) -> Photograph | None:
    """A TIFF of three or four channels with 16 bits each; None for any other."""
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages[0]
            if page.dtype != np.uint16 or page.samplesperpixel not in (3, 4):
                return None
            _check_size(path, page.imagewidth, page.imagelength)
            pixels = page.asarray()
            if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE:
                pixels = np.moveaxis(pixels, 0, -1)
            turned = page.tags.get("Orientation")
    except (tifffile.TiffFileError, OSError, IndexError, KeyError) as error:
        raise ValueError(f"{path.name} is not a readable picture: {error}") from None
    pixels = _turned(pixels, int(turned.value) if turned else 1)
    alpha = np.ascontiguousarray(pixels[..., 3]) if pixels.shape[2] == 4 else None
    return Photograph(np.ascontiguousarray(pixels[..., :3], np.float32) / SIXTEEN, 16, alpha)


def _turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """As EXIF's orientation 1 … 8 says."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels[:, ::-1] if orientation in (2, 3, 6, 7) else pixels


def write(path: str | Path, values: np.ndarray, like: Photograph) -> Path:
    """Write values on the scale of [0, 1], clipped, with the bits, alpha and profile of `like`; the suffix says the format.

    16 bits become 8 where the format has no more: JPEG, WebP, and colour as PNG. JPEG has no alpha, which is left out.
    ValueError for another suffix, OSError where it cannot be written.
    """
    path = Path(path)
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise ValueError(f"{path.name} must end in {', '.join(SUFFIXES)}")
    colour = values.ndim == 3
    deep = like.bits == 16 and (kind == "TIFF" or kind == "PNG" and not colour)
    most = SIXTEEN if deep else 255
    pixels = np.rint(np.clip(values, 0, 1) * most).astype(np.uint16 if deep else np.uint8)
    alpha = like.alpha if kind != "JPEG" else None
    if alpha is not None and not deep and alpha.dtype == np.uint16:
        alpha = (alpha // 257).astype(np.uint8)
    with replacing(path) as temporary:
        if deep and colour:
            _write_tiff(temporary, pixels, alpha)
        else:
            _save(pixels, alpha, temporary, kind, like.kept)
    return path


def _write_tiff(path: Path, pixels: np.ndarray, alpha: np.ndarray | None) -> None:
    import tifffile

    extra = {} if alpha is None else {"extrasamples": ["unassalpha"]}
    whole = pixels if alpha is None else np.concatenate((pixels, alpha.astype(np.uint16)[..., None]), 2)
    tifffile.imwrite(path, whole, photometric="rgb", compression="zlib", **extra)


def _save(pixels: np.ndarray, alpha: np.ndarray | None, path: Path, kind: str, kept: dict[str, Any]) -> None:
    image = Image.fromarray(pixels)
    if alpha is not None and pixels.dtype == np.uint8:
        image.putalpha(Image.fromarray(alpha))
    options = {"JPEG": {"quality": 95}, "WEBP": {"lossless": True}, "TIFF": {"compression": "tiff_adobe_deflate"}}
    image.save(path, kind, **options.get(kind, {}), **kept)
