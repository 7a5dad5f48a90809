"""How the networks under pretrained/photographs/ were made: `python -m sc2viz.lab.weights patch_networks NAME OUT`.

They start at an overcomplete DCT, learn patch by patch, and then through the averaged picture, both by `training.fit` with
the loss `denoising`. The crops come from `data.PHOTOGRAPHS`, so that camera, astronaut and coffee of scikit-image can test
what was learned. A run that was stopped goes on where it was from OUT.part.
"""

import numpy as np
import torch

from sc2viz import checkpoints, data, evaluation, lasso, patches, photographs, solvers, training
from sc2viz.lab.weights import descending
from sc2viz.patches import dct

SIZE = 8  # pixels of a patch's side
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


def crops(count, channels=1, size=CROP, seed=0, names=data.PHOTOGRAPHS):
    """`count` random crops of the photographs of these names, turned and mirrored at random, as rows of size·size·channels
    values."""
    from skimage.transform import rescale

    rng, areas = np.random.RandomState(seed), np.square(SCALES)
    chances = [2.0 if name in RICHER else 1.0 for name in names]
    rows = []
    for name, total in zip(names, rng.multinomial(count, chances / np.sum(chances)), strict=True):
        picture = data.photograph(name, channels)
        for scale, number in zip(SCALES, rng.multinomial(total, areas / areas.sum()), strict=True):
            scaled = picture
            if scale != 1:
                scaled = rescale(picture, scale, anti_aliasing=True, channel_axis=-1)
            tops, edges = (rng.randint(0, side - size + 1, number) for side in scaled.shape[:2])
            turns, mirrored = rng.randint(0, 4, number), rng.rand(number) < 0.5
            for top, edge, turn, mirror in zip(tops, edges, turns, mirrored, strict=True):
                crop = np.rot90(scaled[top : top + size, edge : edge + size], turn)
                rows.append(crop[:, ::-1] if mirror else crop)
    pixels = rng.permutation(np.array(rows, np.float32)).reshape(count, -1)
    return data.Images("photographs", torch.from_numpy(pixels), shape=(size, size, channels))


def coloured(grey):
    """Atoms for colour patches, (3·size·size, atoms), norm 1: the grey ones, and few waves of red against cyan and of yellow
    against blue. Those have a constant, for a colour patch loses the mean of all its values alone."""
    waves = dct(patches.layout(len(grey))[0], COLOUR_WAVES)
    axes = torch.tensor([[1.0, 1, 1], [1, 0, -1], [1, -2, 1]])[:, :, None]
    pairs = zip((grey, waves, waves), axes, strict=True)
    return lasso.normalised(torch.cat([torch.kron(atoms, axis) for atoms, axis in pairs], 1))


def make(arguments):
    name, options = BUILT[arguments.name]
    channels, first = arguments.channels, arguments.out.with_suffix(".first.safetensors")
    like = checkpoints.load(arguments.like) if arguments.like else None
    if arguments.start or first.is_file():
        solver = _continue(name, checkpoints.load(arguments.start or first), options)
    else:
        B = dct(SIZE, arguments.atoms) if like is None else like.dictionary.detach()
        B = coloured(B) if channels == 3 and patches.layout(len(B))[1] == 1 else B
        solver = solvers.build(name, B, arguments.steps, **options)
        settings = training.Settings(dictionary_rate=3.0 if like is None else 1.0, every=390)
        if options.get("preset") == "paper":  # whose rate is Adadelta's
            settings = training.Settings(rate=1.0, project=False, every=390)
        rows = crops(200_000, channels, SIZE, seed=1)
        _learn(solver, rows, first, settings, 512, arguments.epochs, arguments.half)
    if not arguments.crops:
        return
    if like is not None and len(like.dictionary) == len(solver.dictionary):
        patches.give_averaging(solver, patches.averaging_of(like))
    pictures = crops(arguments.crops, channels, seed=2)
    warm_up = min(200, len(training.hold_out(pictures)[0]) // 4 // 6)
    settings = training.Settings(
        rate=arguments.rate, dictionary_rate=3.0, warm_up=warm_up, every=50
    )
    _learn(solver, pictures, arguments.out, settings, 4, 1)


def _continue(name, start, options):
    """`start` itself, or the solver `name` with its weights: LISTA's are those of LFISTA without momentum."""
    if start.name == name:
        return start.requires_grad_(True)
    solver = solvers.build(name, start.dictionary.detach(), start.steps, **options)
    lacks = {*solver.load_state_dict(start.state_dict(), strict=False).missing_keys} - {"m"}
    if lacks:
        raise ValueError(
            f"{name} cannot begin with {start.name}'s weights: {', '.join(lacks)} would be missing"
        )
    torch.nn.init.zeros_(solver.m)
    patches.give_averaging(solver, patches.averaging_of(start))
    return solver


def _learn(solver, images, out, settings, batch_size, epochs, half=False):
    """Train by `denoising`, with everything that resuming needs in OUT.part at every event."""
    if images.shape[0] > SIZE and patches.averaging_of(solver) is None:  # as `training.fit` does
        patches.give_averaging(solver)
    run = {"loss": "denoising", "epochs": epochs, "batch_size": batch_size, "seed": 0}
    keys = "rate", "dictionary_rate", "lam_per_sigma"
    notes = run | {"data": images.name, "rows": len(images), "shape": images.shape}
    notes |= {key: getattr(settings, key) for key in keys}
    begin = lambda state: training.fit(solver, images, settings=settings, resume=state, **run)  # noqa: E731
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        descending.carry_out(solver, out, 1, begin, lambda event: _report(solver, event))
    checkpoints.save(solver, out, notes)


@torch.autocast("cpu", enabled=False)
def _report(solver, event):
    """Print PSNR of a part of CHECKED, which is among the photographs that are learned from: whether a run goes well."""
    channels = patches.layout(len(solver.dictionary))[1]
    clean = data.photograph(CHECKED, channels)[40:200, 100:260]
    noise, decibels = np.random.RandomState(0).standard_normal(clean.shape), []
    for sigma in (15, 25, 50):
        noisy = (clean + sigma / 255 * noise).squeeze()
        error = photographs.denoise(noisy, sigma / 255, solver).picture - clean.squeeze()
        decibels.append(f"{evaluation.decibels(np.mean(error**2)):.2f}")
    print(f"step {event.step} loss {event.loss:.5f}  {' / '.join(decibels)} dB", flush=True)
