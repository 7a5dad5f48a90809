"""`sc2viz live`: a small site in which readers draw, without a server."""

from __future__ import annotations

import argparse
import sys

from torch import Tensor

from sc2viz import checkpoints, data, solvers
from sc2viz.browser.site import site
from sc2viz.cli import dictionaries
from sc2viz.draw.mosaics import shape_of

PICTURES = 12  # of the test split


def run(arguments: argparse.Namespace) -> None:
    """Write the site of a data set."""
    images = data.load(arguments.data, split="test")
    B, family = dictionaries.for_data(data.load(arguments.data, split="train"), arguments.atoms, seed=0)
    chosen = [_solver(name, B, family) for name in arguments.solvers]
    shape = shape_of(images.pixels.numpy(), images.shape)
    noun = "digit" if images.classes and all(name.isdigit() for name in images.classes) else "picture"
    page = site(images.pixels[:PICTURES], B, chosen, lam=arguments.lam, steps=arguments.T, shape=shape, noun=noun,
                link=arguments.link)  # fmt: skip
    arguments.out.mkdir(parents=True, exist_ok=True)
    file = page.save(arguments.out / "index.html")
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB, {', '.join(solver.label for solver in chosen)}", file=sys.stderr)


def _solver(name: str, B: Tensor, family: str) -> solvers.Solver:
    """A solver by its name, as it is shipped for the atoms of a family or else untrained; or a network by its path."""
    if f"{family}/{name}" in checkpoints.available(family):
        return checkpoints.load(f"{family}/{name}")
    return solvers.build(name, B) if name in solvers.NAMES else checkpoints.load(name)
