"""The trade-off between fidelity and sparsity that λ controls (Figure 7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go

from sc2viz.draw import style, traces
from sc2viz.words import _, localized

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

    def at(self, lam: float) -> int | None:
        """The index of the entry at `lam`, or None if there is none."""
        found = np.flatnonzero(np.isclose(self.lam, lam))
        return int(found[0]) if len(found) else None


def loss_by_lambda(
    sweeps: Sequence[MeanSweep],
    lam: float,
    lam_max: float,
    dark: bool = False,
    labelled: bool = True,
) -> go.Figure:
    """Plot the reconstruction loss ½‖x − Bs‖² against λ on logarithmic axes, with lines at the reader's λ and at λ_max.

    `labelled`: the curves have their names at their ends. Charts beside each other may have a common legend instead.
    """
    return _by_lambda(
        sweeps, "loss", _("Reconstruction loss ½‖x − Bs‖²"), lam, lam_max, dark, labelled
    )


def objective_by_lambda(
    sweeps: Sequence[MeanSweep],
    lam: float,
    lam_max: float,
    dark: bool = False,
    labelled: bool = True,
) -> go.Figure:
    """Plot the objective F against λ as `loss_by_lambda` plots the loss."""
    return _by_lambda(sweeps, "objective", _("Objective F"), lam, lam_max, dark, labelled)


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
    curves = [
        traces.solver_line(
            sweep,
            100 * sweep.nonzero,
            sweep.loss,
            dark,
            customdata=np.round(sweep.lam, 4),
            hovertemplate=hover,
        )
        for sweep in sweeps
    ]
    marked = _marked(sweeps, "loss", lam)
    dots = _dots([(sweep, 100 * sweep.nonzero[k], sweep.loss[k]) for sweep, k in marked], dark)
    now = ", ".join(
        _(
            "{label} {percent:.0f} % non-zeros at loss {loss:.3g}",
            label=sweep.label,
            percent=100 * sweep.nonzero[k],
            loss=sweep.loss[k],
        )
        for sweep, k in marked
    )
    highest = 1.05 * max((np.nanmax(sweep.loss, initial=0) for sweep in sweeps), default=1)
    widest = 100 * max((np.nanmax(sweep.nonzero, initial=0) for sweep in sweeps), default=1)
    ends = _labels(sweeps, lambda sweep: (100 * sweep.nonzero, sweep.loss), (0, widest), dark)
    return style.figure(
        [*curves, dots],
        alt=_(
            "Share of non-zeros against reconstruction loss along λ. At λ = {lam:g}: {now}.",
            lam=lam,
            now=now,
        ),
        x={
            "title": {"text": _("non-zeros")},
            "ticksuffix": " %",
            "range": [0, widest],
            "showgrid": False,
            "nticks": 5,
            "tickangle": 0,
        },
        y={"title": {"text": "½‖x − Bs‖²"}, "range": [0, highest], "tickformat": style.NUMBERS},
        hovermode="closest",
        **style.at_ends(ends, 0, highest, dark=dark),
    )


def dots(
    sweeps: Sequence[MeanSweep], x: str, y: str, lam: float, stops: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Where the markers of a chart of `x` and `y`, which are attributes of a sweep, stand at each of `stops` instead of at
    `lam`: two arrays (stops, markers), nan where a curve has no such place."""
    marked = [sweep for sweep, _ in _marked(_readable(sweeps), y, lam)]
    near = [np.isclose(sweep.lam, np.array(stops)[:, None]) for sweep in marked]  # (stops, k) bool

    def places(what: str) -> np.ndarray:
        scale = 100 if what == "nonzero" else 1
        found = [
            np.where(at.any(1), scale * getattr(sweep, what)[at.argmax(1)], np.nan)
            for sweep, at in zip(marked, near, strict=True)
        ]
        return np.array(found).reshape(len(marked), len(stops)).T

    return places(x), places(y)


