"""CD, coordinate descent: one code after the other is set to its best value; an iteration is a sweep over all atoms.

    s_j ← sh_λ(‖b_j‖² s_j + b_jᵀ r) / ‖b_j‖²,    r = x − B s,    j = 1, …, d_s

It is what scikit-learn's Lasso does (Fu 1998; Friedman, Hastie & Tibshirani 2010). Bᵀr is kept up to date by the Gram matrix
BᵀB. F falls at every step, and no step size is needed.
"""

import torch
from torch import Tensor

from sc2viz.solvers.interface import Solver, State, Tied, register


@register
class CD(Solver):
    name, label = "cd", "CD"
    summary = "One code after the other is set to its best value, in sweeps over all atoms."
    equation = (
        r"s_j \leftarrow h_\lambda\bigl(\lVert b_j\rVert^2 s_j + b_j^\top (x - B\, s)\bigr) / \lVert b_j\rVert^2,\qquad "
        r"j = 1, \dots, d_s \text{ in each iteration}"
    )
    source = "Fu 1998; Friedman, Hastie & Tibshirani 2010"

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None):
        super().__init__(Tied(B), steps, classes)

    @torch.no_grad()
    def drive(self, x: Tensor, lam: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return Bᵀx (n, d_s), BᵀB (d_s, d_s), and λ, () or (n,)."""
        B = self.dictionary
        return x @ B, B.T @ B, lam.flatten() if lam.ndim else lam

    @torch.no_grad()
    def step(self, state: State, drive: tuple[Tensor, Tensor, Tensor]) -> State:
        projection, gram, lam = drive
        # Bᵀr: samples are columns, so that the correlations of an atom are contiguous.
        correlations = (projection - state.codes @ gram).T.contiguous()
        s = state.codes.T.clone()
        for j, square in enumerate(gram.diagonal().tolist()):
            if square > 0:
                c = torch.add(correlations[j], s[j], alpha=square)
                change = (c - c.clamp(-lam, lam)).div_(square).sub_(s[j])
                s[j] += change
                correlations.addr_(gram[:, j], change, alpha=-1)
        return State(state.t + 1, s.T.contiguous())
