"""Three ways to obtain W_e (d_s, d_s) and W_d (d_s, d_x), which the solvers share.

    tied        W_d = τBᵀ, W_e = I − τBᵀB                           ISTA's own, Eq. (6); only B can be learned
    plain       W_d and W_e are free and B = W_dᵀ/τ                 the paper's, Eq. (8)–(10)
    corrected   W_d = κτBᵀ + Δ_d, W_e = I − W_d B + Δ_e             ours: B and corrections that start at zero

τ = 1/‖B₀‖₂² belongs to the dictionary that a learned solver started from. It is kept and never recomputed, except in
`tied`, where it follows B.

Learned thresholds, one an atom, are here as well:   θ_j = λκτ exp(a_j + v_j z),   z = log₁₀λ + 1

With `norm`, a typical ‖x‖, every brightness is the same to a solver: with α = ‖x‖/norm, z = log₁₀(λ/α) + 1, kept in
[−1.5, 1]. What x enters in another way than linearly, a gate say, it enters as x/α, and s as s/α. The codes of αx at αλ
are then α times those of x at λ for every α > 0, as exact codes are.
"""

from functools import cache, partial
from typing import Any, NamedTuple
from weakref import proxy

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import _get_current_dispatch_mode

from sc2viz import arguments, lasso

WIDEST = 512  # atoms of weights whose matrices are kept, in about 1 MB
LEVELS = (
    -1.5,
    1.0,
)  # of z: λ/α from .003 to 1, as in training; a picture so dim that λ/α exceeds 1 has hardly a code


class Matrices(NamedTuple):
    W_e: Tensor
    W_d: Tensor
    step: Tensor  # τ, or κτ: what λ is multiplied by in the threshold
    W_m: Tensor | None = None  # LFISTA's second matrix, on s⁽ᵗ⁻²⁾


def step_size(B: Tensor) -> Tensor:
    """Return the step τ = 1/‖B‖₂²; 1 for a dictionary of zeros, where the step does not matter."""
    L = lasso.lipschitz(B.detach())
    return torch.where(L > 0, 1 / L, 1.0)


def learn_thresholds(solver: nn.Module, B: Tensor, preset: str, norm: float | None = None) -> None:
    """Give `solver` its `norm` and the parameters of `thresholds`, a and v (d_s,), which start at 0, so that θ = λκτ.

    v is the preset "recommended"'s alone. It came with the second version of that recipe; a file from before has no v and
    loads as if it were 0.
    """
    if norm is not None:
        arguments.positive("norm", norm)
        if preset != "recommended":
            raise ValueError(
                f"norm belongs to the preset recommended, got it with {preset}: leave it out"
            )
    solver.norm = norm
    solver.a = nn.Parameter(B.new_zeros(B.shape[1]))
    solver.v = None
    if preset == "recommended":
        solver.v = nn.Parameter(torch.zeros_like(solver.a))
        solver.register_load_state_dict_pre_hook(_add_missing_v)


def _add_missing_v(solver: nn.Module, state: dict[str, Tensor], prefix: str, *_) -> None:
    """Add a v of zeros to the numbers `state` that `solver` is about to load, where a file from before v has none."""
    state.setdefault(prefix + "v", torch.zeros_like(solver.v))


def brightness(x: Tensor, norm: float | None) -> Tensor | None:
    """Return α = ‖x‖/norm of every row of x (n, d_x): (n, 1), 1 for a row of zeros. None without `norm`."""
    if norm is None:
        return None
    length = x.norm(dim=1, keepdim=True)
    return torch.where(length > 0, length / norm, 1.0)


def level(lam: Tensor, alpha: Tensor | None = None) -> Tensor:
    """Return z = log₁₀(λ/α) + 1 of λ, () or (n, 1), within `LEVELS` where there is an α (n, 1)."""
    return torch.log10(lam) + 1 if alpha is None else (torch.log10(lam / alpha) + 1).clamp(*LEVELS)


def thresholds(solver: nn.Module, lam: Tensor, step: Tensor, alpha: Tensor | None = None) -> Tensor:
    """Return the learned thresholds θ at λ, () or (n, 1), with the step κτ and the brightness `alpha` (n, 1): (d_s,) or
    (n, d_s)."""
    exponent = solver.a if solver.v is None else solver.a + solver.v * level(lam, alpha)
    return lam * step * torch.exp(exponent)


def clip_(atoms: Tensor, dim: int, bound: Tensor | float = 1.0) -> None:
    """Scale the vectors along `dim` whose norm is above `bound` to that norm, in place."""
    norm = atoms.norm(dim=dim, keepdim=True)
    atoms.mul_((bound / norm).clamp_max(1))  # a zero atom: bound / 0 = inf, clipped to 1


