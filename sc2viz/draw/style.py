"""The common style of all figures: the solvers' colours, the colour scales of errors, codes and gates, and the layout."""

import itertools
import math
import re
from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
import plotly.io
from PIL import ImageColor

from sc2viz import solvers
from sc2viz.words import N_, _, localized

# Eight hues, each in a tone for the light theme and one for the dark theme. A test checks that each has a contrast of 3:1
# with the background and that all can be distinguished under every colour vision deficiency. Controls are indigo.
HUES = (
    ("#4A4A4A", "#8D8D8D"),
    ("#2B7699", "#0A7BC9"),
    ("#A03D74", "#EF95C0"),
    ("#BA7300", "#ED760A"),
    ("#006010", "#A0EA78"),
    ("#C4002C", "#CD3E28"),
    ("#009D68", "#6AEAFC"),
    ("#7A0262", "#A05A89"),
)
DASHES = (
    "solid",
    "10px,4px",
    "16px,4px,3px,4px",
    "5px,3px",
    "20px,5px",
    "9px,3px,3px,3px,3px,3px",
    "3px,3px",
    "14px,8px",
)
_LONG = "24px,4px"  # dashes of a solver's further files, whose own line is solid
_DOT, _LAST_DOT = "2px,4px", "2px,10px"
MARKS = {  # Plotly's markers by their names as SVG, about the origin and 10 wide
    "circle": '<circle r="4"/>',
    "square": '<rect x="-3.6" y="-3.6" width="7.2" height="7.2"/>',
    "diamond": '<path d="M0-5 5 0 0 5-5 0z"/>',
    "triangle-up": '<path d="M0-5 4.8 3.6H-4.8z"/>',
    "pentagon": '<path d="M0-4.8 4.6-1.5 2.8 3.9H-2.8L-4.6-1.5z"/>',
    "star": '<path d="M0-5.6 1.6-1.8 5.4-1.7 2.4.8 3.4 4.6 0 2.4-3.4 4.6-2.4.8-5.4-1.7-1.6-1.8z"/>',
    "cross": '<path d="M-1.7-4.8h3.4v3.1h3.1v3.4H1.7v3.1h-3.4V1.7h-3.1v-3.4h3.1z"/>',
    "x": '<path d="M-3.4-5 0-1.7 3.4-5 5-3.4 1.7 0 5 3.4 3.4 5 0 1.7-3.4 5-5 3.4-1.7 0-5-3.4z"/>',
}
MARKERS = tuple(MARKS)
_NAMES = {
    "truth": N_("Ground truth"),
    "exact": N_("Exact optimum"),
}  # drawn like a solver, in the colour of text


class SolverLook(NamedTuple):
    """The look of a solver. Two solvers differ in at least one of the three; variants of one differ in the dash pattern."""

    colours: tuple[str, str]  # of HUES, or of text, in the light theme and in the dark one
    dash: str  # a dash pattern of Plotly
    marker: str  # a marker of Plotly


# Errors: luminance increases from black, which is no error.
ERROR = (
    "#000000",
    "#1b0c41",
    "#4a0c6b",
    "#781c6d",
    "#a52c60",
    "#cf4446",
    "#ed6925",
    "#fb9b06",
    "#f7d13d",
    "#fcffa4",
)
# Gates: a closed one is dark and an open one bright (cividis).
GATE = ("#00224e", "#213b6e", "#4c556c", "#6c6e72", "#8e8978", "#b2a570", "#d9c55c", "#fee838")
# Codes: negative is indigo, zero the page's background and positive rust. No solver has these colours.
DIVERGING = {
    False: ("#2f2a86", "#8b86cc", "#f4f2ec", "#dd9c6e", "#93360f"),
    True: ("#aaa5ff", "#5c57ac", "#1b1c22", "#a8582a", "#ffb27d"),
}


def ink(dark: bool) -> str:
    """The colour of text and of the exact optimum."""
    return "#E9E7E1" if dark else "#23252B"


def lettering(colour: str, dark: bool = False) -> str:
    """The colour of words about what is drawn in a colour "#rrggbb": seven parts of it and three of the text's. Words need a
    contrast of 4.5:1 with their ground, and lines one of 3:1."""
    channels = zip(ImageColor.getrgb(colour), ImageColor.getrgb(ink(dark)), strict=True)
    return "#" + "".join(f"{round(0.7 * value + 0.3 * text):02X}" for value, text in channels)


def label(solver: str) -> str:
    """The name on the screen of a solver, of the ground truth ("truth") and of the exact optimum ("exact"). Where a solver
    before it has its label, its own name follows in brackets."""
    return _(_NAMES[solver]) if solver in _NAMES else _label(solver, solvers.classes())


