"""What a run of training may be asked for, and the recipes: the settings that the presets stand for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sc2viz.data import Images
    from sc2viz.solvers import Solver

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
RECOVERING = (
    "recovery",
)  # the loss by true codes, which only data have that were made of codes; it keeps the dictionary
LABELLED = ("supervised", "codes-supervised")
NOISY = ("denoising",)  # the losses that draw noise of standard deviation σ, which λ follows
OWN = ("autoencoder",)  # the losses that a solver has itself
LAMBDA_RANGE = (0.01, 1.0)  # what "every λ" means: λ is drawn log-uniformly from this range
TILT = 0.25  # samples with a λ that is drawn are weighted by λ^−TILT, unless asked otherwise


def _setting(default: Any, about: str, bounds: str = "", stored: bool = True) -> Any:
    """A field of `Settings`. about: what it is, in one sentence. bounds: the values that it may have, a key of `BOUNDS`;
    where the default is None, so may the value be. stored: the command line takes it, and checkpoints note it."""
    return field(default=default, metadata={"about": about, "bounds": bounds, "stored": stored})


BOUNDS: dict[str, Callable[[float], bool]] = {
    "> 0 and finite": lambda value: 0 < value < math.inf,
    "≥ 0 and finite": lambda value: 0 <= value < math.inf,
    "a share from 0 to 1": lambda value: 0 <= value <= 1,
    "a share ≥ 0 and < 1": lambda value: 0 <= value < 1,
}
_POSITIVE, _NOT_NEGATIVE, _SHARE, _BELOW_ONE = BOUNDS


@dataclass
class Settings:
    """What may be changed while a run goes on; read afresh at every step. `metadata["about"]` of a field says what it is."""

    rate: float = _setting(1e-3, "the learning rate of Adam or of Adadelta", _POSITIVE)
    dictionary_rate: float = _setting(
        10.0,
        "Adam's rate for the atoms over that for the rest; it is low where the atoms are good",
        _NOT_NEGATIVE,
    )
    lam: float | None = _setting(
        None,
        "λ of all samples; without one, each sample's λ is drawn log-uniformly in each epoch",
        _POSITIVE,
    )
    measured_at: float = _setting(0.1, "λ of the events of a run that draws λ", stored=False)
    lam_per_sigma: float = _setting(
        2.0, "denoising: λ over the standard deviation σ of the noise", _POSITIVE
    )
    cross_entropy: float = _setting(
        10.0, "the weight of the labels in a loss with labels", _NOT_NEGATIVE
    )
    project: bool = _setting(True, "the atoms are put into the unit ball after each step")
    tilt: float = _setting(
        TILT,
        "where λ is drawn, each sample is weighted by λ to the power of minus this",
        _NOT_NEGATIVE,
    )
    lowest: float = _setting(
        LAMBDA_RANGE[0],
        "the lowest λ that is drawn; one below all in use makes room for larger pictures",
        _POSITIVE,
    )
    at_highest: float = _setting(
        0.0, "where λ is drawn, the share of the samples that have the highest λ", _BELOW_ONE
    )
    horizon: int | None = _setting(
        None,
        "the loss is taken at T and at one T a batch beyond it, up to this; without one, at T alone",
        _POSITIVE,
    )
    window: int | None = _setting(
        None,
        "the gradient of the loss beyond T flows through so many last iterations; without one, through all",
        _POSITIVE,
    )
    deformed: float = _setting(
        0.0,
        "sc2net: the share of the samples that are turned, scaled and shifted a little; atoms follow such pictures "
        "unless their rate is 0",
        _SHARE,
    )
    blended: float = _setting(
        0.0, "sc2net: the share of the samples that are mixtures u x + (1 - u) x' of two", _SHARE
    )
    beyond: float = _setting(
        0.0, "the u of a mixture is drawn from minus this to 1 plus this", _NOT_NEGATIVE
    )
    levels: int | None = _setting(
        None,
        "sc2net: samples are rounded to multiples of one over this, as the pictures of the data are",
        _POSITIVE,
    )
    hardest: int = _setting(
        1,
        "above 1, half of each batch are the samples whose F grows most beyond T, sought in so many batches",
    )
    unusual: float = _setting(
        0.0,
        "sc2net: pictures of other kinds a row, such as inverted ones, noise, letters, on which F may not rise above "
        "that of a code of zeros",
        _SHARE,
    )
    decay: float = _setting(
        0.0,
        "each step takes this share of the rate off all matrices but the atoms, so that they stay small",
        _NOT_NEGATIVE,
    )
    warm_up: int = _setting(
        0, "Adam: the first steps, over which the rate rises from 0", _NOT_NEGATIVE, stored=False
    )
    clip: float | None = _setting(
        None,
        "Adam: the largest norm of a gradient; without one, twice its typical norm, and spikes are skipped",
        _POSITIVE,
    )
    every: int | None = _setting(
        None, "steps between events; without one, ten an epoch, but 1,000 a run", stored=False
    )
    plateau: float | None = _setting(
        None,
        "the run ends when an epoch improves the honest objective by less than this share",
        _NOT_NEGATIVE,
    )
    stop: bool = _setting(
        False, "the run ends after the step at hand, with an event as ever", stored=False
    )

    def check(self) -> None:
        """ValueError for a value that no run can have."""
        for each in fields(self):
            value, bounds = getattr(self, each.name), each.metadata["bounds"]
            allowed = each.default is None if value is None else not bounds or BOUNDS[bounds](value)
            if not allowed:
                raise ValueError(f"{each.name} must be {bounds}, got {value}")
        if not self.lowest < LAMBDA_RANGE[1]:
            raise ValueError(
                f"lowest must be below the largest λ, {LAMBDA_RANGE[1]:g}, got {self.lowest}"
            )


STORED = {each.name: each for each in fields(Settings) if each.metadata["stored"]}
PAPER = Settings(rate=1.0, lam=0.1, project=False)


def bounds(name: str, images: Images, loss: str, options: Mapping[str, Any]) -> dict[str, float]:
    """What `solvers.build` takes beside `options` for a network for every λ of these images: {"norm": their median ‖x‖}.

    Nothing where a solver of that name or its options take no norm, under other losses, and where most images are black.
    """
    from sc2viz.solvers import (
        options_of,
    )  # imports torch, which the command line reads STORED without

    shrinks = options.get("activation") in (None, "shrinkage")
    if (
        loss != "sc2net"
        or options.get("preset") != "recommended"
        or not shrinks
        or "norm" not in options_of(name)
    ):
        return {}
    norm = round(images.pixels.norm(dim=1).median().item(), 3)
    return {"norm": norm} if norm else {}


def recipe(solver: Solver, loss: str, preset: str) -> Settings:
    """The settings of a preset. "recommended" is the recipe of today, and the networks for every λ that are shipped were
    trained by it; "recommended-1", its first version, is what stored runs name: such networks run away beyond T.

    The dictionary moves little under the recipe of today, because it starts as the best one for every λ.
    """
    from sc2viz.solvers import EARLIER

    if preset == "paper":
        return replace(PAPER)
    if loss in NOISY:
        return Settings()
    if loss in OWN:
        return Settings(lam=0.1, dictionary_rate=1.0)
    if loss in RECOVERING:
        return Settings(lam=0.1, project=False)
    if loss != "sc2net":
        return Settings(lam=0.1, project=loss not in REGRESSING)
    if preset in EARLIER or not solver.traits.learned:
        return Settings()
    return Settings(
        dictionary_rate=0.1, tilt=0.5, at_highest=0.15, horizon=3 * solver.steps, clip=5.0
    )
