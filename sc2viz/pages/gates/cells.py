"""The heatmaps of Gates & cells: a click on a cell selects its atom and its iteration; and their numbers as a table."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from sc2viz.draw import gates
from sc2viz.ui import page
from sc2viz.ui.errors import heard

WIDTHS = [1.55, 1]  # the widths of the heatmaps and of the column beside them


def heatmaps(
    panels: Sequence[gates.Panel], order: np.ndarray, atom: int, t: int, dark: bool
) -> None:
    """Draw the panels side by side, with their atoms in `order`, and mark `atom` and iteration `t`."""
    page.chart(
        gates.heatmaps(panels, order, atom, t, dark),
        key="cells",
        on_select=heard(_pick),
        selection_mode="points",
    )


def _pick() -> None:
    points = st.session_state["cells"].selection.points
    if points:
        cell = points[0]["customdata"]  # a row of a typed array comes back as {"0": …, "1": …}
        atom, _ = cell.values() if isinstance(cell, dict) else cell
        st.session_state["atom"], st.session_state["at"] = int(atom), int(points[0]["x"])


def table(panels: Sequence[gates.Panel]) -> str:
    """The values of all panels as CSV, a line for each atom and iteration."""
    head = ["atom", "iteration", *(panel.name.replace(" ", "_") for panel in panels)]
    steps, atoms = panels[0].values.shape
    return page.table(
        head,
        (
            [atom, t + 1, *(panel.values[t, atom] for panel in panels)]
            for atom in range(atoms)
            for t in range(steps)
        ),
    )
