"""The one way in which weights are trained that no command trains: step by step, and on from where a run was stopped."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz import checkpoints
from sc2viz.training.optimiser import Optimiser


class Descent(NamedTuple):
    """What a step has in common with an event of `training.fit`."""

    step: int  # steps so far
    loss: float
    state: Callable[[], dict[str, Tensor]]  # what `descend` goes on from


def descend(network, cost, total, settings, state=None):
    """Train `network`, a solver or another with `parameter_groups` and `project_`, by the cost of each step, whose number it
    is given; yields after every step."""
    optimiser, first = Optimiser(network, "recommended", settings, total), 0
    if state:
        first, optimiser.skipped, optimiser.typical_norm = state["numbers"].tolist()
        optimiser.restore({key: value for key, value in state.items() if key != "numbers"})
    for step in range(int(first), total):
        network.zero_grad()
        loss = cost(step)
        loss.backward()
        if optimiser.take(step, optimiser.norm().item()):
            network.project_()
        numbers = [step + 1, optimiser.skipped, optimiser.typical_norm]
        numbers = torch.tensor(numbers, dtype=torch.float64)
        state_of_run = lambda numbers=numbers: {"numbers": numbers, **optimiser.state()}  # noqa: E731
        yield Descent(step + 1, loss.item(), state_of_run)


def carry_out(network, path, every, begin, report):
    """Take all steps that `begin` makes, or, of a run that was stopped, those that are left after the state that it is given.

    After every so many, `report` is told, and beside `path` is kept what going on needs, until all steps are taken.
    """
    unfinished, state = path.with_suffix(".part.safetensors"), None
    if unfinished.exists():
        state, _ = checkpoints.read(unfinished, "training")
        names = network.state_dict()
        network.load_state_dict({name: state.pop(f"network.{name}") for name in names})
    for step in begin(state):
        if step.step % every == 0:
            report(step)
            weights = {f"network.{name}": value for name, value in network.state_dict().items()}
            checkpoints.write(unfinished, weights | step.state(), {"kind": "training"})
    unfinished.unlink(missing_ok=True)
