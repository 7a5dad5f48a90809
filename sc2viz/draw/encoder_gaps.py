"""Figures about sparse autoencoders: two gaps as bars of two colours, atoms with the dead ones marked, MCC beside R²."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw

from sc2viz.draw import atoms, cards, mosaics, style, traces
from sc2viz.draw.letters import length, write
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


def reach(bars: Sequence[GapBar], here: int) -> tuple[float, float]:
    """The ends of the axis of several bars: what all of them reach at the stop `here`, with room for other stops."""
    ends = np.concatenate([span for bar in bars for span in bar.spans()], 1)  # (k, …)
    low, high = float(ends[here].min()), float(ends[here].max())
    return max(1.6 * min(low, 0.0), float(ends.min())), min(1.25 * high, float(ends.max()))


def gap_bars(
    bar: GapBar, span: tuple[float, float], here: int, axis: str, told: Sequence[Sequence[str]]
) -> str:
    """The bars as HTML that moves along `axis`. span: the ends of their axis. told: the numbers at every stop in words, of
    the encoder's gap, of the dictionary's, and of both together."""
    low, high = span

    def at(value: np.ndarray) -> np.ndarray:
        return 100 * (np.clip(value, low, high) - low) / (high - low)

    drawn = ""
    for name, ends in zip(("encoder", "dictionary"), bar.spans(), strict=True):
        begins, lengths = at(ends[:, 0]), at(ends[:, 1]) - at(ends[:, 0])
        transforms = [
            f"translate({x:.2f} 0) scale({wide:.3f} 1)"
            for x, wide in zip(begins, lengths, strict=True)
        ]
        drawn += (
            f'<rect class="{name}" width="1" height="1" {cards.moves(transforms, here, axis)}/>'
        )
    zero = f'<path d="M{float(at(np.zeros(1))[0]):.2f} 0v1"/>'
    words = [cards.said(cards.Said(texts[here], {axis: texts}), "b") for texts in told]
    encoder, own = _("encoder"), _("dictionary")
    return (
        f'<div class="gaps-of"><svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">{drawn}{zero}</svg>'
        f"<p>{words[0]}<span> {encoder}</span><i> + </i>{words[1]}<span> {own}</span><i> = </i>{words[2]}</p></div>"
    )


def marked(
    B: np.ndarray, shape: mosaics.Shape, dead: np.ndarray, dark: bool = False, side: int = 300
) -> np.ndarray:
    """All atoms of B (d_x, d_s) as one picture, RGBA, with a cross over each that is dead, (d_s,) bool."""
    drawn = atoms.sheet(B, shape, dark, side)
    rows, columns = atoms.grid(B.shape[1])
    image = Image.fromarray(drawn)
    pen, gap = ImageDraw.Draw(image), mosaics.GUTTER
    high, wide = (drawn.shape[0] + gap) / rows, (drawn.shape[1] + gap) / columns
    thick = max(1, round(wide / 12))
    inset = (thick + 1) // 2  # so that no line reaches beyond its atom
    for k in np.flatnonzero(dead):
        top, left = int(k // columns * high) + inset, int(k % columns * wide) + inset
        right, bottom = (
            int(left + wide - gap - 1) - 2 * inset,
            int(top + high - gap - 1) - 2 * inset,
        )
        pen.line((left, top, right, bottom), _CROSS, thick)
        pen.line((left, bottom, right, top), _CROSS, thick)
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


def mcc_by_r2(found: Sequence[Recovered], dark: bool = False, height: int = 340) -> go.Figure:
    """MCC against R², with a line from each MCC to the published one, where there is one."""
    ink, colour = style.ink(dark), COLOURS[0][dark]
    printed = [one for one in found if one.published is not None]
    drawn = [
        traces.line([one.r2, one.r2], [one.mcc, one.published], ink, 1, "dot", **traces.QUIET)
        for one in printed
    ]
    places = dict(zip((one.label for one in found), _beside(found), strict=True))
    for exact, name in ((True, _("exact codes on given atoms")), (False, _("an encoder’s codes"))):
        some = [one for one in found if one.exact == exact]
        shade, symbol = (ink, "circle-open") if exact else (colour, "circle")
        drawn.append(
            traces.markers(
                [one.r2 for one in some],
                [one.mcc for one in some],
                {
                    "size": 10,
                    "symbol": symbol,
                    "color": shade,
                    "line": {"width": 2, "color": shade},
                },
                name=name,
                text=[one.short for one in some],
                textposition=[places[one.label] for one in some],
                textfont={"size": 12, "color": ink},
                hovertemplate="%{text}: MCC %{y:.3f}, R² %{x:.3f}<extra></extra>",
            )
            | {"mode": "markers+text"}
        )
    drawn.append(
        traces.markers(
            [one.r2 for one in printed],
            [one.published for one in printed],
            {"symbol": "line-ew-open", "size": 14, "color": ink, "line": {"width": 2}},
            name=_("published MCC"),
            hovertemplate=_("published MCC {value}", value="%{y:.3f}") + "<extra></extra>",
        )
    )
    told = ", ".join(
        _("{label} MCC {mcc:.3f} with R² {r2:.3f}", label=one.label, mcc=one.mcc, r2=one.r2)
        for one in found
    )
    return style.figure(
        drawn,
        alt=_("MCC against R² of codes whose truth is known: {told}.", told=told),
        x={
            "title": {"text": _("R², what is explained")},
            "range": [min(one.r2 for one in found) - 0.08, 1.07],
        },
        y={"title": {"text": _("MCC, what is found")}, "range": [0, 1.12]},
        height=height,
        hovermode="closest",
    )


def _beside(found: Sequence[Recovered]) -> list[str]:
    """Where the label of each point stands: above it, or where others are near, left of all of them, in their order."""
    near = [
        [
            other
            for other in found
            if abs(other.r2 - one.r2) < 0.12 and abs(other.mcc - one.mcc) < 0.13
        ]
        for one in found
    ]
    ranked = [sorted(group, key=lambda each: -each.mcc) for group in near]
    turns = ("top left", "middle left", "bottom left")
    return [
        "top center" if len(group) == 1 else turns[min(group.index(one), 2)]
        for one, group in zip(found, ranked, strict=True)
    ]


def sheet(
    title: str,
    rows: Sequence[tuple[str, float, float, Sequence[np.ndarray]]],
    wide: int = 1400,
    high: int = 110,
) -> np.ndarray:
    """A row an encoder as a picture on white, (H, W, 3) uint8: its label, its two gaps in % as bars and numbers, and RGBA
    pictures."""
    margin, head, left, room = 28, 96, 190, 560
    page = Image.new("RGB", (wide, head + len(rows) * (high + 12) + margin), "white")
    draw, at = ImageDraw.Draw(page), float(margin)
    write(draw, (margin, 20), title, "#23252B", 20)
    for said, colour in (
        (_("gaps in % of F*(D*):"), "#55585F"),
        (_("encoder"), COLOURS[0][0]),
        (_("dictionary"), COLOURS[1][0]),
    ):
        write(draw, (at, 56), said, colour, 16)
        at += length(said, 16) + 12
    most = max([1e-9, *(max(0.0, own) + encoder for _label, encoder, own, _drawn in rows)])
    least = min([0.0, *(own for _label, _encoder, own, _drawn in rows)])
    scale = (room - 200) / (most - least)
    for k, (label, encoder, own, shown) in enumerate(rows):
        top = head + k * (high + 12)
        zero, middle = left - least * scale, top + high // 2
        write(draw, (margin, middle - 10), label, "#23252B", 16)
        ends = sorted((zero, zero + own * scale))
        draw.rectangle((ends[0], middle - 14, ends[1], middle + 14), COLOURS[1][0])
        first = zero + max(0.0, own) * scale
        draw.rectangle((first, middle - 14, first + encoder * scale, middle + 14), COLOURS[0][0])
        said = localized(f"{encoder:.1f} + {own:.1f} %")
        write(draw, (first + encoder * scale + 10, middle - 10), said, "#23252B", 16)
        for j, rgba in enumerate(shown):
            image = Image.fromarray(rgba).convert("RGBA")
            image = image.resize(
                (high, round(high * image.height / image.width)), Image.Resampling.NEAREST
            )
            page.paste(image, (left + room + 30 + j * (high + 14), top), image)
    return np.asarray(page)


def gaps_of_rows(distances: np.ndarray, dark: bool = False, height: int = 220) -> go.Figure:
    """How many rows have which gap, `distances` (n,) in % of each row's optimum."""
    finite = distances[np.isfinite(distances)]
    top = float(np.quantile(finite, 0.99)) if len(finite) else 1.0
    edges = np.linspace(0, style.round_up(max(top, 1e-3)), 41)
    counts = np.histogram(np.clip(finite, 0, edges[-1]), edges)[0]
    middle = float(np.median(finite)) if len(finite) else 0.0
    return style.figure(
        [
            {
                "type": "bar",
                "x": (edges[:-1] + edges[1:]) / 2,
                "y": counts,
                "width": edges[1],
                "hoverinfo": "skip",
                "marker": {"color": COLOURS[0][dark], "line": {"width": 0}},
            }
        ],
        alt=_(
            "Histogram of the gaps of {all:,} rows in percent of their optima: the median is {median:.3g} %.",
            all=len(distances),
            median=middle,
        ),
        x={
            "title": {"text": _("encoder’s gap of a row, % of its optimum")},
            "showgrid": False,
            "ticksuffix": " %",
        },
        y={"title": {"text": _("rows")}},
        height=height,
        showlegend=False,
    )
