"""What a run of training may be asked for, and the recipes: the settings that the presets stand for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sc2viz.solvers import EARLIER, Solver
from sc2viz.training import losses

POSITIVE = ("rate", "lam", "lam_per_sigma", "lowest", "clip", "horizon", "window", "levels")
NOT_NEGATIVE = ("dictionary_rate", "cross_entropy", "plateau", "tilt", "decay", "beyond")
MAY_BE_NONE = ("lam", "plateau", "clip", "horizon", "window", "levels")


@dataclass
class Settings:
    """What may be changed while a run goes on; read afresh at every step."""

    rate: float = 1e-3  # Adam's learning rate, or Adadelta's own
    dictionary_rate: float = 10.0  # B's rate in units of that, for Adam; low where B starts at its optimum
    lam: float | None = None  # one λ, or None: log-uniform on losses.LAMBDA_RANGE, drawn for every sample and epoch
    measured_at: float = 0.1  # the λ of the events where `lam` is None
    lam_per_sigma: float = 2.0  # denoising: λ over the standard deviation σ of the noise
    cross_entropy: float = 10.0  # weight of the labels in the supervised loss
    project: bool = True  # atoms into the unit ball after each step; False: free, as printed
    tilt: float = losses.TILT  # where `lam` is None, each sample is weighted by λ^−tilt …
    lowest: float = losses.LAMBDA_RANGE[
        0
    ]  # and drawn from here on; lower than λ will be, it makes room for large pictures …
    at_highest: float = 0.0  # … and this share of the samples has the highest λ
    horizon: int | None = None  # the loss is taken at T and at one T a batch from T + 1 … horizon as well; None: at T alone
    window: int | None = (
        None  # the gradient of that later loss flows through its last iterations, so many; None: through all
    )
    deformed: float = 0.0  # sc2net: share of the samples that are pictures slightly deformed, where there are few pictures
    blended: float = 0.0  # sc2net: share of the samples that are mixtures of two pictures, where there are few pictures
    beyond: float = 0.0  # such a mixture, u x + (1 − u) x', has u from −beyond to 1 + beyond
    levels: int | None = None  # sc2net: all samples are rounded to multiples of 1/levels, as the pictures of the data are
    hardest: int = 1  # above 1: half of a batch are the samples whose F grows most beyond T, of so many batches
    decay: float = 0.0  # each step takes rate · decay off all matrices but the atoms; it keeps corrections and gates small
    warm_up: int = 0  # Adam: the first steps, over which the rate rises from 0
    clip: float | None = None  # largest norm of a gradient for Adam; None: twice its typical norm, and spikes are skipped
    every: int | None = None  # steps between events; None: ten an epoch, but 1,000 a run
    plateau: float | None = None  # stop when an epoch improves the honest objective by less than this share
    stop: bool = False  # end after the step at hand, with an event as ever

    def check(self) -> None:
        """ValueError for a value that no run can have."""
        if not self.warm_up >= 0:
            raise ValueError(f"warm_up must be ≥ 0, got {self.warm_up}")
        for names, lowest in ((POSITIVE, "> 0"), (NOT_NEGATIVE, "≥ 0")):
            for name in names:
                value = getattr(self, name)
                if value is None and name in MAY_BE_NONE:
                    continue
                if value is None or not (math.isfinite(value) and (value > 0 or value == 0 and names is NOT_NEGATIVE)):
                    raise ValueError(f"{name} must be {lowest} and finite, got {value}")
        for name in ("deformed", "blended"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be a share from 0 to 1, got {getattr(self, name)}")
        if not self.lowest < losses.LAMBDA_RANGE[1]:
            raise ValueError(f"lowest must be below the largest λ, {losses.LAMBDA_RANGE[1]:g}, got {self.lowest}")
        if not 0 <= self.at_highest < 1:
            raise ValueError(f"at_highest must be a share ≥ 0 and < 1, got {self.at_highest}")


def recipe(solver: Solver, loss: str, preset: str) -> Settings:
    """The settings of a preset. "recommended" is the recipe of today, and the networks for every λ that are shipped were
    trained by it; "recommended-1", its first version, is what stored runs name: such networks run away beyond T.

    The dictionary moves little under the recipe of today, because it starts as the best one for every λ.
    """
    if preset == "paper":
        return Settings(rate=1.0, lam=0.1, project=False)
    if loss in losses.NOISY:
        return Settings()
    if loss != "sc2net":
        return Settings(lam=0.1, project=loss not in losses.REGRESSING)
    if preset in EARLIER or not solver.traits.learned:
        return Settings()
    return Settings(dictionary_rate=0.1, tilt=0.5, at_highest=0.15, horizon=3 * solver.steps, clip=5.0)
