"""Curves against the iteration."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
    edges, at = _edges(lines), list(stops)
    x = [line.times[at] if by_time else at for line in lines]
    y = [_placed(line.values[at], edges) for line in lines]
    return np.array(x, float).T, np.array(y, float).T


@dataclass(frozen=True)
class _Edges:
    """Three heights of the axis, as logarithms. Between `edge` and `low` there is a band for what is below the optimum, or
    nothing, if `edge` is `low`."""

    edge: float
    low: float
    high: float

    @property
    def floor(self) -> float:
        """Where values are drawn that are less, but not below the optimum, in %."""
        return max(FLOOR, 10**self.low)

    @property
    def under(self) -> float:
        """Where values below the optimum are drawn, in %: in the band, under its words."""
        return 10 ** (self.edge + 0.3 * (self.low - self.edge))


def _edges(lines: Sequence[SolverLine], span: tuple[float, float] | None = None) -> _Edges:
    """The heights of the axis for these lines, or for `span`, from its low end to its high one."""
    above = [line.values[1:][line.values[1:] > FLOOR] for line in lines]
    lowest = min((values.min() for values in above if len(values)), default=FLOOR)
    # A network may diverge far beyond the iterations that it was trained for; its curve then leaves the axis range.
    starts = [
        line.values[1] for line in lines if len(line.values) > 1 and np.isfinite(line.values[1])
    ]
    low, high = span or (
        np.log10(max(lowest, FLOOR)) - 0.15,
        np.log10(max([*starts, 10 * FLOOR])) + 0.6,
    )
    below = any(_below(line.values[1:]).any() for line in lines)
    return _Edges(float(low - below * _BAND * (high - low)), float(low), float(high))


def _below(values: np.ndarray) -> np.ndarray:
    """Which values are below the optimum, as `readings.side` says it."""
    return values < -convergence.FLOOR


def _placed(values: np.ndarray, edges: _Edges) -> np.ndarray:
    """Where values stand on the axis, in %."""
    return np.where(_below(values), edges.under, np.maximum(values, edges.floor))


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
    parts = [_curve(line, edges, by_time, dark) for line in lines]
    if any(line.marked is not None for line in lines):
        parts.append(_marks(lines, edges, by_time, dark))
    parts.append(_reached(lines, steps, edges, by_time, dark))
    drawn = [line for line in lines if len(line.values) > 1]
    axis, across = _across(lines, drawn, by_time)
    ends = [
        style.End(
            line.label,
            style.colour(line.solver, dark),
            np.log10(_placed(np.nan_to_num(line.values[-1], nan=np.inf, posinf=1e99), edges)),
            style.share(np.log10(line.times[-1]), *across) if by_time else 1.0,
        )
        for line in drawn
    ]
    ticks = [10.0**power for power in range(math.ceil(edges.low), math.floor(edges.high) + 1)]
    labels = style.at_ends(ends, edges.edge, edges.high, height, dark)
    band, words = _band(lines, edges, dark)
    now = ", ".join(
        f"{line.label} {digits(line.values[min(steps, len(line.values) - 1)])} %" for line in lines
    )
    alt = _(
        "Distance to the optimum against the iteration. At iteration {T}: {now}.", T=steps, now=now
    )
    if by_time:
        alt = _(
            "Distance to the optimum against milliseconds. At iteration {T}: {now}.",
            T=steps,
            now=now,
        )
    return style.figure(
        parts,
        alt=alt,
        x={"type": "log", "showgrid": False, **axis},
        y={
            "type": "log",
            "range": [edges.edge, edges.high],
            "tickvals": ticks,
            "ticktext": [f"{style.format_tick(tick)} %" for tick in ticks],
        },
        **labels
        | {
            "shapes": [
                *band,
                *([] if by_time else [traces.upright(steps, dark)]),
                *labels["shapes"],
            ],
            "annotations": [*words, *labels["annotations"]],
        },
    )


def _band(lines: Sequence[SolverLine], edges: _Edges, dark: bool) -> tuple[list[dict], list[dict]]:
    """A band at the lower edge for what is below the optimum, and its words, as shapes and annotations; none if nothing is.

    The words stand on the left or on the right, farther from where the first line enters the band.
    """
    if edges.edge == edges.low:
        return [], []
    entered = [
        _below(line.values[1:]).argmax() + 1 for line in lines if _below(line.values[1:]).any()
    ]
    side = "left" if min(entered) ** 2 > max(len(line.values) for line in lines) else "right"
    words = traces.words(
        _("below the optimum"),
        style.ink(dark),
        xref="paper",
        x=float(side == "right"),
        xanchor=side,
        yref="y",
        y=edges.low,
        yanchor="top",
        size=12,
    )
    return [traces.band(10**edges.edge, 10**edges.low, style.ink(dark), 0.08)], [words]


def _across(
    lines: Sequence[SolverLine], drawn: Sequence[SolverLine], by_time: bool
) -> tuple[dict, tuple[float, float]]:
    """The axis of the iterations or of the milliseconds, and the logarithms of the ends of the latter."""
    if not by_time:
        longest = max((len(line.values) - 1 for line in lines), default=1)
        return {
            "title": {"text": _("iteration")},
            "tickvals": [tick for tick in _TICKS if tick <= longest],
        }, (0.0, 1.0)
    axis = {
        "title": {"text": _("milliseconds, on one thread of this server")},
        "dtick": "D2",
        "tickformat": style.NUMBERS,
    }
    if not drawn:
        return axis, (0.0, 1.0)
    across = np.log10([min(line.times[1] for line in drawn), max(line.times[-1] for line in drawn)])
    return axis | {"range": across.tolist()}, tuple(across)


def _curve(line: SolverLine, edges: _Edges, by_time: bool, dark: bool) -> dict:
    x = line.times[1:] if by_time else np.arange(1, len(line.values))
    return traces.solver_line(line, x, dark=dark, **_held(line.values[1:], edges, by_time))


def _reached(
    lines: Sequence[SolverLine], steps: int, edges: _Edges, by_time: bool, dark: bool
) -> dict:
    """The solvers' own markers at iteration `steps`."""
    reached = [line for line in lines if 0 < steps < len(line.values)]
    x = [line.times[steps] if by_time else steps for line in reached]
    return traces.solver_markers(
        reached, x, [float(_placed(line.values[steps], edges)) for line in reached], dark
    )


