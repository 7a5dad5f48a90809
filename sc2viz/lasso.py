"""The problem that every solver here works on, and the exact solver that tells how far from its optimum they stay.

    F(s) = ½‖x − B s‖² + λ‖s‖₁,    ‖b_j‖ ≤ 1                                  (Eq. 4, with the ½ that Eq. 6 implies)

The paper writes samples as columns; here they are rows: `x (n, d_x)`, `codes (n, d_s)`, and `B (d_x, d_s)` whose
columns are the atoms b_j, so that the reconstruction is `codes @ B.T`. λ is a float or one value a sample, `(n,)`.
"""

from __future__ import annotations

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from sc2viz.device import threads

FLOAT32_FLOOR = 3e-5  # a relative duality gap that float32 still reaches on every sample; below it: float64
BATCH = 1024  # samples at a time: the working set of one iteration stays in the cache
SYSTEMS = 2**22  # numbers in the linear systems that are solved at a time, 32 MB
STUBBORN = 1000  # iterations after which a sample's regularisation path is followed instead


def as_lambda(lam: float | Tensor, x: Tensor) -> Tensor:
    """λ like `x`: a scalar, or a column (n, 1); ValueError unless it is one positive finite number, or n of them."""
    if not x.is_floating_point():
        raise ValueError(f"x must be of floating point, got {x.dtype}: divide bytes by 255")
    lam = torch.as_tensor(lam, dtype=x.dtype, device=x.device)
    if lam.ndim > 1 or (lam.ndim == 1 and len(lam) != len(x)):
        raise ValueError(f"lam must be one number or one for each of the {len(x)} samples, got {tuple(lam.shape)}")
    wrong = ~((lam > 0) & torch.isfinite(lam))
    if wrong.any():
        raise ValueError(f"lam must be > 0, got {lam[wrong].flatten()[0].item():g}")
    return lam[:, None] if lam.ndim else lam


def check(x: Tensor, B: Tensor) -> None:
    """ValueError unless `x (n, d_x)` fits `B (d_x, d_s)` and both are finite."""
    if x.ndim != 2 or B.ndim != 2:
        raise ValueError(f"x and B must be matrices (n, d_x) and (d_x, d_s), got {tuple(x.shape)} and {tuple(B.shape)}")
    if x.shape[1] != B.shape[0]:
        raise ValueError(f"x has {x.shape[1]} columns and the atoms of B have {B.shape[0]} entries: they must agree")
    if not B.shape[1]:
        raise ValueError(f"B must have at least one atom, got {tuple(B.shape)}")
    for name, value in (("x", x), ("B", B)):
        if not torch.isfinite(value).all():
            raise ValueError(f"{name} must be finite, got NaN or infinity: clean or rescale it first")


def objective(x: Tensor, codes: Tensor, B: Tensor, lam: float | Tensor) -> Tensor:
    """F(s) of every sample, (n,). With atoms outside the unit ball this is "the loss as printed", Eq. (10) with ½.

    ValueError unless x (n, d_x), codes (n, d_s) and B (d_x, d_s) agree in shape and precision.
    """
    if codes.shape != (len(x), B.shape[1]) or x.shape[1:] != B.shape[:1] or not x.dtype == codes.dtype == B.dtype:
        found = ", ".join(f"{tuple(part.shape)} {part.dtype}" for part in (x, codes, B))
        raise ValueError(f"x (n, d_x), codes (n, d_s) and B (d_x, d_s) must agree in shape and precision, got {found}")
    residual = x - codes @ B.T
    return 0.5 * residual.square().sum(1) + (as_lambda(lam, x) * codes.abs()).sum(1)


def honest_objective(x: Tensor, codes: Tensor, B: Tensor, lam: float | Tensor) -> Tensor:
    """½‖x − B s‖² + λ Σ_j ‖b_j‖ |s_j|, (n,): F of the same reconstruction on unit-norm atoms. Large atoms gain nothing."""
    return objective(x, codes * B.norm(dim=0), normalised(B), lam)


def normalised(B: Tensor) -> Tensor:
    """B with every atom scaled to norm 1; a zero atom stays zero."""
    return functional.normalize(B, dim=0)


def lambda_max(x: Tensor, B: Tensor) -> Tensor:
    """The smallest λ at which the codes are all zero, ‖Bᵀx‖_∞, (n,)."""
    return (x @ B).abs().amax(1)


