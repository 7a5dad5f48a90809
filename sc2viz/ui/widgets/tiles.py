"""Small pictures to choose one of by a click or the arrow keys, such as atoms, each with a bar or a note under it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from sc2viz.figures import pictures
from sc2viz.stage import modules
from sc2viz.ui import page

ROOM = 260_000  # square px that all pictures may take together
SMALLEST, LARGEST = 20, 74  # px of a picture


@dataclass(frozen=True)
class Tile:
    """A picture of a sheet: which one it is, counted from 0, and what is said of it."""

    number: int
    name: str
    bar: float | None = None  # 0 to 1
    note: str = ""


def draw(key: str, label: str, sheet: np.ndarray, grid: tuple[int, int], tiles: Sequence[Tile], chosen: int | None,
         then: Callable[[int], None], least: int | None = None) -> None:  # fmt: skip
    """Show the pictures of a sheet, RGBA, that has `grid` rows and columns, with gaps of `pictures.GUTTER` px.

    chosen: the number of the one that is marked; None where a click leads elsewhere. then: called with the number that the
    reader clicks. least: the px that a picture is wide at least; by default all of them fit one screen.
    """
    (rows, columns), gap = grid, pictures.GUTTER
    high, wide = (sheet.shape[0] + gap) / rows - gap, (sheet.shape[1] + gap) / columns - gap
    file = page.served(pictures.small_png(sheet), key, label, sheet.shape[1::-1])
    fitting = round((ROOM * wide / high / max(len(tiles), 1)) ** 0.5) - 6
    data = {
        "label": label,
        "url": file.url,
        "columns": columns,
        "rows": rows,
        "ratio": f"{wide:g} / {high:g}",
        "least": least or min(max(fitting, SMALLEST), LARGEST),
        "tiles": [asdict(tile) for tile in tiles],
        "chosen": chosen,
        "radio": chosen is not None,
    }

    def take() -> None:
        told = st.session_state[key]["chosen"]
        if told is not None:
            then(int(told["number"]))

    _component()(key=key, data=data, on_chosen_change=take)


@st.cache_resource(show_spinner=False)
def _component():
    parts = modules.joined(modules.FOLDER, ("dom.js",), (Path(__file__).with_name("tiles.js"),))
    css = modules.style(Path(__file__).with_name("tiles.css"))
    return st.components.v2.component("sc2viz_tiles", js=modules.packed(parts), css=css)
