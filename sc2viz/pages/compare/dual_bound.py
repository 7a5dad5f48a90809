"""The dual bound: how F of each chosen solver and what its codes prove of the optimum approach each other."""

from collections.abc import Sequence

import numpy as np
import torch

from sc2viz import lasso
from sc2viz.analysis import bounds
from sc2viz.draw import style
from sc2viz.ui import models, page, results, sidebar, url
from sc2viz.ui.cache import cached
from sc2viz.ui.handed_out import python


def draw(view: sidebar.View, chosen: Sequence[models.Model], tools) -> None:
    """Draw F and its bound over the iterations, of the picture at hand, and the geometry with x in the plane."""
    pixels = view.pixels([view.picture])
    safe = url.now("safeguard")
    drawn, failed = results.each(chosen, lambda model: _course(model, pixels, view.lam, safe))
    page.idea("dual_bound", {"solvers": list(drawn.values()), "lam": view.lam, "T": view.steps})
    page.notes(failed)
    with tools:
        page.explained(None, [], python(__file__, view=view, chosen=chosen))


@cached
def _course(model: models.Model, pixels: np.ndarray, lam: float, safe: bool) -> dict:
    """What the figure needs of a solver on one picture (1, d_x): F and bound after 0 … `HORIZON` iterations, F* and its gap
    in %. A network with atoms of its own has the F, bound and optimum of these, scaled to norm 1."""
    codes = torch.from_numpy(results.descent(model, pixels, lam, safeguard=safe).course.codes[:, 0])
    B, x = models.atoms(model), torch.from_numpy(models.centred(model, pixels))
    if model.own_atoms:
        codes, B = codes * B.norm(dim=0), lasso.normalised(B)
    F, bound = bounds.course(x, codes, B, lam, models.build(model).traits.positive)
    best = results.best(model, pixels, lam)
    return {
        "label": model.label,
        "F": F.tolist(),
        "bound": bound.tolist(),
        "best": float(best.objective[0]),
        "gap": 100 * best.gap,
        "own": model.own_atoms,
        "colour": style.themed(model.solver),
    }