def lipschitz(B: Tensor) -> Tensor:
    """L = ‖B‖₂², the Lipschitz constant of the gradient of ½‖x − B s‖²: a scalar tensor. ISTA steps by τ = 1/L."""
    gram = B @ B.T if B.shape[0] < B.shape[1] else B.T @ B
    if gram.device.type == "mps":  # which has no eigenvalues
        return torch.linalg.eigvalsh(gram.cpu())[-1].clamp_min(0).to(B.device)
    return torch.linalg.eigvalsh(gram)[-1].clamp_min(0)


def duality_gap(x: Tensor, codes: Tensor, B: Tensor, lam: float | Tensor) -> Tensor:
    """F(s) minus the dual at the residual scaled into feasibility, (n,), absolute: an upper bound on F(s) − F*.

    The dual of F is max ½‖x‖² − ½‖x − ν‖² over ‖Bᵀν‖_∞ ≤ λ, here at ν = c r with r = x − B s and
    c = min(1, λ/‖Bᵀr‖_∞). Computed in the precision of `x`: pass float64 for a bound worth quoting.
    """
    residual = x - codes @ B.T
    return _gap(codes, residual @ B, residual.square().sum(1), as_lambda(lam, x).expand(len(x), 1))


def _gap(codes: Tensor, correlation: Tensor, residual_square: Tensor, lam: Tensor) -> Tensor:
    # ½‖r‖² + λ‖s‖₁ − c⟨x, r⟩ + ½c²‖r‖² with ⟨x, r⟩ = ‖r‖² + ⟨s, Bᵀr⟩: no large terms left to cancel
    scale = (lam[:, 0] / correlation.abs().amax(1)).clamp_max(1)
    fit = 0.5 * (1 - scale).square() * residual_square
    return (fit + (lam * codes.abs() - scale[:, None] * codes * correlation).sum(1)).clamp_min(0)


_PATH = threading.Lock()


class NotConverged(UserWarning):
    """`solve` stopped at its limit of iterations before every sample's gap was within the tolerance."""


class Solution(NamedTuple):
    """Codes with their proof. `converged` tells, sample by sample, whether `gap` came within the tolerance."""

    codes: Tensor  # (n, d_s)
    gap: Tensor  # (n,) float64: duality gap at `codes`, relative to F there; 0 for a zero picture
    iterations: int  # the most that any sample took
    converged: Tensor  # (n,) bool


