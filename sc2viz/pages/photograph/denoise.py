"""Denoise: the noisy photograph as the chosen solvers clean it, before and after under a divider, and what happens at a
pixel."""

from collections.abc import Sequence

import streamlit as st

from sc2viz import defaults, published
from sc2viz.draw import cards, style
from sc2viz.pages.photograph import (
    answer_cards,
    clicked_patch,
    denoise_tasks,
    describe_photograph,
    divider,
    noisy_photo,
    take_away,
)
from sc2viz.pages.photograph.background_tasks import Task
from sc2viz.published.sentences import describe_gates
from sc2viz.solvers import Failed
from sc2viz.ui import chips, page, url
from sc2viz.ui.models import Model
from sc2viz.words import N_, _, count

MOST_SOLVERS = 3  # side by side that clean a photograph
MOST_SOLVERS_LARGE = 1  # side by side that clean a photograph of more than LARGE_PIXELS
LARGE_PIXELS = 4_200_000  # pixels above which only MOST_SOLVERS_LARGE solvers clean a photograph
HELP = N_(
    "The {most} solvers chosen last clean the photograph. They are the networks for photographs, those on filters and "
    "those for patches, and the others on a dictionary of patches."
)
# What is said of coarse and finer answers where no solver codes patches.
GRIDS = {
    "paused": N_("The coarse answer, of one grid of filters."),
    "finer": N_("all grids of filters"),
}


def denoise_part(at_hand: noisy_photo.Photo, tools) -> None:
    dark = st.context.theme.type == "dark"
    sentence = st.container(key="photo-sentence")
    sentence.empty()  # so that it has its room before it is written
    most = MOST_SOLVERS if at_hand.pixels <= LARGE_PIXELS else MOST_SOLVERS_LARGE
    known = denoise_tasks.known(noise=True)
    at_hand = denoise_tasks.with_atoms(
        at_hand, denoise_tasks.price(at_hand) or denoise_tasks.usual_lam(at_hand), noisy=True
    )
    opens = style.label(
        defaults.PATCHES if at_hand.values.ndim == 3 else defaults.PHOTOGRAPHS
    )  # as photographs.denoise
    chosen = chips.choose(known, most, help=_(HELP, most=MOST_SOLVERS), opens=(opens,), rows=1)
    found = _ask(at_hand, chosen)
    front = found.front(url.now("front"))
    pixel = clicked_patch.at_hand(at_hand)
    possible = denoise_tasks.possible(at_hand, chosen)
    possible.sort(key=lambda each: each.label != front)
    model, there = _place(at_hand, possible, pixel)
    left, right = st.columns([1.12, 1], gap="large")
    with left:
        divider.before_and_after(at_hand, found, front, pixel, denoise_tasks.side(at_hand, model))
        answer_cards.progress(found)
    if chosen and not possible:
        right.caption(_("A patch and its code are shown here once the atoms are learned."))
    if there is not None:
        with right:
            clicked_patch.patch_and_code(at_hand, there, model, possible, dark)
        with left:
            clicked_patch.patches_that_share(there, found.patch(model.label, there))
    with sentence:
        page.caption(*_caption(at_hand, found))
        answer_cards.gave_way(found, known, most)
    slow = [
        _("{solver} is given every second patch, because it takes long.", solver=model.label)
        for model in chosen
        if denoise_tasks.finest(model) != denoise_tasks.FINE
    ]
    page.notes([*found.notes(), *slow])
    answer_cards.cards_of_answers(
        at_hand, found, N_("Noisy"), _stored(at_hand), known=at_hand.added
    )
    if answer := describe_gates(published.read("gates")):
        st.caption(f"{_('**Do the gates help?**')} {answer}")
    with tools:
        take_away.downloads(at_hand, found, front, chosen, there)


def _place(
    at_hand: noisy_photo.Photo, possible: Sequence[Model], pixel: tuple[int, int]
) -> tuple[Model | None, clicked_patch.Spot | None]:
    """The first model that does not fail at a place, and what it makes of the patch there."""
    for model in possible:
        try:
            return model, clicked_patch.spot(at_hand, model, pixel)
        except Failed:  # its answer fails as well, which is named
            continue
    return None, None


