"""What moves in the browser without asking the server: a board, which follows λ and T, and a scrubber of frames.

What they show and the JavaScript that draws it are in `sc2viz.browser`.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow
import streamlit as st

from sc2viz.browser import modules, wire_format
from sc2viz.browser.board import Board, Codes, Column, Dots  # noqa: F401
from sc2viz.browser.panels import (  # noqa: F401 (pages take panels from here)
    Bars,
    Curves,
    Group,
    Line,
    Made,
    Picture,
    Stems,
    Texts,
    by_axis,
    html,
    scaled,
    tiles,
)
from sc2viz.draw import atoms, mosaics, sheet, style
from sc2viz.ui import links, session
from sc2viz.ui.cache import cached
from sc2viz.ui.widgets import component, in_each_language
from sc2viz.words import N_, _

_scrubber = in_each_language(
    "scrubber",
    modules.joined(modules.FOLDER / "player.js"),
    html=modules.FOLDER.joinpath("player.html").read_text("utf-8"),
    css=modules.sheet("scrubber.css", "panels.css", "layouts.css"),
)
_board = in_each_language(
    "board",
    modules.joined(modules.FOLDER / "board.js"),
    modules.style("board.css"),
    isolate_styles=False,
)
# Welcome's alone. It stands here because the module of a page runs anew at each view.
sum_of_atoms = in_each_language(
    "adder",
    modules.joined(modules.FOLDER / "sum.js"),
    html=modules.FOLDER.joinpath("sum.html").read_text("utf-8"),
    css=modules.sheet("sum.css"),
)
_sentence = component(modules.FOLDER / "sentence.js", isolated=False)
pack = cached(wire_format.pack)


def board(key: str, board: Board) -> None:
    """Show a board, whose cards follow λ and T in the browser."""
    data, resend = pack_message(key, *board.message(pack))
    _board(key=key, data=data, on_wants_change=resend)


def sentence(leads: bool = False) -> None:
    """Draw the place of a sentence that another part of the page sets in the browser (`tellSentence` in messages.js), such as
    a board. It takes the place of that of `page.caption`, in whose container it stands, while something moves. leads: whether
    there is no sentence of `page.caption`."""
    _sentence(key="leading" if leads else "sentence", data={"leads": leads})


def pack_message(
    key: str, data: dict, arrays: Iterable[wire_format.Parcel]
) -> tuple[dict, Callable[[], None]]:
    """Return the data of the component `key` with those `arrays` that are new to the browser, and the callback for when it
    asks for some again. The data are compressed, because those of all stops are much alike."""
    table, resend = take_new_arrays(key, arrays)
    # Level 8 takes more than twice as long for 4 % less.
    packed = wire_format.squeezed(json.dumps(data, ensure_ascii=False), 5)
    return {"packed": packed, "parcels": table}, resend


def take_new_arrays(
    key: str, arrays: Iterable[wire_format.Parcel]
) -> tuple[pyarrow.Table, Callable[[], None]]:
    """Return a table of those `arrays` that the reader's browser has not got yet, and the callback for when the component
    `key` asks for some again (`wants`). The table's arrays count as sent from then on, because each travels once a session.
    In a table their bytes travel as they are, and not as text, which is longer by a third."""
    names = session.keep("sent", set())

    def resend() -> None:
        names.difference_update(st.session_state[key]["wants"]["names"])

    new = {parcel.name: parcel for parcel in arrays if parcel.name not in names}.values()
    names.update(parcel.name for parcel in new)
    fields = ("name", "head", "packed")
    return pyarrow.table(
        {field: [getattr(parcel, field) for parcel in new] for field in fields}
    ), resend


def atoms_picture(
    dictionaries: Sequence[np.ndarray], shape: mosaics.Shape, label: str, alt: str
) -> Picture:
    """Return a panel that shows dictionaries (d_x, d_s), one a frame, with each atom at full contrast."""
    frames = np.stack([atoms.tiles(B, shape) for B in dictionaries])
    tables = style.DIVERGING_TABLE if frames.ndim == 4 else (None, None)
    return Picture(label, frames, alt, tables[False], tables[True])


def draw_sheet(
    title: str,
    groups: Sequence[Group],
    side: int = 320,
    bars: Sequence[sheet.ColourBar] = (),
    dark: bool = False,
) -> np.ndarray:
    """Return an image to take away, which shows the pictures and the numbers of cards at their last frame."""
    columns = []
    for group in groups:
        pictures = []
        for panel in group.panels:
            if isinstance(panel, Picture):
                frame = panel.frames[-1]
                table = panel.dark_table if dark and panel.dark_table is not None else panel.table
                frame = frame if table is None else table[frame]
                shape = (*frame.shape[1:3], frame.shape[3] if frame.ndim == 4 else 1)
                pixels = frame.reshape(len(frame), -1) / 255
                pictures.append(mosaics.mosaic(pixels, shape, panel.columns))
        numbers = [f"{name} {texts[-1]}" for name, texts in group.readings.items()]
        colour = group.colour or style.colour("truth", dark)
        columns.append(sheet.SheetColumn(group.title, colour, pictures, numbers))
    return sheet.sheet(title, columns, side, bars=bars, dark=dark)


def scrubber(
    key: str,
    count: int,
    groups: Sequence[Group],
    wide: Sequence[Curves] = (),
    captions: Texts = (),
    *,
    unit: str = N_("iteration"),
    start: int = 0,
    trained: int | None = None,
    on_stop: Callable[[], None] = lambda: None,
    names: Sequence[str] = (),
    layout: str = "",
    live: bool = False,
    codes: Codes | None = None,
    plays: str = N_("Play"),
    fixed: bool = False,
    sentence: Mapping[str, Any] = MappingProxyType({}),
) -> int:
    """Show `count` frames, 0 … count − 1, of cards side by side and of wide panels under them; return the frame at rest.

    captions: a sentence a frame, **bold** in it. unit: what a frame is. start: where it opens, or what is known of the
    reader's place, which then is kept, whatever is shown. trained: the last frame that networks were trained for; later ones
    are marked. on_stop: called when the reader has come to rest on another frame (`resting_frame`). names: of frames whose
    number says too little, and whose last is the present: who is there stays with it. layout: a class of scrubber.css. live:
    the last frame alone, without controls, while more are coming. codes: the frames are iterations of these, which follow λ,
    and T takes the reader to the last one; their axis "t" may go on beyond `count`. plays: what the key is called that plays
    the frames. fixed: the codes have `count` frames, wherever a slider of T stands. sentence: what the caption says
    of codes (`Board.sentence`), or the reasons for the captions, as `why`.
    """
    frame = min(max(start, 0), count - 1)
    moves, arrays = {"stops": {"t": list(range(count))}, "at": {"t": frame}, "x": None}, []
    if codes is not None:
        moves, arrays = codes.message(pack)
    panels = [*(panel for group in groups for panel in group.panels), *wide]
    data = moves | {
        "id": key,
        "unit": _(unit),
        "trained": trained,
        "captions": by_axis(captions),
        "names": list(names),
        "layout": layout,
        "live": live,
        "plays": _(plays),
        "fixed": fixed,
        "sentence": dict(sentence) or None,
        "html": html(groups, wide),
        "panels": [panel.data() for panel in panels],
    }
    # The browser rebuilds the panels of a scrubber only where the stamp changes, not whenever the page runs.
    stamped = data if codes is not None else data | {"at": None}
    data["stamp"] = zlib.crc32(json.dumps(stamped).encode())
    data |= {"told": frame, "turns": turns(key)}
    message, resend = pack_message(key, data, arrays)
    _scrubber(key=key, data=message, on_at_change=on_stop, on_wants_change=resend)
    return min(resting_frame(key, start), count - 1)


def turns(key: str) -> int:
    """Return how often the reader has come to the component `key` by Back or Forward, or a view was opened (`links.go`).
    Where the number has grown, the URL says where the component stands."""
    count = session.turns.get(key, 0) + links.went_back()
    session.turns = {**session.turns, key: count}
    return count + session.views


def resting_frame(key: str, default: int = 0) -> int:
    """Return the frame on which the reader rests, as the browser last reported it for the component `key`; `default` where it
    has reported none."""
    try:
        return max(0, int(st.session_state[key]["at"]["frame"]))
    except (
        LookupError,
        TypeError,
        ValueError,
        OverflowError,
    ):  # nothing, or nothing that ours report
        return default
