"""Adaptive ISTA with gates set by hand: its curve, those of ISTA and FISTA, its fixed point, and where it diverges."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go

from sc2viz.draw import curves, style, traces
from sc2viz.words import _


def race(
    behind: Sequence[curves.SolverLine],
    hand: curves.SolverLine,
    steps: int,
    destination: float | None = None,
    diverges_at: int | None = None,
    dark: bool = False,
) -> go.Figure:
    """Plot the distance to the optimum in % against the iteration; `hand`, with the gates set by hand, is in front.

    destination: the distance of the fixed point in %, drawn as a dotted line unless it is None or 0. diverges_at: the
    iteration from which F stays above that of the empty code, marked by a cross. The axis ends ten times above the start.
    """
    lines = [*behind, hand]
    top = 10 * max(
        [style.round_up(float(line.values[0])) for line in lines if len(line.values)], default=1.0
    )
    cut = [
        replace(line, values=np.where(line.values <= top, line.values, 1e3 * top)) for line in lines
    ]
    # The curves that do not follow the gates set the axis, so that it stays while the gates move.
    visible = np.concatenate([line.values[1:] for line in behind])
    visible = visible[visible <= top]
    low = max(curves.FLOOR, float(visible.min()) if len(visible) else curves.FLOOR)
    span = (np.log10(low) - 0.2, np.log10(top))
    figure = curves.excess_by_step(cut, steps, dark, span=span)
    # The axis shows all iterations, also where a curve ends before.
    axis = figure.spec["layout"]["xaxis"] | {"range": (0, np.log10(max(len(hand.values) - 1, 2)))}
    colour = style.colour(hand.solver, dark)
    quiet = traces.QUIET | {"textfont": {"color": style.lettering(colour, dark)}}
    additions = []
    if destination and destination > curves.FLOOR:
        label = _("fixed point: {percent:.3g} % above", percent=destination)
        additions.append(
            traces.line(
                [1, len(hand.values) - 1],
                [destination] * 2,
                colour,
                2,
                "dot",
                mode="lines+text",
                text=[label, ""],
                textposition="bottom right",
                **quiet,
            )
        )
    if diverges_at is not None:
        height = np.nan_to_num(float(hand.values[diverges_at]), nan=np.inf)
        edge = {"color": style.ink(dark), "width": 1}
        additions.append(
            traces.markers(
                [diverges_at],
                [min(height, 0.7 * top)],
                {"symbol": "x", "size": 13, "color": colour, "line": edge},
                mode="markers+text",
                text=[_("diverges from {iteration}", iteration=diverges_at)],
                textposition="middle right" if diverges_at < 20 else "middle left",
                **quiet,
            )
        )
    return style.altered(figure, additions, xaxis=axis)
