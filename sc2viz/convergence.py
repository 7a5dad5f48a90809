"""Reading a race between solvers from their distances to the optimum, (T + 1,) each, entry t after t iterations."""

from __future__ import annotations

import numpy as np

FLOOR = 1e-2  # %: nearer than this to the optimum, who is ahead is a matter of rounding


def settled(excess: np.ndarray) -> np.ndarray:
    """Distances fit to be compared: what is not a number is infinitely far, what is within `FLOOR` has arrived."""
    return np.maximum(np.where(np.isnan(excess), np.inf, excess), FLOOR)


def overtakings(first: np.ndarray, second: np.ndarray) -> list[tuple[int, bool]]:
    """When one takes the lead from the other: (iteration, whether `first` leads from there), in order.

    Ties keep the leader, and to be ahead for the first time is no overtaking. Iteration 0 is nobody's work and counts for
    neither.
    """
    one, other = settled(first), settled(second)
    ahead = (one < other).astype(int) - (one > other)  # 1 where `first` leads
    led = [(t, int(sign)) for t, sign in enumerate(ahead.tolist()) if t and sign]
    return [(t, sign > 0) for (_, before), (t, sign) in zip(led, led[1:], strict=False) if sign != before]


def steps_within(excess: np.ndarray, distance: float) -> int | None:
    """The first iteration within `distance` %; None where there is none."""
    within = np.flatnonzero(settled(excess) <= max(distance, FLOOR))
    return int(within[0]) if len(within) else None


def diverges_at(excess: np.ndarray) -> int | None:
    """The first iteration from which codes cost more than no code at all, and stay so to the end; None where they end
    below their start."""
    distance = np.where(np.isnan(excess), np.inf, excess)
    below = np.flatnonzero(distance[1:] <= distance[0])
    first = int(below[-1]) + 2 if len(below) else 1
    return first if first < len(distance) else None
