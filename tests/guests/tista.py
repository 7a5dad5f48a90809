"""A learned solver derived from ISTA: one step size an iteration."""

import torch
from torch import nn

from sc2viz import solvers
from sc2viz.activations import shrink
from sc2viz.solvers import ISTA, State, Traits


@solvers.register
class TISTA(ISTA):
    name, label = "tista", "TISTA"
    summary = "ISTA with one learned step an iteration."
    equation = (
        r"s^{(t)} = h_{\lambda\gamma_t}\bigl(s^{(t-1)} + \gamma_t B^\top (x - B s^{(t-1)})\bigr)"
    )
    source = "Ito, Takabe & Wadayama 2019"
    traits = Traits(learned=True, untrained="equals ISTA")

    def __init__(self, B, steps=10, classes=None):
        super().__init__(B, steps, classes)
        self.log_gamma = nn.Parameter(B.new_zeros(steps))  # γ_t in units of τ

    def drive(self, x, lam):
        return x, lam, self.weights.matrices().step

    def step(self, state, drive):
        x, lam, tau = drive
        gamma = tau * torch.exp(self.log_gamma[min(state.t, len(self.log_gamma) - 1)])
        residual = x - state.codes @ self.dictionary.T
        return State(
            state.t + 1, shrink(state.codes + gamma * residual @ self.dictionary, lam * gamma)
        )
