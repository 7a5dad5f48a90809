"""How good codes are: fidelity, sparsity, distance to the optimum, and what a classifier makes of them."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from sc2viz import arguments, lasso
from sc2viz.data import Images
from sc2viz.solvers import Solver, unroll
from sc2viz.solvers.cell import Safeguard

SPREAD = 1000  # test pictures over which the spread of distances is shown
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
IN_USE = 1e-3  # an atom is in use if its |s| exceeds this


def psnr(x: Tensor, reconstruction: Tensor, peak: float = 1.0) -> Tensor:
    """Return the peak signal-to-noise ratio of every row in dB, (n,); inf where there is no error.

    peak: the range of the values, > 0; it is 1 for pictures in [0, 1]. The reconstruction (n, d_x) is taken as it is, not
    clipped to that range.
    """
    arguments.floats("x", x, "n", "d_x")
    arguments.floats("reconstruction", reconstruction)
    if x.shape != reconstruction.shape:
        raise ValueError(
            f"x and reconstruction must agree in shape, got {tuple(x.shape)}, {tuple(reconstruction.shape)}"
        )
    arguments.positive("peak", peak)
    return decibels((x - reconstruction).square().mean(1), peak)


def decibels(error: Any, peak: float = 1.0) -> Any:
    """Return a mean squared error, a number, an array or a tensor, as peak signal-to-noise ratio in dB."""
    return 20 * math.log10(peak) - 10 * (torch if isinstance(error, Tensor) else np).log10(error)


def mean_decibels(psnr: np.ndarray) -> np.ndarray:
    """Return the mean PSNR over the last axis of (…, n) pictures in dB, (…), without those that have no error, such as blank
    ones, whose PSNR is inf; inf where none has an error."""
    has_error = ~np.isposinf(psnr)
    total, count = np.where(has_error, psnr, 0).sum(-1, dtype=float), has_error.sum(-1)
    return np.where(count, total / np.maximum(count, 1), np.inf)


def relative_gap(
    x: Tensor, codes: Tensor, B: Tensor, lam: float | Tensor, mask: Tensor | None = None
) -> Tensor:
    """Return the duality gap (`lasso.duality_gap`) of codes (n, d_s) as a share of F, (n,)."""
    F = lasso.objective(x, codes, B, lam, mask=mask)
    return lasso.duality_gap(x, codes, B, lam, mask=mask) / F.clamp_min(torch.finfo(F.dtype).tiny)


def reconstruction_loss(x: Tensor, codes: Tensor, B: Tensor) -> Tensor:
    """Return ½‖x − B s‖² of every row, (n,): x (n, d_x), codes (n, d_s), B (d_x, d_s)."""
    lasso.check_codes(x, codes, B, "…", "n")
    return 0.5 * (x - codes @ B.T).square().sum(1)


def in_use(codes):
    """Return which entries of a code are in use, |s| > `IN_USE`: bool, of the shape of `codes`, a tensor, an array or a
    number."""
    return abs(codes) > IN_USE


def largest_first(codes: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return the columns of the atoms in use, in order of decreasing contribution |s_j|·‖b_j‖: codes (d_s,), B (d_x, d_s)."""
    size = np.abs(codes) * np.linalg.norm(B, axis=0)
    order = np.argsort(-size, kind="stable")
    return order[in_use(codes[order])]


