"""What a scrubber shows, as arrays, and how it travels to the browser: HTML, and numbers as base64, so that many frames stay
small.

Entry k of every array is frame k. An array with a single entry holds still; so does a list of words with one. Where a
number of a column stands instead of an array, the panel shows what its codes are at the stop at hand (`board.Codes`).
"""

import base64
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from sc2viz.draw import mosaics, style
from sc2viz.draw.cards import Said, wrap_text
from sc2viz.words import N_, _

MOST_IN_ROW = 6  # cards, where a layout has all of them in one row


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
        count, n, high, wide, *channels = self.frames.shape
        dark = self.table if self.dark_table is None else self.dark_table
        tables = {"light": self.table, "dark": dark}
        return {
            "kind": "picture",
            "size": [count, n, high, wide, *(channels or [1])],
            "columns": self.columns or int(np.ceil(np.sqrt(n))),
            "pixels": packed(self.frames),
            "tables": {name: steps(table) for name, table in tables.items() if table is not None},
        }


@dataclass(frozen=True, eq=False)
class Made:
    """What the codes of a column make, B s: the "picture", or its "error". `alt` may say {t}."""

    label: str
    column: int
    shows: str
    alt: str

    def data(self) -> dict:
        return {"kind": "picture", "column": self.column, "shows": self.shows}


