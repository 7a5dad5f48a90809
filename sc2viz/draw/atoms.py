"""Atoms as small pictures, and a chart of one number an atom."""

import numpy as np
import plotly.graph_objects as go

from sc2viz.draw import mosaics, style, traces
from sc2viz.words import _


def tiles(B: np.ndarray, shape: mosaics.Shape) -> np.ndarray:
    """The atoms of B (d_x, d_s) as uint8 (d_s, h, w) or, for colour pictures, (d_s, h, w, 3), each at full contrast.

    128 is zero, and 1 or 255 is an atom's entry of largest magnitude. Grey atoms and lines index the diverging colour
    scale; colour atoms are shown around mid-grey. Raises ValueError if `shape` does not fit B.
    """
    d_x = shape.d_x if isinstance(shape, mosaics.Lines) else np.prod(shape)
    if B.ndim != 2 or len(B) != d_x:
        raise ValueError(f"B must be ({d_x}, d_s) for pictures of {shape}, got {B.shape}")
    atoms = np.ascontiguousarray(B.T, np.float32)
    top = np.maximum(atoms.max(1), -atoms.min(1))[:, None]
    return mosaics.signed(atoms / np.where(top > 0, top, 1), shape)


def sheet(B: np.ndarray, shape: mosaics.Shape, dark: bool = False, side: int = 1) -> np.ndarray:
    """All atoms of B (d_x, d_s) in one picture, RGBA, at least `side` px wide, laid out as `mosaics.grid` says, in the
    colours of a theme."""
    levels = tiles(B, shape)
    return mosaics.lay_out(
        style.DIVERGING_TABLE[dark][levels] if levels.ndim == 3 else levels, side
    )


def row(
    values: np.ndarray,
    subject: str,
    without: int | None = None,
    dark: bool = False,
    height: int = 180,
) -> go.Figure:
    """Plot one signed number an atom, `values` (d_s,), by number: a row of a matrix such as BᵀB. subject: what it is.
    without: the number of an atom that is left out, such as the row's own. height: of the figure, in px."""
    others = np.flatnonzero(np.arange(len(values)) != (-1 if without is None else without))
    length, values = len(values), values[others]
    index = int(np.abs(values).argmax())
    hover = _("atom {number}: {value}", number="%{x}", value="%{y:.3f}")
    bars = traces.signed_bars(others, values, hover, dark)
    bars["marker"]["line"] = {"width": 0}
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    return style.figure(
        [bars],
        alt=_(
            "{subject}: the largest in magnitude is {value:.3g}, at atom {atom}.",
            subject=subject,
            value=values[index],
            atom=others[index],
        ),
        x={"title": _("atom"), "range": [-0.5, length - 0.5]},
        y={
            "range": style.widen(low, high, 0.1),
            "zeroline": True,
            "nticks": 5,
        },
        height=height,
        bargap=0.1,
        showlegend=False,
        hovermode="closest",
    )
