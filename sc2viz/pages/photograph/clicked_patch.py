"""One place of the photograph: the patch there, its code iteration by iteration, and the patches that share its pixel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from sc2viz import evaluation
from sc2viz.draw import atoms, style
from sc2viz.draw import patch_sums as figures
from sc2viz.pages.photograph import denoise_tasks, describe_photograph
from sc2viz.pages.photograph.noisy_photo import Photo
from sc2viz.pages.photograph.patch_dictionary import SHIPPED
from sc2viz.photographs import places
from sc2viz.ui import boards, models, own, phrases, session, sets, sliders, url
from sc2viz.ui.cache import Named, cached
from sc2viz.words import N_, _, ngettext

SCRUBBER = "patch-scrubber"
OPENS = (
    0.25,
    0.46,
)  # shares of the height and the width at which the page opens: all three pictures have edges there


@dataclass(frozen=True, eq=False)
class Spot:
    """A place, the model at hand, and the clean patch (d_x,) and pixel where they are known."""

    pixel: tuple[int, int]  # the row and the column that were clicked
    inside: tuple[np.ndarray, np.ndarray]  # which rows and columns of the photograph the patch has
    place: places.Place
    clean: np.ndarray | None

    @property
    def clean_pixel(self) -> float | None:
        return None if self.clean is None else float(self.clean[self.place.pixel])


def at_hand(subject: Photo) -> tuple[int, int]:
    """The pixel whose patch is shown: the URL's, within the photograph."""
    asked = url.now("row"), url.now("column")
    opens = (int(share * side) for share, side in zip(OPENS, subject.size, strict=True))
    return tuple(
        min(at if want is None else want, side - 1)
        for want, at, side in zip(asked, opens, subject.size, strict=True)
    )


def choose(row: int, column: int) -> None:
    """Look at another pixel."""
    st.query_params["row"], st.query_params["column"] = str(row), str(column)


def spot(subject: Photo, model: models.Model, pixel: tuple[int, int]) -> Spot:
    asked = denoise_tasks.way(subject, model)
    named = Named((subject.key, asked.key), (subject, model))
    return _spot(named, pixel, private=subject.own or asked.own)


@cached
def _spot(named: Named, pixel: tuple[int, int]) -> Spot:
    subject, model = named.value
    row, column = pixel
    values, first = subject.around(row)
    found = places.look(
        values,
        subject.sigma / 255,
        denoise_tasks.coder(subject, model),
        row - first,
        column,
        denoise_tasks.price(subject, model),
    )
    corner = found.corner[0] + first, found.corner[1]
    inside = subject.within(corner, found.shape[0])
    clean = None
    if subject.added:
        clean = subject.floats(inside)
        clean = (clean if found.channel is None else clean[..., found.channel]).reshape(-1)
    return Spot(pixel, inside, found, clean)


def patch_and_code(
    subject: Photo, there: Spot, model: models.Model, chosen: Sequence[models.Model], dark: bool
) -> None:
    """Draw the patch and its code by a model, which a scrubber moves, and its atoms. chosen: all models at hand."""
    place, label = there.place, model.label
    steps = len(place.codes) - 1
    row, column = there.pixel
    where = (
        _("**Filters at row {row}, column {column}**", row=row, column=column)
        if place.maps
        else _("**Patch at row {row}, column {column}**", row=row, column=column)
    )
    st.markdown(where + (f" :small[:gray[{_('green channel')}]]" if place.channel else ""))
    boards.scrubber(
        SCRUBBER,
        steps + 1,
        _groups(there, model, dark),
        (),
        _captions(there, label),
        start=steps,
        layout="patch",
        unit=_("atom") if model.traits.counts == "atoms" else _("iteration"),
    )
    level = place.level / place.scale
    offset = None if place.offset is None else place.offset / place.scale
    if place.maps:
        offset = offset[-1]
    st.html(
        figures.sum_of_atoms(
            place.made[-1],
            level,
            place.codes[-1],
            place.B,
            place.shape,
            dark,
            offset=offset,
            beside=_("the filters at other places") if place.maps else _("the solver’s offset"),
        )
    )
    if not place.maps:
        _way_to_step_through(subject, there, model, chosen)


