"""Training as a generator of progress events: whoever runs it decides what to show.

The order of the samples and their λ are drawn from (seed, epoch, sample) and from nothing else, and so is the number of
iterations of a batch, so that a run that was resumed, and one that many processes share, are the same run. recommended:
Adam with a cosine schedule, gradients clipped, atoms projected onto the unit ball, λ log-uniform on [0.01, 1], and
the loss at T and beyond it (`recipe` has the settings). paper: Adadelta with rate 1 (and the ρ = 0.95, ε = 1e-8 of the
libraries that the authors used), free atoms, λ = 0.1.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from numbers import Integral

import torch
from torch import Tensor, distributed, nn

from sc2viz import lasso, losses
from sc2viz.data import Images
from sc2viz.solvers import EARLIER, PRESETS, Solver
from sc2viz.solvers.weights import Plain, Tied

VALIDATION = 500  # rows held out for the events where no validation set is given
SPIKE_MEMORY, SPIKE_CLIP, SPIKE_SKIP, SPIKE_WARM_UP = 0.99, 2.0, 10.0, 50


@dataclass
class Settings:
    """What may be changed while a run goes on; read afresh at every step."""

    rate: float = 1e-3  # Adam's learning rate, or Adadelta's own
    dictionary_rate: float = 10.0  # B's rate in units of that, for Adam; low where B starts at its optimum
    lam: float | None = None  # one λ, or None: log-uniform on losses.LAMBDA_RANGE, drawn for every sample and epoch
    measured_at: float = 0.1  # the λ of the events where `lam` is None
    cross_entropy: float = 10.0  # weight of the labels in the supervised loss
    project: bool = True  # atoms into the unit ball after each step; False: free, as printed
    tilt: float = losses.TILT  # where `lam` is None, each sample is weighted by λ^−tilt …
    at_highest: float = 0.0  # … and this share of the samples has the highest λ
    horizon: int | None = None  # the loss is taken at T and at one T a batch from T + 1 … horizon as well; None: at T alone
    clip: float | None = None  # largest norm of a gradient for Adam; None: twice its typical norm, and spikes are skipped
    every: int | None = None  # steps between events; None: ten an epoch
    plateau: float | None = None  # stop when an epoch improves the honest objective by less than this share
    stop: bool = False  # end after the step at hand, with an event as ever

    def check(self) -> None:
        """ValueError for a value that no run can have."""
        for name in ("rate", "lam", "dictionary_rate", "cross_entropy", "plateau", "tilt", "clip", "horizon"):
            value = getattr(self, name)
            if value is None and name in ("lam", "plateau", "clip", "horizon"):
                continue
            lowest = "> 0" if name in ("rate", "lam", "clip", "horizon") else "≥ 0"
            if value is None or not (math.isfinite(value) and (value > 0 or value == 0 and lowest == "≥ 0")):
                raise ValueError(f"{name} must be {lowest} and finite, got {value}")
        if not 0 <= self.at_highest < 1:
            raise ValueError(f"at_highest must be a share ≥ 0 and < 1, got {self.at_highest}")


@dataclass(frozen=True)
class Event:
    """Where a run stands. Objectives are means over the validation rows at `lam`, in the units of F.

    Before the first step there is no loss, gradient or speed: nan.
    """

    step: int  # steps that the weights have seen
    epoch: float  # epochs done
    loss: float  # mean training loss since the last event
    lam: float
    printed: float  # objective as printed
    objective: float  # honest: on unit-norm atoms
    optimum: float  # exact codes on the network's own dictionary, normalised
    excess: float  # objective above optimum, in % of it
    nonzero: float  # share of |s| > 1e-3
    accuracy: float | None  # of the softmax head on the validation rows, in [0, 1]
    input_gate: float | None  # mean over validation rows, atoms and iterations
    forget_gate: float | None
    gradient_norm: float
    samples_per_second: float
    seconds: float  # since the start of this call
    skipped: int  # steps left out for a spike of the gradient
    stopped: str | None  # why this is the last event: "finished", "plateau", "interrupted", or what went wrong
    state: Callable[[], dict[str, Tensor]]  # what `resume=` takes; it keeps the run alive


def recipe(solver: Solver, loss: str, preset: str) -> Settings:
    """The settings of a preset. "recommended" is the recipe of today, and the networks for every λ that are shipped were
    trained by it; "recommended-1", its first version, is what stored runs name: such networks run away beyond T.

    The dictionary moves little under the recipe of today, because it starts as the best one for every λ.
    """
    if preset == "paper":
        return Settings(rate=1.0, lam=0.1, project=False)
    if loss != "sc2net":
        return Settings(lam=0.1, project=loss not in losses.REGRESSING)
    if preset in EARLIER or isinstance(solver.weights, Tied):
        return Settings()
    return Settings(dictionary_rate=0.1, tilt=0.5, at_highest=0.15, horizon=3 * solver.steps, clip=5.0)


def fit(solver: Solver, images: Images, loss: str = "sc2net", *, epochs: int = 5, seed: int = 0,
        preset: str | None = None, settings: Settings | None = None, batch_size: int = 256,
        validation: Images | None = None, resume: dict[str, Tensor] | None = None, from_start: bool = False,
        processes: Processes | None = None) -> Iterator[Event]:  # fmt: skip
    """Train `solver` in place on `images`, on the device where it is; the events are about ten an epoch and one at the end,
    and with `from_start` one before the first step.

    preset: "recommended" or "paper" (default: the solver's own); it chooses the optimiser and, where `settings` are not
    given, those. `validation`: rows for the events; by default the last 500 of `images` (or a fifth) are held out.
    `resume`: the `state()` of an event of the same run; the solver must hold its weights. Ten epochs left of twenty are
    those that it would have had. Once loss or gradient is not finite the last good weights are put back and the run
    ends. The run decides what of the solver learns (`requires_grad`): C only where there are labels, and under "codes" not
    the dictionary, which those codes belong to. ValueError for a loss that solver or data cannot take.
    """
    preset = preset or solver.config.get("preset", "recommended")
    _check(solver, images, loss, preset, epochs, batch_size)
    settings = settings or recipe(solver, loss, preset)
    settings.check()
    if validation is None:
        held_out = min(VALIDATION, -(-len(images) // 5))
        images, validation = images[: len(images) - held_out], images[len(images) - held_out :]
    if not len(validation):
        raise ValueError("validation must hold at least one picture, got none: leave it out to hold out some of the images")
    run = Run(solver, images, loss, epochs, validation=validation, seed=seed, preset=preset, settings=settings,
              batch_size=batch_size, processes=processes)  # fmt: skip
    return run.events(resume, from_start)


@dataclass(frozen=True)
class Processes:
    """This process's place among those that share a run (torch.distributed is up)."""

    rank: int
    count: int


def _check(solver: Solver, images: Images, loss: str, preset: str, epochs: int, batch_size: int) -> None:
    if loss not in losses.NAMES:
        raise ValueError(f"loss must be one of {', '.join(losses.NAMES)}, got {loss!r}")
    if preset not in PRESETS + EARLIER:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, got {preset!r}")
    if not (isinstance(epochs, Integral) and isinstance(batch_size, Integral) and epochs >= 1 and batch_size >= 1):
        raise ValueError(f"epochs and batch_size must be whole numbers ≥ 1, got {epochs} and {batch_size}")
    if images.pixels.shape[1] != len(solver.dictionary):
        raise ValueError(f"{images.name} has {images.pixels.shape[1]} values a picture, the solver {len(solver.dictionary)}")
    if len(images) < 2:
        raise ValueError(f"{images.name} must hold at least two pictures to train on and to check with")
    if not torch.isfinite(images.pixels).all():
        raise ValueError(f"{images.name} must be finite, got NaN or infinity: clean it first")
    if not _finite(solver):
        raise ValueError("the solver's weights must be finite, got NaN or infinity: build or load it anew")
    if loss in losses.REGRESSING and isinstance(solver.weights, Tied):
        raise ValueError(f"the {loss} loss keeps the dictionary, and {solver.name} has nothing else to learn: use sc2net")
    if loss in losses.LABELLED:
        if solver.C is None:
            raise ValueError(f"the {loss} loss needs a softmax head: build the solver with classes=")
        if images.labels is None:
            raise ValueError(f"the {loss} loss needs labels, and {images.name} has none")
        if not 0 <= images.labels.min() <= images.labels.max() < len(solver.C):
            raise ValueError(f"labels must lie in 0 … {len(solver.C) - 1}, the solver's classes")


class _Loss(nn.Module):
    """The loss as one module, so that DistributedDataParallel sees its forward pass: a weighted sum over samples."""

    def __init__(self, solver: Solver, name: str):
        super().__init__()
        self.solver, self.compute = solver, getattr(losses, name.replace("-", "_"))

    def forward(self, x: Tensor, lam: Tensor, weight: Tensor | float, extra: tuple, later: int | None) -> Tensor:
        return (weight * self.compute(self.solver, x, lam, *extra, later=later)).sum()


class Run:
    """One run of training: what `fit` iterates over. `take_step` is a whole step."""

    def __init__(self, solver: Solver, images: Images, loss: str, epochs: int, *, validation: Images, seed: int = 0,
                 preset: str = "recommended", settings: Settings | None = None, batch_size: int = 256,
                 processes: Processes | None = None):  # fmt: skip
        self.solver, self.loss, self.epochs, self.seed = solver, loss, epochs, seed
        self.settings = settings or recipe(solver, loss, preset)
        self.device = solver.dictionary.device
        self.pixels = images.pixels.to(self.device)
        self.labels = None if images.labels is None else images.labels.to(self.device)
        self.validation, self.batch_size, self.processes = validation, batch_size, processes
        self.regresses, self.labelled = loss in losses.REGRESSING, loss in losses.LABELLED
        solver.weights.keep_dictionary_(self.regresses)
        for name, parameter in solver.named_parameters():  # what the loss cannot reach does not train
            fixed = self.regresses if name == "weights.B" else name == "C" and not self.labelled
            parameter.requires_grad_(not fixed)
        self.module = _Loss(solver, loss)
        if processes is not None:
            self.module = nn.parallel.DistributedDataParallel(self.module)
        self.adadelta = preset == "paper"
        self.optimiser = self._optimiser()
        self.steps_an_epoch = -(-len(self.pixels) // batch_size)
        self.total, self.order = epochs * self.steps_an_epoch, None
        self.step, self.skipped, self.typical_norm = 0, 0, 0.0
        self.best, self.best_epoch, self.best_lam, self.optimum_codes = sys.float_info.max, 0.0, 0.0, None
        self.targets, self.targets_lam = None, None
        self.interrupted = False

    def _optimiser(self) -> torch.optim.Optimizer:
        """Adam's rate is relative to the parameter's scale: Δ_d moves half as far as the rest, B `dictionary_rate` times
        as far, and the encoder W_d = τBᵀ by τ of that. Adadelta finds its own."""
        scales = {"weights.delta_d": 0.5} if not self.adadelta else {}
        if isinstance(self.solver.weights, Plain) and not self.adadelta:
            scales["weights.encoder"] = float(self.solver.weights.tau)
        groups = [
            {"params": [parameter], "scale": scales.get(name, 1.0),
             "atoms": not self.adadelta and name in ("weights.B", "weights.encoder")}
            for name, parameter in self.solver.named_parameters() if parameter.requires_grad
        ]  # fmt: skip
        if self.adadelta:
            return torch.optim.Adadelta(groups, lr=1.0, rho=0.95, eps=1e-8)
        return torch.optim.Adam(groups, lr=1e-3, fused=self.device.type in ("cpu", "cuda"))

    def events(self, resume: dict[str, Tensor] | None, from_start: bool = False) -> Iterator[Event]:
        if resume:
            self._restore(resume)
        self.solver.train()
        losses_seen, seen, good = 0.0, 0, self._snapshot()
        begin = since = time.perf_counter()
        try:
            if from_start:
                yield self._event(math.nan, math.nan, math.nan, 0.0)
                since = time.perf_counter()
            while self.step < self.total:
                value, norm, rows = self.take_step()
                losses_seen, seen = losses_seen + value, seen + rows
                every = self.settings.every or max(1, self.steps_an_epoch // 10)
                broken = not (math.isfinite(value) and math.isfinite(norm))
                if self.step % every and self.step < self.total and not broken and not self.interrupted:
                    continue
                now = time.perf_counter()
                measured = losses_seen / seen, norm, seen / max(now - since, 1e-9), now - begin
                event = None if broken or not _finite(self.solver) else self._event(*measured)
                if event is None or not math.isfinite(event.objective):
                    told = f"loss or gradient was not finite at step {self.step}: the last good weights are back, those of"
                    self._put_back(good)
                    event = self._event(*measured, stopped=f"{told} step {self.step}; lower the rate")
                else:
                    good = self._snapshot()
                yield event
                if event.stopped:
                    return
                losses_seen, seen, since = 0.0, 0, time.perf_counter()
        finally:
            self.solver.eval()

    def _snapshot(self) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        return {key: value.clone() for key, value in self.solver.state_dict().items()}, self._state()

    def _put_back(self, snapshot: tuple[dict[str, Tensor], dict[str, Tensor]]) -> None:
        self.solver.load_state_dict(snapshot[0])
        self._restore(snapshot[1])

    def take_step(self) -> tuple[float, float, int]:
        """One step on the next batch: the sum of its losses, the norm of the gradient, and its rows."""
        settings = self.settings
        epoch, batch = divmod(self.step, self.steps_an_epoch)
        if self.order is None or self.order[0] != epoch:
            self.order = (epoch, *_draws(len(self.pixels), self.seed, epoch))
        rows = self.order[1][batch * self.batch_size : (batch + 1) * self.batch_size]
        mine, share = rows, 1
        if self.processes is not None:
            mine, share = rows[self.processes.rank :: self.processes.count], self.processes.count
        index = mine.to(self.device)
        x = self.pixels[index]
        lam, weight = settings.lam, 1.0
        if lam is None:
            drawn = losses.draw_lambda(self.order[2][mine], settings.tilt, settings.at_highest)
            lam, weight = (values.to(x) for values in drawn)
        later = self._later(float(self.order[3][batch]))
        value = self.module(x, lam, weight, self._extra(x, index, lam), later) * (share / len(rows))
        decay = 1.0 if self.adadelta else 0.5 * (1 + math.cos(math.pi * self.step / self.total))
        for group in self.optimiser.param_groups:
            group["lr"] = settings.rate * group["scale"] * (settings.dictionary_rate if group["atoms"] else 1) * decay
        self.optimiser.zero_grad(set_to_none=True)
        value.backward()
        norm = nn.utils.get_total_norm(p.grad for p in self.solver.parameters() if p.grad is not None)
        stop = torch.full_like(norm, settings.stop)
        value, norm, stop = self._mean(torch.stack((value.detach(), norm, stop))).tolist()
        self.interrupted = stop > 0
        if math.isfinite(norm) and (self.adadelta or self._clip(norm)):
            self.optimiser.step()
            if settings.project and not self.regresses:
                self.solver.project_()
        self.step += 1
        return value * len(rows), norm, len(rows)

    def _later(self, uniform: float) -> int | None:
        """The number of iterations beyond T that this batch is trained at, too: uniform on T + 1 … horizon."""
        beyond = (self.settings.horizon or 0) - self.solver.steps
        return self.solver.steps + 1 + int(uniform * beyond) if beyond > 0 else None

    def _mean(self, values: Tensor) -> Tensor:
        """Over all processes: what they decide on must be the same number everywhere, or they part."""
        if self.processes is not None:
            distributed.all_reduce(values)
            values /= self.processes.count
        return values

    def _clip(self, norm: float) -> bool:
        """Clip the gradient; False for a spike so high that the step is left out, which `Settings.clip` does not do."""
        typical = self.typical_norm or norm
        clipped = min(norm, SPIKE_CLIP * typical if self.settings.clip is None else self.settings.clip)
        self.typical_norm = SPIKE_MEMORY * typical + (1 - SPIKE_MEMORY) * clipped
        if self.settings.clip is None and self.step > SPIKE_WARM_UP and norm > SPIKE_SKIP * typical:
            self.skipped += 1
            return False
        if norm > clipped:
            gradients = [p.grad for p in self.solver.parameters() if p.grad is not None]
            torch._foreach_mul_(gradients, clipped / norm)
        return True

    def _extra(self, x: Tensor, index: Tensor, lam: float | Tensor) -> tuple:
        targets = (self._exact_codes(x, index, lam),) if self.regresses else ()
        return targets + ((self.labels[index], self.settings.cross_entropy) if self.labelled else ())

    def _exact_codes(self, x: Tensor, index: Tensor, lam: float | Tensor) -> Tensor:
        """s* on the dictionary, which stays; where λ does too, all are solved once (and alike however a run is cut)."""
        if isinstance(lam, Tensor):
            return lasso.solve(x, self.solver.dictionary, lam).codes
        if lam != self.targets_lam:
            self.targets, self.targets_lam = lasso.solve(self.pixels, self.solver.dictionary, lam).codes, lam
        return self.targets[index]

    @torch.no_grad()
    def _event(self, loss: float, norm: float, speed: float, seconds: float, stopped: str | None = None) -> Event:
        solver, x = self.solver, self.validation.pixels.to(self.device)
        lam = self.settings.lam or self.settings.measured_at
        path = solver.trace(x, lam)
        codes, B = path.codes[-1], solver.dictionary
        unit = lasso.normalised(B)
        exact = lasso.solve(x, unit, lam, tol=1e-3, start=self.optimum_codes)
        self.optimum_codes = exact.codes
        objective = self._mean(lasso.honest_objective(x, codes, B, lam).mean()).item()
        optimum = lasso.objective(x, exact.codes, unit, lam).mean().item()
        accuracy = None
        if self.labelled and self.validation.labels is not None:
            accuracy = (solver.head(codes).argmax(1).cpu() == self.validation.labels).double().mean().item()
        epoch = self.step / self.steps_an_epoch
        if lam != self.best_lam:  # objectives at two λ do not compare
            self.best, self.best_lam = sys.float_info.max, lam
        if objective < self.best * (1 - (self.settings.plateau or 0)):
            self.best, self.best_epoch = objective, epoch
        if stopped is None and self.settings.plateau is not None and epoch - self.best_epoch >= 1:
            stopped = "plateau"
        if stopped is None and self.step >= self.total:
            stopped = "finished"
        if stopped is None and self.interrupted:
            stopped = "interrupted"
        gates = [None if gate is None else gate.mean().item() for gate in (path.input_gate, path.forget_gate)]
        return Event(
            step=self.step, epoch=epoch, loss=loss, lam=lam, printed=lasso.objective(x, codes, B, lam).mean().item(),
            objective=objective, optimum=optimum, excess=100 * (objective - optimum) / optimum if optimum else 0.0,
            nonzero=(codes.abs() > 1e-3).double().mean().item(), accuracy=accuracy, input_gate=gates[0],
            forget_gate=gates[1], gradient_norm=norm, samples_per_second=speed, seconds=seconds, skipped=self.skipped,
            stopped=stopped, state=self._state,
        )  # fmt: skip

    def _state(self) -> dict[str, Tensor]:
        numbers = [self.step, self.skipped, self.typical_norm, self.best, self.best_epoch, self.best_lam]
        state = {"numbers": torch.tensor(numbers, dtype=torch.float64)}
        for index, values in self.optimiser.state_dict()["state"].items():
            state |= {f"optimiser.{index}.{key}": torch.as_tensor(value).clone() for key, value in values.items()}
        return state

    def _restore(self, state: dict[str, Tensor]) -> None:
        parameters = [parameter for group in self.optimiser.param_groups for parameter in group["params"]]
        moments: dict[int, dict[str, Tensor]] = {}
        for index, parameter in enumerate(parameters):
            prefix = f"optimiser.{index}."
            mine = {key.removeprefix(prefix): value.clone() for key, value in state.items() if key.startswith(prefix)}
            if any(value.ndim and value.shape != parameter.shape for value in mine.values()):
                raise ValueError("resume must be the state of a run with this solver, loss and preset: the shapes differ")
            moments |= {index: mine} if mine else {}
        if len(state.get("numbers", ())) != 6 or sum(map(len, moments.values())) != len(state) - 1:
            raise ValueError("resume must be the state() of an event of a run with this solver, loss and preset")
        step, skipped, self.typical_norm, self.best, self.best_epoch, self.best_lam = state["numbers"].tolist()
        self.step, self.skipped = int(step), int(skipped)
        if self.step >= self.total:
            raise ValueError(f"the run to resume has done {step:g} steps, all of the {self.total} asked for: raise epochs")
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": moments})


def _finite(solver: Solver) -> bool:
    return all(torch.isfinite(parameter).all() for parameter in solver.parameters())


def _draws(n: int, seed: int, epoch: int) -> tuple[Tensor, Tensor, Tensor]:
    """The order of n samples in an epoch, a uniform number a sample for its λ, and one a batch (there are at most n)."""
    generator = torch.Generator().manual_seed(1_000_003 * seed + epoch)
    return torch.randperm(n, generator=generator), *(torch.rand(n, generator=generator) for _ in range(2))