class Weights(nn.Module):
    """`dictionary` (d_x, d_s), `matrices()`, and `project_()` onto the unit ball."""

    dictionary: Tensor

    def matrices(self) -> Matrices:
        """Return W_e, W_d, the step and where there is one W_m, as the parameters give them now."""
        raise NotImplementedError

    def project_(self) -> None:
        """Bring the atoms into the unit ball, in place."""
        raise NotImplementedError

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return the groups, as `Solver.parameter_groups` has them, of parameters with a learning rate of their own."""
        atoms = [parameter for parameter in self.parameters() if parameter is self.dictionary]
        return [{"params": atoms, "atoms": True}] if atoms else []

    def keep_dictionary_(self, keep: bool) -> None:
        """Hold `dictionary` as it is now while the parameters learn, or with keep=False let it follow them; nothing happens where
        they do not determine it."""


def keep_matrices(weights: Weights) -> None:
    """Let `weights.matrices` compute its matrices only once, for weights that change no more, but not for a dictionary of more
    than `WIDEST` atoms, nor while somebody watches the operations. A deep copy of the weights would have the matrices of the
    original."""
    if weights.dictionary.shape[1] <= WIDEST:
        # A cycle would keep the weights in memory for a while.
        compute = partial(type(weights).matrices, proxy(weights))
        compute_once = cache(compute)
        weights.matrices = lambda: (  # type: ignore[method-assign]
            compute() if _get_current_dispatch_mode() else compute_once()
        )


class Tied(Weights):
    """The weights of ISTA, FISTA and adaptive ISTA. Every call computes τ, W_e and W_d from B; τ has no gradient."""

    def __init__(self, B: Tensor):
        super().__init__()
        self.B = nn.Parameter(B.clone())

    @property
    def dictionary(self) -> Tensor:
        return self.B

    def matrices(self) -> Matrices:
        tau = step_size(self.B)
        W_d = tau * self.B.T
        return Matrices(_identity(self.B) - W_d @ self.B, W_d, tau)

    def project_(self) -> None:
        clip_(self.B.data, 0)


class Plain(Weights):
    """The paper's weights: free matrices that start at ISTA's, and a decoder tied to the encoder, B = W_dᵀ/τ (Eq. 9).

    Regressing codes trains W_d away from the dictionary that the codes belong to, which is then `kept`.
    """

    def __init__(self, B: Tensor, momentum: bool = False):
        super().__init__()
        self.register_buffer("tau", step_size(B))
        self.encoder = nn.Parameter(
            (self.tau * B.T).contiguous()
        )  # as a file has it: layout decides rounding
        self.recurrent = nn.Parameter(_identity(B) - self.tau * B.T @ B)
        self.momentum = nn.Parameter(self.recurrent.detach().clone()) if momentum else None
        self.register_buffer("kept", None)

    @property
    def dictionary(self) -> Tensor:
        return self.encoder.T / self.tau if self.kept is None else self.kept

    @torch.no_grad()
    def keep_dictionary_(self, keep: bool) -> None:
        self.kept = self.dictionary.clone(memory_format=torch.contiguous_format) if keep else None

    def matrices(self) -> Matrices:
        return Matrices(self.recurrent, self.encoder, self.tau, self.momentum)

    def parameter_groups(self) -> list[dict[str, Any]]:
        return [
            {"params": [self.encoder], "scale": float(self.tau), "atoms": True}
        ]  # W_d = τBᵀ moves by τ of what B does

    def project_(self) -> None:
        clip_(self.encoder.data, 1, self.tau)


class Corrected(Tied):
    """Our weights: B, and corrections of ISTA's matrices that start at zero. The gradient flows through B in both matrices.

    κ scales the step (κ = 2 with an input gate of ½ is ISTA's step again, over-relaxed and damped).
    """

    def __init__(self, B: Tensor, kappa: float = 1.0, momentum: bool = False):
        super().__init__(B)
        if not 1 <= kappa < float("inf"):
            raise ValueError(f"kappa must be ≥ 1 and finite, got {kappa:g}")
        self.register_buffer("tau", step_size(B))
        self.register_buffer("kappa", torch.as_tensor(kappa, dtype=B.dtype))
        size = B.shape[1]
        self.delta_d = nn.Parameter(B.new_zeros(size, len(B)))
        self.delta_e = nn.Parameter(B.new_zeros(size, size))
        self.delta_m = nn.Parameter(B.new_zeros(size, size)) if momentum else None

    def matrices(self) -> Matrices:
        W_d = self.kappa * self.tau * self.B.T + self.delta_d
        ista = _identity(self.B) - W_d @ self.B
        W_m = None if self.delta_m is None else ista + self.delta_m
        return Matrices(ista + self.delta_e, W_d, self.kappa * self.tau, W_m)

    def parameter_groups(self) -> list[dict[str, Any]]:
        return [*super().parameter_groups(), {"params": [self.delta_d], "scale": 0.5}]


def _identity(B: Tensor) -> Tensor:
    """Return I (d_s, d_s) in the precision and on the device of B (d_x, d_s)."""
    return torch.eye(B.shape[1], dtype=B.dtype, device=B.device)
