"""Which compiled method takes which samples, on the CPU; to import it takes a third of a second, because numba does."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from sc2viz.exact import active_set, admm, batches, gaps, homotopy, problem, working_sets
from sc2viz.exact.problem import FixedAtoms, Samples
from sc2viz.exact.task import Task
from sc2viz.exact.threads import in_threads
from sc2viz.exact.uncompiled import CYCLING, Knots


def solve(task: Task) -> int:
    """Fill the codes and the gaps of a task on the CPU, and return the most iterations that a sample took. With a mask, every
    sample has a dictionary of its own, which no other sample has."""
    if task.mask is None:
        return solve_together(task, problem.dictionary(task.B, len(task.x)))
    B = task.B.double()

    def solve_row(i: int) -> int:
        """Solve sample i on the entries that its mask leaves; return the iterations taken."""
        observed, subset = task.mask[i], task.of_rows(slice(i, i + 1))
        atoms = FixedAtoms(B[observed].numpy())
        return solve_together(replace(subset, x=subset.x[:, observed], mask=None), atoms)

    return max(in_threads(solve_row, range(len(task.x)), np.inf), default=0)


def paths(x: Tensor, B: Tensor, lam: Tensor, limit: int, positive: bool) -> list[Knots]:
    """Return the path of every row of x (n, d_x): see `homotopy.follow`. Its failure is infinite where the row is not
    `gaps.provable`, and where the path is not finite, which is replaced by zeros at both ends."""
    samples, fits = gather_samples(x, problem.dictionary(B, len(x)), lam, positive)
    d_s = B.shape[1]

    def follow(row: int) -> Knots:
        largest, lam_end = samples.largest[row], samples.lam[row]
        if not largest > lam_end:
            return np.array([lam_end]), np.zeros((1, d_s)), 0.0 if fits[row] else np.inf
        # Only what is written takes memory.
        knots, codes = np.empty(limit + 2), np.empty((limit + 2, d_s))
        count, _, failure = homotopy.follow(samples, row, np.zeros(d_s), limit, knots, codes)
        knots, codes = knots[:count].copy(), codes[:count].copy()
        if not (np.isfinite(knots).all() and np.isfinite(codes).all()):
            return np.array([largest, lam_end]), np.zeros((2, d_s)), np.inf
        return knots, codes, failure if fits[row] else np.inf

    return in_threads(follow, range(len(x)), len(x) * samples.cost)


def gather_samples(
    x: Tensor, dictionary: FixedAtoms, lam: Tensor, positive: bool
) -> tuple[Samples, np.ndarray]:
    """Return (the samples as arrays, whether each is `gaps.provable`); x (n, d_x) of float32 or float64, lam (n,)."""
    pictures, weights, B = np.ascontiguousarray(x.numpy()), lam.contiguous().numpy(), dictionary.B
    projection, square_x = problem.products(pictures, B)
    largest = (projection if positive else np.abs(projection)).max(1)
    fits = gaps.provable(pictures, dictionary.square, square_x, largest, weights)
    has_gram = problem.worth_a_gram(len(x), *B.shape)
    gram = dictionary.gram if has_gram else np.empty((0, 0))
    rows = projection, square_x, largest, weights
    return Samples(*rows, B, dictionary.atoms, gram, dictionary.square, positive), fits


def solve_together(task: Task, dictionary: FixedAtoms) -> int:
    """Solve samples of one dictionary; return the most iterations that one took.

    Coordinate descent on working sets begins where supports can be large; `solve_others` takes the rest.
    """
    events = np.zeros(len(task.x), np.int64)
    working_sets.solve(task, dictionary, events)
    iterations = int(events.max(initial=0))
    rows = torch.from_numpy((task.gap.numpy() > task.tol).nonzero()[0])
    if len(rows) == len(task.x) > 0:
        return max(iterations, solve_others(task, dictionary))
    if len(rows):
        subset = task.of_rows(rows)
        iterations = max(iterations, solve_others(subset, dictionary))
        task.take(rows, subset)
    return iterations


def solve_others(task: Task, dictionary: FixedAtoms) -> int:
    """Solve many samples with a small λ by compiled ADMM, the others by the homotopy, and where that fails by the active-set
    method, or for large supports by ADMM; return the most iterations that a sample took."""
    samples, fits = gather_samples(task.x, dictionary, task.lam, task.positive)
    gap, events, shape = task.gap.numpy(), np.zeros(len(task.x), np.int64), dictionary.B.shape
    rows, spent = fits.nonzero()[0], 0
    task.codes.numpy()[~fits] = 0  # torch's threads would go on spinning, in the way of others
    share = samples.lam[rows] / np.maximum(samples.largest, samples.lam)[rows]
    candidates = rows[admm.suits(shape, len(rows), task.is_single, share, tried=True)]
    if len(candidates) and len(samples.gram):
        tried = candidates[: working_sets.count_probes(len(candidates))]
        knots = min(admm.knots(shape[1], len(candidates)), task.limit)
        samples.solve(tried, task, knots, events)
        if (gap[tried] > task.tol).mean() > 0.5:
            spent = min(admm.patience(shape), task.limit)
            admm.solve(samples, candidates[gap[candidates] > task.tol], task, spent, events)
        rows = rows[gap[rows] > task.tol]
    limit = task.limit - spent
    samples.solve(rows, task, min(limit, CYCLING * min(shape)), events)
    iterations = spent + int(events[rows].max()) if len(rows) else int(events.max(initial=0))
    failed = torch.from_numpy(rows[(gap[rows] > task.tol) & (events[rows] < limit)])
    if len(failed):
        subset = replace(task.of_rows(failed), B=torch.from_numpy(samples.B), limit=limit)
        if min(shape) <= active_set.WIDEST:
            subset = active_set.solve(subset)
        else:
            iterations = max(iterations, batches.solve(subset))
        task.take(failed, subset)
    return iterations
