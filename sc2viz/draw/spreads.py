"""How far single pictures are from the optimum: dots for each solver, and bands against λ.

The axis is linear near zero and logarithmic beyond, arsinh of the distance in %, so that distances below zero, of networks
with better atoms, are drawn beside those of a hundred percent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from PIL import ImageColor

from sc2viz.draw import style, traces
from sc2viz.evaluation import QUANTILES
from sc2viz.words import _, digits

_TICKS = (-100, -10, -3, -1, 0, 1, 3, 10, 30, 100, 300, 1000, 10_000)
_ROW = 46  # px that a solver's strip is high


@dataclass(frozen=True, eq=False)
class Spread:
    """The distances of pictures to the optimum by one solver, in %."""

    label: str
    solver: str
    distances: np.ndarray  # (n,)


@dataclass(frozen=True, eq=False)
class Band:
    """Quantiles of the pictures' distances to the optimum by one solver, in %, at rising λ."""

    label: str
    solver: str
    lam: np.ndarray  # (k,)
    quantiles: np.ndarray  # (k, 5), by `evaluation.QUANTILES`
    trained: bool = True
    variant: str = ""


def quantiles(distances: np.ndarray) -> np.ndarray:
    """The quantiles `evaluation.QUANTILES` of distances, (5,); infinite distances count as the largest, and so does what is
    not a number."""
    return np.quantile(np.nan_to_num(distances, nan=1e9, posinf=1e9), QUANTILES)


def strips(spreads: Sequence[Spread], dark: bool = False) -> go.Figure:
    """One strip of dots a solver: a dot is a picture, the bar goes from the 5 % to the 95 % quantile, thick between the
    quarters, and the large mark is the median."""
    rng = np.random.default_rng(0)
    curves, marks, names, descriptions = [], [], [], []
    for row, spread in enumerate(spreads):
        mark = quantiles(spread.distances)
        colour, level = style.colour(spread.solver, dark), len(spreads) - 1 - row
        marks.append(mark)
        names.append(f'<span style="color:{style.lettering(colour, dark)}">{spread.label}</span>')
        places = np.arcsinh(np.clip(np.nan_to_num(spread.distances, nan=1e9), -1e9, 1e9))
        heights = level + rng.uniform(-0.32, 0.32, len(places))
        curves.append(
            traces.markers(places, heights, {"color": colour, "size": 2}, hoverinfo="skip")
        )
        curves += [
            traces.line(np.arcsinh(ends), [level, level], style.ink(dark), width, hoverinfo="skip")
            for ends, width in ((mark[[0, 4]], 2), (mark[[1, 3]], 6))
        ]
        numbers = _describe(mark)
        descriptions.append(f"{spread.label} {numbers}")
        median = {
            "color": style.ink(dark),
            "size": 13,
            "symbol": "line-ns-open",
            "line": {"width": 3},
        }
        curves.append(
            traces.markers(
                [np.arcsinh(mark[2])],
                [level],
                median,
                text=[numbers],
                hovertemplate=f"{spread.label}: %{{text}}<extra></extra>",
            )
        )
    low = min((mark[0] for mark in marks), default=0)
    high = max((mark[4] for mark in marks), default=1)
    return style.figure(
        curves,
        alt=_(
            "Distances of single samples to the optimum, median (5 to 95 %): {values}.",
            values="; ".join(descriptions),
        ),
        x=_axis(low, high) | {"title": _("above the optimum, one dot a sample"), "showgrid": True},
        y={
            "tickvals": list(range(len(names))),
            "ticktext": names[::-1],
            "showgrid": False,
            "zeroline": False,
            "range": [-0.6, len(names) - 0.4],
        },
        height=70 + _ROW * max(len(spreads), 1),
        showlegend=False,
        hovermode="closest",
    )


def bands(intervals: Sequence[Band], lam: float, dark: bool = False) -> go.Figure:
    """The median against λ, and a band from the 5 % to the 95 % quantile, with a line at the reader's λ."""
    curves, descriptions, ends = [], [], []
    low = min((band.quantiles[:, 0].min() for band in intervals), default=0)
    high = max((band.quantiles[:, 4].max() for band in intervals), default=1)
    for band in intervals:
        colour, places = style.colour(band.solver, dark), np.arcsinh(band.quantiles)
        faint = (*ImageColor.getrgb(colour), 0.15)  # of which 15 % cover what is below
        fill = {"fill": "tonexty", "fillcolor": f"rgba{faint}"}
        curves.append(traces.line(band.lam, places[:, 0], colour, 0, hoverinfo="skip"))
        curves.append(traces.line(band.lam, places[:, 4], colour, 0, hoverinfo="skip", **fill))
        numbers = list(map(_describe, band.quantiles))
        curves.append(
            traces.solver_line(
                band, band.lam, places[:, 2], dark, text=numbers, hovertemplate="%{text}"
            )
        )
        descriptions.append(f"{band.label} {numbers[int(np.abs(band.lam - lam).argmin())]}")
        ends.append(traces.End(band.label, band.solver, float(places[-1, 2])))
    axis = _axis(low, high)
    layout = traces.at_ends(ends, *axis["range"], dark=dark)
    layout["shapes"].insert(0, traces.upright(lam, dark))
    return style.figure(
        curves,
        alt=_(
            "Distance to the optimum against λ, median (5 to 95 %). At λ = {lam:g}: {values}.",
            lam=lam,
            values="; ".join(descriptions),
        ),
        x={
            "title": "λ",
            "tickvals": [0.01, 0.03, 0.1, 0.3, 1],
            "type": "log",
        },
        y=axis,
        **layout,
    )


def _describe(quantiles: np.ndarray) -> str:
    """The median, and the 5 % and 95 % quantiles, in words."""
    low, _quarter, median, _three, high = map(digits, quantiles)
    return _("{median} % ({low} to {high} %)", median=median, low=low, high=high)


def _axis(low: float, high: float) -> dict:
    """The axis of distances from `low` to `high` %."""
    ends = np.arcsinh([min(low, 0), max(high, 1)])
    room = 0.04 * (ends[1] - ends[0])
    return {
        **style.ticks(_TICKS, " %"),
        "tickvals": np.arcsinh(_TICKS),
        "range": [ends[0] - room, ends[1] + room],
        "zeroline": True,
    }
