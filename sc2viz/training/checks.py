"""What a run of training is refused for."""

import torch
from torch import Tensor

from sc2viz import arguments, patches
from sc2viz.data import Images
from sc2viz.solvers import EARLIER, PRESETS, Solver
from sc2viz.training import losses


def run(
    solver: Solver, images: Images, loss: str, preset: str, epochs: int, batch_size: int
) -> None:
    """ValueError for a run that cannot be, or of which nothing would be learnt."""
    if loss not in losses.NAMES:
        raise ValueError(f"loss must be one of {', '.join(losses.NAMES)}, got {loss!r}")
    if preset not in PRESETS + EARLIER:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, got {preset!r}")
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        arguments.whole(name, value)
    width, larger = (
        images.pixels.shape[1],
        loss in losses.NOISY and images.pixels.shape[1] > len(solver.dictionary),
    )
    channels = (
        {patches.layout(each)[1] for each in (width, len(solver.dictionary))} if larger else ()
    )
    if width != len(solver.dictionary) and len(channels) != 1:
        raise ValueError(
            f"{images.name} has {images.pixels.shape[1]} values a picture, the solver {len(solver.dictionary)}"
        )
    if len(images) < 2:
        raise ValueError(
            f"{images.name} must hold at least two pictures to train on and to check with"
        )
    arguments.finite(images.name, images.pixels)
    if not finite(solver):
        raise ValueError(
            "the solver's weights must be finite, got NaN or infinity: build or load it anew"
        )
    if loss in losses.REGRESSING + losses.RECOVERING and not solver.traits.learned:
        raise ValueError(
            f"the {loss} loss keeps the dictionary, and {solver.name} has nothing else to learn: use sc2net"
        )
    if loss in losses.OWN and not hasattr(solver, "cost"):
        raise ValueError(
            f"the {loss} loss is that of sparse autoencoders, and {solver.name} is none: use sc2net"
        )
    if loss in losses.RECOVERING and images.codes is None:
        raise ValueError(
            f"the {loss} loss needs true codes, and {images.name} has none: take synthetic"
        )
    if loss in losses.RECOVERING and not _same_atoms(solver.dictionary, images.dictionary):
        raise ValueError(
            f"the {loss} loss needs a solver on the true atoms of {images.name}, got others: build it on those"
        )
    if loss in losses.LABELLED:
        if solver.C is None:
            raise ValueError(
                f"the {loss} loss needs a softmax head: build the solver with classes="
            )
        if images.labels is None:
            raise ValueError(f"the {loss} loss needs labels, and {images.name} has none")
        if not 0 <= images.labels.min() <= images.labels.max() < len(solver.C):
            raise ValueError(f"labels must lie in 0 … {len(solver.C) - 1}, the solver's classes")


def _same_atoms(own: Tensor, true: Tensor) -> bool:
    """Whether two dictionaries are the same, up to what float16 loses."""
    return own.shape == true.shape and torch.allclose(
        own.detach().cpu().to(true), true, rtol=1e-3, atol=1e-4
    )


def finite(solver: Solver) -> bool:
    """Whether all weights are finite."""
    return all(torch.isfinite(parameter).all() for parameter in solver.parameters())
