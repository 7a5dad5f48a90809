"""What is there of the photograph's answers, under the divider and side by side."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from PIL import Image

from sc2viz.draw import cards, mosaics, style
from sc2viz.pages.photograph.answers import MadePicture, levels
from sc2viz.pages.photograph.chosen_photo import Photo
from sc2viz.ui import cache, page, phrases, url
from sc2viz.ui.models import Model
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _, localized

FOLDER = Path(__file__).parent
MAX_SHOWN = 2_000_000  # pixels of a photograph on the screen
CARD_WIDTH = 338  # px of a card together with the gap beside it
UNITS = {"patch": N_("Atoms a patch"), "position": N_("Filters a position")}


class ShownAnswer(NamedTuple):
    """A picture under its label, which is English; of a solver, or where there is no `model`, of another method."""

    label: str
    result: MadePicture
    model: Model | None = None
    is_coarse: bool = False

    @property
    def name(self) -> str:
        return _(self.label)

    @property
    def psnr(self) -> str:
        return "" if np.isnan(self.result.psnr) else phrases.decibels(self.result.psnr, 2)

    @property
    def note(self) -> str:
        return _("coarse") if self.is_coarse else ""

    @property
    def solver(self) -> str:
        return self.model.solver if self.model else "truth"

    @property
    def numbers(self) -> dict[str, str]:
        """The numbers beside the PSNR by name."""
        result = self.result
        numbers = {
            _("PSNR, missing"): (result.psnr_missing, ".2f"),
            "SSIM": (result.ssim, ".3f"),
            _(UNITS[result.unit]): (result.atoms, ".1f"),
            _("Numbers a pixel"): (result.non_zeros, ".2f"),
            _("Duality gap, %"): (100 * result.gap, ".2f"),
            _("Seconds, one core"): (result.seconds, ".1f"),
        }
        return {
            name: localized(f"{value:{form}}")
            for name, (value, form) in numbers.items()
            if not np.isnan(value)
        }


class Results(NamedTuple):
    """What is there so far."""

    source: MadePicture  # what the solvers are given
    solved: Sequence[ShownAnswer]  # by the chosen solvers
    compared: Sequence[ShownAnswer]  # by other methods
    failures: Sequence[str]

    @property
    def answers(self) -> list[ShownAnswer]:
        return [*self.solved, *self.compared]

    @property
    def best(self) -> ShownAnswer | None:
        return max(self.solved, key=lambda answer: answer.result.psnr, default=None)

    @property
    def front(self) -> ShownAnswer | None:
        """The answer on the right of the divider: the one that the reader asks for, or the best."""
        label = url.value("front")
        return next((answer for answer in self.answers if answer.label == label), self.best)


def draw_cards(
    photo: Photo,
    results: Results,
    selection: Sequence[ShownAnswer],
    has_pictures: bool = True,
) -> None:
    """Draw answers side by side, with their errors on one scale: how far they are from the photograph, or where that is not
    known without its noise, what was removed."""
    if not selection:
        return
    pixels = (slice(None, None, _reduction(photo.size)),) * 2
    clean = photo.floats(pixels)

    def error_of(answer: ShownAnswer) -> np.ndarray:
        error = np.abs(clean - answer.result.picture[pixels] / 255)
        return error.reshape(*error.shape[:2], -1).mean(2)

    samples = [error_of(answer)[::2, ::2] for answer in results.answers]
    top = mosaics.shared_top(samples) if samples else 0.1
    scale, alt = N_("What was removed, on the same scale for all"), N_("what was removed of {name}")
    if photo.is_clean:
        scale, alt = N_("Error, on the same scale for all"), N_("error of {name}")
    side_by_side = []
    for answer in selection:
        pictures = []
        if has_pictures:
            title = f"{photo.label}, {answer.name}"
            pictures.append(serve(photo, f"card-{answer.label}", answer.result.picture, title))
        if photo.is_clean or answer.result is not results.source:
            table = style.ERROR_TABLE[levels(error_of(answer) / top)]
            pictures.append(serve(photo, f"error-{answer.label}", table, _(alt, name=answer.name)))
        bar = "" if side_by_side else f"{cards.error_bar(top)}<small>{_(scale)}</small>"
        side_by_side.append(
            cards.Card(
                answer.name,
                answer.solver,
                answer.note,
                pictures,
                (answer.psnr, "PSNR") if answer.psnr else None,
                answer.numbers,
                bar,
                style.dash(answer.model) if answer.model else "",
            )
        )
    # The page may be narrower than all cards.
    width = CARD_WIDTH * len(side_by_side)
    with st.container(key=f"photo-cards-{'pictures' if has_pictures else 'errors'}", width=width):
        page.cards(side_by_side, narrowest=150)


def draw_divider(
    name: str, photo: Photo, results: Results, data: dict, **take: Callable[[], None]
) -> None:
    """Draw the photograph and the answers under a divider: the component of `name`.js, which is given more `data`."""
    tabs = []
    for answer in results.answers:
        tabs.append(
            {
                "name": answer.label,
                "label": answer.name,
                "psnr": answer.psnr,
                "source": serve(photo, f"after-{answer.label}", answer.result.picture).url,
                "caption": ", ".join(filter(None, (answer.name, answer.psnr, answer.note))),
                "light": style.colour(answer.solver),
                "dark": style.colour(answer.solver, True),
            }
        )
    shared = {
        "title": photo.label,
        "size": list(photo.size),
        "shrunk": 1 / _reduction(photo.size),
        "before": serve(photo, "before", levels(photo.floats())).url,
        "answers": tabs,
        "front": results.front.label if results.front else "",
        "sigma": photo.sigma,
    }

    def take_front() -> None:
        st.query_params.update(front=st.session_state[name]["front"])

    component(FOLDER / f"{name}.js", FOLDER / "divider.css")(
        key=name, data=shared | data, on_front_change=take_front, **take
    )


def _reduction(size: tuple[int, int]) -> int:
    """By how much a side is reduced on the screen."""
    return int(np.ceil((size[0] * size[1] / MAX_SHOWN) ** 0.5))


def serve(photo: Photo, name: str, picture: np.ndarray, alt: str = "") -> cards.Served:
    """A picture (h, w) or (h, w, channels) uint8, reduced to what a screen shows."""
    factor = _reduction(picture.shape[:2])
    size = -(-picture.shape[1] // factor), -(-picture.shape[0] // factor)
    content = _png(picture, factor, private=photo.is_private)
    return page.served(content, f"photograph-{name}", alt, size)


@cache.cached
def _png(picture: np.ndarray, factor: int) -> bytes:
    return mosaics.png(np.asarray(Image.fromarray(picture).reduce(factor)), 3)
