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
OTHERS, OTHER_SEED = (
    256,
    1000,
)  # the pictures of each unusual kind, and the seed of those of seed 0's run


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
    for name, value, kind, how in (
        ("images", images, Images, "those of data.load, or a data.Images"),
        ("settings", settings, Settings | None, "a training.Settings"),
        ("validation", validation, Images | None, "those of data.load, or a data.Images"),
        ("resume", resume, dict | None, "the state() of an event"),
    ):
        if not isinstance(value, kind):
            raise ValueError(f"{name} must be {how}, got {type(value).__name__}")
    arguments.seed(seed)
    preset = preset or solver.config.get("preset", "recommended")
    checks.run(solver, images, loss, preset, epochs, batch_size)
    settings = settings or recipe(solver, loss, preset)
    settings.check()
    for share, what in ((settings.deformed, "deformed"), (settings.unusual, "unusual")):
        if share and images.shape is None:
            raise ValueError(
                f"only pictures can be {what}, and rows of {images.name} are none: leave {what} at 0"
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
        run.search(images, from_start)
        if hasattr(solver, "fit_by_search")
        else run.events(resume, from_start)
    )


def hold_out(images: Images) -> tuple[Images, Images]:
    """The rows to train on, and those that `fit` holds out where it is given no others: the last 500, at most a fifth."""
    kept = len(images) - min(VALIDATION, -(-len(images) // 5))
    return images[:kept], images[kept:]


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
        value = (weight * self.compute(self.solver, x, lam, *extra, **horizon)).sum()
        return (
            value
            if unusual is None
            else value + losses.running_away(self.solver, *unusual, **horizon).sum()
        )


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
        self.recovers, self.images = loss in losses.RECOVERING, images
        self.noisy = loss in losses.NOISY
        if (
            self.noisy
            and images.pixels.shape[1] > len(solver.dictionary)
            and patches.averaging_of(solver) is None
        ):
            patches.give_averaging(solver)
        self._choose_what_learns()
        self.module = _Loss(solver, loss)
        if processes is not None:
            self.module = nn.parallel.DistributedDataParallel(self.module)
        self.steps_an_epoch = -(-len(self.pixels) // batch_size)
        self.total = epochs * self.steps_an_epoch
        self.epoch, self.draws = -1, None  # `draws` are those of `epoch`
        self.optimiser = Optimiser(solver, preset, self.settings, self.total)
        self.monitor = Monitor(solver, validation, self.settings, self.labelled, self._mean)
        self.step, self.interrupted = 0, False
        self.left_out = 0  # how many steps in a row, up to now, had no finite loss
        self.targets, self.targets_lam = None, None
        self.others: Tensor | None = None  # pictures of other kinds

    def _choose_what_learns(self) -> None:
        """Let only those parameters learn that the loss can reach."""
        keeps = self.regresses or self.recovers
        self.solver.weights.keep_dictionary_(keeps)
        reconstructs = self.solver.dictionary, self.solver.offset
        for name, parameter in self.solver.named_parameters():
            fixed = (
                keeps
                if any(parameter is part for part in reconstructs)
                else name == "C" and not self.labelled
            )
            parameter.requires_grad_(not fixed)

    def _check_that_something_learns(self) -> None:
        """`Failed` where the gradient of the loss reaches no parameter that the optimiser moves."""
        if not any(parameter.grad is not None for parameter in self.optimiser.parameters):
            with failing.name_failures(self.solver):
                raise failing.Broken(
                    f"the loss {self.loss} reaches none of the parameters that parameter_groups names, so "
                    "that nothing would be trained",
                    "parameter_groups",
                )

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
                finite = math.isfinite(value) and math.isfinite(norm)
                self.left_out = 0 if finite else self.left_out + 1
                broken = (
                    self.left_out > (MOST_LEFT_OUT if self.settings.horizon else 0)
                    or self.left_out == self.total
                )
                if finite or broken:
                    losses_seen, seen = losses_seen + value, seen + rows
                every = self.settings.every or max(
                    1, self.steps_an_epoch // 10, self.total // MOST_EVENTS
                )
                if (
                    self.step % every
                    and self.step < self.total
                    and not broken
                    and not self.interrupted
                ):
                    continue
                now = time.perf_counter()
                measured = (
                    losses_seen / seen if seen else math.nan,
                    norm,
                    seen / max(now - since, 1e-9),
                    now - begin,
                )
                event = None if broken or not checks.finite(self.solver) else self._event(*measured)
                if event is None or not math.isfinite(event.objective):
                    why = f"loss or gradient was not finite at step {self.step}: the last good weights are back, those of"
                    self._put_back(good)
                    event = self._event(
                        *measured, stopped=f"{why} step {self.step}; lower the rate"
                    )
                else:
                    good = self._snapshot()
                yield event
                if event.stopped:
                    return
                losses_seen, seen, since = 0.0, 0, time.perf_counter()
        finally:
            self.solver.eval()

    def search(self, images: Images, from_start: bool = False) -> Iterator[Event]:
        """The events of a solver that is fitted by a search of its own."""
        begin = time.perf_counter()
        if from_start:
            yield self._event(math.nan, math.nan, math.nan, 0.0)
        with failing.name_failures(self.solver):
            self.solver.fit_by_search(images, self.settings.lam or self.settings.measured_at)
        self.step, seconds = self.total, time.perf_counter() - begin
        yield self._event(math.nan, math.nan, len(images) / max(seconds, 1e-9), seconds)

    def take_step(self) -> tuple[float, float, int]:
        """One step on the next batch: the sum of its losses, the norm of the gradient, and its rows."""
        settings = self.settings
        epoch, batch = divmod(self.step, self.steps_an_epoch)
        if self.epoch != epoch:
            self.epoch, self.draws = epoch, _draws(len(self.pixels), self.seed, epoch)
        rows = self.draws.order[batch * self.batch_size : (batch + 1) * self.batch_size]
        mine = self._mine(rows)
        later = self._later(float(self.draws.later[batch]))
        if settings.hardest > 1 and later and self.loss == "sc2net":
            mine = self._hardest(mine, batch, later)
        index = mine.to(self.device)
        x = self._varied(index, mine)
        lam, weight = settings.lam, 1.0
        if self.noisy:
            lam, extra = self._noise(x, epoch, batch, len(rows))
            # Divides by σ, because the squared error that is left grows about as σ: all σ then count alike in dB.
            weight = extra[0] / patches.REFERENCE
        elif lam is None:
            lam, weight = self._lambda(mine)
        horizon = {"later": later, "window": settings.window}
        if self.recovers:
            x, extra, horizon = *self._signals(mine), {"steps": self._layers()}
        elif not self.noisy:
            extra = (self._exact_codes(x, index, lam),) if self.regresses else ()
            extra += (self.labels[index], settings.cross_entropy) if self.labelled else ()
        others = (
            self._unusual(epoch, batch, len(rows), later)
            if settings.unusual and self.loss == "sc2net"
            else None
        )
        value = self.module(x, lam, weight, extra, horizon, others) * (
            self.processes.count / len(rows)
        )
        self.optimiser.prepare(self.step)
        if value.requires_grad:
            value.backward()
        self._check_that_something_learns()
        norm = self.optimiser.norm()
        stop = torch.full_like(norm, settings.stop)
        value, norm, stop = self._mean(torch.stack((value.detach(), norm, stop))).tolist()
        self.interrupted = stop > 0
        if (
            self.optimiser.take(self.step, norm)
            and settings.project
            and not (self.regresses or self.recovers)
        ):
            self.solver.project_()
        self.step += 1
        return value * len(rows), norm, len(rows)

    def _mine(self, rows: Tensor) -> Tensor:
        """This process's share of the rows of a batch."""
        return rows[self.processes.rank :: self.processes.count]

    def _generator(self, epoch: int, batch: int) -> torch.Generator:
        return torch.Generator().manual_seed((1_000_003 * self.seed + epoch) * 1_000_003 + batch)

    def _varied(self, index: Tensor, rows: Tensor) -> Tensor:
        """The pictures of a batch, the share `Settings.deformed` of them deformed, and the share `Settings.blended` mixed
        with another one, u x + (1 − u) x'; all of as many grey levels as `Settings.levels` says."""
        x, settings = self.pixels[index], self.settings
        if self.loss != "sc2net":
            return x
        if settings.deformed:
            changes = self.draws.deforming[rows].to(x)
            x = torch.where(
                changes[:, :1] < settings.deformed, deform(x, self.shape, changes[:, 1:]), x
            )
        if share := settings.blended:
            uniform, beyond = self.draws.blending[rows], settings.beyond
            own = torch.where(uniform < share, uniform / share * (1 + 2 * beyond) - beyond, 1.0)[
                :, None
            ].to(x)
            x = own * x + (1 - own) * self.pixels[self.draws.partner[rows].to(self.device)]
        return x if settings.levels is None else (x * settings.levels).round() / settings.levels

    def _lambda(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """λ and the weight of each of these rows in this epoch, (n,)."""
        settings = self.settings
        drawn = losses.draw_lambda(
            self.draws.lam[rows], settings.tilt, settings.at_highest, settings.lowest
        )
        return tuple(values.to(self.pixels) for values in drawn)

    @torch.no_grad()
    def _hardest(self, rows: Tensor, batch: int, later: int) -> Tensor:
        """Half of `rows`, and of the next `Settings.hardest` batches as many as then are missing: those whose F grows most
        from T to `later`. F that is no longer finite does not count, for it has no gradient."""
        following = self.draws.order.roll(-(batch + 1) * self.batch_size)[
            : self.settings.hardest * len(rows)
        ]
        x = self._varied(following.to(self.device), following)
        lam = self._lambda(following)[0] if self.settings.lam is None else self.settings.lam
        kept, growth = (
            len(rows) // 2,
            losses.growth(self.solver, x, lam, later).nan_to_num(0.0, posinf=0.0),
        )
        return torch.cat((rows[:kept], following[growth.cpu().topk(len(rows) - kept).indices]))

    @torch.no_grad()
    def _unusual(
        self, epoch: int, batch: int, rows: int, later: int | None
    ) -> tuple[Tensor, Tensor]:
        """Pictures of other kinds and their λ, `Settings.unusual` a row of the batch, this process's share of them: of four
        times as many those that run away the most, as far as F is finite."""
        if self.others is None:
            usual = Images("training", self.pixels.cpu(), shape=self.shape)
            made = unusual.pictures(usual, OTHERS, OTHER_SEED + self.seed)
            self.others = torch.cat([*made.values()]).to(self.pixels)
        settings, count = self.settings, max(1, round(self.settings.unusual * rows))
        generator = self._generator(epoch, batch)
        x = self.others[
            torch.randint(len(self.others), (4 * count,), generator=generator).to(self.device)
        ]
        uniform = torch.rand(4 * count, generator=generator, dtype=torch.float32)
        lam = losses.draw_lambda(uniform, 0, settings.at_highest, settings.lowest)[0].to(
            self.pixels
        )
        lam = lam if settings.lam is None else torch.full_like(lam, settings.lam)
        cost = losses.running_away(self.solver, x, lam, later=later).nan_to_num(0.0, posinf=0.0)
        worst = self._mine(cost.topk(count).indices)
        return x[worst], lam[worst]

    def _noise(
        self, x: Tensor, epoch: int, batch: int, rows: int
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """λ (n,), and (σ (n,), the noise like x), drawn for all `rows` of a batch, of which x has this process's share."""
        generator = self._generator(epoch, batch)
        low, high = losses.SIGMA_RANGE
        sigma = low + (high - low) * torch.rand(rows, 1, generator=generator, dtype=torch.float32)
        noise = sigma * torch.randn(rows, x.shape[1], generator=generator, dtype=torch.float32)
        sigma, noise = self._mine(sigma)[:, 0].to(x), self._mine(noise).to(x)
        return self.settings.lam_per_sigma * sigma, (sigma, noise)

    def _signals(self, rows: Tensor) -> tuple[Tensor, tuple[Tensor]]:
        """x and true codes: new ones in the place of these rows, or where the data have no law, these rows."""
        if self.images.law is None:
            drawn = self.images[rows]
        else:
            drawn = self.images.fresh(len(rows), self.seed, self.step, self.processes.rank)
        return drawn.pixels.to(self.pixels), (drawn.codes.to(self.pixels),)

    def _layers(self) -> int:
        """The layers in use: from 2 to T over the first half of the run."""
        T = self.solver.steps
        return min(T, 2 + int(2 * (T - 1) * self.step / self.total))

    def _later(self, uniform: float) -> int | None:
        """The number of iterations beyond T that this batch is trained at, too: uniform on T + 1 … horizon."""
        beyond = (self.settings.horizon or 0) - self.solver.steps
        return self.solver.steps + 1 + int(uniform * beyond) if beyond > 0 else None

    def _mean(self, values: Tensor) -> Tensor:
        """The mean over all processes, so that all of them decide alike."""
        if self.processes.count > 1:
            distributed.all_reduce(values)
            values /= self.processes.count
        return values

    def _exact_codes(self, x: Tensor, index: Tensor, lam: float | Tensor) -> Tensor:
        """Exact codes of x on the dictionary, which does not learn. For one λ all rows are solved at once and kept."""
        positive = self.solver.traits.positive
        if isinstance(lam, Tensor):
            return lasso.solve(
                self.solver.centred(x), self.solver.dictionary, lam, positive=positive
            ).codes
        if lam != self.targets_lam:
            rows = self.solver.centred(self.pixels)
            self.targets = lasso.solve(rows, self.solver.dictionary, lam, positive=positive).codes
            self.targets_lam = lam
        return self.targets[index]

    def _event(
        self, loss: float, norm: float, speed: float, seconds: float, stopped: str | None = None
    ) -> Event:
        measured, epoch = self.monitor.measure(), self.step / self.steps_an_epoch
        if self.monitor.plateau(measured["lam"], measured["objective"], epoch):
            stopped = stopped or "plateau"
        if self.step >= self.total:
            stopped = stopped or "finished"
        if self.interrupted:
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
        return {
            key: value.clone() for key, value in self.solver.state_dict().items()
        }, self._state()

    def _put_back(self, snapshot: tuple[dict[str, Tensor], dict[str, Tensor]]) -> None:
        self.solver.load_state_dict(snapshot[0])
        self._restore(snapshot[1])

    def _state(self) -> dict[str, Tensor]:
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
    """The draws of an epoch. A stored run depends on the order of these lines."""
    generator = torch.Generator().manual_seed(1_000_003 * seed + epoch)
    order = torch.randperm(n, generator=generator)
    lam, later, blending = (
        torch.rand(n, generator=generator, dtype=torch.float32) for _ in range(3)
    )
    partner = torch.randperm(n, generator=generator)
    chance = torch.rand(n, 1, generator=generator, dtype=torch.float32)
    normal = torch.randn(n, NUMBERS, generator=generator, dtype=torch.float32)
    return Draws(order, lam, later, blending, partner, torch.cat((chance, normal), 1))
