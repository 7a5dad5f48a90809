"""Known codes: codes that the app makes itself, so that the truth is known: who finds it, and who minimises F."""

import math

import streamlit as st

from sc2viz import checkpoints, defaults
from sc2viz.pages.codes import (
    costs,
    describe_codes,
    frames,
    measured,
    printed,
    problem,
    take_away,
    train_here,
    transition,
)
from sc2viz.ui import boards, chips, models, page, phrases, results, url
from sc2viz.ui.known_codes import LAYERS, RECIPE, Problem
from sc2viz.words import N_, _, ngettext

SCRUBBER = "codes-scrubber"
MOST = 4  # solvers side by side
HELP = N_("All solvers get the same signals. The {most} chosen last are shown.")


def codes() -> None:
    page.head(_("Known codes"))
    at_hand, row = problem.choose()
    known, dark = train_here.choices(at_hand), st.context.theme.type == "dark"
    chosen = chips.choose(known, MOST, help=_(HELP, most=MOST), opens=_opens(known), rows=1)
    with st.spinner(
        _("Coding {n} signals exactly, and with every solver …", n=at_hand.rows), show_time=True
    ):
        best = measured.exact(at_hand)
        courses, failed = results.each(
            chosen, lambda model: measured.course(model, at_hand, url.now("own_lam"))
        )
    chosen = [model for model in chosen if model.label in courses]
    chosen.sort(
        key=lambda model: courses[model.label].nmse[-1]
    )  # the best is on the first screen, also of a projector
    courses = {model.label: courses[model.label] for model in chosen}
    page.notes(failed)
    if not chosen:
        st.info(_("Choose one solver or more."), icon=":material/touch_app:")
    else:
        shown = frames.LayerFrames(
            at_hand, row, min(url.now("layer"), LAYERS), chosen, courses, best, dark
        )
        _step_through(shown)
    if chosen:
        take_away.downloads(shown)
    else:
        page.explained(())
    if chosen:
        transition.draw()
        costs.draw(shown)
    printed.draw()


def _opens(known: dict[str, models.Model]) -> list[str]:
    """The labels that the page opens with: of each solver the network that noted the least NMSE, or else its first model."""
    of = {
        name: [model for model in known.values() if model.solver == name]
        for name in defaults.RECOVERS
    }
    return [min(own, key=_noted).label for own in of.values() if own]


def _noted(model: models.Model) -> float:
    """The NMSE in dB at the end of a network's training; infinity where it noted none."""
    curve = checkpoints.notes(model.file).get("curve") if model.file else None
    return curve[-1]["nmse"] if curve and curve[-1].get("nmse") is not None else math.inf


def _step_through(shown: frames.LayerFrames) -> None:
    """The codes layer by layer, what is said of them, and why."""
    at_hand, chosen, best = shown.problem, shown.chosen, shown.best
    why_here = st.container(key="codes-why")
    boards.scrubber(
        SCRUBBER,
        LAYERS + 1,
        shown.groups,
        shown.curves(),
        shown.captions(),
        unit=_("layer"),
        start=shown.layer,
        on_rest=_rest,
        codes=shown.codes(),
        layout="known",
        fixed=True,
    )
    with why_here:
        page.explain(describe_codes.why(best, shown.courses, shown.ranked))
    several = {model.label: measured.atoms_a_layer(model, at_hand) for model in chosen}
    # Trained networks that are shown signals of another law than they were trained for.
    others = [
        model.label for model in chosen if model.own_atoms and not model.mark and at_hand != RECIPE
    ]
    page.notes(describe_codes.notes(best, _prices(at_hand, chosen), several, others))
    evolved = {model: measured.predicted(model, at_hand) for model in chosen}
    page.notes(
        [
            describe_codes.evolution(model.label, values[-1], shown.courses[model.label].nmse[-1])
            for model, values in evolved.items()
            if values is not None
        ]
    )
    if raw := [model.label for model in chosen if not model.trained]:
        page.notes(
            [
                ngettext(
                    "{solvers} is untrained here.",
                    "{solvers} are untrained here.",
                    len(raw),
                    solvers=phrases.listed(raw),
                )
            ]
        )
    train_here.offer(at_hand, chosen)


def _prices(at_hand: Problem, chosen: list[models.Model]) -> dict[str, float]:
    """The λ of the solvers that have one of their own, by label."""
    own = {model.label: measured.price(model, at_hand, url.now("own_lam")) for model in chosen}
    return {label: lam for label, lam in own.items() if lam != measured.exact(at_hand).lam}


def _rest() -> None:
    """Put the layer at which the player has come to rest into the URL."""
    st.query_params["layer"] = str(boards.at(SCRUBBER, LAYERS))


codes()
