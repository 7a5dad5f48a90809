"""The sentences of Dictionary, computed from what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sc2viz.ui import phrases
from sc2viz.words import _, count, ngettext, of_noun

if TYPE_CHECKING:
    from sc2viz.pages.dictionary.setups import Ended, Use


def usage(share: np.ndarray, n: int, lam: float, noun: str) -> tuple[str, str]:
    """Which atom is used most, and how uneven use is. share (d_s,): which share of n pictures uses each atom."""
    most, d_s = int(share.argmax()), len(share)
    if not share.any():
        return (_("At λ = {lam:g} no atom is used: every code is zero.", lam=lam),
                _("λ is above ‖Bᵀx‖_∞ of every picture."))  # fmt: skip
    claim = of_noun(noun, "Atom **{most}** is used most, in **{share}** of {n:,} {noun}s at λ = {lam:g}.", most=most,
                    share=phrases.share(share[most]), n=n, lam=lam)  # fmt: skip
    why = of_noun(noun, "On average a {noun} uses {mean:.1f} of {atoms}.", mean=share.sum(), atoms=count(d_s, "atom"))
    if unused := int((share == 0).sum()):
        return claim, f"{why} {ngettext('{n} atom is used by none.', '{n} atoms are used by none.', unused)}"
    return claim, f"{why} {_('Each is used by at least one.')}"


def coherence(alike: np.ndarray, twin: np.ndarray, d_x: int) -> str:
    """How alike atoms are, and whether there are more of them than numbers in a picture."""
    d_s = len(alike)
    if d_s < 2:
        return _("The dictionary has a single atom.")
    one = int(alike.argmax())
    first, second = sorted((one, int(twin[one])))
    given = {"cosine": alike[one], "first": first, "second": second}
    if d_s > d_x:
        return _("The coherence is {cosine:.2f}, the cosine of atoms {first} and {second}, the most alike: with {atoms} "
                 "atoms of {numbers} numbers, {times} overcomplete, atoms must overlap.", atoms=d_s, numbers=d_x,
                 times=phrases.times(d_s / d_x), **given)  # fmt: skip
    return _("The coherence is {cosine:.2f}, the cosine of atoms {first} and {second}, the most alike.", **given)


def moved(label: str, degrees: np.ndarray, same: bool) -> tuple[str, str]:
    """How far a network's atoms are from those of the dictionary. same: whether atoms of one number are compared."""
    most, middle = int(degrees.argmax()), float(np.median(degrees))
    if degrees.max() < 0.01:
        return _("{solver} reconstructs with the atoms of the dictionary; training has not changed them.", solver=label), ""
    given = {"solver": label, "middle": middle, "most": most, "farthest": degrees[most]}
    claim = _("Training **{solver}** turned its atoms by **{middle:.2g}°** (median), and atom **{most}** most, by "
              "{farthest:.2g}°.", **given)  # fmt: skip
    if not same:
        claim = _("The atoms of **{solver}** are **{middle:.2g}°** (median) from the most alike ones of this dictionary, "
                  "and atom **{most}** is farthest, {farthest:.2g}°.", **given)  # fmt: skip
    why = _(
        "A network reconstructs with its own dictionary, which it learned together with its encoder. At 0° an atom is "
        "what it was, and at 90° it has nothing in common with it. Where atoms of one number do not match, each is compared "
        "with the most alike atom of the dictionary."
    )
    return claim, why


def learned(ended: Ended, size: int, lam: float, noun: str, start: str) -> str:
    """What learning buys, and how. start: what the atoms were at first."""
    before, after = ended.before, ended.after
    error, price = (_instead(getattr(after, part), getattr(before, part)) for part in ("error", "price"))
    return _(
        "Exact codes of {rows:,} {noun} at λ = {lam:g} have F = **{now}** of F(0) on the learned atoms, and **{before}** on "
        "{start}. Codes and atoms take turns: codes choose atoms, and each atom moves to the least-squares best for those "
        "that chose it. A code now uses {used:.1f} of {size} atoms instead of {earlier:.1f}; in % of F(0), its error is "
        "{error}, and its price λ‖s‖₁ {price}.", rows=ended.rows, noun=noun, lam=lam, now=phrases.percent(after.F),
        before=phrases.percent(before.F), start=start, used=after.atoms, size=size, earlier=before.atoms, error=error,
        price=price,
    )  # fmt: skip


def beside(told: Sequence[tuple[str, int, Use]], noun: str) -> str:
    """What tells two dictionaries apart: their titles, their numbers of atoms, the smaller one first, and their use."""
    (one, few, its), (other, many, use) = told
    error, price = (_instead(getattr(use, part), getattr(its, part)) for part in ("error", "price"))
    parts = _("A code uses {now:.1f} instead of {before:.1f} atoms; in % of F(0), its error is {error}, and its price λ‖s‖₁ "
              "{price}.", now=use.atoms, before=its.atoms, error=error, price=price)  # fmt: skip
    given = {"before": phrases.percent(its.F), "now": phrases.percent(use.F), "many": many, "few": few}
    if many == few:
        return (
            _("**{other}** has F = **{now}** of F(0), and **{one}** **{before}**.", other=other, one=one, **given)
            + f" {parts}"
        )
    if use.F < its.F and use.atoms / many < its.atoms / few:
        claim = _("**{many} atoms instead of {few}** bring F from **{before}** to **{now}** of F(0): each serves {share} of "
                  "the {noun} instead of {other}.", share=phrases.share(use.atoms / many), noun=noun,
                  other=phrases.share(its.atoms / few), **given)  # fmt: skip
    else:
        claim = _("**{many} atoms instead of {few}** bring F from **{before}** to **{now}** of F(0).", **given)
    cost = _("The product with Bᵀ costs every iteration of a solver {times:g} times as much.", times=many / few)
    return f"{claim} {parts} {cost}"


def _instead(now: float, otherwise: float) -> str:
    """A share and what it was otherwise: "8.8 % instead of 14 %", or "14 % in both"."""
    first, second = phrases.percent(now), phrases.percent(otherwise)
    if first == second:
        return _("{share} in both", share=first)
    return _("{share} instead of {other}", share=first, other=second)
