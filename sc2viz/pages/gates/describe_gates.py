"""Sentences on what the gates of a solver do, computed from its trace. This file has no widgets."""

from collections.abc import Mapping

import numpy as np

from sc2viz.analysis import ablation, inspection
from sc2viz.evaluation import in_use
from sc2viz.ui import phrases
from sc2viz.ui.phrases import percent, share

_SMALL = 0.2  # Cohen's d up to which a difference of two means counts as small
_DIVERGED = 1e3  # a code above this has diverged: codes of pictures in [0, 1] are far smaller


def buy(subject: str, label: str, found: ablation.Gates, limit: float) -> str:
    """What the gates of a network buy on `subject`: its distance with them and without. limit: the distance in % of a code
    that has run away, whose F is 2 F(0)."""
    own, without = (each if each <= limit else np.inf for each in (found.computed, found.open))
    after = f"without them (i = 1, f = 0) it {_ends(without)}"
    if not without > own and np.isfinite(own):
        return f"On {subject}, the gates of **{label}** buy nothing: {after}, and with them it {_ends(own)}."
    return f"On {subject}, **{label}** with its gates {_ends(own)} on its atoms; {after}."


def forget_gate(subject: str, atom: int, f: np.ndarray, end: float, closed: float) -> tuple[str, str]:
    """What the forget gate of an atom does to its memory, and what it changes at the end.

    f (T,): its values, of which the first meets an empty memory; `end`: the atom's code at the end; `closed`: the same with
    a closed forget gate.
    """
    mean = _kept(f)
    if len(f) == 1:
        does = "has no effect yet, because the memory starts at zero"
    elif mean < 0:
        does = f"subtracts {_times(-mean)} the old memory in each iteration"
    else:
        does = f"keeps {share(mean)} of the old memory from one iteration to the next"
        if share(f[1]) != share(f[-1]):
            does = f"keeps {share(mean)} of the old memory on average: {share(f[1])} in iteration 2, the first that "
            does += f"has one, and {share(f[-1])} in the last"
    sentence = f"On {subject}, the forget gate of **atom {atom}** {does}."
    ends = f"The atom’s code is s = {_number(end)} at the end" if in_use(end) else "The atom is not in use at the end"
    # Two sentences at most, because `why_code_changes` adds two.
    if len(f) == 1:
        return sentence, f"{ends}."
    relaxed = " A negative forget gate is over-relaxation, which no sigmoid can give." if mean < 0 else ""
    if not in_use(end) and not in_use(closed):
        return sentence, f"{ends}, nor with this gate closed (f = 0).{relaxed}"
    if not abs(closed) < _DIVERGED:
        instead = "the iteration would diverge"
    else:
        instead = f"it would be s = {_number(closed)}" if in_use(closed) else "the atom would not be in use"
    return sentence, f"{ends}, and with this gate closed (f = 0) {instead}.{relaxed}"


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
    candidate = ", because the candidate changes as well" if abs(ratio / alone - 1) > 0.01 else ""
    both = "The" if theta is None else f"The threshold θ = {theta:.3g} is subtracted from both memories, so the"
    return (
        f"At a fixed point c = i c̃/(1 − f), so this f alone would multiply the memory by 1/(1 − f) = {alone:.2f}; "
        f"it is {_against(ratio)} than with the gate closed (c = {_number(c)} instead of {_number(c_closed)})"
        f"{candidate}. {both} code is {_against(s / s_closed)}."
    )


def facts(atom: int, norm: float, codes: np.ndarray, code: np.ndarray) -> list[str]:
    """Lines on an atom: its norm, its rank, and since when it is in use. codes (T,): of this atom; code (d_s,): of all atoms
    at the end."""
    on = in_use(codes)
    rank = int((np.abs(code) > abs(code[atom])).sum()) + 1
    if on[-1]:
        since = len(on) - int(np.argmin(on[::-1])) + 1 if not on.all() else 1
        use = f"in use since iteration {since}, rank {rank} of {len(code)} by |s|"
    elif on.any():
        use = f"not in use after iteration {int(np.flatnonzero(on)[-1]) + 1}"
    else:
        use = "never in use on this picture"
    return [f"‖b‖ = {norm:.2f}, s = {_number(code[atom])} at the end", use]


def course(now: inspection.Iteration, codes: np.ndarray, atom: int) -> str:
    """The caption of the chart of one atom: when its memory exceeds the threshold."""
    if "theta" not in now.h:
        return (
            f"Double tanh has no threshold, so the code is zero only if the memory is zero. Here D = {now.h['D']:.3f} and "
            f"u = {now.h['u']:.3f}, so |s| stays below 2D = {2 * now.h['D']:.3f}."
        )
    outside = int((codes != 0).sum())
    return (
        f"If the memory c lies in the band ±θ = ±{now.h['theta']:.3g}, the code is exactly 0. The memory of atom {atom} is "
        f"outside the band in {outside} of {phrases.count(len(codes), 'iteration')}. The code s is c moved by θ towards 0, "
        "so s itself may lie in the band."
    )


