"""What Step through says: computed from the distances that are shown, never more than they hold."""

from collections.abc import Mapping, Sequence

import numpy as np

from sc2viz import race


def percent(value: float) -> str:
    """A distance to the optimum in words."""
    if not np.isfinite(value):
        return "∞ %"
    if value >= 1e5:
        return f"{value:.1e} %".replace("e+0", "e").replace("e+", "e")
    return f"{value:,.0f} %" if value >= 100 else f"{value:.2g} %" if value >= race.FLOOR else f"under {race.FLOOR:g} %"


def listed(names: Sequence[str]) -> str:
    """"a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def captions(excess: Mapping[str, np.ndarray], steps: int, active: Mapping[str, np.ndarray]) -> list[str]:
    """A sentence for each iteration 0 … `steps`: who is nearest to the optimum, and how long the others need for that.

    excess: (horizon + 1,) % by solver, the horizon ≥ `steps`; active: (steps + 1,) atoms in use by solver.
    """
    turns = {t: line for t, line in _overtakings(excess)}
    return [_caption(excess, t, active, turns.get(t, "")) for t in range(steps + 1)]


def _caption(excess, t: int, active, turn: str) -> str:
    now = {label: float(race.settled(values)[t]) for label, values in excess.items()}
    if t == 0:
        above = max(now.values())
        if above <= race.FLOOR:
            return "At this λ the empty code is the optimum: there is nothing to find, and no solver moves."
        return f"Before the first step every code is empty, {percent(above)} above the optimum."
    after = f"After {t} step{'s' if t > 1 else ''}"
    first = min(now, key=now.get)
    others = [label for label in now if label != first]
    if max(now.values()) <= race.FLOOR:
        if not any(values[t] for values in active.values()):
            return f"{after} every code is still empty, and that is the optimum at this λ."
        return f"{after} {listed([f'**{label}**' for label in now])} {'have' if others else 'has'} arrived at the optimum."
    where = "has arrived at the optimum" if now[first] <= race.FLOOR else f"is {percent(now[first])} above the optimum"
    if not others:
        return f"{after} **{first}** {where}."
    if len({percent(value) for value in now.values()}) == 1:
        return f"{after} {listed([f'**{label}**' for label in now])} are {percent(now[first])} above the optimum."
    horizon = len(excess[first]) - 1
    tails = []
    for label in others:
        needed = race.steps_within(excess[label], now[first])
        if needed is None:
            tails.append(f"**{label}** does not get there in {horizon} steps")
        elif needed < t:
            tails.append(f"**{label}** was there after {needed} and has left since, {percent(now[label])} above")
        else:
            tails.append(f"**{label}** needs {needed} steps for that")
    return f"{after} **{first}** {where}; {listed(tails)}." + (f" {turn}" if turn else "")


def _overtakings(excess: Mapping[str, np.ndarray]) -> list[tuple[int, str]]:
    """(iteration, sentence) of every change of the lead between two solvers, in order."""
    labels, found = list(excess), []
    for k, one in enumerate(labels):
        for other in labels[k + 1 :]:
            for t, one_leads in race.overtakings(excess[one], excess[other]):
                ahead, behind = (one, other) if one_leads else (other, one)
                found.append((t, f"Here **{ahead}** overtakes **{behind}**."))
    return sorted(found)


def notice(excess: Mapping[str, np.ndarray], steps: int, lam: float, active: Mapping[str, np.ndarray],
           optimum_active: int, says: Mapping[str, tuple]) -> str:  # fmt: skip
    """A few points that a teacher could read aloud, as a Markdown list."""
    points = []
    horizon = len(next(iter(excess.values()))) - 1
    ends = {label: float(race.settled(values)[steps]) for label, values in excess.items()}
    if max(float(race.settled(values)[0]) for values in excess.values()) <= race.FLOOR:
        return f"- At λ = {lam:g} one atom more costs more than it explains: the optimum is the empty code."
    points += [_pace(excess, ends, steps)]
    if len(excess) == 2:
        (one, first), (other, second) = excess.items()
        points.append(_rivalry(one, other, first, second, horizon))
    elif len(excess) > 2:
        points.append(_leaders(excess))
    points.append(_sparsity(active, steps, optimum_active))
    points += [_verdict(label, *said, steps) for label, said in says.items()]
    return "\n".join(f"- {point}" for point in points if point)


def _pace(excess, ends: Mapping[str, float], steps: int) -> str:
    distances = [f"**{label}** {percent(ends[label])}" for label in sorted(ends, key=ends.get)]
    return f"**How near.** After {steps} iteration{'s' if steps > 1 else ''}, distance to the optimum: {listed(distances)}."


def _rivalry(one: str, other: str, first: np.ndarray, second: np.ndarray, horizon: int) -> str:
    """Who overtakes whom, at which iteration, over all that was computed."""
    turns = race.overtakings(first, second)
    if turns:
        told = []
        for t, one_leads in turns[:3]:
            ahead, behind = (one, other) if one_leads else (other, one)
            a, b = (first, second) if one_leads else (second, first)
            told.append(f"at iteration {t} **{ahead}** overtakes **{behind}** ({a[t]:.3g} % against {b[t]:.3g} %)")
        return f"**Who leads.** {told[0][0].upper()}{listed(told)[1:]}."
    a, b = race.settled(first)[1:], race.settled(second)[1:]
    apart = np.flatnonzero(a != b)
    if not len(apart):
        return f"**Who leads.** Nobody: **{one}** and **{other}** are never apart."
    ahead, behind = (one, other) if a[apart[0]] < b[apart[0]] else (other, one)
    return f"**Who leads.** **{behind}** never overtakes **{ahead}** in {horizon} iterations."


def _leaders(excess: Mapping[str, np.ndarray]) -> str:
    """Who is nearest to the optimum, from which iteration on, over all that was computed."""
    labels = list(excess)
    front = np.array([race.settled(values) for values in excess.values()])[:, 1:]
    leader, told = None, []
    for t, distances in enumerate(front.T, 1):
        best = labels[int(distances.argmin())]
        if leader is None or distances.min() < distances[labels.index(leader)]:
            leader = best
            told.append(f"**{leader}** from iteration {t} ({excess[leader][t]:.3g} %)")
    return f"**Who leads.** {listed(told)}, until iteration {front.shape[1]}."


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
