"""The photograph before and after, under a divider. Its noise follows σ in the browser."""

from pathlib import Path

import numpy as np
import streamlit as st

from sc2viz.figures import style
from sc2viz.pages.photograph import place
from sc2viz.pages.photograph.answers import Found
from sc2viz.pages.photograph.drawing import reduced, served
from sc2viz.pages.photograph.subject import Subject
from sc2viz.stage import modules

KEY = "divider"
PATCH = 8  # pixels of its side, where no network says another
_HERE = Path(__file__).parent


def draw(subject: Subject, found: Found, front: str, pixel: tuple[int, int]) -> None:
    """Draw it; `front` is the answer on its right."""
    values = subject.values
    before = values if values.dtype == np.uint8 else (255 * values).round().astype(np.uint8)
    data = {
        "title": subject.label,
        "size": list(subject.size),
        "channels": 3 if values.ndim == 3 else 1,
        "before": served(subject, "before", before).url,
        "noisy": not subject.added,
        "shrunk": 1 / reduced(subject.size),
        "sigma": subject.sigma,
        "words": f"noisy, {found.noisy.psnr:.2f} dB" if subject.added else "as it came",
        "answers": [_answer(subject, found, name) for name in found.results],
        "front": front,
        "place": {"row": pixel[0], "column": pixel[1], "side": PATCH},
    }
    _component()(key=KEY, data=data, on_front_change=_take_front, on_place_change=_take_place)


def _answer(subject: Subject, found: Found, name: str) -> dict:
    result, solver = found.results[name], found.solver(name)
    light, dark = (style.colour(solver, dark) for dark in (False, True))
    words = f"{name}, {result.psnr:.2f} dB" if subject.added else name
    if found.is_coarse(name):
        words += ", coarse"
    return {"name": name, "source": served(subject, f"after-{name}", result.picture).url, "words": words,
            "light": light, "dark": dark}  # fmt: skip


def _take_front() -> None:
    st.query_params["front"] = st.session_state[KEY]["front"]


def _take_place() -> None:
    place.choose(*map(int, st.session_state[KEY]["place"]))


@st.cache_resource(show_spinner=False)
def _component():
    script = modules.joined(modules.FOLDER, ("dom.js",), (_HERE / "noise.js", _HERE / "divider.js"))
    return st.components.v2.component("sc2viz_divider", js=modules.packed(script), css=modules.style(_HERE / "divider.css"))
