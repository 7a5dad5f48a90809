"""The trade-off between fidelity and sparsity that λ controls (Figure 7)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go

from sc2viz.draw import style, traces
from sc2viz.words import N_, _, digits, localized

TITLES = {"loss": N_("Reconstruction loss ½‖x − Bs‖²"), "objective": N_("Objective F")}
_TICKS = [mantissa * 10.0**power for power in range(-4, 5) for mantissa in (1, 3)]


@dataclass(frozen=True, eq=False)
class MeanSweep:
    """One solver's means over the pictures; entry k is at λ = `lam[k]`, ascending. `style.dash` gives the dash pattern."""

    label: str
    solver: str
    lam: np.ndarray  # (k,)
    loss: np.ndarray  # (k,) ½‖x − Bs‖²
    objective: np.ndarray  # (k,) F
    nonzero: np.ndarray  # (k,) share of atoms in use
    trained: bool = True
    variant: str = ""

    def find_lambda(self, lam: float) -> int | None:
        """The index of the entry at `lam`, or None if there is none."""
        entries = np.flatnonzero(np.isclose(self.lam, lam))
        return int(entries[0]) if len(entries) else None

    def values(self, field: str) -> np.ndarray:
        """The values of a field, as charts show them: the share of non-zeros is in %."""
        return getattr(self, field) * (100 if field == "nonzero" else 1)


def sparsity_against_error(
    sweeps: Sequence[MeanSweep], lam: float, dark: bool = False
) -> go.Figure:
    """Plot the reconstruction loss against the share of non-zeros in %; λ varies along each curve, and a dot marks `lam`."""
    sweeps = _readable(sweeps)
    hover = _(
        "λ = {lam}: {percent} % non-zeros, loss {loss}",
        lam="%{customdata:.3g}",
        percent="%{x:.0f}",
        loss="%{y:.3g}",
    )
    curves, numbers = _curves(sweeps, "nonzero", "loss", lam, dark, hover)
    high, wide = (
        max((np.nanmax(sweep.values(field), initial=0) for sweep in sweeps), default=1)
        for field in ("loss", "nonzero")
    )
    ends = _ends(sweeps, "nonzero", "loss", (0, wide))
    return style.figure(
        curves,
        alt=_(
            "Reconstruction loss against the share of non-zeros. At λ = {lam:g} the loss is: {values}.",
            lam=lam,
            values=numbers,
        ),
        x={
            "title": _("non-zeros"),
            "ticksuffix": " %",
            "range": [0, wide],
            "nticks": 5,
            "tickangle": 0,
        },
        y={"title": "½‖x − Bs‖²", "range": [0, 1.05 * high]},
        hovermode="closest",
        **traces.at_ends(ends, 0, 1.05 * high, dark=dark),
    )


