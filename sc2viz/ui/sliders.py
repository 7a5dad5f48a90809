"""Sliders that act while they are dragged: λ and T in the sidebar, and those of single pages. They are a component of ours,
whose values are those of Streamlit's widgets out of sight.

Streamlit's own sliders report only when they are let go. These tell the other components of the page of each move
(browser/messages.js), and the server when they are let go. Streamlit's widgets stand in the URL and are what tests move.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from sc2viz.browser.stops import LABELS
from sc2viz.ui import present, session, url
from sc2viz.ui.widgets import component
from sc2viz.words import _

KEY = "sliders"
_component = component("bar", "sliders.css")


class Knob(NamedTuple):
    """A slider over a row of the URL, with other words than the row's where it has any. `on_change` is called when its widget
    out of sight has moved it."""

    label: str = ""
    help: str = ""
    on_change: Callable[[], None] | None = None


def lam_and_steps(without_steps: bool) -> tuple[float, int]:
    """Draw the sliders of λ and T; return their values. On a phone they stand at the bottom of the page. without_steps: that
    of T keeps its value out of sight."""
    knobs = {key: Knob(_(label)) for key, label in LABELS.items()}
    hidden = ["T"] if without_steps else []
    lam, steps = live(KEY, knobs, _take_t, bar=True, hidden=hidden)
    return lam, steps


def live(
    key: str,
    knobs: Mapping[str, Knob],
    on_release: Callable[[dict], None] = lambda positions: None,
    **layout: Any,
) -> list:
    """Draw sliders over rows of the URL; return their values. `on_release` is called with what the browser says when one is
    let go: the `key` that moved, and where each slider of the page stands. layout: `bar` or `across`, how they are laid out."""
    values, data = [], []
    with st.container(key=f"{key}-state"):
        for row, knob in knobs.items():
            value = url.widget(
                row, knob.label, label_visibility="collapsed", help=None, on_change=knob.on_change
            )
            texts = url.texts(row, knob.label)
            values.append(value)
            data.append(
                {
                    "key": row,
                    "label": texts["label"],
                    "help": knob.help or texts["help"],
                    "value": value,
                    "stops": list(url.stops(row, value)),
                    "whole": isinstance(value, int),
                }
            )
    _component(
        key=key,
        data={"knobs": data, "strip": present.is_on(), **layout},
        on_moved_change=partial(_take, key, tuple(knobs), on_release),
    )
    return values


def _take(key: str, rows: tuple[str, ...], on_release: Callable[[dict], None]) -> None:
    """Move the widgets out of sight, in a callback, to where the sliders were let go."""
    positions = st.session_state[key]["moved"]
    st.session_state.update({row: url.domain(row).nearest(positions[row]) for row in rows})
    on_release(positions)


def _take_t(positions: dict) -> None:
    """Take the iteration on Step through along, where the slider of T was let go."""
    if "t" in positions:
        step_to(int(positions["t"]))


def step_to(t: int) -> None:
    """Stand at iteration t on Step through, in the URL too. Called in callbacks, so that Back is not undone."""
    t = url.domain("t").nearest(t)
    session.iteration = t
    if url.value("t") != t:
        st.query_params["t"] = str(t)
