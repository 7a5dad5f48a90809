"""How the networks under pretrained/photographs/ were made: `python -m sc2viz.lab.weights patch_networks NAME OUT`.

They start at an overcomplete DCT, learn patch by patch, and then through the averaged picture, both by `training.fit` with
the loss `denoising`. The crops come from `data.PHOTOGRAPHS`, so that camera, astronaut and coffee of scikit-image can test
what was learned. A run that was stopped goes on where it was from the last OUT.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from sc2viz import checkpoints, data, evaluation, lasso, patches, photographs, solvers, training
from sc2viz.patches import dct

CROP = 36  # pixels of a crop's side; each of the inner 22 × 22 is covered by 64 patches of 8×8
SCALES = (1.0, 0.7, 0.5)  # the sizes at which photographs are learned from, larger ones more often
COLOUR_WAVES = 36  # atoms for each of the two colour differences
CHECKED = "chelsea"
# Photographs of scenes, which are drawn twice as often as others.
RICHER = ("chelsea", "china", "coins", "flower", "rocket", "stereo_motorcycle")
BUILT = {
    "lfista": ("lfista", {"shared": True}),
    "lista": ("lista", {}),
    "slstm": ("slstm", {}),
    "slstm-double-tanh": ("slstm", {"activation": "double-tanh"}),
    "slstm-paper": ("slstm", {"preset": "paper"}),
}


def crops(
    count: int,
    channels: int = 1,
    size: int = CROP,
    seed: int = 0,
    names: Sequence[str] = data.PHOTOGRAPHS,
) -> data.Images:
    """`count` random crops of the photographs of these names, turned and mirrored at random, as rows of size·size·channels
    values. A name that `data.PHOTOGRAPHS` lacks is that of a file."""
    from skimage.transform import rescale

    rng = np.random.RandomState(seed)
    chances = np.array(
        [2.0 if name in RICHER or name not in data.PHOTOGRAPHS else 1.0 for name in names]
    )
    counts = rng.multinomial(count, chances / chances.sum())
    found = np.empty((count, size, size, channels), np.float32)
    at = 0
    for name, wanted in zip(names, counts, strict=True):
        picture = (
            data.photograph(name, channels)
            if name in data.PHOTOGRAPHS
            else _of_file(name, channels)
        )
        areas = np.square(SCALES)
        for scale, many in zip(SCALES, rng.multinomial(wanted, areas / areas.sum()), strict=True):
            scaled = (
                picture
                if scale == 1
                else rescale(picture, scale, anti_aliasing=True, channel_axis=-1)
            )
            tops, lefts = (rng.randint(0, side - size + 1, many) for side in scaled.shape[:2])
            turns, mirrored = rng.randint(0, 4, many), rng.rand(many) < 0.5
            for top, left, turn, mirror in zip(tops, lefts, turns, mirrored, strict=True):
                crop = np.rot90(scaled[top : top + size, left : left + size], turn)
                found[at] = crop[:, ::-1] if mirror else crop
                at += 1
    rows = torch.from_numpy(rng.permutation(found).reshape(count, -1))
    return data.Images("photographs", rows, shape=(size, size, channels))


def _of_file(name: str, channels: int) -> np.ndarray:
    from skimage.io import imread
    from skimage.util import img_as_float

    picture = img_as_float(imread(name, as_gray=channels == 1))
    return picture[..., None] if picture.ndim == 2 else picture


def coloured(grey: Tensor) -> Tensor:
    """Atoms for colour patches, (3·size·size, atoms), norm 1: the grey ones, and few waves of red against cyan and of yellow
    against blue. Those have a constant, for a colour patch loses the mean of all its values alone."""
    size, _ = patches.layout(len(grey))
    waves = dct(size, COLOUR_WAVES)
    axes = torch.tensor([[1.0, 1, 1], [1, 0, -1], [1, -2, 1]])[:, :, None]
    parts = [torch.kron(part, axis) for part, axis in zip((grey, waves, waves), axes, strict=True)]
    return lasso.normalised(torch.cat(parts, 1))


def make(arguments: argparse.Namespace) -> None:
    name, options = BUILT[arguments.name]
    size, channels = arguments.size, arguments.channels
    first = arguments.out.with_suffix(".first.safetensors")
    like = checkpoints.load(arguments.like) if arguments.like else None
    if arguments.start or first.is_file():
        solver = _begun(name, checkpoints.load(arguments.start or first), options)
    else:
        B = dct(size, arguments.atoms) if like is None else like.dictionary.detach()
        B = coloured(B) if channels == 3 and patches.layout(len(B))[1] == 1 else B
        solver = solvers.build(name, B, arguments.steps, **options)
        settings = training.Settings(
            rate=1e-3, dictionary_rate=3.0 if like is None else 1.0, every=390
        )
        if options.get("preset") == "paper":
            settings = training.Settings(
                rate=1.0, project=False, every=390
            )  # the rate is Adadelta's
        _learn(
            solver,
            crops(200_000, channels, size, seed=1),
            first,
            settings,
            512,
            arguments.epochs,
            arguments.half,
        )
    if not arguments.crops:
        return
    if like is not None and len(like.dictionary) == len(solver.dictionary):
        patches.give_averaging(solver, patches.averaging_of(like))
    pictures = crops(arguments.crops, channels, CROP - 8 + size, seed=2)
    warm_up = min(200, len(training.hold_out(pictures)[0]) // 4 // 6)
    settings = training.Settings(
        rate=arguments.rate, dictionary_rate=3.0, warm_up=warm_up, every=50
    )
    _learn(solver, pictures, arguments.out, settings, 4, 1)


def _begun(name: str, start: solvers.Solver, options: dict) -> solvers.Solver:
    """`start` itself, or the solver `name` with its weights: LISTA's are those of LFISTA without momentum."""
    if start.name == name:
        return start.requires_grad_(True)
    solver = solvers.build(name, start.dictionary.detach(), start.steps, **options)
    if missing := [
        each
        for each in solver.load_state_dict(start.state_dict(), strict=False).missing_keys
        if each != "m"
    ]:
        raise ValueError(
            f"{name} cannot begin with {start.name}'s weights: {', '.join(missing)} would be missing"
        )
    torch.nn.init.zeros_(solver.m)
    patches.give_averaging(solver, patches.averaging_of(start))
    return solver


