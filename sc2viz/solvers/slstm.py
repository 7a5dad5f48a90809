"""SLSTM: adaptive ISTA with learned momentum vectors, which is an LSTM without an output gate (Eq. 8).

    i⁽ᵗ⁾ = σ(W_is s⁽ᵗ⁻¹⁾ + W_ix x + b_i + v_i z)
    f⁽ᵗ⁾ = σ(W_fs s⁽ᵗ⁻¹⁾ + W_fx x + b_f + v_f z)
    c̃⁽ᵗ⁾ = W_e s⁽ᵗ⁻¹⁾ + W_d x
    c⁽ᵗ⁾ = f⁽ᵗ⁾ ⊙ c⁽ᵗ⁻¹⁾ + i⁽ᵗ⁾ ⊙ c̃⁽ᵗ⁾
    s⁽ᵗ⁾ = h(c⁽ᵗ⁾)        h: shrinkage at θ_j = λκτ exp(a_j + v_j z), or D(tanh(c + u) + tanh(c − u))

The paper has no biases b (`gate_bias`) and nothing that follows λ: v_i and v_f (`gate_lambda`) and v_j (`v`), each times
z = log₁₀λ + 1, are ours. The preset "recommended" has them, the preset "paper" does not. "recommended" starts the gates at
zero matrices with i = 1/κ and f = 1 − 1/κ, so that the untrained network moves towards ISTA's optimum.

With `norm`, a typical ‖x‖, the cell is bounded in two ways, α being ‖x‖/norm:

    brightness   the gates see s/α, x/α and z = log₁₀(λ/α) + 1 (weights.py), so that the codes of αx at αλ are α times those
                 of x at λ, for every α > 0 and every T
    memory       f⁽ᵗ⁾ = min(σ(…), 1 − i⁽ᵗ⁾), so that |c_j⁽ᵗ⁾| ≤ max(|c_j⁽ᵗ⁻¹⁾|, |c̃_j⁽ᵗ⁾|): gates that are both open add
                 nothing up

Neither bounds what W_e does; how large F becomes on unusual pictures is measured (analysis/unusual.py). With `shorten`, the
codes are β h(c⁽ᵗ⁾) from t = T on, with a β ≤ 1 that keeps F(s⁽ᵗ⁾) ≤ F(0) for every picture and λ (shortening.py).
"""

import math
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from sc2viz.activations import double_tanh, fit_double_tanh, shrink
from sc2viz.solvers.interface import Corrected, Plain, Solver, State, Traits, Variant, register
from sc2viz.solvers.shortening import Limit, limit, shortened
from sc2viz.solvers.traits import TAUGHT
from sc2viz.solvers.weights import brightness, learn_thresholds, level, thresholds

PAPER_LAMBDA = (
    0.1  # the λ of the paper's experiments; double tanh starts at the best fit to shrinkage there
)
FIT_RADIUS = (
    1.0  # of that fit: of pictures in [0, 1], about one cell state in a hundred leaves [−1, 1]
)


class SLSTMDrive(NamedTuple):
    fixed: Tensor  # W_d x | W_ix x + b_i + v_i z | W_fx x + b_f + v_f z, (n, 3 d_s)
    recurrent: Tensor  # [W_e; W_is; W_fs]ᵀ, (d_s, 3 d_s)
    h: tuple[Tensor, ...]  # (θ,) for shrinkage, (D, u) for double tanh
    # What s and x are divided by, (n, 3 d_s): 1 | α | α, where α = ‖x‖/norm
    scale: Tensor | None = None
    limit: Limit | None = None


