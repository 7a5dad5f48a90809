"""The canvas of a page: what a reader draws is coded in their browser while the pen moves, and becomes the picture at hand
when it is lifted. The browser gets the solvers as graphs (graphs.py), and keeps them by name between visits."""

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
import torch

from sc2viz.browser import wire_format
from sc2viz.browser.recorder import Unexportable
from sc2viz.browser.wire_format import Parcel
from sc2viz.draw import style
from sc2viz.draw.mosaics import Lines, base
from sc2viz.solvers.weights import step_size
from sc2viz.ui import graphs, models, own, session, sets, sidebar, url
from sc2viz.ui.cache import cached
from sc2viz.ui.errors import fragment, guarded, heard
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _

KEY = "pen"
_pack, _step = (
    cached(lambda B: wire_format.exactly(B.numpy())),
    cached(lambda atoms: float(step_size(atoms))),
)
_DRAW = {"digit": N_("Draw a digit"), "patch": N_("Draw a patch"), "picture": N_("Draw a picture")}
_WIDGETS = Path(__file__).parent / "widgets"
_component = component(_WIDGETS / "pen.js", "pad.css", _WIDGETS / "pen.css")


def switch(view: sidebar.View) -> None:
    """Draw the switch of the canvas, where pictures can be drawn."""
    if _can_draw(view):
        url.widget("draw", _(_DRAW[_noun(view)]))


def canvas(view: sidebar.View, chosen: Sequence[models.Model]) -> None:
    """Draw the canvas, if it is on, with the numbers of the models `chosen`. The picture drawn becomes the one at hand."""
    if _can_draw(view) and url.now("draw"):
        fragment(_canvas)(view, chosen)


def _can_draw(view: sidebar.View) -> bool:
    shape = view.shape
    return (
        view.data != sets.PATCH
        and not isinstance(shape, Lines)
        and shape[2] == 1
        and base(shape) == 0
    )


def _noun(view: sidebar.View) -> str:
    """What a picture of the data set is called."""
    images = sets.images(view.data)
    if view.data.endswith("patches"):
        return "patch"
    digits = images.labels is not None and all(map(str.isdigit, images.classes or ()))
    return "digit" if digits else view.noun


def _canvas(view: sidebar.View, chosen: Sequence[models.Model]) -> None:
    if session.WHOLE.pop():
        st.rerun()
    arrays: dict[str, Parcel] = {}

    def named(parcel: Parcel) -> str:
        arrays[parcel.name] = parcel
        return parcel.name

    B = _pack(sets.dictionary(view.data))
    told = [_told(model, named) for model in chosen]
    wanted = session.WANTED.pop()
    data = {
        "pad": {"high": view.shape[0], "wide": view.shape[1], "noun": _noun(view)},
        "B": B.label(),
        "peak": sets.peak(view.data),
        "solvers": told,
        "mine": own.pictures.is_coded(),
        "taken": session.PENNED.get(),
        "parcels": wire_format.texts(each for each in (B, *arrays.values()) if each.name in wanted),
    }

    def wants() -> None:
        session.WANTED.set(set(st.session_state[KEY]["wants"]["names"]))

    _component(
        key=KEY,
        data=data,
        on_lifted_change=heard(guarded()(lambda: _take(view))),
        on_wants_change=heard(wants),
        on_asks_change=lambda: None,
    )


def _told(model: models.Model, named) -> dict:
    """What the browser needs of a solver: its graph, the names of its arrays and what `Coder.add` takes; or why not."""
    told = {
        "label": model.label,
        "mark": style.mark(model.solver),
        "colour": style.themed(model.solver),
        "psnr": bool(models.aside(model)),
    }
    made = graphs.of(model)
    if not made.done():
        return told | {"pending": True}
    try:
        graph = made.result()
    except Unexportable as error:
        why = str(error).removeprefix(f"{model.name} ")
        return told | {"reason": _("{why}. It follows when you lift the pen.", why=why)}
    offset = models.offset(model)
    more = {} if offset is None else {"offset": named(wire_format.exactly(offset))}
    beyond = models.guard(model, url.now("safeguard"))
    if beyond is not None:
        more["guard"] = {"beyond": beyond, "tau": _step(models.atoms(model))}
    names = [named(parcel) for parcel in graph.parcels]
    return (
        told
        | more
        | {
            "graph": named(graph.words),
            "arrays": [*names, *([more["offset"]] if offset is not None else [])],
            "own": offset is not None
            or not torch.equal(models.atoms(model), sets.dictionary(model.data)),
            "positive": model.traits.positive,
        }
    )


def _take(view: sidebar.View) -> None:
    """Put what was drawn at hand. The page shows one picture then, where it could show many."""
    lifted = st.session_state[KEY]["lifted"]
    try:
        pixels = (
            None if lifted["pixels"] is None else base64.b64decode(lifted["pixels"], validate=True)
        )
    except (binascii.Error, TypeError) as error:
        raise ValueError("a drawing must be base64: draw it again") from error
    own.pictures.take_coded(pixels, view.shape[:2])
    session.PENNED.set(int(lifted["at"]))
    if pixels is not None and "layout" in st.session_state:
        st.session_state["layout"] = "one picture"
    session.WHOLE.set(True)
