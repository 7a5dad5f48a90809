"""Conv-LFISTA: Conv-LISTA's step from a point extrapolated along the last two codes, by a learned share a layer and filter.

    y⁽ᵗ⁾ = s⁽ᵗ⁻¹⁾ + m_t ⊙ (s⁽ᵗ⁻¹⁾ − s⁽ᵗ⁻²⁾),    c̃⁽ᵗ⁾ = y⁽ᵗ⁾ + τ A_tᵀ(x − B_t y⁽ᵗ⁾),    s⁽ᵗ⁾ = sh_θ(c̃⁽ᵗ⁾)

m_t starts at FISTA's: untrained it is FISTA for its own T, beyond which m_t stays at the last.
"""

from dataclasses import replace

from torch import nn

from sc2viz import convolution
from sc2viz.solvers.conv_lista import ConvDrive, ConvLISTA
from sc2viz.solvers.fista import momenta
from sc2viz.solvers.interface import State, register


@register
class ConvLFISTA(ConvLISTA):
    name, label = "conv-lfista", "Conv-LFISTA"
    summary = "Conv-LISTA with learned momentum."
    equation = (
        r"\begin{gathered} s^{(t)} = h_{\theta_t}\bigl(y^{(t)} + \tau A_t^\top (x - B_t\, y^{(t)})\bigr) \\ "
        r"y^{(t)} = s^{(t-1)} + m_t \odot (s^{(t-1)} - s^{(t-2)}) \end{gathered}"
    )
    source = "ours, after Moreau & Bruna 2017 and Janjušević et al. 2022"
    traits = replace(ConvLISTA.traits, untrained="equals FISTA on its filters for its own T")
    begins_as_codes = ("previous",)

    def __init__(self, B: convolution.Dictionary, steps: int = 10, classes: int | None = None):
        super().__init__(B, steps, classes)
        self.m = nn.Parameter(
            B.filters.new_tensor(momenta(steps))[:, None].repeat(1, len(B.filters))
        )

    def step(self, state: State, drive: ConvDrive) -> State:
        share = self.m[min(state.t, self.steps - 1)]
        ahead = state.codes + (share * drive.B.maps(state.codes - state.previous)).flatten(1)
        candidate = self.step_down(ahead, state.t, drive)
        codes = self.shrunk(candidate, state.t, drive)
        return State(state.t + 1, codes, previous=state.codes, candidate=candidate)
