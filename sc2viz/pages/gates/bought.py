"""What the gates buy on the picture at hand: its code with them and without them, side by side."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from sc2viz import defaults, evaluation, lasso
from sc2viz.analysis import ablation, inspection
from sc2viz.draw import cards, mosaics, style
from sc2viz.pages.gates import describe_gates
from sc2viz.ui import models, page, phrases, results, sidebar
from sc2viz.ui.cache import cached
from sc2viz.ui.tours.truths.networks import PICTURES
from sc2viz.words import N_, _, count


@cached
def apart(model: models.Model, pixels: np.ndarray, lam: float, steps: int) -> tuple[float, float, float]:
    """How far a network ends from the optimum on its own atoms, in %: with its gates, without them, and where F is 2 F(0),
    from which on it has run away."""
    solver, beyond = models.build(model), models.acts_beyond(model, steps)
    x = torch.from_numpy(models.centred(model, pixels))
    best = results.exact_on(models.unit_atoms(model), x.numpy(), lam).objective
    with torch.no_grad():
        without = inspection.ends(ablation.without_gates(solver, steps), torch.from_numpy(pixels), lam, steps, beyond).codes
        made = torch.stack((results.trace(model, pixels, lam, steps).codes[-1], without))
        own, without = evaluation.rank(x, made, models.atoms(model), lam, torch.from_numpy(best)).tolist()
    return own, without, 100 * (x.square().sum().item() / best.sum() - 1) if best.sum() else np.inf


@dataclass(frozen=True, eq=False)
class _Variant:
    """The picture at hand with the gates of a solver or without them."""

    name: str
    note: str
    solver: str
    reconstruction: np.ndarray  # (1, d_x)
    objective: float
    excess: float  # % above exact codes on the atoms, scaled to norm 1
    active: int
    away: bool  # whether F is above 2 F(0)


@cached
def _variants(model: models.Model, pixels: np.ndarray, images: torch.Tensor, lam: float, steps: int) -> list[_Variant]:
    solver, x, rows = models.build(model), torch.from_numpy(pixels), evaluation.subset(len(images), PICTURES)
    made = ablation.codes(solver, x, lam, steps, images[rows], models.acts_beyond(model, steps))
    own, x = solver.dictionary.detach(), solver.centred(x)
    best = torch.from_numpy(results.exact_on(models.unit_atoms(model), x.numpy(), lam).objective)
    begins = 0 if solver.offset is None else solver.offset.detach()
    plain = defaults.UNTRAINED[0]
    shown = [
        (model.label, N_("its own gates"), model.solver, made.computed, own),
        (N_("Gates at their mean"), N_("see no picture"), model.solver, made.mean, own),
        ("f = 0", N_("forgets all"), model.solver, made.closed, own),
        ("i = 1, f = 0", N_("no gates"), model.solver, made.open, own),
        (style.label(plain), N_("on the same atoms"), plain, made.plain, models.unit_atoms(model)),
    ]
    return [
        _Variant(name, note, key, (codes @ B.T + begins).numpy(), lasso.honest_objective(x, codes, B, lam).item(),
                 evaluation.rank(x, codes, B, lam, best).item(), int(evaluation.in_use(codes.numpy()).sum()),
                 not lasso.honest_objective(x, codes, B, lam).item() <= x.square().sum().item())
        for name, note, key, codes, B in shown
    ]  # fmt: skip


def draw(view: sidebar.View, model: models.Model, pixels: np.ndarray) -> None:
    """The picture at hand with the gates and without them, side by side, with what each costs."""
    variants = _variants(model, pixels, view.images.pixels, view.lam, view.steps)
    st.markdown(describe_gates.bought({one.name: np.inf if one.away else one.excess for one in variants}))
    drawn = []
    top = mosaics.shared_top(
        [mosaics.error(pixels, one.reconstruction, view.shape) for one in variants if not one.away],
        most=mosaics.span(view.shape),
    )
    for one in variants:
        error, name = mosaics.error(pixels, one.reconstruction, view.shape), _(one.name)
        images = [(mosaics.mosaic(one.reconstruction, view.shape, side=1), _("Reconstruction, {name}", name=name)),
                  (mosaics.error_mosaic(error, top, side=1),
                   _("Error, {name}: {mean:.3g} on average", name=name, mean=error.mean()))]  # fmt: skip
        numbers = {_("Objective F"): phrases.objective(one.objective), _("Atoms in use"): str(one.active)}
        headline = phrases.above(one.excess), phrases.side(one.excess)
        if one.away:
            headline = _(phrases.AWAY), _("F is above 2 F(0)")
        drawn.append(cards.Card(name, one.solver, _(one.note), images, headline, numbers))
    page.cards(drawn, narrowest=110)
    st.caption(_(
        "F after {iterations}, above exact codes on this network’s own atoms. Mean gates are those over {pictures}. Errors "
        "share one scale, up to {top:g}.", iterations=count(view.steps, "iteration"),
        pictures=count(min(len(view.images), PICTURES), "test picture"), top=top,
    ))  # fmt: skip
