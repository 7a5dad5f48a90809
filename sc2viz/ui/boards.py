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

from sc2viz.browser import board as boards
from sc2viz.browser import modules, wire_format
from sc2viz.browser.board import Board, Codes, Column, Dots
from sc2viz.browser.panels import (
    Bars,
    Curves,
    Group,
    Line,
    Made,
    Picture,
    Stems,
    Words,
    html,
    moving,
    scaled,
    tiles,
)
from sc2viz.draw import atoms, mosaics, sheet, style
from sc2viz.ui import links, session
from sc2viz.ui.cache import cached
from sc2viz.ui.errors import heard
from sc2viz.ui.widgets import component, in_each_language
from sc2viz.words import N_, _

__all__ = [
    "Bars",
    "Board",
    "Codes",
    "Column",
    "Curves",
    "Dots",
    "Group",
    "Line",
    "Made",
    "Picture",
    "Stems",
    "board",
    "pack",
    "parcelled",
    "scaled",
    "scrubber",
    "sent",
    "sentence",
    "tiles",
    "turns",
]

_mount = in_each_language(
    "scrubber",
    modules.joined(modules.FOLDER / "player.js"),
    html=modules.FOLDER.joinpath("player.html").read_text("utf-8"),
    css=modules.sheet("scrubber.css", "panels.css", "layouts.css"),
)
_board = in_each_language(
    "board", boards.script(), modules.style("board.css"), isolate_styles=False
)
_sentence = component(modules.FOLDER / "sentence.js", isolated=False)
pack = cached(wire_format.pack)


def board(key: str, shown: Board) -> None:
    """Show a board, whose cards follow λ and T in the browser."""
    data, again = parcelled(key, *shown.message(pack))
    _board(key=key, data=data, on_wants_change=again)


def sentence(leads: bool = False) -> None:
    """The sentence that another part of the page tells (`tellSentence` in messages.js), such as a board that has one. It
    takes the place of that of `page.caption`, in whose container it stands, while something moves. leads: there is no other."""
    _sentence(key="leading" if leads else "sentence", data={"leads": leads})


def parcelled(
    key: str, data: dict, arrays: Iterable[wire_format.Parcel]
) -> tuple[dict, Callable[[], None]]:
    """What the component `key` is given, compressed, because what is said at all stops is much alike, with the arrays that
    are new to the browser; and what to call when it asks for some again."""
    fresh, again = sent(key, arrays)
    # Level 8 takes more than twice as long for 4 % less.
    return {
        "packed": wire_format.squeezed(json.dumps(data, ensure_ascii=False), 5),
        "parcels": fresh,
    }, again


def sent(
    key: str, arrays: Iterable[wire_format.Parcel]
) -> tuple[pyarrow.Table, Callable[[], None]]:
    """Those of `arrays` that the reader's browser has not got yet, because each travels once a session; and what to call
    when the component `key` asks for some again (`wants`). In a table their bytes travel as they are, and not as text, which
    is longer by a third."""
    known = session.SENT.kept(set)

    @heard
    def again() -> None:
        known.difference_update(st.session_state[key]["wants"]["names"])

    fresh = {parcel.name: parcel for parcel in arrays if parcel.name not in known}
    known.update(fresh)
    columns = {
        part: [getattr(parcel, part) for parcel in fresh.values()]
        for part in ("name", "head", "packed")
    }
    return pyarrow.table(columns), again


def atoms_picture(
    dictionaries: Sequence[np.ndarray], shape: mosaics.Shape, label: str, alt: str
) -> Picture:
    """Dictionaries (d_x, d_s), one a frame, with each atom at full contrast."""
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
    """The pictures and the numbers of cards at their last frame, to take away."""
    columns = []
    for group in groups:
        pictures = []
        for panel in group.panels:
            if isinstance(panel, Picture):
                drawn, table = panel.frames[-1], panel.dark_table if dark else None
                table = panel.table if table is None else table
                drawn = drawn if table is None else table[drawn]
                shape = (*drawn.shape[1:3], drawn.shape[3] if drawn.ndim == 4 else 1)
                pixels = drawn.reshape(len(drawn), -1) / 255
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
    captions: Words = (),
    *,
    unit: str = N_("iteration"),
    start: int = 0,
    trained: int | None = None,
    on_rest: Callable[[], None] | None = None,
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
    are marked. on_rest: called when the reader has come to rest on another frame; `at(key)` is it. names: of frames whose
    number says too little, and whose last is the present: who is there stays with it. layout: a class of scrubber.css. live:
    the last frame alone, without controls, while more are coming. codes: the frames are iterations of these, which follow λ,
    and T takes the reader to the last one; their axis "t" may go on beyond `count`. plays: what the key is called that plays
    the frames. fixed: the codes have `count` frames, wherever a slider of T stands. sentence: what the caption says
    of codes (`Board.sentence`).
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}: show one frame or none at all")
    moves, arrays = (
        {"stops": {"t": list(range(count))}, "at": {"t": min(max(start, 0), count - 1)}, "x": None},
        [],
    )
    if codes is not None:
        moves, arrays = codes.message(pack)
    data = moves | {
        "id": key,
        "unit": _(unit),
        "trained": trained,
        "captions": moving(captions),
        "names": list(names),
        "layout": layout,
        "live": live,
        "plays": _(plays),
        "fixed": fixed,
        "sentence": dict(sentence) or None,
        "html": html(groups, wide),
        "panels": [
            panel.data()
            for panel in (*(panel for group in groups for panel in group.panels), *wide)
        ],
    }
    # The browser rebuilds the panels of a scrubber only where the stamp changes, not whenever the page runs.
    shown = data if codes is not None else data | {"at": None}
    data["stamp"] = zlib.crc32(json.dumps(shown).encode())
    data |= {"told": min(max(start, 0), count - 1), "turns": turns(key)}
    given, again = parcelled(key, data, arrays)
    _mount(
        key=key, data=given, on_at_change=heard(on_rest or (lambda: None)), on_wants_change=again
    )
    return min(at(key, start), count - 1)


def turns(key: str) -> int:
    """How often the reader has come to the component `key` by Back or Forward, or a view was opened (`links.go`). The URL
    then says where it stands."""
    known = session.turns(key)
    known.set(known.get() + links.went_back())
    return known.get() + session.VIEWS.get()


def at(key: str, otherwise: int = 0) -> int:
    """The frame on which the reader rests, as last reported by the browser."""
    try:
        return max(0, int(st.session_state[key]["at"]["frame"]))
    except (
        LookupError,
        TypeError,
        ValueError,
        OverflowError,
    ):  # it has reported nothing, or nothing that ours report
        return otherwise
