"""The cards of all iterations: a solver's pictures, its code as stems beside the optimum's, and the names of its numbers."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sc2viz.analysis import convergence
from sc2viz.browser.comparison import EXACT, OWN_ATOMS, READS, Entry
from sc2viz.browser.panels import Curves, Group, Line, Made, Panel, Stems, Texts
from sc2viz.draw import style
from sc2viz.draw.sheet import error_bar
from sc2viz.words import N_, _

# What the distance is; the second where some are below
DISTANCES = N_("above the optimum"), N_("above (+) or below (−) the optimum")
USED, MINIMUM = N_("Atoms in use"), N_("F*, the minimum")


def solver_card(
    entry: Entry,
    column: int,
    reach: tuple[float, float],
    colour: str,
    panels: Iterable[Panel] = (),
    extra: Mapping[str, Texts] = {},
) -> Group:
    """The card of a solver whose codes are in a column, before that with the optimum on atoms of its own, where it has some.
    panels: what else it shows; extra: what else it says."""
    movement, is_unranked = entry.movement, bool(entry.unranked)
    has_own_atoms = movement.own_excess is not None
    values = {"label": entry.label, "t": "{t}"}  # the browser says which iteration it is
    alt = _("Reconstruction by {label} at iteration {t}", **values)
    code = N_(
        "Code of {label} at iteration {t}, one stem per atom, with the exact optimum's code as circles"
    )
    stems = Stems(
        _("code s"),
        column,
        reach[0],
        colour,
        _(code, **values),
        reference=column + 1 if has_own_atoms else 1,
        reference_label=_("optimum"),
        bottom=reach[1],
        scale=np.linalg.norm(movement.atoms, axis=0) if has_own_atoms else None,
    )
    # The browser says these numbers. The first is the distance, unless the solver is unranked.
    is_below = any((values < -convergence.FLOOR).any() for values in movement.excess.values())
    names = ["PSNR", "Objective F", USED]
    if not is_unranked:
        names = [DISTANCES[is_below], "Objective F", "PSNR", USED]
    if has_own_atoms:
        names.append(OWN_ATOMS)
    return Group(
        entry.label,
        colour,
        [
            Made(_("sum Bs"), column, "picture", alt),
            Made(_("error"), column, "error", _("Error of {label} at iteration {t}", **values)),
            stems,
            *panels,
        ],
        entry.note,
        {**dict.fromkeys(names, [""]), **extra},
        solver=entry.solver,
        dash=entry.dash or style.own_dash(entry.solver),
        is_unranked=is_unranked,
        reads=_reads(column, names),
    )


def _reads(column: int, names: Iterable[str]) -> dict[str, str]:
    """Which numbers of a column these readings are, so that the browser may compute them of a drawing."""
    keys = READS | {USED: "used", MINIMUM: "F"} | dict.fromkeys(DISTANCES, "above")
    return {name: f"{column} {keys[name]}" for name in names}


def target(name: str, tops: Mapping[str, Sequence[float]], reach: tuple[float, float]) -> Group:
    """The card of the exact optimum of the picture `name`, which is the same at every iteration. tops: the error that is
    brightest, at every stop."""
    alt = _("Code of the exact optimum, one stem per atom")
    figures: list[Panel] = [
        Made("x", 0, "picture", _("{subject}, ground truth", subject=name)),
        Made(_("error of s*"), 1, "error", _("Error of the exact optimum")),
        Stems(_("code s*"), 1, reach[0], None, alt, bottom=reach[1]),
    ]
    names = [MINIMUM, "PSNR", USED]
    half, top = (
        {axis: [error_bar(level).ticks[k] for level in levels] for axis, levels in tops.items()}
        for k in (1, 2)
    )
    scale = (style.ERROR_TABLE, (["0"], half, top), _("Error |x − Bs|, the same scale for all"))
    empty = dict.fromkeys(names, [""])
    return Group(_(EXACT), None, figures, name, empty, scale, dashed=True, reads=_reads(1, names))


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
