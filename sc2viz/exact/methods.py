"""Which method takes which samples: what `lasso.solve` and `lasso.path` call after their checks."""

import numpy as np
import torch
from torch import Tensor

from sc2viz.exact import active_set, admm, ahead, batches, gaps, problem, uncompiled, working_sets
from sc2viz.exact.problem import FixedAtoms, Samples
from sc2viz.exact.threads import in_threads

NEGLIGIBLE = 1e-10  # A path is complete if no condition of optimality fails by more than this share of λ.
CYCLING = 10  # The homotopy gives up after this number of events for each atom that the support can have.
STUBBORN = 1000  # On a GPU, a sample that ADMM has not solved after this number of iterations goes to the CPU.


def solve(x: Tensor, B: Tensor, lam: Tensor, mask: Tensor | None, codes: Tensor, gap: Tensor, tol: float,
          max_iterations: int, positive: bool) -> int:  # fmt: skip
    """Fill `codes` (n, d_s), on entry where to begin, and `gap` (n,), on entry theirs; returns the most iterations.

    x (n, d_x), B (d_x, d_s), lam (n,) in float64, mask (n, d_x) or None: all on one device, and on the CPU with a mask.
    """
    if ahead.compiling():
        most = uncompiled.solve(x, B, lam, mask, codes, gap, tol, max_iterations, positive)
        if ahead.compiling() or not (gap > tol).any():
            return most
    if mask is not None:
        return masked(x, B, lam, mask, codes, gap, tol, max_iterations, positive)
    if x.device.type == "cpu":
        atoms, workers = problem.dictionary(B, len(x)), torch.get_num_threads()
        return one_by_one(x, atoms, lam, codes, gap, tol, max_iterations, positive, workers)
    return on_gpu(x, B.double(), lam, codes, gap, tol, max_iterations, positive)


def mend(x: Tensor, B: Tensor, lam: Tensor, mask: Tensor | None, codes: Tensor, gap: Tensor, left: Tensor,
         positive: bool) -> None:  # fmt: skip
    """Give the samples where `left` (n,) is True finite codes, and their true gaps: see `gaps.best_at_hand`."""
    for rows in left.nonzero()[:, 0].split(batches.BATCH):
        part = x[rows].double(), codes[rows], B.double(), lam[rows, None], positive, None if mask is None else mask[rows]
        codes[rows], gap[rows] = gaps.best_at_hand(*part)


def paths(x: Tensor, B: Tensor, lam: Tensor, positive: bool) -> tuple[list[tuple[Tensor, Tensor]], Tensor]:
    """(λ of the knots (k,) and codes there (k, d_s) of every sample, whether its path is complete (n,)), on the CPU."""
    workers, limit = torch.get_num_threads(), CYCLING * min(B.shape)
    found = uncompiled.paths(x.double(), B.double(), lam, limit, positive) if ahead.compiling() else None
    fits = np.ones(len(x), bool)
    if found is None:
        samples, fits = arrays(x.double(), problem.dictionary(B, len(x)), lam, positive, workers)
        found = samples.paths(limit, workers)
    complete = torch.tensor([failure <= NEGLIGIBLE for _, _, failure in found], dtype=torch.bool) & torch.from_numpy(fits)
    return [(torch.from_numpy(knots), torch.from_numpy(codes)) for knots, codes, _ in found], complete


def arrays(x: Tensor, dictionary: FixedAtoms, lam: Tensor, positive: bool, workers: int) -> tuple[Samples, np.ndarray]:
    """(the samples as arrays, whether each is `problem.provable`); x (n, d_x) of float32 or float64, lam (n,)."""
    pictures, weights, B, square = np.ascontiguousarray(x.numpy()), lam.contiguous().numpy(), dictionary.B, dictionary.square
    projection, square_x = problem.products(pictures, B, workers)
    largest = (projection if positive else np.abs(projection)).max(1)
    fits = problem.provable(pictures, square, square_x, largest, weights)
    share = problem.worth_a_gram(len(x), *B.shape)
    gram = dictionary.gram(workers) if share else np.empty((0, 0))
    return problem.Samples(projection, square_x, largest, weights, B, dictionary.atoms, gram, square, positive), fits


