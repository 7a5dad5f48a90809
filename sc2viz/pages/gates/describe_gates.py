"""Sentences on what the gates of a solver do, computed from its trace. This file has no widgets."""

from collections.abc import Mapping

import numpy as np

from sc2viz.analysis import ablation, inspection
from sc2viz.evaluation import in_use
from sc2viz.ui import phrases
from sc2viz.ui.phrases import percent, share
from sc2viz.words import _, count, ngettext

_SMALL = 0.2  # Cohen's d up to which a difference of two means counts as small
_DIVERGED = 1e3  # a code above this has diverged: codes of pictures in [0, 1] are far smaller


def buy(subject: str, label: str, found: ablation.Gates, limit: float) -> str:
    """What the gates of a network buy on `subject`: its distance with them and without. limit: the distance in % of a code
    that has run away, whose F is 2 F(0)."""
    own, without = (each if each <= limit else np.inf for each in (found.computed, found.open))
    given = {"subject": subject, "solver": label, "own": _ends(own), "without": _ends(without)}
    if not without > own and np.isfinite(own):
        return _("On {subject}, the gates of **{solver}** buy nothing: without them (i = 1, f = 0) it {without}, and with "
                 "them it {own}.", **given)  # fmt: skip
    return _(
        "On {subject}, **{solver}** with its gates {own} on its atoms; without them (i = 1, f = 0) it {without}.", **given
    )


def forget_gate(subject: str, atom: int, f: np.ndarray, end: float, closed: float) -> tuple[str, str]:
    """What the forget gate of an atom does to its memory, and what it changes at the end. subject: "" where the picture was
    named before.

    f (T,): its values, of which the first meets an empty memory; `end`: the atom's code at the end; `closed`: the same with
    a closed forget gate.
    """
    mean = _kept(f)
    if len(f) == 1:
        does = _("has no effect yet, because the memory starts at zero")
    elif mean < 0:
        does = _("subtracts {times} the old memory in each iteration", times=phrases.times(-mean))
    elif share(f[1]) == share(f[-1]):
        does = _("keeps {share} of the old memory from one iteration to the next", share=share(mean))
    else:
        does = _("keeps {share} of the old memory on average: {first} in iteration 2, the first that has one, and {last} in "
                 "the last", share=share(mean), first=share(f[1]), last=share(f[-1]))  # fmt: skip
    given = {"subject": subject, "atom": atom, "does": does}
    sentence = (_("On {subject}, the forget gate of **atom {atom}** {does}.", **given) if subject
                else _("The forget gate of **atom {atom}** {does}.", **given))  # fmt: skip
    on = _("The atom’s code is s = {code} at the end", code=_number(end))
    ends = on if in_use(end) else _("The atom is not in use at the end")
    # Two sentences at most, because `why_code_changes` adds two.
    if len(f) == 1:
        return sentence, f"{ends}."
    relaxed = " " + _("A negative forget gate is over-relaxation, which no sigmoid can give.") if mean < 0 else ""
    if not in_use(end) and not in_use(closed):
        return sentence, _("The atom is not in use at the end, nor with this gate closed (f = 0).") + relaxed
    if not abs(closed) < _DIVERGED:
        after = _("{ends}, and with this gate closed (f = 0) the iteration would diverge.", ends=ends)
    elif in_use(closed):
        after = _("{ends}, and with this gate closed (f = 0) it would be s = {code}.", ends=ends, code=_number(closed))
    else:
        after = _("{ends}, and with this gate closed (f = 0) the atom would not be in use.", ends=ends)
    return sentence, after + relaxed


def _kept(f: np.ndarray) -> float:
    """The mean of a forget gate f (T,) without the first value, which meets an empty memory."""
    return float(f[1:].mean()) if len(f) > 1 else 0.0


def why_code_changes(f: np.ndarray, memory: tuple[float, float], code: tuple[float, float], theta: float | None) -> str:
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
    given = {"alone": alone, "change": _against(ratio), "own": _number(c), "closed": _number(c_closed)}
    if abs(ratio / alone - 1) > 0.01:
        told = _("At a fixed point c = i c̃/(1 − f), so this f alone would multiply the memory by 1/(1 − f) = {alone:.2f}; "
                 "it is {change} than with the gate closed (c = {own} instead of {closed}), because the candidate changes "
                 "as well.", **given)  # fmt: skip
    else:
        told = _("At a fixed point c = i c̃/(1 − f), so this f alone would multiply the memory by 1/(1 − f) = {alone:.2f}; "
                 "it is {change} than with the gate closed (c = {own} instead of {closed}).", **given)  # fmt: skip
    change = _against(s / s_closed)
    if theta is None:
        return f"{told} {_('The code is {change}.', change=change)}"
    return told + " " + _("The threshold θ = {theta:.3g} is subtracted from both memories, so the code is {change}.",
                          theta=theta, change=change)  # fmt: skip


