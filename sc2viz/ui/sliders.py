"""λ and T, which act while they are dragged: a component of ours, whose value is that of two number inputs out of sight.

Streamlit's own sliders report only when they are let go. This one tells the other components of the page of each move
(`sc2viz-moved`), and the server when it is let go. The number inputs stand in the URL and are what tests move.
"""

from pathlib import Path

import streamlit as st

from sc2viz.stage import modules
from sc2viz.stage.stops import LABELS
from sc2viz.ui import url

KEY = "sliders"
HELP = {
    "lam": "Weighs sparsity against fidelity in ½‖x − Bs‖² + λ‖s‖₁. The scale is logarithmic. 0.1 is the paper's.",
    "T": "How many iterations each solver may take. Networks are trained for 10, and most of them also beyond. "
    "Welcome shows exact codes, on which T has no effect.",
}


def draw() -> tuple[float, int]:
    """Draw the sliders; return λ and T. On a phone they stand at the bottom of the page."""
    with st.container(key="sliders-state"):
        lam, steps = (url.widget(key, label, label_visibility="collapsed") for key, label in LABELS.items())
    knobs = [
        {"key": key, "label": LABELS[key], "help": HELP[key], "value": value, "stops": list(url.stops(key, value)),
         "whole": isinstance(value, int)}
        for key, value in (("lam", lam), ("T", steps))
    ]  # fmt: skip
    _component()(key=KEY, data={"knobs": knobs}, on_moved_change=_take)
    return lam, steps


def _take() -> None:
    moved = st.session_state[KEY]["moved"]
    values = {key: url.domain(key).mend(str(moved[key])) for key in LABELS}
    st.session_state.update({key: value for key, value in values.items() if value is not None})


@st.cache_resource(show_spinner=False)
def _component():
    parts = modules.joined(modules.FOLDER, ("dom.js", "sliders.js"), (Path(__file__).parent / "widgets" / "bar.js",))
    return st.components.v2.component("sc2viz_sliders", js=modules.packed(parts), css=modules.style("sliders.css"))
