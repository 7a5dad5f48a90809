"""Sliders that act while they are dragged: λ and T in the sidebar, and those of single pages. They are a component of ours,
whose values are those of Streamlit's widgets out of sight.

Streamlit's own sliders report only when they are let go. These tell the other components of the page of each move
(browser/messages.js), and the server when they are let go. Streamlit's widgets stand in the URL and are what tests move.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from sc2viz.browser.stops import LABELS
from sc2viz.ui import errors, present, session, url
from sc2viz.ui.widgets import component
from sc2viz.words import _

KEY = "sliders"
_component = component(Path(__file__).parent / "widgets" / "bar.js", "sliders.css")


@dataclass(frozen=True)
class Knob:
    """A slider over a row of the URL, with other words than the row's where it has any. `then` is called when its widget out
    of sight has moved it."""

    label: str = ""
    help: str = ""
    then: Callable[[], None] | None = None


def lam_and_steps(without_steps: bool = False) -> tuple[float, int]:
    """Draw the sliders of λ and T; return their values. On a phone they stand at the bottom of the page. without_steps: that
    of T keeps its value out of sight."""
    knobs, hidden = (
        {key: Knob(_(label)) for key, label in LABELS.items()},
        ["T"] if without_steps else [],
    )
    lam, steps = live(KEY, knobs, _take_t, bar=True, hidden=hidden)
    return lam, steps


def live(
    key: str,
    knobs: Mapping[str, Knob],
    then: Callable[[dict], None] = lambda moved: None,
    **more: Any,
) -> list:
    """Draw sliders over rows of the URL; return their values. `then` is called with what the browser says when one is let
    go: the `key` that moved, and where each slider of the page stands. more: `bar` or `across`, how they are laid out."""
    with st.container(key=f"{key}-state"):
        values = [
            url.widget(
                row, knob.label, label_visibility="collapsed", help=None, on_change=knob.then
            )
            for row, knob in knobs.items()
        ]
    data = [
        {
            "key": row,
            "label": url.said(row, knob.label)["label"],
            "help": knob.help or url.said(row)["help"],
            "value": value,
            "stops": list(url.stops(row, value)),
            "whole": isinstance(value, int),
        }
        for (row, knob), value in zip(knobs.items(), values, strict=True)
    ]
    _component(
        key=key,
        data={"knobs": data, "strip": present.on(), **more},
        on_moved_change=errors.heard(partial(_take, key, tuple(knobs), then)),
    )
    return values


def _take(key: str, rows: tuple[str, ...], then: Callable[[dict], None]) -> None:
    moved = st.session_state[key]["moved"]
    st.session_state.update({row: url.domain(row).nearest(moved[row]) for row in rows})
    then(moved)


def _take_t(moved: dict) -> None:
    """Take the iteration on Step through along, where the slider of T was let go."""
    if "t" in moved:
        step_to(int(moved["t"]))


def step_to(t: int) -> None:
    """Stand at iteration t on Step through, in the URL too. Called in callbacks, so that Back is not undone."""
    t = url.domain("t").nearest(t)
    session.ITERATION.set(t)
    if url.now("t") != t:
        st.query_params["t"] = str(t)
