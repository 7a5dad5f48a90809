"""Train networks on filters to remove noise: `python -m sc2viz.lab.weights filter_networks NAME OUT`.

They start at filters learned from the same photographs, `data.PHOTOGRAPHS` but for chelsea and china, by which choices are
made and which are measured as the run goes on. When all is chosen, a last run may learn from more by --also: from these two,
and from files. A run that was stopped, or that ended with --hours, goes on from OUT where it was when the same command is
given again.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from sc2viz import checkpoints, convolution, data, evaluation, photographs, solvers, training
from sc2viz.lab.weights.patch_networks import crops
from sc2viz.photographs.whole import FILTERS, STRIDE, dct
from sc2viz.training import losses
from sc2viz.training.optimiser import Optimiser

HELD = ("chelsea", "china")
LEARNED_FROM = tuple(name for name in data.PHOTOGRAPHS if name not in HELD)
CROP, EDGE, BATCH = (
    64,
    4,
    8,
)  # pixels of a crop's side, and those at its edges that do not count; crops a step
DRAWN = 2_000  # crops that are cut at a time
RATE, WARM_UP = 1e-3, 200  # Adam's, and the first steps, over which it rises
# λ and iterations of the codes by which filters are learned, and after how many steps τ and the layers follow them.
START_LAM, START_STEPS, RENEWED = 0.1, 20, 25

Estimate = Callable[[Tensor, Tensor], Tensor]  # noisy rows (n, d_x) and σ (n,) → clean rows


class TrainingStep(NamedTuple):
    done: int  # steps
    loss: float
    state: Callable[[], dict[str, Tensor]]  # what `resume` takes


def noisy_crops(
    batches: int,
    first: int,
    seed: int,
    sigmas: tuple[float, float],
    names: Sequence[str] = LEARNED_FROM,
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Clean rows, noisy rows and σ of the steps from `first` on. Each step has draws of its own, so that a run goes on
    where it was."""
    low, high = sigmas
    drawn, rows = -1, None
    for step in range(first, batches):
        part, at = divmod(step * BATCH, DRAWN)
        if part != drawn:
            drawn, rows = part, crops(DRAWN, size=CROP, seed=1000 * seed + part, names=names).pixels
        generator = torch.Generator().manual_seed(1_000_003 * seed + step)
        clean = rows[at : at + BATCH]
        sigma = low + (high - low) * torch.rand(
            len(clean), generator=generator, dtype=torch.float32
        )
        noise = torch.randn(clean.shape, generator=generator, dtype=torch.float32)
        yield clean, clean + sigma[:, None] * noise, sigma


def learned_filters(
    count: int = FILTERS, batches: int = 100, seed: int = 0, names: Sequence[str] = LEARNED_FROM
) -> convolution.Dictionary:
    """Filters (count, 7, 7) for crops, from an overcomplete DCT: Adam on ½‖x − B s‖² of noisy crops at their codes, which
    FISTA finds anew at every step; the filters are kept in the unit ball."""
    side = math.ceil(
        count**0.5
    )  # a DCT has as many as a square; the highest frequencies are left out
    order = sorted(range(side**2), key=lambda k: sum(divmod(k, side)))[:count]
    start = convolution.Dictionary(dct(side**2).filters[order], STRIDE, (CROP, CROP))
    fista = solvers.ConvLFISTA(start, START_STEPS).requires_grad_(False)
    fista.weights.filters.requires_grad_(True)
    optimiser = Optimiser(fista, "recommended", training.Settings(rate=RATE), batches)
    for step, (clean, _, _) in enumerate(noisy_crops(batches, 0, seed, losses.SIGMA_RANGE, names)):
        if step % RENEWED == 0:
            fista.load_state_dict(
                solvers.ConvLFISTA(fista.dictionary.detach(), START_STEPS).state_dict()
            )
        x = clean - clean.mean(1, keepdim=True)
        codes = fista(x, START_LAM).detach()
        optimiser.prepare(step)
        (0.5 * (x - fista.reconstruct(codes)).square().sum(1)).mean().backward()
        if optimiser.take(step, optimiser.norm().item()):
            fista.project_()
    return fista.dictionary.detach()


def estimate_by(solver: solvers.Solver) -> Estimate:
    """How a network on filters removes noise from rows of its pictures' size: λ = σ, and the mean is put back."""

    def estimate(noisy: Tensor, sigma: Tensor) -> Tensor:
        mean = noisy.mean(1, keepdim=True)
        return solver.reconstruct(solver(noisy - mean, sigma)) + mean

    return estimate


