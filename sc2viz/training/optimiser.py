"""One step of an optimiser on a solver's parameters: rates, schedule, clipping, and what resuming needs of it."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adadelta import adadelta
from torch.optim.adam import adam

from sc2viz.solvers import Solver, failing
from sc2viz.training.settings import Settings

SPIKE_MEMORY, SPIKE_CLIP, SPIKE_SKIP, SPIKE_WARM_UP = 0.99, 2.0, 10.0, 50


class Optimiser:
    """Adam with a cosine schedule, and for the preset "paper" Adadelta.

    Adam's rate is relative to a parameter's scale, as the solver's `parameter_groups` say; Adadelta finds its own. Both are
    torch's functions: its classes import `torch._dynamo` at their first step, which takes two seconds and 70 MB.
    """

    def __init__(self, solver: Solver, preset: str, settings: Settings, total: int):
        """`total`: the steps of the whole run, at whose end the rate is 0."""
        self.solver, self.settings, self.total = solver, settings, total
        self.adadelta = preset == "paper"
        self.skipped, self.typical_norm = 0, 0.0
        self.groups = self._groups()
        names = ("square_avg", "acc_delta") if self.adadelta else ("exp_avg", "exp_avg_sq")
        self.names = "step", *names
        # The moments of each group's parameter, under torch's names
        self.moments: dict[int, dict[str, Tensor]] = {}

    def _groups(self) -> list[dict[str, Any]]:
        """Return one group a parameter that learns, in the order of their names: a state that was saved finds its parameter."""
        parameters = list(self.solver.parameters())
        with failing.name_failures(self.solver):
            requested = {}
            for group in self.solver.parameter_groups():
                keys = set(group) if isinstance(group, dict) else set()
                is_valid = {"params"} <= keys <= {"params", "scale", "atoms"}
                if not is_valid or isinstance(group["params"], Tensor):
                    got = sorted(group) if isinstance(group, dict) else type(group).__name__
                    raise ValueError(
                        f"parameter_groups must return dicts of params, which is a list, scale and atoms, got {got}"
                    )
                requested |= {id(parameter): group for parameter in group["params"]}
            if unknown := set(requested) - set(map(id, parameters)):
                raise ValueError(
                    f"parameter_groups must name parameters of the solver, got {len(unknown)} that it has not"
                )
        if self.adadelta:
            requested = {id(parameter): {} for parameter in parameters}
        return [
            {"parameter": parameter, "scale": 1.0, "atoms": False, **group}
            for parameter in parameters
            if parameter.requires_grad and (group := requested.get(id(parameter))) is not None
        ]

    @property
    def parameters(self) -> list[nn.Parameter]:
        """The parameters that learn."""
        return [group["parameter"] for group in self.groups]

    def norm(self) -> Tensor:
        """Return the norm of the gradient of all parameters together."""
        return nn.utils.get_total_norm(
            p.grad for p in self.solver.parameters() if p.grad is not None
        )

    def take(self, step: int, norm: float) -> bool:
        """Move the parameters by their gradient, whose norm is `norm`, and return True; False where step number `step` is left
        out."""
        if not math.isfinite(norm):
            self.skipped += 1
            return False
        if not (self.adadelta or self._clip(step, norm)):
            return False
        decay = 1.0 if self.adadelta else 0.5 * (1 + math.cos(math.pi * step / self.total))
        decay *= min(1.0, (step + 1) / (self.settings.warm_up + 1))
        for index, group in enumerate(self.groups):
            parameter, atoms = group["parameter"], group["atoms"]
            if parameter.grad is None:
                continue
            rate = self.settings.rate * group["scale"]
            rate *= (self.settings.dictionary_rate if atoms else 1) * decay
            self._move(index, parameter, rate)
            if self.settings.decay and parameter.ndim == 2 and not atoms:
                parameter.data.mul_(1 - rate * self.settings.decay)
        return True

    @torch.no_grad()
    def _move(self, index: int, parameter: nn.Parameter, rate: float) -> None:
        """Move one parameter by its gradient at this rate; `index` is its place among the groups, under which its moments are
        kept."""
        if index not in self.moments:
            count = torch.zeros((), device=parameter.device, dtype=torch.float32)
            fresh = count, torch.zeros_like(parameter), torch.zeros_like(parameter)
            self.moments[index] = dict(zip(self.names, fresh, strict=True))
        steps, first, second = ([self.moments[index][name]] for name in self.names)
        tensors = [parameter], [parameter.grad], first, second
        options = {"lr": rate, "weight_decay": 0.0, "eps": 1e-8, "maximize": False}
        if self.adadelta:
            adadelta(*tensors, steps, rho=0.95, **options)
        else:
            fused = parameter.device.type in ("cpu", "cuda")
            options |= {"fused": fused, "amsgrad": False, "beta1": 0.9, "beta2": 0.999}
            adam(*tensors, [], steps, **options)

    def _clip(self, step: int, norm: float) -> bool:
        """Clip the gradient in place, whose norm is `norm`, and return True; False for a spike so high that the step is left out,
        which `Settings.clip` does not do."""
        typical, limit = self.typical_norm or norm, self.settings.clip
        clipped = min(norm, SPIKE_CLIP * typical if limit is None else limit)
        self.typical_norm = SPIKE_MEMORY * typical + (1 - SPIKE_MEMORY) * clipped
        if limit is None and step > SPIKE_WARM_UP and norm > SPIKE_SKIP * typical:
            self.skipped += 1
            return False
        if norm > clipped:
            gradients = [p.grad for p in self.solver.parameters() if p.grad is not None]
            torch._foreach_mul_(gradients, clipped / norm)
        return True

    def state(self) -> dict[str, Tensor]:
        """Return copies of what the optimiser keeps of each parameter, as "optimiser.<index>.<name>"."""
        return {
            f"optimiser.{index}.{key}": value.clone()
            for index, values in self.moments.items()
            for key, value in values.items()
        }

    def restore(self, state: dict[str, Tensor]) -> None:
        """Take up the `state()` of a run with the same parameters; ValueError for any other."""
        self.moments = {}
        for index, parameter in enumerate(self.parameters):
            prefix = f"optimiser.{index}."
            values = {
                key.removeprefix(prefix): value.to(
                    parameter if value.ndim else parameter.device, copy=True
                )
                for key, value in state.items()
                if key.startswith(prefix)
            }
            fits = all(value.shape in ((), parameter.shape) for value in values.values())
            if fits and set(values) == set(self.names):
                self.moments[index] = values
        if sum(map(len, self.moments.values())) != len(state):
            raise ValueError(
                "resume must be the state() of an event of a run with this solver, loss and preset"
            )
