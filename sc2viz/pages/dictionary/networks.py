"""What a network learned: its steps and matrices beside ISTA's, its atoms beside those of the dictionary, its gates.

Everything is asked of the solver's own attributes, so that networks of the reader's own solvers are shown as well.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from torch import Tensor

from sc2viz import solvers
from sc2viz.analysis import atom_statistics
from sc2viz.draw import atoms, gates, mosaics, style
from sc2viz.ui import boards, chips, describe_models, models, page, pen, phrases, sidebar, url
from sc2viz.ui.cache import cached
from sc2viz.ui.what_learned import what_it_learned
from sc2viz.ui.widgets import tiles
from sc2viz.words import N_, _, of_noun

draw_atoms = cached(atoms.sheet)
SHARED = "weights", "averaging"  # modules of a solver that are no gates
MOST_GATE_MATRICES = 8  # of the gates' matrices of one input that are shown


@cached
def compare(model: models.Model, shared: Tensor) -> dict[str, np.ndarray]:
    """A network's dictionary B (d_x, d_s) beside the `counterpart` of each atom in the shared one, whose `number` is that or
    another one, and the `degrees` between them."""
    B = models.atoms(model)
    number, is_same = atom_statistics.counterparts(B, shared)
    degrees = atom_statistics.turned(B, shared[:, number])
    values = {"B": B, "counterpart": shared[:, number], "number": number, "degrees": degrees}
    return {key: value.numpy() for key, value in values.items()} | {"is_same": is_same}


def draw(view: sidebar.View) -> None:
    """Draw the part of Dictionary that shows what networks learned."""
    choices_of_data = models.choices(view.data)
    if not any(model.own_atoms for model in choices_of_data.values()):
        sentence = _("There is no trained network for this data set. Train live makes one.")
        st.info(sentence, icon=":material/neurology:")
        return
    body, place = st.container(), page.details()
    help = _("The network that was chosen last is shown. The others have no atoms of their own.")
    with place or body:
        model = chips.last(
            choices_of_data, lambda model: model.own_atoms, help, is_drawn=place is not None
        )
    compared = compare(model, view.B)
    with body:
        pen.canvas(view, [model])
        page.caption(*describe(model.label, compared))
        page.notes(describe_models.notes([model], view.steps, view.lam))
        what_it_learned(view, [model], [view.picture])
        grid_column, atom_column = st.columns([1.45, 1], gap="large")
        with grid_column:
            degrees = compared["degrees"]
            atom = url.following("atom", int(degrees.argmax()), _("Atom"))
            atom = min(atom, len(degrees) - 1)
            label = _("Atoms of {solver}, those that changed most first", solver=model.label)
            names = [
                _("Atom {atom}: {degrees:.2g}° from the dictionary", atom=j, degrees=angle)
                for j, angle in enumerate(degrees)
            ]
            order = np.argsort(-degrees, kind="stable")
            draw_grid(view, label, compared["B"], order, names, degrees, atom)
        with atom_column.container(gap="xsmall"):
            draw_atom(view, compared, atom)
    if place:
        with place:
            draw_gates(view, models.build(model), atom)
    name = f"sc2viz-atoms-of-{model.solver}-{view.data}"
    files = [
        page.png(name, lambda: draw_sheet(view, model, compared)),
        page.csv(name, lambda: write_table(compared)),
    ]
    page.explained([model], files, __file__, view=view, model=model)


def describe(label: str, compared: dict) -> tuple[str, str]:
    """How far a network's atoms are from those of the dictionary."""
    degrees = compared["degrees"]
    if degrees.max() < 0.01:
        return _(
            "{solver} reconstructs with the atoms of the dictionary; training has not changed them.",
            solver=label,
        ), ""
    claim = N_(
        "The atoms of **{solver}** are **{middle:.2g}°** (median) from the most alike ones of this dictionary, and atom "
        "**{atom}** is farthest, {degrees:.2g}°."
    )
    if compared["is_same"]:
        claim = N_(
            "Training **{solver}** turned its atoms by **{middle:.2g}°** (median), and atom **{atom}** most, by {degrees:.2g}°."
        )
    atom, middle = degrees.argmax(), np.median(degrees)
    return _(claim, solver=label, middle=middle, atom=atom, degrees=degrees[atom]), _(
        "A network reconstructs with its own dictionary, which it learned together with its encoder. At 0° an atom is what it "
        "was, and at 90° it has nothing in common with it."
    )


def show_atom(atom: int) -> None:
    st.session_state["atom"] = atom


def draw_grid(
    view: sidebar.View,
    label: str,
    B: np.ndarray,
    order: np.ndarray,
    names: Sequence[str],
    bars: np.ndarray,
    atom: int,
) -> None:
    """Draw the atoms B (d_x, d_s) in an order, each with its bar; a click shows an atom."""
    top = max(float(bars.max()), 1e-6)
    choices = [tiles.Tile(j, names[j], float(bars[j] / top)) for j in order.tolist()]
    sheet, grid = draw_atoms(B, view.shape, view.dark), mosaics.grid(len(bars))
    tiles.choose_tile("all-atoms", label, sheet, grid, choices, atom, show_atom)