def solve(x: Tensor, B: Tensor, lam: float | Tensor, *, tol: float = 1e-4, max_iterations: int = 5000,
          start: Tensor | None = None) -> Solution:  # fmt: skip
    """Exact codes: argmin F for every row of `x`, each proved by a duality gap ≤ `tol`, relative to F at the answer.

    Alternating direction method of multipliers (Boyd et al. 2011, §6.4) on the Gram matrix: one small matrix product an
    iteration, and finished samples leave the batch. What is slow to finish is also tried on its support, where the
    optimum solves a linear system, and at last along its regularisation path. However the codes were found, only the
    gap, taken in float64, lets them go.

    x (n, d_x), B (d_x, d_s); `start` (n, d_s): codes to begin from; `max_iterations`: reached, it is flagged in
    `converged` and warned of (`NotConverged`). The codes come back as `x.dtype`, or as float64 for a `tol` below 3e-5,
    which float32 cannot reach; gaps are always float64. ValueError for bad shapes, λ ≤ 0, tol ≤ 0 or values not finite.
    """
    check(x, B)
    if not tol > 0:
        raise ValueError(f"tol must be > 0, got {tol:g}")
    if max_iterations < 0:
        raise ValueError(f"max_iterations must be ≥ 0, got {max_iterations}")
    if start is not None and start.shape != (len(x), B.shape[1]):
        raise ValueError(f"start must be ({len(x)}, {B.shape[1]}), one row of codes a sample, got {tuple(start.shape)}")
    if start is not None and not torch.isfinite(start).all():
        raise ValueError("start must be finite, got NaN or infinity: leave it out")
    precision = torch.float64 if tol < FLOAT32_FLOOR else x.dtype
    device = x.device
    where = torch.device("cpu") if device.type == "mps" else device  # no float64 on MPS, so no certificate there
    weights = as_lambda(lam, x).expand(len(x), 1).to(where).double()
    x, atoms = x.detach().to(where), B.detach().to(where).double()
    codes = torch.empty(len(x), B.shape[1], dtype=precision, device=where)
    gap = torch.empty(len(x), dtype=torch.float64, device=where)
    gram, inference = atoms.T @ atoms, torch.is_inference_mode_enabled()

    @torch.inference_mode(inference)  # as it is here, so in a thread of the pool
    def code(rows: Tensor) -> int:
        pictures = x[rows].double()
        batch = _Open(rows, pictures @ atoms, pictures.square().sum(1), weights[rows])
        begin = torch.zeros_like(batch.projection) if start is None else start.detach().to(where)[rows].double()
        return _admm(batch, gram, begin, precision, tol, max_iterations, codes, gap)

    # A thread a batch: its products are too small to be shared, and threads that wait for each other lose on a busy machine.
    workers = min(torch.get_num_threads(), -(-len(x) // BATCH)) if where.type == "cpu" else 1
    with threads(1 if workers > 1 else torch.get_num_threads()), ThreadPoolExecutor(max(workers, 1)) as pool:
        batches = torch.arange(len(x), device=where).split(BATCH)
        iterations = max(pool.map(code, batches) if workers > 1 else map(code, batches))
    converged = gap <= tol
    if not converged.all():
        warnings.warn(
            f"{int((~converged).sum())} of {len(x)} samples are above tol = {tol:g} after {max_iterations} iterations "
            f"(worst gap {gap.max():.1e}): raise max_iterations or tol, or pass float64",
            NotConverged,
            stacklevel=2,
        )
    if precision != torch.float64:  # which not every device has
        codes = codes.to(device)
    return Solution(codes, gap, iterations, converged)


@dataclass(frozen=True)
class _Open:
    """The samples still being solved: their rows in the answer, Bᵀx, ‖x‖² and λ."""

    rows: Tensor  # (m,)
    projection: Tensor  # (m, d_s)
    square: Tensor  # (m,)
    lam: Tensor  # (m, 1)

    def __getitem__(self, kept: Tensor) -> _Open:
        return _Open(self.rows[kept], self.projection[kept], self.square[kept], self.lam[kept])

    def to(self, precision: torch.dtype) -> _Open:
        return _Open(self.rows, *(part.to(precision) for part in (self.projection, self.square, self.lam)))

    def relative_gap(self, codes: Tensor, gram: Tensor) -> Tensor:
        correlation = self.projection - codes @ gram
        residual_square = (self.square - (codes * (self.projection + correlation)).sum(1)).clamp_min(0)
        value = 0.5 * residual_square + (self.lam * codes.abs()).sum(1)
        gap = _gap(codes, correlation, residual_square, self.lam)
        return torch.where(gap == 0, 0, gap / value.clamp_min(torch.finfo(value.dtype).tiny))  # what overflows stays nan

    def on_support(self, codes: Tensor, gram: Tensor) -> Tensor:
        """The optimum if signs of `codes` are those of the answer: G_SS s_S = B_Sᵀx − λ sign(s_S), zero elsewhere."""
        rows = max(1, SYSTEMS // gram.numel())
        if len(codes) > rows:
            parts = torch.arange(len(codes), device=codes.device).split(rows)
            return torch.cat([self[part].on_support(codes[part], gram) for part in parts])
        sign = codes.sign()
        inside = sign != 0
        system = gram * (inside[:, :, None] & inside[:, None, :]) + torch.diag_embed((~inside).double())
        wanted = (self.projection - self.lam * sign) * inside
        return (torch.linalg.pinv(system, hermitian=True) @ wanted[:, :, None])[:, :, 0] * inside

    def on_path(self, gram: Tensor) -> Tensor:
        """The optimum at the end of its regularisation path (LARS, Efron et al. 2004): slow, sample by sample, exact.

        Of atoms that are multiples of each other only the longest enters; the path would break off at the second.
        All is divided by λ before, for the path ends within an absolute 1e-7 of the λ asked for.
        """
        from sklearn.linear_model import lars_path_gram  # here: it takes seconds to import, and is seldom wanted

        square = gram.diagonal()
        ahead = (square[:, None] > square) | ((square[:, None] == square) & torch.ones_like(gram).triu(1).bool())
        multiple = gram.square() >= (1 - 1e-12) * square[:, None] * square
        kept = ((~(ahead & multiple)).all(0) & (square > 0)).nonzero()[:, 0].cpu()
        system, answer = gram.cpu()[kept][:, kept].numpy(), torch.zeros_like(self.projection, device="cpu")
        samples = zip(self.projection.cpu()[:, kept], self.lam[:, 0].tolist(), strict=True)
        for row, (projection, lam) in enumerate(samples):
            with _PATH, warnings.catch_warnings():  # the filters belong to all threads
                warnings.simplefilter("ignore")  # of early stopping: the gap decides
                path = lars_path_gram(projection.numpy() / lam, system, n_samples=1, alpha_min=1.0, method="lasso",
                                      max_iter=10 * len(kept), return_path=False)  # fmt: skip
            answer[row, kept] = lam * torch.from_numpy(path[2])
        return answer.to(gram.device)


def _admm(batch: _Open, gram: Tensor, z: Tensor, precision: torch.dtype, tol: float, max_iterations: int,
          codes: Tensor, gap: Tensor, *, relax: float = 1.7, every: int = 5, patience: int = 100) -> int:  # fmt: skip
    """Solve one batch from the codes `z` into its rows of `codes` and `gap`; returns the iterations taken.

        s = (G + ρI)⁻¹(Bᵀx + ρ(z − u)),   v = relax·s + (1 − relax)·z + u,   u = clip(v, ±λ/ρ),   z = v − u

    z, which is v shrunk by λ/ρ, carries the zeros. Gaps are looked at every few iterations, first in the precision of
    the iterations; after 2, 4, 8, … such looks ρ is moved towards balanced primal and dual residuals.
    """
    values, vectors = torch.linalg.eigh(gram)
    rho = 0.7 * values.mean().item() or 1.0
    u = (batch.projection - z @ gram).clamp(-batch.lam, batch.lam) / rho
    z, u = z.to(precision), u.to(precision)
    sketch, sketch_gram = batch.to(precision), gram.to(precision)
    s = before = z
    for k in range(max_iterations + 1):
        if k % every == 0 or k == max_iterations:
            last, tried = k == max_iterations, k > 0 and k % patience == 0
            answer, reached = z, sketch.relative_gap(z, sketch_gram).double()
            near = (reached <= tol) | (last or tried)
            if near.any():
                reached[near] = batch[near].relative_gap(z[near].double(), gram)
            if tried:
                trial = (batch.on_path(gram) if k == STUBBORN else batch.on_support(z.double(), gram)).to(precision)
                trial_gap = batch.relative_gap(trial.double(), gram)
                answer = torch.where((trial_gap < reached)[:, None], trial, z)
                reached = torch.fmin(trial_gap, reached)
            balance = 1.0
            if k > every and (k // every).bit_count() == 1:
                balance = _balance((s - z).norm() / z.norm(), (z - before).norm() / u.norm())
            done = (reached <= tol) | last
            codes[batch.rows[done]], gap[batch.rows[done]] = answer[done], reached[done]
            if done.all():
                return k
            if done.any():
                batch, sketch, z, u = batch[~done], sketch[~done], z[~done], u[~done]
            if k == 0 or balance != 1:
                rho, u = rho * balance, u / balance
                inverse = (vectors / (values + rho)) @ vectors.T
                fixed, inverse = (batch.projection @ inverse).to(precision), inverse.to(precision)
            elif done.any():
                fixed = fixed[~done]
            threshold = sketch.lam / rho
            if (threshold == threshold[0]).all():
                threshold = threshold[0].item()  # clamp is several times faster with a number than with a column
        before = z
        s = torch.addmm(fixed, z - u, inverse, alpha=rho)
        v = torch.lerp(z, s, relax).add_(u)
        u = v.clamp(-threshold, threshold)
        z = v - u
    raise AssertionError("the last look returns")


def _balance(primal: Tensor, dual: Tensor) -> float:
    """The factor that ρ is moved by, 2√(primal/dual residual); 1 when it is close to that or not to be had.

    The 2, like ρ's start and the relaxation, is what took the fewest iterations on MNIST for λ from 0.01 to 0.5.
    """
    factor = 2 * (primal / dual).sqrt().item()
    return factor if 0.01 < factor < 0.8 or 1.25 < factor < 100 else 1.0
