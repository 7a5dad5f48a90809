"""Adaptive ISTA with gates set by hand: its curve, those of ISTA and FISTA, its fixed point, and where it diverges."""

from collections.abc import Sequence

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

    def cut(line: curves.SolverLine) -> curves.SolverLine:
        values = np.where(np.isnan(line.values), np.inf, line.values)
        return curves.SolverLine(
            line.label, line.solver, np.where(values > top, 1e3 * top, values), line.trained
        )

    # The curves that do not follow the gates set the axis, so that it stays while the gates move.
    shown = np.concatenate([np.asarray(line.values, float)[1:] for line in behind])
    shown = shown[np.isfinite(shown) & (shown <= top)]
    low = max(curves.FLOOR, float(shown.min()) if len(shown) else curves.FLOOR)
    span = (np.log10(low) - 0.2, np.log10(top))
    figure = curves.excess_by_step([cut(line) for line in lines], steps, dark, span=span)
    layout = figure.made["layout"]
    # The axis shows all iterations, also where a curve ends before.
    axis = layout["xaxis"] | {"range": (0, np.log10(max(len(hand.values) - 1, 2)))}
    colour = style.colour(hand.solver, dark)
    told, more, letters = [layout["meta"]["alt"]], [], {"color": style.lettering(colour, dark)}
    if destination and destination > curves.FLOOR:
        told.append(
            _(
                "The fixed point of {solver} is {percent:.3g} % above the optimum.",
                solver=hand.label,
                percent=destination,
            )
        )
        more.append(
            traces.line(
                [1, len(hand.values) - 1],
                [destination, destination],
                colour,
                2,
                "dot",
                textposition="bottom right",
                text=[_("fixed point: {percent:.3g} % above", percent=destination), ""],
                textfont=letters,
                **traces.QUIET,
            )
            | {"mode": "lines+text"}
        )
    if diverges_at is not None:
        told.append(
            _("{solver} diverges from iteration {when}.", solver=hand.label, when=diverges_at)
        )
        height = float(hand.values[diverges_at])
        mark = {
            "symbol": "x",
            "size": 13,
            "color": colour,
            "line": {"color": style.ink(dark), "width": 1},
        }
        told_there = _(
            "from iteration {when} on, F is larger than for the empty code", when=diverges_at
        )
        more.append(
            traces.markers(
                [diverges_at],
                [min(height, 0.7 * top) if np.isfinite(height) else 0.7 * top],
                mark,
                showlegend=False,
                text=[_("diverges from {when}", when=diverges_at)],
                hovertemplate=f"{told_there}<extra></extra>",
                textposition="middle right" if diverges_at < 20 else "middle left",
                textfont=letters,
            )
            | {"mode": "markers+text"}
        )
    return style.altered(figure, more, xaxis=axis, meta={"alt": " ".join(told)})
