"""A component that shows a picture as a sum of atoms. It adds them in the browser, so that its slider reacts at once."""

import base64
from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st

from sc2viz.figures import pictures, style

KEY = "adder"
_FILES = Path(__file__).parent
_PARTS = {kind: (_FILES / f"adder.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")}
_STEPS = 32767  # the largest 16-bit integer; atoms are sent as 16-bit integers


def draw(x: np.ndarray, atoms: np.ndarray, weights: np.ndarray, names: np.ndarray, missing: np.ndarray, shape, title: str,
         noun: str, *, start: int | None = None, on_rest: Callable[[int], None] | None = None) -> None:  # fmt: skip
    """Draw the picture x (d_x,) and the sum of the first `weights (k,)` times `atoms (d_x, k)`, in their order.

    `names (k,)` are the atoms' numbers in the dictionary, `missing (k + 1,)` is the share of the picture that is missing
    after 0 … k atoms, `shape` says how rows are drawn, `title` names the picture, and `noun` says what it is. The component
    opens with `start` atoms, or adds all of them in an animation if `start` is None. It calls `on_rest` with the number of
    atoms at which the reader stops.
    """
    scale, unit = (float(np.abs(values).max(initial=1e-9)) / _STEPS for values in (atoms, x))
    lines = isinstance(shape, pictures.Lines)
    _component()(
        key=KEY,
        data={
            "title": title,
            "noun": noun,
            "shape": [1, len(x), 1] if lines else list(shape),
            "range": [shape.low, shape.high] if lines else None,  # of lines, which are drawn instead of pictures
            "x": _packed(np.round(x / unit)),
            "atoms": _packed(np.round(atoms.T / scale)),
            "scale": scale,
            "unit": unit,
            "weights": weights.tolist(),
            "names": names.tolist(),
            "missing": missing.tolist(),
            "start": start,
            "error": _packed(style.ERROR_TABLE, "u1"),
            "diverging": [_packed(style.DIVERGING_TABLE[dark], "u1") for dark in (False, True)],
        },
        on_at_change=lambda: on_rest and on_rest(int(st.session_state[KEY]["at"])),
    )


def _packed(values: np.ndarray, kind: str = "<i2") -> str:
    return base64.b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()


@st.cache_resource(show_spinner=False)
def _component():
    return st.components.v2.component("sc2viz_adder", **_PARTS)
