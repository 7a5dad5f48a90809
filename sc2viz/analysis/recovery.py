"""How well codes agree with the codes that data were made of, which are known where we made the data ourselves."""

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from sc2viz import evaluation, lasso
from sc2viz.analysis import refitting
from sc2viz.data import Images
from sc2viz.solvers import Solver, failing, finite

# Below the largest λ_max: the search for the best λ goes down to one after the other
DECADES = 2, 3.25, 4, 5
A_DECADE = 16  # λ that are tried
FIRST_SIGNALS = 6  # samples, which say sooner than all of them that λ must be smaller
PRICES = 24  # λ, over three decades, among which a solver's own is chosen


def best_lambda(x: Tensor, B: Tensor, truth: Tensor) -> float:
    """Return the λ whose exact codes have the least NMSE, to three digits, found on `lasso.path`, which has all λ at once.

    x (n, d_x), B (d_x, d_s), truth (n, d_s). λ falls from the largest λ_max until the NMSE has risen again. Tune it on other
    samples than those on which it is used.
    """
    top = float(lasso.lambda_max(x, B).max())
    first = truth.any(1).argsort(descending=True, stable=True)[:FIRST_SIGNALS]
    for decades in DECADES:
        lams = np.geomspace(10.0**-decades * top, top, round(A_DECADE * decades) + 1).tolist()
        if decades == DECADES[-1] or _best_index(x[first], B, truth[first], lams):
            best = _best_index(x, B, truth, lams)
            if best:
                break
    return float(f"{lams[best]:.3g}")


def _best_index(x: Tensor, B: Tensor, truth: Tensor, lams: list[float]) -> int:
    """Return which of the rising λ has the exact codes with the least NMSE; 0 where it may be less below them."""
    return int(evaluation.nmse(lasso.path(x, B, lams[0]).at_lambdas(lams), truth).argmin())


class ExactCodes(NamedTuple):
    """What the codes that minimise F at λ are beside the true ones, as means over the signals."""

    lam: float
    tuned: int  # the signals on which λ was tuned, none of which these are
    objective: np.ndarray  # (n,) F*
    nmse: float  # dB
    alarms: float  # false alarms a code
    missed: float  # atoms that are in the true code alone, a code
    shrunk: float  # by how much smaller the weights of hits are than the true ones, a share
    oracle: float  # the NMSE of least squares on the true support
    cheaper: (
        float  # the share of signals as in `_share_cheaper`; 0 where others have most of the error
    )


def exact(tuning: Images, images: Images) -> ExactCodes:
    """Return how the exact codes of `images` compare with the true ones, at the λ whose exact codes have the least NMSE on the
    signals `tuning` of the same atoms."""
    B, x, truth = images.dictionary, images.pixels, images.codes
    lam = best_lambda(tuning.pixels, B, tuning.codes)
    codes = lasso.solve(x, B, lam, tol=1e-6).codes
    F = lasso.objective(x, codes, B, lam)
    both = evaluation.in_use(codes) & (truth != 0)
    shrunk = 1 - float(codes.abs()[both].sum() / truth.abs()[both].sum()) if both.any() else 0.0
    marked = (truth != 0).float()  # in use, however small the true weights are
    oracle = float(evaluation.nmse(refitting.refitted(x, marked, B), truth))
    counts = evaluation.agreement(codes, truth)
    alarms, missed = (float(values.double().mean()) for values in (counts.alarms, counts.missed))
    error = float(evaluation.nmse(codes, truth))
    cheaper = _share_cheaper(codes.double(), truth.double(), B.double())
    return ExactCodes(lam, len(tuning), F.numpy(), error, alarms, missed, shrunk, oracle, cheaper)


def _share_cheaper(codes: Tensor, truth: Tensor, B: Tensor) -> float:
    """Return of how many signals, a share, another code makes what the true one makes, at a smaller ℓ1 norm; 0 unless `codes`
    have most of their squared error there. That code is the nearest one to `codes` that makes the same, so that where the
    share is not 0, F is shown to prefer another code to the true one, whatever λ and the noise are."""
    rivals = codes + (truth - codes) @ B.T @ torch.linalg.pinv(B).T
    cheaper = rivals.abs().sum(1) < (1 - 1e-6) * truth.abs().sum(1)
    errors = (codes - truth).square().sum(1)
    return float(cheaper.double().mean()) if errors[cheaper].sum() > errors.sum() / 2 else 0.0


@torch.no_grad()
def layer_codes(solver: Solver, x: Tensor, lam: float | Tensor, layers: int, size: int) -> Tensor:
    """Return the codes of x (n, d_x) after each layer 0 … `layers`, of `size` iterations: (layers + 1, n, d_s). `Failed` where
    they are not finite."""
    return finite(solver, solver.trace(x, lam, steps=layers * size).codes[::size], first=0)


def own_lambda(solver: Solver, tuning: Images, layers: int, size: int) -> float:
    """Return that of `PRICES` λ, to three digits, at which the codes of a solver after its last layer have the least NMSE on
    `tuning`, signals that are not shown."""
    top = float(lasso.lambda_max(tuning.pixels, tuning.dictionary).max())
    lams, n = np.geomspace(1e-3 * top, top, PRICES), len(tuning)
    rows = tuning.pixels.repeat(PRICES, 1), torch.tensor(lams).float().repeat_interleave(n)
    codes = layer_codes(solver, *rows, layers, size)[-1].reshape(PRICES, n, -1)
    return float(f"{lams[int(evaluation.nmse(codes, tuning.codes).argmin())]:.3g}")


