"""Sentences on what the gates of a solver do, computed from its trace. This file has no widgets."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from sc2viz.analysis import ablation, inspection
from sc2viz.evaluation import in_use
from sc2viz.ui import phrases
from sc2viz.ui.phrases import percent, share
from sc2viz.words import _, count, templates

said = partial(templates.said, __file__)
_SMALL = 0.2  # Cohen's d up to which a difference of two means counts as small
_DIVERGED = 1e3  # a code above this has diverged: codes of pictures in [0, 1] are far smaller


def buy(subject: str, label: str, own: float, without: float, limit: float) -> str:
    """What the gates of a network buy on `subject`: its distance with them and without. limit: the distance in % of a code
    that has run away, whose F is 2 F(0)."""
    own, without = (each if each <= limit else np.inf for each in (own, without))
    useless = not without > own and np.isfinite(own)
    return said(
        "buy",
        subject=subject,
        solver=label,
        own=_ends(own),
        without=_ends(without),
        useless=useless,
    )


def forget_gate(
    subject: str, atom: int, f: np.ndarray, end: float, closed: float
) -> tuple[str, str]:
    """What the forget gate of an atom does to its memory, and what it changes at the end. subject: "" where the picture was
    named before.

    f (T,): its values, of which the first meets an empty memory; `end`: the atom's code at the end; `closed`: the same with
    a closed forget gate.
    """
    mean = _kept(f)
    given = {"steps": len(f), "negative": mean < 0}
    sentence = said(
        "forget_gate",
        subject=subject,
        atom=atom,
        times=phrases.times(abs(mean)),
        share=share(mean),
        first=share(f[1:2].sum()),
        last=share(f[-1]),
        **given,
    )
    # Two sentences at most, because `why_code_changes` adds two.
    return sentence, said(
        "at_the_end",
        code=_number(end),
        closed=_number(closed),
        used=in_use(end),
        used_closed=in_use(closed),
        diverges=not abs(closed) < _DIVERGED,
        **given,
    )


def _kept(f: np.ndarray) -> float:
    """The mean of a forget gate f (T,) without the first value, which meets an empty memory."""
    return float(f[1:].mean()) if len(f) > 1 else 0.0


def why_code_changes(
    f: np.ndarray, memory: tuple[float, float], code: tuple[float, float], theta: float | None
) -> str:
    """Why a forget gate `f` (T,) that keeps a small share changes the code by a larger share; "" if it does not.

    At a fixed point c = i c̃/(1 − f), so f alone multiplies the memory by 1/(1 − f); the rest is due to the candidate.
    `memory` and `code` are those at the end, as they are and with the gate closed; `theta` is the threshold, if any.
    """
    (c, c_closed), (s, s_closed) = memory, code
    both = in_use(s) and in_use(s_closed) and max(abs(s), abs(s_closed)) < _DIVERGED
    both = both and s * s_closed > 0 < c * c_closed
    mean = _kept(f)
    if not 0 < mean < 1 or not both or abs(s / s_closed - 1) <= mean:
        return ""
    alone, ratio = 1 / (1 - mean), c / c_closed
    return said(
        "why_code_changes",
        alone=alone,
        change=_against(ratio),
        own=_number(c),
        closed=_number(c_closed),
        candidate=abs(ratio / alone - 1) > 0.01,
        theta=theta,
        code=_against(s / s_closed),
    )


def facts(atom: int, norm: float, codes: np.ndarray, code: np.ndarray) -> list[str]:
    """Lines on an atom: its norm, its rank, and since when it is in use. codes (T,): of this atom; code (d_s,): of all atoms
    at the end."""
    on = in_use(codes)
    rank = int((np.abs(code) > abs(code[atom])).sum()) + 1
    if on[-1]:
        since = len(on) - int(np.argmin(on[::-1])) + 1 if not on.all() else 1
        use = _(
            "in use since iteration {since}, rank {rank} of {all} by |s|",
            since=since,
            rank=rank,
            all=len(code),
        )
    elif on.any():
        use = _("not in use after iteration {last}", last=int(np.flatnonzero(on)[-1]) + 1)
    else:
        use = _("never in use here")
    return [_("‖b‖ = {norm:.2f}, s = {code} at the end", norm=norm, code=_number(code[atom])), use]


def course(now: inspection.Iteration, codes: np.ndarray, atom: int) -> str:
    """The caption of the chart of one atom: when its memory exceeds the threshold."""
    return said(
        "course",
        h=now.h,
        atom=atom,
        outside=int((codes != 0).sum()),
        iterations=count(len(codes), "iteration"),
    )


def memory(parts: np.ndarray) -> str:
    """How far back the memory reaches. `parts` (t,) are the contributions of the candidates."""
    total = np.abs(parts).sum()
    if not total > 0:
        return _("The memory is zero, because no candidate has entered it.")
    if len(parts) == 1:
        return _(
            "The only candidate so far makes up the memory, c = {code}.", code=_number(parts.sum())
        )
    recent = np.abs(parts[::-1]).cumsum() / total
    enough = int(np.argmax(recent >= 0.5)) + 1
    return said(
        "memory",
        code=_number(parts.sum()),
        share=share(recent[enough - 1]),
        last=enough,
        candidates=len(parts),
        first=share(abs(parts[0]) / total),
    )


def kept_and_dropped(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The atoms in use at the end, and those that were in use only before, strongest first; codes (T, d_s)."""
    on = in_use(codes)
    strength = np.abs(codes).max(axis=0)
    by_end, by_peak = np.argsort(-np.abs(codes[-1])), np.argsort(-strength)
    return by_end[on[-1][by_end]], by_peak[(on.any(axis=0) & ~on[-1])[by_peak]]


