"""A figure for download: columns of pictures, each with a heading and a few lines of text, and the colour bars of what they
show, as one RGB array."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from sc2viz.draw import style
from sc2viz.draw.letters import length, write
from sc2viz.words import _, localized

LIGHT = "#FFFFFF", "#23252B", "#55585F"  # the ground, words, and quiet words
DARK = "#14151A", "#E9E7E1", "#B4B3AE"
MARGIN = 28  # px between columns
BAR = 70  # px that a colour bar is high with its words
SMALL = 17  # px that the letters of lines are high, where a line is not too long for its column


class ColourBar(NamedTuple):
    """A colour bar: what it measures and in which unit, its colours (256, 3) uint8, and the ticks from left to right."""

    label: str
    table: np.ndarray
    ticks: tuple[str, ...]


def error_bar(top: float) -> ColourBar:
    """The bar that all errors of a sheet share, up to `top` and above."""
    half, limit = (localized(f"{value:g}") for value in (top / 2, top))
    return ColourBar(
        _("Error |x − Bs|, in units of x"), style.ERROR_TABLE, ("0", half, f"≥ {limit}")
    )


def code_bar(top: float) -> ColourBar:
    """The bar of codes, from −top to top."""
    end = localized(f"{top:g}")
    return ColourBar(
        _("Code s, one square per atom"), style.DIVERGING_TABLE[False], (f"−{end}", "0", end)
    )


@dataclass(frozen=True)
class SheetColumn:
    """One column of a sheet: a heading with its colour (#RRGGBB), RGBA pictures from top to bottom, and lines of text."""

    heading: str
    colour: str
    pictures: list[np.ndarray]
    lines: list[str]


def bars(values: np.ndarray, top: float, colour: str) -> np.ndarray:
    """Values (n,) as bars up to ±top in a colour (#RRGGBB), RGBA (120, 3 n, 4), for a sheet."""
    level = np.linspace(top, -top, 120)[:, None]
    inside = np.where(level > 0, values >= level, values <= level).repeat(3, 1)
    return np.where(inside[..., None], np.uint8((*ImageColor.getrgb(colour), 255)), np.uint8(0))


def sheet(
    title: str,
    columns: list[SheetColumn],
    side: int = 320,
    bars: Sequence[ColourBar] = (),
    dark: bool = False,
) -> np.ndarray:
    """The columns side by side on white, or on the ground of the dark theme, with pictures `side` px wide,
    and below them the `bars`: (H, W, 3) uint8. Raises ValueError for no columns."""
    if not columns:
        raise ValueError("columns must not be empty: give at least one")
    ground, ink, quiet = DARK if dark else LIGHT
    rows = max(len(column.pictures) for column in columns)
    highest = max(
        picture.shape[0] / picture.shape[1] for column in columns for picture in column.pictures
    )
    slot, leading = int(side * highest) + MARGIN // 2, 26
    text = max(len(column.lines) for column in columns) * leading
    low = 130 + rows * slot + text + MARGIN
    across = max(side, 320)  # px that a bar is wide
    wide = (
        max(
            len(columns) * (side + MARGIN),
            len(bars) * (across + MARGIN),
            round(length(title, 24)) + MARGIN,
        )
        + MARGIN
    )
    page = Image.new("RGB", (wide, low + bool(bars) * (BAR + MARGIN)), ground)
    draw = ImageDraw.Draw(page)
    write(draw, (MARGIN, MARGIN), title, ink, 24)
    for k, column in enumerate(columns):
        x = MARGIN + k * (side + MARGIN)
        draw.rectangle((x, 80, x + side, 84), column.colour)
        write(draw, (x, 92), column.heading, ink, 20)
        for row, picture in enumerate(column.pictures):
            image = Image.fromarray(picture)
            image = image.resize(
                (side, round(side * image.height / image.width)), Image.Resampling.NEAREST
            )
            page.paste(image, (x, 128 + row * slot), image)
        for row, line in enumerate(column.lines):
            # Its letters are so small that it ends before the next column.
            size = SMALL
            while size > 10 and length(line, size) > side + MARGIN - 8:
                size -= 1
            write(draw, (x, 132 + rows * slot + row * leading), line, quiet, size)
    for k, bar in enumerate(bars):
        x = MARGIN + k * (across + MARGIN)
        write(draw, (x, low), bar.label, quiet, SMALL)
        page.paste(Image.fromarray(bar.table[None]).resize((across, 14)), (x, low + 26))
        for number, tick in enumerate(bar.ticks):
            share = number / max(1, len(bar.ticks) - 1)
            place = x + share * (across - length(tick, SMALL)), low + 44
            write(draw, place, tick, quiet, SMALL)
    return np.asarray(page)
