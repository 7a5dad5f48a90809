"""A component that shows a picture as a sum of atoms, at the λ under the finger. Its slider adds them one by one, and a
reader may weigh them by hand. Everything is drawn in the browser."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from sc2viz.browser import modules
from sc2viz.browser.comparison import EXACT
from sc2viz.draw import mosaics
from sc2viz.ui import boards
from sc2viz.ui.errors import heard
from sc2viz.ui.widgets import in_each_language

KEY = "adder"
_html, _script = (
    (modules.FOLDER / "sum.html").read_text("utf-8"),
    modules.joined(modules.FOLDER / "sum.js"),
)
_component = in_each_language("adder", _script, html=_html, css=modules.sheet("sum.css"))


def sum_of_atoms(
    x: np.ndarray,
    B: np.ndarray,
    codes: np.ndarray,
    stops: Sequence[float],
    lam: float,
    F: Sequence[float],
    says: Sequence[str],
    sentences: Sequence[str],
    left: Sequence[str],
    contrast: float,
    shape: mosaics.Shape,
    title: str,
    noun: str,
    this: str,
    *,
    start: int | None = None,
    on_rest: Callable[[int], None] | None = None,
) -> None:
    """Draw the picture x (d_x,) and the sum of the largest terms of its code on the atoms B (d_x, d_s).

    codes (stops, d_s), F, says, sentences and left: the exact code at each λ of `stops`, its objective, its numbers in
    words, the page's sentence about it, and the share that is missing. contrast: what that is measured by, ‖x − mean‖².
    shape: how rows are drawn. title: names the picture. noun: says what it is, and `this` begins a sentence about it. The
    component opens with `start` atoms, or adds all of them in an animation if `start` is None. It calls `on_rest` with the
    number of atoms at which the reader stops.
    """
    columns = [boards.Column(), boards.Column(B, {"lam": codes[:, None]}, by=EXACT)]
    tops = {"lam": [mosaics.span(shape)]}
    data, arrays = boards.Codes(
        x[None], shape, {"lam": stops}, {"lam": lam}, columns, tops
    ).message(boards.pack)
    words = {
        "title": title,
        "noun": noun,
        "this": this,
        "says": list(says),
        "sentence": list(sentences),
        "left": list(left),
    }
    more = words | {
        "F": list(map(float, F)),
        "contrast": contrast,
        "start": start,
        "turns": boards.turns(KEY),
    }
    shown, again = boards.parcelled(KEY, data | more, arrays)
    _component(
        key=KEY,
        data=shown,
        on_at_change=heard(lambda: on_rest and on_rest(int(st.session_state[KEY]["at"]["atoms"]))),
        on_wants_change=again,
    )