def draw_atom(view: sidebar.View, compared: dict, atom: int) -> None:
    """An atom in the dictionary and in the network, and what is between them."""
    own_atom, counterpart = compared["B"][:, atom], compared["counterpart"][:, atom]
    heading = N_("**Atom {atom}**, {degrees:.2g}° from what it is in the dictionary")
    if not compared["is_same"]:
        heading = N_(
            "**Atom {atom}**, {degrees:.2g}° from atom {counterpart} of the dictionary, the most alike one"
        )
    degrees, number = compared["degrees"][atom], compared["number"][atom]
    st.markdown(_(heading, atom=atom, degrees=degrees, counterpart=number))
    difference = own_atom - np.where(own_atom @ counterpart >= 0, counterpart, -counterpart)
    figures = []
    for title, values in (
        (_("Dictionary"), counterpart),
        (_("Network"), own_atom),
        (_("Difference"), difference),
    ):
        picture = mosaics.data_uri(gates.atom_picture(values, view.shape, view.dark))
        alt = _("{name}: atom {atom}", name=title, atom=atom)
        norm = _("norm {norm:.3f}", norm=np.linalg.norm(values))
        figures.append(
            f'<div><img src="{picture}" alt="{alt}" width="76"><br>{title}<br>{norm}</div>'
        )
    st.html(f'<div class="sc-atom">{"".join(figures)}</div>')


def draw_gates(view: sidebar.View, solver: solvers.Solver, atom: int) -> None:
    """The rows of the gates' matrices that belong to an atom: what in the picture opens or closes its gates."""
    if not solver.traits.gates:
        st.caption(_("This network has no gates."))
        return
    d_x, d_s = solver.dictionary.shape
    free = {
        name: value.detach()
        for name, value in solver.named_parameters()
        if name.split(".")[0] not in SHARED
    }
    on_x = [name for name, value in free.items() if value.shape == (d_s, d_x)]
    on_s = [name for name, value in free.items() if value.shape == (d_s, d_s) and name not in on_x]
    if not (on_x or on_s):
        st.caption(_("Its gates have no matrices: they are constants."))
        return
    page.header(_("Gates’ weights :small[:gray[the rows of atom {atom}]]", atom=atom))
    columns = st.columns(2, gap="medium")
    for k, name in enumerate([*on_x[:MOST_GATE_MATRICES], *on_s[:MOST_GATE_MATRICES]]):
        row = free[name][min(atom, d_s - 1)].numpy()
        title = _("Row {atom} of {name}", atom=atom, name=name)
        with columns[k % 2]:
            if name in on_x:
                picture = mosaics.data_uri(gates.atom_picture(row, view.shape, view.dark))
                size = _(
                    "‖row‖ {row:.3f}, ‖{name}‖ {matrix:.3f}",
                    row=np.linalg.norm(row),
                    name=name,
                    matrix=free[name].norm().item(),
                )
                label = of_noun(view.noun, "<b>{name}</b> on the {noun}", name=name)
                st.html(
                    f'<div class="sc-atom"><div><img src="{picture}" alt="{title}" width="132"><br>{label}<br>{size}</div></div>'
                )
            else:
                page.chart(atoms.row(row, title, dark=view.dark), key=f"gate-{name}")
                strongest = int(np.abs(row).argmax())
                weight = phrases.number(float(row[strongest]))
                sentence = _(
                    "**{name}** on the code: strongest with atom {atom}, {weight}.",
                    name=name,
                    atom=strongest,
                    weight=weight,
                )
                st.caption(sentence)
    st.caption(
        _(
            "Where a row is positive, a bright pixel or a positive weight opens the gate; where it is negative, it closes it."
        )
    )


def draw_sheet(view: sidebar.View, model: models.Model, compared: dict) -> np.ndarray:
    order = np.argsort(-compared["degrees"], kind="stable")
    groups = []
    for key, title, solver in (
        ("B", model.label, model.solver),
        ("counterpart", _("Dictionary"), "truth"),
    ):
        picture = boards.atoms_picture([compared[key][:, order]], view.shape, "", "")
        groups.append(boards.Group(title, style.colour(solver), [picture]))
    title = _(
        "{data}: atoms of {solver}, those that changed most first",
        data=view.data,
        solver=model.label,
    )
    return boards.draw_sheet(title, groups, side=600)


def write_table(compared: dict) -> str:
    head = "atom", "counterpart", "degrees", "norm", "norm_of_counterpart"
    norms = (np.linalg.norm(compared[key], axis=0) for key in ("B", "counterpart"))
    number = compared["number"]
    return page.table(
        head, zip(range(len(number)), number, compared["degrees"], *norms, strict=True)
    )
