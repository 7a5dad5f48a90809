"""The common style of all figures: the solvers' colours, the colour scales of errors, codes and gates, and the layout."""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

# Okabe & Ito's palette, which colour-blind readers can tell apart. The exact optimum has the text colour: see `colour`.
COLOURS = {
    "ista": "#8C8C8C",
    "fista": "#56B4E9",
    "adaptive-ista": "#CC79A7",
    "lista": "#E69F00",
    "lfista": "#009E73",
    "slstm": "#D55E00",
}
_DASHES = ("solid", "9px,4px", "14px,4px,3px,4px", "4px,4px")
SPARE = "#0072B2"  # for a solver without a colour
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

# Luminance increases from black, which is no error.
_ERROR = ("#000000", "#1b0c41", "#4a0c6b", "#781c6d", "#a52c60", "#cf4446", "#ed6925", "#fb9b06", "#f7d13d", "#fcffa4")
# A closed gate is dark, an open one bright (cividis).
_GATE = ("#00224e", "#213b6e", "#4c556c", "#6c6e72", "#8e8978", "#b2a570", "#d9c55c", "#fee838")
# Negative is indigo, zero is the page's background, positive is rust. No solver has these colours.
_DIVERGING = {
    False: ("#2f2a86", "#8b86cc", "#f4f2ec", "#dd9c6e", "#93360f"),
    True: ("#aaa5ff", "#5c57ac", "#1b1c22", "#a8582a", "#ffb27d"),
}


def ink(dark: bool) -> str:
    """The colour of text and of the exact optimum."""
    return "#E9E7E1" if dark else "#23252B"


def label(solver: str) -> str:
    """A solver's name for the screen; a solver without one keeps its own name."""
    return LABELS.get(solver, solver)


def colour(solver: str, dark: bool = False) -> str:
    """The colour of a solver, the same in both themes; "exact" and "truth" have the theme's text colour."""
    return ink(dark) if solver in ("exact", "truth") else COLOURS.get(solver, SPARE)


def dashes(lines: Sequence) -> list[str]:
    """The dash patterns of a chart's lines, which have the attributes `solver` and `trained`.

    The exact optimum is dashed, untrained networks are dotted, and all others are solid. Variants of one solver share its
    colour and differ in dash pattern.
    """
    solvers = [line.solver for line in lines]
    return [
        "dash" if line.solver == "exact" else _DASHES[solvers[:k].count(line.solver) % 4] if line.trained else "dot"
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
    """The error scale as a Plotly `colorscale`; the trace needs `zmin=0`."""
    return _plotly(_ERROR)


def diverging_scale(dark: bool = False) -> list[list]:
    """The scale for codes and other signed values as a Plotly `colorscale`; the trace needs `zmid=0`."""
    return _plotly(_DIVERGING[dark])


def gate_scale() -> list[list]:
    """The scale for gates as a Plotly `colorscale`, from 0, closed, to 1, open."""
    return _plotly(_GATE)


def _plotly(stops: tuple[str, ...]) -> list[list]:
    return [[float(at), stop] for at, stop in zip(np.linspace(0, 1, len(stops)), stops, strict=True)]


def css_gradient(scale: list[list]) -> str:
    """A Plotly `colorscale` as a CSS gradient from left to right."""
    return f"linear-gradient(to right, {', '.join(stop for _, stop in scale)})"


def round_up(value: float) -> float:
    """The smallest of 1, 1.5, 2, 3, … 8 times a power of ten that is ≥ `value`, so that a scale seldom changes with λ."""
    if not (np.isfinite(value) and value > 0):
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(m * power for m in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if m * power >= value * (1 - 1e-9)))


_LEVELS = [mantissa * 10.0**power for power in range(-9, 7) for mantissa in (1, 2, 5)]


def log_axis(low: float, high: float) -> dict:
    """A logarithmic axis for values from `low` to `high`, with ticks at 1, 2, 5, 10, …

    The ticks are evenly spaced if fewer than three of these lie between.
    """
    levels = _LEVELS
    if low < high and sum(low <= level <= high for level in levels) < 3:
        step = next(level for level in levels if level >= (high - low) / 5)
        levels = [step * k for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return {"type": "log", "tickvals": levels, "ticktext": [f"{level:g}" for level in levels]}


def figure(traces: list[dict], alt: str, x: dict, y: dict, height: int = 320, **layout) -> go.Figure:
    """A figure of Plotly traces (dicts) in the common layout, with axes `x` and `y`. `layout.meta` holds the alt text.

    Everything is passed at once, because Plotly validates each later change again, which takes several times as long.
    """
    axes = {"xaxis": _AXIS | x, "yaxis": _AXIS | y}
    return go.Figure({"data": traces, "layout": _LAYOUT | {"height": height, "meta": {"alt": alt}} | axes | layout})


def finish(drawn: go.Figure, alt: str, height: int = 320, legend: bool = True) -> go.Figure:
    """Apply the common layout and the alt text to an existing figure; `figure` is faster."""
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
