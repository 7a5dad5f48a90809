"""How pretrained/photographs-masked/ was made: `python -m sc2viz.lab.weights filling_dictionary OUT`.

A dictionary for masked problems. It starts at the shipped one, with a constant atom, and with atoms the shorter the
smaller their codes are: a short atom needs a large code, which costs more. It learns through the iterations of FISTA and
the averaged picture, from crops with missing pixels, to fill them in. A run that was stopped goes on from OUT.part.
"""

import math

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

from sc2viz import checkpoints, data, defaults, evaluation, lasso, patches, photographs, solvers
from sc2viz.lab.weights import descending, patch_networks
from sc2viz.photographs import coding, inpainting
from sc2viz.training import Settings

STEPS = 40  # iterations of FISTA through which the gradient flows
STRIDE = 2
BATCH = 8
RATE = 5e-4
BLOBS = 1 / 3  # share of the crops that miss blobs of pixels instead of single ones
EVERY = 50  # steps between measurements


def start():
    """The dictionary B (d_x, d_s) with which learning begins."""
    B = checkpoints.load_dictionary(coding.FOLDER)
    x = patch_networks.crops(2000, 1, coding.PATCH, seed=5).pixels
    codes = lasso.solve(x - x.mean(1, keepdim=True), B, 0.02, tol=1e-2).codes
    sizes = codes.square().mean(0).sqrt()
    return torch.cat((torch.full((len(B), 1), len(B) ** -0.5), B * sizes / sizes.max()), 1)


def holes(count, side, rng):
    """(count, 1, side, side) bool, True where a pixel is missing: 30 to 80 % of all, or blobs over 10 to 30 %."""
    missing = np.empty((count, 1, side, side), bool)
    for crop in missing:
        noise, share = rng.random_sample((side, side)), rng.uniform(0.3, 0.8)
        if rng.random_sample() < BLOBS:
            noise, share = gaussian_filter(noise, rng.uniform(0.7, 1.5)), rng.uniform(0.1, 0.3)
        crop[0] = noise < np.quantile(noise, share)
    return torch.from_numpy(missing)


def loss(solver, clean, missing):
    """The mean squared error of missing pixels of pictures (n, c, h, w), but for those at the edge."""
    size, _ = patches.layout(len(solver.dictionary))
    x, mask = patches.cut(clean, size, STRIDE), patches.cut((~missing).to(clean), size, STRIDE) > 0
    mean = (x * mask).sum(1, keepdim=True) / mask.sum(1, keepdim=True).clamp_min(1)
    estimate = solver(x - mean, inpainting.LAM, mask=mask) @ solver.dictionary.T + mean
    weight = mask.any(1, keepdim=True).to(x).expand_as(x)
    total, weights = (
        patches.add_up(rows, clean.shape, size, STRIDE) for rows in (weight * estimate, weight)
    )
    inner = (..., slice(size - 1, 1 - size), slice(size - 1, 1 - size))
    error = total / weights.clamp_min(1) - clean
    return error[inner].square().mul(missing[inner]).sum() / missing[inner].sum()


def make(arguments):
    solver, total = solvers.build(defaults.FILLS, start(), STEPS), arguments.steps
    crops = patches.to_pictures(patch_networks.crops(BATCH * total, seed=3).pixels)

    def cost(step):
        clean = crops[step * BATCH : (step + 1) * BATCH]
        rng = np.random.RandomState(step)
        return loss(solver, clean, holes(len(clean), clean.shape[-1], rng))

    settings = Settings(rate=RATE, dictionary_rate=1.0, clip=math.inf)
    begin = lambda state: descending.descend(solver, cost, total, settings, state)  # noqa: E731
    descending.carry_out(solver, arguments.out, EVERY, begin, lambda step: _report(solver, step))
    numbers = {"steps": total, "batch_size": BATCH, "rate": RATE, "iterations": STEPS}
    notes = numbers | {"lam": inpainting.LAM}
    checkpoints.save_dictionary(solver.dictionary.detach(), arguments.out, notes)


def _report(solver, step):
    """Print PSNR of a part of a photograph that is learned from, with half and with three quarters of the pixels missing."""
    clean, decibels = data.photograph(patch_networks.CHECKED)[60:156, 120:216], []
    for share in (0.5, 0.75):
        missing = np.random.RandomState(0).random_sample(clean.shape) < share
        B = solver.dictionary.detach()
        answer = photographs.inpaint(clean, missing, defaults.FILLS, B, STRIDE).picture
        decibels.append(f"{evaluation.decibels(np.mean((clean - answer) ** 2)):.2f}")
    print(f"step {step.step} loss {step.loss:.6f}  {' / '.join(decibels)} dB", flush=True)