def notice(i: np.ndarray, f: np.ndarray, codes: np.ndarray) -> list[str]:
    """Points to notice in the gates and codes (T, d_s)."""
    kept, dropped = kept_and_dropped(codes)
    steps, atoms = codes.shape
    others, total, each = np.setdiff1d(np.arange(atoms), kept), i + f, f.mean(axis=0)
    groups = {}
    if len(kept) and len(others):
        groups = {
            f"{name}_{of}": gate[:, which].mean()
            for name, gate in (("i", i), ("f", f))
            for of, which in (("used", kept), ("rest", others))
        }
        apart, spread = abs(each[kept].mean() - each[others].mean()), each.std()
        groups |= {"apart": apart, "spread": spread, "alike": not apart > _SMALL * spread}
    return templates.points(
        __file__,
        "notice",
        i=i[0, 0],
        f=f[0, 0],
        same=np.ptp(i) < 1e-6 and np.ptp(f) < 1e-6,
        all=atoms,
        kept=len(kept),
        dropped=len(dropped),
        groups=groups,
        least=each.argmax(),
        largest=each.max(),
        most=each.argmin(),
        smallest=each.min(),
        mean=total.mean(),
        low=total.min(),
        high=total.max(),
        one=np.abs(total - 1).max() < 1e-3,
        iterations=count(steps, "iteration"),
        **groups,
    )


def bought(excess: Mapping[str, float]) -> str:
    """What the gates of a network buy on one picture. excess: % above exact codes on its atoms, of the network itself,
    then of its variants, ISTA last."""
    (label, own), (_mean, held), *others, (plain, without) = excess.items()
    worse, apart = others[-1][1], abs(held - own)
    return said(
        "bought",
        solver=label,
        plain=plain,
        own=_ends(own),
        held=_ends(held),
        worse=_ends(worse),
        without=_ends(without),
        away=not np.isfinite(apart),
        costs=held > own,
        nearer=worse < without,
        points=percent(apart).removesuffix("%").strip() if np.isfinite(apart) else "",
    )


def _ends(excess: float) -> str:
    return (
        _("ends {apart}", apart=phrases.apart(excess)) if np.isfinite(excess) else _(phrases.AWAY)
    )


def added(subject: str, steps: int, found: ablation.Gates) -> list[str]:
    """What the gates add to the matrices and thresholds of a network, in Markdown. subject: the pictures."""
    nearer = found.open < found.plain
    way = (
        nearer
        and found.computed <= found.open
        and share((found.plain - found.open) / (found.plain - found.computed))
    )
    numbers = {
        "computed": found.computed,
        "mean": found.mean,
        "plain": found.plain,
        "without": found.open,
    }
    return templates.points(
        __file__,
        "added",
        subject=subject,
        iterations=count(steps, "iteration"),
        nearer=nearer,
        way=way,
        **{name: percent(each) for name, each in numbers.items()},
    )


def _against(ratio: float) -> str:
    """A ratio as "43 % larger", "20 % smaller" or "130 % larger"."""
    change = share(abs(ratio - 1))
    return (
        _("{change} larger", change=change) if ratio >= 1 else _("{change} smaller", change=change)
    )


def _number(value: float) -> str:
    return phrases.number(value) if not abs(value) < 5e-4 else "0"
