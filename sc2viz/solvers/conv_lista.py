"""Conv-LISTA: ISTA's network on a dictionary of filters, with filters and thresholds of its own in every layer.

    c̃⁽ᵗ⁾ = s⁽ᵗ⁻¹⁾ + τ A_tᵀ(x − B_t s⁽ᵗ⁻¹⁾),    s⁽ᵗ⁾ = sh_θ(c̃⁽ᵗ⁾),    θ_tm = a_tm + b_tm λ

A_t and B_t are convolutions (convolution.py) that start at the dictionary's, a at 0 and b at τ = 1/‖B₀‖₂²: untrained it is
ISTA. Of a network that removes noise, λ is the noise's σ in a unit of choice, so that thresholds follow the noise
(Janjušević et al. 2022). A picture is a row; its size is the dictionary's, and `at` gives the same network for another.
"""

from __future__ import annotations

import copy
import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from sc2viz import convolution
from sc2viz.activations import shrink
from sc2viz.solvers.interface import Solver, State, Traits, register
from sc2viz.solvers.weights import Weights


class Filters(Weights):
    """The dictionary's filters, those of each layer, (T, m, p, p) each, and τ. All stay in the unit ball."""

    def __init__(self, B: convolution.Dictionary, steps: int):
        super().__init__()
        L = B.norm().square()
        self.register_buffer("tau", torch.where(L > 0, 1 / L, 1.0))
        self.register_buffer("geometry", B.filters.new_tensor([B.stride, *B.size]))
        self.filters = nn.Parameter(B.filters.clone())
        self.analysis = nn.Parameter(B.filters.expand(steps, -1, -1, -1).clone())
        # s⁽⁰⁾ = 0, so that the first layer has no B_t.
        self.synthesis = nn.Parameter(B.filters.expand(max(steps - 1, 1), -1, -1, -1).clone())

    @property
    def dictionary(self) -> convolution.Dictionary:
        return convolution.from_tensors(self.filters, self.geometry)

    def parameter_groups(self) -> list[dict[str, Any]]:
        # Adam's steps are as large as those of filters that are scaled so that ‖B₀‖₂ = 1.
        return [
            {
                "params": [self.filters, self.analysis, self.synthesis],
                "scale": float(self.tau) ** -0.5,
            }
        ]

    def project_(self) -> None:
        for filters in (self.filters, self.analysis, self.synthesis):
            norms = filters.data.flatten(-2).norm(dim=-1)
            filters.data.div_(norms[..., None, None].clamp_min(1))


class ConvDrive(NamedTuple):
    x: Tensor  # (n, d_x)
    B: convolution.Dictionary
    theta: Tensor  # θ of every layer, (T, n or 1, 1, 1, m)
    gates: tuple[Tensor, ...] = ()  # W_ix ∗ x and W_fx ∗ x with what λ adds, (n, a, b, m) each


@register
class ConvLISTA(Solver):
    name, label = "conv-lista", "Conv-LISTA"
    summary = "ISTA on filters that slide over a whole picture, with learned filters and thresholds in every layer."
    equation = (
        r"\begin{gathered} s^{(t)} = h_{\theta_t}\bigl(s^{(t-1)} + \tau A_t^\top (x - B_t\, s^{(t-1)})\bigr) \\ "
        r"B_t\, s = \textstyle\sum_m d_{tm} * z_m,\quad \theta_{tm} = a_{tm} + b_{tm}\,\lambda \end{gathered}"
    )
    source = "Sreter & Giryes 2018; Janjušević, Khalilian-Gourtani & Wang 2022"
    traits = Traits(learned=True, untrained="equals ISTA on its filters", filters=True)

    def __init__(self, B: convolution.Dictionary, steps: int = 10, classes: int | None = None):
        convolution.check(B, self.label)
        if classes is not None:
            raise ValueError(
                f"{self.label} has no softmax head, because pictures differ in size: leave classes out"
            )
        super().__init__(Filters(B, steps), steps)
        self.a = nn.Parameter(B.filters.new_zeros(steps, len(B.filters)))
        self.b = nn.Parameter(self.weights.tau.expand(steps, len(B.filters)).clone())

    def at(self, size: tuple[int, int]) -> ConvLISTA:
        """Return the same network, with the same parameters, for pictures of another size (h, w)."""
        twin = copy.copy(self)
        twin._modules = {**self._modules, "weights": copy.copy(self.weights)}
        geometry = self.weights.geometry.new_tensor([self.dictionary.stride, *size])
        twin.weights._buffers = {**self.weights._buffers, "geometry": geometry}
        return twin

    def drive(self, x: Tensor, lam: Tensor) -> ConvDrive:
        theta = (self.a[:, None] + self.b[:, None] * lam.reshape(-1, 1))[:, :, None, None]
        return ConvDrive(x, self.dictionary, theta)

    def step(self, state: State, drive: ConvDrive) -> State:
        candidate = self.step_down(state.codes, state.t, drive)
        return State(state.t + 1, self.shrunk(candidate, state.t, drive), candidate=candidate)

    def step_down(self, s: Tensor, t: int, drive: ConvDrive) -> Tensor:
        """Return c̃ (n, d_s), a step down the gradient from codes s (n, d_s) with the filters of layer t + 1."""
        layer, residual = min(t, self.steps - 1), drive.x
        if t:
            filters = self.weights.synthesis[max(layer - 1, 0)]
            residual = residual - drive.B.with_filters(filters).synthesise(s)
        filters = drive.B.with_filters(self.weights.analysis[layer])
        return s + self.weights.tau * filters.analyse(residual)

    def shrunk(self, c: Tensor, t: int, drive: ConvDrive) -> Tensor:
        """Return c (n, d_s) shrunk by the thresholds of layer t + 1."""
        return shrink(drive.B.maps(c), drive.theta[min(t, self.steps - 1)]).flatten(1)

    def reconstruct(self, codes: Tensor) -> Tensor:
        """Return B s of codes (…, d_s): (…, d_x)."""
        return self.dictionary.synthesise(codes.flatten(0, -2)).unflatten(0, codes.shape[:-1])

    @property
    def rate_scales(self) -> dict[str, float]:
        """The factor 1/‖B₀‖₂ for the learning rate of the thresholds' a and b, by their names."""
        return dict.fromkeys(("a", "b"), math.sqrt(self.weights.tau))

    @torch.no_grad()
    def project_(self) -> None:
        """Scale filters whose norm is above 1 to norm 1, and set thresholds' a and b that are below 0 to 0, all in place."""
        super().project_()
        for numbers in (self.a, self.b):
            numbers.clamp_min_(0)
