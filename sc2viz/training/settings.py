"""What a run of training may be asked for, and the recipes: the settings that the presets stand for."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sc2viz import solvers
from sc2viz.data import Images

LOSSES = (
    "codes",
    "sc2net",
    "supervised",
    "codes-supervised",
    "denoising",
    "autoencoder",
    "recovery",
)
# The losses by exact codes s*, which keep the dictionary, because s* belongs to it.
REGRESSING = ("codes", "codes-supervised")
# The loss by true codes, which only data have that were made of codes; it keeps the dictionary
RECOVERING = ("recovery",)
LABELLED = ("supervised", "codes-supervised")
NOISY = ("denoising",)  # the losses that draw noise of standard deviation σ, which λ follows
BY_SOLVER = ("autoencoder",)  # the losses that a solver has itself
LAMBDA_RANGE = (0.01, 1.0)  # what "every λ" means: λ is drawn log-uniformly from this range
TILT = 0.25  # samples with a λ that is drawn are weighted by λ^−TILT, unless asked otherwise


# What a setting must be; where its default is None, so may it be
BOUNDS: tuple[tuple[str, Callable[[float], bool], str], ...] = (
    (
        "> 0 and finite",
        lambda value: 0 < value < math.inf,
        "rate lam lam_per_sigma lowest horizon window levels clip",
    ),
    (
        "≥ 0 and finite",
        lambda value: 0 <= value < math.inf,
        "dictionary_rate cross_entropy tilt beyond decay warm_up plateau",
    ),
    ("a share from 0 to 1", lambda value: 0 <= value <= 1, "deformed blended unusual"),
    ("a share ≥ 0 and < 1", lambda value: 0 <= value < 1, "at_highest"),
)


@dataclass
class Settings:
    """What may be changed while a run goes on; read afresh at every step. Without a comment it is an option of `sc2viz train`,
    and commands.toml says what it does."""

    rate: float = 1e-3
    dictionary_rate: float = 10.0
    lam: float | None = None
    measured_at: float = 0.1  # λ of the events of a run that draws λ
    lam_per_sigma: float = 2.0
    cross_entropy: float = 10.0
    project: bool = True  # the atoms are put into the unit ball after each step
    tilt: float = TILT
    lowest: float = LAMBDA_RANGE[0]
    at_highest: float = 0.0
    horizon: int | None = None
    window: int | None = None
    deformed: float = 0.0
    blended: float = 0.0
    beyond: float = 0.0
    levels: int | None = None
    hardest: int = 1
    unusual: float = 0.0
    decay: float = 0.0
    warm_up: int = 0  # Adam: the first steps, over which the rate rises from 0
    clip: float | None = None
    every: int | None = None  # steps between events; without one, ten an epoch, but 1,000 a run
    plateau: float | None = None
    stop: bool = False  # the run ends after the step at hand, with an event as ever

    def check(self) -> None:
        """Raise ValueError for a value that no run can have."""
        for bounds, holds, names in BOUNDS:
            for name in names.split():
                value, default = getattr(self, name), getattr(Settings, name)
                if default is not None if value is None else not holds(value):
                    raise ValueError(f"{name} must be {bounds}, got {value}")
        if not self.lowest < LAMBDA_RANGE[1]:
            raise ValueError(
                f"lowest must be below the largest λ, {LAMBDA_RANGE[1]:g}, got {self.lowest}"
            )


# What a checkpoint notes of a run
STORED = [
    name
    for name in Settings.__dataclass_fields__
    if name not in ("measured_at", "warm_up", "every", "stop")
]
PAPER = Settings(rate=1.0, lam=0.1, project=False)


def bounds(name: str, images: Images, loss: str, options: Mapping[str, Any]) -> dict[str, float]:
    """Return what `solvers.build` takes beside `options` for a network for every λ of these images: {"norm": their median ‖x‖}.

    Nothing where a solver of that name or its options take no norm, under other losses, and where most images are black.
    """
    has_bounds = (
        loss == "sc2net"
        and options.get("preset") == "recommended"
        and options.get("activation") in (None, "shrinkage")
        and "norm" in solvers.options_of(name)
    )
    norm = round(images.pixels.norm(dim=1).median().item(), 3) if has_bounds else 0
    return {"norm": norm} if norm else {}


def recipe(solver: solvers.Solver, loss: str, preset: str) -> Settings:
    """Return the settings of a preset. "recommended" is the recipe of today, and the networks for every λ that are shipped were
    trained by it; "recommended-1", its first version, is what stored runs name: such networks run away beyond T.

    The dictionary moves little under the recipe of today, because it starts as the best one for every λ.
    """
    if preset == "paper":
        return replace(PAPER)
    if loss in BY_SOLVER:
        return Settings(lam=0.1, dictionary_rate=1.0)
    if loss in REGRESSING + RECOVERING + LABELLED:
        return Settings(lam=0.1, project=loss not in REGRESSING + RECOVERING)
    if loss in NOISY or preset in solvers.EARLIER or not solver.traits.learned:
        return Settings()
    return Settings(
        dictionary_rate=0.1, tilt=0.5, at_highest=0.15, horizon=3 * solver.steps, clip=5.0
    )
