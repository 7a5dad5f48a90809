"""Step through: two to four solvers side by side, iteration by iteration, stepped in the browser."""

import numpy as np
import streamlit as st
import torch

from sc2viz import defaults
from sc2viz.draw import mosaics, sheet, style
from sc2viz.pages.step import adaptive_ista, describe_steps, frames, one_iteration
from sc2viz.ui import (
    boards,
    chips,
    describe_models,
    links,
    models,
    page,
    pen,
    phrases,
    results,
    session,
    sets,
    sidebar,
    sliders,
    unfold,
    url,
)
from sc2viz.ui.errors import fragment
from sc2viz.ui.handed_out import python
from sc2viz.ui.untrusted import plain
from sc2viz.words import _, of_noun

SCRUBBER = "step-scrubber"
MOST_SOLVERS = 4  # that are stepped through side by side
FILMED = 240  # px that a picture of the film is wide


@fragment
def step_through() -> None:
    view = sidebar.current()
    tools, paper = page.head(_("Step through"), choices=True), st.container()
    with tools:
        shows = url.widget("shows")
        if shows == "ISTA to LSTM":
            with paper:
                unfold.ista_to_lstm(view)
            page.explained(())
            return
        pen.switch(view)
        safe = url.widget("safeguard")
    help = of_noun(
        view.noun,
        "All solvers get the same {noun} and the same λ. The {n} solvers chosen last are shown.",
        n=MOST_SOLVERS,
    )
    if shows == "one iteration":
        opens = [style.label(defaults.UNTRAINED[0])]
        chosen = chips.choose(
            models.choices(view.data), one_iteration.SIDE_BY_SIDE, help=help, opens=opens
        )
        with paper:
            pen.canvas(view, chosen)
        if table := one_iteration.draw(view, chosen):
            with tools:
                page.explained(
                    [model.solver for model in chosen],
                    [table],
                    python(__file__, view=view, chosen=chosen, at=1),
                )
        return
    chosen = chips.choose(models.choices(view.data), MOST_SOLVERS, help=help)
    with paper:
        pen.canvas(view, chosen)
    pixels = view.pixels([view.picture])
    there, failed = results.each(
        chosen, lambda model: results.descent(model, pixels, view.lam, safeguard=safe)
    )
    page.notes(failed)
    chosen = [model for model in chosen if model.label in there]
    if not chosen:
        st.info(_("Choose one solver or more to step through."), icon=":material/touch_app:")
        return
    if links.went_back():
        session.ITERATION.set(url.now("t"))
    rests = session.ITERATION.get()
    at = min(url.now("t") if rests is None else rests, view.steps)
    shown = frames.compute(view, chosen, at)
    held = [
        _("{solver} holds still while λ is dragged: {why}", solver=label, why=plain(why))
        for label, why in shown.still.items()
    ]
    gone = results.away(chosen, shown.paths, pixels, view.steps)
    page.notes(
        [results.told_of_away(gone), *describe_models.notes(chosen, view.steps, view.lam), *held]
    )
    trained = min((models.trained_to(model) for model in chosen if model.own_atoms), default=None)
    if safe:
        page.notes(
            [
                phrases.safeguarded(
                    {label: path.safeguarded[: view.steps] for label, path in shown.paths.items()}
                )
            ]
        )
    why_here = st.container(key="step-why")
    excess = {model.label: shown.paths[model.label].excess for model in models.ranked(chosen)}
    boards.scrubber(
        SCRUBBER,
        view.steps + 1,
        shown.groups,
        [shown.distance] if shown.distance.lines else [],
        shown.captions,
        start=url.now("t"),
        trained=trained,
        on_rest=lambda: sliders.step_to(boards.at(SCRUBBER)),
        codes=shown.codes,
        layout="stepping",
        ranked=list(excess),
    )
    with why_here:
        carries = [label for label, path in shown.paths.items() if path.carries]
        why = describe_steps.mechanism(shown.steps, at, shown.valley, carries)
        page.explain(f"{why} {describe_steps.pace(excess, at)}".strip())
    st.header(_("What to notice"), anchor=False)
    drawn = {label: counts[: view.steps + 1] for label, counts in shown.active.items()}
    st.markdown(
        describe_steps.notice(
            excess, view.steps, view.lam, drawn, shown.optimum_active, shown.predictions
        )
    )
    with tools:
        _tools(view, chosen, shown, at)


