"""The problem that the solvers approximate, its duality gap, and the exact solver, which certifies every sample by its gap.

    F(s) = ½‖x − B s‖² + λ‖s‖₁,    ‖b_j‖ ≤ 1                                  (Eq. 4, with the ½ that Eq. 6 implies)

The paper writes samples as columns; here they are rows: `x (n, d_x)`, `codes (n, d_s)`, and `B (d_x, d_s)` whose
columns are the atoms b_j, so that the reconstruction is `codes @ B.T`. λ is a float or one value a sample, `(n,)`.
"""

import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sc2viz import arguments
from sc2viz.exact import ahead, gaps, methods
from sc2viz.exact.task import Task

FLOAT32_FLOOR = 3e-5  # From this `tol` on, codes of float32 data are float32; rounding may leave a gap above a smaller one.


def as_lambda(lam: float | Tensor, x: Tensor) -> Tensor:
    """Return λ as a tensor like `x`: a scalar, or a column (n, 1). ValueError unless it is one positive finite number, or n of
    them, and x is float32 or float64."""
    arguments.floats("x", x)
    if isinstance(lam, Tensor):
        arguments.tensor("lam", lam)
    try:
        if lam.is_complex() if isinstance(lam, Tensor) else np.iscomplexobj(lam):
            raise ValueError  # torch would leave out the imaginary part
        lam = torch.as_tensor(lam, dtype=x.dtype, device=x.device).resolve_neg()
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise ValueError(
            f"lam must be one number or one for each of the {len(x)} samples, got {lam!r}"
        ) from None
    if lam.shape not in ((), (len(x),)):
        raise ValueError(
            f"lam must be one number or one for each of the {len(x)} samples, got {tuple(lam.shape)}"
        )
    wrong = ~((lam > 0) & (lam < torch.inf))
    if wrong.any():
        raise ValueError(f"lam must be > 0, got {lam[wrong].flatten()[0].item():g}")
    return lam[:, None] if lam.ndim else lam


def check(x: Tensor, B: Tensor) -> None:
    """Raise ValueError unless `x (n, d_x)` fits `B (d_x, d_s)`, and both are finite and float32 or float64."""
    _check_shapes(x, B)
    arguments.finite("x", x)
    arguments.finite("B", B)


def _check_shapes(x: Tensor, B: Tensor) -> None:
    """Raise ValueError unless x (n, d_x) and B (d_x, d_s) are float32 or float64 and agree in d_x, with at least one atom."""
    arguments.floats("x", x, "n", "d_x")
    arguments.floats("B", B, "d_x", "d_s")
    if x.shape[1] != len(B) or not B.shape[1]:
        raise ValueError(
            f"x (n, d_x) and B (d_x, d_s) must agree in d_x, with at least one atom, got {tuple(x.shape)} and "
            f"{tuple(B.shape)}"
        )


def check_dictionary(B: Tensor) -> None:
    """Raise ValueError unless `B` is a finite matrix (d_x, d_s) of float32 or float64 that is not empty."""
    arguments.floats("B", B)
    shape = tuple(B.shape)
    if B.ndim != 2 or not B.numel() or not arguments.is_finite(B):
        problem = "NaN or infinity" if B.ndim == 2 and B.numel() else shape
        raise ValueError(
            f"B must be a finite matrix (d_x, d_s), got {problem}: atoms are its columns"
        )


def check_mask(x: Tensor, mask: Tensor) -> None:
    """Raise ValueError unless `mask` is boolean and of x's shape (n, d_x)."""
    arguments.tensor("mask", mask)
    if mask.shape != x.shape or mask.dtype != torch.bool:
        raise ValueError(
            f"mask must be bool {tuple(x.shape)} like x, got {mask.dtype} {tuple(mask.shape)}"
        )