def _marks(lines: Sequence[SolverLine], edges: _Edges, by_time: bool, dark: bool) -> dict:
    """A short stroke at each iteration that is marked."""
    spots = [(line, np.flatnonzero(line.marked) + 1) for line in lines if line.marked is not None]
    colours = [style.colour(line.solver, dark) for line, places in spots for _ in places]
    return traces.markers(
        [at for line, places in spots for at in (line.times[places] if by_time else places)],
        [float(value) for line, places in spots for value in _placed(line.values[places], edges)],
        {"color": colours, "symbol": "line-ns-open", "size": 7, "line": {"width": 1.5}},
        **traces.QUIET,
    )


def _held(values: np.ndarray, edges: _Edges, by_time: bool) -> dict:
    """Values that are drawn where they are `_placed`, while the words at the pointer give them as they are."""
    drawn, said = {"y": _brief(_placed(values, edges))}, "%{y:.3g} %"
    if (values < edges.floor).any():
        drawn["customdata"], said = _brief(values), "%{customdata:.3g} %"
    return drawn | {
        "hovertemplate": _("{percent} after {time} ms", percent=said, time="%{x:.2g}")
        if by_time
        else said
    }


def _brief(values: np.ndarray) -> np.ndarray:
    """Values in float32, half as many bytes to send."""
    with np.errstate(over="ignore"):  # values beyond float32's range become infinite
        return values.astype(np.float32)