def _ask(at_hand: noisy_photo.Photo, chosen: Sequence[Model]) -> answer_cards.Found:
    """The answers that there are so far, while others are being made."""
    high, wide = at_hand.size
    settled = _(
        "{wide} × {high} pixels. Drag the divider, or click a place to see its code.",
        wide=wide,
        high=high,
    )
    view = at_hand.key, tuple(model.label for model in chosen)

    def tasks(model: Model) -> list[Task]:
        return [
            denoise_tasks.cleaning(at_hand, model, each)
            for each in (denoise_tasks.COARSE, denoise_tasks.finest(model))
        ]

    said = GRIDS if chosen and all(model.traits.filters for model in chosen) else {}
    found = answer_cards.Found(
        at_hand, chosen, view, denoise_tasks.noisy(at_hand), tasks, settled=settled, **said
    )
    compared = at_hand.pixels <= denoise_tasks.MOST_COMPARED
    return answer_cards.gather(found, denoise_tasks.means(at_hand) if compared else None)


def _caption(at_hand: noisy_photo.Photo, found: answer_cards.Found) -> tuple[str, str]:
    others = {_("non-local means"): found.peer.psnr} if found.peer else {}
    if (stored := describe_photograph.bm3d(at_hand)) is not None:
        others[describe_photograph.BM3D] = stored
    said = describe_photograph.caption(at_hand, found.noisy, found.solved, others)
    if not found.solved:
        return said, ""
    chosen = {
        model: _work(at_hand, model) for model in denoise_tasks.possible(at_hand, found.chosen)
    }
    noisy = float(found.noisy.psnr) if at_hand.added else None
    return said, describe_photograph.why(
        at_hand, found.coarse, found.fine, chosen, _untrained(at_hand, found), noisy
    )


def _untrained(
    at_hand: noisy_photo.Photo, found: answer_cards.Found
) -> describe_photograph.Untrained | None:
    """What a solver that was not trained makes of the middle of the photograph, once all answers are there and all are of
    networks."""
    models = [model for model in found.chosen if model.label in found.fine]
    few = at_hand.added and at_hand.pixels <= denoise_tasks.MOST_COMPARED and at_hand.atoms.there
    if found.pending or not models or not few or not all(model.traits.learned for model in models):
        return None
    best = max(models, key=lambda model: found.fine[model.label].psnr)
    plain = denoise_tasks.known()[style.label(defaults.UNTRAINED[-1])]
    try:
        reached = [
            denoise_tasks.on_middle(
                at_hand, denoise_tasks.way(at_hand, model), denoise_tasks.price(at_hand, model)
            )
            for model in (plain, best)
        ]
    except Failed:
        return None
    return describe_photograph.Untrained(plain.label, _work(at_hand, plain), *reached)


def _work(at_hand: noisy_photo.Photo, model: Model) -> str:
    """What a model does with a patch: "10 layers", "20 iterations"; "" where that is not counted."""
    if model.traits.counts == "atoms" or not model.traits.uses_lambda:
        return ""
    try:
        coder = denoise_tasks.coder(at_hand, model)
    except Failed:
        return ""
    if coder.solver is None:
        return ""
    steps = coder.steps or coder.solver.steps
    return count(steps, "layer") if model.traits.learned else count(steps, "iteration")


def _stored(at_hand: noisy_photo.Photo) -> list[cards.Card]:
    """BM3D's card, where its number is stored."""
    stored = describe_photograph.bm3d(at_hand)
    if stored is None:
        return []
    about, headline = (
        f'<p class="sc-stored">{_(describe_photograph.SOURCE)}</p>',
        describe_photograph.decibels(stored),
    )
    return [
        cards.Card(
            describe_photograph.BM3D, "truth", _("stored"), (), (headline, "PSNR"), extra=about
        )
    ]
