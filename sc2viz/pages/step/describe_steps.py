"""The sentences of Step through. All are computed from the distances that the page shows."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from sc2viz.analysis import convergence, momentum
from sc2viz.ui import phrases
from sc2viz.ui.phrases import apart, listed, percent


def captions(excess: Mapping[str, np.ndarray], steps: int, active: Mapping[str, np.ndarray]) -> list[tuple[str, str]]:
    """A caption for each iteration 0 … `steps`: the solver with the lowest F, and how long the others need.

    excess: (horizon + 1,) % by solver, with a horizon ≥ `steps`; active: (steps + 1,) atoms in use by solver.
    """
    return [caption(excess, t, active) for t in range(steps + 1)]


def caption(excess: Mapping[str, np.ndarray], t: int, active: Mapping[str, np.ndarray]) -> tuple[str, str]:
    """The caption of iteration t, and why."""
    now = {label: float(values[t]) for label, values in excess.items()}
    return sentence(now, t, {label: counts[t] for label, counts in active.items()}), _why(excess, t)


def sentence(excess: Mapping[str, float], t: int, active: Mapping[str, int]) -> str:
    """The solver with the lowest F after t iterations. excess: % by solver; active: atoms in use by solver."""
    if not excess:
        return "No solver here codes x itself: each takes an offset of its own from it, so that their F are of other rows."
    now = {label: convergence.settled(float(value)) for label, value in excess.items()}
    if t == 0:
        if _all_there(now):
            return "At this λ the empty code, with which every solver starts, is the optimum."
        least, most = percent(min(now.values())), percent(max(now.values()))
        span = least if least == most else f"{least} to {most}"
        return f"Every solver starts with the empty code, which is {span} above the optimum."
    after = _after(t)
    first = min(now, key=now.get)
    if _all_there(now):
        if not any(active.values()):
            return f"{after}, every code is still empty, which is the optimum at this λ."
        have = phrases.form(len(now), "has", "have")
        return f"{after}, {listed([f'**{label}**' for label in now])} {have} reached the optimum."
    ahead = _sharing(now, now[first])
    names, far = listed([f"**{label}**" for label in ahead]), apart(now[first])
    if now[first] == convergence.FLOOR:
        return f"{after}, {names} {phrases.form(len(ahead), 'has', 'have')} reached the optimum."
    if len(ahead) == len(now):
        return f"{after}, {names} {phrases.form(len(now), 'is', 'are')} {far}."
    return f"{after}, {names} {phrases.form(len(ahead), 'has the lowest F: it', 'share the lowest F: each')} is {far}."


def _sharing(now: Mapping[str, float], distance: float) -> list[str]:
    """The solvers whose distance reads as this one does."""
    said = apart(distance)
    return [label for label, value in now.items() if value == distance or apart(value) == said]


def _why(excess: Mapping[str, np.ndarray], t: int) -> str:
    """How long the others need to come as near as the first one is after t iterations."""
    now = {label: float(convergence.settled(values)[t]) for label, values in excess.items()}
    first = min(now, key=now.get, default=None)
    ahead = _sharing(now, now[first]) if now else []
    others = [label for label in now if label not in ahead]
    if t == 0 or not others or _all_there(now):
        return ""
    tails = [f"**{label}** {phrases.pace(excess[label], t, now[first])}" for label in others]
    turn = dict(_overtakings(excess)).get(t, "")
    compared = listed([f"**{label}**" for label in ahead])
    return f"Compared with {compared} {_after(t).lower()}: {listed(tails)}." + (f" {turn}" if turn else "")


def mechanism(taken: Mapping[str, momentum.Steps], t: int, valley: float | None, carries: Collection[str]) -> str:
    """Why a solver is faster than ISTA at iteration t, and why F of one rises. carries: the solvers whose iteration goes by
    earlier codes as well as the last one."""
    said = []
    if t:
        longer = {label: steps.longer[t - 1] for label, steps in taken.items() if label in carries}
        farthest = max(longer, key=lambda label: np.nan_to_num(longer[label]), default=None)
        if farthest is not None and longer[farthest] >= 1.05:
            said.append(
                f"Step {t} of **{farthest}** carries earlier steps on, which makes it {phrases.times(longer[farthest])} as "
                f"long as ISTA’s from the same code; it points {taken[farthest].uphill[t - 1]:.0f}° away from steepest "
                "descent."
            )
    rising = next((label for label in taken if label in carries and taken[label].rises.any()), None)
    if rising is not None:
        steps = taken[rising]
        at = np.flatnonzero(steps.rises) + 1
        when = f"{phrases.form(len(at), 'iteration', 'iterations')} {_first(phrases.spans(at.tolist()))}"
        curved = "" if valley is None else f" At the optimum F curves up to {phrases.times(valley)} as much across as along."
        said.append(
            f"F of **{rising}** rises at {when}, where ISTA’s step from the same code never does: carried on, its steps "
            f"there end up to {np.nanmax(steps.uphill[at - 1]):.0f}° away from steepest descent (uphill above 90°).{curved}"
        )
    return " ".join(said)


def _first(spans: Sequence[str]) -> str:
    return phrases.listed(list(spans)) if len(spans) < 4 else f"{spans[0]} and {len(spans) - 1} more times"


def _after(t: int) -> str:
    return f"After {phrases.count(t, 'iteration')}"


def _all_there(now: Mapping[str, float]) -> bool:
    """Whether every distance is that of the optimum, as `convergence.settled` has it."""
    return all(value == convergence.FLOOR for value in now.values())


def _overtakings(excess: Mapping[str, np.ndarray]) -> list[tuple[int, str]]:
    """All changes of the lead between two solvers, in order, as (iteration, sentence)."""
    labels, found = list(excess), []
    for k, one in enumerate(labels):
        for other in labels[k + 1 :]:
            for t, one_leads in convergence.overtakings(excess[one], excess[other]):
                ahead, behind = (one, other) if one_leads else (other, one)
                found.append((t, f"In this iteration **{ahead}** overtakes **{behind}**."))
    return sorted(found)


def notice(excess: Mapping[str, np.ndarray], steps: int, lam: float, active: Mapping[str, np.ndarray],
           optimum_active: int, predictions: Mapping[str, tuple]) -> str:  # fmt: skip
    """Points to notice, as a Markdown list."""
    points = []
    ends = {label: float(convergence.settled(values)[steps]) for label, values in excess.items()}
    if excess and max(float(convergence.settled(values)[0]) for values in excess.values()) <= convergence.FLOOR:
        return f"- At λ = {lam:g} the optimum is the empty code, because every atom costs more than it explains."
    points += [_pace(ends, steps)] if ends else []
    if len(excess) > 1:
        points.append(_leaders(excess, steps))
    points.append(_sparsity(active, steps, optimum_active))
    points += [_verdict(label, *one, steps) for label, one in predictions.items()]
    return "\n".join(f"- {point}" for point in points if point)


def _pace(ends: Mapping[str, float], steps: int) -> str:
    distances = [f"**{label}** {percent(ends[label])}" for label in sorted(ends, key=ends.get)]
    return f"**Distance to the optimum.** {_after(steps)}: {listed(distances)}."


def _leaders(excess: Mapping[str, np.ndarray], steps: int) -> str:
    """The solver with the lowest F, and from which iteration on, over the whole horizon. A tie keeps the leader."""
    labels, leader, turns = list(excess), None, []
    front = np.array([convergence.settled(values) for values in excess.values()])[:, 1:]
    for t, distances in enumerate(front.T, 1):
        nearest = np.flatnonzero(distances == distances.min())
        if leader is None and len(nearest) == 1 or leader is not None and leader not in nearest:
            leader = nearest[0]
            turns.append(f"**{labels[leader]}** {'' if turns else 'leads '}from iteration {t}")
    if len(turns) > 4:
        turns = [*turns[:2], f"after {len(turns) - 3} more changes {turns[-1]}"]
    horizon = front.shape[1]
    shown = f" ({steps} {phrases.form(steps, 'is', 'are')} drawn)" if steps < horizon else ""
    leads = f"{listed(turns)} until iteration {horizon}" if turns else "no solver is ahead of all others"
    return f"**The lead.** Over {phrases.count(horizon, 'iteration')}{shown}, {leads}."


def _sparsity(active: Mapping[str, np.ndarray], steps: int, optimum: int) -> str:
    uses = []
    for label, counts in active.items():
        peak = int(counts.argmax())
        if counts[peak] > counts[steps]:
            uses.append(f"**{label}** uses {counts[steps]} ({counts[peak]} after iteration {peak})")
        else:
            uses.append(f"**{label}** uses {counts[steps]}")
    return f"**Sparsity.** The optimum uses {phrases.count(optimum, 'atom')}. After iteration {steps}, {listed(uses)}."


def _verdict(label: str, shares: np.ndarray, names: Sequence[str], truth: int | None, steps: int) -> str:
    """The final prediction of a supervised model, and the iteration from which it stays the same."""
    best = shares.argmax(1)
    last = int(best[steps])
    differs = np.flatnonzero(best[: steps + 1] != last)
    # Iteration 0 does not count, where all classes are equally likely.
    since = max(int(differs[-1]) + 1 if len(differs) else 0, 1)
    right = "" if truth is None else ", which is correct" if last == truth else f", but the label is {names[truth]}"
    return (
        f"**Prediction.** From iteration {min(since, steps)} on, **{label}** predicts “{names[last]}”{right}. The "
        f"probability is {100 * shares[min(since, steps), last]:.0f} % then and {100 * shares[steps, last]:.0f} % after "
        f"iteration {steps}."
    )