def missing(x: np.ndarray, codes: np.ndarray, B: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return what share of a picture x (d_x,) its code misses with the first k = 0 … len(order) atoms of `order` alone: ‖x − Σ_{j
    ≤ k} s_j b_j‖² / ‖x − mean‖², (len(order) + 1,), with codes (d_s,) and B (d_x, d_s); zeros if x is flat.

    Of no atoms it exceeds 1 where the mean is not 0 (`contrast`).
    """
    products = (B[:, order] * codes[order]).T
    sums = np.concatenate([np.zeros((1, len(x))), np.cumsum(products, 0, dtype=float)])
    energy = float(np.square(x - x.mean(dtype=float), dtype=float).sum())
    return np.square(x - sums).sum(1) / energy if energy else np.zeros(len(sums))


def contrast(x: Tensor) -> Tensor:
    """Return ‖x − mean‖² of every row of x (n, d_x), where mean is that of its entries: (n,).

    ‖x − Bs‖² in % of it is what the eye misses. The mean brightness is most of ‖x‖² and shows nothing.
    """
    arguments.floats("x", x, "n", "d_x")
    return (x - x.mean(1, keepdim=True)).square().sum(1)


def nonzero_share(codes: Tensor, threshold: float = IN_USE) -> Tensor:
    """Return the share of entries with |s| > `threshold` in every row of codes (n, d_s): (n,). 0 counts exact zeros only."""
    arguments.floats("codes", codes, "…", "n", "d_s")
    if not threshold >= 0:
        raise ValueError(f"threshold must be ≥ 0, got {threshold:g}")
    return (codes.abs() > threshold).to(torch.get_default_dtype()).mean(1)


def nmse(codes: Tensor, truth: Tensor) -> float | np.ndarray:
    """Return the NMSE, 10 log₁₀(Σ‖s − s*‖² / Σ‖s*‖²) in dB over the samples, of codes s (n, d_s) and true codes s* (n, d_s); of
    codes (…, n, d_s) an array (…).

    0 for codes of zeros, −∞ for the truth itself; ValueError where all of the truth is zero.
    """
    _check_truth(codes, truth)
    energy = truth.double().square().sum()
    if not energy > 0:
        raise ValueError(
            "truth must have a non-zero entry, got zeros alone: an NMSE is a share of its energy"
        )
    error = (codes.detach().double() - truth.double()).square().sum((-2, -1))
    return 10 * torch.log10(error / energy).cpu().numpy()[()]


class Agreement(NamedTuple):
    """How the atoms that codes use agree with those of the true codes, each a count per sample, (…, n)."""

    hits: Tensor  # in use and true
    missed: Tensor  # true and not in use
    alarms: Tensor  # in use and not true


def agreement(codes: Tensor, truth: Tensor, threshold: float = IN_USE) -> Agreement:
    """Compare the atoms in use, |s| > `threshold`, of codes (…, n, d_s) with those of the true codes (n, d_s)."""
    _check_truth(codes, truth)
    used, true = codes.abs() > threshold, truth != 0
    return Agreement((used & true).sum(-1), (~used & true).sum(-1), (used & ~true).sum(-1))


def support(codes: Tensor, truth: Tensor) -> tuple[float, float]:
    """Return the precision and recall of the non-zero entries of codes (n, d_s) against those of the true codes.

    Of all codes of zeros, the precision is 1: nothing that they name is wrong.
    """
    counts = agreement(codes, truth, threshold=0)
    hits, missed = counts.hits.sum().item(), counts.missed.sum().item()
    named = hits + counts.alarms.sum().item()
    return hits / named if named else 1.0, hits / max(hits + missed, 1)


def _check_truth(codes: Tensor, truth: Tensor) -> None:
    """Raise ValueError unless codes (…, n, d_s) and truth (n, d_s) are float32 or float64 and fit each other."""
    arguments.floats("codes", codes, "…", "n", "d_s")
    arguments.floats("truth", truth, "n", "d_s")
    if codes.shape[-2:] != truth.shape:
        raise ValueError(
            f"codes (…, n, d_s) must fit truth {tuple(truth.shape)}, got {tuple(codes.shape)}"
        )


def objective_along(x: Tensor, codes: Tensor, B: Tensor, lam: float | Tensor) -> Tensor:
    """Return the honest objective (`lasso.honest_objective`) of codes, also of every iteration: x (n, d_x), codes (…, n, d_s) →
    (…, n) float64.

    By the Gram matrix, ½‖x‖² − ⟨s, Bᵀx⟩ + ½ sᵀBᵀBs + λ Σ_j ‖b_j‖ |s_j|, which for many iterations of few samples costs a
    tenth of forming the residuals. Those of fewer codes than atoms are formed.
    """
    lasso.check_codes(x, codes, B, "…", "n")
    x, s, B = x.double(), codes.double(), B.double()
    lam = lasso.as_lambda(lam, x).flatten()
    if s[..., 0].numel() <= s.shape[-1]:
        fit = 0.5 * (x - s @ B.T).square().sum(-1)
    else:
        fit = 0.5 * x.square().sum(1) + (s * (0.5 * (s @ (B.T @ B)) - x @ B)).sum(-1)
    return fit + lam * (s.abs() @ B.norm(dim=0))


def excess(objective: Tensor, optimum: Tensor) -> Tensor:
    """Return how far a mean objective lies above the mean optimum, in % of the latter: objective (…, n), optimum (n,) or (…, n) →
    (…).

    0 where both are 0 (pictures of zeros).
    """
    arguments.floats("objective", objective, "…", "n")
    arguments.floats("optimum", optimum, "…", "n")
    return percent_above(objective.double().mean(-1), optimum.double().mean(-1))


def percent_above(F: Tensor, best: Tensor) -> Tensor:
    """Return how far F lies above the best one, in % of that, entry by entry; 0 where both are 0."""
    share = (F - best) / best.clamp_min(torch.finfo(torch.float64).tiny)
    return torch.where(best > 0, 100 * share, 0.0)


def rank(x: Tensor, codes: Tensor, atoms: Tensor, lam: float, optimum: Tensor) -> Tensor:
    """Return by the one ruler how far codes (…, n, d_s) of x (n, d_x) with their atoms (d_x, d_s) lie from the optimum, in %:
    (…).

    That is the mean of their honest objective above the mean of `optimum` (n,), in % of the latter. `optimum` is the
    certified F* of x on the dictionary that all solvers share. Better atoms get below zero. Atoms that are merely longer
    gain nothing, because the honest objective charges for their norms.
    """
    return excess(objective_along(x, codes, atoms, lam), optimum)


def distances(x: Tensor, codes: Tensor, atoms: Tensor, lam: float, optimum: Tensor) -> Tensor:
    """Return the distances of single samples, in %, of which `rank` is the mean weighted by F*: (…, n). 0 for rows of zeros."""
    F = objective_along(x, codes, atoms, lam)
    arguments.floats("optimum", optimum, "n")
    if len(optimum) != len(x):
        raise ValueError(
            f"optimum must be (n,), one for each of the {len(x)} samples, got {tuple(optimum.shape)}"
        )
    return percent_above(F, optimum.double())


def subset(n: int, most: int = SPREAD) -> Tensor:
    """Return the rows over which a spread is shown: all of n, or `most` of them, drawn with seed 0 and in ascending order."""
    return torch.randperm(n, generator=torch.Generator().manual_seed(0))[:most].sort().values


def classifier(
    train: Images, codes: Tensor, strengths: tuple[float, ...] = (0.1, 1.0, 10.0, 100.0)
):
    """Fit logistic regression to codes (n, d_s) of `train`, and return scikit-learn's pipeline and the C that it was fitted with.

    Codes are scaled to unit variance. C is chosen among `strengths` on the last fifth of the rows, and the regression is
    fitted once more on all of them; one value skips the search. It uses one BLAS thread, because several are ten times
    slower at this size.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits  # a package that scikit-learn needs as well

    x, y = codes.cpu().numpy(), _labels(train)
    count = len(x) - len(x) // 5

    def fit(C: float, rows: slice):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=300))
        return model.fit(x[rows], y[rows])

    with threadpool_limits(1, "blas"):
        best = strengths[0]
        if len(strengths) > 1:
            best = max(strengths, key=lambda C: fit(C, slice(count)).score(x[count:], y[count:]))
        return fit(best, slice(None)), best


