"""Inpaint: pixels that are missing are filled in from the others of their patches."""

import base64
import io
from collections.abc import Sequence

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw, ImageFont

from sc2viz import defaults
from sc2viz.draw import patch_sums as figures
from sc2viz.draw import style
from sc2viz.pages.photograph import (
    answer_cards,
    clicked_patch,
    denoise_tasks,
    describe_photograph,
    divider,
    inpaint_tasks,
    png_files,
    take_away,
)
from sc2viz.pages.photograph.background_tasks import Task
from sc2viz.pages.photograph.noisy_photo import Photo
from sc2viz.ui import cache, chips, page, session, url
from sc2viz.ui.models import Model
from sc2viz.words import N_, _, count

MOST_SOLVERS = 2  # side by side that fill in a photograph
CLOSE = 64  # pixels that a close-up has a side
TEXT = "sparse coding fills in what is missing  "
HELP = N_(
    "The {most} solvers chosen last fill in. Those that take a mask are given the known pixels of every patch alone; "
    "for the others the missing ones are guessed, and guessed again from what they make of it."
)


def inpaint_part(at_hand: Photo, tools) -> None:
    sentence = st.container(key="photo-sentence")
    known = denoise_tasks.known()
    chosen = chips.choose(
        known,
        MOST_SOLVERS,
        help=_(HELP, most=MOST_SOLVERS),
        opens=(style.label(defaults.FILLS),),
        rows=1,
    )
    left, right = st.columns([1.4, 1], gap="large")
    with right:
        kind = url.widget("lost")
        share = url.widget("share", width=300) if kind == "random" else 0
    mask, painted = _mask(at_hand, kind, share), _painted(at_hand)
    missing = mask if painted is None else mask | painted
    found = _ask(at_hand, chosen, missing)
    front = found.front(url.now("front"))
    with left:
        words = (
            _("{amount} missing", amount=_amount(missing))
            if missing.any()
            else _("paint over a part")
        )
        divider.painter(
            at_hand, found, front, mask, painted, words, lambda sent: _take(at_hand, sent)
        )
        answer_cards.progress(found)
    with right:
        st.markdown(_(inpaint_tasks.ABOUT))
        st.latex(r"\min_s\ \tfrac12\lVert M(x - Bs)\rVert^2 + \lambda\lVert s\rVert_1")
        for name, result in found.solved.items():
            st.caption(_way(name, result.way))
        if missing.any():
            st.markdown(_("**Close up**"))
            st.html(figures.close_ups(_close_up(at_hand, found, missing)))
    with sentence:
        page.caption(_caption(at_hand, found, missing))
        answer_cards.gave_way(found, known, MOST_SOLVERS)
    page.notes(found.notes())
    if missing.any():
        answer_cards.cards_of_answers(at_hand, found, N_("Missing"))
    with tools:
        take_away.filled(at_hand, found, front, chosen, missing)


