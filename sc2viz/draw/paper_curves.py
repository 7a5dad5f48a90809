"""Curves of the paper's experiments: loss against epochs (Figure 6), accuracy against λ and against dictionary size."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sc2viz.draw import style, traces
from sc2viz.words import _, localized

DIVERGENCE = 2.0  # training diverges if F exceeds this multiple of the highest level


@dataclass(frozen=True, eq=False)
class LossCourse:
    """A network's loss during training, averaged over the seeds: F as printed, and the honest F on unit-norm atoms."""

    label: str
    solver: str
    epochs: np.ndarray  # (k,)
    printed: np.ndarray  # (k,)
    honest: np.ndarray  # (k,)
    trained: bool = True


@dataclass(frozen=True)
class Level:
    """A solver that is not trained, drawn as a horizontal line."""

    label: str
    solver: str
    value: float


@dataclass(frozen=True, eq=False)
class Points:
    """A method's means and standard deviations (0 for one seed) against λ or d_s."""

    label: str
    solver: str
    x: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    trained: bool = True
    variant: str = ""


def loss_by_epoch(
    courses: Sequence[LossCourse], levels: Sequence[Level], dark: bool = False
) -> go.Figure:
    """Plot F against epochs: the honest F as a solid line, and F as printed as a dotted line if it ends at least 1 % lower.

    ISTA and FISTA, which are not trained, are horizontal lines. The axis is logarithmic if the range is large. It leaves
    out high values at the start of training, which would flatten the rest.
    """
    last = max((course.epochs[-1] for course in courses), default=1)
    lines, hover = [], {"hovertemplate": "%{y:.3g}"}
    for course in courses:
        colour = style.colour(course.solver, dark)
        lines.append(traces.line(course.epochs, course.honest, colour, name=course.label, **hover))
        if cheats(course):
            name = _("{label}, as printed", label=course.label)
            lines.append(
                traces.line(
                    course.epochs,
                    course.printed,
                    colour,
                    2,
                    "dot",
                    name=name,
                    showlegend=False,
                    **hover,
                )
            )
    if any(map(cheats, courses)):
        lines.append(traces.line([None], [None], style.ink(dark), 2, "dot", name=_("as printed")))
    lines += [
        traces.line(
            [0, last],
            [level.value] * 2,
            style.colour(level.solver, dark),
            2,
            name=level.label,
            **hover,
        )
        for level in levels
    ]
    ends = [
        _(
            "{label} {F:.3g} (as printed {printed:.3g})",
            label=course.label,
            F=course.honest[-1],
            printed=course.printed[-1],
        )
        for course in courses
    ]
    ends += [f"{level.label} {localized(f'{level.value:.3g}')}" for level in levels]
    return style.figure(
        lines,
        alt=_("Loss against epochs. At the end: {values}.", values=", ".join(ends)),
        x={"title": _("epoch")},
        y={"title": "F"} | _in_sight(courses, levels),
        height=360,
    )


def _in_sight(courses: Sequence[LossCourse], levels: Sequence[Level]) -> dict:
    """An axis for all levels and for the courses after the first epoch.

    It leaves out the highest 5 % of the courses and values above `AWAY` times the highest level.
    """
    trained = [value for course in courses for value in (*course.honest[1:], *course.printed[1:])]
    flat = [level.value for level in levels]
    if not trained + flat:
        return {}
    low, high = (
        min(trained + flat),
        max([*flat, *([np.quantile(trained, 0.95)] if trained else [])]),
    )
    if flat:
        high = min(high, DIVERGENCE * max(flat))
    if high > 4 * low:
        return style.log_axis(low, high) | {"range": [np.log10(low) - 0.05, np.log10(high) + 0.05]}
    room = 0.05 * (high - low) or 0.05 * low
    return {"range": [low - room, high + room]}


def runs_away(course: LossCourse, levels: Sequence[Level]) -> bool:
    """Whether F, after the first epoch, exceeds `AWAY` times the highest level."""
    return bool(levels) and bool(
        np.max(course.honest[1:], initial=0) > DIVERGENCE * max(level.value for level in levels)
    )


def cheats(course: LossCourse) -> bool:
    """Whether F as printed ends more than 1 % below the honest F, which means that the atoms have grown."""
    return bool(course.printed[-1] < 0.99 * course.honest[-1])


def accuracy(
    points: Sequence[Points], axis_name: str, ticks: Sequence[float], dark: bool = False
) -> go.Figure:
    """Plot the accuracy in % against λ or d_s (`along`) on a logarithmic axis with `ticks`."""
    lines = [
        traces.solver_line(
            series,
            series.x,
            series.mean,
            dark,
            hovertemplate="%{y:.2f} %",
            marker={"size": 7},
            error_y={
                "type": "data",
                "array": series.spread,
                "visible": bool(series.spread.any()),
                "thickness": 1.5,
            },
            mode="lines+markers",
        )
        for series in points
    ]
    ends = ", ".join(
        _(
            "{label} {first:.1f} to {last:.1f} %",
            label=series.label,
            first=series.mean[0],
            last=series.mean[-1],
        )
        for series in points
    )
    return style.figure(
        lines,
        alt=_(
            "Accuracy against {axis}, from {low:g} to {high:g}: {values}.",
            axis=axis_name,
            low=ticks[0],
            high=ticks[-1],
            values=ends,
        ),
        x={
            "title": axis_name.replace("_s", "ₛ"),
            "type": "log",
            **style.ticks(ticks),
            "tickangle": 0,
        },
        y={"ticksuffix": " %"},
    )
