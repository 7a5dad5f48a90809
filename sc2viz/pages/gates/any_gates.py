"""Gates & cells where Eq. (7) and (8) do not give all numbers of a trace: the parts of the state without arithmetic."""

import numpy as np
import streamlit as st

from sc2viz import evaluation
from sc2viz.analysis import inspection
from sc2viz.draw import gates
from sc2viz.pages.gates import cells
from sc2viz.solvers import Trajectory
from sc2viz.ui import describe_models, models, page, phrases, sidebar, url
from sc2viz.ui.handed_out import python
from sc2viz.words import _


def gates_without_eq7(
    view: sidebar.View, model: models.Model, path: Trajectory, tools, sentence
) -> None:
    """Draw heatmaps of all parts of the state with one value per atom, and the numbers of one atom and iteration.

    tools, sentence: the places of the page's buttons and of its caption.
    """
    panels = _panels(model, path)
    code = panels[-1].values[-1]
    strongest = np.argsort(-np.abs(code), kind="stable")
    asked, t = url.chosen("atom"), min(url.now("at") or 3, view.steps)
    atom = int(strongest[0] if asked is None else asked)
    with sentence:
        page.caption(*_caption(model, panels, code, atom))
        page.notes(describe_models.notes([model], view.steps, view.lam))
    left, right = st.columns(cells.WIDTHS, gap="medium")
    with left:
        cells.heatmaps(panels, np.arange(len(code)), atom, t, view.dark)
        st.caption(
            _("Each row is an atom and each column an iteration. Click a cell to see its numbers.")
        )
    with right:
        st.header(_("Atom {atom}, iteration {t}", atom=atom, t=t), anchor=False)
        names = [_("code s") if panel.symbol == "s" else panel.name for panel in panels]
        st.table(
            {
                "": names,
                _("value"): [phrases.number(float(panel.values[t - 1, atom])) for panel in panels],
            }
        )
        st.latex(models.build(model).equation)
        st.caption(
            _why(model, path)
            + " "
            + _("This page shows its numbers without the computation of Eq. (8).")
        )
    st.header(_("Mean gates over the iterations"), anchor=False)
    used = evaluation.in_use(code)
    means = {panel.name: panel.values for panel in panels if panel.gate}
    page.chart(gates.mean_gates(means, used, view.dark), key="mean-gates")
    with tools:
        name = f"sc2viz-gates-{view.data}-{view.picture}-lambda-{view.lam:g}-T-{view.steps}"
        files = [page.csv(name, lambda: cells.table(_panels(model, path)))]
        page.explained([model.solver], files, python(__file__, view=view, model=model))


def _why(model: models.Model, path: Trajectory) -> str:
    """Why Eq. (8) does not give all numbers of a trace."""
    if path.safeguarded is not None and path.safeguarded.any():
        return phrases.safeguarded({model.label: path.safeguarded.numpy()})
    if not inspection.follows_eq7(path):
        return _("The state of {solver} does not follow Eq. (7).", solver=model.label)
    return _("The codes of {solver} are not h(c) alone.", solver=model.label)


def _panels(model: models.Model, path: Trajectory) -> list[gates.Panel]:
    """The gates, then the other parts of the state with one value per atom, then the code."""
    own, d_s = model.traits.gates, path.codes.shape[-1]
    atomwise = [name for name, part in path.parts.items() if part.shape[2:] == path.codes.shape[2:]]
    names, panels = [*own, *(name for name in atomwise if name not in own)], []
    for name in names:
        words, *span = model.traits.gate(name) if name in own else (name.replace("_", " "),)
        values = path.iterations(name)[:, 0]
        values = values.reshape(len(values), -1).expand(
            -1, d_s
        )  # a gate with one value a sample serves every atom
        panels.append(gates.Panel(_(words), _(words), values.numpy(), name in own, *span))
    return [*panels, gates.Panel("s", _("code"), path.codes[1:, 0].numpy())]


def _caption(
    model: models.Model, panels: list[gates.Panel], code: np.ndarray, atom: int
) -> tuple[str, str]:
    gate = panels[0]
    return (
        _(
            "The {gate} of **atom {atom}** in {solver} is {mean:.2f} on average.",
            gate=gate.name,
            atom=atom,
            solver=model.label,
            mean=gate.values[:, atom].mean(),
        ),
        _(
            "The average over all atoms is {mean:.2f}. The code of this atom is s = {code} at the end.",
            mean=gate.values.mean(),
            code=phrases.number(float(code[atom])),
        ),
    )