def fit(
    network: nn.Module,
    estimate: Estimate,
    batches: int,
    seed: int = 0,
    sigmas: tuple[float, float] = losses.SIGMA_RANGE,
    resume: dict[str, Tensor] | None = None,
    half: bool = False,
    names: Sequence[str] = LEARNED_FROM,
) -> Iterator[TrainingStep]:
    """Train `network`, a solver on filters or another with `parameter_groups` and `project_`, by the mean squared error
    over σ; yields after every step. `half`: bfloat16 in the products, which is quicker on some processors."""
    settings = training.Settings(rate=RATE, warm_up=min(WARM_UP, batches // 10))
    optimiser, first = Optimiser(network, "recommended", settings, batches), 0
    if resume:
        first, optimiser.skipped, optimiser.typical_norm = resume["numbers"].tolist()
        optimiser.restore({key: value for key, value in resume.items() if key != "numbers"})
    drawn = noisy_crops(batches, int(first), seed, sigmas, names)
    for done, (clean, noisy, sigma) in enumerate(drawn, int(first) + 1):
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            error = (estimate(noisy, sigma) - clean).unflatten(1, (CROP, CROP))
        inner = error[:, EDGE:-EDGE, EDGE:-EDGE].square().mean((1, 2))
        loss = (inner / sigma).mean()
        optimiser.prepare(done - 1)
        loss.backward()
        if optimiser.take(done - 1, optimiser.norm().item()):
            network.project_()
        numbers = torch.tensor(
            [done, optimiser.skipped, optimiser.typical_norm], dtype=torch.float64
        )
        yield TrainingStep(
            done, loss.item(), lambda numbers=numbers: {"numbers": numbers, **optimiser.state()}
        )


def of_held(denoise: Callable[[np.ndarray, float], np.ndarray], sigma: int) -> dict[str, float]:
    """PSNR in dB of chelsea and china, whole and grey, with noise of σ on the scale of 0 to 255 and seed 0; clipped."""
    found = {}
    for name in HELD:
        clean = data.photograph(name)
        answer = denoise(
            clean + sigma / 255 * np.random.RandomState(0).standard_normal(clean.shape), sigma / 255
        )
        found[name] = evaluation.decibels(float(np.mean((answer.clip(0, 1) - clean) ** 2)))
    return found


def make(arguments: argparse.Namespace) -> None:
    began = time.monotonic()
    names = [*LEARNED_FROM, *arguments.also]
    made = {
        "loss": "denoising",
        "lam_per_sigma": 1.0,
        "data": "photographs",
        "seed": arguments.seed,
        "batches": arguments.batches,
        "left_out": [name for name in HELD if name not in names],
        "also": [Path(name).stem for name in arguments.also],
        "batch_size": BATCH,
        "crop": CROP,
    }
    if arguments.out.exists():
        solver, state = (
            checkpoints.load(arguments.out).requires_grad_(True),
            checkpoints.load_training(arguments.out),
        )
        asked_for, found = (
            {"name": arguments.name, "steps": arguments.steps, **made},
            {**solver.config, **solver.notes},
        )
        if not state or any(found.get(key) != value for key, value in asked_for.items()):
            raise ValueError(
                f"{arguments.out} is of a run with other options, or has ended: name another file"
            )
    else:
        solver = solvers.build(
            arguments.name,
            learned_filters(arguments.filters, arguments.start, arguments.seed, names),
            arguments.steps,
        )
        state = None
    solver.notes = made
    for step in fit(
        solver,
        estimate_by(solver),
        arguments.batches,
        arguments.seed,
        resume=state,
        half=arguments.half,
        names=names,
    ):
        late = time.monotonic() - began > 3600 * arguments.hours
        if step.done % arguments.every == 0 or step.done == arguments.batches or late:
            by = lambda y, s: photographs.denoise(y, s, solver, stride=STRIDE).picture  # noqa: E731
            seen = [of_held(by, sigma) for sigma in (15, 25, 50)]
            told = ", ".join(
                f"{name} {' / '.join(f'{each[name]:.2f}' for each in seen)}" for name in seen[0]
            )
            print(
                f"step {step.done} loss {step.loss:.5f} {time.process_time():.0f} processor s  {told} dB",
                flush=True,
            )
            checkpoints.save(
                solver,
                arguments.out,
                made,
                None if step.done == arguments.batches else step.state(),
            )
        if late:
            return
