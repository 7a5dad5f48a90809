"""The canvas of a page: what a reader draws is coded in their browser while the pen moves, and becomes the picture at hand
when it is lifted. The browser gets the solvers as graphs (browser/export.py), and keeps them by name between visits. They are
made in one thread, one after the other, when the first reader asks, so that no page waits; and kept by the weights, a
reader's own in their session."""

import base64
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

import streamlit as st
import torch
from cachetools import LRUCache

from sc2viz.browser import wire_format
from sc2viz.browser.export import GRAPHS, Graph, export, export_anew
from sc2viz.browser.recorder import Unexportable
from sc2viz.browser.wire_format import Parcel
from sc2viz.draw import style
from sc2viz.draw.mosaics import Lines, base
from sc2viz.solvers.weights import step_size
from sc2viz.ui import models, own, session, sets, sidebar, url
from sc2viz.ui.cache import cached
from sc2viz.ui.errors import fragment, guarded
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _

KEY = "pen"
_pack = cached(lambda B: wire_format.exactly(B.numpy()))
_step = cached(lambda atoms: float(step_size(atoms)))
_DRAW = {"digit": N_("Draw a digit"), "patch": N_("Draw a patch"), "picture": N_("Draw a picture")}
_component = component("pen", "pad.css")
PRIVATE_GRAPHS = 8  # of a reader's own networks and dictionaries
_shared: LRUCache[str, Future[Graph]] = LRUCache(GRAPHS)
_lock = Lock()
_thread = ThreadPoolExecutor(1, "graphs")


def switch(view: sidebar.View) -> None:
    """Draw the switch of the canvas, where pictures can be drawn."""
    if _can_draw(view):
        url.widget("draw", _(_DRAW[_noun(view)]))


def canvas(view: sidebar.View, chosen: Sequence[models.Model]) -> None:
    """Draw the canvas, if it is on, with the numbers of the models `chosen`. The picture drawn becomes the current one."""
    if _can_draw(view) and url.value("draw"):
        fragment(_canvas)(view, chosen)


def _can_draw(view: sidebar.View) -> bool:
    """Whether pictures of the view are grey on a black ground and no patch of a photograph, so that a reader can draw one."""
    shape = view.shape
    is_grey = not isinstance(shape, Lines) and shape[2] == 1 and base(shape) == 0
    return is_grey and view.data != sets.PATCH


def _noun(view: sidebar.View) -> str:
    """Return what a picture of the data set is called: "digit", "patch" or "picture", for example."""
    images = sets.images(view.data)
    if view.data.endswith("patches"):
        return "patch"
    is_digit = images.labels is not None and all(map(str.isdigit, images.classes or ()))
    return "digit" if is_digit else view.noun


def _canvas(view: sidebar.View, chosen: Sequence[models.Model]) -> None:
    """Draw the canvas, as a fragment, and run the whole page once a picture was drawn on it."""
    if session.take("reruns_page"):
        st.rerun()
    B = _pack(view.B)
    arrays = {B.name: B}
    solvers = [_describe(model, arrays) for model in chosen]
    names = session.take("wanted_arrays")
    data = {
        "pad": {"high": view.shape[0], "wide": view.shape[1], "noun": _noun(view)},
        "B": B.label(),
        "peak": sets.peak(view.data),
        "solvers": solvers,
        "isDrawn": own.pictures.is_coded(),
        "taken": session.pen_lifted,
        "parcels": wire_format.texts(array for name, array in arrays.items() if name in names),
    }

    def send_arrays() -> None:
        """Note, in a callback, which arrays the browser lacks, for the next run of the fragment."""
        session.wanted_arrays = set(st.session_state[KEY]["wants"]["names"])

    _component(
        key=KEY,
        data=data,
        on_lifted_change=guarded()(lambda: _take(view)),
        on_wants_change=send_arrays,
        on_asks_change=lambda: None,
    )


def _describe(model: models.Model, arrays: dict[str, Parcel]) -> dict:
    """Return what the browser needs of a solver: its graph, the names of its arrays and what `Coder.add` takes; or why not.
    The arrays are added to `arrays` by name."""
    solver = {
        "label": model.label,
        "mark": style.mark(model.solver),
        "colour": style.themed(model.solver),
        "psnr": bool(models.why_unranked(model)),
    }
    future = _graph_of(model)
    if not future.done():
        return solver | {"pending": True}
    try:
        graph = future.result()
    except Unexportable as error:
        reason = str(error).removeprefix(f"{model.name} ")
        return solver | {"reason": _("{reason}. It follows when you lift the pen.", reason=reason)}
    parcels = list(graph.parcels)
    offset = models.offset(model)
    if offset is not None:
        parcels.append(wire_format.exactly(offset))
        solver["offset"] = parcels[-1].name
    beyond = models.guard(model, url.value("safeguard"))
    if beyond is not None:
        solver["guard"] = {"beyond": beyond, "tau": _step(models.atoms(model))}
    arrays |= {parcel.name: parcel for parcel in (graph.parcel, *parcels)}
    B = sets.dictionary(model.data)
    return solver | {
        "graph": graph.parcel.name,
        "arrays": [parcel.name for parcel in parcels],
        "own": offset is not None or not torch.equal(models.atoms(model), B),
        "positive": model.traits.positive,
    }


def _take(view: sidebar.View) -> None:
    """Make what was drawn the current picture, in a callback. The page shows one picture then, where it could show many."""
    lifted = st.session_state[KEY]["lifted"]
    pixels = lifted["pixels"]
    if pixels is not None:
        pixels = base64.b64decode(pixels, validate=True)
    own.pictures.take_coded(pixels, view.shape[:2])
    session.pen_lifted = int(lifted["time"])
    if pixels is not None and "layout" in st.session_state:
        st.session_state["layout"] = "one picture"
    session.reruns_page = True


def _graph_of(model: models.Model) -> Future[Graph]:
    """Return the graph of a model, now or later; its exception is `Unexportable`, or what building the model raises."""
    is_private = model.is_private or sets.private(model.data)
    graphs = session.keep("graphs", LRUCache(PRIVATE_GRAPHS)) if is_private else _shared
    with _lock:
        if model.id not in graphs:
            make = export_anew if is_private else export
            graphs[model.id] = _thread.submit(make, models.build(model))
        return graphs[model.id]