class LayerCourse(NamedTuple):
    """A solver's means over all signals after each layer."""

    nmse: np.ndarray  # dB
    excess: np.ndarray  # %, how far F is above the optimum
    hits: np.ndarray  # a code, as the next two
    missed: np.ndarray
    alarms: np.ndarray
    spread: np.ndarray  # `evaluation.QUANTILES` of the signals' own NMSE after the last layer, dB


def course(
    solver: Solver, images: Images, best: ExactCodes, lam: float, layers: int, size: int = 1
) -> LayerCourse:
    """Return what each layer of a solver at λ reaches. F is that of the λ of `best`, whatever λ the solver has."""
    x, truth, optimum = images.pixels, images.codes, torch.from_numpy(best.objective)
    codes = layer_codes(solver, x, lam, layers, size)
    excess = evaluation.rank(x, codes, solver.dictionary.detach(), best.lam, optimum).numpy()
    agreement = evaluation.agreement(codes, truth)
    means = (counts.double().mean(-1).numpy() for counts in agreement)
    errors = nmse_of_samples(codes[-1], truth)
    shares = errors.new_tensor(evaluation.QUANTILES)
    spread = torch.quantile(errors[~errors.isnan()], shares).numpy()
    return LayerCourse(evaluation.nmse(codes, truth), excess, *means, spread)


class _Counter(TorchDispatchMode):
    """Counts the operations of products with dictionaries of d_s atoms in `total`: those that `FlopCounterMode` counts, and
    others, as OMP computes Bᵀr and its codes by `embedding_bag` and triangles."""

    def __init__(self, d_s: int) -> None:
        super().__init__()
        self.d_s, self.total, aten = d_s, 0, torch.ops.aten

        def bag(rows: Tensor, index: Tensor, *_: object, **__: object) -> int:
            return (
                2 * len(index) * rows.shape[1]
            )  # for a sum of rows (m, d) that `index` (k,) names, with weights

        self.formulas = flop_registry | {
            aten.mm: lambda a, b, **_: self._of_product(a, b),
            aten.addmm: lambda added, a, b, **_: self._of_product(a, b),
            aten._embedding_bag: bag,
            aten._embedding_bag_forward_only: bag,
            aten.linalg_solve_triangular: lambda L, *_, **__: (
                math.prod(L.shape[:-1]) * (L.shape[-1] + 1)
            ),  # (n, k, k)
        }

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else torch imports its compiler for this, which takes two seconds

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        kwargs = kwargs or {}
        with self:
            result = func.decompose(*args, **kwargs)
        if result is NotImplemented:
            result = func(*args, **kwargs)
            formula = self.formulas.get(func.overloadpacket)
            self.total += formula(*args, **kwargs, out_val=result) if formula else 0
        return result

    def _of_product(self, a: Tensor, b: Tensor) -> int:
        """Return the operations of a @ b. Where `a` (n, k·d_s) holds k codes beside each other, those that are all zero need
        none, such as s⁽⁰⁾."""
        (n, columns), wide = a.shape, self.d_s if a.shape[1] % self.d_s == 0 else a.shape[1]
        blocks = a.reshape(n, columns // wide, wide).ne(0).any(2).any(0)
        needed = int(blocks.sum()) if b.any() else 0
        return 2 * n * needed * wide * b.shape[1]


@torch.no_grad()
def multiplications(solver: Solver, steps: int) -> list[int]:
    """Return the multiplications in matrix products, and in systems of equations that are triangles, which one more signal costs
    until each number of iterations 0 … `steps` is done, counted in runs on a row of noise and on the same row twice.

    What is computed of the dictionary alone, once for all signals, does not count, and a gate counts like a matrix of its
    size. Neither does a product with s⁽⁰⁾ = 0, so that T iterations of ISTA cost d_x d_s + (T − 1) d_s². They are counted at
    a hundredth of λ_max, where later codes are not zero.
    """
    D = solver.dictionary
    x = torch.randn(1, len(D), generator=torch.Generator().manual_seed(0)).to(D)
    lam = lasso.as_lambda(lasso.lambda_max(solver.centred(x), D).item() / 100 or 1.0, x)

    def counted(rows: Tensor) -> list[int]:
        with failing.name_failures(solver), _Counter(D.shape[1]) as counter:
            drive, state = solver.drive(rows, lam), solver.start(rows)
            counts = [counter.total // 2]
            for _ in range(steps):
                state = solver.step(state, drive)
                counts.append(counter.total // 2)
        return counts

    counts, double = counted(x), counted(x.repeat(2, 1))
    return [second - first for first, second in zip(counts, double, strict=True)]


def nmse_of_samples(codes: Tensor, truth: Tensor) -> Tensor:
    """Return each sample's own NMSE in dB, (n,): codes and truth (n, d_s). NaN where the truth is zero."""
    truth = truth.double()
    error, energy = (values.square().sum(1) for values in (codes.double() - truth, truth))
    return 10 * torch.log10(error / energy.where(energy > 0, torch.nan))
