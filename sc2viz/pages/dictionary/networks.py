"""What a network learned: its atoms beside those of the dictionary, its gates, and its other parts beside ISTA's.

Everything is asked of the solver's own attributes, so that networks of the reader's own solvers are shown as well.
"""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from torch import Tensor

from sc2viz import solvers
from sc2viz.analysis import atom_statistics
from sc2viz.draw import atoms, gates, mosaics, sheet, style
from sc2viz.pages.dictionary import all_atoms, describe_atoms
from sc2viz.ui import chips, describe_models, models, page, pen, phrases, sets, sidebar, url
from sc2viz.ui.cache import cached
from sc2viz.ui.handed_out import python
from sc2viz.ui.what_learned import what_it_learned
from sc2viz.ui.widgets import tiles
from sc2viz.words import _, of_noun

SHARED = "weights", "averaging"  # modules of a solver that are no gates
MOST_GATE_MATRICES = 8  # of the gates' matrices of one input that are shown


@dataclass(frozen=True, eq=False)
class ComparedAtoms:
    """A network's dictionary beside the one at hand."""

    B: np.ndarray  # (d_x, d_s) the network's own dictionary
    before: np.ndarray  # (d_x, d_s) the atom that each of B's atoms is compared with
    same: bool  # whether an atom is compared with the one of its own number
    which: np.ndarray  # (d_s,) the number of the atom that each one is compared with
    degrees: np.ndarray  # (d_s,) the angle between an atom and the one that it is compared with


@cached
def _learned(model: models.Model, shared: Tensor) -> ComparedAtoms:
    B = models.atoms(model)
    which, same = atom_statistics.counterparts(B, shared)
    before = shared[:, which]
    degrees = atom_statistics.turned(B, before).numpy()
    return ComparedAtoms(B.numpy(), before.numpy(), same, which.numpy(), degrees)


def atoms_of_networks(view: sidebar.View, tools) -> None:
    """Draw the part of Dictionary that shows what networks made of the atoms."""
    known = {label: model for label, model in models.choices(view.data).items() if model.own_atoms}
    if not known:
        st.info(
            _("There is no trained network for this data set. Train live makes one."),
            icon=":material/neurology:",
        )
        return
    with tools:
        pen.switch(view)
    paper, sentence = st.container(), st.container()
    help = _("The network that was chosen last is shown. The others have no atoms of their own.")
    model = chips.last(models.choices(view.data), lambda model: model.own_atoms, help)
    with paper:
        pen.canvas(view, [model])
    solver, found = models.build(model), _learned(model, sets.dictionary(view.data))
    with sentence:
        page.caption(*describe_atoms.moved(model.label, found.degrees, found.same))
        page.notes(describe_models.notes([model], view.steps, view.lam))
    left, right = st.columns([1.45, 1], gap="large")
    with left:
        atom = _atoms(view, model, found)
    with right.container(gap="xsmall"):
        _compared(view, found, atom)
        _gates(view, solver, atom)
    what_it_learned(view, [model], [view.picture])
    with tools:
        name = f"sc2viz-atoms-of-{model.solver}-{view.data}"
        files = [
            page.png(name, lambda: _picture(view, model, found)),
            page.csv(name, lambda: _table(found)),
        ]
        page.explained([model.solver], files, python(__file__, view=view, model=model))


def _atoms(view: sidebar.View, model: models.Model, found: ComparedAtoms) -> int:
    """Draw all atoms of a network, those that training moved most first; return the one that is chosen."""
    about = _("The atom that is compared. You can also click it.")
    atom = url.following("atom", int(found.degrees.argmax()), _("Atom"), help=about)
    atom = min(atom, len(found.degrees) - 1)
    order = np.argsort(-found.degrees, kind="stable").tolist()
    top = max(float(found.degrees.max()), 1e-6)
    shown = [
        tiles.Tile(
            j,
            _("Atom {atom}: {degrees:.2g}° from the dictionary", atom=j, degrees=found.degrees[j]),
            float(found.degrees[j] / top),
        )
        for j in order
    ]
    drawn = atoms.sheet(found.B, view.shape, view.dark)
    label = _("Atoms of {solver}, those that changed most first", solver=model.label)
    tiles.choose_tile(
        "own-atoms", label, drawn, atoms.grid(len(found.degrees)), shown, atom, all_atoms.choose
    )
    return atom