@lru_cache(256)
def _label(solver: str, _: tuple) -> str:
    title, names = solvers.solver_class(solver).label, (*solvers.NAMES, *solvers.ON_FILTERS)
    earlier_names = names[: names.index(solver)]
    taken = any(
        solvers.solver_class(name).label.lower() == title.lower() for name in earlier_names
    )  # as links and readers take it
    return f"{title} ({solver})" if taken else title


def look(solver: str, variant: str = "") -> SolverLook:
    """The look of a registered solver: the next hue, or, if all hues are in use, another dash pattern and marker. "exact" and
    "truth" have the theme's text colour.

    variant: the name of a variant, and after a # the number of a further file of it, which has as many dots between its
    dashes.
    """
    return _look(solver, variant, solvers.classes())


@lru_cache(256)
def _look(solver: str, variant: str, _: tuple) -> SolverLook:
    if solver in _NAMES:
        return SolverLook((ink(False), ink(True)), "dash", MARKERS[0])
    place = (*solvers.NAMES, *solvers.ON_FILTERS).index(solver)
    lap, hue = divmod(place, len(HUES))
    name, _, further = variant.partition("#")
    dash = DASHES[(lap + _number(solver, name)) % len(DASHES)]
    if further:
        dash = ",".join([_LONG if dash == "solid" else dash, *[_DOT] * int(further)])
    return SolverLook(HUES[hue], dash, MARKERS[(place + lap) % len(MARKERS)])


def _number(solver: str, variant: str) -> int:
    """The number of a variant among those of its solver, which itself is 0. One that has no name, such as the reader's own
    network, comes after all others."""
    names = ["", *(variant.name for variant in solvers.solver_class(solver).traits.variants)]
    return names.index(variant) if variant in names else len(names)


def colour(solver: str, dark: bool = False) -> str:
    """The colour of a solver in a theme."""
    return look(solver).colours[dark]


def themed(solver: str) -> str:
    """The same in CSS, for both themes."""
    return f"light-dark({colour(solver)}, {colour(solver, dark=True)})"


def marker(solver: str) -> str:
    """The marker of a solver."""
    return look(solver).marker


def own_dash(solver: str) -> str:
    """The dash pattern of a solver itself."""
    return look(solver).dash


def lengths(dash: str) -> tuple[int, ...]:
    """The lengths in px of the dashes and gaps of a Plotly dash pattern; () for a solid line."""
    named = {"solid": "", "dot": _DOT, "dash": "9px,4px"}
    return tuple(map(int, re.findall(r"\d+", named.get(dash, dash))))


def stroke(line, dark: bool) -> tuple[str, tuple[int, ...]]:
    """The colour and the lengths of dashes and gaps of a line with `solver`, `variant`, `trained`."""
    return colour(line.solver, dark), lengths(dash(line))


def dash(line) -> str:
    """The dash pattern of a line with `solver`, `variant`, `trained`: the optimum is dashed, the untrained dotted, its
    variants by dots in groups."""
    name = getattr(line, "dash_name", line.variant)  # of the variant by which a model is drawn
    if line.trained:
        return look(line.solver, name).dash
    number = 0 if line.solver in _NAMES else _number(line.solver, name)
    return ",".join([*[_DOT] * number, _LAST_DOT]) if number else "dot"


@lru_cache(64)
def rule(dash: str, colour: str = "var(--solver)") -> str:
    """A dash pattern as a CSS background, drawn in `colour` from left to right."""
    stops, start = [], 0
    for length, shade in zip(lengths(dash), itertools.cycle((colour, "transparent"))):
        stops.append(f"{shade} {start}px {start + length}px")
        start += length
    if not stops:
        return f"linear-gradient({colour} 0 0)"
    return f"repeating-linear-gradient(to right, {', '.join(stops)})"


def mark(solver: str) -> str:
    """The marker of a solver as a small SVG in the colour of what is around it."""
    return f'<svg class="sc-mark" aria-hidden="true" viewBox="-6 -6 12 12" width="12">{MARKS[marker(solver)]}</svg>'


def table(stops: tuple[str, ...]) -> np.ndarray:
    """A scale of 256 colours through these, (256, 3) uint8."""
    channels = np.transpose(list(map(ImageColor.getrgb, stops)))
    places = np.linspace(0, len(stops) - 1, 256)
    levels = [np.interp(places, range(len(stops)), channel) for channel in channels]
    return np.stack(levels, 1).round().astype(np.uint8)


ERROR_TABLE = table(ERROR)  # (256, 3) uint8
GATE_TABLE = table(GATE)
DIVERGING_TABLE = {dark: table(stops) for dark, stops in DIVERGING.items()}


def signed_colours(dark: bool = False) -> tuple[str, str]:
    """The colours of negative and of positive values, and of shrinkage and of double tanh. No solver has these colours."""
    return DIVERGING[dark][0], DIVERGING[dark][-1]