def dots(
    sweeps: Sequence[MeanSweep], x: str, y: str, lam: float, stops: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Where the markers of a chart of the fields `x` and `y` of a sweep stand at each of `stops` instead of at `lam`: two
    arrays (stops, markers), nan where a curve has no such place."""
    marked = [sweep for sweep, _k in _marked(_readable(sweeps), y, lam)]
    near = [np.isclose(sweep.lam, np.array(stops)[:, None]) for sweep in marked]  # (stops, k) bool

    def places(field: str) -> np.ndarray:
        entries = [
            np.where(matches.any(1), sweep.values(field)[matches.argmax(1)], np.nan)
            for sweep, matches in zip(marked, near, strict=True)
        ]
        return np.array(entries).reshape(len(marked), len(stops)).T

    return places(x), places(y)


def by_lambda(
    sweeps: Sequence[MeanSweep],
    field: str,
    lam: float,
    lam_max: float,
    dark: bool = False,
    labelled: bool = True,
) -> go.Figure:
    """Plot the "loss" or the "objective" against λ on logarithmic axes, with lines at the reader's λ and at λ_max.

    `labelled`: the curves have their names at their ends. Charts beside each other may have a common legend instead.
    """
    sweeps = _readable(sweeps)
    curves, numbers = _curves(sweeps, "lam", field, lam, dark, "%{y:.3g}")
    lams = np.concatenate([[lam, lam_max or lam], *(sweep.lam for sweep in sweeps)])
    across = np.log10(lams.min()) - 0.04, np.log10(lams.max()) + 0.06
    values = np.concatenate([[], *(sweep.values(field) for sweep in sweeps)])
    values = values[np.isfinite(values) & (values > 0)]
    low, high = (values.min(), values.max()) if len(values) else (1.0, 1.0)
    span = [np.log10(low) - 0.05, np.log10(high) + 0.05]
    ends = _ends(sweeps, "lam", field, across, np.log10) if labelled else []
    layout = traces.at_ends(ends, *span, dark=dark)
    layout["shapes"].insert(0, traces.upright(lam, dark))
    alt = _(
        "{title} against λ. At λ = {lam:g}: {values}.",
        title=_(TITLES[field]),
        lam=lam,
        values=numbers,
    )
    if lam_max > 0:
        text, place = localized(f"λ max = {lam_max:.3g}"), {"x": np.log10(lam_max), "xshift": -3}
        corner = {"y": 0, "yref": "paper", "xanchor": "right", "yanchor": "bottom"}
        layout["annotations"].append(traces.annotation(text, style.ink(dark), **place, **corner))
        layout["shapes"].insert(1, traces.upright(lam_max, dark, "solid"))
        alt = f"{alt} {text}."
    return style.figure(
        curves,
        alt=alt,
        x={
            "title": "λ",
            "type": "log",
            **style.ticks(_TICKS),
            "range": across,
        },
        y=style.log_axis(low, high) | {"range": span},
        **layout,
    )


def _curves(
    sweeps: Sequence[MeanSweep], x: str, y: str, lam: float, dark: bool, hover: str
) -> tuple[list[dict], str]:
    """The curves of two fields, with the markers at `lam`; and the values of `y` there, in words."""
    curves = [
        traces.solver_line(
            sweep,
            sweep.values(x),
            sweep.values(y),
            dark,
            customdata=np.round(sweep.lam, 4),
            hovertemplate=hover,
        )
        for sweep in sweeps
    ]
    marked = _marked(sweeps, y, lam)
    places = ([sweep.values(field)[k] for sweep, k in marked] for field in (x, y))
    dots = traces.solver_markers([sweep for sweep, _k in marked], *places, dark)
    numbers = (f"{sweep.label} {digits(sweep.values(y)[k])}" for sweep, k in marked)
    return [*curves, dots], ", ".join(numbers)


def _ends(
    sweeps: Sequence[MeanSweep],
    x: str,
    y: str,
    across: tuple[float, float],
    scale: Callable = np.asarray,
) -> list[traces.End]:
    """The right end of every curve of two fields on axes of a `scale`; `across`: the ends of the x axis."""
    ends = []
    for sweep in sweeps:
        with np.errstate(divide="ignore"):
            places = np.stack([scale(sweep.values(field)) for field in (x, y)], 1)
        places = places[np.isfinite(places).all(1)]
        if len(places):
            right, height = max(places.tolist())
            place = traces.share(right, *across)
            ends.append(traces.End(sweep.label, sweep.solver, height, place))
    return ends


def cut_off(sweeps: Sequence[MeanSweep]) -> list[MeanSweep]:
    """Those of the sweeps of which the charts leave out values, because they would flatten all other curves."""
    limit = _limit(sweeps)
    return [sweep for sweep in sweeps if not (sweep.objective <= limit).all()]


def _limit(sweeps: Sequence[MeanSweep]) -> float:
    """The largest value that the charts show: a hundred times the first sweep's largest F."""
    return 100 * max((sweep.objective.max() for sweep in sweeps[:1]), default=np.inf)


def _readable(sweeps: Sequence[MeanSweep]) -> list[MeanSweep]:
    """The sweeps without values above the limit."""
    limit = _limit(sweeps)

    def readable(values: np.ndarray) -> np.ndarray:
        return np.where(values <= limit, values, np.nan)

    return [
        replace(sweep, loss=readable(sweep.loss), objective=readable(sweep.objective))
        for sweep in sweeps
    ]


def _marked(sweeps: Sequence[MeanSweep], field: str, lam: float) -> list[tuple[MeanSweep, int]]:
    """The sweeps that have a finite value at λ = `lam`, each with the index of it."""
    entries = [(sweep, sweep.find_lambda(lam)) for sweep in sweeps]
    return [
        (sweep, k)
        for sweep, k in entries
        if k is not None and np.isfinite(getattr(sweep, field)[k])
    ]
