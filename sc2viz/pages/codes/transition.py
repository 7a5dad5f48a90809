"""When can it be found?: up to how many non-zeros a solver finds codes, beside ℓ1 and least squares on their support."""

import time

import numpy as np
import streamlit as st

from sc2viz.analysis import phase_transition
from sc2viz.analysis.phase_transition import ATOMS, SIZE, Map
from sc2viz.draw import style
from sc2viz.exact import ahead
from sc2viz.pages.codes import problem
from sc2viz.ui import errors, known_codes, page, session, url
from sc2viz.ui.cache import cached
from sc2viz.words import _

TRIALS = 8  # a cell
SOON = 0.2  # seconds after which the page says how far a map is
LOOK = 1.0  # seconds between two looks whether the exact solver is compiled


def draw() -> None:
    ahead.look()
    waits = ahead.compiling()
    errors.fragment(_draw, LOOK if waits else None)(waits)


def _draw(waits: bool) -> None:
    """The map of the solver at hand. waits: the exact solver was being compiled when the page was drawn."""
    if session.WHOLE.pop() or (
        waits and not ahead.compiling()
    ):  # a click on the map has changed the sidebar
        st.rerun()
    names = {style.label(name): name for name in url.mappable()}
    label = url.widget("mapped", width=220)
    if (
        waits and names[label] == "exact"
    ):  # without compiled code, so many codes take longer than the compiler
        st.info(
            _(
                "The exact solver is being compiled, which takes about {n} s, once. The map is drawn then.",
                n=ahead.SECONDS,
            ),
            icon=":material/hourglass_top:",
        )
        return
    found = _map(names[label])
    at_hand, sizes = (
        known_codes.at_hand(),
        [[phase_transition.sizes(d, r) for d in found.delta] for r in found.rho],
    )
    page.idea(
        "when_found",
        {
            "label": label,
            "exact": names[label] == "exact",
            "atoms": ATOMS,
            "trials": TRIALS,
            "colour": style.colour(names[label]),
            "share": found.share.tolist(),
            "delta": found.delta.tolist(),
            "rho": found.rho.tolist(),
            "sizes": sizes,
            "border": phase_transition.border(found).tolist(),
            "curve": [line.tolist() for line in phase_transition.weak_curve()],
            "theory": [phase_transition.weak_threshold(delta) for delta in found.delta.tolist()],
            "here": [at_hand.d_x / at_hand.d_s, at_hand.k / at_hand.d_x],
        },
        on_cell_change=errors.heard(_clicked),
    )
    about = _(
        "Click a cell to see a code of its kind above. {atoms} atoms, {trials} trials a cell, no noise; found is an "
        "error of −40 dB. Theory: Donoho & Tanner’s weak threshold, for ever more atoms.",
        atoms=ATOMS,
        trials=TRIALS,
    )
    st.caption(f":material/touch_app: {about}")


def _map(name: str) -> Map:
    """The map of a solver. Each of its rows is measured once a server."""
    middles, rows = (np.arange(SIZE) + 0.5) / SIZE, []
    place = st.empty()
    began = time.monotonic()
    for k in range(SIZE):
        if time.monotonic() - began > SOON:  # not where rows are known already
            place.progress(k / SIZE, _("Measuring the map: {n:,} codes …", n=SIZE * SIZE * TRIALS))
        rows.append(_row(name, k, SIZE, TRIALS))
    place.empty()
    return Map(middles, middles, np.array(rows))


@cached
def _row(name: str, row: int, size: int, trials: int) -> np.ndarray:
    """The shares of codes that are found in a row of cells, those of one ρ."""
    find = phase_transition.exact_codes if name == "exact" else phase_transition.finder(name)
    return phase_transition.map_row(find, row, size, trials=trials)


def _clicked() -> None:
    """Make the problem of the cell that was pressed the one at hand: exactly k non-zeros, and no noise to speak of."""
    told = st.session_state["when-found"]["cell"]
    if told is not None:
        d_x, k = map(int, told)
        problem.put(known_codes.Problem(d_x, ATOMS, k, known_codes.SNR[-1], True))
        session.WHOLE.set(True)
