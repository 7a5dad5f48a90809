"""Compare how fast solvers converge, given each one's distances to the optimum: (T + 1,), entry t after t iterations."""

import numpy as np

FLOOR = 1e-2  # %: two solvers that are both nearer to the optimum than this count as equal, since they differ by rounding


def settled(excess: np.ndarray | float) -> np.ndarray:
    """Return distances prepared for comparison: NaN becomes infinity, and those within `FLOOR` of the optimum become `FLOOR`."""
    distance = np.where(np.isnan(excess), np.inf, excess)
    return np.where(np.abs(distance) <= FLOOR, FLOOR, distance)


def steps_within(excess: np.ndarray, distance: float) -> int | None:
    """Return the first iteration that is within `distance` % of the optimum, or None if there is none."""
    within = np.flatnonzero(settled(excess) <= settled(distance))
    return int(within[0]) if len(within) else None


def diverges_at(excess: np.ndarray) -> int | None:
    """Return the first iteration from which F stays above its value for the empty code; None if F ends at or below that value."""
    distance = np.where(np.isnan(excess), np.inf, excess)
    lower = np.flatnonzero(distance[1:] <= distance[0])
    first = int(lower[-1]) + 2 if len(lower) else 1
    return first if first < len(distance) else None
