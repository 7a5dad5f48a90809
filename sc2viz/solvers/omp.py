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
from torch.nn.functional import embedding_bag, pad

from sc2viz.solvers.interface import Solver, State, Tied, Traits, register


class OMPDrive(NamedTuple):
    projection: Tensor  # Bᵀx, (n, d_s)
    square: Tensor  # ‖x‖², (n,)
    gram: Tensor  # BᵀB, (d_s, d_s)


class Factor(NamedTuple):
    """L, L⁻¹Bᵀx and the atoms of k iterations. Where a sample got no further atom, L has a row of the identity, and y is 0."""

    L: Tensor  # (n, k, k)
    y: Tensor  # (n, k)
    atoms: Tensor  # (n, k)
    alive: Tensor  # (n, k) whether the sample got that atom
    taken: Tensor  # (n, d_s) the atoms that may not be chosen
    values: Tensor  # (n, k) the best codes on the atoms

    def with_atom(self, atom: Tensor, is_open: Tensor, drive: OMPDrive) -> "Factor":
        """Return the factor with one more atom (n,), which only those samples get where it `is_open` (n,) and does not depend on
        the atoms that are there."""
        column, square = atom[:, None], drive.gram.diagonal()[atom]
        among = torch.where(self.alive, drive.gram[self.atoms, column], 0)
        row = torch.linalg.solve_triangular(self.L, among[..., None], upper=False)[..., 0]
        pivot = square - row.square().sum(1)
        takes = is_open & (pivot > 10 * torch.finfo(pivot.dtype).eps * square)
        pivot = torch.where(takes, pivot, 1).sqrt()
        row = torch.where(takes[:, None], row, 0)
        y = drive.projection.gather(1, column)[:, 0] - (row * self.y).sum(1)
        L = pad(self.L, (0, 1, 0, 1))
        L[:, -1] = torch.cat((row, pivot[:, None]), 1)
        y = torch.cat((self.y, torch.where(takes, y / pivot, 0)[:, None]), 1)
        atoms, alive = (
            torch.cat((self.atoms, column), 1),
            torch.cat((self.alive, takes[:, None]), 1),
        )
        values = torch.linalg.solve_triangular(L.mT, y[..., None], upper=True)[..., 0]
        return Factor(L, y, atoms, alive, self.taken.scatter(1, column, True), values)


class Factored(State):
    """A state with the factor that made its codes. It is no field: where others replace the codes, it is gone. The first step
    from a state takes it along, because all factors of a run need much memory."""

    factor: Factor | None = None


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
        return OMPDrive(x @ B, x.square().sum(1), B.T @ B)

    def start(self, x: Tensor) -> Factored:
        return Factored(*super().start(x))

    @torch.no_grad()
    def step(self, state: State, drive: OMPDrive) -> Factored:
        factor = getattr(state, "factor", None)
        if factor is None:
            factor = _factor_of(state.codes, drive)
            correlations = drive.projection - state.codes @ drive.gram  # Bᵀr
            square = drive.square - (state.codes * (drive.projection + correlations)).sum(1)  # ‖r‖²
        else:
            fitted = embedding_bag(
                factor.atoms, drive.gram, mode="sum", per_sample_weights=factor.values
            )
            correlations = torch.sub(drive.projection, fitted, out=fitted)
            square = drive.square - factor.y.square().sum(1)
            state.factor = None
        floor = 10 * torch.finfo(square.dtype).eps * drive.square
        cosines = correlations.abs_().div_(drive.gram.diagonal().sqrt())
        best, atom = cosines.masked_fill_(factor.taken, -1).max(1)  # atoms of zeros are taken
        is_open = (square > floor.clamp_min(self.epsilon**2)) & (best > 0)
        factor = factor.with_atom(atom, is_open, drive)
        codes = torch.zeros_like(drive.projection).scatter_add_(1, factor.atoms, factor.values)
        new = Factored(state.t + 1, codes)
        new.factor = factor
        return new


def _factor_of(codes: Tensor, drive: OMPDrive) -> Factor:
    """Return the factor for the support of `codes`, whatever made them."""
    y, L = codes[:, :0], codes.new_zeros(len(codes), 0, 0)
    are_zeros = drive.gram.diagonal().expand_as(codes) <= 0
    factor = Factor(L, y, y.long(), y.bool(), are_zeros, y)
    count = int((codes != 0).sum(1).max()) if len(codes) else 0
    sizes, atoms = codes.abs().topk(count, dim=1)
    for k in range(count):
        factor = factor.with_atom(atoms[:, k], sizes[:, k] > 0, drive)
    return factor._replace(taken=factor.taken & (codes != 0) | are_zeros)
