"""Curves against the iteration."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sc2viz.figures import style

FLOOR = 1e-3  # % of F*; smaller distances depend on the tolerance of the exact solver
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
    marked: np.ndarray | None = None  # (T,) bool: iterations 1 … T that are marked, such as those of a safeguard


def reached(lines: Sequence[SolverLine], stops: Sequence[int], by_time: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Where the markers of `excess_by_step` stand at each T of `stops`, (stops, lines) each: x, and the distance in %."""
    floor, at = max(FLOOR, 10 ** _low(lines)), list(stops)
    x = [line.times[at] if by_time else at for line in lines]
    y = [np.maximum(line.values[at], floor) for line in lines]
    return np.array(x, float).T, np.array(y, float).T


def _low(lines: Sequence[SolverLine]) -> float:
    """The logarithm of the lower edge of the chart."""
    above = [line.values[1:][line.values[1:] > FLOOR] for line in lines]
    lowest = min((values.min() for values in above if len(values)), default=FLOOR)
    return float(np.log10(max(lowest, FLOOR)) - 0.15)


def excess_by_step(lines: Sequence[SolverLine], steps: int, dark: bool = False, by_time: bool = False,
                   span: tuple[float, float] | None = None, height: int = 320) -> go.Figure:  # fmt: skip
    """Plot the distance to the optimum in % against the iteration, or against ms (`by_time`), with a marker at `steps`.

    Both axes are logarithmic, so iteration 0 is left out. Values below 0.001 %, and below zero, where better atoms beat
    the optimum, are drawn at the lower edge. The axis ends four times above the highest value at iteration 1, unless
    `span` gives the logarithms of its ends.
    """
    low = _low(lines)
    floor = max(FLOOR, 10 ** (span[0] if span else low))
    traces = [_curve(line, floor, by_time, dark) for line in lines]
    if any(line.marked is not None for line in lines):
        traces.append(_marks(lines, floor, by_time, dark))
    traces.append(_reached(lines, steps, floor, by_time, dark))
    # A network may diverge far beyond the iterations that it was trained for; its curve then leaves the axis range.
    starts = [line.values[1] for line in lines if len(line.values) > 1 and np.isfinite(line.values[1])]
    span = span or [low, np.log10(max([*starts, 10 * FLOOR])) + 0.6]
    drawn = [line for line in lines if len(line.values) > 1]
    axis, across = _across(lines, drawn, by_time)
    ends = [
        style.End(line.label, style.colour(line.solver, dark),
                  np.log10(np.maximum(np.nan_to_num(line.values[-1], nan=np.inf, posinf=1e99), floor)),
                  style.share(np.log10(line.times[-1]), *across) if by_time else 1.0)
        for line in drawn
    ]  # fmt: skip
    labels = style.at_ends(ends, *span, height, dark)
    here = {"type": "line", "x0": steps, "x1": steps, "y0": 0, "y1": 1, "yref": "paper", "opacity": 0.6}
    here["line"] = {"color": style.ink(dark), "width": 1, "dash": "dot"}
    now = ", ".join(f"{line.label} {line.values[min(steps, len(line.values) - 1)]:.3g} %" for line in lines)
    against = "milliseconds" if by_time else "the iteration"
    return style.figure(
        traces,
        alt=f"Distance to the optimum against {against}. At iteration {steps}: {now}.",
        x={"type": "log", "showgrid": False, **axis},
        y={"type": "log", "range": span, "dtick": 1, "tickformat": "~g", "ticksuffix": " %"},
        **labels | {"shapes": [*([] if by_time else [here]), *labels["shapes"]]},
    )


def _across(lines: Sequence[SolverLine], drawn: Sequence[SolverLine], by_time: bool) -> tuple[dict, tuple[float, float]]:
    """The axis of the iterations or of the milliseconds, and the logarithms of the ends of the latter."""
    if not by_time:
        longest = max((len(line.values) - 1 for line in lines), default=1)
        return {"title": {"text": "iteration"}, "tickvals": [tick for tick in _TICKS if tick <= longest]}, (0.0, 1.0)
    axis = {"title": {"text": "milliseconds, on one thread of this server"}, "dtick": "D2", "tickformat": "~g"}
    if not drawn:
        return axis, (0.0, 1.0)
    across = np.log10([min(line.times[1] for line in drawn), max(line.times[-1] for line in drawn)])
    return axis | {"range": across.tolist()}, tuple(across)


def _curve(line: SolverLine, floor: float, by_time: bool, dark: bool) -> dict:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": line.label,
        "x": line.times[1:] if by_time else np.arange(1, len(line.values)),
        **_held(line.values[1:], floor, " after %{x:.2g} ms" if by_time else ""),
        "line": {"color": style.colour(line.solver, dark), "width": 3, "dash": style.dash(line)},
    }


def _reached(lines: Sequence[SolverLine], steps: int, floor: float, by_time: bool, dark: bool) -> dict:
    """The solvers' own markers at iteration `steps`."""
    reached = [line for line in lines if 0 < steps < len(line.values)]
    return _markers(
        [line.times[steps] if by_time else steps for line in reached],
        [max(line.values[steps], floor) for line in reached],
        {
            "color": [style.colour(line.solver, dark) for line in reached],
            "symbol": [style.marker(line.solver) for line in reached],
            "size": 11,
        },
    )


def _marks(lines: Sequence[SolverLine], floor: float, by_time: bool, dark: bool) -> dict:
    """A short stroke at each iteration that is marked."""
    spots = [(line, np.flatnonzero(line.marked) + 1) for line in lines if line.marked is not None]
    colours = [style.colour(line.solver, dark) for line, places in spots for _ in places]
    return _markers(
        [at for line, places in spots for at in (line.times[places] if by_time else places)],
        [max(value, floor) for line, places in spots for value in line.values[places]],
        {"color": colours, "symbol": "line-ns-open", "size": 7, "line": {"width": 1.5}},
    )


def _markers(x: list, y: list, marker: dict) -> dict:
    quiet = {"showlegend": False, "hoverinfo": "skip"}
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": marker, **quiet}


def _held(values: np.ndarray, floor: float, after: str) -> dict:
    """Values that are drawn at `floor` where they are below it, while the words at the pointer give them as they are."""
    drawn = {"y": _brief(np.maximum(values, floor)), "hovertemplate": f"%{{y:.3g}} %{after}"}
    if (values < floor).any():
        drawn |= {"customdata": _brief(values), "hovertemplate": f"%{{customdata:.3g}} %{after}"}
    return drawn


def _brief(values: np.ndarray) -> np.ndarray:
    """Values in float32, half as many bytes to send."""
    with np.errstate(over="ignore"):  # values beyond float32's range become infinite
        return values.astype(np.float32)
