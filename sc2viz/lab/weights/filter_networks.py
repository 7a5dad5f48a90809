"""Train networks on filters to remove noise: `python -m sc2viz.lab.weights filter_networks NAME OUT`.

They start at filters learned from the same photographs, `data.PHOTOGRAPHS` but for chelsea and china, by which choices are
made and which are measured as the run goes on. A run that was stopped goes on where it was when the same command is given
again.
"""

import json
import math

import numpy as np
import torch

from sc2viz import checkpoints, convolution, data, evaluation, photographs, solvers, training
from sc2viz.lab.weights import descending
from sc2viz.lab.weights.patch_networks import crops
from sc2viz.photographs.whole import FILTERS, STRIDE, dct
from sc2viz.training import losses

HELD_OUT = ("chelsea", "china")
LEARNED_FROM = tuple(name for name in data.PHOTOGRAPHS if name not in HELD_OUT)
CROP, EDGE = 64, 4  # pixels of a crop's side, and those at its edges that do not count
BATCH = 8  # crops a step
CUT = 2_000  # crops that are cut at a time
RATE, WARM_UP = 1e-3, 200  # Adam's, and the first steps, over which it rises
# λ and iterations of the codes by which filters are learned, and after how many steps τ and the layers follow them.
START_LAM, START_STEPS, RENEWED = 0.1, 20, 25
EVERY = 250  # batches between measurements


def noisy_crops(batches, first, seed, sigmas):
    """Clean rows, noisy rows and σ of the steps from `first` on. Each step has draws of its own, so that a run goes on
    where it was."""
    low, high = sigmas
    number, rows = -1, None
    for step in range(first, batches):
        cut, start = divmod(step * BATCH, CUT)
        if cut != number:
            number = cut
            rows = crops(CUT, size=CROP, seed=1000 * seed + cut, names=LEARNED_FROM).pixels
        generator = torch.Generator().manual_seed(1_000_003 * seed + step)
        clean = rows[start : start + BATCH]
        options = {"generator": generator, "dtype": torch.float32}
        sigma = low + (high - low) * torch.rand(len(clean), **options)
        yield clean, clean + sigma[:, None] * torch.randn(clean.shape, **options), sigma


def learned_filters(count=FILTERS, batches=100, seed=0):
    """Filters (count, 7, 7) for crops, from an overcomplete DCT: Adam on ½‖x − B s‖² of noisy crops at their codes, which
    FISTA finds anew at every step; the filters are kept in the unit ball."""
    side = math.ceil(count**0.5)  # a DCT has a square of filters; the highest are left out
    order = sorted(range(side**2), key=lambda k: sum(divmod(k, side)))[:count]
    start = convolution.Dictionary(dct(side**2).filters[order], STRIDE, (CROP, CROP))
    fista = solvers.ConvLFISTA(start, START_STEPS).requires_grad_(False)
    fista.weights.filters.requires_grad_(True)
    rows = noisy_crops(batches, 0, seed, losses.SIGMA_RANGE)

    def cost(step):
        if step % RENEWED == 0:
            renewed = solvers.ConvLFISTA(fista.dictionary.detach(), START_STEPS)
            fista.load_state_dict(renewed.state_dict())
        clean, _, _ = next(rows)
        x = clean - clean.mean(1, keepdim=True)
        codes = fista(x, START_LAM).detach()
        return (0.5 * (x - fista.reconstruct(codes)).square().sum(1)).mean()

    for _ in descending.descend(fista, cost, batches, training.Settings(rate=RATE)):
        pass
    return fista.dictionary.detach()


def estimate_by(solver):
    """How a network on filters removes noise from rows of its pictures' size: λ = σ, and the mean is put back."""

    def estimate(noisy, sigma):
        mean = noisy.mean(1, keepdim=True)
        return solver.reconstruct(solver(noisy - mean, sigma)) + mean

    return estimate


def fit(network, estimate, batches, seed=0, sigmas=losses.SIGMA_RANGE, state=None, half=False):
    """Train a network by the mean squared error over σ. `estimate` makes clean rows of noisy ones (n, d_x) and their σ (n,).
    `half`: bfloat16 in the products, which is quicker on some processors."""
    first = int(state["numbers"][0]) if state else 0
    rows = noisy_crops(batches, first, seed, sigmas)

    def cost(_step):
        clean, noisy, sigma = next(rows)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            error = (estimate(noisy, sigma) - clean).unflatten(1, (CROP, CROP))
        return (error[:, EDGE:-EDGE, EDGE:-EDGE].square().mean((1, 2)) / sigma).mean()

    settings = training.Settings(rate=RATE, warm_up=min(WARM_UP, batches // 10))
    return descending.descend(network, cost, batches, settings, state)


def measure(denoise, sigma):
    """PSNR in dB of chelsea and china, whole and grey, with noise of σ on the scale of 0 to 255 and seed 0; clipped."""
    decibels = {}
    for name in HELD_OUT:
        clean = data.photograph(name)
        noise = sigma / 255 * np.random.RandomState(0).standard_normal(clean.shape)
        error = denoise(clean + noise, sigma / 255).clip(0, 1) - clean
        decibels[name] = evaluation.decibels(float(np.mean(error**2)))
    return decibels


def make(arguments):
    notes = {
        "loss": "denoising",
        "lam_per_sigma": 1.0,
        "data": "photographs",
        "seed": arguments.seed,
        "batches": arguments.batches,
        "left_out": HELD_OUT,
        "batch_size": BATCH,
        "crop": CROP,
    }
    start = learned_filters(arguments.filters, arguments.start, arguments.seed)
    solver = solvers.build(arguments.name, start, arguments.steps)

    def begin(state):
        options = {"seed": arguments.seed, "state": state, "half": arguments.half}
        return fit(solver, estimate_by(solver), arguments.batches, **options)

    def report(step):
        by_solver = lambda y, s: photographs.denoise(y, s, solver, stride=STRIDE).picture  # noqa: E731
        decibels = [measure(by_solver, sigma) for sigma in (15, 25, 50)]
        print(f"step {step.step} loss {step.loss:.5f} {json.dumps(decibels)} dB", flush=True)

    descending.carry_out(solver, arguments.out, EVERY, begin, report)
    checkpoints.save(solver, arguments.out, notes)
