"""What a scrubber shows, as arrays, and how it travels to the browser: numbers as base64, so that many frames stay small.

Entry k of every array is frame k. An array with a single entry holds still; so does a list of words with one. Where a
number of a column stands instead of an array, the panel shows what its codes are at the stop at hand (`board.Codes`).
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sc2viz.figures import pictures


@dataclass(frozen=True, eq=False)
class Picture:
    """Pictures laid out as a mosaic: `frames` (count, n, h, w) or (count, n, h, w, 3), uint8.

    `table`: (256, 3) uint8, the colours of the one-channel values; grey without it. `dark_table`: the same for the dark
    theme, where it differs. `alt` may say {t}.
    """

    label: str
    frames: np.ndarray
    alt: str
    table: np.ndarray | None = None
    dark_table: np.ndarray | None = None
    columns: int | None = None

    def data(self) -> dict:
        if self.frames.dtype != np.uint8 or self.frames.ndim not in (4, 5):
            raise ValueError(
                f"frames of {self.label!r} must be uint8 (count, n, h, w) or (count, n, h, w, 3), "
                f"got {self.frames.dtype} {self.frames.shape}: scale values to 0–255 first"
            )
        count, n, high, wide = self.frames.shape[:4]
        tables = {"light": self.table, "dark": self.table if self.dark_table is None else self.dark_table}
        return {
            "kind": "picture",
            "label": self.label,
            "alt": self.alt,
            "size": [count, n, high, wide, self.frames.shape[4] if self.frames.ndim == 5 else 1],
            "columns": self.columns or int(np.ceil(np.sqrt(n))),
            "pixels": packed(self.frames),
            "tables": {name: packed(table) for name, table in tables.items() if table is not None},
        }


@dataclass(frozen=True, eq=False)
class Made:
    """What the codes of a column make, B s: the "picture", or its "error". `alt` may say {t}."""

    label: str
    column: int
    shows: str
    alt: str

    def data(self) -> dict:
        return {"kind": "picture", **vars(self)}


@dataclass(frozen=True, eq=False)
class Stems:
    """Signed values as stems from zero, (count, n), from −`bottom`, which is −`top` unless it is given, to `top`.
    `reference`: the column of codes at which they should end, as circles. `scale` (n,) multiplies the values."""

    label: str
    values: np.ndarray | int
    top: float
    colour: str | None  # None: the theme's ink
    alt: str
    item: str = "atom"  # what one stem stands for
    reference: int | None = None
    reference_label: str = ""
    bottom: float | None = None
    scale: np.ndarray | None = None

    def data(self) -> dict:
        return {
            "kind": "stems",
            "label": self.label,
            "alt": self.alt,
            **_numbers(self.values),
            "top": float(self.top),
            "bottom": float(self.top if self.bottom is None else self.bottom),
            "colour": self.colour,
            "item": self.item,
            "reference": None if self.reference is None else {"column": self.reference, "label": self.reference_label},
            "scale": None if self.scale is None else _floats(self.scale),
        }


@dataclass(frozen=True, eq=False)
class Bars:
    """Shares in [0, 1] of named things, (count, n). `marked`: the row of the true one."""

    label: str
    values: np.ndarray | int
    names: Sequence[str]
    colour: str | None
    alt: str
    marked: int | None = None

    def data(self) -> dict:
        return {
            "kind": "bars",
            "label": self.label,
            "alt": self.alt,
            **_numbers(self.values),
            "names": list(self.names),
            "colour": self.colour,
            "marked": self.marked,
        }


@dataclass(frozen=True, eq=False)
class Line:
    """A curve over the frames, (count,). `dash`: lengths on and off in px, solid without.

    `places`: where its values stand on the axis, in ascending order, where that is not at the frames. `moved`: the value at
    the present frame at the stops of another axis, by axis.
    """

    label: str
    values: np.ndarray
    colour: str | None
    dash: Sequence[int] = ()
    places: np.ndarray | None = None
    moved: Mapping[str, np.ndarray] = field(default_factory=dict)

    def data(self) -> dict:
        return {
            "label": self.label,
            "values": _floats(self.values),
            "moved": {axis: _floats(values) for axis, values in self.moved.items()},
            "colour": self.colour,
            "dash": list(self.dash),
            "places": None if self.places is None else _floats(self.places),
        }


@dataclass(frozen=True, eq=False)
class Curves:
    """Lines over the frames with a marker at the present one.

    `log`: the axis is logarithmic down to `floor`. `optimum`: the words at a dashed line, which lies at the bottom, below
    all that a logarithm reaches, or at `optimum_at` on a linear axis. `bottom`, `top`: what a linear axis
    does not go beyond. `places` (count,): where the frames stand on the axis, 0, 1, 2, … without. `marks`: places with a
    few words each.
    """

    label: str
    lines: Sequence[Line]
    alt: str
    axis: str = "iteration"
    unit: str = ""
    log: bool = True
    floor: float = 1e-3
    optimum: str = ""
    optimum_at: float | None = None
    bottom: float | None = None
    top: float | None = None
    places: np.ndarray | None = None
    marks: Sequence[tuple[float, str]] = ()

    def data(self) -> dict:
        return {
            "kind": "curves",
            "label": self.label,
            "alt": self.alt,
            "axis": self.axis,
            "unit": self.unit,
            "log": self.log,
            "floor": self.floor,
            "optimum": self.optimum,
            "optimum_at": self.optimum_at,
            "bottom": self.bottom,
            "top": self.top,
            "places": None if self.places is None else _floats(self.places),
            "marks": [[float(place), text] for place, text in self.marks],
            "lines": [line.data() for line in self.lines],
        }


Panel = Picture | Made | Stems | Bars | Curves
Words = Sequence[str] | Mapping[str, Sequence[str]]  # frame by frame, or at every stop by axis


@dataclass(frozen=True, eq=False)
class Group:
    """One card: panels under a heading in its colour. `readings`: what a number means → the number, frame by frame.

    The first reading stands large. `dashed`: the rule over the heading is the exact optimum's.
    """

    title: str
    colour: str | None
    panels: Sequence[Panel]
    note: str = ""
    readings: Mapping[str, Words] = field(default_factory=dict)
    scale: tuple[np.ndarray, Sequence[Words], str] | None = None  # a colour bar: its table, its ticks, what it measures
    dashed: bool = False

    def data(self) -> dict:
        scale = None
        if self.scale is not None:
            table, ticks, meaning = self.scale
            stops = [f"rgb({r},{g},{b})" for r, g, b in table[:: max(1, len(table) // 16)].tolist()]
            scale = {"stops": stops, "ticks": list(map(moving, ticks)), "meaning": meaning}
        return {
            "title": self.title,
            "colour": self.colour,
            "note": self.note,
            "dashed": self.dashed,
            "panels": [panel.data() for panel in self.panels],
            "readings": [[name, moving(words)] for name, words in self.readings.items()],
            "scale": scale,
        }


def moving(words: Words) -> dict[str, list[str]]:
    """Words by axis. Frames are the axis "t"."""
    return {axis: list(texts) for axis, texts in (words if isinstance(words, Mapping) else {"t": words}).items()}


def tiles(pixels: np.ndarray, shape: pictures.Shape) -> np.ndarray:
    """Pictures, (count, n, d_x) or (count, d_x) for one a frame, as `Picture.frames`; clipped."""
    pixels = pixels[:, None] if pixels.ndim == 2 else pixels
    values = pictures.tiles(pixels.reshape(-1, pixels.shape[2]), shape)
    values = values.reshape(*pixels.shape[:2], *values.shape[1:])
    values = values[..., 0] if values.shape[-1] == 1 else values
    return (values * 255).round().astype(np.uint8)


def scaled(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values as uint8, 0 at `low` and below, 255 at `high` and above, and where they are not numbers."""
    return (np.clip((np.nan_to_num(values, nan=high) - low) / (high - low), 0, 1) * 255).round().astype(np.uint8)


def _numbers(values: np.ndarray | int) -> dict:
    """Numbers of their own and their shape, or a column without one."""
    if isinstance(values, int):
        return {"values": values, "size": None}
    return {"values": _floats(values), "size": list(values.shape)}


def packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array)).decode()


def _floats(array: np.ndarray) -> str:
    with np.errstate(over="ignore"):
        return packed(np.asarray(array).astype("<f4"))
