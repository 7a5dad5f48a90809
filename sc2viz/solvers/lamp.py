"""LAMP: AMP with a learned matrix, length and threshold in every layer (Borgerding, Schniter & Rangan 2017).

    v⁽ᵗ⁾ = x − B s⁽ᵗ⁻¹⁾ + (β_{t−1}/d_x) ‖s⁽ᵗ⁻¹⁾‖₀ v⁽ᵗ⁻¹⁾,    v⁽⁰⁾ = 0
    s⁽ᵗ⁾ = β_t sh_{θ_t}(s⁽ᵗ⁻¹⁾ + W_tᵀv⁽ᵗ⁾),    θ_t = α_t ‖v⁽ᵗ⁾‖₂/√d_x

This is the paper's LAMP-ℓ1 with a matrix of its own in every layer ("untied"). It starts as AMP: W_t = B, β_t = 1, and the
minimax α. (The authors' code, github.com/mborgerding/onsager_deep_learning, starts at W = B/(1.01‖B‖₂²) and α = 1.) It is
trained for the true codes of one sparsity and noise, and has no λ.
"""

from torch import Tensor, nn

from sc2viz.solvers.amp import AMP, MessageState
from sc2viz.solvers.interface import Traits, register


@register
class LAMP(AMP):
    name, label = "lamp", "LAMP"
    summary = "AMP with a learned matrix, length and threshold in every layer."
    equation = (
        r"\begin{gathered} s^{(t)} = \beta_t\, h_{\theta_t}\bigl(s^{(t-1)} + W_t^\top v^{(t)}\bigr),\quad "
        r"\theta_t = \alpha_t\, \lVert v^{(t)}\rVert_2/\sqrt{d_x} \\ "
        r"v^{(t)} = x - B\, s^{(t-1)} + \tfrac{\beta_{t-1}}{d_x}\lVert s^{(t-1)}\rVert_0\, v^{(t-1)} \end{gathered}"
    )
    source = "Borgerding, Schniter & Rangan 2017"
    remarks = ""
    traits = Traits(learned=True, untrained="equals AMP", uses_lambda=False, aims_at="code")
    rate_scales = {"W": 0.1, "alpha": 5.0, "beta": 5.0}

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None):
        super().__init__(B, steps, classes)
        self.W = nn.Parameter(B.expand(steps, -1, -1).clone())
        self.alpha = nn.Parameter(B.new_full((steps,), self.alpha))
        self.beta = nn.Parameter(B.new_ones(steps))

    def step(self, state: MessageState, drive: Tensor) -> MessageState:
        layer, previous = (min(max(t, 0), len(self.W) - 1) for t in (state.t, state.t - 1))
        alpha, betas = self.alpha[layer].relu(), (self.beta[layer], self.beta[previous])
        return self.pass_on(state, drive, self.W[layer], alpha, *betas)
