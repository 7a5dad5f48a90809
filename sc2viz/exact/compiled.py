"""Which compiled method takes which samples, on the CPU; to import it takes a third of a second, because numba does."""

import numpy as np
import torch
from torch import Tensor

from sc2viz.exact import active_set, admm, batches, gaps, problem, working_sets
from sc2viz.exact.problem import FixedAtoms, Samples
from sc2viz.exact.threads import in_threads
from sc2viz.exact.uncompiled import CYCLING, Found


def solve(
    x: Tensor,
    B: Tensor,
    lam: Tensor,
    mask: Tensor | None,
    codes: Tensor,
    gap: Tensor,
    tol: float,
    max_iterations: int,
    positive: bool,
) -> int:
    """`methods.solve` on the CPU."""
    if mask is not None:
        return masked(x, B, lam, mask, codes, gap, tol, max_iterations, positive)
    atoms, workers = problem.dictionary(B, len(x)), torch.get_num_threads()
    return one_by_one(x, atoms, lam, codes, gap, tol, max_iterations, positive, workers)


def paths(x: Tensor, B: Tensor, lam: Tensor, limit: int, positive: bool) -> list[Found]:
    """The path of every row of x (n, d_x): its failure is infinite where it is not `gaps.provable`."""
    workers = torch.get_num_threads()
    samples, fits = arrays(x, problem.dictionary(B, len(x)), lam, positive, workers)
    found = zip(samples.paths(limit, workers), fits, strict=True)
    return [(knots, codes, failure if fit else np.inf) for (knots, codes, failure), fit in found]


def arrays(
    x: Tensor, dictionary: FixedAtoms, lam: Tensor, positive: bool, workers: int
) -> tuple[Samples, np.ndarray]:
    """(the samples as arrays, whether each is `gaps.provable`); x (n, d_x) of float32 or float64, lam (n,)."""
    pictures, weights, B, square = (
        np.ascontiguousarray(x.numpy()),
        lam.contiguous().numpy(),
        dictionary.B,
        dictionary.square,
    )
    projection, square_x = problem.products(pictures, B, workers)
    largest = (projection if positive else np.abs(projection)).max(1)
    fits = gaps.provable(pictures, square, square_x, largest, weights)
    share = problem.worth_a_gram(len(x), *B.shape)
    gram = dictionary.gram(workers) if share else np.empty((0, 0))
    return problem.Samples(
        projection, square_x, largest, weights, B, dictionary.atoms, gram, square, positive
    ), fits


def one_by_one(
    x: Tensor,
    dictionary: FixedAtoms,
    lam: Tensor,
    codes: Tensor,
    gap: Tensor,
    tol: float,
    max_iterations: int,
    positive: bool,
    workers: int,
) -> int:
    """Fill `codes` (n, d_s), on entry where to begin, and `gap` (n,); returns the most iterations that a sample took.

    Coordinate descent on working sets begins where supports can be large; `others` solve the rest.
    """
    events = np.zeros(len(x), np.int64)
    working_sets.solve(
        dictionary,
        np.ascontiguousarray(x.numpy()),
        lam.numpy(),
        tol,
        max_iterations,
        positive,
        codes.numpy(),
        gap.numpy(),
        events,
        workers,
    )
    left, most = torch.from_numpy((gap.numpy() > tol).nonzero()[0]), int(events.max(initial=0))
    if not len(left):
        return most
    rows = left if len(left) < len(x) else slice(None)  # a view, not a copy
    found, proved = codes[rows], gap[rows]
    most = max(
        most,
        others(
            x[rows], dictionary, lam[rows], found, proved, tol, max_iterations, positive, workers
        ),
    )
    codes[rows], gap[rows] = found, proved
    return most


def others(
    x: Tensor,
    dictionary: FixedAtoms,
    lam: Tensor,
    codes: Tensor,
    gap: Tensor,
    tol: float,
    max_iterations: int,
    positive: bool,
    workers: int,
) -> int:
    """`one_by_one` by compiled ADMM for many samples with a small λ and by the homotopy; where it fails, see `again`."""
    samples, fits = arrays(x, dictionary, lam, positive, workers)
    answer, reached, events, rows = (
        codes.numpy(),
        gap.numpy(),
        np.zeros(len(x), np.int64),
        fits.nonzero()[0],
    )
    answer[~fits] = 0
    share, spent = samples.lam[rows] / np.maximum(samples.largest, samples.lam)[rows], 0
    many = rows[admm.suits(samples.B.shape, len(rows), answer.dtype, share, tried=True)]
    if len(many) and len(samples.gram):
        some, light = (
            many[: working_sets.probe(len(many))],
            admm.knots(samples.B.shape[1], len(many)),
        )
        samples.solve(some, tol, min(light, max_iterations), answer, reached, events, workers)
        if (reached[some] > tol).mean() > 0.5:
            spent = min(admm.patience(samples), max_iterations)
            admm.solve(
                samples, many[reached[many] > tol], tol, spent, answer, reached, events, workers
            )
        rows = rows[reached[rows] > tol]
    limit = max_iterations - spent
    samples.solve(
        rows, tol, min(limit, CYCLING * min(samples.B.shape)), answer, reached, events, workers
    )
    most = spent + int(events[rows].max(initial=0)) if len(rows) else int(events.max(initial=0))
    failed = torch.from_numpy(rows[(reached[rows] > tol) & (events[rows] < limit)])
    if len(failed):
        B = torch.from_numpy(samples.B)
        most = max(
            most,
            again(x[failed].double(), B, lam[failed], tol, limit, positive, failed, codes, gap),
        )
    return most


def again(
    x: Tensor,
    B: Tensor,
    lam: Tensor,
    tol: float,
    limit: int,
    positive: bool,
    rows: Tensor,
    codes: Tensor,
    gap: Tensor,
) -> int:
    """Improve the `rows` of `codes` and `gap` that the homotopy left, by the active-set method and ADMM; the iterations.

    x (m, d_x), B and lam (m,) in float64: those of these rows.
    """
    most, left = 0, torch.ones(len(x), dtype=torch.bool)
    if min(B.shape) <= active_set.WIDEST:
        most, left = active_set.solve(x, B, lam, tol, limit, positive, rows, codes, gap)
    if left.any():
        rows, found, reached = rows[left], codes[rows[left]], gap[rows[left]]
        most = max(most, batches.solve(x[left], B, lam[left], found, reached, tol, limit, positive))
        better = reached < gap[rows]
        codes[rows[better]], gap[rows[better]] = found[better], reached[better]
    return most


def masked(
    x: Tensor,
    B: Tensor,
    lam: Tensor,
    mask: Tensor,
    codes: Tensor,
    gap: Tensor,
    tol: float,
    max_iterations: int,
    positive: bool,
) -> int:
    """`one_by_one`, every sample with the rows of B at which it was observed."""
    double = B.double()

    def one(i: int) -> int:
        seen, row = mask[i], slice(i, i + 1)
        atoms = FixedAtoms(double[seen].numpy())  # no other sample has the same
        return one_by_one(
            x[row, seen],
            atoms,
            lam[row],
            codes[row],
            gap[row],
            tol,
            max_iterations,
            positive,
            workers=1,
        )

    return max(in_threads(one, range(len(x)), torch.get_num_threads(), np.inf), default=0)