def memory(parts: np.ndarray) -> str:
    """How far back the memory reaches. `parts` (t,) are the contributions of the candidates."""
    total = np.abs(parts).sum()
    if not total > 0:
        return "The memory is zero, because no candidate has entered it."
    if len(parts) == 1:
        return f"The only candidate so far makes up the memory, c = {_number(parts.sum())}."
    recent = np.abs(parts[::-1]).cumsum() / total
    enough = int(np.argmax(recent >= 0.5)) + 1
    which = phrases.form(enough, "last candidate makes up", f"last {enough} candidates make up")
    first = "" if enough == len(parts) else f" and the first candidate {share(abs(parts[0]) / total)}"
    return (
        f"The sum of the bars is c = {_number(parts.sum())}. Of the sum of their magnitudes, the {which} "
        f"{share(recent[enough - 1])}{first}."
    )


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
        have = phrases.form(atoms, "The atom has", "All atoms have")
        lines.append(f"{have} the same gates, i = {i[0, 0]:.3f} and f = {f[0, 0]:.3f}, at every iteration.")
    elif len(kept) and len(others):
        (i_used, i_rest), (f_used, f_rest) = ((gate[:, kept].mean(), gate[:, others].mean()) for gate in (i, f))
        lines.append(
            f"On average the atoms in use have i = {i_used:.3f} and f = {f_used:.3f}, the others i = {i_rest:.3f} and "
            f"f = {f_rest:.3f}.{_not_apart(f, kept, others)}"
        )
        wide = int(f.mean(axis=0).argmax()), int(f.mean(axis=0).argmin())
        lines.append(
            f"Atom {wide[0]} forgets least, with a mean forget gate of {f[:, wide[0]].mean():.3f}, and atom {wide[1]} most, "
            f"with {f[:, wide[1]].mean():.3f}."
        )
    total = i + f
    span = f"i + f is {total.mean():.3f} on average, from {total.min():.3f} to {total.max():.3f}"
    if np.abs(total - 1).max() < 1e-3:
        lines.append(f"{span}. A fixed point then is c = c̃, whatever the gates are: they determine the speed alone.")
    else:
        lines.append(
            f"{span}. A fixed point is c = i/(1 − f)·c̃. With ISTA's matrices, atoms in use therefore reach the Lasso's "
            "optimum only if i + f = 1. Learned matrices can compensate for another sum."
        )
    never = atoms - len(kept) - len(dropped)
    lines.append(
        f"After {phrases.count(steps, 'iteration')}, {phrases.count(len(kept), 'atom')} out of {atoms} "
        f"{phrases.form(len(kept), 'is', 'are')} in use, {len(dropped)} {phrases.form(len(dropped), 'was', 'were')} in use "
        f"before, and {never} {phrases.form(never, 'was', 'were')} never in use."
    )
    return lines


def bought(excess: Mapping[str, float]) -> str:
    """What the gates of a network buy on one picture. excess: % above exact codes on its atoms, of the network itself,
    then of its variants, ISTA last."""
    (label, own), (mean, held), *others, (plain, without) = excess.items()
    worse = others[-1][1]
    change = "costs" if held > own else "saves"
    if not np.isfinite([own, held]).all():
        return f"**{label}** {_ends(own)}. With every gate at its mean it {_ends(held)}."
    said = f"**{label}** ends {phrases.apart(own)}. Holding {mean[:1].lower()}{mean[1:]} {change} "
    said += f"{_points(held - own)}, and without gates (i = 1, f = 0) it {_ends(worse)}. "
    if not worse < without:
        return f"{said}At this setting, {plain} on the same atoms is no further away: it {_ends(without)}."
    return f"{said}{plain} on the same atoms ends {phrases.apart(without)}."


def _ends(excess: float) -> str:
    return f"ends {phrases.apart(excess)}" if np.isfinite(excess) else phrases.AWAY


def _points(difference: float) -> str:
    return f"{percent(abs(difference)).removesuffix('%').strip()} percentage points"


def added(subject: str, steps: int, found: ablation.Gates) -> list[str]:
    """What the gates add to the matrices and thresholds of a network, in Markdown. subject: the pictures."""
    computed, mean, plain = (phrases.percent(value) for value in (found.computed, found.mean, found.plain))
    after = f"after {phrases.count(steps, 'iteration')}"
    lines = [
        f"On {subject}, F {after} is **{computed}** above exact codes on the network's own atoms.",
        f"With every gate at its mean over these pictures, so that it no longer sees the picture, F is {mean} above.",
    ]
    if not found.open < found.plain:
        return [
            *lines,
            f"With i = 1 and f = 0, which is no memory, the codes end {phrases.percent(found.open)} above: at this setting "
            f"further away than ISTA's ({plain}).",
        ]
    lines.append(
        f"With i = 1 and f = 0, which is no memory, it is {phrases.percent(found.open)} above. ISTA on the same atoms is "
        f"{plain} above."
    )
    if found.computed <= found.open:
        way = share((found.plain - found.open) / (found.plain - found.computed))
        lines.append(f"The learned matrices and thresholds alone thus go {way} of the way from ISTA to this network.")
    return lines


def _not_apart(f: np.ndarray, kept: np.ndarray, others: np.ndarray) -> str:
    """A sentence for two groups of atoms whose mean forget gates hardly differ, else ""; f (T, d_s)."""
    each = f.mean(axis=0)
    apart, spread = abs(each[kept].mean() - each[others].mean()), each.std()
    if apart > _SMALL * spread:
        return ""
    return (
        f" The mean forget gate therefore does not distinguish atoms in use from the others: the difference, {apart:.3f}, "
        f"is small compared with the standard deviation over the atoms, {spread:.3f}."
    )


def _against(ratio: float) -> str:
    """A ratio as "43 % larger", "20 % smaller" or "130 % larger"."""
    return f"{share(abs(ratio - 1))} {'larger' if ratio >= 1 else 'smaller'}"


def _times(factor: float) -> str:
    return phrases.times(factor)


def _number(value: float) -> str:
    return phrases.number(value) if not abs(value) < 5e-4 else "0"
