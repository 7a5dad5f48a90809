"""Read a photograph and write it back as it was: 8 or 16 bits, grey or colour, with its alpha and colour profile.

PNG, JPEG, WebP and TIFF. A picture is turned as its EXIF says. Pillow reads 16-bit colour with 8 bits, so that of a TIFF is
read and written by tifffile, and that of a PNG becomes 8 bits. A TIFF is refused where neither of the two would read the
picture that is meant: Lab of 16 bits, 12 or 32 bits a channel, signed numbers and fractions. The old file stays where
something goes wrong.
"""

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from sc2viz.files import Refused
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


@dataclass(frozen=True)
class Photograph:
    """A picture on the scale of [0, 1], and what is needed to write another one like it."""

    values: np.ndarray  # (h, w) or (h, w, 3) float32
    bits: int = 8  # 8 or 16 a channel
    alpha: np.ndarray | None = None  # (h, w) uint8 or uint16
    # The options with which Pillow writes what a file has beside its pixels.
    kept: dict[str, Any] = field(default_factory=dict)


def read(path: str | Path) -> Photograph:
    """The picture of a file; ValueError, naming it, for one that is missing, broken, too large or of another kind."""
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path.name} must end in {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    try:
        if (
            SUFFIXES[path.suffix.lower()] == "TIFF"
            and (found := _sixteen_bit_tiff(path)) is not None
        ):
            return found
        with warnings.catch_warnings():
            # The limit of this module is lower than Pillow's.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                _check_size(path, *image.size)
                return _of(ImageOps.exif_transpose(image), path)
    except Refused:
        raise
    except Image.DecompressionBombError:
        raise ValueError(
            f"{path.name} has more than {MOST_PIXELS // 10**6} megapixels: make it smaller first"
        ) from None
    except Exception as error:  # the type of the error depends on which bytes are wrong
        raise ValueError(f"{path.name} is not a readable picture: {error}. Save it anew") from None


def _check_size(path: Path, wide: int, high: int) -> None:
    if wide * high > MOST_PIXELS:
        raise Refused(
            f"{path.name} has {wide * high / 1e6:.0f} megapixels, and at most {MOST_PIXELS // 10**6} are worked on: "
            "make it smaller first"
        )


def _of(image: Image.Image, path: Path) -> Photograph:
    kept = {key: image.info[key] for key in ("icc_profile", "dpi") if key in image.info}
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image)
        if image.mode == "F" or values.min() < 0 or values.max() > SIXTEEN:
            raise Refused(
                f"{path.name} must have 8 or 16 bits a channel, got Pillow's mode {image.mode}: convert it"
            )
        return Photograph(values.astype(np.float32) / SIXTEEN, 16, None, kept)
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        image, kept = image.convert("RGB"), {key: kept[key] for key in kept if key != "icc_profile"}
    alpha = None
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("LA" if image.mode in ("LA", "La", "L", "1") else "RGBA")
        alpha = np.asarray(image.getchannel("A"))
    image = image.convert("L" if image.mode in ("1", "L", "LA") else "RGB")
    return Photograph(np.asarray(image, np.float32) / 255, 8, alpha, kept)


def _sixteen_bit_tiff(path: Path) -> Photograph | None:
    """A TIFF of 16 bits a channel in colour, or in grey where 0 is white; None for one that Pillow reads as it is meant."""
    import tifffile

    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        kind, bits, channels = page.photometric, page.bitspersample, page.samplesperpixel
        _check_size(path, page.imagewidth, page.imagelength * page.imagedepth)
        if page.sampleformat != 1 or not isinstance(bits, int) or not (bits <= 8 or bits == 16):
            of = {2: "signed numbers of ", 3: "fractions of "}.get(page.sampleformat, "")
            raise Refused(
                f"{path.name} must have 8 or 16 bits a channel, got {of}{bits} bits: convert it"
            )
        if bits <= 8 or kind == tifffile.PHOTOMETRIC.MINISBLACK and channels == 1:
            return None
        if (kind.name, channels) not in _DEEP:
            raise Refused(
                f"{path.name} holds {kind.name} of 16 bits in {channels} channels: save it as RGB or grey"
            )
        pixels = _decoded(page, path)
        if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE and channels > 1:
            pixels = np.moveaxis(pixels, 0, -1)
        if not pixels.size or pixels.shape[:2] != (page.imagelength, page.imagewidth):
            raise ValueError(f"its numbers have shape {pixels.shape}")
        tag, premultiplied = page.tags.get("Orientation"), 1 in page.extrasamples
    pixels = _turned(pixels, int(tag.value) if tag else 1)
    values = np.ascontiguousarray(pixels, np.float32) / SIXTEEN
    if kind == tifffile.PHOTOMETRIC.MINISWHITE:
        return Photograph(1 - values, 16)
    if (
        kind == tifffile.PHOTOMETRIC.SEPARATED
    ):  # CMYK is converted as Pillow converts it with 8 bits, without a profile
        return Photograph((1 - values[..., :3]) * (1 - values[..., 3:]), 16)
    if channels == 3:
        return Photograph(values, 16)
    colours, opacity = values[..., :3], values[..., 3:]
    if premultiplied:
        colours = np.divide(colours, opacity, out=np.zeros_like(colours), where=opacity > 0).clip(
            0, 1
        )
    return Photograph(np.ascontiguousarray(colours), 16, np.ascontiguousarray(pixels[..., 3]))


# The kinds of a TIFF of 16 bits that are read, with their numbers of channels. Some programs write MINISBLACK for colour.
_DEEP = {
    ("MINISWHITE", 1),
    ("RGB", 3),
    ("RGB", 4),
    ("MINISBLACK", 3),
    ("MINISBLACK", 4),
    ("SEPARATED", 4),
}


def _decoded(page: Any, path: Path) -> np.ndarray:
    """The numbers of a page of a TIFF; what is wrong with a compression that needs another package says so."""
    try:
        return page.asarray()
    except Exception as error:
        if "imagecodecs" not in str(error):
            raise
        raise Refused(
            f"{path.name} is compressed by {page.compression.name}, which cannot be read with 16 bits here: save it without "
            "compression or with ZIP (deflate), or install the package imagecodecs"
        ) from None


def _turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """A picture turned as EXIF's orientation, 1 … 8, says."""
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
    whole = (
        pixels if alpha is None else np.concatenate((pixels, alpha.astype(np.uint16)[..., None]), 2)
    )
    tifffile.imwrite(path, whole, photometric="rgb", compression="zlib", **extra)


def _save(
    pixels: np.ndarray, alpha: np.ndarray | None, path: Path, kind: str, kept: dict[str, Any]
) -> None:
    image = Image.fromarray(pixels)
    if alpha is not None and pixels.dtype == np.uint8:
        image.putalpha(Image.fromarray(alpha))
    options = {
        "JPEG": {"quality": 95},
        "WEBP": {"lossless": True},
        "TIFF": {"compression": "tiff_adobe_deflate"},
    }
    image.save(path, kind, **options.get(kind, {}), **kept)
