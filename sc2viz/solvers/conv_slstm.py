"""Conv-SLSTM: Conv-LISTA with SC2Net's gates, from small convolutions of the codes and the picture.

    i⁽ᵗ⁾ = σ(W_is ∗ s⁽ᵗ⁻¹⁾ + W_ix ∗ x + b_i + v_i z),    f⁽ᵗ⁾ likewise
    c̃⁽ᵗ⁾ = s⁽ᵗ⁻¹⁾ + τ A_tᵀ(x − B_t s⁽ᵗ⁻¹⁾)
    c⁽ᵗ⁾ = f⁽ᵗ⁾ ⊙ c⁽ᵗ⁻¹⁾ + i⁽ᵗ⁾ ⊙ c̃⁽ᵗ⁾,    s⁽ᵗ⁾ = sh_θ(c⁽ᵗ⁾),    z = log₁₀λ + 1

W_is and W_fs are 3×3, each on its own map; W_ix and W_fx are as large as the filters. All layers share them, as SLSTM's do.
They start at zero, with b = ±3: nearly Conv-LISTA, which i = 1, f = 0 would be.
"""

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from sc2viz import convolution
from sc2viz.solvers.conv_lista import ConvDrive, ConvLISTA
from sc2viz.solvers.interface import State, register
from sc2viz.solvers.weights import level

REACH = 3  # positions a side of the neighbourhood in which a gate sees its own map
OPEN = 3.0  # b_i at the start; b_f is its negative


@register
class ConvSLSTM(ConvLISTA):
    name, label = "conv-slstm", "Conv-SLSTM"
    summary = "Conv-LISTA with gates that see the code maps and the picture."
    equation = (
        r"\begin{aligned} i^{(t)} &= \sigma(W_{is} * s^{(t-1)} + W_{ix} * x + b_i + v_i z) \\ "
        r"f^{(t)} &= \sigma(W_{fs} * s^{(t-1)} + W_{fx} * x + b_f + v_f z) \\ "
        r"\tilde c^{(t)} &= s^{(t-1)} + \tau A_t^\top (x - B_t\, s^{(t-1)}) \\ "
        r"c^{(t)} &= f^{(t)} \odot c^{(t-1)} + i^{(t)} \odot \tilde c^{(t)},\quad s^{(t)} = h_{\theta_t}(c^{(t)}) "
        r"\end{aligned}"
    )
    source = "ours, after Eq. (8); Zhou et al. 2018"
    traits = replace(
        ConvLISTA.traits,
        untrained="takes nearly ISTA's steps on its filters",
        gates={"input_gate": "input gate", "forget_gate": "forget gate"},
    )
    begins_as_codes = ("cell",)

    def __init__(self, B: convolution.Dictionary, steps: int = 10, classes: int | None = None):
        super().__init__(B, steps, classes)
        count, side, _ = B.filters.shape
        self.on_codes = nn.Parameter(B.filters.new_zeros(2 * count, 1, REACH, REACH))  # W_is | W_fs
        self.on_picture = nn.Parameter(B.filters.new_zeros(2 * count, side, side))  # W_ix | W_fx
        self.gate_bias = nn.Parameter(B.filters.new_tensor([OPEN, -OPEN]).repeat_interleave(count))
        self.gate_lambda = nn.Parameter(torch.zeros_like(self.gate_bias))

    def drive(self, x: Tensor, lam: Tensor) -> ConvDrive:
        drive = super().drive(x, lam)
        filters = drive.B.with_filters(self.on_picture)
        constant = self.gate_bias + self.gate_lambda * level(lam.reshape(-1, 1, 1, 1))
        return drive._replace(gates=(filters.maps(filters.analyse(x)) + constant).chunk(2, -1))

    def step(self, state: State, drive: ConvDrive) -> State:
        gates = drive.gates
        if state.t:
            maps = drive.B.maps(state.codes).permute(0, 3, 1, 2)
            near = (
                functional.conv2d(maps, kernels, padding=REACH // 2, groups=maps.shape[1])
                for kernels in self.on_codes.chunk(2)
            )
            gates = [
                gate + on_codes.permute(0, 2, 3, 1)
                for gate, on_codes in zip(gates, near, strict=True)
            ]
        input_gate, forget_gate = (torch.sigmoid(gate).flatten(1) for gate in gates)
        candidate = self.step_down(state.codes, state.t, drive)
        cell = forget_gate * state.cell + input_gate * candidate
        codes = self.shrunk(cell, state.t, drive)
        return State(state.t + 1, codes, None, cell, candidate, input_gate, forget_gate)
