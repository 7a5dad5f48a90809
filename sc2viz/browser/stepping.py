"""The cards of all iterations: a solver's pictures, its code as stems beside the optimum's, and the names of its numbers."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sc2viz.analysis import convergence
from sc2viz.browser import comparison
from sc2viz.browser.comparison import EXACT, Moving
from sc2viz.browser.panels import Curves, Group, Line, Made, Panel, Stems
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


def readings(aside: bool, moving: Moving) -> list[str]:
    """The names of the numbers under a solver's pictures, which the browser says. The first is its distance, unless it stands
    aside."""
    below = any((values < -convergence.FLOOR).any() for values in moving.excess.values())
    names = ["PSNR", "Objective F", USED] if aside else [FAR[below], "Objective F", "PSNR", USED]
    return names if moving.own is None else [*names, comparison.OWN]


def reads(column: int, names: Iterable[str]) -> dict[str, str]:
    """Which numbers of a column these readings are, so that the browser may compute them of a drawing."""
    known = comparison.READS | {USED: "used", LEAST: "F"} | dict.fromkeys(FAR, "above")
    return {name: f"{column} {known[name]}" for name in names if name in known}


def target(name: str, tops: Mapping[str, Sequence[float]], reach: tuple[float, float]) -> Group:
    """The card of the exact optimum of the picture `name`, which is the same at every iteration. tops: the error that is
    brightest, at every stop."""
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
    names = [LEAST, "PSNR", USED]
    half, most = (
        {axis: [localized(text.format(top * part)) for top in each] for axis, each in tops.items()}
        for text, part in (("{:g}", 0.5), ("≥ {:g}", 1))
    )
    scale = (style.ERROR_TABLE, (["0"], half, most), _("Error |x − Bs|, the same scale for all"))
    empty = dict.fromkeys(names, [""])
    return Group(_(EXACT), None, drawn, name, empty, scale, dashed=True, reads=reads(1, names))


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


def reach_of(codes: np.ndarray) -> tuple[float, float]:
    """The range of the stems, up and down: that of the optimum's codes at every λ, so that it stays while λ moves."""
    up, down = (
        style.round_up(top) if (top := float((sign * codes).max())) > 0 else 0.0 for sign in (1, -1)
    )
    return (up, down) if up or down else (1.0, 0.0)
