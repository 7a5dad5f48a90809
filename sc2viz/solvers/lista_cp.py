"""LISTA-CP: a matrix and a threshold of its own for every layer, the matrix coupled to B (Chen, Liu, Wang & Yin 2018).

    s⁽ᵗ⁾ = h(s⁽ᵗ⁻¹⁾ + W_tᵀ(x − B s⁽ᵗ⁻¹⁾))        h: shrinkage at θ_t, with or without support selection (selection.py)

A network that comes to rest at the true code must have this form, so that it learns one matrix where LISTA has two. It is
trained for the true codes of one sparsity and noise, and has no λ. It starts as ISTA at λ = 0.4, or with ALISTA's matrix.
"""

from torch import Tensor, nn

from sc2viz.solvers.analytic import coupled
from sc2viz.solvers.interface import Solver, State, Tied, Traits, Variant, register, step_size
from sc2viz.solvers.selection import threshold

START = 0.4  # θ/τ at the start, as in the authors' code


@register
class LISTACP(Solver):
    name, label = "lista-cp", "LISTA-CP"
    summary = "A learned matrix and a learned threshold in every layer."
    equation = r"s^{(t)} = h_{\theta_t}\bigl(s^{(t-1)} + W_t^\top (x - B\, s^{(t-1)})\bigr)"
    source = "Chen, Liu, Wang & Yin 2018"
    remarks = (
        "With support selection, the largest codes that pass $\\theta_t$ are not shrunk by it."
    )
    traits = Traits(
        learned=True,
        untrained="equals ISTA at λ = 0.4",
        uses_lambda=False,
        aims_at="code",
        variants=(Variant("selection", "support selection", {"selection": True}, "recovery"),),
    )
    rate_scales = {"W": 0.5, "log_theta": 50.0}

    def __init__(
        self,
        B: Tensor,
        steps: int = 10,
        classes: int | None = None,
        *,
        selection: bool = False,
        analytic: bool = False,
    ):
        """`selection`: the largest codes are not shrunk. `analytic`: every W_t starts as ALISTA's W instead of as τB."""
        super().__init__(Tied(B), steps, classes)
        tau, self.selection = step_size(B), selection
        W = coupled(B, self.label) if analytic else tau * B
        self.W = nn.Parameter(W.expand(steps, -1, -1).clone())
        self.log_theta = nn.Parameter((START * tau).log().expand(steps).clone())

    def step(self, state: State, drive: Tensor) -> State:
        layer = min(state.t, len(self.W) - 1)
        candidate = state.codes + (drive - state.codes @ self.dictionary.T) @ self.W[layer]
        theta = self.log_theta[layer].exp()
        codes = threshold(candidate, theta, state.t + 1, self.selection)
        return State(state.t + 1, codes, candidate=candidate)