def _by_lambda(
    sweeps, what: str, title: str, lam: float, lam_max: float, dark: bool, labelled: bool
) -> go.Figure:
    sweeps = _readable(sweeps)
    marked = _marked(sweeps, what, lam)
    dots = _dots([(sweep, lam, getattr(sweep, what)[k]) for sweep, k in marked], dark)
    curves = [
        traces.solver_line(sweep, sweep.lam, getattr(sweep, what), dark, hovertemplate="%{y:.3g}")
        for sweep in sweeps
    ]
    everything = np.concatenate(
        [[lam], *(sweep.lam for sweep in sweeps), [lam_max] if lam_max > 0 else []]
    )
    low, high = everything.min(), everything.max()
    ticks = [tick for tick in _TICKS if low * 0.99 <= tick <= high * 1.01]
    shapes, notes = [traces.upright(lam, dark)], []
    if lam_max > 0:
        shapes.append(traces.upright(lam_max, dark, "solid"))
        notes.append(
            traces.words(
                localized(f"λ max = {lam_max:.3g}"),
                style.ink(dark),
                x=np.log10(lam_max),
                y=0,
                yref="paper",
                xanchor="right",
                yanchor="bottom",
                xshift=-3,
            )
        )
    now = ", ".join(
        f"{sweep.label} {localized(f'{getattr(sweep, what)[k]:.3g}')}" for sweep, k in marked
    )
    span = [
        np.log10(end) + room for end, room in zip(_ends(sweeps, what), (-0.05, 0.05), strict=True)
    ]
    across = np.log10(low) - 0.04, np.log10(high) + 0.06
    ends = _labels(
        sweeps, lambda sweep: (np.log10(sweep.lam), _log(getattr(sweep, what))), across, dark
    )
    labels = (
        style.at_ends(ends, *span, dark=dark)
        if labelled
        else {"annotations": [], "shapes": [], "showlegend": False}
    )
    return style.figure(
        [*curves, dots],
        alt=" ".join(
            [
                _("{title} against λ. At λ = {lam:g}: {now}.", title=title, lam=lam, now=now),
                *([_("λ_max is {lam_max:.3g}.", lam_max=lam_max)] if notes else []),
            ]
        ),
        x={
            "title": {"text": "λ"},
            "type": "log",
            "tickvals": ticks,
            "ticktext": [style.format_tick(tick) for tick in ticks],
            "showgrid": False,
            "range": across,
        },
        y=style.log_axis(*_ends(sweeps, what)) | {"range": span},
        **labels
        | {"annotations": [*notes, *labels["annotations"]], "shapes": [*shapes, *labels["shapes"]]},
    )


def _log(values: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log10(values)


def _labels(
    sweeps: Sequence[MeanSweep], values, across: tuple[float, float], dark: bool
) -> list[style.End]:
    """The right end of every curve; `values(sweep)` are its x and y, and `across` are the ends of the x axis."""
    ends = []
    for sweep in sweeps:
        x, y = map(np.asarray, values(sweep))
        shown = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        if len(shown):
            last = shown[np.argmax(x[shown])]
            colour = style.colour(sweep.solver, dark)
            ends.append(
                style.End(sweep.label, colour, float(y[last]), style.share(x[last], *across))
            )
    return ends


def _ends(sweeps: Sequence[MeanSweep], what: str) -> tuple[float, float]:
    """The smallest and the largest value of all sweeps that are drawn."""
    values = np.concatenate([[], *(getattr(sweep, what) for sweep in sweeps)])
    drawn = values[np.isfinite(values) & (values > 0)]
    return (drawn.min(), drawn.max()) if len(drawn) else (1.0, 1.0)


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


def _marked(sweeps: Sequence[MeanSweep], what: str, lam: float) -> list[tuple[MeanSweep, int]]:
    """The sweeps that have a finite value at λ = `lam`, each with the index of it."""
    found = [(sweep, sweep.at(lam)) for sweep in sweeps]
    return [
        (sweep, k) for sweep, k in found if k is not None and np.isfinite(getattr(sweep, what)[k])
    ]


def _dots(places: list[tuple[MeanSweep, float, float]], dark: bool) -> dict:
    """Markers at the reader's λ on every curve."""
    return traces.solver_markers(
        [one for one, _, _ in places], [x for _, x, _ in places], [y for _, _, y in places], dark
    )
