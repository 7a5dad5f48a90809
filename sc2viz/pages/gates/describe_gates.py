"""What the gates of a solver do to a picture, in sentences computed from its trace. No widgets here."""

import numpy as np

from sc2viz import inspection
from sc2viz.ui import phrases
from sc2viz.ui.phrases import share

IN_USE = 1e-3  # |s| above which an atom counts as in use
_SMALL = 0.2  # a difference of two means over the spread: small by Cohen's convention
_DIVERGED = 1e3  # codes of pictures in [0, 1] stay far below


def subject(view) -> str:
    """The picture at hand: "picture 3, a 0"."""
    said = view.subject([view.picture])
    return said[0].lower() + said[1:]


def forget_gate(subject: str, atom: int, f: np.ndarray, end: float, shut: float) -> str:
    """What the forget gate does to one atom: its values `f` (T,), the code `end`, and the one with the gate shut."""
    first, last, mean = f[0], f[-1], f.mean()
    if len(f) == 1:
        does = "has nothing to keep yet: the memory starts at zero"
    elif mean < 0:
        does = f"takes the old memory away {_times(-mean)} each time: that is over-relaxation, and no sigmoid can do it"
    else:
        kept = f"keeps {share(mean)} of the old memory from one iteration to the next"
        steady = share(first) == share(last)
        does = kept if steady else f"{kept}, on average: {share(first)} at the first and {share(last)} at the last"
    ends = f"It ends at s = {_number(end)}" if abs(end) > IN_USE else "It ends out of use"
    if len(f) == 1:
        return f"On {subject}, the forget gate of **atom {atom}** {does}. {ends}."
    if abs(end) <= IN_USE and abs(shut) <= IN_USE:
        joint = "it would, too"
    elif not abs(shut) < _DIVERGED:
        joint = "the iteration would diverge"
    else:
        joint = f"it would end at s = {_number(shut)}" if abs(shut) > IN_USE else "it would end out of use"
    return f"On {subject}, the forget gate of **atom {atom}** {does}. {ends}; with this gate shut (f = 0) {joint}."


def comes_back(f: np.ndarray, memory: tuple[float, float], code: tuple[float, float], theta: float | None) -> str:
    """Why a forget gate `f` (T,) that keeps a small share changes the code by a larger one; "" where it does not.

    By itself it does no more than multiply a memory at rest, c = i c̃/(1 − f), by 1/(1 − f); the rest is the candidate's.
    `memory` and `code` are those at the end, each as it is and with the gate shut; `theta` is the threshold, if any.
    """
    (c, c_shut), (s, s_shut) = memory, code
    in_use = min(abs(s), abs(s_shut)) > IN_USE and max(abs(s), abs(s_shut)) < _DIVERGED and s * s_shut > 0 < c * c_shut
    if len(f) == 1 or not 0 <= f.mean() < 1 or not in_use or abs(s / s_shut - 1) <= f.mean():
        return ""
    alone, ratio = 1 / (1 - f.mean()), c / c_shut
    rest = "that is about all"
    if abs(ratio / alone - 1) > 0.01:
        does = "brings the rest" if ratio > alone else "takes some of it back"
        rest = f"the candidate, which answers to every other code, {does}"
    then = "" if theta is None else f"θ = {theta:.3g} is taken off either, so "
    return (
        f"By itself such a share makes a memory 1/(1 − f) = {alone:.2f} times as large. It is {_against(ratio)} "
        f"(c = {_number(c)} instead of {_number(c_shut)}): {rest}; {then}the code is {_against(s / s_shut)}."
    )


def facts(atom: int, norm: float, codes: np.ndarray, code: np.ndarray) -> list[str]:
    """A few lines on an atom: its length, its rank, since when it is in use; `codes` (T,) its own, `code` (d_s,) all."""
    on = np.abs(codes) > IN_USE
    rank = int((np.abs(code) > abs(code[atom])).sum()) + 1
    if on[-1]:
        since = len(on) - int(np.argmin(on[::-1])) + 1 if not on.all() else 1
        use = f"in use since iteration {since}, number {rank} of {len(code)} by |s|"
    elif on.any():
        use = f"dropped after iteration {int(np.flatnonzero(on)[-1]) + 1}"
    else:
        use = "never in use on this picture"
    return [f"‖b‖ = {norm:.2f}, s = {_number(code[atom])} at the end", use]


