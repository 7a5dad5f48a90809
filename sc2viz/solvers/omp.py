"""OMP, orthogonal matching pursuit: one more atom an iteration, and the best codes on those (Pati et al. 1993; Eq. 1).

    r = x − B s⁽ᵗ⁻¹⁾,    j = argmax_j |b_jᵀ r| / ‖b_j‖,    S⁽ᵗ⁾ = S⁽ᵗ⁻¹⁾ ∪ {j}
    s⁽ᵗ⁾ = argmin ‖x − B s‖ with support in S⁽ᵗ⁾

T counts atoms. A sample is done at ‖r‖ ≤ ε, or where no atom is left that helps. With the Gram matrix G = BᵀB and
G_SS = L Lᵀ, an atom adds one row to L, and Bᵀr = Bᵀx − G_{·S} s_S (Rubinstein, Zibulevsky & Elad 2008).
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from sc2viz.solvers.cell import Solver, State
from sc2viz.solvers.registry import register
from sc2viz.solvers.traits import Traits
from sc2viz.solvers.weights import Tied


class OMPDrive(NamedTuple):
    projection: Tensor  # Bᵀx, (n, d_s)
    square: Tensor  # ‖x‖², (n,)
    gram: Tensor  # BᵀB, (d_s, d_s)
    norms: Tensor  # ‖b_j‖, (d_s,); 1 for an atom of zeros, which is never free


class FactorRows:
    """The rows of L and the entries of L⁻¹Bᵀx and of the atoms, with room for more; `used` are written. They only grow, so
    that all states of a run share them. Where a sample got no further atom, L has a row of the identity, and y is 0."""

    def __init__(self, n: int, room: int, like: Tensor):
        self.L, self.y = like.new_zeros(n, room, room), like.new_zeros(n, room)
        self.atoms, self.used = torch.zeros(n, room, dtype=torch.int64, device=like.device), 0
        self.alive = torch.zeros(n, room, dtype=torch.bool, device=like.device)

    def copy(self, size: int) -> "FactorRows":
        """The first `size` rows, with room for as many again."""
        twin = FactorRows(len(self.y), max(8, 2 * size), self.y)
        twin.L[:, :size, :size], twin.y[:, :size] = self.L[:, :size, :size], self.y[:, :size]
        twin.atoms[:, :size], twin.alive[:, :size], twin.used = (
            self.atoms[:, :size],
            self.alive[:, :size],
            size,
        )
        return twin


class Factor(NamedTuple):
    """L, L⁻¹Bᵀx and the atoms: the first `size` rows count. A row stands still where a sample got no further atom."""

    rows: FactorRows
    size: int
    taken: Tensor  # (n, d_s) the atoms that may not be chosen

    @classmethod
    def empty(cls, drive: OMPDrive) -> "Factor":
        taken = drive.gram.diagonal().expand_as(drive.projection) <= 0
        return cls(FactorRows(len(drive.projection), 8, drive.projection), 0, taken)

    def with_atom(self, atom: Tensor, wanted: Tensor, drive: OMPDrive) -> "Factor":
        """One more atom (n,) for the samples where it is `wanted` (n,) and does not depend on those that are there."""
        k, column, own = self.size, atom[:, None], drive.gram.diagonal()[atom]
        rows = self.rows if self.rows.used == k < self.rows.y.shape[1] else self.rows.copy(k)
        among = torch.where(rows.alive[:, :k], drive.gram[rows.atoms[:, :k], column], 0)
        row = torch.linalg.solve_triangular(rows.L[:, :k, :k], among[..., None], upper=False)[
            ..., 0
        ]
        pivot = own - row.square().sum(1)
        wanted = wanted & (pivot > 10 * torch.finfo(pivot.dtype).eps * own)
        pivot = torch.where(wanted, pivot, 1).sqrt()
        row = torch.where(wanted[:, None], row, 0)
        rows.L[:, k, :k], rows.L[:, k, k], rows.alive[:, k] = row, pivot, wanted
        rest = drive.projection.gather(1, column)[:, 0] - (row * rows.y[:, :k]).sum(1)
        rows.y[:, k], rows.atoms[:, k], rows.used = (
            torch.where(wanted, rest / pivot, 0),
            atom,
            k + 1,
        )
        return Factor(rows, k + 1, self.taken.scatter(1, column, True))

    def values(self) -> Tensor:
        """The best codes on the atoms, (n, size)."""
        k = self.size
        return torch.linalg.solve_triangular(
            self.rows.L[:, :k, :k].mT, self.rows.y[:, :k, None], upper=True
        )[..., 0]


class Factored(State):
    """A state with the factor that made its codes, and their values on its atoms. They are no fields: where others replace
    the codes, they are gone."""

    factor: Factor | None = None
    values: Tensor | None = None


@register
class OMP(Solver):
    name, label = "omp", "OMP"
    summary = "One more atom an iteration, the one most like what is left; then the best codes on all of them."
    equation = (
        r"\begin{gathered} j = \arg\max_j\; \lvert b_j^\top r\rvert / \lVert b_j\rVert,\quad r = x - B\, s^{(t-1)} \\ "
        r"S^{(t)} = S^{(t-1)} \cup \{j\} \\ s^{(t)} = \arg\min_s\; \lVert x - B\, s\rVert_2 \quad\text{with support in } "
        r"S^{(t)} \end{gathered}"
    )
    source = "Eq. (1); Pati, Rezaiifar & Krishnaprasad 1993"
    traits = Traits(uses_lambda=False, aims_at="sparsity", counts="atoms", family="greedy")

    def __init__(
        self, B: Tensor, steps: int = 10, classes: int | None = None, *, epsilon: float = 0.0
    ):
        """`epsilon`: a sample gets no further atom once ‖x − B s‖ ≤ ε."""
        super().__init__(Tied(B), steps, classes)
        if not (epsilon >= 0 and math.isfinite(epsilon)):
            raise ValueError(f"epsilon must be ≥ 0 and finite, got {epsilon}")
        self.epsilon = epsilon

    def search(self) -> dict:
        return {"kind": "omp", "epsilon": self.epsilon}

    @torch.no_grad()
    def drive(self, x: Tensor, lam: Tensor) -> OMPDrive:
        B = self.dictionary
        gram = B.T @ B
        norms = gram.diagonal().sqrt()
        return OMPDrive(x @ B, x.square().sum(1), gram, torch.where(norms > 0, norms, 1))

    def start(self, x: Tensor) -> Factored:
        return Factored(*super().start(x))

    @torch.no_grad()
    def step(self, state: State, drive: OMPDrive) -> Factored:
        factor = getattr(state, "factor", None)
        if factor is None:
            factor = _factor_of(state.codes, drive)
            fitted = state.codes @ drive.gram if factor.size else torch.zeros_like(state.codes)
            left = drive.projection - fitted  # Bᵀr
            square = drive.square - (state.codes * (drive.projection + left)).sum(1)  # ‖r‖²
        else:
            atoms = factor.rows.atoms[:, : factor.size]
            fitted = embedding_bag(atoms, drive.gram, mode="sum", per_sample_weights=state.values)
            left = torch.sub(drive.projection, fitted, out=fitted)
            square = drive.square - factor.rows.y[:, : factor.size].square().sum(1)
        floor = 10 * torch.finfo(left.dtype).eps * drive.square
        best, atom = left.abs_().div_(drive.norms).masked_fill_(factor.taken, -1).max(1)
        factor = factor.with_atom(
            atom, (square > floor.clamp_min(self.epsilon**2)) & (best > 0), drive
        )
        values = factor.values()
        codes = torch.zeros_like(drive.projection).scatter_add_(
            1, factor.rows.atoms[:, : factor.size], values
        )
        after = Factored(state.t + 1, codes)
        after.factor, after.values = factor, values
        return after


def _factor_of(codes: Tensor, drive: OMPDrive) -> Factor:
    """The factor for the support of `codes`, whatever made them."""
    factor = Factor.empty(drive)
    count = int((codes != 0).sum(1).max()) if len(codes) else 0
    sizes, atoms = codes.abs().topk(count, dim=1)
    for k in range(count):
        factor = factor.with_atom(atoms[:, k], sizes[:, k] > 0, drive)
    return factor._replace(taken=factor.taken & ((codes != 0) | (drive.gram.diagonal() <= 0)))
