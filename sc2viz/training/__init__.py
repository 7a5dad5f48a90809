"""Training as a generator of progress events: whoever runs it decides what to show.

The order of the samples, their λ and what changes them are drawn from (seed, epoch, sample) and from nothing else, and so is
the number of iterations of a batch, so that a run that was resumed, and one that many processes share, are the same run.
recommended: Adam with a cosine schedule, gradients clipped, atoms projected onto the unit ball, λ log-uniform on [0.01, 1],
and the loss at T and beyond it (`recipe` has the settings). paper: Adadelta with rate 1 (and the ρ = 0.95, ε = 1e-8 of the
libraries that the authors used), free atoms, λ = 0.1.

    settings   what a run may be asked for, and the recipes of the presets
    loop       `fit`: data, loss and steps
    checks     what a run is refused for
    optimiser  one step: rates, schedule, clipping
    deforming  small changes of pictures, where there are few of them
    monitor    the events: what is measured on the validation rows
"""

from sc2viz.training.loop import VALIDATION, Loop, Processes, fit, hold_out
from sc2viz.training.monitor import Event
from sc2viz.training.optimiser import SPIKE_WARM_UP
from sc2viz.training.settings import Settings, bounds, recipe

__all__ = [
    "SPIKE_WARM_UP",
    "VALIDATION",
    "Event",
    "Loop",
    "Processes",
    "Settings",
    "bounds",
    "fit",
    "hold_out",
    "recipe",
]
