"""ALISTA: LISTA-CP with a matrix that is computed, so that two numbers a layer are learned (Liu, Chen, Wang & Yin 2019).

    s⁽ᵗ⁾ = h(s⁽ᵗ⁻¹⁾ + γ_t Wᵀ(x − B s⁽ᵗ⁻¹⁾))        h: shrinkage at θ_t, with or without support selection (selection.py)
    W = argmin ‖WᵀB‖_F,    w_iᵀb_i = 1            (analytic.py)

Gated, which is ours, it is the paper's cell around this candidate, with two numbers more a layer:

    c̃⁽ᵗ⁾ = s⁽ᵗ⁻¹⁾ + γ_t Wᵀ(x − B s⁽ᵗ⁻¹⁾),    c⁽ᵗ⁾ = f_t c⁽ᵗ⁻¹⁾ + i_t c̃⁽ᵗ⁾,    s⁽ᵗ⁾ = h(c⁽ᵗ⁾)

It is trained for the true codes of one sparsity and noise, and has no λ. It starts at γ = 1, θ = 0.4τ, i = 1, f = 0.
"""

from dataclasses import replace

from torch import Tensor, nn

from sc2viz.solvers.analytic import coupled
from sc2viz.solvers.interface import Solver, State, Tied, Traits, Variant, register, step_size
from sc2viz.solvers.selection import threshold

START = 0.4  # θ/τ at the start
GATES = {"input_gate": ("input gate", 0, 2), "forget_gate": ("forget gate", -1, 1)}


@register
class ALISTA(Solver):
    name, label = "alista", "ALISTA"
    summary = "A computed matrix, and a learned step and threshold in every layer."
    equation = (
        r"\begin{gathered} s^{(t)} = h_{\theta_t}\bigl(s^{(t-1)} + \gamma_t\, W^\top (x - B\, s^{(t-1)})\bigr) \\ "
        r"W = \arg\min \lVert W^\top B\rVert_F\quad\text{with } w_i^\top b_i = 1 \end{gathered}"
    )
    source = "Liu, Chen, Wang & Yin 2019"
    remarks = (
        "With support selection, the largest codes that pass $\\theta_t$ are not shrunk by it. Gated, the candidate goes "
        "through SLSTM’s memory, $c^{(t)} = f_t c^{(t-1)} + i_t \\tilde c^{(t)}$, with two numbers a layer."
    )
    traits = Traits(
        learned=True,
        untrained="takes the same step in every layer",
        uses_lambda=False,
        aims_at="code",
        variants=(
            Variant("selection", "support selection", {"selection": True}, "recovery"),
            Variant("gated", "gated", {"selection": True, "gated": True}, "recovery"),
        ),
    )
    computed = ("W",)
    rate_scales = {"gamma": 20.0, "gates": 20.0, "log_theta": 50.0}

    def __init__(
        self,
        B: Tensor,
        steps: int = 10,
        classes: int | None = None,
        *,
        selection: bool = False,
        gated: bool = False,
        ridge: float = 0.0,
    ):
        """`selection`: the largest codes are not shrunk. `gated`: the candidate goes through a memory with two gates.
        `ridge`: the weight of ‖W‖²_F beside ‖WᵀB‖²_F, which keeps noise small in Wᵀx (analytic.py)."""
        super().__init__(Tied(B), steps, classes)
        self.selection = selection
        self.register_buffer("W", coupled(B, self.label, ridge))
        self.gamma = nn.Parameter(B.new_ones(steps))
        self.log_theta = nn.Parameter((START * step_size(B)).log().expand(steps).clone())
        self.gates = (
            nn.Parameter(B.new_tensor([[1.0], [0.0]]).repeat(1, steps)) if gated else None
        )  # i_t and f_t
        if gated:
            self.begins_as_codes = ("cell",)
            self.traits = replace(self.traits, gates=GATES)

    def step(self, state: State, drive: Tensor) -> State:
        layer = min(state.t, len(self.gamma) - 1)
        residual = drive - state.codes @ self.dictionary.T
        c = candidate = state.codes + self.gamma[layer] * (residual @ self.W)
        memory = None, candidate, None, None
        if self.gates is not None:
            i, f = self.gates[0, layer].clamp(0, 2), self.gates[1, layer].clamp(-1, 1)
            c = f * state.cell + i * candidate
            memory = c, candidate, i.expand_as(c), f.expand_as(c)
        codes = threshold(c, self.log_theta[layer].exp(), state.t + 1, self.selection)
        return State(state.t + 1, codes, None, *memory)
