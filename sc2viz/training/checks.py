"""What a run of training is refused for."""

import torch

from sc2viz import arguments, patches
from sc2viz.data import Images
from sc2viz.solvers import EARLIER, PRESETS, Solver
from sc2viz.training import losses


def check_run(
    solver: Solver, images: Images, loss: str, preset: str, epochs: int, batch_size: int
) -> None:
    """Raise ValueError for a run that cannot be, or of which nothing would be learnt."""
    if loss not in losses.NAMES:
        raise ValueError(f"loss must be one of {', '.join(losses.NAMES)}, got {loss!r}")
    if preset not in PRESETS + EARLIER:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, got {preset!r}")
    arguments.whole_number("epochs", epochs)
    arguments.whole_number("batch_size", batch_size)
    width, d_x = images.pixels.shape[1], len(solver.dictionary)
    is_picture = loss in losses.NOISY and width > d_x  # of which patches are cut
    if width != d_x and not (is_picture and patches.layout(width)[1] == patches.layout(d_x)[1]):
        raise ValueError(f"{images.name} has {width} values a picture, the solver {d_x}")
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
    if loss in losses.BY_SOLVER and not hasattr(solver, "cost"):
        raise ValueError(
            f"the {loss} loss is that of sparse autoencoders, and {solver.name} is none: use sc2net"
        )
    if loss in losses.RECOVERING:
        if images.codes is None:
            raise ValueError(
                f"the {loss} loss needs true codes, and {images.name} has none: take synthetic"
            )
        B, true = solver.dictionary.detach().cpu().to(images.dictionary), images.dictionary
        # The same, up to what float16 loses
        if B.shape != true.shape or not torch.allclose(B, true, rtol=1e-3, atol=1e-4):
            raise ValueError(
                f"the {loss} loss needs a solver on the true atoms of {images.name}, got others: build it on those"
            )
    if loss in losses.LABELLED:
        if images.labels is None:
            raise ValueError(f"the {loss} loss needs labels, and {images.name} has none")
        if solver.C is None:
            raise ValueError(
                f"the {loss} loss needs a softmax head: build the solver with classes="
            )
        if not 0 <= images.labels.min() <= images.labels.max() < len(solver.C):
            raise ValueError(f"labels must lie in 0 … {len(solver.C) - 1}, the solver's classes")


def finite(solver: Solver) -> bool:
    """Whether all weights are finite."""
    return all(map(arguments.is_finite, solver.parameters()))
