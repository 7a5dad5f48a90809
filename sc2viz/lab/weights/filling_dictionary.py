"""How pretrained/photographs-masked/ was made: `python -m sc2viz.lab.weights filling_dictionary OUT`.

A dictionary for masked problems. It starts at the shipped one, with a constant atom, and with atoms the shorter the
smaller their codes are: a short atom needs a large code, which costs more. It learns through the iterations of FISTA and
the averaged picture, from crops with missing pixels, to fill them in. A run that was stopped goes on from the last OUT.
"""

import argparse
import math

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from sc2viz import checkpoints, data, defaults, evaluation, lasso, patches, photographs, solvers
from sc2viz.lab.weights import patch_networks
from sc2viz.photographs import coding, inpainting

STEPS = 40  # iterations of FISTA through which the gradient flows
STRIDE = 2
BATCH = 8
RATE = 5e-4
BLOBS = 1 / 3  # share of the crops that miss blobs of pixels instead of single ones


def begun() -> Tensor:
    """The dictionary B (d_x, d_s) with which learning begins."""
    B = checkpoints.load_dictionary(coding.FOLDER)
    x = patch_networks.crops(2000, 1, coding.PATCH, seed=5).pixels
    codes = lasso.solve(x - x.mean(1, keepdim=True), B, 0.02, tol=1e-2).codes
    sizes = codes.square().mean(0).sqrt()
    return torch.cat((torch.full((len(B), 1), len(B) ** -0.5), B * sizes / sizes.max()), 1)


def holes(count: int, side: int, rng: np.random.RandomState) -> Tensor:
    """(count, 1, side, side) bool, True where a pixel is missing: 30 to 80 % of all, or blobs over 10 to 30 %."""
    found = np.empty((count, 1, side, side), bool)
    for each in found:
        noise, share = rng.random_sample((side, side)), rng.uniform(0.3, 0.8)
        if rng.random_sample() < BLOBS:
            noise, share = gaussian_filter(noise, rng.uniform(0.7, 1.5)), rng.uniform(0.1, 0.3)
        each[0] = noise < np.quantile(noise, share)
    return torch.from_numpy(found)


def loss(solver: solvers.Solver, clean: Tensor, missing: Tensor) -> Tensor:
    """The mean squared error of missing pixels of pictures (n, c, h, w), but for those at the edge."""
    size, _ = patches.layout(len(solver.dictionary))
    x, known = patches.cut(clean, size, STRIDE), patches.cut((~missing).to(clean), size, STRIDE) > 0
    mean = (x * known).sum(1, keepdim=True) / known.sum(1, keepdim=True).clamp_min(1)
    estimate = solver(x - mean, inpainting.LAM, mask=known) @ solver.dictionary.T + mean
    weight = known.any(1, keepdim=True).to(x).expand_as(x)
    total, weights = (
        patches.add_up(part, clean.shape, size, STRIDE) for part in (weight * estimate, weight)
    )
    inner = slice(size - 1, 1 - size)
    error, missing = (
        (total / weights.clamp_min(1) - clean)[..., inner, inner],
        missing[..., inner, inner],
    )
    return error.square().mul(missing).sum() / missing.sum()


def make(arguments: argparse.Namespace) -> None:
    solver = solvers.build(defaults.FILLS, begun(), STEPS)
    adam = torch.optim.Adam(solver.parameters(), lr=RATE)
    part, first = arguments.out.with_suffix(".part.pt"), 0
    if part.is_file():
        first, weights, state = torch.load(part)
        solver.load_state_dict(weights)
        adam.load_state_dict(state)
    crops = patches.to_pictures(patch_networks.crops(BATCH * arguments.steps, seed=3).pixels)
    seen = []
    for step in range(first, arguments.steps):
        if step % 50 == 0:
            print(f"step {step} loss {np.mean(seen or math.nan):.6f}  {_seen(solver)}", flush=True)
            torch.save((step, solver.state_dict(), adam.state_dict()), part)
            seen = []
        adam.param_groups[0]["lr"] = RATE * 0.5 * (1 + math.cos(math.pi * step / arguments.steps))
        adam.zero_grad()
        clean = crops[step * BATCH : (step + 1) * BATCH]
        value = loss(solver, clean, holes(len(clean), clean.shape[-1], np.random.RandomState(step)))
        value.backward()
        adam.step()
        solver.project_()
        seen.append(value.item())
    made = {
        "steps": arguments.steps,
        "batch_size": BATCH,
        "rate": RATE,
        "iterations": STEPS,
        "lam": inpainting.LAM,
    }
    checkpoints.save_dictionary(solver.dictionary.detach(), arguments.out, made)
    print(_seen(solver))
    part.unlink()


def _seen(solver: solvers.Solver) -> str:
    """PSNR of a part of a photograph that is learned from, with half and with three quarters of the pixels missing."""
    clean = data.photograph(patch_networks.CHECKED)[60:156, 120:216]
    found = []
    for share in (0.5, 0.75):
        missing = np.random.RandomState(0).random_sample(clean.shape) < share
        answer = photographs.inpaint(
            clean, missing, defaults.FILLS, solver.dictionary.detach(), STRIDE
        ).picture
        found.append(f"{evaluation.decibels(np.mean((clean - answer) ** 2)):.2f}")
    return f"{patch_networks.CHECKED} {' / '.join(found)} dB"
