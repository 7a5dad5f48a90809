"""Adaptive ISTA: momentum vectors i and f, which the user chooses, mix the candidate and the past (Eq. 7).

    c̃⁽ᵗ⁾ = W_e s⁽ᵗ⁻¹⁾ + W_d x,    c⁽ᵗ⁾ = f⁽ᵗ⁾ ⊙ c⁽ᵗ⁻¹⁾ + i⁽ᵗ⁾ ⊙ c̃⁽ᵗ⁾,    s⁽ᵗ⁾ = sh_{λτ}(c⁽ᵗ⁾)

Where i and f stay, c = i/(1 − f) ⊙ c̃ at a fixed point, so for atoms in use only i + f = 1 keeps the optimum of the Lasso.
"""

import copy
import math
from dataclasses import replace

import torch
from torch import Tensor

from sc2viz.solvers.interface import State, register
from sc2viz.solvers.ista import ISTA, Drive


@register
class AdaptiveISTA(ISTA):
    """`input_gate` and `forget_gate`: a float, one value an atom, (d_s,), or one an iteration and atom, (T, d_s), whose last
    row holds for all later iterations. i = 1 and f = 0 is ISTA."""

    name, label = "adaptive-ista", "Adaptive ISTA"
    summary = "A memory $c$ that mixes the old and the new, in shares given by hand."
    equation = (
        r"\tilde c^{(t)} = W_e\, s^{(t-1)} + W_d\, x,\qquad c^{(t)} = f\, c^{(t-1)} + i\, \tilde c^{(t)},\qquad "
        r"s^{(t)} = h_\theta(c^{(t)})"
    )
    source = "Eq. (7); Zhou et al. 2018"
    traits = replace(
        ISTA.traits,
        gates={"input_gate": ("input gate", 0, 2), "forget_gate": ("forget gate", -1, 1)},
        takes_mask=False,
    )
    begins_as_codes = ("cell",)

    def __init__(
        self,
        B: Tensor,
        steps: int = 10,
        classes: int | None = None,
        *,
        input_gate: float | Tensor = 1.0,
        forget_gate: float | Tensor = 0.0,
    ):
        super().__init__(B, steps, classes)
        self._set_gates(B, input_gate, forget_gate)

    def with_gates(self, input_gate: float | Tensor, forget_gate: float | Tensor) -> "AdaptiveISTA":
        """Return a copy of this solver that shares its weights and has these gates, each as the class takes it."""
        twin = copy.copy(self)
        twin._buffers = dict(self._buffers)
        twin._set_gates(self.dictionary.detach(), input_gate, forget_gate)
        return twin

    def _set_gates(
        self, B: Tensor, input_gate: float | Tensor, forget_gate: float | Tensor
    ) -> None:
        """Keep the two gates as buffers, (d_s,) or (T, d_s); raise ValueError for values that are not finite or of another
        shape."""
        for name, value in (("input_gate", input_gate), ("forget_gate", forget_gate)):
            try:
                gate = torch.as_tensor(value, dtype=B.dtype, device=B.device)
            except (TypeError, ValueError, RuntimeError):  # it is no number
                gate = B.new_tensor(math.nan)
            is_of_atoms = gate.shape[-1:] in ((), (B.shape[1],)) and gate.ndim <= 2
            if not (is_of_atoms and gate.numel() and torch.isfinite(gate).all()):
                raise ValueError(
                    f"{name} must be a finite number, one for each of {B.shape[1]} atoms, or a row of these for each "
                    f"iteration, got {value}"
                )
            self.register_buffer(name, gate.expand(*gate.shape[:-1], B.shape[1]).clone())

    def step(self, state: State, drive: Drive) -> State:
        candidate = torch.addmm(drive.fixed, state.codes, drive.recurrent)
        i, f = (
            gate if gate.ndim == 1 else gate[min(state.t, len(gate) - 1)]
            for gate in (self.input_gate, self.forget_gate)
        )
        cell = f * state.cell + i * candidate
        gates = i.expand_as(cell), f.expand_as(cell)
        return State(state.t + 1, self.h(cell, drive), None, cell, candidate, *gates)