def one_by_one(x: Tensor, dictionary: FixedAtoms, lam: Tensor, codes: Tensor, gap: Tensor, tol: float, max_iterations: int,
               positive: bool, workers: int) -> int:  # fmt: skip
    """Fill `codes` (n, d_s), on entry where to begin, and `gap` (n,); returns the most iterations that a sample took.

    Coordinate descent on working sets begins where supports can be large; `others` solve the rest.
    """
    events = np.zeros(len(x), np.int64)
    working_sets.solve(dictionary, np.ascontiguousarray(x.numpy()), lam.numpy(), tol, max_iterations, positive,
                       codes.numpy(), gap.numpy(), events, workers)  # fmt: skip
    left, most = torch.from_numpy((gap.numpy() > tol).nonzero()[0]), int(events.max(initial=0))
    if not len(left):
        return most
    rows = left if len(left) < len(x) else slice(None)  # a view, not a copy
    found, proved = codes[rows], gap[rows]
    most = max(most, others(x[rows], dictionary, lam[rows], found, proved, tol, max_iterations, positive, workers))
    codes[rows], gap[rows] = found, proved
    return most


def others(x: Tensor, dictionary: FixedAtoms, lam: Tensor, codes: Tensor, gap: Tensor, tol: float, max_iterations: int,
           positive: bool, workers: int) -> int:  # fmt: skip
    """`one_by_one` by compiled ADMM for many samples with a small λ and by the homotopy; where it fails, see `again`."""
    samples, fits = arrays(x, dictionary, lam, positive, workers)
    answer, reached, events, rows = codes.numpy(), gap.numpy(), np.zeros(len(x), np.int64), fits.nonzero()[0]
    answer[~fits] = 0
    share, spent = samples.lam[rows] / np.maximum(samples.largest, samples.lam)[rows], 0
    many = rows[admm.suits(samples.B.shape, len(rows), answer.dtype, share, tried=True)]
    if len(many) and len(samples.gram):
        some, light = many[: working_sets.probe(len(many))], admm.knots(samples.B.shape[1], len(many))
        samples.solve(some, tol, min(light, max_iterations), answer, reached, events, workers)
        if (reached[some] > tol).mean() > 0.5:
            spent = min(admm.patience(samples), max_iterations)
            admm.solve(samples, many[reached[many] > tol], tol, spent, answer, reached, events, workers)
        rows = rows[reached[rows] > tol]
    limit = max_iterations - spent
    samples.solve(rows, tol, min(limit, CYCLING * min(samples.B.shape)), answer, reached, events, workers)
    most = spent + int(events[rows].max(initial=0)) if len(rows) else int(events.max(initial=0))
    failed = torch.from_numpy(rows[(reached[rows] > tol) & (events[rows] < limit)])
    if len(failed):
        B = torch.from_numpy(samples.B)
        most = max(most, again(x[failed].double(), B, lam[failed], tol, limit, positive, failed, codes, gap))
    return most


def again(x: Tensor, B: Tensor, lam: Tensor, tol: float, limit: int, positive: bool, rows: Tensor, codes: Tensor,
          gap: Tensor) -> int:  # fmt: skip
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


def masked(x: Tensor, B: Tensor, lam: Tensor, mask: Tensor, codes: Tensor, gap: Tensor, tol: float, max_iterations: int,
           positive: bool) -> int:  # fmt: skip
    """`one_by_one`, every sample with the rows of B at which it was observed."""
    double = B.double()

    def one(i: int) -> int:
        seen, row = mask[i], slice(i, i + 1)
        atoms = FixedAtoms(double[seen].numpy())  # no other sample has the same
        return one_by_one(x[row, seen], atoms, lam[row], codes[row], gap[row], tol, max_iterations, positive, workers=1)

    return max(in_threads(one, range(len(x)), torch.get_num_threads(), np.inf), default=0)


def on_gpu(x: Tensor, B: Tensor, lam: Tensor, codes: Tensor, gap: Tensor, tol: float, max_iterations: int,
           positive: bool) -> int:  # fmt: skip
    """`batches.solve`; what is left after STUBBORN iterations goes to the CPU."""
    most = batches.solve(x, B, lam, codes, gap, tol, min(max_iterations, STUBBORN), positive)
    left = (~(gap <= tol)).nonzero()[:, 0]
    if len(left) and max_iterations > STUBBORN:
        some, *part = [tensor.cpu() for tensor in (x[left], lam[left], codes[left], gap[left])]
        atoms = problem.dictionary(B.cpu(), len(left))
        more = one_by_one(some, atoms, *part, tol, max_iterations - STUBBORN, positive, torch.get_num_threads())
        codes[left], gap[left], most = part[1].to(codes), part[2].to(gap), most + more
    return most