@register
class SLSTM(Solver):
    name, label = "slstm", "SLSTM"
    summary = "Adaptive ISTA whose gates are learned and see the code and the input."
    equation = (
        r"\begin{aligned} i^{(t)} &= \sigma(W_{is}\, s^{(t-1)} + W_{ix}\, x) \\ "
        r"f^{(t)} &= \sigma(W_{fs}\, s^{(t-1)} + W_{fx}\, x) \\ \tilde c^{(t)} &= W_e\, s^{(t-1)} + W_d\, x \\ "
        r"c^{(t)} &= f^{(t)} \odot c^{(t-1)} + i^{(t)} \odot \tilde c^{(t)} \\ s^{(t)} &= h(c^{(t)}) \end{aligned}"
    )
    source = "Eq. (8); Zhou et al. 2018"
    remarks = (
        r"Beyond the paper: biases $b_i, b_f$, and $v_i, v_f$ times $z = \log_{10}\lambda + 1$, are added inside $\sigma$, so "
        r"that one network serves every $\lambda$. Each atom has a threshold of its own, "
        r"$\theta_j = \lambda\kappa\tau\, e^{a_j + v_j z}$; $a_j$ and $v_j$ are learned, and κ multiplies the step τ. "
        "The preset “paper” has neither $b$ nor $v$. A network with a norm $m$ divides $s$, $x$ and $\\lambda$ in its gates by "
        r"$\alpha = \lVert x\rVert / m$, so that every brightness is the same to it, and takes at most $1 - i$ for $f$, so that "
        r"open gates add nothing up. One that shortens takes $s = \beta\, h(c)$ from $t = T$ on, with the "
        r"best $\beta$, where F would be above that of the code of zeros."
    )
    traits = Traits(
        learned=True,
        untrained="takes nearly ISTA's steps",
        gates={"input_gate": "input gate", "forget_gate": "forget gate"},
        activation="shrinkage",
        variants=(
            *TAUGHT,
            Variant("double-tanh", "double tanh", {"activation": "double-tanh"}),
            Variant("paper", "as printed", {"preset": "paper"}),
        ),
        family="paper",
    )
    begins_as_codes = ("cell",)

    def __init__(
        self,
        B: Tensor,
        steps: int = 10,
        classes: int | None = None,
        *,
        preset: str = "recommended",
        activation: str | None = None,
        kappa: float = 2.0,
        gate_bias: float | None = None,
        norm: float | None = None,
        shorten: bool = False,
        positive: bool = False,
        seed: int = 0,
    ):
        """`gate_bias`: b_i = gate_bias and b_f = −gate_bias; by default logit(1/κ), or 3 for κ = 1: nearly ISTA.
        `norm`: a typical ‖x‖ of the pictures, which bounds the cell. `shorten`: whether a code that is worse than the code
        of zeros is scaled down from t = T on. `positive`: codes are kept ≥ 0. `seed`: of the preset
        "paper"'s random gates."""
        recommended = preset != "paper"
        activation = activation or ("shrinkage" if recommended else "double-tanh")
        if activation not in ("shrinkage", "double-tanh"):
            raise ValueError(f"activation must be 'shrinkage' or 'double-tanh', got {activation!r}")
        if not recommended and (kappa != 2.0 or gate_bias is not None):
            raise ValueError(
                f"kappa and gate_bias belong to the preset recommended, got them with {preset}: leave them out"
            )
        for name, is_asked in (("norm", norm is not None), ("positive", positive)):
            if is_asked and activation != "shrinkage":
                raise ValueError(
                    f"{name} belongs to shrinkage, got it with {activation}: leave it out"
                )
        super().__init__(Corrected(B, kappa) if recommended else Plain(B), steps, classes)
        self.norm, self.shorten = norm, shorten
        self.traits = replace(SLSTM.traits, activation=activation)
        if not recommended:
            self.traits = replace(self.traits, untrained="has random gates and may go anywhere")
        elif activation == "double-tanh":
            self.traits = replace(
                self.traits, untrained="comes to rest elsewhere than at the optimum"
            )
        if positive:
            self.traits = self.traits.of_codes_above_zero()
        d_x, d_s = B.shape
        generator = torch.Generator().manual_seed(seed)
        for name, columns in (("W_is", d_s), ("W_ix", d_x), ("W_fs", d_s), ("W_fx", d_x)):
            matrix = torch.zeros(d_s, columns, dtype=B.dtype)
            if not recommended:
                nn.init.xavier_uniform_(matrix, generator=generator)
            self.register_parameter(name, nn.Parameter(matrix.to(B.device)))
        if gate_bias is None:
            gate_bias = -math.log(kappa - 1) if kappa > 1 else 3.0
        if not math.isfinite(gate_bias):
            raise ValueError(
                f"gate_bias must be finite, got {gate_bias:g}: leave it out for nearly ISTA"
            )
        # Of the input gate, of the forget gate.
        bias = B.new_tensor([[gate_bias], [-gate_bias]]).repeat(1, d_s)
        self.gate_bias = nn.Parameter(bias) if recommended else None
        self.gate_lambda = nn.Parameter(torch.zeros_like(bias)) if recommended else None
        if activation == "shrinkage":
            learn_thresholds(self, B, preset, norm)
        else:
            theta = (PAPER_LAMBDA * self.weights.matrices().step).item()
            # 4θ is the larger one only for atoms far inside the unit ball.
            D, u = fit_double_tanh(theta, max(FIT_RADIUS, 4 * theta))
            self.D = nn.Parameter(B.new_full((d_s,), D))
            self.u = nn.Parameter(B.new_full((d_s,), math.log(math.expm1(u))))  # u is its softplus
            self.u_lambda = nn.Parameter(B.new_zeros(d_s)) if recommended else None

    def drive(self, x: Tensor, lam: Tensor) -> SLSTMDrive:
        W, alpha = self.weights.matrices(), brightness(x, self.norm)
        fixed, scale = x @ torch.cat((W.W_d, self.W_ix, self.W_fx)).T, None
        if alpha is not None:
            size = len(W.W_d)
            scale = functional.pad(alpha.expand(-1, 2 * size), (size, 0), value=1.0)
            fixed = fixed / scale
        if self.gate_bias is not None:
            lifted = level(lam, alpha) * self.gate_lambda.flatten()
            gates = (self.gate_bias.flatten() + lifted).expand(len(x), -1)
            fixed = fixed + functional.pad(gates, (len(W.W_d), 0))
        recurrent = torch.cat((W.W_e.T, self.W_is.T, self.W_fs.T), dim=1)
        if self.traits.activation == "double-tanh":
            u = self.u if self.u_lambda is None else self.u + self.u_lambda * torch.log(lam)
            parameters = self.D, functional.softplus(u)
        else:
            parameters = (thresholds(self, lam, W.step, alpha),)
        return SLSTMDrive(fixed, recurrent, parameters, scale, limit(self, x, lam))

    def h(self, c: Tensor, drive: SLSTMDrive) -> Tensor:
        """Return the activation of cell states c (n, d_s), elementwise, with the λ that `drive` was made for."""
        if self.traits.positive:
            return torch.relu(c - drive.h[0])
        return (shrink if self.traits.activation == "shrinkage" else double_tanh)(c, *drive.h)

    def step(self, state: State, drive: SLSTMDrive) -> State:
        if drive.scale is None:
            mixed = torch.addmm(drive.fixed, state.codes, drive.recurrent)
        else:
            mixed = torch.addcdiv(drive.fixed, state.codes @ drive.recurrent, drive.scale)
        candidate, to_input, to_forget = mixed.chunk(3, dim=1)
        input_gate, forget_gate = torch.sigmoid(to_input), torch.sigmoid(to_forget)
        if drive.scale is not None:
            forget_gate = torch.minimum(forget_gate, 1 - input_gate)
        cell = forget_gate * state.cell + input_gate * candidate
        codes = shortened(self.h(cell, drive), state.t + 1, drive)
        return State(state.t + 1, codes, None, cell, candidate, input_gate, forget_gate)
