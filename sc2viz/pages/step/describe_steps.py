"""What Step through says: computed from the distances that are shown, never more than they hold."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from sc2viz import convergence
from sc2viz.ui import phrases
from sc2viz.ui.phrases import listed, percent


def captions(excess: Mapping[str, np.ndarray], steps: int, active: Mapping[str, np.ndarray],
             own: Collection[str] = ()) -> list[str]:  # fmt: skip
    """A sentence for each iteration 0 … `steps`: who is nearest to the optimum, and how long the others need for that.

    excess: (horizon + 1,) % by solver, the horizon ≥ `steps`; active: (steps + 1,) atoms in use by solver; own: the
    solvers with atoms, and so an optimum, of their own.
    """
    turns = {t: line for t, line in _overtakings(excess)}
    return [_caption(excess, t, active, own, turns.get(t, "")) for t in range(steps + 1)]


def _caption(excess, t: int, active, own: Collection[str], turn: str) -> str:
    now = {label: float(convergence.settled(values)[t]) for label, values in excess.items()}
    aim = phrases.optimum([label in own for label in now])
    if t == 0:
        if max(now.values()) <= convergence.FLOOR:
            return "At this λ the empty code is the optimum: there is nothing to find."
        least, most = percent(min(now.values())), percent(max(now.values()))
        return f"Before iteration 1 every code is empty, {least if least == most else f'{least} to {most}'} above {aim}."
    after = f"After {t} iteration{'s' if t > 1 else ''}"
    first = min(now, key=now.get)
    others = [label for label in now if label != first]
    if max(now.values()) <= convergence.FLOOR:
        if not any(values[t] for values in active.values()):
            return f"{after} every code is still empty, and that is the optimum at this λ."
        return f"{after} {listed([f'**{label}**' for label in now])} {'have' if others else 'has'} arrived at {aim}."
    where = "has arrived at" if now[first] <= convergence.FLOOR else f"is {percent(now[first])} above"
    where += f" {phrases.optimum([first in own])}"
    if not others:
        return f"{after} **{first}** {where}."
    if len({percent(value) for value in now.values()}) == 1:
        return f"{after} {listed([f'**{label}**' for label in now])} are {percent(now[first])} above {aim}."
    tails = [f"**{label}** {phrases.pace(excess[label], t, now[first])}" for label in others]
    return f"{after} **{first}** {where}; {listed(tails)}." + (f" {turn}" if turn else "")


def _overtakings(excess: Mapping[str, np.ndarray]) -> list[tuple[int, str]]:
    """(iteration, sentence) of every change of the lead between two solvers, in order."""
    labels, found = list(excess), []
    for k, one in enumerate(labels):
        for other in labels[k + 1 :]:
            for t, one_leads in convergence.overtakings(excess[one], excess[other]):
                ahead, behind = (one, other) if one_leads else (other, one)
                found.append((t, f"Here **{ahead}** overtakes **{behind}**."))
    return sorted(found)


def notice(excess: Mapping[str, np.ndarray], steps: int, lam: float, active: Mapping[str, np.ndarray],
           optimum_active: int, says: Mapping[str, tuple], own: Collection[str] = ()) -> str:  # fmt: skip
    """A few points that a teacher could read aloud, as a Markdown list."""
    points = []
    ends = {label: float(convergence.settled(values)[steps]) for label, values in excess.items()}
    if max(float(convergence.settled(values)[0]) for values in excess.values()) <= convergence.FLOOR:
        return f"- At λ = {lam:g} one atom more costs more than it explains: the optimum is the empty code."
    points += [_pace(ends, steps, own)]
    if len(excess) > 1:
        points.append(_leaders(excess, steps))
    points.append(_sparsity(active, steps, optimum_active))
    points += [_verdict(label, *said, steps) for label, said in says.items()]
    return "\n".join(f"- {point}" for point in points if point)


def _pace(ends: Mapping[str, float], steps: int, own: Collection[str]) -> str:
    distances = [
        f"**{label}** {percent(ends[label])}{' (its own optimum)' if label in own else ''}"
        for label in sorted(ends, key=ends.get)
    ]
    return f"**How near.** After {steps} iteration{'s' if steps > 1 else ''}, distance to the optimum: {listed(distances)}."


def _leaders(excess: Mapping[str, np.ndarray], steps: int) -> str:
    """Who is nearest to the optimum, from which iteration on, over all that was computed. Ties keep the leader."""
    labels, leader, told = list(excess), None, []
    front = np.array([convergence.settled(values) for values in excess.values()])[:, 1:]
    for t, distances in enumerate(front.T, 1):
        nearest = np.flatnonzero(distances == distances.min())
        if leader is None and len(nearest) == 1 or leader is not None and leader not in nearest:
            leader = nearest[0]
            told.append(f"**{labels[leader]}** {'' if told else 'leads '}from iteration {t}")
    if len(told) > 4:
        told = [*told[:2], f"after {len(told) - 3} more changes {told[-1]}"]
    horizon = front.shape[1]
    shown = f" ({steps} drawn)" if steps < horizon else ""
    said = f"{listed(told)} to the last" if told else "nobody is ahead of all others"
    return f"**Who leads.** Followed for {horizon} iterations{shown}: {said}."


def _sparsity(active: Mapping[str, np.ndarray], steps: int, optimum: int) -> str:
    told = []
    for label, counts in active.items():
        peak = int(counts.argmax())
        if counts[peak] > counts[steps]:
            told.append(f"**{label}** is at {counts[peak]} after iteration {peak} and at {counts[steps]} in the end")
        else:
            told.append(f"**{label}** ends with {counts[steps]}")
    return f"**How sparse.** The optimum uses {optimum} atoms; {listed(told)}."


def _verdict(label: str, shares: np.ndarray, names: Sequence[str], truth: int | None, steps: int) -> str:
    """What a supervised model says in the end, and since when."""
    best = shares.argmax(1)
    last = int(best[steps])
    differs = np.flatnonzero(best[: steps + 1] != last)
    since = max(int(differs[-1]) + 1 if len(differs) else 0, 1)  # at 0 all classes are alike
    right = "" if truth is None else ", which is right" if last == truth else f", but it is {names[truth]}"
    return (
        f"**What it reads.** From iteration {min(since, steps)} on **{label}** says “{names[last]}”{right}: "
        f"{100 * shares[min(since, steps), last]:.0f} % then, {100 * shares[steps, last]:.0f} % in the end."
    )