def patches_that_share(there: Spot, averaged: np.ndarray | None) -> None:
    """Draw the patches, or the grids of filters, that share the pixel, and what their average gains."""
    place = there.place
    many = len(place.estimates)
    st.markdown(
        ngettext("**One pixel, {n} grid of filters**", "**One pixel, {n} grids of filters**", many)
        if place.maps
        else ngettext("**One pixel, {n} patch**", "**One pixel, {n} patches**", many)
    )
    st.html(
        figures.estimates(
            place.estimates, place.own, place.average, there.clean_pixel, bool(place.maps)
        )
    )
    st.caption(describe_shared(there, averaged))


def describe_shared(there: Spot, averaged: np.ndarray | None) -> str:
    """What the average of the patches that share a pixel gains. averaged: the patch in the fine answer, (d_x,), if any."""
    place = there.place
    given = dict.fromkeys(("alone", "together", "single", "psnr", "raises"))
    if there.clean is not None:
        off = place.estimates - there.clean_pixel
        given |= {
            "alone": float(np.sqrt(np.mean(off**2))),
            "together": abs(place.average - there.clean_pixel),
        }
        if averaged is not None:
            single, together = (_psnr(made, there.clean) for made in (place.made[-1], averaged))
            given |= {
                "single": single,
                "psnr": phrases.decibels(together),
                "raises": together >= single,
            }
    return describe_photograph.said(
        "shared",
        filters=bool(place.maps),
        many=len(place.estimates),
        average=place.average,
        spread=float(np.std(place.estimates)),
        **given,
    )


def _psnr(made: np.ndarray, clean: np.ndarray) -> float:
    """The PSNR of a patch (d_x,) in dB, clipped to [0, 1]."""
    return float(evaluation.decibels(np.mean((made.clip(0, 1) - clean) ** 2).clip(1e-10)))


def _groups(there: Spot, model: models.Model, dark: bool) -> list[boards.Group]:
    place, label = there.place, model.label
    panels = [
        boards.Picture(
            _("noisy"), boards.tiles(place.noisy[None], place.shape), _("The noisy patch")
        )
    ]
    if there.clean is not None:
        panels.append(
            boards.Picture(
                _("clean"), boards.tiles(there.clean[None], place.shape), _("The clean patch")
            )
        )
    top = style.round_up(float(np.abs(place.codes).max()) or 1.0)
    colour = style.colour(model.solver, dark)
    given = {"solver": label, "t": "{t}"}
    code = (
        N_("code s of {n} filters, λ = {lam:.3g}")
        if place.maps
        else N_("code s of {n} atoms, λ = {lam:.3g}")
    )
    code = _(code, n=place.codes.shape[1], lam=place.lam)
    panels.append(
        boards.Picture(
            _("B s + mean"),
            boards.tiles(place.made, place.shape),
            _("The patch by {solver} at iteration {t}", **given),
        )
    )
    if place.maps:
        panels += _maps(place, model, dark)
    panels.append(
        boards.Stems(
            code,
            place.codes,
            top,
            colour,
            _("The code of the patch by {solver} at iteration {t}", **given),
            item=_("filter") if place.maps else _("atom"),
        )
    )
    return [boards.Group(label, colour, panels, solver=model.solver, dash=style.dash(model))]


def _captions(there: Spot, label: str) -> list[str]:
    used = evaluation.in_use(there.place.codes).sum(1)
    said = []
    for t, (count, made) in enumerate(zip(used.tolist(), there.place.made, strict=True)):
        after = (
            ngettext("After {n} iteration", "After {n} iterations", t)
            if len(used) > 1
            else _("At the optimum")
        )
        here = (
            ngettext("**{n}** filter speaks here", "**{n}** filters speak here", count)
            if there.place.maps
            else ngettext("**{n}** atom is in use", "**{n}** atoms are in use", count)
        )
        if there.clean is None:
            said.append(_("{after}, {claim}.", after=after, claim=here))
        else:
            said.append(
                _(
                    "{after}, {claim}, and the patch has {psnr}.",
                    after=after,
                    claim=here,
                    psnr=phrases.decibels(_psnr(made, there.clean)),
                )
            )
    if len(used) > 1:
        said[0] = (
            _("The code is zero at the start, and the photograph is its mean.")
            if there.place.maps
            else _("The code is zero at the start, and the patch is its mean.")
        )
    return said


