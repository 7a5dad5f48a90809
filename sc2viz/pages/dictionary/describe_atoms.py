"""The sentences of Dictionary, computed from what is shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sc2viz.ui import phrases
from sc2viz.words import _, count, count_rows, ngettext, of_noun, templates

if TYPE_CHECKING:
    from sc2viz.pages.dictionary.setups import Ended

said = partial(templates.said, __file__)


def usage(share: np.ndarray, n: int, lam: float, noun: str) -> tuple[str, str]:
    """Which atom is used most, and how uneven use is. share (d_s,): which share of n pictures uses each atom."""
    most, d_s = int(share.argmax()), len(share)
    if not share.any():
        return (
            _("At λ = {lam:g} no atom is used: every code is zero.", lam=lam),
            of_noun(noun, "λ is above ‖Bᵀx‖_∞ of every {noun}."),
        )
    claim = ngettext(
        "Atom **{most}** is used most, in **{share}** of {rows} at λ = {lam:g}.",
        "{n} atoms, such as **{most}**, are used most, each in **{share}** of {rows} at λ = {lam:g}.",
        int((share == share[most]).sum()),
        most=most,
        share=phrases.share(share[most]),
        rows=count_rows(n, noun),
        lam=lam,
    )
    why = of_noun(
        noun,
        "On average a {noun} uses {mean:.1f} of {atoms}.",
        mean=share.sum(),
        atoms=count(d_s, "atom"),
    )
    if unused := int((share == 0).sum()):
        return (
            claim,
            f"{why} {ngettext('{n} atom is used by none.', '{n} atoms are used by none.', unused)}",
        )
    return claim, f"{why} {_('Each is used by at least one.')}"


def coherence(alike: np.ndarray, twin: np.ndarray, d_x: int) -> str:
    """How alike atoms are, and whether there are more of them than numbers in a picture."""
    d_s = len(alike)
    if d_s < 2:
        return _("The dictionary has a single atom.")
    one = int(alike.argmax())
    first, second = sorted((one, int(twin[one])))
    return said(
        "coherence",
        cosine=alike[one],
        first=first,
        second=second,
        atoms=d_s,
        numbers=d_x,
        times=phrases.times(d_s / d_x),
    )


def moved(label: str, degrees: np.ndarray, same: bool) -> tuple[str, str]:
    """How far a network's atoms are from those of the dictionary. same: whether atoms of one number are compared."""
    most, middle = int(degrees.argmax()), float(np.median(degrees))
    if degrees.max() < 0.01:
        return _(
            "{solver} reconstructs with the atoms of the dictionary; training has not changed them.",
            solver=label,
        ), ""
    given = {
        "solver": label,
        "same": same,
        "middle": middle,
        "most": most,
        "farthest": degrees[most],
    }
    return said("moved", **given), said("why_moved")


def learned(ended: Ended, size: int, lam: float, noun: str, start: str) -> str:
    """What learning buys, and how. start: what the atoms were at first."""
    before, after = ended.before, ended.after
    error, price = (
        _instead(getattr(after, part), getattr(before, part)) for part in ("error", "price")
    )
    return said(
        "learned",
        rows=ended.rows,
        noun=noun,
        lam=lam,
        now=phrases.percent(after.F),
        size=size,
        used=after.atoms,
        before=phrases.percent(before.F),
        start=start,
        earlier=before.atoms,
        error=error,
        price=price,
    )


def _instead(now: float, otherwise: float) -> str:
    """A share and what it was otherwise: "8.8 % instead of 14 %", or "14 % in both"."""
    first, second = phrases.percent(now), phrases.percent(otherwise)
    if first == second:
        return _("{share} in both", share=first)
    return _("{share} instead of {other}", share=first, other=second)
