"""One look for every figure: a colour a solver, a scale for errors, a scale for codes, and Plotly's common layout."""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

# Okabe & Ito's palette, safe for colour-blind readers. The exact optimum takes the theme's ink, dashed: see `colour`.
COLOURS = {
    "ista": "#8C8C8C",
    "fista": "#56B4E9",
    "adaptive-ista": "#CC79A7",
    "lista": "#E69F00",
    "lfista": "#009E73",
    "slstm": "#D55E00",
}
_STROKES = ("solid", "9px,4px", "14px,4px,3px,4px", "4px,4px")
SPARE = "#0072B2"  # a solver that has no colour of its own yet
LABELS = {
    "truth": "Ground truth",
    "exact": "Exact optimum",
    "ista": "ISTA",
    "fista": "FISTA",
    "adaptive-ista": "Adaptive ISTA",
    "lista": "LISTA",
    "lfista": "LFISTA",
    "slstm": "SLSTM",
}

# Luminance rises all the way from black, which is no error.
_ERROR = ("#000000", "#1b0c41", "#4a0c6b", "#781c6d", "#a52c60", "#cf4446", "#ed6925", "#fb9b06", "#f7d13d", "#fcffa4")
# Shut is dark, open is bright (cividis).
_GATE = ("#00224e", "#213b6e", "#4c556c", "#6c6e72", "#8e8978", "#b2a570", "#d9c55c", "#fee838")
# Negative, zero, positive: indigo, the page, rust. No solver has these colours.
_DIVERGING = {
    False: ("#2f2a86", "#8b86cc", "#f4f2ec", "#dd9c6e", "#93360f"),
    True: ("#aaa5ff", "#5c57ac", "#1b1c22", "#a8582a", "#ffb27d"),
}


def ink(dark: bool) -> str:
    """The colour of text and of the exact optimum."""
    return "#E9E7E1" if dark else "#23252B"


def label(solver: str) -> str:
    """A solver's name as readers know it; one that has none here yet keeps its own."""
    return LABELS.get(solver, solver)


def colour(solver: str, dark: bool = False) -> str:
    """The colour of a solver, the same in both themes; "exact" and "truth" take the theme's ink."""
    return ink(dark) if solver in ("exact", "truth") else COLOURS.get(solver, SPARE)


def dashes(lines: Sequence) -> list[str]:
    """The styles of a chart's lines, each with a `solver` and whether it is `trained`: the exact optimum dashed, untrained
    networks dotted, the others solid; variants of one solver, which share its colour, in a style each."""
    solvers = [line.solver for line in lines]
    return [
        "dash" if line.solver == "exact" else _STROKES[solvers[:k].count(line.solver) % 4] if line.trained else "dot"
        for k, line in enumerate(lines)
    ]


def _table(stops: tuple[str, ...]) -> np.ndarray:
    rgb = np.array([[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in stops], float)
    at, places = np.linspace(0, 1, len(stops)), np.linspace(0, 1, 256)
    return np.stack([np.interp(places, at, channel) for channel in rgb.T], 1).round().astype(np.uint8)


ERROR_TABLE = _table(_ERROR)  # (256, 3) uint8
GATE_TABLE = _table(_GATE)
DIVERGING_TABLE = {dark: _table(stops) for dark, stops in _DIVERGING.items()}


def error_scale() -> list[list]:
    """The error scale as Plotly's `colorscale`; give the trace `zmin=0`."""
    return _plotly(_ERROR)


def diverging_scale(dark: bool = False) -> list[list]:
    """The scale for codes and other signed values as Plotly's `colorscale`; give the trace `zmid=0`."""
    return _plotly(_DIVERGING[dark])


def gate_scale() -> list[list]:
    """The scale for gates as Plotly's `colorscale`, from shut, 0, to open, 1."""
    return _plotly(_GATE)


def _plotly(stops: tuple[str, ...]) -> list[list]:
    return [[float(at), stop] for at, stop in zip(np.linspace(0, 1, len(stops)), stops, strict=True)]


def css_gradient(scale: list[list]) -> str:
    """A scale of Plotly's as a CSS gradient from left to right."""
    return f"linear-gradient(to right, {', '.join(stop for _, stop in scale)})"


def round_up(value: float) -> float:
    """The smallest of 1, 1.5, 2, 3, … 8 times a power of ten that is ≥ `value`: a top that holds still while λ moves."""
    if not (np.isfinite(value) and value > 0):
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(m * power for m in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if m * power >= value * (1 - 1e-9)))


_LEVELS = [mantissa * 10.0**power for power in range(-9, 7) for mantissa in (1, 2, 5)]


def log_axis(low: float, high: float) -> dict:
    """A logarithmic axis for values from `low` to `high`, marked at 1, 2, 5, 10, …, or evenly where fewer than three of
    these lie between."""
    levels = _LEVELS
    if low < high and sum(low <= level <= high for level in levels) < 3:
        step = next(level for level in levels if level >= (high - low) / 5)
        levels = [step * k for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return {"type": "log", "tickvals": levels, "ticktext": [f"{level:g}" for level in levels]}


def figure(traces: list[dict], alt: str, x: dict, y: dict, height: int = 320, **layout) -> go.Figure:
    """Traces (dicts of Plotly's) in the common layout, with axes `x` and `y`. The alt text travels in `layout.meta`.

    All is handed over at once: Plotly checks each later change anew, which costs several times as much.
    """
    axes = {"xaxis": _AXIS | x, "yaxis": _AXIS | y}
    return go.Figure({"data": traces, "layout": _LAYOUT | {"height": height, "meta": {"alt": alt}} | axes | layout})


def finish(drawn: go.Figure, alt: str, height: int = 320, legend: bool = True) -> go.Figure:
    """The common layout and the alt text for a figure that was built step by step; `figure` is quicker."""
    drawn.update_layout(_LAYOUT | {"height": height, "meta": {"alt": alt}, "showlegend": legend})
    drawn.update_xaxes(_AXIS)
    drawn.update_yaxes(_AXIS)
    return drawn


_AXIS = {"automargin": True, "fixedrange": True}
_LAYOUT = {
    "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    "hovermode": "x unified",
    "dragmode": False,
}
