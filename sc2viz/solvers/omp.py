"""OMP, orthogonal matching pursuit: one more atom an iteration, and the best codes on those (Pati et al. 1993; Eq. 1).

    r = x − B s⁽ᵗ⁻¹⁾,    j = argmax_j |b_jᵀ r| / ‖b_j‖,    S⁽ᵗ⁾ = S⁽ᵗ⁻¹⁾ ∪ {j}
    s⁽ᵗ⁾ = argmin ‖x − B s‖ with support in S⁽ᵗ⁾

T counts atoms. A sample is done at ‖r‖ ≤ ε, or where no atom is left that helps. With the Gram matrix G = BᵀB and
G_SS = L Lᵀ, an atom adds one row to L (Rubinstein, Zibulevsky & Elad 2008).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from sc2viz.solvers.cell import Solver, State
from sc2viz.solvers.traits import Traits
from sc2viz.solvers.weights import Tied


class Drive(NamedTuple):
    projection: Tensor  # Bᵀx, (n, d_s)
    square: Tensor  # ‖x‖², (n,)
    gram: Tensor  # BᵀB, (d_s, d_s)
    factor: Factor  # what the last iteration left for the next one


class Factor:
    """L, L⁻¹Bᵀx and the atoms of the codes that it was made for; a row stands still where a sample got no further atom."""

    def __init__(self, projection: Tensor, gram: Tensor):
        self.projection, self.gram, self.size, self.codes = projection, gram, 0, None
        self.L, self.y = projection.new_zeros(len(projection), 8, 8), projection.new_zeros(len(projection), 8)
        self.atoms = torch.zeros_like(self.y, dtype=torch.int64)
        self.free = gram.diagonal().expand_as(projection) > 0  # the atoms that may be chosen

    def add(self, atom: Tensor, wanted: Tensor) -> None:
        """One more atom (n,) for the samples where it is `wanted` (n,) and does not depend on those that are there."""
        k, column = self.size, atom[:, None]
        if k == self.y.shape[1]:
            self.L = functional.pad(self.L, (0, k, 0, k))
            self.y, self.atoms = (functional.pad(part, (0, k)) for part in (self.y, self.atoms))
        own = self.gram.diagonal()[atom]
        among = torch.where(self.L.diagonal(dim1=1, dim2=2)[:, :k] > 0, self.gram[self.atoms[:, :k], column], 0)
        row = torch.linalg.solve_triangular(self._lower(k), among[..., None], upper=False)[..., 0]
        pivot = own - row.square().sum(1)
        wanted = wanted & (pivot > 10 * torch.finfo(pivot.dtype).eps * own)
        pivot = torch.where(wanted, pivot, 1).sqrt()
        row = torch.where(wanted[:, None], row, 0)
        self.L[:, k, :k], self.L[:, k, k] = row, torch.where(wanted, pivot, 0)
        rest = self.projection.gather(1, column)[:, 0] - (row * self.y[:, :k]).sum(1)
        self.y[:, k], self.atoms[:, k], self.size = torch.where(wanted, rest / pivot, 0), atom, k + 1
        self.free = self.free.scatter(1, column, False)

    def solve(self) -> Tensor:
        """The best codes (n, d_s) on the atoms."""
        k = self.size
        found = torch.linalg.solve_triangular(self._lower(k).mT, self.y[:, :k, None], upper=True)[..., 0]
        self.codes = torch.zeros_like(self.projection).scatter_add_(1, self.atoms[:, :k], found)
        return self.codes

    def _lower(self, k: int) -> Tensor:
        """L (n, k, k), with 1 on the diagonal of rows that stand still."""
        L = self.L[:, :k, :k]
        return L + torch.diag_embed((L.diagonal(dim1=1, dim2=2) == 0).to(L))


class OMP(Solver):
    name, label = "omp", "OMP"
    summary = "One more atom an iteration, the one most like what is left; then the best codes on all of them."
    equation = (
        r"\begin{gathered} j = \arg\max_j\; \lvert b_j^\top r\rvert / \lVert b_j\rVert,\quad r = x - B\, s^{(t-1)},\quad "
        r"S^{(t)} = S^{(t-1)} \cup \{j\} \\ s^{(t)} = \arg\min_s\; \lVert x - B\, s\rVert_2 \quad\text{with support in } "
        r"S^{(t)} \end{gathered}"
    )
    source = "Eq. (1); Pati, Rezaiifar & Krishnaprasad 1993"
    traits = Traits(uses_lambda=False, aims_at="sparsity", counts="atoms")

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None, *, epsilon: float = 0.0):
        """`epsilon`: a sample gets no further atom once ‖x − B s‖ ≤ ε."""
        super().__init__(Tied(B), steps, classes)
        if not (epsilon >= 0 and math.isfinite(epsilon)):
            raise ValueError(f"epsilon must be ≥ 0 and finite, got {epsilon}")
        self.epsilon = epsilon

    @torch.no_grad()
    def drive(self, x: Tensor, lam: Tensor) -> Drive:
        B = self.dictionary
        projection, gram = x @ B, B.T @ B
        return Drive(projection, x.square().sum(1), gram, Factor(projection, gram))

    @torch.no_grad()
    def step(self, state: State, drive: Drive) -> State:
        factor = drive.factor
        if factor.codes is not state.codes:  # codes from elsewhere, or the start
            factor = _factor_of(state.codes, drive)
        left = drive.projection - state.codes @ drive.gram  # Bᵀr
        square = drive.square - (state.codes * (drive.projection + left)).sum(1)  # ‖r‖²
        floor = 10 * torch.finfo(left.dtype).eps * drive.square
        gain = torch.where(factor.free, left.abs() / drive.gram.diagonal().sqrt(), -1)
        best, atom = gain.max(1)
        factor.add(atom, (square > floor.clamp_min(self.epsilon**2)) & (best > 0))
        drive.factor.__dict__.update(factor.__dict__)
        return State(state.t + 1, drive.factor.solve())


def _factor_of(codes: Tensor, drive: Drive) -> Factor:
    """The factor for the support of `codes`, whatever made them."""
    factor = Factor(drive.projection, drive.gram)
    count = int((codes != 0).sum(1).max()) if len(codes) else 0
    sizes, atoms = codes.abs().topk(count, dim=1)
    for k in range(count):
        factor.add(atoms[:, k], sizes[:, k] > 0)
    factor.free = factor.free | ((codes == 0) & (drive.gram.diagonal() > 0))
    return factor
