"""The font of pictures to take away. Pillow's own has no λ, no minus sign and no space that does not break.

DejaVuSans.ttf is a part of DejaVu Sans 2.37, whose licence stands beside it: Latin and Greek letters, raised and lowered
ones, punctuation, arrows and the signs of mathematics. fontTools made it of the whole font:

    pyftsubset DejaVuSans.ttf --no-hinting --notdef-outline --layout-features=kern,mark,mkmk,ccmp \
--unicodes=20-7E,A0-17F,2B0-2FF,300-30C,370-3FF,1D2C-1D6A,2010-2044,2070-209C,20AC,2100-214F,2190-21FF,2200-22FF,25A0-25FF,2713-2717
"""

import functools
from pathlib import Path

from PIL import ImageFont

FILE = Path(__file__).with_name("DejaVuSans.ttf")


@functools.cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font, `size` px high."""
    return ImageFont.truetype(FILE, size)