def course(now: inspection.Iteration, codes: np.ndarray, atom: int) -> str:
    """What the chart of one atom shows: where the memory crosses the threshold."""
    if "theta" not in now.h:
        return (
            f"Double tanh has no threshold: every memory but 0 makes a code. Here D = {now.h['D']:.3f} and "
            f"u = {now.h['u']:.3f}, so |s| stays under 2D = {2 * now.h['D']:.3f}."
        )
    outside = int((codes != 0).sum())
    return (
        f"The band, ±θ = ±{now.h['theta']:.3g}, is for the memory c: inside it the code is exactly 0. The memory of atom "
        f"{atom} is outside in {outside} of {len(codes)} iterations. The code s is c moved by θ towards 0, so s itself may "
        "lie in the band."
    )


def memory(parts: np.ndarray) -> str:
    """How far back the memory reaches: `parts` (t,) is what is left of each candidate."""
    total = np.abs(parts).sum()
    if not total > 0:
        return "The memory is empty: no candidate has come in."
    recent = np.abs(parts[::-1]).cumsum() / total
    enough = int(np.argmax(recent >= 0.5)) + 1
    which = "last candidate" if enough == 1 else f"last {enough} candidates"
    verb = "holds" if enough == 1 else "hold"
    return (
        f"The bars add up to c = {_number(parts.sum())}. The {which} {verb} {share(recent[enough - 1])} of what is in "
        f"it; the first candidate, {share(abs(parts[0]) / total)}."
    )


def kept_and_dropped(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Atoms in use at the end, and atoms that were and no longer are, strongest first; codes (T, d_s)."""
    on = np.abs(codes) > IN_USE
    strength = np.abs(codes).max(axis=0)
    by_end, by_peak = np.argsort(-np.abs(codes[-1])), np.argsort(-strength)
    return by_end[on[-1][by_end]], by_peak[(on.any(axis=0) & ~on[-1])[by_peak]]


def notice(model, i: np.ndarray, f: np.ndarray, codes: np.ndarray) -> list[str]:
    """What a teacher may read aloud: gates and codes (T, d_s)."""
    kept, dropped = kept_and_dropped(codes)
    steps, atoms = codes.shape
    others = np.setdiff1d(np.arange(atoms), kept)
    lines = []
    if np.ptp(i) < 1e-6 and np.ptp(f) < 1e-6:
        lines.append(f"All atoms have the same gates, i = {i[0, 0]:.3f} and f = {f[0, 0]:.3f}, at every iteration.")
    elif len(kept) and len(others):
        (i_used, i_rest), (f_used, f_rest) = ((gate[:, kept].mean(), gate[:, others].mean()) for gate in (i, f))
        lines.append(
            f"On average the atoms in use have i = {i_used:.3f} and f = {f_used:.3f}, the others i = {i_rest:.3f} and "
            f"f = {f_rest:.3f}.{_not_apart(f, kept, others)}"
        )
        wide = int(f.mean(axis=0).argmax()), int(f.mean(axis=0).argmin())
        lines.append(
            f"Atom {wide[0]} forgets least (f = {f[:, wide[0]].mean():.3f} on average), atom {wide[1]} most "
            f"(f = {f[:, wide[1]].mean():.3f})."
        )
    total = i + f
    span = f"i + f is {total.mean():.3f} on average, from {total.min():.3f} to {total.max():.3f}"
    if np.abs(total - 1).max() < 1e-3:
        lines.append(f"{span}: a fixed point is c = c̃ then, whatever the gates, which only choose the way there.")
    else:
        lines.append(
            f"{span}. With ISTA's matrices only i + f = 1 would lead to the Lasso's optimum, for a fixed point is "
            "c = i/(1 − f)·c̃; learned matrices can make up for the rest."
        )
    never = atoms - len(kept) - len(dropped)
    lines.append(
        f"Of {atoms} atoms {len(kept)} are in use after {steps} iteration{'s' if steps > 1 else ''}, {len(dropped)} were "
        f"and were dropped again, {never} never came into use."
    )
    return lines


def _not_apart(f: np.ndarray, kept: np.ndarray, others: np.ndarray) -> str:
    """That the mean forget gate does not tell two groups of atoms apart, where it does not; f (T, d_s)."""
    each = f.mean(axis=0)
    apart, spread = abs(each[kept].mean() - each[others].mean()), each.std()
    if apart > _SMALL * spread:
        return ""
    return (
        f" So the mean forget gate does not tell atoms in use from the others: {apart:.3f} between the two is little beside "
        f"the spread over the atoms (standard deviation {spread:.3f})."
    )


def _against(ratio: float) -> str:
    if ratio >= 2:
        return f"{ratio:.2g} times as large"
    return f"{share(abs(ratio - 1))} {'larger' if ratio >= 1 else 'smaller'}"


def _times(factor: float) -> str:
    return f"{factor:.2g} times over"


def _number(value: float) -> str:
    return phrases.number(value) if not abs(value) < 5e-4 else "0"
