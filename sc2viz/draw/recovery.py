"""Figures about codes whose truth is known: what a decibel costs, and the codes of several solvers."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw

from sc2viz import evaluation, words
from sc2viz.draw import sheet, style, traces
from sc2viz.draw.curves import SolverLine
from sc2viz.draw.letters import write
from sc2viz.words import _


def nmse_by_cost(
    lines: Sequence[SolverLine], layer: int, unit: str, dark: bool = False
) -> go.Figure:
    """NMSE in dB against what the layers cost, `times` of each line, on a logarithmic axis, with a marker at `layer`."""
    lines = [line for line in lines if np.isfinite(line.values[1:]).any()]
    marked = lines if layer else []
    x, y = ([getattr(line, name)[layer] for line in marked] for name in ("times", "values"))
    hover = _("{psnr} dB for {cost}", psnr="%{y:.1f}", cost="%{x:.3~g}")
    curves = [
        traces.solver_line(line, line.times[1:], line.values[1:], dark, hovertemplate=hover)
        for line in lines
    ]
    curves.append(traces.solver_markers(marked, x, y, dark))
    costs = np.concatenate([line.times[1:] for line in lines] or [[1.0]])
    values = np.concatenate([line.values[1:] for line in lines] or [[0.0]])
    low, high = np.nanmin(np.clip(values, -300, 10)) - 3, min(10.0, np.nanmax(values) + 3)
    decades = np.log10([costs.min(), costs.max()])
    ends = [
        traces.End(
            line.label,
            line.solver,
            float(line.values[-1]),
            traces.share(np.log10(line.times[-1]), *decades),
        )
        for line in lines
    ]
    numbers = ", ".join(
        _("{label} {psnr:.1f} dB for {cost}", label=line.label, psnr=error, cost=words.digits(cost))
        for line, cost, error in zip(marked, x, y, strict=True)
    )
    return style.figure(
        curves,
        alt=_(
            "NMSE in decibels against {unit}. After layer {layer}: {values}.",
            unit=unit,
            layer=layer,
            values=numbers or _("nothing yet"),
        ),
        x={
            "type": "log",
            "title": unit,
            "dtick": "D2",
            "tickformat": "~s",
            "range": [decades[0] - 0.05, decades[1] + 0.05],
        },
        y={"range": [low, high], "ticksuffix": " dB"},
        hovermode="closest",
        **traces.at_ends(ends, low, high, dark=dark),
    )


def stems_sheet(
    title: str,
    truth: np.ndarray,
    codes: Mapping[str, np.ndarray],
) -> np.ndarray:
    """One row of stems a solver over the true code (d_s,), as a picture on white, (H, W, 3) uint8: pale bars are the true
    code, discs hits, squares misses, crosses false alarms."""
    _ground, ink, grey = sheet.LIGHT
    wide, high, margin, head, r = 1400, 150, 28, 74, 4
    reach = max(float(np.abs(code).max()) for code in (truth, *codes.values())) or 1.0
    page = Image.new("RGB", (wide, head + len(codes) * (high + margin) + margin), "white")
    pen, step = ImageDraw.Draw(page), (wide - 2 * margin) / len(truth)
    legend = _(
        "disc: hit, square: missed, cross: false alarm, pale bar: the true code; half a row is |s| = {reach:.3g}",
        reach=reach,
    )
    write(pen, (margin, 16), title, ink, 20)
    write(pen, (margin, 46), legend, grey, 16)
    for k, (label, code) in enumerate(codes.items()):
        top = head + k * (high + margin)
        zero = top + margin + (high - margin) / 2
        write(pen, (margin, top), label, ink, 16)
        pen.line((margin, zero, wide - margin, zero), "#BBBBBB")
        used, is_true = evaluation.in_use(code), truth != 0
        x = margin + (np.arange(len(truth)) + 0.5) * step
        bars, ends = (
            zero - values / reach * (high - margin) / 2
            for values in (truth, np.where(used, code, truth))
        )
        for j in np.flatnonzero(is_true):
            pen.line((x[j], zero, x[j], bars[j]), "#C9C9C9", 5)
        for j in np.flatnonzero(used | is_true):
            x0, y0, x1, y1 = x[j] - r, ends[j] - r, x[j] + r, ends[j] + r
            if used[j]:
                pen.line((x[j], zero, x[j], ends[j]), grey, 2)
            if used[j] and is_true[j]:
                pen.ellipse((x0, y0, x1, y1), ink)
            elif is_true[j]:
                pen.rectangle((x0, y0, x1, y1), outline="#2f2a86", width=2)
            else:
                pen.line((x0, y0, x1, y1), "#93360f", 2)
                pen.line((x0, y1, x1, y0), "#93360f", 2)
    return np.asarray(page)
