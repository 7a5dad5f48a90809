"""What a run of training tells: its events, measured on the validation rows."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from sc2viz import evaluation, lasso, patches
from sc2viz.data import Images
from sc2viz.solvers import Solver
from sc2viz.training.settings import Settings


@dataclass(frozen=True)
class Event:
    """Where a run stands. Objectives are means over the validation rows at `lam`, in the units of F.

    Before the first step there is no loss, gradient or speed: nan.
    """

    step: int  # steps that the weights have seen
    epoch: float  # epochs done
    loss: float  # mean training loss since the last event
    lam: float
    printed: float  # the mean F as printed in the paper
    objective: float  # the mean honest F, that on unit-norm atoms
    optimum: float  # the mean F of exact codes on the network's own dictionary, normalised
    excess: float  # how far `objective` is above `optimum`, in % of that
    nonzero: float  # share of atoms in use
    nmse: (
        float | None
    )  # ‖s − s*‖² over ‖s*‖² in dB, of the validation rows' true codes s*; None without such codes
    accuracy: (
        float | None
    )  # of the softmax head on the validation rows, in [0, 1]; None without a head
    gates: dict[str, float]  # the mean of each gate over validation rows, atoms and iterations
    gradient_norm: float
    samples_per_second: float
    seconds: float  # from the start of this call of `fit`
    skipped: int  # steps left out for a spike of the gradient
    stopped: (
        str | None
    )  # why this is the last event: "finished", "plateau", "interrupted", or what went wrong
    state: Callable[[], dict[str, Tensor]]  # what `resume=` takes; it keeps the run alive


class Monitor:
    """Measures a solver on the validation rows, and notices when it no longer improves."""

    def __init__(
        self,
        solver: Solver,
        validation: Images,
        settings: Settings,
        labelled: bool,
        mean: Callable[[Tensor], Tensor],
    ):
        """`mean` averages a number over all processes that share the run."""
        self.solver, self.settings, self.labelled, self._mean = solver, settings, labelled, mean
        self.labels, self.true = validation.labels, None
        if validation.codes is not None and validation.codes.any():
            self.true = validation.codes
        self.x = _patches(validation.pixels, len(solver.dictionary)).to(solver.dictionary.device)
        self.best, self.best_epoch, self.best_lam = sys.float_info.max, 0.0, 0.0
        self._optimum_codes: Tensor | None = None

    @torch.no_grad()
    def measure(self) -> dict[str, Any]:
        """Measure the solver as it is now on the validation rows; return the fields of an `Event` that say so, by their names."""
        solver, x = self.solver, self.x
        lam = self.settings.lam or self.settings.measured_at
        trains = solver.training
        # Without what acts in training alone, such as dropout
        path, x = solver.eval().trace(x, lam), solver.centred(x)
        solver.train(trains)
        codes, B = path.codes[-1], solver.dictionary
        unit = lasso.normalised(B)
        exact = lasso.solve(
            x, unit, lam, tol=1e-3, start=self._optimum_codes, positive=solver.traits.positive
        )
        self._optimum_codes = exact.codes
        objective = self._mean(lasso.honest_objective(x, codes, B, lam).mean()).item()
        optimum = lasso.objective(x, exact.codes, unit, lam).mean().item()
        accuracy = None
        if self.labelled and self.labels is not None:
            accuracy = (solver.head(codes).argmax(1).cpu() == self.labels).double().mean().item()
        return {
            "lam": lam,
            "printed": lasso.objective(x, codes, B, lam).mean().item(),
            "objective": objective,
            "optimum": optimum,
            "excess": 100 * (objective - optimum) / optimum if optimum else 0.0,
            "nmse": None if self.true is None else evaluation.nmse(codes, self.true.to(codes)),
            "nonzero": evaluation.nonzero_share(codes).mean().item(),
            "accuracy": accuracy,
            "gates": {name: path.iterations(name).mean().item() for name in solver.traits.gates},
        }

    def plateau(self, lam: float, objective: float, epoch: float) -> bool:
        """Note the objective at `lam` after `epoch` epochs; return whether no epoch since the best one has improved the objective
        by the share that `Settings.plateau` asks for."""
        if lam != self.best_lam:  # a best objective at another λ cannot be compared with
            self.best, self.best_lam = sys.float_info.max, lam
        if objective < self.best * (1 - (self.settings.plateau or 0)):
            self.best, self.best_epoch = objective, epoch
        return self.settings.plateau is not None and epoch - self.best_epoch >= 1


def _patches(pixels: Tensor, d_x: int) -> Tensor:
    """Return rows of the atoms' size d_x: `pixels` themselves, or the patches at the centres of larger pictures."""
    if pixels.shape[1] == d_x:
        return pixels
    from torchvision.transforms.functional import center_crop  # takes time to import

    size = patches.layout(d_x)[0]
    return patches.cut(center_crop(patches.to_pictures(pixels), [size, size]), size)