def facts(atom: int, norm: float, codes: np.ndarray, code: np.ndarray) -> list[str]:
    """Lines on an atom: its norm, its rank, and since when it is in use. codes (T,): of this atom; code (d_s,): of all atoms
    at the end."""
    on = in_use(codes)
    rank = int((np.abs(code) > abs(code[atom])).sum()) + 1
    if on[-1]:
        since = len(on) - int(np.argmin(on[::-1])) + 1 if not on.all() else 1
        use = _("in use since iteration {since}, rank {rank} of {all} by |s|", since=since, rank=rank, all=len(code))
    elif on.any():
        use = _("not in use after iteration {last}", last=int(np.flatnonzero(on)[-1]) + 1)
    else:
        use = _("never in use on this picture")
    return [_("‖b‖ = {norm:.2f}, s = {code} at the end", norm=norm, code=_number(code[atom])), use]


def course(now: inspection.Iteration, codes: np.ndarray, atom: int) -> str:
    """The caption of the chart of one atom: when its memory exceeds the threshold."""
    if "theta" not in now.h:
        return _(
            "Double tanh has no threshold, so the code is zero only if the memory is zero. Here D = {D:.3f} and u = "
            "{u:.3f}, so |s| stays below 2D = {most:.3f}.", D=now.h["D"], u=now.h["u"], most=2 * now.h["D"],
        )  # fmt: skip
    return _(
        "If the memory c lies in the band ±θ = ±{theta:.3g}, the code is exactly 0. The memory of atom {atom} is outside "
        "the band in {outside} of {iterations}. The code s is c moved by θ towards 0, so s itself may lie in the band.",
        theta=now.h["theta"], atom=atom, outside=int((codes != 0).sum()), iterations=count(len(codes), "iteration"),
    )  # fmt: skip


def memory(parts: np.ndarray) -> str:
    """How far back the memory reaches. `parts` (t,) are the contributions of the candidates."""
    total = np.abs(parts).sum()
    if not total > 0:
        return _("The memory is zero, because no candidate has entered it.")
    if len(parts) == 1:
        return _("The only candidate so far makes up the memory, c = {code}.", code=_number(parts.sum()))
    recent = np.abs(parts[::-1]).cumsum() / total
    enough = int(np.argmax(recent >= 0.5)) + 1
    given = {"code": _number(parts.sum()), "share": share(recent[enough - 1]), "first": share(abs(parts[0]) / total)}
    if enough == len(parts):
        return ngettext("The sum of the bars is c = {code}. Of the sum of their magnitudes, the last candidate makes up "
                        "{share}.",
                        "The sum of the bars is c = {code}. Of the sum of their magnitudes, the last {n} candidates make up "
                        "{share}.", enough, **given)  # fmt: skip
    return ngettext("The sum of the bars is c = {code}. Of the sum of their magnitudes, the last candidate makes up {share} "
                    "and the first candidate {first}.",
                    "The sum of the bars is c = {code}. Of the sum of their magnitudes, the last {n} candidates make up "
                    "{share} and the first candidate {first}.", enough, **given)  # fmt: skip


