"""The fonts of pictures to take away. Pillow's own has no λ, no minus sign and no space that does not break.

DejaVuSans.ttf is a part of DejaVu Sans 2.37, whose licence stands beside it: Latin and Greek letters, raised and lowered
ones, punctuation, arrows and the signs of mathematics. NotoSansSC.woff is a part of Noto Sans SC 2.004: the Chinese
characters of the catalogue, the most frequent others, and ★. fontTools made them of the whole fonts:

    pyftsubset DejaVuSans.ttf --no-hinting --notdef-outline --layout-features=kern,mark,mkmk,ccmp \
--unicodes=20-7E,A0-17F,2B0-2FF,300-30C,370-3FF,1D2C-1D6A,2010-2044,2070-209C,20AC,2100-214F,2190-21FF,2200-22FF,25A0-25FF,2713-2717
    pyftsubset NotoSansSC-Regular.ttf --no-hinting --notdef-outline --layout-features= --flavor=woff --text-file=CHARACTERS
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from PIL import ImageDraw, ImageFont

FILE, CHINESE = (Path(__file__).with_name(name) for name in ("DejaVuSans.ttf", "NotoSansSC.woff"))
_RUNS = re.compile("[★\u3000-\u9fff\uff00-\uffef]+|[^★\u3000-\u9fff\uff00-\uffef]+")


@functools.cache
def font(size: int, file: Path = FILE) -> ImageFont.FreeTypeFont:
    """A font, `size` px high."""
    return ImageFont.truetype(file, size)


def _runs(text: str, size: int) -> Iterator[tuple[str, ImageFont.FreeTypeFont]]:
    """The parts of a line, each with the font that has its characters."""
    return (
        (run, font(size, CHINESE if run[0] in "★" or run[0] >= "\u3000" else FILE))
        for run in _RUNS.findall(text)
    )


def length(text: str, size: int) -> float:
    """How many px wide a line is."""
    return sum(face.getlength(run) for run, face in _runs(text, size))


def write(
    draw: ImageDraw.ImageDraw, corner: tuple[float, float], text: str, ink: str, size: int
) -> None:
    """Write a line whose upper left corner is `corner`."""
    x, base = corner[0], corner[1] + font(size).getmetrics()[0]
    for run, face in _runs(text, size):
        draw.text((x, base), run, ink, face, anchor="ls")
        x += face.getlength(run)
