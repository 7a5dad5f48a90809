"""What a decibel costs: the NMSE against multiplications, or against the milliseconds of one signal or of a thousand."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from sc2viz.analysis.recovery import LayerCourse
from sc2viz.draw import curves, recovery
from sc2viz.pages.codes import measured
from sc2viz.ui import page, phrases, url
from sc2viz.ui.known_codes import COSTS, LAYERS, Problem
from sc2viz.ui.models import Model

UNITS = {
    "multiplications": "multiplications, one signal",
    "one": "milliseconds, one signal, one thread",
    "thousand": "milliseconds, 1,000 signals, one thread",
}


def draw(problem: Problem, layer: int, chosen: Sequence[Model], courses: Mapping[str, LayerCourse], dark: bool) -> None:
    st.header("What it costs", anchor=False)
    about = "Multiplications in products and triangular systems, or milliseconds. All is counted and timed here."
    by = url.widget("cost", "Against", label_visibility="collapsed", help=about)
    costs = {model.label: measured.cost(model, problem, by) for model in chosen}
    lines = [curves.SolverLine(model.label, model.solver, courses[model.label].nmse, model.trained, costs[model.label],
                               model.drawn) for model in chosen]  # fmt: skip
    page.chart(recovery.nmse_by_cost(lines, layer, UNITS[by], dark), key="codes-cost")
    st.markdown(_sentence({model.label: measured.cost(model, problem, "multiplications") for model in chosen}))


def _sentence(counts: Mapping[str, list[float]]) -> str:
    """How many times as many multiplications a layer of the dearest solver takes as one of the cheapest. The first layer of
    most takes fewer, because s⁽⁰⁾ is zero."""
    layers = {label: (float(each[-1]) - float(each[1])) / (LAYERS - 1) for label, each in counts.items()}
    at_once = [label for label in layers if not layers[label]]  # encoders of one step, whose layers return what they have
    said = [f"All multiplications of **{label}** come before its first layer." for label in at_once]
    layers = {label: many for label, many in layers.items() if many}
    if layers:
        cheap, dear = (choose(layers, key=layers.get) for choose in (min, max))
        mean = len(set(np.diff(counts[cheap])[1:])) > 1
        many = f"From the second on, a layer of **{cheap}** takes {layers[cheap]:,.0f} multiplications"
        many += " on average" if mean else ""
        if layers[dear] >= 1.1 * layers[cheap]:
            many += f", and one of **{dear}** {phrases.times(layers[dear] / layers[cheap])} as many"
        elif len(layers) > 1:
            many += ", and the others about as many"
        said.append(f"{many}.")
    return " ".join(said)


def rows(chosen: Sequence[Model], problem: Problem) -> list[list]:
    """What each layer costs, as rows of a table."""
    found = {model.label: [measured.cost(model, problem, by) for by in COSTS] for model in chosen}
    return [
        [label, layer, *(each[layer] for each in costs)] for label, costs in found.items() for layer in range(LAYERS + 1)
    ]