def _compared(view: sidebar.View, found: ComparedAtoms, atom: int) -> None:
    """An atom in the dictionary and in the network, and what is between them."""
    about = _("Each is drawn at full contrast; the norm of the difference says how large it is.")
    given = {"atom": atom, "degrees": found.degrees[atom], "other": found.which[atom]}
    told = (
        _("**Atom {atom}**, {degrees:.2g}° from what it is in the dictionary", **given)
        if found.same
        else _(
            "**Atom {atom}**, {degrees:.2g}° from atom {other} of the dictionary, the most alike one",
            **given,
        )
    )
    st.markdown(told, help=about)
    after, before = found.B[:, atom], found.before[:, atom]
    sign = 1.0 if after @ before >= 0 else -1.0
    apart = after - sign * before
    norms = [float(np.linalg.norm(part)) for part in (before, after, apart)]
    drawn = [(_("Dictionary"), before), (_("Network"), after), (_("Difference"), apart)]
    st.html(
        '<div style="display:flex;gap:1rem;flex-wrap:wrap">'
        + "".join(
            f'<figure style="margin:0"><img src="{mosaics.data_uri(gates.atom_picture(part, view.shape, view.dark))}" '
            f'alt="{_("{name}: atom {atom}", name=title, atom=atom)}" width="76" '
            f'style="image-rendering:pixelated;border-radius:3px;display:block"><figcaption style="font-size:.84rem">{title}'
            f"<br>{_('norm {norm:.3f}', norm=norm)}</figcaption></figure>"
            for (title, part), norm in zip(drawn, norms, strict=True)
        )
        + "</div>"
    )


def _gates(view: sidebar.View, solver: solvers.Solver, atom: int) -> None:
    """The rows of the gates' matrices that belong to an atom: what in the picture opens or closes its gates."""
    if not solver.traits.gates:
        return
    d_x, d_s = solver.dictionary.shape
    free = {
        name: value.detach()
        for name, value in solver.named_parameters()
        if name.split(".")[0] not in SHARED
    }
    on_x = {name: value for name, value in free.items() if value.shape == (d_s, d_x)}
    on_s = {
        name: value
        for name, value in free.items()
        if value.shape == (d_s, d_s) and name not in on_x
    }
    shown = [*list(on_x.items())[:MOST_GATE_MATRICES], *list(on_s.items())[:MOST_GATE_MATRICES]]
    if not shown:
        st.caption(_("Its gates have no matrices: they are constants."))
        return
    st.header(_("Gates’ weights :small[:gray[the rows of atom {atom}]]", atom=atom), anchor=False)
    columns = st.columns(2, gap="medium")
    for k, (name, matrix) in enumerate(shown):
        row, title = (
            matrix[min(atom, d_s - 1)].numpy(),
            _("Row {atom} of {name}", atom=atom, name=name),
        )
        with columns[k % len(columns)]:
            if name in on_x:
                drawn = mosaics.data_uri(gates.atom_picture(row, view.shape, view.dark))
                size = _(
                    "‖row‖ {row:.3f}, ‖{name}‖ {matrix:.3f}",
                    row=np.linalg.norm(row),
                    name=name,
                    matrix=matrix.norm().item(),
                )
                told = of_noun(view.noun, "<b>{name}</b> on the {noun}", name=name)
                st.html(
                    f'<img src="{drawn}" alt="{title}" width="132" style="image-rendering:pixelated;border-radius:3px">'
                    f"<br>{told}<br><small>{size}</small>"
                )
            else:
                page.chart(atoms.row(row, title, dark=view.dark), key=f"gate-{name}")
                strongest = int(np.abs(row).argmax())
                st.caption(
                    _(
                        "**{name}** on the code: strongest with atom {atom}, {weight}.",
                        name=name,
                        atom=strongest,
                        weight=phrases.number(float(row[strongest])),
                    )
                )
    st.caption(
        _(
            "Where a row is positive, a bright pixel or a positive weight opens the gate; where it is negative, it "
            "closes it."
        )
    )


def _picture(view: sidebar.View, model: models.Model, found: ComparedAtoms) -> bytes:
    order = np.argsort(-found.degrees, kind="stable")
    columns = [
        sheet.SheetColumn(
            title, style.colour(solver), [atoms.sheet(B[:, order], view.shape, side=600)], [line]
        )
        for title, solver, B, line in (
            (model.label, model.solver, found.B, _("those that changed most first")),
            (_("Dictionary"), "truth", found.before, _("in the same order")),
        )
    ]
    title = _("{data}: atoms of {solver}", data=view.data, solver=model.label)
    return mosaics.png(sheet.sheet(title, columns, side=600))


def _table(found: ComparedAtoms) -> str:
    head = "atom", "counterpart", "degrees", "norm", "norm_of_counterpart"
    norms = (np.linalg.norm(part, axis=0) for part in (found.B, found.before))
    return page.table(
        head, zip(range(len(found.which)), found.which, found.degrees, *norms, strict=True)
    )
