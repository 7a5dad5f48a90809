"""Figures about sparse autoencoders: two gaps as bars of two colours, atoms with the dead ones marked, MCC beside R²."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw

from sc2viz.draw import atoms, cards, mosaics, sheet, style, traces
from sc2viz.words import _, localized

# The encoder's gap and the dictionary's, in each theme: no solver has these colours, nor has a control.
COLOURS = (("#93360f", "#ffb27d"), ("#5f6f80", "#9fb2c6"))
_CROSS = (196, 0, 44, 255)  # on an atom that is dead


@dataclass(frozen=True, eq=False)
class GapBar:
    """The two gaps of an encoder in %, at every stop of a slider, (k,) each."""

    encoder: np.ndarray
    dictionary: np.ndarray

    def spans(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the bars begin and end at every stop, (k, 2) each: the encoder's stands after the dictionary's, and a
        dictionary's gap below zero stands left of zero."""
        begins = np.maximum(self.dictionary, 0)
        return np.stack([begins, begins + self.encoder], 1), np.stack(
            [np.minimum(self.dictionary, 0), begins], 1
        )


def find_span(bars: Iterable[GapBar], current: int) -> tuple[float, float]:
    """The ends of the axis of several bars: what all of them reach at the `current` stop, with room for other stops."""
    ends = np.concatenate([span for bar in bars for span in bar.spans()], 1)  # (k, …)
    low, high = float(ends[current].min()), float(ends[current].max())
    return max(1.6 * min(low, 0.0), float(ends.min())), min(1.25 * high, float(ends.max()))


def draw_bars(
    bar: GapBar, span: tuple[float, float], current: int, axis: str, texts: Sequence[Sequence[str]]
) -> str:
    """The bars as HTML that moves along `axis`. span: the ends of their axis. texts: the numbers at every stop in words, of
    the encoder's gap, of the dictionary's, and of both together."""
    low, high = span

    def place(values: np.ndarray) -> np.ndarray:
        return 100 * (np.clip(values, low, high) - low) / (high - low)

    shapes = ""
    for name, ends in zip(("encoder", "dictionary"), bar.spans(), strict=True):
        begins, lengths = place(ends[:, 0]), place(ends[:, 1]) - place(ends[:, 0])
        pairs = zip(begins, lengths, strict=True)
        transforms = [f"translate({x:.2f} 0) scale({width:.3f} 1)" for x, width in pairs]
        attributes = cards.moves(transforms, current, axis)
        shapes += f'<rect class="{name}" width="1" height="1" {attributes}/>'
    shapes += f'<path d="M{float(place(np.zeros(1))[0]):.2f} 0v1"/>'
    numbers = [
        cards.wrap_text(cards.Said(wordings[current], {axis: wordings}), "b") for wordings in texts
    ]
    return (
        f'<div class="gaps-of"><svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">{shapes}</svg>'
        f"<p>{numbers[0]}<i> + </i>{numbers[1]}<i> = </i>{numbers[2]}</p></div>"
    )


def draw_legend() -> str:
    """Which bar is whose, as HTML."""
    names = {
        "encoder": _("encoder’s gap, F(s, D) − F*(D)"),
        "dictionary": _("dictionary’s gap, F*(D) − F*(D★)"),
    }
    items = "".join(f'<span><i class="{key}"></i>{name}</span>' for key, name in names.items())
    return f'<div class="gaps-of legend">{items}<span>{_("in % of F*(D★)")}</span></div>'


