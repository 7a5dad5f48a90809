"""Figures about codes whose truth is known: what a decibel costs, and the codes of several solvers."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw

from sc2viz import evaluation, words
from sc2viz.draw import style, traces
from sc2viz.draw.curves import SolverLine
from sc2viz.draw.letters import write
from sc2viz.words import _


def nmse_by_cost(
    lines: Sequence[SolverLine], layer: int, unit: str, dark: bool = False, height: int = 320
) -> go.Figure:
    """NMSE in dB against what the layers cost, `times` of each line, on a logarithmic axis, with a marker at `layer`."""
    drawn = [line for line in lines if np.isfinite(line.values[1:]).any()]
    hover, here = (
        _("{psnr} dB for {cost}", psnr="%{y:.1f}", cost="%{x:.3~g}"),
        [line for line in drawn if layer > 0],
    )
    curves = [
        traces.solver_line(line, line.times[1:], line.values[1:], dark, hovertemplate=hover)
        for line in drawn
    ]
    at = [(line.times[layer], line.values[layer]) for line in here]
    curves.append(traces.solver_markers(here, [x for x, _ in at], [y for _, y in at], dark))
    costs = np.concatenate([line.times[1:] for line in drawn]) if drawn else np.ones(1)
    values = np.concatenate([line.values[1:] for line in drawn]) if drawn else np.zeros(1)
    low, high = np.nanmin(np.clip(values, -300, 10)) - 3, min(10.0, np.nanmax(values) + 3)
    across = np.log10([costs.min(), costs.max()])
    ends = [
        style.End(
            line.label,
            style.colour(line.solver, dark),
            float(line.values[-1]),
            style.share(np.log10(line.times[-1]), *across),
        )
        for line in drawn
    ]
    told = ", ".join(
        _(
            "{label} {psnr:.1f} dB for {cost}",
            label=line.label,
            psnr=line.values[layer],
            cost=words.digits(line.times[layer]),
        )
        for line in here
    )
    labels = style.at_ends(ends, low, high, height, dark)
    return style.figure(
        curves,
        alt=_(
            "NMSE in decibels against {unit}. After layer {layer}: {told}.",
            unit=unit,
            layer=layer,
            told=told or _("nothing yet"),
        ),
        x={
            "type": "log",
            "title": {"text": unit},
            "dtick": "D2",
            "tickformat": "~s",
            "showgrid": False,
            "range": [across[0] - 0.05, across[1] + 0.05],
        },
        y={"range": [low, high], "ticksuffix": " dB"},
        hovermode="closest",
        **labels,
    )


def stems_sheet(
    title: str,
    truth: np.ndarray,
    found: Mapping[str, np.ndarray],
    wide: int = 1400,
    high: int = 150,
) -> np.ndarray:
    """One row of stems a solver over the true code (d_s,), as a picture on white, (H, W, 3) uint8: pale bars are the true
    code, discs hits, squares misses, crosses false alarms."""
    margin, head = 28, 74
    reach = max(float(np.abs(each).max()) for each in (truth, *found.values())) or 1.0
    sheet = Image.new("RGB", (wide, head + len(found) * (high + margin) + margin), "white")
    draw = ImageDraw.Draw(sheet)
    write(draw, (margin, 16), title, "#23252B", 20)
    said = _(
        "disc: hit, square: missed, cross: false alarm, pale bar: the true code; half a row is |s| = {reach:.3g}",
        reach=reach,
    )
    write(draw, (margin, 46), said, "#55585F", 16)
    step, r = (wide - 2 * margin) / len(truth), 4
    for k, (label, code) in enumerate(found.items()):
        top = head + k * (high + margin)
        zero = top + margin + (high - margin) / 2
        write(draw, (margin, top), label, "#23252B", 16)
        draw.line((margin, zero, wide - margin, zero), "#BBBBBB")

        def place(j: int, value: float, zero: float = zero) -> tuple[float, float]:
            return margin + (j + 0.5) * step, zero - value / reach * (high - margin) / 2

        for j in np.flatnonzero(truth):
            draw.line((*place(j, 0.0), *place(j, truth[j])), "#C9C9C9", 5)
        for j in np.flatnonzero((truth != 0) | evaluation.in_use(code)):
            used, true = bool(evaluation.in_use(code[j])), truth[j] != 0
            x, y = place(j, code[j] if used else truth[j])
            if used:
                draw.line((*place(j, 0.0), x, y), "#55585F", 2)
            if used and true:
                draw.ellipse((x - r, y - r, x + r, y + r), "#23252B")
            elif true:
                draw.rectangle((x - r, y - r, x + r, y + r), outline="#2f2a86", width=2)
            else:
                draw.line((x - r, y - r, x + r, y + r), "#93360f", 2)
                draw.line((x - r, y + r, x + r, y - r), "#93360f", 2)
    return np.asarray(sheet)
