"""One place of the photograph: the patch there, its code iteration by iteration, and the patches that share its pixel."""

import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
import torch

from sc2viz import evaluation
from sc2viz.draw import atoms, patch_sums, style
from sc2viz.pages.photograph import answers
from sc2viz.pages.photograph.chosen_photo import SHIPPED, Photo
from sc2viz.photographs.places import Place, look
from sc2viz.ui import boards, own, page, phrases, session, sets, sliders, url
from sc2viz.ui.cache import Named, cached
from sc2viz.ui.models import EXACT, Model
from sc2viz.words import N_, _, count

# Shares of the height and the width at which the page opens: all three pictures have edges there.
OPENING_PLACE = 0.25, 0.46
NOT_OPTIONS = {"name", "steps", "classes"}  # of a solver's `config`


class ClickedPatch(NamedTuple):
    """What a model makes of a place, and the clean patch (d_x,) where it is known."""

    pixel: tuple[int, int]  # the row and the column that were clicked
    place: Place
    clean: np.ndarray | None


def chosen_pixel(photo: Photo) -> tuple[int, int]:
    """The pixel whose patch is shown: the URL's, within the photograph."""
    pixel = []
    for key, share, side in zip(("row", "column"), OPENING_PLACE, photo.size, strict=True):
        index = url.value(key)
        pixel.append(min(int(share * side) if index is None else index, side - 1))
    return tuple(pixel)


def look_at(photo: Photo, model: Model) -> ClickedPatch:
    call, pixel = answers.call_for(photo, model), chosen_pixel(photo)
    return _look(
        Named((photo.key, call.key), (photo, model)),
        pixel,
        private=photo.is_private or call.is_private,
    )


@cached
def _look(named: Named, pixel: tuple[int, int]) -> ClickedPatch:
    photo, model = named.value
    row, column = pixel
    values, first = photo.around(row)
    coder, lam = answers.coder_of(photo, model), answers.asked_lam(photo, model)
    place = look(values, photo.sigma / 255, coder, row - first, column, lam)
    clean = None
    if photo.is_clean:
        first_row, first_column = place.corner
        corner = first + first_row, first_column
        clean = photo.floats(photo.within(corner, place.shape[0]))
        clean = (clean if place.channel is None else clean[..., place.channel]).reshape(-1)
    return ClickedPatch(pixel, place, clean)


def draw(photo: Photo, model: Model, patch: ClickedPatch, models: Sequence[Model]) -> None:
    """Draw the patch and its code by a model, as a scrubber moves it, its atoms, and what other patches make of the pixel.
    models: all at hand."""
    place, dark = patch.place, st.context.theme.type == "dark"
    is_filters = bool(place.maps)
    channel = f" :small[:gray[{_('green channel')}]]" if place.channel else ""
    patch_column, pixel_column = st.columns(2, gap="large")
    captions = []
    counts = evaluation.in_use(place.codes).sum(1).tolist()
    for number, picture in zip(counts, place.reconstructions, strict=True):
        facts = {"non_zeros": count(number, "non-zero")}
        sentence = N_("The code has **{non_zeros}**.")
        if patch.clean is not None:
            sentence = N_("The code has **{non_zeros}**, and the patch {psnr}.")
            error = np.mean((picture.clip(0, 1) - patch.clean) ** 2).clip(1e-10)
            facts["psnr"] = phrases.decibels(float(evaluation.decibels(error)))
        captions.append(_(sentence, **facts))
    with patch_column:
        row, column = patch.pixel
        title = _("**The code at row {row}, column {column}**", row=row, column=column)
        st.markdown(title + channel)
        boards.scrubber(
            "patch-scrubber",
            len(place.codes),
            [_card(patch, model, dark)],
            captions=captions,
            start=len(place.codes) - 1,
            layout="patch",
            unit=_("atom") if model.traits.counts == "atoms" else _("iteration"),
        )
    with pixel_column:
        clean = None if patch.clean is None else float(patch.clean[place.pixel])
        st.markdown(_("**One pixel**"))
        st.html(
            patch_sums.draw_estimates(
                place.estimates, place.chosen, place.average, clean, is_filters
            )
        )
        if clean is not None:
            single = float(np.sqrt(np.mean((place.estimates - clean) ** 2)))
            st.caption(
                _(
                    "A single one is off by {single:.3f} (root mean square), and their average by {average:.3f}.",
                    single=single,
                    average=abs(place.average - clean),
                )
            )
        st.html(
            patch_sums.draw_sum_of_atoms(
                place.reconstructions[-1],
                place.level / place.scale,
                place.codes[-1],
                place.B,
                place.shape,
                dark,
                None if place.offset is None else place.offset[-1] / place.scale,
                _("the filters at other places") if is_filters else _("the solver’s offset"),
            )
        )
        if not is_filters:
            _offer_step_through(photo, model, place, models)


