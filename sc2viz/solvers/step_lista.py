"""Step-LISTA: ISTA that learns one step size a layer and nothing else (Ablin, Moreau, Massias & Gramfort 2019).

    s⁽ᵗ⁾ = sh_{λα_t}(s⁽ᵗ⁻¹⁾ + α_t Bᵀ(x − B s⁽ᵗ⁻¹⁾)),    α_t = τ exp(a_t)

It is trained on F itself. Where codes are sparse, steps far above τ still descend. Untrained, a = 0, it is ISTA.
"""

from typing import NamedTuple

from torch import Tensor, nn

from sc2viz.solvers.interface import Solver, State, Tied, Traits, register, shrunk, step_size


class StepDrive(NamedTuple):
    x: Tensor
    lam: Tensor
    theta: Tensor  # λα_t of the layer at hand; of the last one before the first


@register
class StepLISTA(Solver):
    name, label = "step-lista", "Step-LISTA"
    summary = "ISTA with one learned step size a layer."
    equation = r"s^{(t)} = h_{\lambda\alpha_t}\bigl(s^{(t-1)} + \alpha_t\, B^\top (x - B\, s^{(t-1)})\bigr)"
    source = "Ablin, Moreau, Massias & Gramfort 2019"
    traits = Traits(learned=True, untrained="equals ISTA", activation="shrinkage")
    rate_scales = {"a": 10.0}
    h = shrunk

    def __init__(self, B: Tensor, steps: int = 10, classes: int | None = None):
        super().__init__(Tied(B), steps, classes)
        self.register_buffer("tau", step_size(B))
        self.a = nn.Parameter(B.new_zeros(steps))

    def alpha(self, t: int) -> Tensor:
        """Return the step α of the layer that comes after t others, or beyond the last layer that of the last."""
        return self.tau * self.a[min(t, len(self.a) - 1)].exp()

    def drive(self, x: Tensor, lam: Tensor) -> StepDrive:
        return StepDrive(x, lam, lam * self.alpha(self.steps))

    def step(self, state: State, drive: StepDrive) -> State:
        alpha = self.alpha(state.t)
        candidate = state.codes + alpha * (
            (drive.x - state.codes @ self.dictionary.T) @ self.dictionary
        )
        return State(
            state.t + 1,
            self.h(candidate, drive._replace(theta=drive.lam * alpha)),
            candidate=candidate,
        )