def round_up(value: float) -> float:
    """The smallest of 1, 1.5, 2, 3, … 8 times a power of ten that is ≥ `value`, so that a scale seldom changes with λ."""
    if not (math.isfinite(value) and value > 0):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(
        next(m * power for m in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if m * power >= value * (1 - 1e-9))
    )


_LEVELS = [mantissa * 10.0**power for power in range(-9, 7) for mantissa in (1, 2, 5)]


def log_axis(low: float, high: float) -> dict:
    """A logarithmic axis for values from `low` to `high`, with ticks at 1, 2, 5, 10, …

    The ticks are evenly spaced if fewer than three of these lie between.
    """
    levels = _LEVELS
    if low < high and sum(low <= level <= high for level in levels) < 3:
        step = next(level for level in levels if level >= (high - low) / 5)
        levels = [step * k for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return {"type": "log", **ticks(levels)}


def widen(low: float, high: float, default: float) -> list[float]:
    """The range of an axis for values from `low` to `high`, with room at both ends: `default` where all values are one."""
    room = 0.06 * (high - low) or default
    return [low - room, high + room]


def ticks(values: Sequence[float], unit: str = "") -> dict:
    """The part of an axis that has ticks at these values."""
    return {"tickvals": values, "ticktext": [f"{format_tick(value)}{unit}" for value in values]}


def format_tick(value: float) -> str:
    """A number at an axis: "10,000", "1.5", "0.002"."""
    return localized(f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}")


def figure(
    traces: list[dict], alt: str, x: dict, y: dict, height: int = 320, **layout
) -> go.Figure:
    """A figure of Plotly traces (dicts) in the common layout, with axes `x` and `y`, whose titles are texts.
    The x axis has no grid by default. `layout.meta` holds the alt text."""
    axes = {}
    for name, axis in (("xaxis", {"showgrid": False} | x), ("yaxis", y)):
        title = {"title": {"text": axis["title"]}} if "title" in axis else {}
        axes[name] = _AXIS | axis | title
    return Figure(
        {
            "data": traces,
            "layout": _LAYOUT
            | {"separators": localized(".,"), "height": height, "meta": {"alt": alt}}
            | axes
            | layout,
        }
    )


def altered(figure: "Figure", traces: Sequence[dict] = (), **layout) -> "Figure":
    """A figure with more traces, and with other parts of its layout."""
    return Figure(
        {"data": [*figure.spec["data"], *traces], "layout": figure.spec["layout"] | layout}
    )


VALIDATES = False  # whether Plotly checks the properties of figures


class Figure(go.Figure):
    """A figure that is not changed any more. Plotly makes and checks its objects in tests alone: for the three charts of
    Why zeros that would take 20 to 30 ms each, a fifth of the view."""

    spec: dict = {}  # what it is made of, its "data" and its "layout"

    def __init__(self, spec: dict):
        self.spec = spec
        if VALIDATES:
            super().__init__(spec)

    def to_dict(self) -> dict:
        if VALIDATES:
            return super().to_dict()
        for trace in self.spec["data"]:
            _pack(trace)  # its arrays, of which Plotly takes either form
        return {
            **self.spec,
            "layout": self.spec["layout"] | {"template": _template(plotly.io.templates.default)},
        }


def _pack(values: dict) -> None:
    """Put the numbers of a part of a trace into base64, as Plotly does, which takes ten times as long."""
    for key, value in values.items():
        if isinstance(value, dict):
            _pack(value)
        elif isinstance(value, np.ndarray) and value.dtype.kind in "fi" and value.size:
            if value.dtype.kind == "i":  # the shortest whole numbers that hold all of them
                value = value.astype(
                    np.min_scalar_type(-max(int(value.max()) + 1, -int(value.min())))
                )
            shape = {"shape": str(value.shape)[1:-1]} if value.ndim > 1 else {}
            coded = b64encode(np.ascontiguousarray(value)).decode()
            values[key] = {"dtype": f"{value.dtype.kind}{value.itemsize}", "bdata": coded, **shape}


@lru_cache(4)
def _template(name: str) -> dict:
    """What every chart travels with: a template without the kinds of charts that we do not draw, and without colour scales,
    which ours name themselves."""
    template = plotly.io.templates[name].to_plotly_json()
    layout = {
        key: value
        for key, value in template["layout"].items()
        if key not in ("coloraxis", "colorscale")
    }
    return {"data": {"scatter": template["data"].get("scatter", [])}, "layout": layout}


# Plotly makes room for the labels of an axis. It need not look again for labels that leave the figure, which takes long.
_AXIS = {
    "automargin": True,
    "fixedrange": True,
    "ticklabeloverflow": "allow",
    "tickformat": ",~g",  # localized by `separators`
}
_LAYOUT = {
    "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    "hovermode": "x unified",
    "dragmode": False,
}
