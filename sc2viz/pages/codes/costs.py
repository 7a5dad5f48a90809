"""What a decibel costs: the NMSE against multiplications, or against the milliseconds of one signal or of a thousand."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from sc2viz.draw import curves, recovery
from sc2viz.pages.codes import measured
from sc2viz.pages.codes.frames import LayerFrames
from sc2viz.ui import page, phrases, url
from sc2viz.ui.known_codes import LAYERS
from sc2viz.words import N_, _

UNITS = {
    "multiplications": N_("multiplications, one signal"),
    "one": N_("milliseconds, one signal, one thread"),
    "thousand": N_("milliseconds, 1,000 signals, one thread"),
}


def draw(shown: LayerFrames) -> None:
    st.header(_("What it costs"), anchor=False)
    by = url.widget("cost")
    lines = [
        curves.SolverLine(
            model.label,
            model.solver,
            shown.courses[model.label].nmse,
            model.trained,
            measured.cost(model, shown.problem, by),
            model.drawn,
        )
        for model in shown.chosen
    ]
    page.chart(
        recovery.nmse_by_cost(lines, shown.layer, _(UNITS[by]), shown.dark), key="codes-cost"
    )
    st.markdown(
        _sentence(
            {
                model.label: measured.cost(model, shown.problem, "multiplications")
                for model in shown.chosen
            }
        )
    )


def _sentence(counts: Mapping[str, list[float]]) -> str:
    """How many times as many multiplications a layer of the dearest solver takes as one of the cheapest. The first layer of
    most takes fewer, because s⁽⁰⁾ is zero."""
    layers = {
        label: (float(each[-1]) - float(each[1])) / (LAYERS - 1) for label, each in counts.items()
    }
    at_once = [
        label for label in layers if not layers[label]
    ]  # encoders of one step, whose layers return what they have
    said = [
        _("All multiplications of **{solver}** come before its first layer.", solver=label)
        for label in at_once
    ]
    layers = {label: many for label, many in layers.items() if many}
    if layers:
        cheap, dear = (choose(layers, key=layers.get) for choose in (min, max))
        given = {"solver": cheap, "n": layers[cheap]}
        if len(set(np.diff(counts[cheap])[1:])) > 1:
            many = _(
                "From the second on, a layer of **{solver}** takes {n:,.0f} multiplications on average",
                **given,
            )
        else:
            many = _(
                "From the second on, a layer of **{solver}** takes {n:,.0f} multiplications",
                **given,
            )
        if layers[dear] >= 1.1 * layers[cheap]:
            said.append(
                _(
                    "{claim}, and one of **{solver}** {times} as many.",
                    claim=many,
                    solver=dear,
                    times=phrases.times(layers[dear] / layers[cheap]),
                )
            )
        else:
            said.append(
                _("{claim}, and the others about as many.", claim=many)
                if len(layers) > 1
                else f"{many}."
            )
    return " ".join(said)