def kept_and_dropped(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The atoms in use at the end, and those that were in use only before, strongest first; codes (T, d_s)."""
    on = in_use(codes)
    strength = np.abs(codes).max(axis=0)
    by_end, by_peak = np.argsort(-np.abs(codes[-1])), np.argsort(-strength)
    return by_end[on[-1][by_end]], by_peak[(on.any(axis=0) & ~on[-1])[by_peak]]


def notice(model, i: np.ndarray, f: np.ndarray, codes: np.ndarray) -> list[str]:
    """Points to notice in the gates and codes (T, d_s)."""
    kept, dropped = kept_and_dropped(codes)
    steps, atoms = codes.shape
    others = np.setdiff1d(np.arange(atoms), kept)
    lines = []
    if np.ptp(i) < 1e-6 and np.ptp(f) < 1e-6:
        lines.append(ngettext("The atom has the same gates, i = {i:.3f} and f = {f:.3f}, at every iteration.",
                              "All atoms have the same gates, i = {i:.3f} and f = {f:.3f}, at every iteration.", atoms,
                              i=i[0, 0], f=f[0, 0]))  # fmt: skip
    elif len(kept) and len(others):
        (i_used, i_rest), (f_used, f_rest) = ((gate[:, kept].mean(), gate[:, others].mean()) for gate in (i, f))
        lines.append(
            _("On average the atoms in use have i = {i_used:.3f} and f = {f_used:.3f}, the others i = {i_rest:.3f} and f = "
              "{f_rest:.3f}.", i_used=i_used, f_used=f_used, i_rest=i_rest, f_rest=f_rest) + _not_apart(f, kept, others)
        )  # fmt: skip
        each = f.mean(axis=0)
        lines.append(_(
            "Atom {least} forgets least, with a mean forget gate of {largest:.3f}, and atom {most} most, with "
            "{smallest:.3f}.", least=each.argmax(), largest=each.max(), most=each.argmin(), smallest=each.min(),
        ))  # fmt: skip
    total = i + f
    lines.append(_("i + f is {mean:.3f} on average, from {low:.3f} to {high:.3f}.", mean=total.mean(), low=total.min(),
                   high=total.max()) + " ")  # fmt: skip
    if np.abs(total - 1).max() < 1e-3:
        lines[-1] += _("A fixed point then is c = c̃, whatever the gates are: they determine the speed alone.")
    else:
        lines[-1] += _("A fixed point is c = i/(1 − f)·c̃. With ISTA's matrices, atoms in use therefore reach the Lasso's "
                       "optimum only if i + f = 1. Learned matrices can compensate for another sum.")  # fmt: skip
    never = atoms - len(kept) - len(dropped)
    before = ngettext("{n} was in use before", "{n} were in use before", len(dropped))
    lines.append(ngettext(
        "After {iterations}, {n} atom out of {all} is in use, {before}, and {never}.",
        "After {iterations}, {n} atoms out of {all} are in use, {before}, and {never}.", len(kept), all=atoms, before=before,
        iterations=count(steps, "iteration"), never=ngettext("{n} was never in use", "{n} were never in use", never),
    ))  # fmt: skip
    return lines


def bought(excess: Mapping[str, float]) -> str:
    """What the gates of a network buy on one picture. excess: % above exact codes on its atoms, of the network itself,
    then of its variants, ISTA last."""
    (label, own), (mean, held), *others, (plain, without) = excess.items()
    worse = others[-1][1]
    given = {"solver": label, "plain": plain, "own": _ends(own), "held": _ends(held), "worse": _ends(worse)}
    if not np.isfinite([own, held]).all():
        return _("**{solver}** {own}. With every gate at its mean it {held}.", **given)
    given["points"] = percent(abs(held - own)).removesuffix("%").strip()
    costs = _("**{solver}** {own}. Holding gates at their mean costs {points} percentage points, and without gates (i = 1, "
              "f = 0) it {worse}.", **given)  # fmt: skip
    saves = _("**{solver}** {own}. Holding gates at their mean saves {points} percentage points, and without gates (i = 1, "
              "f = 0) it {worse}.", **given)  # fmt: skip
    given["without"] = _ends(without)
    after = (_("{plain} on the same atoms {without}.", **given) if worse < without
             else _("At this setting, {plain} on the same atoms is no further away: it {without}.", **given))  # fmt: skip
    return f"{costs if held > own else saves} {after}"


def _ends(excess: float) -> str:
    return _("ends {apart}", apart=phrases.apart(excess)) if np.isfinite(excess) else _(phrases.AWAY)


def added(subject: str, steps: int, found: ablation.Gates) -> list[str]:
    """What the gates add to the matrices and thresholds of a network, in Markdown. subject: the pictures."""
    given = {"plain": percent(found.plain), "without": percent(found.open)}
    lines = [
        _("On {subject}, F after {iterations} is **{computed}** above exact codes on the network's own atoms.",
          subject=subject, iterations=count(steps, "iteration"), computed=percent(found.computed)),
        _("With every gate at its mean over these pictures, so that it no longer sees the picture, F is {mean} above.",
          mean=percent(found.mean)),
    ]  # fmt: skip
    if not found.open < found.plain:
        return [*lines, _("With i = 1 and f = 0, which is no memory, the codes end {without} above: at this setting further "
                          "away than ISTA's ({plain}).", **given)]  # fmt: skip
    lines.append(_("With i = 1 and f = 0, which is no memory, it is {without} above. ISTA on the same atoms is {plain} "
                   "above.", **given))  # fmt: skip
    if found.computed <= found.open:
        way = share((found.plain - found.open) / (found.plain - found.computed))
        lines.append(
            _("The learned matrices and thresholds alone thus go {way} of the way from ISTA to this network.", way=way)
        )
    return lines


def _not_apart(f: np.ndarray, kept: np.ndarray, others: np.ndarray) -> str:
    """A sentence for two groups of atoms whose mean forget gates hardly differ, else ""; f (T, d_s)."""
    each = f.mean(axis=0)
    apart, spread = abs(each[kept].mean() - each[others].mean()), each.std()
    if apart > _SMALL * spread:
        return ""
    return " " + _("The mean forget gate therefore does not distinguish atoms in use from the others: the difference, "
                   "{apart:.3f}, is small compared with the standard deviation over the atoms, {spread:.3f}.", apart=apart,
                   spread=spread)  # fmt: skip


def _against(ratio: float) -> str:
    """A ratio as "43 % larger", "20 % smaller" or "130 % larger"."""
    change = share(abs(ratio - 1))
    return _("{change} larger", change=change) if ratio >= 1 else _("{change} smaller", change=change)


def _number(value: float) -> str:
    return phrases.number(value) if not abs(value) < 5e-4 else "0"
