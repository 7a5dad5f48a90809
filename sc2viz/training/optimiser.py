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
        self.solver, self.settings, self.total, self.adadelta = (
            solver,
            settings,
            total,
            preset == "paper",
        )
        self.skipped, self.typical_norm = 0, 0.0
        self.groups = self._groups()
        self.names = (
            ("step", "square_avg", "acc_delta")
            if self.adadelta
            else ("step", "exp_avg", "exp_avg_sq")
        )
        self.moments: dict[
            int, dict[str, Tensor]
        ] = {}  # the moments of each group's parameter, under torch's names

    def _groups(self) -> list[dict[str, Any]]:
        """One group a parameter, in the order of their names: a state that was saved finds its parameter."""
        with failing.name_failures(self.solver):
            given = list(self.solver.parameter_groups())
            for group in given:
                keys = sorted(group) if isinstance(group, dict) else type(group).__name__
                if (
                    "params" not in keys
                    or set(keys) - {"params", "scale", "atoms"}
                    or isinstance(group["params"], Tensor)
                ):
                    raise ValueError(
                        f"parameter_groups must return dicts of params, which is a list, scale and atoms, got {keys}"
                    )
            asked = {id(parameter): group for group in given for parameter in group["params"]}
            own = list(self.solver.parameters())
            if unknown := set(asked) - set(map(id, own)):
                raise ValueError(
                    f"parameter_groups must name parameters of the solver, got {len(unknown)} that it has not"
                )
        groups = []
        for parameter in own:
            group = {} if self.adadelta else asked.get(id(parameter))
            if parameter.requires_grad and group is not None:
                scale, atoms = group.get("scale", 1.0), group.get("atoms", False)
                groups.append(
                    {
                        "parameter": parameter,
                        "scale": scale,
                        "atoms": atoms,
                        "rate": self.settings.rate,
                    }
                )
        return groups

    @property
    def parameters(self) -> list[nn.Parameter]:
        return [group["parameter"] for group in self.groups]

    def prepare(self, step: int) -> None:
        """Set the rates of a step, and forget the gradients of the last one."""
        decay = 1.0 if self.adadelta else 0.5 * (1 + math.cos(math.pi * step / self.total))
        decay *= min(1.0, (step + 1) / (self.settings.warm_up + 1))
        for group in self.groups:
            atoms = self.settings.dictionary_rate if group["atoms"] else 1
            group["rate"] = self.settings.rate * group["scale"] * atoms * decay
            group["parameter"].grad = None

    def norm(self) -> Tensor:
        """The norm of the gradient of all parameters together."""
        return nn.utils.get_total_norm(
            p.grad for p in self.solver.parameters() if p.grad is not None
        )

    def take(self, step: int, norm: float) -> bool:
        """Move the parameters by their gradient, whose norm is `norm`; False where the step is left out."""
        if not math.isfinite(norm):
            self.skipped += 1
            return False
        if not (self.adadelta or self._clip(step, norm)):
            return False
        for index, group in enumerate(self.groups):
            if group["parameter"].grad is not None:
                self._move(index, group["parameter"], group["rate"])
                if self.settings.decay and group["parameter"].ndim == 2 and not group["atoms"]:
                    group["parameter"].data.mul_(1 - group["rate"] * self.settings.decay)
        return True

    @torch.no_grad()
    def _move(self, index: int, parameter: nn.Parameter, rate: float) -> None:
        if index not in self.moments:
            count = torch.zeros((), device=parameter.device, dtype=torch.float32)
            fresh = count, torch.zeros_like(parameter), torch.zeros_like(parameter)
            self.moments[index] = dict(zip(self.names, fresh, strict=True))
        steps, first, second = ([self.moments[index][name]] for name in self.names)
        moved, gradients, options = (
            [parameter],
            [parameter.grad],
            {"weight_decay": 0.0, "eps": 1e-8, "maximize": False},
        )
        if self.adadelta:
            adadelta(moved, gradients, first, second, steps, lr=rate, rho=0.95, **options)
        else:
            fused = parameter.device.type in ("cpu", "cuda")
            adam(
                moved,
                gradients,
                first,
                second,
                [],
                steps,
                fused=fused,
                lr=rate,
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                **options,
            )

    def _clip(self, step: int, norm: float) -> bool:
        """Clip the gradient; False for a spike so high that the step is left out, which `Settings.clip` does not do."""
        typical = self.typical_norm or norm
        clipped = min(
            norm, SPIKE_CLIP * typical if self.settings.clip is None else self.settings.clip
        )
        self.typical_norm = SPIKE_MEMORY * typical + (1 - SPIKE_MEMORY) * clipped
        if self.settings.clip is None and step > SPIKE_WARM_UP and norm > SPIKE_SKIP * typical:
            self.skipped += 1
            return False
        if norm > clipped:
            torch._foreach_mul_(
                [p.grad for p in self.solver.parameters() if p.grad is not None], clipped / norm
            )
        return True

    def state(self) -> dict[str, Tensor]:
        return {
            f"optimiser.{index}.{key}": value.clone()
            for index, values in self.moments.items()
            for key, value in values.items()
        }

    def restore(self, state: dict[str, Tensor]) -> None:
        """Take up the `state()` of a run with the same parameters; ValueError for any other."""
        moments: dict[int, dict[str, Tensor]] = {}
        for index, parameter in enumerate(self.parameters):
            prefix = f"optimiser.{index}."
            own = {
                key.removeprefix(prefix): value
                for key, value in state.items()
                if key.startswith(prefix)
            }
            if any(value.ndim and value.shape != parameter.shape for value in own.values()):
                raise ValueError(
                    "resume must be the state of a run with this solver, loss and preset: the shapes differ"
                )
            if set(own) == set(self.names):
                moments[index] = {
                    key: value.to(parameter if value.ndim else parameter.device, copy=True)
                    for key, value in own.items()
                }
        if sum(map(len, moments.values())) != len(state):
            raise ValueError(
                "resume must be the state() of an event of a run with this solver, loss and preset"
            )
        self.moments = moments
