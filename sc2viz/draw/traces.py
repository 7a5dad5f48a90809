"""What charts are made of: lines, markers, bars, rules and bands, as the dicts that Plotly takes."""

import math
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from sc2viz.draw import style

QUIET = {"showlegend": False, "hoverinfo": "skip"}
BESIDE = {"xref": "paper", "x": 1, "xanchor": "left", "yanchor": "middle"}  # words right of a plot
_LINE, _WIDEST = 16, 16  # px that a line of a label is high, and its most letters
_FOOT = 56  # px of a chart that lie below its plot


def line(x, y, colour: str, width: float = 3, dash: str = "solid", **options) -> dict:
    """A line; more: whatever else a trace has, such as its name."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": stroke(colour, width, dash),
        **options,
    }


def stroke(colour: str, width: float = 1, dash: str = "solid") -> dict:
    """How a line is drawn."""
    return {"color": colour, "width": width, "dash": dash}


def solver_line(curve, x, y, dark: bool, **options) -> dict:
    """A line in the look of a solver: `one` has its label, solver, variant, and whether it is trained (`style.dash`)."""
    return line(
        x, y, style.colour(curve.solver, dark), 3, style.dash(curve), name=curve.label, **options
    )


def markers(x, y, marker: dict, **options) -> dict:
    """Markers, each of which may have a look of its own."""
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": marker, **options}


def solver_markers(lines: Sequence, x: Sequence, y: Sequence, dark: bool) -> dict:
    """The solvers' own markers, one a line, where the reader's λ or T stands."""
    look = {
        "color": [style.colour(curve.solver, dark) for curve in lines],
        "symbol": [style.marker(curve.solver) for curve in lines],
        "size": 11,
    }
    return markers(list(x), list(y), look, **QUIET)


def bars(x, y, colour, **options) -> dict:
    """Bars in one colour, or in one each."""
    return {"type": "bar", "x": x, "y": y, "marker": {"color": colour}, **options}


def signed_bars(x, y, hover: str, dark: bool) -> dict:
    """Bars in one of two colours, by their signs."""
    negative, positive = style.signed_colours(dark)
    colours = [positive if value >= 0 else negative for value in y]
    return bars(x, y, colours, hovertemplate=f"{hover}<extra></extra>")


def upright(x: float, dark: bool, dash: str = "dot") -> dict:
    """A line from the lower edge of a plot to the upper one, by default dotted: where the reader's λ or T stands."""
    return {
        "type": "line",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "opacity": 0.6,
        "line": stroke(style.ink(dark), 1, dash),
    }


def rectangle(start: float, end: float, low: float, high: float, colour: str, **options) -> dict:
    """A rectangle filled with a colour, by default without a line around it."""
    ends = {"x0": start, "x1": end, "y0": low, "y1": high}
    return {"type": "rect", **ends, "fillcolor": colour, "line": {"width": 0}, **options}


def band(low: float, high: float, colour: str, opacity: float) -> dict:
    """A band across a plot, below all else, between two places of the vertical axis."""
    place = {"xref": "paper", "yref": "y", "layer": "below"}
    return rectangle(0, 1, low, high, colour, opacity=opacity, **place)


def annotation(text: str, colour: str, **place) -> dict:
    """Words on a chart, without an arrow. A size stands in `place`, where it is not that of the axes."""
    size = {"size": place.pop("size")} if "size" in place else {}
    return {"text": text, "showarrow": False, "font": {"color": colour, **size}, **place}


class End(NamedTuple):
    """The right end of a solver's line, next to which its label is drawn."""

    label: str
    solver: str
    y: float  # where the line ends, in units of the axis, and as a logarithm on a logarithmic one
    x: float = 1.0  # where the line ends, as a share of the plot's width


def share(value: float, low: float, high: float) -> float:
    """Where `value` stands between the ends of an axis, 0 to 1."""
    return (float(value) - low) / (high - low) if high > low else 1.0


def at_ends(
    ends: Sequence[End], low: float, high: float, height: int = 320, dark: bool = False
) -> dict:
    """The part of a layout that labels lines at their right ends, instead of a legend.

    low, high: the range of the y axis, as logarithms on a logarithmic axis. The labels are drawn in one column right of the
    plot, in the order of the lines' ends. Labels that would overlap are moved apart, and the label of a line that ends
    outside the range is drawn at its edge. A thin dotted line leads to the label of a line that ends inside the plot. The
    figure grows if there are many labels.
    """
    ends = sorted(ends, key=lambda end: end.y)
    texts = [textwrap.wrap(end.label, _WIDEST) for end in ends]
    tall = [_LINE * len(lines) for lines in texts]
    height = max(height, _FOOT + sum(tall))
    room = height - _FOOT
    heights = [room * min(max(share(end.y, low, high), 0), 1) for end in ends]
    notes, leads = [], []
    for end, lines, height_of_end, middle in zip(
        ends, texts, heights, spread_labels(heights, tall, room), strict=True
    ):
        ink = style.lettering(style.colour(end.solver, dark), dark)
        place = {
            "size": _LINE - 3,
            "align": "left",
            "xshift": 6,
            "yref": "paper",
            "y": middle / room,
        }
        notes.append(annotation("<br>".join(lines), ink, **BESIDE, **place))
        if end.x < 0.98:
            lead = {"xref": "paper", "x1": 1, "y0": height_of_end / room, "y1": middle / room}
            leads.append(upright(end.x, dark) | lead)
    # A Chinese character is about as wide as two Latin ones.
    longest = max(
        (sum(1 + (letter > "\u2e80") for letter in line) for lines in texts for line in lines),
        default=0,
    )
    return {
        "annotations": notes,
        "shapes": leads,
        "showlegend": False,
        "margin": {"l": 8, "r": 14 + 7 * longest, "t": 8, "b": 8},
        "height": height,
    }


def spread_labels(heights: Sequence[float], tall: Sequence[float], room: float) -> list[float]:
    """Middles of labels as near as possible above `heights`, ascending, that do not cover each other and end at `room`."""
    places, floor = [], -math.inf
    for height, size in zip(heights, tall, strict=True):
        places.append(max(height, floor + size / 2))
        floor = places[-1] + size / 2
    ceiling = room + _LINE / 2
    for k in reversed(range(len(places))):
        places[k] = min(places[k], ceiling - tall[k] / 2)
        ceiling = places[k] - tall[k] / 2
    return places
