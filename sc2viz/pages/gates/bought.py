"""What the gates buy on the picture at hand: its code with them and without them, side by side."""

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
from sc2viz.words import N_, _, count, count_rows


@cached
def apart(
    model: models.Model, pixels: np.ndarray, lam: float, steps: int
) -> tuple[float, float, float]:
    """How far a network ends from the optimum on its own atoms, in %: with its gates, without them, and where F is 2 F(0),
    from which on it has run away."""
    solver, beyond = models.build(model), models.acts_beyond(model, steps)
    with torch.no_grad():
        without = inspection.ends(
            ablation.without_gates(solver, steps), torch.from_numpy(pixels), lam, steps, beyond
        ).codes
    made = torch.cat((results.trace(model, pixels, lam, steps).codes[-1], without)).double()
    x, B = models.centred(model, pixels), models.atoms(model).double()
    best = results.exact_on(models.unit_atoms(model), x, lam).objective.item()
    F = lasso.honest_objective(torch.from_numpy(x).double().expand(2, -1), made, B, lam).tolist()
    return (
        tuple(100 * (each / best - 1) for each in (*F, float(np.square(x).sum())))
        if best
        else (0.0, 0.0, np.inf)
    )


@cached
def _variants(
    model: models.Model, pixels: np.ndarray, images: torch.Tensor, lam: float, steps: int
) -> list[tuple]:
    """The picture at hand with the gates and without them: for each its name, a note, the solver, the reconstruction
    (1, d_x), F, how far F is above exact codes on the atoms in %, the atoms in use, and whether F is above 2 F(0)."""
    solver, x, beyond = (
        models.build(model),
        torch.from_numpy(pixels),
        models.acts_beyond(model, steps),
    )
    others = images[evaluation.subset(len(images), PICTURES)]
    its_own, mean, closed, opened, ista = ablation.codes(solver, x, lam, steps, others, beyond)
    own, unit, x, plain = (
        models.atoms(model),
        models.unit_atoms(model),
        solver.centred(x),
        defaults.UNTRAINED[0],
    )
    best = torch.from_numpy(results.exact_on(unit, x.numpy(), lam).objective)
    begins = 0 if solver.offset is None else solver.offset.detach()
    shown = [
        (model.label, N_("its own gates"), model.solver, its_own, own),
        (N_("Gates at their mean"), N_("the same for all"), model.solver, mean, own),
        ("f = 0", N_("forgets all"), model.solver, closed, own),
        ("i = 1, f = 0", N_("no gates"), model.solver, opened, own),
        (style.label(plain), N_("on the same atoms"), plain, ista, unit),
    ]
    found = []
    for name, note, key, codes, B in shown:
        F, excess = (
            lasso.honest_objective(x, codes, B, lam).item(),
            evaluation.rank(x, codes, B, lam, best).item(),
        )
        active, away = (
            int(evaluation.in_use(codes.numpy()).sum()),
            not x.square().sum().item() >= F,
        )  # not a number is
        found.append((name, note, key, (codes @ B.T + begins).numpy(), F, excess, active, away))
    return found


def draw(view: sidebar.View, model: models.Model, pixels: np.ndarray) -> None:
    """The picture at hand with the gates and without them, side by side, with what each costs."""
    variants = _variants(model, pixels, view.images.pixels, view.lam, view.steps)
    st.markdown(
        describe_gates.bought(
            {name: np.inf if away else above for name, *_, above, _n, away in variants}
        )
    )
    errors = [
        mosaics.error(pixels, rebuilt, view.shape) for _name, _note, _key, rebuilt, *_ in variants
    ]
    kept = [error for error, (*_, away) in zip(errors, variants, strict=True) if not away]
    top, drawn = mosaics.shared_top(kept, most=mosaics.span(view.shape)), []
    for error, (name, note, key, rebuilt, F, above, active, away) in zip(
        errors, variants, strict=True
    ):
        images = [
            (
                mosaics.mosaic(rebuilt, view.shape, side=1),
                _("Reconstruction, {name}", name=_(name)),
            ),
            (
                mosaics.error_mosaic(error, top, side=1),
                _("Error, {name}: {mean:.3g} on average", name=_(name), mean=error.mean()),
            ),
        ]
        numbers = {_("Objective F"): phrases.objective(F), _("Atoms in use"): str(active)}
        headline = phrases.above(above), phrases.side(above)
        if away:
            headline = _(phrases.AWAY), _("F is above 2 F(0)")
        drawn.append(cards.Card(_(name), key, _(note), images, headline, numbers))
    page.cards(drawn, narrowest=110)
    st.caption(
        _(
            "F after {iterations}, above exact codes on this network’s own atoms. Mean gates are those over {pictures}. Errors "
            "share one scale, up to {top:g}.",
            iterations=count(view.steps, "iteration"),
            pictures=count_rows(min(len(view.images), PICTURES), view.noun, tests=True),
            top=top,
        )
    )
