"""The sentences of Dictionary, computed from what is shown."""

from __future__ import annotations

import numpy as np

from sc2viz.ui import phrases


def usage(share: np.ndarray, n: int, lam: float, noun: str) -> tuple[str, str]:
    """Which atom is used most, and how uneven use is. share (d_s,): which share of n pictures uses each atom."""
    most, d_s = int(share.argmax()), len(share)
    if not share.any():
        return f"At λ = {lam:g} no atom is used: every code is zero.", "λ is above ‖Bᵀx‖_∞ of every picture."
    claim = f"Atom **{most}** is used most, in **{phrases.share(share[most])}** of {n:,} {noun}s at λ = {lam:g}."
    mean, unused = share.sum(), int((share == 0).sum())
    none = "Every atom is used by at least one of them" if not unused else f"{_atoms(unused)} of {d_s} used by none of them"
    why = f"On average a {noun} uses {mean:.1f} of {d_s} atoms. {none}. A larger λ gives codes with fewer atoms."
    return claim, why


def coherence(alike: np.ndarray, twin: np.ndarray, d_x: int) -> str:
    """How alike atoms are, and whether there are more of them than numbers in a picture."""
    d_s = len(alike)
    if d_s < 2:
        return "The dictionary has a single atom."
    one = int(alike.argmax())
    pair = sorted((one, int(twin[one])))
    said = f"Its coherence is {alike[one]:.2f}, the cosine of atoms {pair[0]} and {pair[1]}, the most alike."
    if d_s > d_x:
        return f"{said} With {d_s} atoms of {d_x} numbers it is {d_s / d_x:.2g} times overcomplete, so atoms must overlap."
    return said


def _atoms(count: int) -> str:
    return "1 atom is" if count == 1 else f"{count} atoms are"


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
