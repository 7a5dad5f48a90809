"""The phase transition as a map: up to how many non-zeros true codes are found. A click shows one code of a cell."""

import time

import numpy as np
import streamlit as st

from sc2viz.analysis import phase_transition
from sc2viz.analysis.phase_transition import Map
from sc2viz.draw import recovery, style
from sc2viz.pages.codes import problem
from sc2viz.ui import errors, known_codes, page, session, url
from sc2viz.ui.cache import cached

SIZE, TRIALS = phase_transition.SIZE, 8  # cells a side, and trials a cell, of which `sc2viz bench recovery` has more
SOON = 0.2  # seconds after which the page says how far a map is
CHART = "codes-map"


@st.fragment
def draw(dark: bool) -> None:
    if session.WHOLE.pop():  # a click on the map has changed the sidebar
        st.rerun()
    st.header("Where a solver finds the codes", anchor=False)
    names = {style.label(name): name for name in url.mappable()}
    label = url.widget("mapped", "Solver", width=220, help="Those that need no training: each trial has another dictionary.")
    found = _map(names[label])
    st.markdown(_sentence(label, found))
    at_hand = known_codes.at_hand()
    curve = phase_transition.weak_curve()
    here = (at_hand.d_x / at_hand.d_s, at_hand.k / at_hand.d_x)
    drawn = recovery.transition(found.share, found.delta, found.rho, curve, here, label, dark)
    page.chart(drawn, key=CHART, on_select=errors.heard(_clicked), selection_mode="points")
    st.caption(
        f":material/touch_app: Click a cell to see a code of its kind above. {phase_transition.ATOMS} atoms, {TRIALS} "
        "trials a cell, no noise; found is an error of −40 dB. The red line: Donoho & Tanner’s curve for ℓ1 and many atoms."
    )


def _map(name: str) -> Map:
    """The map of a solver. Each of its rows is measured once a server."""
    middles, rows = (np.arange(SIZE) + 0.5) / SIZE, []
    place, began = st.empty(), time.monotonic()
    for k in range(SIZE):
        if time.monotonic() - began > SOON:  # not where rows are known already
            place.progress(k / SIZE, f"Measuring the map: {SIZE * SIZE * TRIALS:,} codes …")
        rows.append(_row(name, k, SIZE, TRIALS))
    place.empty()
    return Map(middles, middles, np.array(rows))


@cached
def _row(name: str, row: int, size: int, trials: int) -> np.ndarray:
    """The shares of codes that are found in a row of cells, those of one ρ."""
    find = phase_transition.exact_codes if name == "exact" else phase_transition.finder(name)
    return phase_transition.map_row(find, row, size, trials=trials)


def _sentence(label: str, found: Map) -> str:
    """How far the solver gets at δ = ½, beside theory."""
    column = np.abs(found.delta - 0.5).argmin()
    shares = found.share[:, column]
    reached = found.rho[shares >= 0.5]
    theory = phase_transition.weak_threshold(float(found.delta[column]))
    at = f"At $\\delta = d_x/d_s = {found.delta[column]:.2f}$"
    if not len(reached):
        return f"{at}, **{label}** finds half of the codes nowhere; theory has its half at $\\rho = k/d_x = {theory:.2f}$."
    rho = rf"$\rho = k/d_x =$ **{reached.max():.2f}**"
    return f"{at}, **{label}** finds half of the codes or more up to {rho}; theory: {theory:.2f}."


def _clicked() -> None:
    """Make the problem of the clicked cell the one at hand."""
    points = st.session_state[CHART]["selection"]["points"]
    if points:
        d_x, k = phase_transition.sizes(points[0]["x"], points[0]["y"])
        problem.of_cell(phase_transition.ATOMS, d_x, k)
        session.WHOLE.set(True)
