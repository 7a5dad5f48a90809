"""Which solver, which dictionary, which λ: what `solver=` and `dictionary=` stand for.

`solver` is a name of `solvers.NAMES`, "exact", a name or path of a checkpoint, or a built solver. A name stands for the
network that ships for photographs, if no dictionary is given and there is one, and else for the solver built on a
dictionary: the shipped one, the reader's own (d_x, d_s), or "learned", from the patches of the picture itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sc2viz import checkpoints, dictionary, lasso, patches, solvers
from sc2viz.photographs import assembling
from sc2viz.training import losses

FOLDER = "photographs"  # the folder under pretrained/ of networks for photographs
MASKED = "photographs-masked"  # the dictionary that was learned to fill in missing pixels
COLOUR = "-colour"  # what the names of networks and dictionaries for colour patches end with
EXACT = "exact"
LEARNED = "learned"
EXACT_TOL = 1e-2  # the relative duality gap of exact codes
LAM_PER_SIGMA = 1.75  # λ over σ, unless a network says its own; chosen on chelsea and china
STEPS = 20  # iterations of a solver that was not trained, unless others are asked for
GAIN = 1.15  # K-SVD's: a patch is coded until ‖x − B s‖ ≤ 1.15 σ √d_x (Elad & Aharon 2006)
SAMPLE = 10_000  # patches, at most, that a dictionary is learned from
ATOMS = 256  # of a dictionary that is learned from a photograph, for 8×8 patches
PATCH = 8


@dataclass
class PatchCoder:
    """A solver, or exact codes, on a dictionary B (d_x, d_s), for patches without their means."""

    B: Tensor
    label: str
    solver: solvers.Solver | None = None  # the solver; None for exact codes
    steps: int | None = None  # iterations; None for as many as the solver has

    @property
    def lam_per_sigma(self) -> float:
        """λ over σ where noise is to be removed: that which a network was trained with, else LAM_PER_SIGMA."""
        return float(getattr(self.solver, "notes", {}).get("lam_per_sigma", LAM_PER_SIGMA))

    def scale(self, sigma: float) -> float:
        """Return what the contrast is multiplied by where noise of σ is to be removed: a network is given noise of the range that
        it was trained for."""
        low, high = losses.SIGMA_RANGE
        trained = getattr(self.solver, "notes", {}).get("loss") in losses.NOISY
        return min(max(sigma, low), high) / sigma if trained else 1.0

    @property
    def offset(self) -> Tensor:
        """What a patch's reconstruction begins from beside its mean, (d_x,)."""
        offset = getattr(self.solver, "offset", None)
        return self.B.new_zeros(len(self.B)) if offset is None else offset.detach()

    def codes(self, x: Tensor, lam: float | Tensor, mask: Tensor | None = None) -> Tensor:
        """Return codes (n, d_s) of patches x (n, d_x) without their means; `solvers.Failed` where they are not finite."""
        if self.solver is None:
            return lasso.solve(x, self.B, lam, tol=EXACT_TOL, mask=mask).codes
        return solvers.finite(self.solver, self.solver(x, lam, self.steps, mask))

    def denoising(self, sigma: float, lam: float | None) -> assembling.Code:
        """Return a function that codes patches with noise of standard deviation σ and says how their pixels are weighted."""
        averaging = patches.averaging_of(self.solver)
        lam = self.lam_per_sigma * sigma if lam is None else lam
        level = torch.tensor(sigma, dtype=torch.float32)

        def code(x: Tensor, mask: Tensor | None, further: Tensor | None) -> assembling.Coded:
            if averaging is None:
                return assembling.Coded(self.codes(x, lam, mask), lam)
            chosen = averaging.choose(x, further, x.new_full((len(x),), lam), level.to(x))
            codes = self.codes(x, chosen.lam, mask)
            weights = averaging.weights(codes, chosen.b)
            return assembling.Coded(codes, chosen.lam, weights, chosen.g * further)

        return code


