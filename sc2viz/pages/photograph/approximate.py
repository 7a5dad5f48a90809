"""Approximate: the photograph written with few numbers, the way to compression."""

from collections.abc import Sequence
from time import thread_time

import numpy as np
import streamlit as st

from sc2viz import defaults, photographs
from sc2viz.draw import patch_sums as figures
from sc2viz.draw import style
from sc2viz.pages.photograph import (
    answer_cards,
    denoise_tasks,
    describe_photograph,
    divider,
    png_files,
    take_away,
)
from sc2viz.pages.photograph.background_tasks import MadePicture, Task, Told
from sc2viz.pages.photograph.noisy_photo import Photo
from sc2viz.ui import cache, chips, models, page, url
from sc2viz.ui.models import Model
from sc2viz.words import N_, _

MOST_SOLVERS = 3  # side by side that approximate a photograph
LAM = 0.1  # λ at which atoms are learned from the photograph, as `photographs.approximate` does
HELP = N_(
    "The {most} solvers chosen last write the photograph. λ, or how many atoms a patch may have, is chosen by bisection."
)


def approximate_part(at_hand: Photo, tools) -> None:
    sentence = st.container(key="photo-sentence")
    known, dark = denoise_tasks.known(), st.context.theme.type == "dark"
    at_hand = denoise_tasks.with_atoms(at_hand, LAM, noisy=False)
    chosen = chips.choose(
        known,
        MOST_SOLVERS,
        help=_(HELP, most=MOST_SOLVERS),
        rows=1,
        opens=(style.label(defaults.WRITES), models.EXACT.label),
    )
    left, right = st.columns([1.12, 1], gap="large")
    with right:
        few = url.widget("few", width=420)
    counts = url.domain("few").options
    found, curves = _ask(at_hand, chosen, few, counts)
    best = max(found.solved, key=lambda label: found.solved[label].psnr, default=None)
    front = found.front(asked if (asked := url.now("front")) in found.solved else best)
    with left:
        divider.still(at_hand, found, front)
        answer_cards.progress(found)
    with right:
        lines = [
            figures.PsnrCourse(model.label, model.solver, *curves[model.label], style.dash(model))
            for model in chosen
        ]
        page.chart(figures.psnr_by_numbers(lines, few, dark), key="few-chart")
        st.caption(
            _(
                "Patches of 8 × 8 pixels lie side by side. A photograph has one number a pixel, so that 0.1 is a tenth."
            )
        )
    with sentence:
        page.caption(_caption(at_hand, found, few))
        answer_cards.gave_way(found, known, MOST_SOLVERS)
    page.notes(found.notes())
    answer_cards.cards_of_answers(at_hand, found)
    with tools:
        rows = [
            [label, number, psnr]
            for label, course in curves.items()
            for number, psnr in zip(*course, strict=True)
        ]
        take_away.approximated(at_hand, found, front, chosen, few, rows)


def _caption(at_hand: Photo, found: answer_cards.Found, few: float) -> str:
    if not found.solved:
        return _(
            "**{name}** is being written with {few:g} numbers a pixel.", name=at_hand.name, few=few
        )
    best = max(found.solved, key=lambda label: found.solved[label].psnr)
    made = found.solved[best]
    return _(
        "**{solver}** writes **{name}** with {few:.2g} numbers a pixel, at **{psnr}**.",
        solver=best,
        name=at_hand.name,
        few=made.non_zeros,
        psnr=describe_photograph.decibels(made.psnr),
    )


def _ask(at_hand: Photo, chosen: Sequence[Model], few: float, counts: Sequence[float]):
    """The answers at `few` numbers a pixel, and of each solver the numbers and dB that are there of all `counts`."""
    view = at_hand.mark, few, tuple(model.label for model in chosen)
    settled = _("Drag the divider. Move the slider for more or fewer numbers.")
    found = answer_cards.Found(
        at_hand,
        chosen,
        view,
        _whole(at_hand),
        lambda model: [_task(at_hand, model, few)],
        settled=settled,
        finer=N_("other numbers"),
        paused=N_("The answers at other numbers were stopped."),
    )
    possible = denoise_tasks.possible(at_hand, chosen)
    others = {
        (model.label, count): _task(at_hand, model, count, quick=False)
        for count in counts
        for model in possible
        if count != few
    }
    answer_cards.gather(found, then=others)
    curves = {}
    for model in chosen:
        there = [
            found.coarse.get(model.label),
            *(found.fine.pop((model.label, count), None) for count in counts),
        ]
        made = sorted((each.non_zeros, each.psnr) for each in there if each)
        curves[model.label] = tuple(np.array(made).reshape(-1, 2).T)
    found.fine |= found.coarse  # of these answers there are no finer ones
    return found, curves


@cache.cached
def _whole(at_hand: Photo) -> MadePicture:
    return MadePicture(png_files.levels(at_hand.floats()), non_zeros=1.0)


def _task(at_hand: Photo, model: Model, few: float, quick: bool = True) -> Task:
    asked = denoise_tasks.way(at_hand, model)

    def make(told: Told) -> MadePicture:
        began = thread_time()
        answer = photographs.approximate(
            at_hand.floats(), few, asked.solver, asked.dictionary, None, told
        )
        return denoise_tasks.measured(
            at_hand, answer.picture, answer.way, began, answer.non_zeros_a_pixel
        )

    return Task(("few", at_hand.mark, asked.key, few), make, at_hand.own or asked.own, quick)
