"""The sentences of Step through. All are computed from the distances that the page shows."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from sc2viz.analysis import convergence, momentum
from sc2viz.ui import phrases
from sc2viz.ui.phrases import apart, listed, percent
from sc2viz.words import _, ngettext


def sentence(excess: Mapping[str, float], t: int, active: Mapping[str, int]) -> str:
    """The solver with the lowest F after t iterations. excess: % by solver; active: atoms in use by solver."""
    if not excess:
        return _("Choose a solver that aims at F to compare with the exact optimum.")
    now = {label: convergence.settled(float(value)) for label, value in excess.items()}
    if t == 0:
        if _all_there(now):
            return _("At this λ the empty code, with which every solver starts, is the optimum.")
        least, most = percent(min(now.values())), percent(max(now.values()))
        span = least if least == most else _("{least} to {most}", least=least, most=most)
        return _(
            "Every solver starts with the empty code, which is {span} above the optimum.", span=span
        )
    first = min(now, key=now.get)
    if _all_there(now) and not any(active.values()):
        return _(
            "{after}, every code is still empty, which is the optimum at this λ.", after=_after(t)
        )
    ahead, far = _sharing(now, now[first])
    given = {"after": _after(t), "names": listed([f"**{label}**" for label in ahead]), "far": far}
    if now[first] == convergence.FLOOR:
        return ngettext(
            "{after}, {names} has reached the optimum.",
            "{after}, {names} have reached the optimum.",
            len(ahead),
            **given,
        )
    if len(ahead) == len(now):
        return ngettext(
            "{after}, {names} is {far}.", "{after}, {names} are {far}.", len(now), **given
        )
    return ngettext(
        "{after}, {names} has the lowest F: it is {far}.",
        "{after}, {names} share the lowest F: each is {far}.",
        len(ahead),
        **given,
    )


def _sharing(now: Mapping[str, float], distance: float) -> tuple[list[str], str]:
    """The solvers whose distance reads as this one does, and how it reads."""
    said = apart(distance)
    return [
        label for label, value in now.items() if value == distance or apart(value) == said
    ], said


def pace(excess: Mapping[str, np.ndarray], t: int) -> str:
    """How long the others need to come as near as the first one is after t iterations. excess: (horizon + 1,) % by solver,
    with a horizon ≥ t."""
    now = {label: float(convergence.settled(values)[t]) for label, values in excess.items()}
    first = min(now, key=now.get, default=None)
    ahead = _sharing(now, now[first])[0] if now else []
    others = [label for label in now if label not in ahead]
    if t == 0 or not others or _all_there(now):
        return ""
    tails = [f"**{label}** {phrases.pace(excess[label], t, now[first])}" for label in others]
    told = _(
        "Compared with {solvers} after {iterations}: {told}.",
        solvers=listed([f"**{label}**" for label in ahead]),
        iterations=phrases.count(t, "iteration"),
        told=listed(tails),
    )
    return " ".join(filter(None, (told, dict(_overtakings(excess)).get(t))))


def mechanism(
    taken: Mapping[str, momentum.Steps], t: int, valley: float | None, carries: Collection[str]
) -> str:
    """Why a solver is faster than ISTA at iteration t, and why F of one rises. carries: the solvers whose iteration goes by
    earlier codes as well as the last one."""
    said = []
    if t:
        longer = {label: steps.longer[t - 1] for label, steps in taken.items() if label in carries}
        farthest = max(longer, key=lambda label: np.nan_to_num(longer[label]), default=None)
        if farthest is not None and longer[farthest] >= 1.05:
            said.append(
                _(
                    "Step {t} of **{solver}** carries earlier steps on, which makes it {times} as long as ISTA’s from the same "
                    "code; it points {angle:.0f}° away from steepest descent.",
                    t=t,
                    solver=farthest,
                    times=phrases.times(longer[farthest]),
                    angle=taken[farthest].uphill[t - 1],
                )
            )
    rising = next((label for label in taken if label in carries and taken[label].rises.any()), None)
    if rising is not None:
        steps = taken[rising]
        at = np.flatnonzero(steps.rises) + 1
        said.append(
            ngettext(
                "F of **{solver}** rises at iteration {at}, where ISTA’s step from the same code never does: carried on, its "
                "steps there end up to {angle:.0f}° away from steepest descent (uphill above 90°).",
                "F of **{solver}** rises at iterations {at}, where ISTA’s step from the same code never does: carried on, its "
                "steps there end up to {angle:.0f}° away from steepest descent (uphill above 90°).",
                len(at),
                solver=rising,
                at=_first(phrases.spans(at.tolist())),
                angle=np.nanmax(steps.uphill[at - 1]),
            )
        )
        if valley is not None and valley >= 1.05:
            said.append(
                _(
                    "At the optimum F curves up to {times} as much across as along.",
                    times=phrases.times(valley),
                )
            )
    return " ".join(said)


def _first(spans: Sequence[str]) -> str:
    if len(spans) < 4:
        return listed(spans)
    return ngettext(
        "{first} and {n} more time", "{first} and {n} more times", len(spans) - 1, first=spans[0]
    )


def _after(t: int) -> str:
    return _("After {iterations}", iterations=phrases.count(t, "iteration"))


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
                found.append(
                    (
                        t,
                        _(
                            "In this iteration **{ahead}** overtakes **{behind}**.",
                            ahead=ahead,
                            behind=behind,
                        ),
                    )
                )
    return sorted(found)


def notice(
    excess: Mapping[str, np.ndarray],
    steps: int,
    lam: float,
    active: Mapping[str, np.ndarray],
    optimum_active: int,
    predictions: Mapping[str, tuple],
) -> str:
    """Points to notice, as a Markdown list."""
    points = []
    ends = {label: float(convergence.settled(values)[steps]) for label, values in excess.items()}
    if (
        excess
        and max(float(convergence.settled(values)[0]) for values in excess.values())
        <= convergence.FLOOR
    ):
        told = _(
            "At λ = {lam:g} the optimum is the empty code, because every atom costs more than it explains.",
            lam=lam,
        )
        return f"- {told}"
    if ends:
        told = listed(
            [f"**{label}** {percent(ends[label])}" for label in sorted(ends, key=ends.get)]
        )
        points.append(
            _("**Distance to the optimum.** {after}: {told}.", after=_after(steps), told=told)
        )
    if len(excess) > 1:
        points.append(_leaders(excess, steps))
    points.append(_sparsity(active, steps, optimum_active))
    points += [_verdict(label, *one, steps) for label, one in predictions.items()]
    return "\n".join(f"- {point}" for point in points if point)


def _leaders(excess: Mapping[str, np.ndarray], steps: int) -> str:
    """The solver with the lowest F, and from which iteration on, over the whole horizon. A tie keeps the leader."""
    labels, leader, turns = list(excess), None, []
    front = np.array([convergence.settled(values) for values in excess.values()])[:, 1:]
    for t, distances in enumerate(front.T, 1):
        nearest = np.flatnonzero(distances == distances.min())
        if leader is None and len(nearest) == 1 or leader is not None and leader not in nearest:
            leader = nearest[0]
            given = {"solver": labels[leader], "t": t}
            turns.append(
                _("**{solver}** from iteration {t}", **given)
                if turns
                else _("**{solver}** leads from iteration {t}", **given)
            )
    if len(turns) > 4:
        turns = [*turns[:2], _("after {n} more changes {turn}", n=len(turns) - 3, turn=turns[-1])]
    horizon = front.shape[1]
    over = phrases.count(horizon, "iteration")
    if steps < horizon:
        over = ngettext(
            "{iterations} ({n} is drawn)", "{iterations} ({n} are drawn)", steps, iterations=over
        )
    if not turns:
        return _(
            "**The lead.** Over {iterations}, no solver is ahead of all others.", iterations=over
        )
    return _(
        "**The lead.** Over {iterations}, {turns} until iteration {t}.",
        iterations=over,
        t=horizon,
        turns=listed(turns),
    )


def _sparsity(active: Mapping[str, np.ndarray], steps: int, optimum: int) -> str:
    uses = []
    for label, counts in active.items():
        peak = int(counts.argmax())
        given = {"solver": label, "n": int(counts[steps]), "most": int(counts[peak]), "t": peak}
        uses.append(
            _("**{solver}** uses {n} ({most} after iteration {t})", **given)
            if counts[peak] > counts[steps]
            else _("**{solver}** uses {n}", **given)
        )
    return _(
        "**Sparsity.** The optimum uses {atoms}. After iteration {t}, {told}.",
        atoms=phrases.count(optimum, "atom"),
        t=steps,
        told=listed(uses),
    )


def _verdict(
    label: str, shares: np.ndarray, names: Sequence[str], truth: int | None, steps: int
) -> str:
    """The final prediction of a supervised model, and the iteration from which it stays the same."""
    best = shares.argmax(1)
    last = int(best[steps])
    differs = np.flatnonzero(best[: steps + 1] != last)
    # Iteration 0 does not count, where all classes are equally likely.
    since = max(int(differs[-1]) + 1 if len(differs) else 0, 1)
    told = _("**{solver}** predicts “{name}”", solver=label, name=names[last])
    if truth is not None:
        given = {"told": told, "label": names[truth]}
        told = (
            _("{told}, which is correct", **given)
            if last == truth
            else _("{told}, but the label is {label}", **given)
        )
    return _(
        "**Prediction.** From iteration {since} on, {told}. The probability is {then:.0f} % then and {now:.0f} % after "
        "iteration {t}.",
        since=min(since, steps),
        told=told,
        then=100 * shares[min(since, steps), last],
        now=100 * shares[steps, last],
        t=steps,
    )
