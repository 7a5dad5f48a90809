"""A figure for download: columns of pictures, each with a heading and a few lines of text, as one RGB array."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

# Pillow's built-in font has no Greek letters, no space that does not break, and few symbols.
_SPELT = str.maketrans(
    {"λ": "lambda", "θ": "theta", "−": "-", "–": "-", "≥": ">=", "≈": "~", "∞": "infinite", "½": "1/2", "↑": "", "↓": "",
     "\u00a0": " "}
)  # fmt: skip


@dataclass(frozen=True)
class SheetColumn:
    """One column of a sheet: a heading with its colour (#RRGGBB), RGBA pictures from top to bottom, and lines of text."""

    heading: str
    colour: str
    pictures: list[np.ndarray]
    lines: list[str]


def sheet(title: str, columns: list[SheetColumn], side: int = 320, margin: int = 28) -> np.ndarray:
    """The columns side by side on white, with pictures `side` px wide: (H, W, 3) uint8. Raises ValueError for no columns."""
    if not columns:
        raise ValueError("columns must not be empty: give at least one")
    big, bold, small = (ImageFont.load_default(size) for size in (26, 22, 18))
    rows = max(len(column.pictures) for column in columns)
    highest = max(picture.shape[0] / picture.shape[1] for column in columns for picture in column.pictures)
    slot, leading = int(side * highest) + margin // 2, 26
    text = max(len(column.lines) for column in columns) * leading
    size = (len(columns) * (side + margin) + margin, 130 + rows * slot + text + margin)
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    draw.text((margin, margin), title.translate(_SPELT), "#23252B", big)
    for k, column in enumerate(columns):
        left = margin + k * (side + margin)
        draw.rectangle((left, 80, left + side, 84), column.colour)
        draw.text((left, 92), column.heading.translate(_SPELT), "#23252B", bold)
        for row, picture in enumerate(column.pictures):
            image = Image.fromarray(picture)
            image = image.resize((side, round(side * image.height / image.width)), Image.Resampling.NEAREST)
            page.paste(image, (left, 128 + row * slot), image)
        for row, line in enumerate(column.lines):
            draw.text((left, 132 + rows * slot + row * leading), line.translate(_SPELT), "#55585F", small)
    return np.asarray(page)