def _maps(place: places.Place, model: models.Model, dark: bool) -> list[boards.Picture]:
    """All filters, pale where they are silent at the place; and the maps around it of those that are loudest, and the
    gates' there."""
    tables = {"table": style.DIVERGING_TABLE[False], "dark_table": style.DIVERGING_TABLE[True]}
    drawn = atoms.tiles(place.B, place.shape).astype(float) - 128
    speaks = np.where(evaluation.in_use(place.codes), 1, 0.2)[..., None, None]
    filters = (128 + drawn * speaks).round().astype(np.uint8)
    given = {
        "names": phrases.listed([str(j) for j in place.loudest]),
        "solver": model.label,
        "t": "{t}",
    }
    codes = place.maps["codes"]
    codes = codes / np.abs(codes).max((0, 2, 3), keepdims=True).clip(
        1e-12
    )  # each map has a scale of its own
    panels = [
        boards.Picture(
            _("filters that speak here"),
            filters,
            _("All filters, pale if they are silent here by {solver} at iteration {t}", **given),
            **tables,
        ),
        boards.Picture(
            _("maps of filters {names}", **given),
            boards.scaled(codes, -1, 1),
            _(
                "The maps of filters {names} around the place in the middle, by {solver} at iteration {t}",
                **given,
            ),
            columns=2,
            **tables,
        ),
    ]
    for name, said in model.traits.gates.items():
        words, gate = said if isinstance(said, str) else said[0], place.maps[name]
        low = gate[
            1:
        ].min()  # the gate's own scale: it may move so little that nothing is seen on one of 0 to 1
        high = max(gate[1:].max(), low + 1e-6)  # before training it is the same everywhere
        alt = _(
            "The {gate} of filters {names} around the place by {solver} at iteration {t}",
            gate=_(words),
            **given,
        )
        head = _("{gate}, {low:.2f} to {high:.2f}", gate=_(words), low=low, high=high)
        panels.append(
            boards.Picture(head, boards.scaled(gate, low, high), alt, style.GATE_TABLE, columns=2)
        )
    return panels


def _way_to_step_through(
    subject: Photo, there: Spot, model: models.Model, chosen: Sequence[models.Model]
) -> None:
    """Draw a button that makes the patch the data at hand of all pages, and opens Step through at its last iteration."""
    steps, pages = _last(there, model), session.PAGES.get()
    if "step" not in pages or not steps:
        return
    lam = url.LAM.nearest(there.place.lam)
    about = _("Step through then has this patch as its picture, without its mean, at the same λ.")
    if abs(lam / there.place.lam - 1) > 1e-3:
        about = _(
            "Step through then has this patch as its picture, without its mean, at λ = {lam:g}, the nearest to "
            "{wanted:.2g} that there is.",
            lam=lam,
            wanted=there.place.lam,
        )
    if st.button(
        _("Step through this patch"),
        icon=":material/footprint:",
        type="tertiary",
        key="to-step",
        on_click=_bring,
        args=(subject, there, [*(each for each in chosen if each != model), model], lam, steps),
        help=about,
    ):
        st.switch_page(pages["step"], query_params={"t": str(steps)})


def _last(there: Spot, model: models.Model) -> int:
    """The last iteration of the code; that of the last new atom, where a solver counts these; 0 for exact codes."""
    codes = there.place.codes
    if model.traits.counts != "atoms":
        return len(codes) - 1
    return int(max(1, 1 + np.flatnonzero((codes[1:] != codes[:-1]).any(1)).max(initial=0)))


def _bring(subject: Photo, there: Spot, chosen: list[models.Model], lam: float, steps: int) -> None:
    """Put the patch at hand with its dictionary, and each solver as it was built for the photograph."""
    place, options = there.place, {}
    for model in chosen:
        if denoise_tasks.is_built(model) and (solver := denoise_tasks.coder(subject, model).solver):
            options[model.solver] = {
                k: v for k, v in solver.config.items() if k not in ("name", "steps", "classes")
            }
    ships = sets.dictionary(sets.PHOTOGRAPHS)
    B = (
        None
        if place.B.shape[0] == len(ships) and subject.atoms.kind == SHIPPED
        else torch.from_numpy(place.B)
    )
    own.patch.bring(place.x, place.shape, place.mean, B, options)
    labels = [model.label for model in chosen if not isinstance(model, models.ExactModel)]
    st.session_state.update(data=own.patch.NAME, picture=0, lam=lam, T=steps, solvers=labels)
    session.HAS_CHOSEN.set(True)
    st.session_state.pop("dictionary", None)
    sliders.step_to(steps)
