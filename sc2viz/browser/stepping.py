"""The cards of Step through: a solver's pictures, its code as stems beside the optimum's, and its numbers, whose words are
those at every stop of each axis."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import numpy as np

from sc2viz import evaluation
from sc2viz.analysis import convergence
from sc2viz.analysis.sweeps import Sweep, runs_away
from sc2viz.browser import comparison, readings
from sc2viz.browser.comparison import EXACT, Moving
from sc2viz.browser.panels import Curves, Group, Line, Made, Panel, Stems, Words
from sc2viz.draw import style
from sc2viz.words import N_, _, localized

FAR = (
    N_("above the optimum"),
    N_("above (+) or below (−) the optimum"),
)  # of the distance; the second where some are below
USED, LEAST = N_("Atoms in use"), N_("F*, the minimum")


def panels(
    label: str, column: int, moving: Moving, reach: tuple[float, float], colour: str, own: bool
) -> list:
    """The panels of a solver's card, of the codes in a column. own: whether the next column has a network's optimum on its
    own atoms."""
    at = {"label": label, "t": "{t}"}  # the browser says which iteration it is
    return [
        Made(
            _("sum Bs"),
            column,
            "picture",
            _("Reconstruction by {label} at iteration {t}", **at),
        ),
        Made(_("error"), column, "error", _("Error of {label} at iteration {t}", **at)),
        Stems(
            _("code s"),
            column,
            reach[0],
            colour,
            _(
                "Code of {label} at iteration {t}, one stem per atom, with the exact optimum's code as circles",
                **at,
            ),
            reference=column + 1 if own else 1,
            reference_label=_("optimum"),
            bottom=reach[1],
            scale=np.linalg.norm(moving.atoms, axis=0) if own else None,
        ),
    ]


def numbers(moving: Moving, pixels: np.ndarray, aside: bool) -> dict[str, Words]:
    """The numbers under a solver's pictures (1, d_x), at every stop. The first is its distance, unless it stands aside."""
    found = _numbers(moving.sweeps, moving.atoms.shape[1])
    if aside:
        found = {"PSNR": found.pop("PSNR"), **found}
    else:
        away = {axis: runs_away(sweep, pixels) for axis, sweep in moving.sweeps.items()}
        far = {
            axis: [
                readings.AWAY if gone else readings.above(far)
                for far, gone in zip(values, away[axis], strict=True)
            ]
            for axis, values in moving.excess.items()
        }
        below = any((values < -convergence.FLOOR).any() for values in moving.excess.values())
        found = {FAR[below]: far, **found}
    if moving.own is not None:
        found[comparison.OWN] = _said(moving.own, readings.above)
    return found


def reads(column: int, names: Iterable[str]) -> dict[str, str]:
    """Which numbers of a column these readings are, so that the browser may compute them of a drawing."""
    known = comparison.READS | {USED: "used", LEAST: "F"} | dict.fromkeys(FAR, "above")
    return {name: f"{column} {known[name]}" for name in names if name in known}


def target(
    name: str,
    optimum: Mapping[str, Sweep],
    tops: Mapping[str, Sequence[float]],
    reach: tuple[float, float],
) -> Group:
    """The card of the exact optimum of the picture `name`, which is the same at every iteration."""
    drawn: list[Panel] = [
        Made("x", 0, "picture", _("{subject}, ground truth", subject=name)),
        Made(_("error of s*"), 1, "error", _("Error of the exact optimum")),
        Stems(
            _("code s*"),
            1,
            reach[0],
            None,
            _("Code of the exact optimum, one stem per atom"),
            bottom=reach[1],
        ),
    ]
    told = _numbers(optimum, next(iter(optimum.values())).codes.shape[2])
    told = {LEAST: told.pop("Objective F"), **told}
    half, most = (
        _said(tops, say)
        for say in (lambda top: localized(f"{top / 2:g}"), lambda top: localized(f"≥ {top:g}"))
    )
    scale = (style.ERROR_TABLE, (["0"], half, most), _("Error |x − Bs|, the same scale for all"))
    return Group(_(EXACT), None, drawn, name, told, scale, dashed=True, reads=reads(1, told))


def distance(lines: Sequence[Line], names: Iterable[str]) -> Curves:
    """The distance to the optimum against the iteration, one line a solver."""
    alt = _(
        "Distance to the optimum in percent against the iteration, with a marker at {t}: {solvers}",
        t="{t}",
        solvers=", ".join(names),
    )
    return Curves(
        _("Distance to the optimum"), lines, alt, unit=" %", optimum=_("exact optimum: 0 %")
    )


def used(sweep: Sweep) -> np.ndarray:
    """The number of atoms in use at every stop."""
    return evaluation.in_use(sweep.codes[:, 0]).sum(1)


def reach_of(codes: np.ndarray) -> tuple[float, float]:
    """The range of the stems, up and down: that of the optimum's codes at every λ, so that it stays while λ moves."""
    up, down = (
        style.round_up(top) if (top := float((sign * codes).max())) > 0 else 0.0 for sign in (1, -1)
    )
    return (up, down) if up or down else (1.0, 0.0)


def _numbers(sweeps: Mapping[str, Sweep], d_s: int) -> dict[str, Words]:
    @cache
    def of(count: int) -> str:
        return _("{some} of {all}", some=count, all=d_s)

    return {
        "Objective F": _said(
            {axis: sweep.objective[:, 0] for axis, sweep in sweeps.items()}, readings.objective
        ),
        "PSNR": _said(
            {axis: sweep.psnr[:, 0] for axis, sweep in sweeps.items()}, readings.decibels
        ),
        USED: _said({axis: used(sweep) for axis, sweep in sweeps.items()}, of),
    }


def _said(values: Mapping[str, Iterable], say: Callable[..., str]) -> dict[str, list[str]]:
    """Numbers at the stops of each axis, in words."""
    return {axis: list(map(say, np.asarray(each).tolist())) for axis, each in values.items()}