@dataclass(frozen=True, eq=False)
class Stems:
    """Signed values as stems from zero, (count, n), from −`bottom`, which is −`top` unless it is given, to `top`.
    `reference`: the column of codes at which they should end, as circles. `scale` (n,) multiplies the values."""

    label: str
    values: np.ndarray | int
    top: float
    colour: str | None  # None: the theme's ink
    alt: str
    item: str = N_("atom")  # what one stem stands for
    reference: int | None = None
    reference_label: str = ""
    bottom: float | None = None
    scale: np.ndarray | None = None
    # The reference is the truth: hits, misses and false alarms have marks of their own
    marks: bool = False

    def data(self) -> dict:
        reference = {"column": self.reference, "label": self.reference_label}
        return {
            "kind": "stems",
            "marks": self.marks,
            **_numbers(self.values),
            "top": float(self.top),
            "bottom": float(self.top if self.bottom is None else self.bottom),
            "item": _(self.item),
            "reference": None if self.reference is None else reference,
            "scale": _floats(self.scale),
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
        names = {"names": list(self.names), "marked": self.marked}
        return {"kind": "bars", **_numbers(self.values), **names}


@dataclass(frozen=True, eq=False)
class Line:
    """A curve over the frames, (count,). `dash`: lengths on and off in px, solid without.

    `places`: where its values stand on the axis, in ascending order, where that is not at the frames. `by_axis`: the value at
    the present frame at the stops of another axis, by axis; under "t" the value at each frame, of a line with `places` of
    its own, whose last value up to the frame it is otherwise. `legend`: the value at each frame as the legend writes it, where
    the cards write it in another way than the legend would.
    """

    label: str
    values: np.ndarray
    colour: str | None
    dash: Sequence[int] = ()
    places: np.ndarray | None = None
    by_axis: Mapping[str, np.ndarray] = field(default_factory=dict)
    legend: Sequence[str] = ()
    # The solver whose distances to the optimum they are, of a drawing too (`board.Column`)
    solver: str = ""

    def data(self) -> dict:
        by_axis = {axis: _floats(values) for axis, values in self.by_axis.items()}
        numbers = {"values": _floats(self.values), "places": _floats(self.places)}
        return vars(self) | numbers | {"by_axis": by_axis}


@dataclass(frozen=True, eq=False)
class Curves:
    """Lines over the frames with a marker at the present one.

    `log`: the axis is logarithmic. `optimum`: the words at a dashed line, which lies at the bottom, below all that a
    logarithm reaches, or at `optimum_at` on a linear axis. `bottom`, `top`: what a linear axis does not go beyond. `places`
    (count,): where the frames stand on the axis, 0, 1, 2, … without. `marks`: places with a few words each.
    """

    label: str
    lines: Sequence[Line]
    alt: str
    axis: str = N_("iteration")
    unit: str = ""
    log: bool = True
    optimum: str = ""
    optimum_at: float | None = None
    bottom: float | None = None
    top: float | None = None
    places: np.ndarray | None = None
    marks: Sequence[tuple[float, str]] = ()

    def data(self) -> dict:
        as_they_are = ("unit", "log", "optimum", "optimum_at", "bottom", "top")
        return {
            "kind": "curves",
            "axis": _(self.axis),
            **{name: getattr(self, name) for name in as_they_are},
            "places": _floats(self.places),
            "marks": [[float(place), text] for place, text in self.marks],
            "lines": [line.data() for line in self.lines],
        }


Panel = Picture | Made | Stems | Bars | Curves
Texts = Sequence[str] | Mapping[str, Sequence[str]]  # frame by frame, or at every stop by axis


@dataclass(frozen=True, eq=False)
class Group:
    """One card: panels under a heading in its colour. `readings`: what a number means → the number, frame by frame.

    The first reading stands large. `dashed`: the rule over the heading is the exact optimum's.
    """

    title: str
    colour: str | None
    panels: Sequence[Panel]
    note: str | Texts = ""
    readings: Mapping[str, Texts] = field(default_factory=dict)
    # A colour bar: its table, its ticks, what it measures
    scale: tuple[np.ndarray, Sequence[Texts], str] | None = None
    dashed: bool = False
    solver: str = ""  # whose marker stands before the title
    # Which number a reading is (`cards.Said`)
    reads: Mapping[str, str] = field(default_factory=dict)
    dash: str = ""  # the dash pattern of its rule; solid without one
    is_unranked: bool = False  # whether it stands below a line
    figure: str = ""  # HTML under the heading, whose words and drawings may move (`cards.wrap_text`, `cards.moves`)


def html(groups: Sequence[Group], wide: Sequence[Curves]) -> str:
    """The cards and the wide panels, whose words move (`cards.wrap_text`). Panel k of all is at `data-panel`."""
    places = itertools.count()
    # As many beside each other at most, so that two rows are about equally long.
    across = -(-len(groups) // 2) if len(groups) > 4 else len(groups)
    row = max(1, min(MOST_IN_ROW, sum(not group.is_unranked for group in groups)))
    cards = "".join(card(group, places) for group in groups)
    figures = "".join(_figure(panel, next(places)) for panel in wide)
    return f'<div class="cards" style="--most:{across}; --row:{row}">{cards}</div><div class="wide">{figures}</div>'


def card(group: Group, places: Iterator[int]) -> str:
    """One card, as HTML. Its panels take the next of `places`."""
    pictures = graphs = rows = ""
    for panel in group.panels:
        figure = _figure(panel, next(places))
        if isinstance(panel, Picture | Made):
            pictures += figure
        else:
            graphs += figure
    for name, texts in group.readings.items():
        text = _tag(texts, "dd", group.reads.get(name, ""))
        rows += f"<div{'' if rows else ' class=headline'}><dt>{escape(_(name))}</dt>{text}</div>"
    numbers = f"<dl>{rows}</dl>"
    if group.scale is not None:
        numbers = f'<div class="foot">{numbers if rows else ""}{_scale(*group.scale)}</div>'
    rule = f"--rule:{style.rule(group.dash)}; " if group.dash else ""
    kind = " class=dashed" if group.dashed else " class=below" if group.is_unranked else ""
    note = _tag(group.note, "small")
    mark = "" if group.solver in ("", "exact") else style.mark(group.solver)
    title = escape(group.title)
    return (
        f'<article aria-label="{title}"{kind} style="{rule}--solver:{group.colour or "currentColor"}">'
        f"<header><span>{title}</span>{mark}{note}</header>{group.figure}"
        f'<div class="pictures">{pictures}</div><div class="rest">{graphs}</div>{numbers}</article>'
    )


def _scale(table: np.ndarray, ticks: Sequence[Texts], meaning: str) -> str:
    """A colour bar under a card."""
    colours = ", ".join(
        f"rgb({r},{g},{b})" for r, g, b in table[:: max(1, len(table) // 16)].tolist()
    )
    marks = "".join(_tag(tick, "span") for tick in ticks)
    alt = escape(_("Colour bar, {meaning}", meaning=meaning))
    return (
        f'<div class="scale" role="img" aria-label="{alt}"><span>{escape(meaning)}</span>'
        f'<i style="background:linear-gradient(to right, {colours})"></i><div>{marks}</div></div>'
    )


def _figure(panel: Panel, place: int) -> str:
    """A panel under its heading: a canvas, a drawing or a list, which says what it shows."""
    alt = f'role="img" data-alt="{escape(panel.alt)}"'
    heading, colour = f"<span>{escape(panel.label)}</span>", "currentColor"
    if isinstance(panel, Stems | Bars):
        heading, colour = f'{heading}<span class="reading"></span>', panel.colour or colour
    if isinstance(panel, Stems):
        kind, content = "stems", f"<svg {alt}></svg>"
    elif isinstance(panel, Bars):
        names = (
            f"<li{' class=true' if k == panel.marked else ''}><i></i>{escape(name)}</li>"
            for k, name in enumerate(panel.names)
        )
        kind, content = "bars", f"<ul {alt}>{''.join(names)}</ul>"
    elif isinstance(panel, Curves):
        legend = ""
        for line in panel.lines:
            ink, gap = (*line.dash, 1, 0)[:2]
            shade = line.colour or "currentColor"
            stops = f"{shade} 0 {ink}px, transparent {ink}px {ink + gap}px"
            swatch = f"background:repeating-linear-gradient(to right, {stops})"
            legend += f'<li><i style="{swatch}"></i><span>{escape(line.label)}</span><b></b></li>'
        heading += f'<ul class="legend">{legend}</ul>'
        kind, content = "curves", f"<svg {alt}></svg>"
    else:
        kind, content = "picture", f"<canvas {alt}></canvas>"
    caption = f"<figcaption>{heading}</figcaption>"
    return f'<figure class="{kind}" data-panel="{place}" style="--line:{colour}">{caption}{content}</figure>'


def _tag(texts: str | Texts, tag: str, reads: str = "") -> str:
    if isinstance(texts, str):
        return wrap_text(texts, tag)
    stops = by_axis(texts)
    return wrap_text(Said(next(iter(stops.values()))[0], stops, reads), tag)


def by_axis(texts: Texts) -> dict[str, list[str]]:
    """Texts by axis. Frames are the axis "t"."""
    stops = texts if isinstance(texts, Mapping) else {"t": texts}
    return {axis: list(at_stops) for axis, at_stops in stops.items()}


def tiles(pixels: np.ndarray, shape: mosaics.Shape) -> np.ndarray:
    """Pictures, (count, n, d_x) or (count, d_x) for one a frame, as `Picture.frames`; clipped."""
    pixels = pixels[:, None] if pixels.ndim == 2 else pixels
    values = mosaics.tiles(pixels.reshape(-1, pixels.shape[2]), shape)
    values = values.reshape(*pixels.shape[:2], *values.shape[1:])
    values = values[..., 0] if values.shape[-1] == 1 else values
    return (values * 255).round().astype(np.uint8)


def scaled(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values as uint8, 0 at `low` and below, 255 at `high` and above, and where they are not numbers."""
    shares = (np.nan_to_num(values, nan=high) - low) / (high - low)
    return (np.clip(shares, 0, 1) * 255).round().astype(np.uint8)


def _numbers(values: np.ndarray | int) -> dict:
    """Numbers of their own and their shape, or a column without one."""
    if isinstance(values, int):
        return {"values": values, "size": None}
    return {"values": _floats(values), "size": list(values.shape)}


def packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array)).decode()


def steps(table: np.ndarray) -> str:
    """A table of colours (k, 3) uint8, as the steps from one to the next, which compress well."""
    return packed(np.diff(table, axis=0, prepend=np.zeros((1, 3), np.uint8)))


def _floats(array: np.ndarray | None) -> str | None:
    if array is None:
        return None
    with np.errstate(over="ignore"):
        return packed(np.asarray(array).astype("<f4"))