def coder(
    solver: str | Path | solvers.Solver,
    atoms: str | Tensor | np.ndarray | None,
    picture: Tensor,
    lam: float,
    steps: int | None = None,
    sigma: float = 0.0,
    stride: int = 1,
    masked: bool = False,
) -> PatchCoder:
    """Return the coder for `picture` (c, h, w), of which pixels are missing if `masked`.

    `lam` is the λ at hand, at which a dictionary is learned and k is chosen where a solver counts its codes; `sigma`: of the
    noise, for a solver that stops at ‖x − B s‖ ≤ ε. ValueError where solver, dictionary, stride and picture do not go
    together.
    """
    if not isinstance(solver, str | Path | solvers.Solver):
        raise ValueError(
            f"solver must be a name, a path or a built solver, got {type(solver).__name__}"
        )
    network = solver if isinstance(solver, solvers.Solver) else None
    if network is not None and atoms is not None:
        raise ValueError(
            "a built solver has its dictionary: leave dictionary out, or name a solver"
        )
    if network is None and solver != EXACT and atoms is None:
        name = shipped(str(solver), len(picture))
        network = checkpoints.load(name) if name else None
    if network is not None:
        if network.traits.filters:
            raise ValueError(
                f"{network.label} removes noise alone: take a solver of patches for this"
            )
        B = network.dictionary.detach()
    else:
        for_holes = masked and (
            solver == EXACT or solvers.takes_mask(solvers.solver_class(str(solver)))
        )
        B = dictionary_for(MASKED if atoms is None and for_holes else atoms, picture, lam)
    size, channels = patches.layout(len(B))
    if len(picture) % channels:
        raise ValueError(
            f"the dictionary is for colour patches, {len(B)} values each, and the picture is grey"
        )
    if stride > size:
        raise ValueError(
            f"stride must be at most {size}, the side of a patch, got {stride}: pixels would be left out"
        )
    if solver == EXACT:
        return PatchCoder(B, "exact codes")
    if (
        network is None
    ):  # untrained: one that stops at an ε gets that, one that keeps k codes as many as exact codes have
        name, options = str(solver), {}
        takes, traits = solvers.options_of(name), solvers.solver_class(name).traits
        if "epsilon" in takes:
            options["epsilon"] = GAIN * sigma * len(B) ** 0.5
        elif not traits.uses_lambda and "k" in takes:
            x = assembling.sample(assembling.padded(picture, size, 1), size, channels, 500)
            exact = lasso.solve(x, B, lam, tol=EXACT_TOL).codes
            options["k"] = round(max(1.0, (exact != 0).sum(1).double().mean().item()))
        steps = steps or (len(B) // 2 if traits.counts == "atoms" else STEPS)
        network, steps = solvers.build(name, B, steps, **options).eval(), None
    return PatchCoder(B, network.label, network, steps)


def shipped(solver: str, channels: int) -> str | None:
    """Return the name of the checkpoint that a solver's name stands for, None where none ships; a path as it is. It is that of
    colour patches first where the picture is in colour."""
    if solver.endswith(".safetensors") or "/" in solver:
        return solver
    endings = [COLOUR, ""] if channels > 1 else [""]
    names = [f"{FOLDER}/{solver}{ending}" for ending in endings]
    return next((name for name in names if name in checkpoints.available()), None)


def dictionary_for(atoms: str | Tensor | np.ndarray | None, picture: Tensor, lam: float) -> Tensor:
    """Return the dictionary B (d_x, d_s) that the argument `dictionary` means, columns in the unit ball."""
    if isinstance(atoms, np.ndarray | Tensor):
        is_array = isinstance(atoms, np.ndarray)
        if atoms.dtype.kind not in "fiu" if is_array else atoms.is_complex():
            raise ValueError(
                f"dictionary must be of real numbers, got {atoms.dtype}: convert it to float32"
            )
        B = torch.as_tensor(atoms).float()
        if B.ndim != 2 or not B.numel() or not B.isfinite().all():
            raise ValueError(f"dictionary must be a finite matrix (d_x, d_s), got {tuple(B.shape)}")
        patches.layout(len(B))
        return B / B.norm(dim=0).clamp_min(1)
    if not isinstance(atoms, str | Path | None):
        raise ValueError(
            f"dictionary must be a name, an array or tensor (d_x, d_s), or None, got {type(atoms).__name__}"
        )
    if atoms == LEARNED:
        return learned(picture, lam)
    return checkpoints.load_dictionary(FOLDER if atoms is None else atoms)


def learned(
    picture: Tensor,
    lam: float,
    seed: int = 0,
    report: Callable[[dictionary.Batch], None] = lambda batch: None,
) -> Tensor:
    """Learn a dictionary (d_x, d_s) of random 8×8 patches of the picture, channel by channel, without their means. `report` as in
    `dictionary.learning`."""
    rows = assembling.sample(assembling.padded(picture, PATCH, 1), PATCH, 1, SAMPLE, seed=seed)
    *_, last = dictionary.learning(rows, ATOMS, lam, seed=seed, tol=1e-2, report=report)
    return last.dictionary
