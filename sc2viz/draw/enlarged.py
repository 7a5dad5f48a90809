"""A chart as large as a projector needs it: its letters, lines, markers and margins grow alike."""

from typing import Any

import plotly.graph_objects as go

LETTERS = 20  # px of what has no size of its own
GROWS = LETTERS / 12  # 12 px is what Streamlit's theme gives these
_THICKER = 1.5  # how much lines and markers grow
TALLEST = 440  # px: what fits below a sentence on a screen of 1280 × 720
_FONTS = ("font", "tickfont", "textfont")
_PIXELS = ("xshift", "yshift", "ax", "ay", "l", "r", "t", "b", "height", "standoff", "thickness")


def enlarged(figure: go.Figure) -> go.Figure:
    """A figure of `style.figure` with letters of 20 px where it has 12. Where nothing says how large they are, they are 20 px.
    It is `TALLEST` at most."""
    sent = figure.to_dict()
    larger = _grown(sent)
    layout, old_height = larger["layout"], _inner(sent["layout"])
    layout["height"] = min(layout["height"], TALLEST)
    for name, axis in layout.items():
        if name.startswith(("xaxis", "yaxis")):
            _letters(axis)
        elif name.startswith("coloraxis"):
            bar = axis["colorbar"]
            _letters(bar)
            # It stands below the ticks of an axis, by this share of the plot's height.
            bar["y"] *= GROWS * old_height / _inner(layout)
    layout["hoverlabel"] = {}
    for container in (
        layout,
        layout["legend"],
        layout["hoverlabel"],
        *layout.get("annotations", ()),
    ):
        container["font"] = {"size": LETTERS} | container.get("font", {})
    return go.Figure(larger)


def _inner(layout: dict) -> float:
    """The height of the plot without its margins, in px."""
    return layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]


def _letters(axis: dict) -> None:
    """Give the ticks and the title of an axis or a colour bar their size."""
    axis["tickfont"] = {"size": LETTERS} | axis.get("tickfont", {})
    title = axis.get("title")
    if title:
        title["font"] = {"size": LETTERS} | title.get("font", {})


def _grown(value: Any, name: str = "", inside: str = "") -> Any:
    """A part of a figure, `name` in the part `inside`, with all lengths in px larger."""
    if isinstance(value, dict):
        return {key: _grown(child, key, name) for key, child in value.items()}
    if isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        return [_grown(child, inside, name) for child in value]
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    if name in _PIXELS or (name == "size" and inside in _FONTS):
        return value * GROWS
    thick = (name == "size" and inside == "marker") or (name == "width" and inside == "line")
    return value * _THICKER if thick else value