def _learn(
    solver: solvers.Solver,
    images: data.Images,
    out: Path,
    settings: training.Settings,
    batch_size: int,
    epochs: int,
    half: bool = False,
) -> None:
    """Train by `denoising`, with everything that resuming needs in OUT.part at every event."""
    part, state = out.with_suffix(".part.safetensors"), None
    if part.is_file():
        before, state = checkpoints.load(part), checkpoints.load_training(part)
        if (averaging := patches.averaging_of(before)) is not None:
            patches.give_averaging(solver, averaging)
        solver.load_state_dict(before.state_dict())
    run = {"loss": "denoising", "epochs": epochs, "batch_size": batch_size, "seed": 0}
    made = {
        **run,
        "data": images.name,
        "rows": len(images),
        "shape": images.shape,
        "rate": settings.rate,
        "dictionary_rate": settings.dictionary_rate,
        "lam_per_sigma": settings.lam_per_sigma,
    }
    solver.notes = made
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        for event in training.fit(solver, images, settings=settings, resume=state, **run):
            print(
                f"{out.name} step {event.step} loss {event.loss:.5f} {event.seconds:.0f} s  {_seen(solver)}",
                flush=True,
            )
            checkpoints.save(solver, part, made, event.state())
    checkpoints.save(solver, out, made)
    part.unlink()


@torch.autocast("cpu", enabled=False)
def _seen(solver: solvers.Solver) -> str:
    """PSNR of a part of CHECKED, which is among the photographs that are learned from: whether a run goes well."""
    channels = patches.layout(len(solver.dictionary))[1]
    clean = data.photograph(CHECKED, channels)[40:200, 100:260]
    noise = np.random.RandomState(0).standard_normal(clean.shape)
    answers = [
        photographs.denoise((clean + sigma / 255 * noise).squeeze(), sigma / 255, solver)
        for sigma in (15, 25, 50)
    ]
    errors = [np.mean((answer.picture - clean.squeeze()) ** 2) for answer in answers]
    return f"{CHECKED} {' / '.join(f'{evaluation.decibels(error):.2f}' for error in errors)} dB"
