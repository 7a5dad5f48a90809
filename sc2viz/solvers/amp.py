"""AMP, approximate message passing: ISTA with steps of length 1 and a memory of its error (Donoho, Maleki & Montanari 2009).

    v⁽ᵗ⁾ = x − B s⁽ᵗ⁻¹⁾ + (1/d_x) ‖s⁽ᵗ⁻¹⁾‖₀ v⁽ᵗ⁻¹⁾,    v⁽⁰⁾ = 0
    s⁽ᵗ⁾ = sh_{θ_t}(s⁽ᵗ⁻¹⁾ + Bᵀv⁽ᵗ⁾),    θ_t = α ‖v⁽ᵗ⁾‖₂/√d_x

The last term of v, Onsager's, keeps what is wrong in s + Bᵀv like white noise of the standard deviation ‖v‖/√d_x, if the
entries of B are independent and of variance 1/d_x: `analysis.state_evolution` then says the error of every iteration. On
other dictionaries it may run away. By default α is the minimax one of d_x/d_s (onsager.py). It has no λ; where it comes to
rest with norms of 1, it solves the Lasso for λ = θ (1 − ‖s‖₀/d_x).
"""

import math

from torch import Tensor

from sc2viz.solvers.interface import Tied, Traits, register
from sc2viz.solvers.onsager import MessagePassing, MessageState, minimax


@register
class AMP(MessagePassing):
    name, label = "amp", "AMP"
    summary = "ISTA with a residual that remembers, so that its error looks like white noise."
    equation = (
        r"\begin{gathered} s^{(t)} = h_{\theta_t}\bigl(s^{(t-1)} + B^\top v^{(t)}\bigr),\quad "
        r"\theta_t = \alpha\, \lVert v^{(t)}\rVert_2/\sqrt{d_x} \\ "
        r"v^{(t)} = x - B\, s^{(t-1)} + \tfrac{1}{d_x}\lVert s^{(t-1)}\rVert_0\, v^{(t-1)} \end{gathered}"
    )
    source = "Donoho, Maleki & Montanari 2009"
    remarks = "It is made for atoms with independent entries; on others it may run away."
    traits = Traits(uses_lambda=False, aims_at="code", evolution=True)

    def __init__(
        self, B: Tensor, steps: int = 10, classes: int | None = None, *, alpha: float | None = None
    ):
        """`alpha`: the threshold in units of ‖v‖/√d_x; the minimax one of d_x/d_s by default."""
        super().__init__(Tied(B), steps, classes)
        if alpha is not None and not 0 <= alpha < math.inf:
            raise ValueError(
                f"alpha, of the threshold, must be ≥ 0 and finite, got {alpha}: leave it out for the default"
            )
        self.alpha = minimax(B, self.label) if alpha is None else float(alpha)

    def step(self, state: MessageState, drive: Tensor) -> MessageState:
        return self.pass_on(state, drive, self.dictionary, self.alpha)
