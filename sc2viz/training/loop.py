"""The loop of training: data, loss and steps, as a generator of events."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, distributed, nn

from sc2viz import arguments, lasso, patches
from sc2viz.analysis import unusual
from sc2viz.data import Images
from sc2viz.solvers import Solver, failing
from sc2viz.training import checks, losses
from sc2viz.training.deforming import NUMBERS, deform
from sc2viz.training.monitor import Event, Monitor
from sc2viz.training.optimiser import Optimiser
from sc2viz.training.settings import Settings, recipe

VALIDATION = 500  # rows held out for the events where no validation set is given
MOST_LEFT_OUT = 20  # steps in a row without a finite loss that a run survives, where the loss is also taken beyond T
MOST_EVENTS = 1000  # about, of a run, because each event costs exact codes of the validation rows
# The pictures of each unusual kind, and the seed of those of seed 0's run
UNUSUAL, UNUSUAL_SEED = 256, 1000


def fit(
    solver: Solver,
    images: Images,
    loss: str = "sc2net",
    *,
    epochs: int = 5,
    seed: int = 0,
    preset: str | None = None,
    settings: Settings | None = None,
    batch_size: int = 256,
    validation: Images | None = None,
    resume: dict[str, Tensor] | None = None,
    from_start: bool = False,
    processes: "Processes | None" = None,
) -> Iterator[Event]:
    """Train `solver` in place on `images`, on the device where it is; the events are about ten an epoch, at most about
    1,000, and one at the end, and with `from_start` one before the first step.

    preset: "recommended" or "paper" (default: the solver's own); it chooses the optimiser and, where `settings` are not
    given, those. `validation`: rows for the events; by default the last 500 of `images` (or a fifth) are held out.
    `resume`: the `state()` of an event of the same run; the solver must hold its weights. Resuming continues the original
    schedule. Once loss or gradient is not finite, the last good weights are put back and the run ends; with a
    horizon, where a sample may run away in one batch, such a step is left out, and 20 in a row, or all of a run, end it. The
    run decides what of the solver learns (`requires_grad`): C only where there are labels, and under "codes" and "recovery"
    not the dictionary, to which those codes belong. Under "recovery" each batch is drawn anew where `images` have a law, and
    the layers in use grow from 2 to T over the first half of the run. A solver with `fit_by_search(images, lam)` is trained
    by that instead, in one step; it is given the `Images` that are left to train on, and the settings' λ, or where that is
    None the λ of the events.
    ValueError for a loss that solver or data cannot take, and for a solver of which nothing would learn.
    """
    arguments.built(solver)
    for name, value, kind, remedy in (
        ("images", images, Images, "those of data.load, or a data.Images"),
        ("settings", settings, Settings | None, "a training.Settings"),
        ("validation", validation, Images | None, "those of data.load, or a data.Images"),
        ("resume", resume, dict | None, "the state() of an event"),
    ):
        if not isinstance(value, kind):
            raise ValueError(f"{name} must be {remedy}, got {type(value).__name__}")
    arguments.seed(seed)
    preset = preset or solver.config.get("preset", "recommended")
    checks.check_run(solver, images, loss, preset, epochs, batch_size)
    settings = settings or recipe(solver, loss, preset)
    settings.check()
    for name in ("deformed", "unusual"):
        if getattr(settings, name) and images.shape is None:
            raise ValueError(
                f"only pictures can be {name}, and rows of {images.name} are none: leave {name} at 0"
            )
    if validation is None:
        images, validation = hold_out(images)
    if not len(validation):
        raise ValueError(
            "validation must hold at least one picture, got none: leave it out to hold out some of the images"
        )
    run = Loop(
        solver,
        images,
        loss,
        epochs,
        validation=validation,
        seed=seed,
        preset=preset,
        settings=settings,
        batch_size=batch_size,
        processes=processes,
    )
    return (
        run.search(from_start)
        if hasattr(solver, "fit_by_search")
        else run.events(resume, from_start)
    )


def hold_out(images: Images) -> tuple[Images, Images]:
    """Return the rows to train on, and those that `fit` holds out where it is given no others: the last 500, at most a fifth."""
    count = len(images) - min(VALIDATION, -(-len(images) // 5))
    return images[:count], images[count:]


@dataclass(frozen=True)
class Processes:
    """This process's place among those that share a run (torch.distributed is up)."""

    rank: int
    count: int


class _Loss(nn.Module):
    """The loss as one module, so that DistributedDataParallel sees its forward pass: a weighted sum over samples."""

    def __init__(self, solver: Solver, name: str):
        super().__init__()
        self.solver, self.compute = solver, getattr(losses, name.replace("-", "_"))

    def forward(
        self,
        x: Tensor,
        lam: Tensor,
        weight: Tensor | float,
        extra: tuple,
        horizon: dict[str, int | None],
        unusual: tuple[Tensor, Tensor] | None = None,
    ) -> Tensor:
        """Return the sum over the rows of a batch of their losses times `weight`, and of the losses of `unusual` pictures
        (x, λ)."""
        value = (weight * self.compute(self.solver, x, lam, *extra, **horizon)).sum()
        if unusual is not None:
            value = value + losses.running_away(self.solver, *unusual, **horizon).sum()
        return value


class Loop:
    """One run of training, whose events `fit` yields."""

    def __init__(
        self,
        solver: Solver,
        images: Images,
        loss: str,
        epochs: int,
        *,
        validation: Images,
        seed: int = 0,
        preset: str = "recommended",
        settings: Settings | None = None,
        batch_size: int = 256,
        processes: Processes | None = None,
    ):
        self.solver, self.loss, self.epochs, self.seed = solver, loss, epochs, seed
        self.settings = settings or recipe(solver, loss, preset)
        self.device = solver.dictionary.device
        self.pixels, self.shape = images.pixels.to(self.device), images.shape
        self.labels = None if images.labels is None else images.labels.to(self.device)
        self.batch_size, self.processes = batch_size, processes or Processes(0, 1)
        self.regresses, self.labelled = loss in losses.REGRESSING, loss in losses.LABELLED
        self.recovers, self.noisy = loss in losses.RECOVERING, loss in losses.NOISY
        self.keeps_dictionary, self.images = self.regresses or self.recovers, images
        is_larger = images.pixels.shape[1] > len(solver.dictionary)
        if self.noisy and is_larger and patches.averaging_of(solver) is None:
            patches.give_averaging(solver)
        # Only those parameters learn that the loss can reach
        solver.weights.keep_dictionary_(self.keeps_dictionary)
        for name, parameter in solver.named_parameters():
            learns = self.labelled or name != "C"
            if any(parameter is tensor for tensor in (solver.dictionary, solver.offset)):
                learns = not self.keeps_dictionary
            parameter.requires_grad_(learns)
        self.module = _Loss(solver, loss)
        if self.processes.count > 1:
            self.module = nn.parallel.DistributedDataParallel(self.module)
        self.steps_an_epoch = -(-len(self.pixels) // batch_size)
        self.total = epochs * self.steps_an_epoch
        self.epoch, self.draws = -1, None  # `draws` are those of `epoch`
        self.optimiser = Optimiser(solver, preset, self.settings, self.total)
        self.monitor = Monitor(solver, validation, self.settings, self.labelled, self._mean)
        self.step, self.interrupted = 0, False
        self.left_out = 0  # how many steps in a row, up to now, had no finite loss
        self.targets, self.targets_lam = None, None
        self.unusual: Tensor | None = None  # pictures of other kinds

    def events(self, resume: dict[str, Tensor] | None, from_start: bool) -> Iterator[Event]:
        """Train step by step and yield the events, with `resume` from the state of an event on, with `from_start` one before the
        first step."""
        if resume:
            self._restore(resume)
        self.solver.train()
        total, rows, good = 0.0, 0, self._snapshot()
        begin = since = time.perf_counter()
        try:
            if from_start:
                yield self._event()
                since = time.perf_counter()
            while self.step < self.total:
                value, norm, batch_rows = self.take_step()
                is_finite = math.isfinite(value) and math.isfinite(norm)
                self.left_out = 0 if is_finite else self.left_out + 1
                survived = MOST_LEFT_OUT if self.settings.horizon else 0
                is_broken = self.left_out > survived or self.left_out == self.total
                if is_finite or is_broken:
                    total, rows = total + value, rows + batch_rows
                every = self.settings.every or max(
                    1, self.steps_an_epoch // 10, self.total // MOST_EVENTS
                )
                is_due = self.step % every == 0 or self.step >= self.total
                if not (is_due or is_broken or self.interrupted):
                    continue
                time_now = time.perf_counter()
                loss = total / rows if rows else math.nan
                measured = loss, norm, rows / max(time_now - since, 1e-9), time_now - begin
                is_broken = is_broken or not checks.finite(self.solver)
                event = None if is_broken else self._event(*measured)
                if event is None or not math.isfinite(event.objective):
                    reason = f"loss or gradient was not finite at step {self.step}: the last good weights are back"
                    self.solver.load_state_dict(good[0])
                    self._restore(good[1])
                    reason += f", those of step {self.step}; lower the rate"
                    event = self._event(*measured, stopped=reason)
                else:
                    good = self._snapshot()
                yield event
                if event.stopped:
                    return
                total, rows, since = 0.0, 0, time.perf_counter()
        finally:
            self.solver.eval()

    def search(self, from_start: bool) -> Iterator[Event]:
        """Fit the solver by its own `fit_by_search` and yield the events: one after it, and with `from_start` one before."""
        begin = time.perf_counter()
        if from_start:
            yield self._event()
        with failing.name_failures(self.solver):
            self.solver.fit_by_search(self.images, self.settings.lam or self.settings.measured_at)
        self.step, seconds = self.total, time.perf_counter() - begin
        yield self._event(speed=len(self.images) / max(seconds, 1e-9), seconds=seconds)

    def take_step(self) -> tuple[float, float, int]:
        """Take one step on the next batch; return the sum of its losses, the norm of the gradient, and the number of its rows."""
        settings, solver = self.settings, self.solver
        epoch, batch = divmod(self.step, self.steps_an_epoch)
        if self.epoch != epoch:
            self.epoch, self.draws = epoch, _draws(len(self.pixels), self.seed, epoch)
        rows = self.draws.order[batch * self.batch_size : (batch + 1) * self.batch_size]
        share = self._share(rows)
        # The number of iterations beyond T that this batch is trained at, too: uniform on T + 1 … horizon
        beyond = (settings.horizon or 0) - solver.steps
        later = solver.steps + 1 + int(float(self.draws.later[batch]) * beyond)
        later = later if beyond > 0 else None
        if settings.hardest > 1 and later and self.loss == "sc2net":
            share = self._hardest(share, batch, later)
        index = share.to(self.device)
        x = self._varied(index, share)
        lam, weight = settings.lam, 1.0
        if self.noisy:
            lam, extra = self._noise(x, len(rows))
            # Divides by σ, because the squared error that is left grows about as σ: all σ then count alike in dB.
            weight = extra[0] / patches.REFERENCE
        elif lam is None:
            lam, weight = self._lambda(share)
        horizon, unusual_rows = {"later": later, "window": settings.window}, None
        if self.recovers:
            # New signals in the place of these rows, or where the data have no law, these rows. The layers in use grow
            # from 2 to T over the first half of the run.
            signals = self.images[share]
            if self.images.law is not None:
                signals = self.images.fresh(len(share), self.seed, self.step, self.processes.rank)
            x, extra = signals.pixels.to(self.pixels), (signals.codes.to(self.pixels),)
            T = solver.steps
            horizon = {"steps": min(T, 2 + int(2 * (T - 1) * self.step / self.total))}
        elif not self.noisy:
            extra = (self._exact_codes(x, index, lam),) if self.regresses else ()
            extra += (self.labels[index], settings.cross_entropy) if self.labelled else ()
        if settings.unusual and self.loss == "sc2net":
            unusual_rows = self._unusual(len(rows), later)
        value = self.module(x, lam, weight, extra, horizon, unusual_rows)
        value = value * (self.processes.count / len(rows))
        solver.zero_grad()
        if value.requires_grad:
            value.backward()
        if all(parameter.grad is None for parameter in self.optimiser.parameters):
            with failing.name_failures(solver):
                raise failing.Broken(
                    f"the loss {self.loss} reaches none of the parameters that parameter_groups names, so "
                    "that nothing would be trained",
                    "parameter_groups",
                )
        norm = self.optimiser.norm()
        stop = torch.full_like(norm, settings.stop)
        value, norm, stop = self._mean(torch.stack((value.detach(), norm, stop))).tolist()
        self.interrupted = stop > 0
        has_moved = self.optimiser.take(self.step, norm)
        if has_moved and settings.project and not self.keeps_dictionary:
            solver.project_()
        self.step += 1
        return value * len(rows), norm, len(rows)

    def _share(self, rows: Tensor) -> Tensor:
        """Return this process's share of the rows of a batch."""
        return rows[self.processes.rank :: self.processes.count]

    def _generator(self) -> torch.Generator:
        """Return the generator of the random numbers of this step."""
        epoch, batch = divmod(self.step, self.steps_an_epoch)
        return torch.Generator().manual_seed((1_000_003 * self.seed + epoch) * 1_000_003 + batch)

    def _varied(self, index: Tensor, rows: Tensor) -> Tensor:
        """Return the pictures of a batch, the share `Settings.deformed` of them deformed, and the share `Settings.blended` mixed
        with another one, u x + (1 − u) x'; all of as many grey levels as `Settings.levels` says."""
        x, settings = self.pixels[index], self.settings
        if self.loss != "sc2net":
            return x
        if settings.deformed:
            changes = self.draws.deforming[rows].to(x)
            is_deformed = changes[:, :1] < settings.deformed
            x = torch.where(is_deformed, deform(x, self.shape, changes[:, 1:]), x)
        if share := settings.blended:
            uniform, beyond = self.draws.blending[rows], settings.beyond
            u = torch.where(uniform < share, uniform / share * (1 + 2 * beyond) - beyond, 1.0)
            u = u[:, None].to(x)
            x = u * x + (1 - u) * self.pixels[self.draws.partner[rows].to(self.device)]
        return x if settings.levels is None else (x * settings.levels).round() / settings.levels

    def _lambda(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return λ and the weight of each of these rows in this epoch, (n,)."""
        settings, uniform = self.settings, self.draws.lam[rows]
        lam, weight = losses.draw_lambda(
            uniform, settings.tilt, settings.at_highest, settings.lowest
        )
        return lam.to(self.pixels), weight.to(self.pixels)

    @torch.no_grad()
    def _hardest(self, rows: Tensor, batch: int, later: int) -> Tensor:
        """Return half of `rows`, and of the next `Settings.hardest` batches as many as then are missing: those whose F grows most
        from T to `later`. F that is no longer finite does not count, for it has no gradient."""
        following = self.draws.order.roll(-(batch + 1) * self.batch_size)
        following = following[: self.settings.hardest * len(rows)]
        x = self._varied(following.to(self.device), following)
        lam = self._lambda(following)[0] if self.settings.lam is None else self.settings.lam
        growth = losses.growth(self.solver, x, lam, later).nan_to_num(0.0, posinf=0.0).cpu()
        half = len(rows) // 2
        return torch.cat((rows[:half], following[growth.topk(len(rows) - half).indices]))

    @torch.no_grad()
    def _unusual(self, rows: int, later: int | None) -> tuple[Tensor, Tensor]:
        """Return pictures of other kinds and their λ, `Settings.unusual` a row of the batch, this process's share of them: of
        four times as many those that run away the most, as far as F is finite."""
        if self.unusual is None:
            usual = Images("training", self.pixels.cpu(), shape=self.shape)
            kinds = unusual.pictures(usual, UNUSUAL, UNUSUAL_SEED + self.seed)
            self.unusual = torch.cat([*kinds.values()]).to(self.pixels)
        settings, generator = self.settings, self._generator()
        count = max(1, round(settings.unusual * rows))
        index = torch.randint(len(self.unusual), (4 * count,), generator=generator)
        x = self.unusual[index.to(self.device)]
        uniform = torch.rand(4 * count, generator=generator, dtype=torch.float32)
        lam, _ = losses.draw_lambda(uniform, 0, settings.at_highest, settings.lowest)
        lam = lam.to(self.pixels)
        lam = lam if settings.lam is None else torch.full_like(lam, settings.lam)
        cost = losses.running_away(self.solver, x, lam, later=later).nan_to_num(0.0, posinf=0.0)
        worst = self._share(cost.topk(count).indices)
        return x[worst], lam[worst]

    def _noise(self, x: Tensor, rows: int) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return λ (n,), and (σ (n,), the noise like x), drawn for all `rows` of a batch, of which x has this process's share."""
        generator, (low, high) = self._generator(), losses.SIGMA_RANGE
        sigma = low + (high - low) * torch.rand(rows, 1, generator=generator, dtype=torch.float32)
        noise = sigma * torch.randn(rows, x.shape[1], generator=generator, dtype=torch.float32)
        sigma, noise = self._share(sigma)[:, 0].to(x), self._share(noise).to(x)
        return self.settings.lam_per_sigma * sigma, (sigma, noise)

    def _mean(self, values: Tensor) -> Tensor:
        """Return the mean over all processes, so that all of them decide alike."""
        if self.processes.count > 1:
            distributed.all_reduce(values)
            values /= self.processes.count
        return values

    def _exact_codes(self, x: Tensor, index: Tensor, lam: float | Tensor) -> Tensor:
        """Return exact codes of x on the dictionary, which does not learn. For one λ all rows are solved at once and kept."""
        solver = self.solver

        def solve(rows: Tensor) -> Tensor:
            rows, positive = solver.centred(rows), solver.traits.positive
            return lasso.solve(rows, solver.dictionary, lam, positive=positive).codes

        if isinstance(lam, Tensor):
            return solve(x)
        if lam != self.targets_lam:
            self.targets, self.targets_lam = solve(self.pixels), lam
        return self.targets[index]

    def _event(
        self,
        loss: float = math.nan,
        norm: float = math.nan,
        speed: float = math.nan,
        seconds: float = 0.0,
        stopped: str | None = None,
    ) -> Event:
        """Measure the solver and return an event with these numbers; its `stopped`, by default None, is set where the run ends
        here."""
        measured, epoch = self.monitor.measure(), self.step / self.steps_an_epoch
        if self.monitor.plateau(measured["lam"], measured["objective"], epoch):
            stopped = stopped or "plateau"
        elif self.step >= self.total:
            stopped = stopped or "finished"
        elif self.interrupted:
            stopped = stopped or "interrupted"
        return Event(
            step=self.step,
            epoch=epoch,
            loss=loss,
            gradient_norm=norm,
            samples_per_second=speed,
            seconds=seconds,
            skipped=self.optimiser.skipped,
            stopped=stopped,
            state=self._state,
            **measured,
        )

    def _snapshot(self) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return copies of the solver's numbers and of the run's state, which both can be put back."""
        weights = {key: value.clone() for key, value in self.solver.state_dict().items()}
        return weights, self._state()

    def _state(self) -> dict[str, Tensor]:
        """Return the state of the run, which `_restore` takes: counts, the best objective so far, and what the optimiser
        keeps."""
        monitor, optimiser = self.monitor, self.optimiser
        numbers = [
            self.step,
            optimiser.skipped,
            optimiser.typical_norm,
            monitor.best,
            monitor.best_epoch,
            monitor.best_lam,
        ]
        return {"numbers": torch.tensor(numbers, dtype=torch.float64), **optimiser.state()}

    def _restore(self, state: dict[str, Tensor]) -> None:
        """Take up a state of `_state`; raise ValueError for one of another run, and for a run that is finished."""
        numbers = state.get("numbers", ())
        if len(numbers) != 6:
            raise ValueError(
                "resume must be the state() of an event of a run with this solver, loss and preset"
            )
        self.optimiser.restore({key: value for key, value in state.items() if key != "numbers"})
        step, skipped, self.optimiser.typical_norm, *best = numbers.tolist()
        self.step, self.optimiser.skipped = int(step), int(skipped)
        self.monitor.best, self.monitor.best_epoch, self.monitor.best_lam = best
        if self.step >= self.total:
            raise ValueError(
                f"the run to resume has done {step:g} steps, all of the {self.total} asked for: raise epochs"
            )


class Draws(NamedTuple):
    """What an epoch draws for its n samples; each entry but `order` and `later` is by sample."""

    order: Tensor  # (n,) the samples, as they are trained on
    lam: Tensor  # (n,) uniform numbers that become λ
    later: Tensor  # (n,) uniform numbers, the first of which become the later T of each batch
    blending: Tensor  # (n,) uniform numbers that say whether and how a sample is blended
    partner: Tensor  # (n,) the sample that each sample is blended with
    deforming: Tensor  # (n, 1 + NUMBERS) uniform numbers that say whether a sample is deformed, then those of `deform`


def _draws(n: int, seed: int, epoch: int) -> Draws:
    """Return the draws of an epoch. A stored run depends on the order of these lines."""
    generator = torch.Generator().manual_seed(1_000_003 * seed + epoch)
    order = torch.randperm(n, generator=generator)
    lam, later, blending = (
        torch.rand(n, generator=generator, dtype=torch.float32) for _ in range(3)
    )
    partner = torch.randperm(n, generator=generator)
    chance = torch.rand(n, 1, generator=generator, dtype=torch.float32)
    normal = torch.randn(n, NUMBERS, generator=generator, dtype=torch.float32)
    return Draws(order, lam, later, blending, partner, torch.cat((chance, normal), 1))
