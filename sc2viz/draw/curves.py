"""Curves against the iteration."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from sc2viz.analysis import convergence
from sc2viz.draw import style, traces
from sc2viz.words import _, digits

FLOOR = 1e-3  # % of F*; smaller distances depend on the tolerance of the exact solver
_BAND = (
    0.14  # the height of the band for what is below the optimum, as a share of the axis above it
)
_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, eq=False)
class SolverLine:
    """One solver's values; entry k is after k iterations. `style.dash` chooses the dash pattern."""

    label: str
    solver: str
    values: np.ndarray
    trained: bool = True
    times: np.ndarray | None = None  # ms until each value, of the same shape
    variant: str = ""
    marked: np.ndarray | None = (
        None  # (T,) bool: iterations 1 … T that are marked, such as those of a safeguard
    )


def reached(
    lines: Sequence[SolverLine], stops: Sequence[int], by_time: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Where the markers of `excess_by_step` stand at each T of `stops`, (stops, lines) each: x, and the distance in %."""
    edges, index = _edges(lines), list(stops)
    x = [line.times[index] if by_time else index for line in lines]
    y = [_placed(line.values[index], edges) for line in lines]
    return np.array(x, float).T, np.array(y, float).T


class _Edges(NamedTuple):
    """Three heights of the axis, as logarithms. Between `edge` and `low` there is a band for what is below the optimum, or
    nothing, if `edge` is `low`."""

    edge: float
    low: float
    high: float


def _edges(lines: Sequence[SolverLine], span: tuple[float, float] | None = None) -> _Edges:
    """The heights of the axis for these lines, or for `span`, from its low end to its high one."""
    excesses = [line.values[1:][line.values[1:] > FLOOR] for line in lines]
    lowest = min((values.min() for values in excesses if len(values)), default=FLOOR)
    # A network may diverge far beyond the iterations that it was trained for; its curve then leaves the axis range.
    starts = [
        line.values[1] for line in lines if len(line.values) > 1 and np.isfinite(line.values[1])
    ]
    low, high = span or (
        np.log10(max(lowest, FLOOR)) - 0.15,
        np.log10(max([*starts, 10 * FLOOR])) + 0.6,
    )
    has_band = any(_is_below_optimum(line.values[1:]).any() for line in lines)
    return _Edges(float(low - has_band * _BAND * (high - low)), float(low), float(high))


def _is_below_optimum(values: np.ndarray) -> np.ndarray:
    """Which values are below the optimum, as `readings.side` says it."""
    return values < -convergence.FLOOR


def _placed(values: np.ndarray, edges: _Edges) -> np.ndarray:
    """Where values stand on the axis, in %: those below the optimum in the band, under its words."""
    under = 10 ** (edges.edge + 0.3 * (edges.low - edges.edge))
    floor = max(FLOOR, 10**edges.low)
    return np.where(_is_below_optimum(values), under, np.maximum(values, floor))


def excess_by_step(
    lines: Sequence[SolverLine],
    steps: int,
    dark: bool = False,
    by_time: bool = False,
    span: tuple[float, float] | None = None,
    height: int = 320,
) -> go.Figure:
    """Plot the distance to the optimum in % against the iteration, or against ms (`by_time`), with a marker at `steps`.

    Both axes are logarithmic, so iteration 0 is left out. Values below 0.001 % are drawn at the lower end of the axis. Those
    below the optimum, where better atoms beat it, are drawn in a band below, which has these words. The axis ends four
    times above the highest value at iteration 1, unless `span` gives the logarithms of its ends.
    """
    edges = _edges(lines, span)
    curves = []
    for line in lines:
        x = line.times[1:] if by_time else np.arange(1, len(line.values))
        y = _brief(_placed(line.values[1:], edges))
        exact = _brief(line.values[1:])  # the words at the pointer give values as they are
        curves.append(
            traces.solver_line(
                line, x, y, dark, customdata=exact, hovertemplate="%{customdata:.3g} %"
            )
        )
    for line in lines:
        if line.marked is not None:
            places = np.flatnonzero(line.marked) + 1
            stroke = {"symbol": "line-ns-open", "size": 7, "line": {"width": 1.5}}
            curves.append(
                traces.markers(
                    line.times[places] if by_time else places,
                    _placed(line.values[places], edges),
                    stroke | {"color": style.colour(line.solver, dark)},
                    **traces.QUIET,
                )
            )
    marked = [line for line in lines if 0 < steps < len(line.values)]
    x = [line.times[steps] if by_time else steps for line in marked]
    y = [float(_placed(line.values[steps], edges)) for line in marked]
    curves.append(traces.solver_markers(marked, x, y, dark))
    axis, rights = {"title": _("iteration"), "tickvals": _TICKS}, [1.0] * len(lines)
    if by_time:
        starts, stops = np.log10([line.times[[1, -1]] for line in lines]).T
        across = [starts.min(), stops.max()]
        rights = [traces.share(stop, *across) for stop in stops]
        title = _("milliseconds, on one thread of this server")
        axis = {"title": title, "dtick": "D2", "range": across}
    ends = [
        traces.End(
            line.label,
            line.solver,
            np.log10(_placed(np.nan_to_num(line.values[-1], nan=np.inf, posinf=1e99), edges)),
            right,
        )
        for line, right in zip(lines, rights, strict=True)
    ]
    layout = traces.at_ends(ends, edges.edge, edges.high, height, dark)
    if not by_time:
        layout["shapes"].insert(0, traces.upright(steps, dark))
    if edges.edge < edges.low:
        # The words stand on the left or on the right, farther from where the first line enters the band.
        entries = [
            is_below for line in lines if (is_below := _is_below_optimum(line.values[1:])).any()
        ]
        entered = min(is_below.argmax() + 1 for is_below in entries)
        side = "left" if entered**2 > max(len(line.values) for line in lines) else "right"
        place = {"xref": "paper", "x": float(side == "right"), "xanchor": side}
        place |= {"y": edges.low, "yanchor": "top", "size": 12}
        label, ink = _("below the optimum"), style.ink(dark)
        layout["annotations"].append(traces.annotation(label, ink, **place))
        layout["shapes"].append(traces.band(10**edges.edge, 10**edges.low, ink, 0.08))
    ticks = [10.0**power for power in range(math.ceil(edges.low), math.floor(edges.high) + 1)]
    ends_in_words = (digits(line.values[min(steps, len(line.values) - 1)]) for line in lines)
    return style.figure(
        curves,
        alt=_(
            "Distance to the optimum. At iteration {T}: {values}.",
            T=steps,
            values=", ".join(
                f"{line.label} {value} %" for line, value in zip(lines, ends_in_words, strict=True)
            ),
        ),
        x={"type": "log", **axis},
        y={
            "type": "log",
            "range": [edges.edge, edges.high],
            **style.ticks(ticks, " %"),
        },
        **layout,
    )


def _brief(values: np.ndarray) -> np.ndarray:
    """Values in float32, half as many bytes to send."""
    with np.errstate(over="ignore"):  # values beyond float32's range become infinite
        return values.astype(np.float32)
