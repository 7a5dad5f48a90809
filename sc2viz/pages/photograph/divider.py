"""The photograph before and after, under a divider. Its noise follows σ in the browser."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st

from sc2viz.draw import style
from sc2viz.pages.photograph import clicked_patch, describe_photograph
from sc2viz.pages.photograph.answer_cards import Found
from sc2viz.pages.photograph.noisy_photo import Photo
from sc2viz.pages.photograph.png_files import levels, reduced, served
from sc2viz.ui.errors import heard
from sc2viz.ui.widgets import component
from sc2viz.words import _

KEY, PAINTER = "divider", "painter"
_HERE = Path(__file__).parent
_LOOK = _HERE / "divider.css"


def painter(
    subject: Photo,
    found: Found,
    front: str,
    mask: np.ndarray,
    painted: np.ndarray | None,
    words: str,
    then: Callable[[str], None],
) -> None:
    """The photograph with what is missing: `mask` (h, w) bool, and what the reader `painted`. `then` is called with the PNG
    of what they paint, as a data URL. `words`: what is said of the photograph."""
    data = _common(subject, found, front) | {
        "mask": _mask(subject, "mask", mask) if mask.any() else None,
        "painted": None if painted is None else _mask(subject, "painted", painted),
        "words": words,
    }
    component(_HERE / "painter.js", _LOOK)(
        key=PAINTER,
        data=data,
        on_front_change=_front_of(PAINTER),
        on_painted_change=heard(lambda: then(st.session_state[PAINTER]["painted"])),
    )


def before_and_after(
    subject: Photo, found: Found, front: str, pixel: tuple[int, int], side: int
) -> None:
    """Draw the photograph before and after; `front` is the answer on its right, and `pixel` the place that is marked, with a
    patch of `side` pixels."""
    data = _common(subject, found, front) | {
        "channels": 3 if subject.values.ndim == 3 else 1,
        "noisy": not subject.added,
        "shrunk": 1 / reduced(subject.size),
        "sigma": subject.sigma,
        "words": (
            _("noisy, {psnr}", psnr=describe_photograph.decibels(found.noisy.psnr))
            if subject.added
            else _("as it came")
        ),
        "place": {"row": pixel[0], "column": pixel[1], "side": side},
    }
    component(_HERE / "cleaned.js", _LOOK)(
        key=KEY,
        data=data,
        on_front_change=_front_of(KEY),
        on_place_change=heard(
            lambda: clicked_patch.choose(*map(int, st.session_state[KEY]["place"]))
        ),
    )


def still(subject: Photo, found: Found, front: str) -> None:
    """Draw the photograph as it is, and an answer, under the divider."""
    data = _common(subject, found, front) | {
        "channels": 1,
        "noisy": True,
        "shrunk": 1.0,
        "words": _("the photograph"),
    }
    component(_HERE / "cleaned.js", _LOOK)(
        key=KEY, data=data, on_front_change=_front_of(KEY), on_place_change=lambda: None
    )


def _common(subject: Photo, found: Found, front: str) -> dict:
    return {
        "title": subject.label,
        "size": list(subject.size),
        "before": served(subject, "before", levels(subject.floats())).url,
        "answers": [_answer(found, name) for name in found.results],
        "front": front,
        "sigma": subject.sigma,
        "place": None,
    }


def _mask(subject: Photo, name: str, mask: np.ndarray) -> str:
    """The address of a PNG that is white where `mask` is True, else transparent."""
    return served(
        subject, name, np.where(mask[..., None], np.uint8(255), np.uint8(0)).repeat(4, 2)
    ).url


def _answer(found: Found, name: str) -> dict:
    result, solver = found.results[name], found.solver(name)
    light, dark = (style.colour(solver, dark) for dark in (False, True))
    reached = "" if np.isnan(result.psnr) else describe_photograph.decibels(result.psnr)
    words = ", ".join(
        filter(None, (_(name), reached, _("coarse") if found.is_coarse(name) else ""))
    )
    source = served(found.subject, f"after-{name}", result.picture).url
    return {
        "name": name,
        "label": _(name),
        "reached": reached,
        "source": source,
        "words": words,
        "light": light,
        "dark": dark,
    }


def _front_of(key: str) -> Callable[[], None]:
    """What to call when the component `key` tells which answer is in front."""
    return heard(lambda: st.query_params.update(front=st.session_state[key]["front"]))