def _close_up(
    at_hand: Photo, found: answer_cards.Found, missing: np.ndarray
) -> list[tuple[str, np.ndarray]]:
    """The same part of the photograph, of what is known of it, and of the answers, by name: where pixels are missing, near
    the place at which the page opens."""
    row, column = (
        int(share * side) for share, side in zip(clicked_patch.OPENS, at_hand.size, strict=True)
    )
    if not missing[_around(row, CLOSE), _around(column, CLOSE)].any():
        holes = np.argwhere(missing)
        row, column = holes[np.abs(holes - (row, column)).sum(1).argmin()]
    part = tuple(
        _around(min(max(at, CLOSE // 2), max(side - CLOSE // 2, CLOSE // 2)), CLOSE)
        for at, side in zip((row, column), at_hand.size, strict=True)
    )
    shown = {
        _("Photograph"): png_files.levels(at_hand.floats(part)),
        _("Missing"): found.noisy.picture[part],
    }
    return [
        *shown.items(),
        *((_(name), result.picture[part]) for name, result in found.results.items()),
    ]


def _way(solver: str, way: str) -> str:
    """How a solver was given what is known, of what `photographs.inpaint` says in English."""
    _words, masked, rest = way.removeprefix(solver).rpartition("gap ")
    if masked:
        return _(
            "**{solver}** on the known pixels of every patch (masked), mean relative duality gap {gap}.",
            solver=solver,
            gap=rest,
        )
    return _("**{solver}**, {n} rounds of imputation.", solver=solver, n=rest.split()[1])


def _around(at: int, side: int) -> slice:
    return slice(max(0, at - side // 2), at + side // 2)


def _caption(at_hand: Photo, found: answer_cards.Found, missing: np.ndarray) -> str:
    if not missing.any():
        return _(
            "Paint over something in the photograph, and it is filled in from what surrounds it."
        )
    best = max(found.solved, key=lambda label: found.solved[label].inner, default="")
    inner, peer = (one.inner if one else np.nan for one in (found.solved.get(best), found.peer))
    apart, decibels = abs(inner - peer), describe_photograph.decibels
    return describe_photograph.said(
        "filled",
        name=at_hand.name,
        amount=_amount(missing),
        pixels=int(missing.sum()),
        shown=bool(best),
        solver=best,
        psnr=decibels(inner),
        apart=decibels(apart) if found.peer else "",
        above=inner >= peer,
    )


def _amount(missing: np.ndarray) -> str:
    share = 100 * missing.mean()
    return (
        _("{share:.0f} % of the pixels", share=share)
        if share >= 1
        else count(int(missing.sum()), "pixel")
    )


def _ask(at_hand: Photo, chosen: Sequence[Model], missing: np.ndarray) -> answer_cards.Found:
    view = at_hand.mark, cache.digest([missing]), tuple(model.label for model in chosen)
    settled = _("Paint over the photograph for more. Drag the divider by its handle.")

    def tasks(model: Model) -> list[Task]:
        return [
            inpaint_tasks.task(at_hand, model, missing, each)
            for each in (denoise_tasks.COARSE, inpaint_tasks.FINE)
        ]

    found = answer_cards.Found(
        at_hand,
        chosen,
        view,
        inpaint_tasks.missing(at_hand, missing),
        tasks,
        settled=settled,
        peer_name=inpaint_tasks.PEER,
        finer=N_("patches at every second pixel"),
    )
    if not missing.any():
        return found
    compared = (
        at_hand.pixels <= inpaint_tasks.MOST_COMPARED
        and missing.mean() <= inpaint_tasks.MOST_MISSING
    )
    return answer_cards.gather(
        found, inpaint_tasks.biharmonic(at_hand, missing) if compared else None
    )


def _mask(at_hand: Photo, kind: str, share: int) -> np.ndarray:
    """Where pixels are missing before the reader paints, (h, w) bool."""
    if kind == "random":
        return np.random.RandomState(0).random_sample(at_hand.size) < share / 100
    missing = np.zeros(at_hand.size, bool)
    if kind == "text":
        image = Image.new("1", at_hand.size[::-1])
        draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=22)
        for line, top in enumerate(range(4, at_hand.size[0], 36)):
            draw.text(
                (2, top),
                (TEXT * 40)[11 * line % len(TEXT) :][: at_hand.size[1] // 8],
                fill=1,
                font=font,
            )
        missing |= np.array(image)
    return missing


def _painted(at_hand: Photo) -> np.ndarray | None:
    """What the reader painted over this photograph, (h, w) bool."""
    mark, painted = session.PAINTED.get()
    return painted if mark == (at_hand.mark, at_hand.size) else None


def _take(at_hand: Photo, sent: str) -> None:
    """Keep what the reader painted: the PNG of a canvas, on the scale of the screen."""
    with Image.open(
        io.BytesIO(base64.b64decode(str(sent).partition(",")[2])), formats=("PNG",)
    ) as image:
        if image.width * image.height > inpaint_tasks.MOST_PAINTED:
            raise ValueError("what was painted is larger than a screen: reload the page")
        painted = np.asarray(image.convert("RGBA").getchannel("A").resize(at_hand.size[::-1])) > 127
    session.PAINTED.set(((at_hand.mark, at_hand.size), painted if painted.any() else None))
