"""What λ trades: fidelity against sparsity (Figure 7)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sc2viz.figures import style

_TICKS = [mantissa * 10.0**power for power in range(-4, 5) for mantissa in (1, 3)]
_LEVELS = [mantissa * 10.0**power for power in range(-6, 7) for mantissa in (1, 2, 5)]


@dataclass(frozen=True, eq=False)
class Sweep:
    """One solver's means over the pictures, entry k at λ = `lam[k]`, ascending. An untrained network's line is dotted."""

    label: str
    solver: str
    lam: np.ndarray  # (k,)
    loss: np.ndarray  # (k,) ½‖x − Bs‖²
    objective: np.ndarray  # (k,) F
    nonzero: np.ndarray  # (k,) share of |s| > 1e-3
    trained: bool = True

    def at(self, lam: float) -> int | None:
        """The entry at `lam`; None where it was not computed."""
        found = np.flatnonzero(np.isclose(self.lam, lam))
        return int(found[0]) if len(found) else None


def loss_by_lambda(sweeps: Sequence[Sweep], lam: float, lam_max: float, dark: bool = False) -> go.Figure:
    """Reconstruction loss ½‖x − Bs‖² against λ, both axes logarithmic, with the reader's λ and λ_max as lines."""
    return _by_lambda(sweeps, "loss", "Reconstruction loss ½‖x − Bs‖²", lam, lam_max, dark)


def objective_by_lambda(sweeps: Sequence[Sweep], lam: float, lam_max: float, dark: bool = False) -> go.Figure:
    """The objective F against λ, both axes logarithmic, with the reader's λ and λ_max as lines."""
    return _by_lambda(sweeps, "objective", "Objective F", lam, lam_max, dark)


def sparsity_against_error(sweeps: Sequence[Sweep], lam: float, dark: bool = False) -> go.Figure:
    """Share of non-zeros (in %) against reconstruction loss: λ moves along each curve, and a dot marks the reader's."""
    figure = go.Figure()
    for sweep in sweeps:
        _line(figure, sweep, 100 * sweep.nonzero, sweep.loss, sweep.at(lam), dark, np.round(sweep.lam, 4),
              "λ = %{customdata:g}: %{x:.0f} % non-zeros, loss %{y:.3g}")  # fmt: skip
    figure.update_xaxes(title="non-zeros", ticksuffix=" %", rangemode="tozero", showgrid=False)
    figure.update_yaxes(title="½‖x − Bs‖²", rangemode="tozero", tickformat="~g")
    now = ", ".join(
        f"{sweep.label} {100 * sweep.nonzero[k]:.0f} % non-zeros at loss {sweep.loss[k]:.3g}"
        for sweep in sweeps
        if (k := sweep.at(lam)) is not None
    )
    figure = style.finish(figure, f"Share of non-zeros against reconstruction loss along λ. At λ = {lam:g}: {now}.", 360)
    return figure.update_layout(hovermode="closest")


def _by_lambda(sweeps, what: str, title: str, lam: float, lam_max: float, dark: bool) -> go.Figure:
    figure = go.Figure()
    for sweep in sweeps:
        values = getattr(sweep, what)
        _line(figure, sweep, sweep.lam, values, sweep.at(lam), dark, None, "%{y:.3g}")
    ink = style.ink(dark)
    figure.add_vline(x=lam, line={"color": ink, "width": 1, "dash": "dot"}, opacity=0.6)
    if lam_max > 0:
        figure.add_vline(x=lam_max, line={"color": ink, "width": 1}, opacity=0.5)
        figure.add_annotation(
            x=np.log10(lam_max), y=0, yref="y domain", text=f"λ<sub>max</sub> = {lam_max:.3g}", showarrow=False,
            xanchor="right", yanchor="bottom", xshift=-3,
        )  # fmt: skip
    everything = np.concatenate([[lam], *(sweep.lam for sweep in sweeps), [lam_max] if lam_max > 0 else []])
    low, high = everything.min(), everything.max()
    ticks = [tick for tick in _TICKS if low * 0.99 <= tick <= high * 1.01]
    figure.update_xaxes(
        title="λ", type="log", tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks], showgrid=False,
        range=[np.log10(low) - 0.04, np.log10(high) + 0.06],
    )  # fmt: skip
    figure.update_yaxes(type="log", tickvals=_LEVELS, ticktext=[f"{level:g}" for level in _LEVELS])
    now = ", ".join(f"{sweep.label} {getattr(sweep, what)[k]:.3g}" for sweep in sweeps if (k := sweep.at(lam)) is not None)
    return style.finish(figure, f"{title} against λ. At λ = {lam:g}: {now}.")


def _line(figure, sweep: Sweep, x, y, now: int | None, dark: bool, custom, hover: str) -> None:
    colour = style.colour(sweep.solver, dark)
    figure.add_scatter(
        x=x, y=y, customdata=custom, name=sweep.label, mode="lines", hovertemplate=hover,
        line={"color": colour, "width": 3, "dash": style.dash(sweep.solver, sweep.trained)},
    )  # fmt: skip
    if now is not None:
        figure.add_scatter(
            x=[x[now]], y=[y[now]], mode="markers", marker={"color": colour, "size": 11}, showlegend=False, hoverinfo="skip"
        )