def _tools(view: sidebar.View, chosen: list[models.Model], shown: frames.Frames, at: int) -> None:
    """Draw the equations, the glossary and what can be taken away."""
    name = f"sc2viz-step-{view.data}-{view.picture}-lambda-{view.lam:g}"
    page.explained(
        [model.solver for model in chosen],
        [
            page.png(f"{name}-t-{at}", lambda: mosaics.png(_sheet(view, chosen, shown, at))),
            page.film(
                name,
                lambda: [_sheet(view, chosen, shown, t, FILMED) for t in range(view.steps + 1)],
            ),
            page.csv(name, lambda: _table(view, chosen, shown)),
            page.live(
                name,
                view,
                shown.pixels,
                chosen,
                _("{picture}, iteration by iteration", picture=view.subject([view.picture])),
            ),
        ],
        python(__file__, view=view, chosen=chosen, at=at),
    )


def _sheet(
    view: sidebar.View, chosen: list[models.Model], shown: frames.Frames, at: int, side: int = 320
) -> np.ndarray:
    """The pictures of one iteration, `side` px wide; those of a film in the theme at hand."""
    dark = view.dark and side == FILMED

    def column(name: str, solver: str, pixels, lines: list[str]) -> sheet.SheetColumn:
        error = mosaics.error(shown.pixels, pixels, view.shape)
        drawn = [mosaics.mosaic(pixels, view.shape), mosaics.error_mosaic(error, shown.top)]
        return sheet.SheetColumn(name, style.colour(solver, dark), drawn, lines)

    truth = sheet.SheetColumn(
        _("Ground truth"),
        style.colour("truth", dark),
        [mosaics.mosaic(shown.pixels, view.shape)],
        [],
    )
    best = results.exact(view.data, shown.pixels, view.lam)
    made = torch.from_numpy(best.codes).float() @ sets.dictionary(view.data).T
    used = _("{atoms} in use", atoms=phrases.count(shown.optimum_active, "atom"))
    lines = [f"F* = {phrases.objective(float(best.objective.mean()))}", used]
    columns = [truth, column(_("Exact optimum"), "exact", made.numpy(), lines)]
    for model in chosen:
        path = shown.paths[model.label]
        used = _("{atoms} in use", atoms=phrases.count(int(shown.active[model.label][at]), "atom"))
        psnr = phrases.decibels(path.course.psnr[at, 0])
        lines = [psnr if models.aside(model) else phrases.apart(path.excess[at]), used]
        columns.append(
            column(
                model.label, model.solver, models.reconstructed(model, path.course.codes[at]), lines
            )
        )
    title = _(
        "{picture}, λ = {lam:g}, after {iterations}",
        picture=view.subject([view.picture]),
        lam=view.lam,
        iterations=phrases.count(at, "iteration"),
    )
    return sheet.sheet(title, columns, side, bars=[sheet.error_bar(shown.top)], dark=dark)


def _table(view: sidebar.View, chosen: list[models.Model], shown: frames.Frames) -> str:
    """Every solver's numbers at every iteration as CSV."""
    measured = (
        "objective",
        "above_optimum_percent",
        "above_own_optimum_percent",
        "psnr_db",
        "atoms_in_use",
    )
    rows = []
    for model in chosen:
        path, active = shown.paths[model.label], shown.active[model.label]
        for t in range(view.steps + 1):
            row = [view.data, view.picture, view.lam, model.label, t]
            rows.append(
                [
                    *row,
                    path.course.objective[t, 0],
                    path.excess[t],
                    path.own[t],
                    path.course.psnr[t, 0],
                    active[t],
                ]
            )
    return page.table(("data", "picture", "lambda", "solver", "t", *measured), rows)


step_through()
adaptive_ista.by_hand()
