"""Figure 2: shrinkage and double tanh, their derivatives, and the codes that each of them gives."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sc2viz.draw import style, traces
from sc2viz.words import N_, _

NAMES = N_("Shrinkage"), N_("Double tanh")
AROUND = 1.4  # the end of an axis of c over θ, at least
ROOM = 1.15  # the end of an axis over the largest value of the curves


@dataclass(frozen=True, eq=False)
class Curve:
    """The values of both activations, or of one derivative of both, at c (n,)."""

    c: np.ndarray
    shrinkage: np.ndarray
    double_tanh: np.ndarray
    solver_values: np.ndarray | None = (
        None  # (n,) the values of the solver's own activation, where that is neither of the two
    )
    own_name: str = ""  # the name of the solver's own activation


def activation(
    curve: Curve, theta: float, radius: float, D: float, u: float, dark: bool = False
) -> go.Figure:
    """Plot h(c): both curves, the saturation at ±2D, the threshold ±θ and the range of the fit, ±R."""
    ink = style.ink(dark)
    top = ROOM * max(float(np.abs(values).max()) for values in (curve.shrinkage, curve.double_tanh))
    # live.js moves these lines and words in this order. Plotly does not draw those beyond the axes.
    tall, wide = {"y0": 0, "y1": 1, "yref": "paper"}, {"x0": 0, "x1": 1, "xref": "paper"}
    band = traces.rectangle(-radius, radius, 0, 1, ink, opacity=0.05, yref="paper")
    soft, smooth = (
        {"type": "line", "line": traces.stroke(colour, 1, "dot")}
        for colour in style.signed_colours(dark)
    )
    shapes = [band, *(soft | tall | {"x0": x, "x1": x} for x in (-theta, theta))]
    shapes += [smooth | wide | {"y0": y, "y1": y} for y in (-2 * D, 2 * D)]
    notes = [_note("−2D", curve.c[-1], -2 * D, ink), _note("2D", curve.c[0], 2 * D, ink)]
    return style.figure(
        _pair(curve, dark),
        alt=_(
            "Shrinkage with θ = {theta:.3g}, and double tanh with D = {D:.3g} and u = {u:.3g}.",
            theta=theta,
            D=D,
            u=u,
        ),
        x=_axis(curve),
        y={"title": "s = h(c)", "range": [-top, top]},
        shapes=shapes,
        annotations=notes,
        height=300,
    )


def derivative(curve: Curve, order: int, dark: bool = False) -> go.Figure:
    """Plot the first or second derivative of both activations."""
    return style.figure(
        _pair(curve, dark),
        alt=_(
            "Derivative {order} of shrinkage and of double tanh, which is {maximum:.3g} at most.",
            order=order,
            maximum=np.abs(curve.double_tanh).max(),
        ),
        x=_axis(curve),
        y={"title": "h′(c)" if order == 1 else "h″(c)"},
        height=240,
        showlegend=False,
    )


def histogram(shrinkage: np.ndarray, double_tanh: np.ndarray, dark: bool = False) -> go.Figure:
    """Plot how many entries of two codes (d_s,) lie in each decade of |s|; exact zeros have a column of their own."""
    decades = np.arange(-6, 3)
    labels = [
        _("exactly 0"),
        "< 10⁻⁶",
        *(f"10{_power(k)}–10{_power(k + 1)}" for k in decades[:-1]),
        f"≥ 10{_power(2)}",
    ]
    bars, descriptions = [], []
    for k, (code, colour) in enumerate(
        zip((shrinkage, double_tanh), style.signed_colours(dark), strict=True)
    ):
        name, size = _(NAMES[k]), np.abs(np.nan_to_num(code, posinf=1e9, neginf=-1e9)).astype(float)
        columns = np.where(size == 0, 0, np.digitize(size, 10.0 ** decades.astype(float)) + 1)
        counts = np.bincount(columns, minlength=len(labels))
        descriptions.append(f"{name} {counts[0]}")
        hover = _("{number} atoms", number="%{y}")
        bars.append(traces.bars(labels, counts, colour, name=name, hovertemplate=hover))
    return style.figure(
        bars,
        alt=_("Magnitudes of the codes. Exactly zero: {counts}.", counts=", ".join(descriptions)),
        x={"title": "|s|", "tickangle": -45},
        y={"title": _("number of atoms")},
        barmode="group",
        bargap=0.2,
    )


def _power(k: int) -> str:
    return str(k).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _pair(curve: Curve, dark: bool) -> list[dict]:
    """Shrinkage and double tanh as traces; the line of shrinkage is interrupted where its derivative jumps."""
    shrinkage = curve.shrinkage.astype(float)
    if set(np.unique(shrinkage)) <= {0.0, 1.0}:
        shrinkage[:-1][np.diff(shrinkage) != 0] = np.nan
    values = (shrinkage, curve.double_tanh)
    lines = [
        *zip(map(_, NAMES), values, style.signed_colours(dark), ("solid", "solid"), strict=True)
    ]
    if curve.solver_values is not None:
        lines.append((curve.own_name, curve.solver_values, style.ink(dark), "dot"))
    return [
        traces.line(
            curve.c,
            values,
            colour,
            name=name,
            line=traces.stroke(colour, 3, dash) | {"simplify": False},
            hovertemplate="%{y:.4g}",
        )
        for name, values, colour, dash in lines
    ]


def _axis(curve: Curve) -> dict:
    return {"title": "c", "range": curve.c[[0, -1]].tolist()}


def _note(text: str, x: float, y: float, colour: str) -> dict:
    anchors = {"xanchor": "left" if x < 0 else "right", "yanchor": "bottom" if y > 0 else "top"}
    return traces.annotation(text, colour, x=float(x), y=float(y), **anchors)