def logistic_regression(train: Images, codes: Tensor, test: Images, test_codes: Tensor) -> float:
    """Return the share of test labels that logistic regression on the codes predicts, in [0, 1] (`classifier`)."""
    return float(classifier(train, codes)[0].score(test_codes.cpu().numpy(), _labels(test)))


def _labels(images: Images) -> np.ndarray:
    """Return the labels (n,) int64; raise ValueError where the data have none."""
    if images.labels is None:
        raise ValueError(
            f"{images.name} has no labels that could be predicted: use data with labels"
        )
    return images.labels.numpy()


@torch.no_grad()
def encode(
    solver: Solver, x: Tensor, lam: float, batch_size: int = 4096, steps: int | None = None
) -> Tensor:
    """Return codes (n, d_s) of x, batch by batch, after `steps` iterations (default: the solver's own number)."""
    arguments.floats("x", x, "n", "d_x")
    return torch.cat([solver(rows, lam, steps) for rows in x.split(batch_size)])


@torch.no_grad()
def beyond(
    solver: Solver,
    x: Tensor,
    lam: float,
    horizons: Sequence[int],
    batch_size: int = 256,
    guard: int | None = None,
) -> Tensor:
    """Return how far the codes after each number of iterations in `horizons` lie above exact codes on the solver's own
    dictionary, normalised, in %: (len(horizons), 2) float64.

    The first column is the mean of F − F* over the samples in % of the mean F*, the second the worst sample's (F − F*)/F*.
    nan and infinity where the codes are not finite. F is `lasso.honest_objective`, F* is exact to 1e-5. `guard`: the
    safeguard acts after so many iterations, where a number is given.
    """
    B, costs, optima = solver.dictionary.double(), [], []
    for rows in x.split(batch_size):
        cell = solver if guard is None else Safeguard(solver, rows, lam, guard)
        states, rows = unroll(cell, rows, lam, max(horizons), record=True), solver.centred(rows)
        codes = torch.stack([states[steps].codes for steps in horizons])
        costs.append(objective_along(rows, codes, B, lam))
        atoms = lasso.normalised(B)
        optima.append(_optimum(rows.double(), atoms, lam, solver.traits.positive, tol=1e-5))
    F, best = torch.cat(costs, dim=1), torch.cat(optima)
    return torch.stack((excess(F, best), percent_above(F, best).amax(1)), dim=1)


