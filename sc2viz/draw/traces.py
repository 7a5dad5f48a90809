"""What charts are made of: lines, markers, bars, rules and bands, as the dicts that Plotly takes."""

from collections.abc import Sequence

from sc2viz.draw import style

QUIET = {"showlegend": False, "hoverinfo": "skip"}


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
    colours, symbols = (
        [style.colour(curve.solver, dark) for curve in lines],
        [style.marker(curve.solver) for curve in lines],
    )
    return markers(list(x), list(y), {"color": colours, "symbol": symbols, "size": 11}, **QUIET)


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


def band(low: float, high: float, colour: str, opacity: float, **options) -> dict:
    """A band across a plot, below all else, between two places of the vertical axis."""
    across = {
        "type": "rect",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "y0": low,
        "y1": high,
        "layer": "below",
    }
    return across | {"fillcolor": colour, "opacity": opacity, "line": {"width": 0}} | options


def annotation(text: str, colour: str, **place) -> dict:
    """Words on a chart, without an arrow. A size stands in `place`, where it is not that of the axes."""
    size = {"size": place.pop("size")} if "size" in place else {}
    return {"text": text, "showarrow": False, "font": {"color": colour, **size}, **place}
