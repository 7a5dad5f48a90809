"""Small pictures to choose one of by a click or the arrow keys, such as atoms, each with a bar or a note under it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from sc2viz.browser import modules
from sc2viz.draw import mosaics
from sc2viz.ui.widgets import component

_component = component(modules.FOLDER / "tiles.js", "tiles.css")


class Tile(NamedTuple):
    """A picture of a sheet: which one it is, counted from 0, and what is said of it."""

    number: int
    name: str
    bar: float | None = None  # 0 to 1
    note: str = ""


def choose_tile(
    key: str,
    label: str,
    sheet: np.ndarray,
    grid: tuple[int, int],
    tiles: Sequence[Tile],
    chosen: int | None,
    on_choice: Callable[[int], None],
    across: int | None = None,
) -> None:
    """Show the pictures of a sheet, RGBA, that has `grid` rows and columns, with gaps of `pictures.GUTTER` px.

    chosen: the number of the one that is marked; None where a click leads elsewhere. on_choice: called with the number that the
    reader clicks. across: how many stand beside each other; by default as many as let all of them fit one screen.
    """
    (rows, columns), gap = grid, mosaics.GUTTER
    high, wide = (sheet.shape[0] + gap) / rows - gap, (sheet.shape[1] + gap) / columns - gap
    data = {
        "label": label,
        "sheet": mosaics.kept_uri(sheet),
        "columns": columns,
        "rows": rows,
        "high": high / wide,
        "across": across,
        "tiles": [tile._asdict() for tile in tiles],
        "chosen": chosen,
        "radio": chosen is not None,
    }

    def take() -> None:
        choice = st.session_state[key]["chosen"]
        if choice is not None:
            on_choice(int(choice["number"]))

    _component(key=key, data=data, on_chosen_change=take)