def _card(patch: ClickedPatch, model: Model, dark: bool) -> boards.Group:
    place = patch.place
    facts = {"solver": _(model.label), "t": "{t}"}
    panels = []

    def add(title: str, pixels: np.ndarray, alt: str) -> None:
        panels.append(boards.Picture(title, boards.tiles(pixels, place.shape), alt))

    add(_("noisy"), place.noisy[None], _("The noisy patch"))
    if patch.clean is not None:
        add(_("clean"), patch.clean[None], _("The clean patch"))
    add(
        _("B s + mean"),
        place.reconstructions,
        _("The patch by {solver} at iteration {t}", **facts),
    )
    if place.maps:
        panels += _maps(place, model, facts)
    colour = style.colour(model.solver, dark)
    panels.append(
        boards.Stems(
            _("code s, λ = {lam:.3g}", lam=place.lam),
            place.codes,
            style.round_up(float(np.abs(place.codes).max()) or 1.0),
            colour,
            _("The code of the patch by {solver} at iteration {t}", **facts),
            item=_("filter") if place.maps else _("atom"),
        )
    )
    return boards.Group(
        facts["solver"], colour, panels, solver=model.solver, dash=style.dash(model)
    )


def _maps(place: Place, model: Model, facts: dict) -> list[boards.Picture]:
    """All filters, pale where they are silent at the place; and the maps around it of those that are loudest, and the
    gates' there."""
    tables = {"table": style.DIVERGING_TABLE[False], "dark_table": style.DIVERGING_TABLE[True]}
    contrast = np.where(evaluation.in_use(place.codes), 1, 0.2)[..., None, None]
    filters = 128 + (atoms.tiles(place.B, place.shape).astype(float) - 128) * contrast
    facts = facts | {"names": phrases.listed([str(j) for j in place.loudest])}
    codes = place.maps["codes"]
    # Each map has a scale of its own.
    codes = codes / np.abs(codes).max((0, 2, 3), keepdims=True).clip(1e-12)
    panels = [
        boards.Picture(
            _("filters that speak here"),
            filters.round().astype(np.uint8),
            _("All filters, pale if they are silent here by {solver} at iteration {t}", **facts),
            **tables,
        ),
        boards.Picture(
            _("maps of filters {names}", **facts),
            boards.scaled(codes, -1, 1),
            _(
                "The maps of filters {names} around the place in the middle, by {solver} at iteration {t}",
                **facts,
            ),
            columns=2,
            **tables,
        ),
    ]
    for gate, meaning in model.traits.gates.items():
        label, values = _(meaning if isinstance(meaning, str) else meaning[0]), place.maps[gate]
        # The gate's own scale: it may move little, and before training it is the same everywhere.
        low = values[1:].min()
        high = max(values[1:].max(), low + 1e-6)
        panels.append(
            boards.Picture(
                _("{gate}, {low:.2f} to {high:.2f}", gate=label, low=low, high=high),
                boards.scaled(values, low, high),
                _(
                    "The {gate} of filters {names} around the place by {solver} at iteration {t}",
                    gate=label,
                    **facts,
                ),
                style.GATE_TABLE,
                columns=2,
            )
        )
    return panels


def download(patch: ClickedPatch) -> page.File:
    """A .npz of the patch without its mean, as a data set, and of its dictionary."""

    def make() -> bytes:
        stream, x = io.BytesIO(), patch.place.x[None]
        np.savez(stream, x_train=x, x_test=x, B=patch.place.B)
        return stream.getvalue()

    return page.File(_("Patch (NPZ)"), own.patch.FILE, make, ":material/grid_on:")


# To Step through ------------------------------------------------------------------------------------------------------


def _offer_step_through(photo: Photo, model: Model, place: Place, models: Sequence[Model]) -> None:
    """Draw a button that makes the patch the data at hand of all pages, and opens Step through at its last iteration; none
    for exact codes."""
    steps = len(place.codes) - 1
    if not steps:
        return
    if model.traits.counts == "atoms":  # up to the last new one
        changes = (place.codes[1:] != place.codes[:-1]).any(1)
        steps = int(1 + np.flatnonzero(changes).max(initial=0))
    others = [candidate for candidate in models if candidate != model]
    if st.button(
        _("Step through this patch"),
        icon=":material/footprint:",
        type="tertiary",
        key="to-step",
        on_click=_bring,
        args=(photo, place, [*others, model], steps),
        help=_(
            "Step through then has this patch as its picture, without its mean, at the nearest λ that there is."
        ),
    ):
        st.switch_page(session.pages["step"], query_params={"shows": "iterations", "t": str(steps)})


def _bring(photo: Photo, place: Place, models: Sequence[Model], steps: int) -> None:
    """Put the patch at hand with its dictionary, and each solver as it was built for the photograph."""
    options, B = {}, torch.from_numpy(place.B)
    for model in filter(answers.is_built, models):
        if solver := answers.coder_of(photo, model).solver:
            config = solver.config.items()
            options[model.solver] = {k: value for k, value in config if k not in NOT_OPTIONS}
    if photo.dictionary.kind == SHIPPED and len(B) == len(sets.dictionary(sets.PHOTOGRAPHS)):
        B = None
    own.patch.bring(place.x, place.shape, place.mean, B, options)
    st.session_state.update(
        data=own.patch.NAME,
        picture=0,
        lam=url.LAM.nearest(place.lam),
        T=steps,
        solvers=[model.label for model in models if model != EXACT],
    )
    session.has_chosen = True
    st.session_state.pop("dictionary", None)
    sliders.step_to(steps)