def yardsticks(
    solver: Solver, x: Tensor, lam: float, B: Tensor, converged: Tensor | None = None
) -> dict[str, Any]:
    """Return, by their names, the mean honest F of the solver's codes of x, and how far it lies, in %, from three optima.

    `rank`: exact codes on `B` (d_x, d_s), the dictionary that all solvers share. `above_own`: exact codes on the solver's
    own dictionary, ≥ 0 where its codes are. `above_converged`: exact codes on `converged` (d_x, d_s), a dictionary learned
    to convergence at this λ, which nothing beats but by learning error. `distances` (n,): those of single samples behind
    `rank`.
    """
    atoms, codes, shared = solver.dictionary.detach(), encode(solver, x, lam), _optimum(x, B, lam)
    x = solver.centred(x).detach()
    F = objective_along(x, codes, atoms, lam)
    best = _optimum(x, lasso.normalised(atoms), lam, solver.traits.positive)
    numbers = {
        "F": F.mean().item(),
        "rank": excess(F, shared).item(),
        "distances": percent_above(F, shared.double()),
        "above_own": excess(F, best).item(),
    }
    if converged is not None:
        numbers["above_converged"] = excess(F, _optimum(x, converged, lam)).item()
    return numbers


def _optimum(x: Tensor, B: Tensor, lam: float, positive: bool = False, tol: float = 1e-4) -> Tensor:
    """Return F* of every row of x, (n,), with `positive` that of codes ≥ 0."""
    return lasso.objective(x, lasso.solve(x, B, lam, tol=tol, positive=positive).codes, B, lam)