def residual(x: Tensor, codes: Tensor, B: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return x − B s, (n, d_x); zero where `mask` is False, whatever x holds there."""
    if mask is None:
        return x - codes @ B.T
    check_mask(x, mask)
    return torch.where(mask, x - codes @ B.T, 0)


def objective(
    x: Tensor, codes: Tensor, B: Tensor, lam: float | Tensor, *, mask: Tensor | None = None
) -> Tensor:
    """Return F(s) of every sample, (n,). With atoms outside the unit ball this is "the loss as printed", Eq. (10) with ½.

    `mask` (n, d_x) bool, True where x was observed: the squares are summed there only.
    float32 beside float64 is widened. ValueError unless x (n, d_x), codes (n, d_s) and B (d_x, d_s) agree in shape.

    >>> import torch
    >>> from sc2viz import lasso
    >>> lasso.objective(torch.tensor([[2.0, 1.0]]), torch.tensor([[1.0, 0.0]]), torch.eye(2), lam=0.5)  # ½ (1 + 1) + 0.5
    tensor([1.5000])
    """
    x, codes, B = _alike(x, codes, B)
    return 0.5 * residual(x, codes, B, mask).square().sum(1) + (
        as_lambda(lam, x) * codes.abs()
    ).sum(1)


def _alike(x: Tensor, codes: Tensor, B: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the three in their widest precision; ValueError unless their shapes agree and all are float32 or float64."""
    check_codes(x, codes, B, "n")
    is_mixed = len({x.dtype, codes.dtype, B.dtype}) > 1
    return (x.double(), codes.double(), B.double()) if is_mixed else (x, codes, B)


def check_codes(x: Tensor, codes: Tensor, B: Tensor, *rows: str) -> None:
    """Raise ValueError unless x (n, d_x), codes (`rows`, d_s), where `rows` are the names of their leading sizes, and B
    (d_x, d_s) are float32 or float64 and agree in shape."""
    arguments.floats("x", x, "n", "d_x")
    arguments.floats("codes", codes, *rows, "d_s")
    arguments.floats("B", B, "d_x", "d_s")
    if codes.shape[-2:] != (len(x), B.shape[1]) or x.shape[1] != len(B):
        shapes = ", ".join(str(tuple(tensor.shape)) for tensor in (x, codes, B))
        names = ", ".join((*rows, "d_s"))
        raise ValueError(
            f"x (n, d_x), codes ({names}) and B (d_x, d_s) must agree in shape, got {shapes}"
        )


def honest_objective(x: Tensor, codes: Tensor, B: Tensor, lam: float | Tensor) -> Tensor:
    """Return ½‖x − B s‖² + λ Σ_j ‖b_j‖ |s_j|, (n,): F of the same reconstruction on unit-norm atoms. Large atoms gain nothing."""
    _, codes, B = _alike(x, codes, B)
    return objective(x, codes * B.norm(dim=0), normalised(B), lam)


def normalised(B: Tensor) -> Tensor:
    """Return B (d_x, d_s) with every atom scaled to norm 1; a zero atom stays zero."""
    arguments.floats("B", B, "d_x", "d_s")
    return functional.normalize(B, dim=0)


def lambda_max(x: Tensor, B: Tensor) -> Tensor:
    """Return the smallest λ at which the codes of x (n, d_x) are all zero, ‖Bᵀx‖_∞, (n,). ValueError as for `check`."""
    check(x, B)
    return ((x @ B) if x.dtype == B.dtype else x.double() @ B.double()).abs().amax(1)


def lipschitz(B: Tensor) -> Tensor:
    """Return L = ‖B‖₂², the Lipschitz constant of the gradient of ½‖x − B s‖²: a scalar tensor. ISTA steps by τ = 1/L.

    ValueError unless B is a finite matrix (d_x, d_s) of float32 or float64.
    """
    check_dictionary(B)
    gram = B @ B.T if B.shape[0] < B.shape[1] else B.T @ B
    gram = gram.cpu() if gram.device.type == "mps" else gram  # MPS has no eigenvalues
    return torch.linalg.eigvalsh(gram)[-1].clamp_min(0).to(B.device)


def duality_gap(
    x: Tensor,
    codes: Tensor,
    B: Tensor,
    lam: float | Tensor,
    *,
    mask: Tensor | None = None,
    positive: bool = False,
) -> Tensor:
    """Return F(s) minus the dual at the residual scaled into feasibility, (n,), absolute: an upper bound on F(s) − F*.

    The dual of F is max ½‖x‖² − ½‖x − ν‖² over ‖Bᵀν‖_∞ ≤ λ, here at ν = c r with r = x − B s and
    c = min(1, λ/‖Bᵀr‖_∞). With `positive`, where codes below zero are not allowed (and have an infinite gap), it is enough
    that b_jᵀν ≤ λ. `mask` (n, d_x) bool: r counts where it is True. Computed in the precision of `x`: pass float64 for a
    bound worth quoting.
    """
    x, codes, B = _alike(x, codes, B)
    r = residual(x, codes, B, mask)
    lam = as_lambda(lam, x).expand(len(x), 1)
    gap = gaps.absolute(codes, r @ B, r.square().sum(1), lam, positive)
    return torch.where((codes < 0).any(1), torch.inf, gap) if positive else gap


class NotConverged(UserWarning):
    """Some samples that `solve` returned have a gap above the tolerance; the warning says what helps."""


class Solution(NamedTuple):
    """Codes with their proof. `converged` tells, sample by sample, whether `gap` came within the tolerance.

    Where atoms nearly depend on each other, the gap of codes in float32 is F there above the dual at the residual before
    rounding. `duality_gap`, which knows the rounded codes alone, may be far larger.
    """

    codes: Tensor  # (n, d_s)
    gap: Tensor  # (n,) float64: a duality gap at `codes`, relative to F there, which bounds (F − F*)/F; 0 for a zero picture
    iterations: int  # the most that any sample took
    converged: Tensor  # (n,) bool


def _check_positive(positive: bool) -> None:
    """Raise ValueError unless `positive` is True or False."""
    if not isinstance(positive, bool | np.bool_):
        raise ValueError(f"positive must be True or False, got {positive!r}")


def solve(
    x: Tensor,
    B: Tensor,
    lam: float | Tensor,
    *,
    tol: float = 1e-4,
    max_iterations: int = 5000,
    start: Tensor | None = None,
    mask: Tensor | None = None,
    positive: bool = False,
) -> Solution:
    """Return exact codes: argmin F for every row of `x`, each proved by a duality gap ≤ `tol`, relative to F at the answer.

    On a CPU the optimum is followed from λ_max down to λ, sample by sample in compiled code (`homotopy`): an iteration is
    an atom that enters or leaves. Where supports can be large, an iteration is a sweep of coordinate descent instead
    (`working_sets`), and for many samples with a small λ one of ADMM (`admm`; Boyd et al. 2011, §6.4), as it is on a GPU.
    What the homotopy leaves, as where atoms nearly depend on each other, SciPy solves (`active_set`), in steps that are not
    counted. However the codes were found, the gap is computed in float64 and holds for the codes returned.

    x (n, d_x), B (d_x, d_s); `start` (n, d_s): codes to begin from, returned as they are if their gap is within `tol`;
    `max_iterations`: a sample that reaches it is flagged in `converged` and warned of (`NotConverged`). `mask` (n, d_x)
    bool, True where x was observed: minimises ½‖M(x − B s)‖² + λ‖s‖₁ and ignores x elsewhere. `positive`: codes ≥ 0. The
    codes come back as float32, or as float64 where x is or for a `tol` below 3e-5. They are always finite: a sample that is
    not solved, and flagged, has the codes of the smallest gap at hand, at worst zeros. Its gap is infinite where ‖x‖² leaves
    the range of float64. ValueError for bad shapes, tol ≤ 0, values not finite, λ ≤ 0 or λ below 1e-10 of a sample's λ_max.

    >>> import torch
    >>> from sc2viz import lasso
    >>> exact = lasso.solve(torch.tensor([[2.0, 0.25, -1.0]]), torch.eye(3), lam=0.5)
    >>> exact.codes.tolist(), exact.converged.tolist()  # the soft threshold, as the atoms are orthonormal
    ([[1.5, 0.0, -0.5]], [True])
    """
    if mask is not None:
        arguments.floats("x", x)
        check_mask(x, mask)
        x = x.masked_fill(~mask, 0)
    _check_shapes(x, B)
    arguments.finite("x", x)
    if mask is not None or B.device.type != "cpu" or ahead.compiling():
        arguments.finite("B", B)  # else `problem.FixedAtoms` looks at B
    arguments.positive("tol", tol)
    arguments.whole_number("max_iterations", max_iterations, 0)
    _check_positive(positive)
    # Compiled code is compiled anew for other types.
    tol, max_iterations, positive = float(tol), int(max_iterations), bool(positive)
    is_single = tol >= FLOAT32_FLOOR and x.dtype == torch.float32
    on_cpu = x.device.type == "mps" or mask is not None  # MPS has no float64
    device = torch.device("cpu") if on_cpu else x.device
    weights = as_lambda(lam, x).detach().expand(len(x), 1)[:, 0].to(device).double()
    # NumPy does not know the bit of a negative view, and torch's own zeros would wake its threads.
    rows, atoms = (tensor.detach().to(device).resolve_neg() for tensor in (x, B))
    codes = torch.from_numpy(np.zeros((len(x), B.shape[1]))).to(device)
    gap = torch.full((len(x),), torch.inf, dtype=torch.float64, device=device)
    observed = None if mask is None else mask.to(device)
    task = Task(
        rows, atoms, weights, codes, gap, tol, max_iterations, positive, is_single, observed
    )
    if start is not None:
        arguments.floats("start", start)
        if start.shape != codes.shape:
            raise ValueError(
                f"start must be {tuple(codes.shape)}, one row of codes a sample, got {tuple(start.shape)}"
            )
        arguments.finite("start", start)
        if positive and (start < 0).any():
            raise ValueError(f"start must be ≥ 0 with positive=True, got {start.min():g}")
        codes.copy_(task.rounded(start.double()))
        methods.mend(task, gap > tol)
    iterations = methods.solve(task)
    if not (gap <= tol).all():
        methods.mend(task, ~(gap <= tol))
    converged = gap <= tol
    if not converged.all():
        remedy = (
            "raise tol or lam" if iterations < max_iterations else "raise max_iterations or tol"
        )
        if is_single:
            remedy += ", or pass x in float64: codes in float32 are rounded, which alone may leave such gaps"
        warnings.warn(
            f"{int((~converged).sum())} of {len(gap)} samples are above tol = {tol:g} after {iterations} iterations "
            f"(worst gap {gap.max():.1e}): {remedy}",
            NotConverged,
            stacklevel=2,
        )
    if x.device.type != "mps":
        device = x.device
    if is_single and codes.is_cpu:  # torch's threads would go on spinning, in the way of others
        codes = torch.from_numpy(codes.numpy().astype(np.float32))
    codes = codes.to(x.device, torch.float32) if is_single else codes.to(device)
    return Solution(codes, gap.to(device), iterations, converged.to(device))


# Every λ at once ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Path:
    """Exact codes for every λ ≥ `lam_min`: at the knots, between which they are linear in λ, and by `at` anywhere."""

    lam: tuple[Tensor, ...]  # n of (k_i,) float64: falling, from the sample's λ_max to lam_min
    codes: tuple[Tensor, ...]  # n of (k_i, d_s) float64
    lam_min: Tensor  # (n,) float64
    complete: Tensor  # (n,) bool: False where the homotopy failed or had too many knots, so that `at` calls `solve`
    x: Tensor  # (n, d_x)
    B: Tensor  # (d_x, d_s)
    positive: bool

    def at(self, lam: float | Tensor) -> Tensor:
        """Return codes (n, d_s), float64, at λ, one number or one a sample: zero above λ_max. ValueError below `lam_min`."""
        return self.at_lambdas(as_lambda(lam, self.x).expand(len(self.x), 1).T)[0]

    def at_lambdas(self, lam: Sequence[float] | Tensor) -> Tensor:
        """Return the codes `at` every λ of k numbers, or of (k, n) with one a sample: (k, n, d_s)."""
        lam = torch.as_tensor(lam, dtype=self.x.dtype).to(self.lam_min)
        lam = (lam if lam.ndim > 1 else lam[:, None]).expand(-1, len(self.x))
        wrong = ~(lam >= self.lam_min)
        if wrong.any():
            raise ValueError(
                f"lam must be ≥ {self.lam_min.expand_as(lam)[wrong][0]:g}, the lam_min of this path, got {lam[wrong][0]:g}: "
                "call path with a smaller lam_min"
            )
        codes = lam.new_zeros(*lam.shape, self.B.shape[1])
        for i, (knots, values) in enumerate(zip(self.lam, self.codes, strict=True)):
            following = torch.searchsorted(-knots, -lam[:, i].contiguous()).clamp_max(
                len(knots) - 1
            )
            previous = (following - 1).clamp_min(0)
            share = (knots[previous] - lam[:, i]) / (knots[previous] - knots[following])
            share = torch.where(following > 0, share, 0)[:, None]
            codes[:, i] = torch.lerp(values[previous], values[following], share)
        missing = ~self.complete
        if missing.any():
            rows = self.x[missing.to(self.x.device)].repeat(len(lam), 1)
            lams = lam[:, missing].flatten().to(self.x)
            exact = solve(rows, self.B, lams, tol=1e-9, positive=self.positive).codes
            codes[:, missing] = exact.to(codes).view(len(lam), -1, self.B.shape[1])
        return codes.clamp_(min=0) if self.positive else codes  # rounding may lead just below zero


def path(x: Tensor, B: Tensor, lam_min: float | Tensor, *, positive: bool = False) -> Path:
    """Return exact codes of every row of `x` for every λ from λ_max down to `lam_min`, one number or one a sample: see `Path`.

    x (n, d_x), B (d_x, d_s). Followed on the CPU in float64 by the homotopy (LARS with drops; `homotopy`), of which every
    knot meets the conditions of optimality within 1e-10 of λ. A sample is not `complete` where they are not met, as with
    atoms that nearly depend on each other, or after 10·min(d_x, d_s) events. `positive`: codes ≥ 0. ValueError for bad
    shapes, values not finite, lam_min ≤ 0 or below 1e-10 of a sample's λ_max.

    >>> import torch
    >>> from sc2viz import lasso
    >>> path = lasso.path(torch.tensor([[2.0, 0.25, -1.0]]), torch.eye(3), lam_min=0.125)
    >>> path.at(0.5).tolist()
    [[1.5, 0.0, -0.5]]
    >>> path.lam[0].tolist()  # the first atom enters at 2, the third at 1, the second at 0.25
    [2.0, 1.0, 0.25, 0.125]
    """
    check(x, B)
    _check_positive(positive)
    device = torch.device("cpu") if x.device.type == "mps" else x.device  # MPS has no float64
    lam = as_lambda(lam_min, x).expand(len(x), 1)[:, 0].detach().cpu().double()
    # NumPy does not know the bit of a negative view.
    arrays = x.detach().cpu().resolve_neg(), B.detach().cpu().resolve_neg()
    paths, complete = methods.paths(*arrays, lam, bool(positive))
    lams, codes = (tuple(path[column].to(device) for path in paths) for column in (0, 1))
    return Path(lams, codes, lam.to(device), complete.to(device), x.detach(), B.detach(), positive)


def warm_up(elsewhere: bool = False, patience: float = 0.0) -> threading.Thread:
    """Compile `solve` and `path` in a background thread, which is returned: seconds, or far less where they are on disk.

    elsewhere: another process compiles what is not on disk yet, and until then `solve` and `path` find their codes without
    compiled code. patience: see `ahead.compile`.
    """
    if elsewhere:
        return ahead.compile(__name__, _compile, patience)
    thread = threading.Thread(target=_compile, name="compile lasso", daemon=True)
    thread.start()
    return thread


def _compile() -> None:
    """Call `path` and `solve` so that every function that they use gets compiled."""
    for kind in (torch.float64, torch.float32):
        unit = torch.ones(1, 1, dtype=kind)
        path(unit, unit, 0.1)
        for n in (2, 64):
            solve(unit.expand(n, 1), unit, 0.1)
        # So many samples, with such a λ and so many knots, that ADMM is taken; and by coordinate descent.
        waves = torch.outer(torch.arange(1, 65), torch.arange(1, 17)).to(kind).cos()
        solve(waves, torch.eye(16, dtype=kind), 1e-4)
        solve(torch.ones(1, 256, dtype=kind), torch.eye(256, dtype=kind), 0.5)


if __name__ == "__main__":  # `python -m sc2viz.lasso` compiles, for `warm_up(elsewhere=True)`
    with ahead.alone():
        _compile()