def mark_dead(
    B: np.ndarray,
    shape: mosaics.Shape,
    uses: np.ndarray | None,
    dark: bool = False,
    side: int = 300,
) -> np.ndarray:
    """All atoms of B (d_x, d_s) as one picture, RGBA: those first that have most `uses`, (d_s,), where these are known, and
    with a cross over each that has none."""
    uses = np.ones(B.shape[1]) if uses is None else uses
    order = np.argsort(-uses, kind="stable")
    picture = atoms.sheet(B[:, order], shape, dark, side)
    rows, columns = mosaics.grid(len(order))
    image = Image.fromarray(picture)
    pen, gap = ImageDraw.Draw(image), mosaics.GUTTER
    high, wide = (picture.shape[0] + gap) // rows, (picture.shape[1] + gap) // columns
    thick = max(1, round(wide / 12))
    inset = (thick + 1) // 2  # so that no line reaches beyond its atom
    for k in np.flatnonzero(uses[order] == 0):
        top, start = int(k // columns * high) + inset, int(k % columns * wide) + inset
        right, bottom = (end - gap - 1 - 2 * inset for end in (start + wide, top + high))
        pen.line((start, top, right, bottom), _CROSS, thick)
        pen.line((start, bottom, right, top), _CROSS, thick)
    return np.asarray(image)


@dataclass(frozen=True)
class Recovered:
    """How well codes agree with the true ones, and how well they explain the rows: means over seeds."""

    label: str
    short: str  # a label for a chart
    mcc: float
    r2: float
    published: float | None = None  # an MCC
    exact: bool = False  # whether the codes are exact ones on given atoms


def mcc_by_r2(points: Sequence[Recovered], dark: bool = False) -> go.Figure:
    """MCC against R², with a line from each MCC to the published one, where there is one."""
    ink, colour = style.ink(dark), COLOURS[0][dark]
    printed = [point for point in points if point.published is not None]
    curves = [
        traces.line(
            [point.r2, point.r2], [point.mcc, point.published], ink, 1, "dot", **traces.QUIET
        )
        for point in printed
    ]
    positions = dict(zip(points, _place_labels(points), strict=True))
    for exact, name in ((True, _("exact codes on given atoms")), (False, _("an encoder’s codes"))):
        group = [point for point in points if point.exact == exact]
        shade, symbol = (ink, "circle-open") if exact else (colour, "circle")
        line = {"width": 2, "color": shade}
        curves.append(
            traces.markers(
                [point.r2 for point in group],
                [point.mcc for point in group],
                {"size": 10, "symbol": symbol, "color": shade, "line": line},
                name=name,
                text=[point.short for point in group],
                textposition=[positions[point] for point in group],
                textfont={"size": 12, "color": ink},
                hovertemplate="%{text}: MCC %{y:.3f}, R² %{x:.3f}<extra></extra>",
                mode="markers+text",
            )
        )
    curves.append(
        traces.markers(
            [point.r2 for point in printed],
            [point.published for point in printed],
            {"symbol": "line-ew-open", "size": 14, "color": ink, "line": {"width": 2}},
            name=_("published MCC"),
            hovertemplate=_("published MCC {value}", value="%{y:.3f}") + "<extra></extra>",
        )
    )
    numbers = ", ".join(
        _("{label} MCC {mcc:.3f} with R² {r2:.3f}", label=point.label, mcc=point.mcc, r2=point.r2)
        for point in points
    )
    start = min(point.r2 for point in points) - 0.08
    return style.figure(
        curves,
        alt=_("MCC against R² of codes whose truth is known: {values}.", values=numbers),
        x={"title": _("R², what is explained"), "range": [start, 1.07], "showgrid": True},
        y={"title": _("MCC, what is found"), "range": [0, 1.12]},
        height=340,
        hovermode="closest",
    )


def _place_labels(points: Sequence[Recovered]) -> list[str]:
    """Where the label of each point stands: above it, or where others are near, left of all of them, in their order."""
    positions = ("top left", "middle left", "bottom left")
    placed = []
    for point in points:
        near = [
            neighbour
            for neighbour in points
            if abs(neighbour.r2 - point.r2) < 0.12 and abs(neighbour.mcc - point.mcc) < 0.13
        ]
        rank = sorted(near, key=lambda neighbour: -neighbour.mcc).index(point)
        placed.append(positions[min(rank, 2)] if len(near) > 1 else "top center")
    return placed


def draw_sheet(
    title: str, rows: Sequence[tuple[str, float, float, Sequence[np.ndarray]]]
) -> np.ndarray:
    """A column an encoder as a picture on white, (H, W, 3) uint8: its label, its two gaps in % as bars and numbers, and RGBA
    pictures of one width."""
    bars = [GapBar(np.array([encoder]), np.array([gap])) for _label, encoder, gap, _rgba in rows]
    low, high = find_span(bars, 0)
    columns = []
    for (label, encoder, dictionary, pictures), bar in zip(rows, bars, strict=True):
        wide = pictures[0].shape[1]
        strip = Image.new("RGBA", (wide, wide // 6))
        for (ends,), (colour, _dark) in zip(bar.spans(), COLOURS, strict=True):
            begin, end = wide * (ends - low) / max(high - low, 1e-9)
            ImageDraw.Draw(strip).rectangle((begin, wide // 24, end, wide // 6), colour)
        columns.append(
            sheet.SheetColumn(
                label,
                sheet.LIGHT[1],
                [*pictures[:-1], np.vstack([pictures[-1], strip])],
                [localized(f"{encoder:.1f} + {dictionary:.1f} %")],
            )
        )
    names = (_("encoder"), _("dictionary"))
    legend = [
        sheet.ColourBar(f"{_('gaps in % of F*(D*):')} {name}", style.table((colour,) * 2), ())
        for name, (colour, _dark) in zip(names, COLOURS, strict=True)
    ]
    return sheet.sheet(title, columns, bars=legend)


def gaps_of_rows(distances: np.ndarray, dark: bool = False) -> go.Figure:
    """How many rows have which gap, `distances` (n,) in % of each row's optimum."""
    finite = distances[np.isfinite(distances)]
    top = float(np.quantile(finite, 0.99)) if len(finite) else 1.0
    edges = np.linspace(0, style.round_up(max(top, 1e-3)), 41)
    counts = np.histogram(np.clip(finite, 0, edges[-1]), edges)[0]
    middle = float(np.median(finite)) if len(finite) else 0.0
    return style.figure(
        [
            traces.bars(
                (edges[:-1] + edges[1:]) / 2,
                counts,
                COLOURS[0][dark],
                width=edges[1],
                hoverinfo="skip",
            )
        ],
        alt=_(
            "Histogram of the gaps of {total:,} rows in percent of their optima: the median is {median:.3g} %.",
            total=len(distances),
            median=middle,
        ),
        x={
            "title": _("encoder’s gap of a row, % of its optimum"),
            "ticksuffix": " %",
        },
        y={"title": _("rows")},
        height=220,
        showlegend=False,
    )
