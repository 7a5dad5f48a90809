"""The sentences of Dictionary, computed from what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sc2viz.ui import phrases

if TYPE_CHECKING:
    from sc2viz.pages.dictionary.setups import Ended, Use


def usage(share: np.ndarray, n: int, lam: float, noun: str) -> tuple[str, str]:
    """Which atom is used most, and how uneven use is. share (d_s,): which share of n pictures uses each atom."""
    most, d_s = int(share.argmax()), len(share)
    if not share.any():
        return f"At λ = {lam:g} no atom is used: every code is zero.", "λ is above ‖Bᵀx‖_∞ of every picture."
    claim = f"Atom **{most}** is used most, in **{phrases.share(share[most])}** of {n:,} {noun}s at λ = {lam:g}."
    mean, unused = share.sum(), int((share == 0).sum())
    none = phrases.form(unused, "1 atom is used by none", f"{unused} atoms are used by none")
    none = none if unused else "Each is used by at least one"
    why = f"On average a {noun} uses {mean:.1f} of {phrases.count(d_s, 'atom')}. {none}."
    return claim, why


def coherence(alike: np.ndarray, twin: np.ndarray, d_x: int) -> str:
    """How alike atoms are, and whether there are more of them than numbers in a picture."""
    d_s = len(alike)
    if d_s < 2:
        return "The dictionary has a single atom."
    one = int(alike.argmax())
    pair = sorted((one, int(twin[one])))
    said = f"The coherence is {alike[one]:.2f}, the cosine of atoms {pair[0]} and {pair[1]}, the most alike"
    if d_s > d_x:
        return f"{said}: with {d_s} atoms of {d_x} numbers, {phrases.times(d_s / d_x)} overcomplete, atoms must overlap."
    return f"{said}."


def moved(label: str, degrees: np.ndarray, same: bool) -> tuple[str, str]:
    """How far a network's atoms are from those of the dictionary. same: whether atoms of one number are compared."""
    most, middle = int(degrees.argmax()), float(np.median(degrees))
    if degrees.max() < 0.01:
        return f"{label} reconstructs with the atoms of the dictionary; training has not changed them.", ""
    farthest = f"{degrees[most]:.2g}°"
    claim = f"Training **{label}** turned its atoms by **{middle:.2g}°** (median), and atom **{most}** most, by {farthest}."
    if not same:
        claim = (
            f"The atoms of **{label}** are **{middle:.2g}°** (median) from the most alike ones of this dictionary, and atom "
            f"**{most}** is farthest, {farthest}."
        )
    why = (
        "A network reconstructs with its own dictionary, which it learned together with its encoder. At 0° an atom is "
        "what it was, and at 90° it has nothing in common with it. Where atoms of one number do not match, each is compared "
        "with the most alike atom of the dictionary."
    )
    return claim, why


def learned(ended: Ended, size: int, lam: float, noun: str, start: str) -> str:
    """What learning buys, and how. start: what the atoms were at first."""
    before, after = ended.before, ended.after
    error, price = (_instead(getattr(after, part), getattr(before, part)) for part in ("error", "price"))
    return (
        f"Exact codes of {ended.rows:,} {noun} at λ = {lam:g} have F = **{phrases.percent(after.F)}** of F(0) on the "
        f"learned atoms, and **{phrases.percent(before.F)}** on {start}. Codes and atoms take turns: "
        "codes choose atoms, and each atom moves to the least-squares best for those that chose it. "
        f"A code now uses {after.atoms:.1f} of {size} atoms instead of {before.atoms:.1f}; in "
        f"% of F(0), its error is {error}, and its price λ‖s‖₁ {price}."
    )


def beside(told: Sequence[tuple[str, int, Use]], noun: str) -> str:
    """What tells two dictionaries apart: their titles, their numbers of atoms, the smaller one first, and their use."""
    (one, few, its), (other, many, use) = told
    error, price = (_instead(getattr(use, part), getattr(its, part)) for part in ("error", "price"))
    parts = f"A code uses {use.atoms:.1f} instead of {its.atoms:.1f} atoms; in % of F(0), its error is {error}, and its "
    parts += f"price λ‖s‖₁ {price}."
    Fs = [f"**{phrases.percent(each.F)}**" for each in (its, use)]
    if many == few:
        return f"**{other}** has F = {Fs[1]} of F(0), and **{one}** {Fs[0]}. {parts}"
    serves = ""
    if use.F < its.F and use.atoms / many < its.atoms / few:
        serves = f": each serves {phrases.share(use.atoms / many)} of the {noun} instead of {phrases.share(its.atoms / few)}"
    return (
        f"**{many} atoms instead of {few}** bring F from {Fs[0]} to {Fs[1]} of F(0){serves}. {parts} The product with Bᵀ "
        f"costs every iteration of a solver {many / few:g} times as much."
    )


def _instead(now: float, otherwise: float) -> str:
    """A share and what it was otherwise: "8.8 % instead of 14 %", or "14 % in both"."""
    told = phrases.percent(now), phrases.percent(otherwise)
    return f"{told[0]} in both" if told[0] == told[1] else f"{told[0]} instead of {told[1]}"
