"""Inside the cell, the gates: one atom of one picture iteration by iteration, then all atoms (Eq. 7 and 8)."""

from html import escape

import numpy as np
import streamlit as st
import torch

from sc2viz import defaults, evaluation, solvers
from sc2viz.analysis import ablation, inspection
from sc2viz.draw import arithmetic, gates, mosaics, sheet, style
from sc2viz.pages.cell.views import open_view
from sc2viz.solvers import Trajectory
from sc2viz.ui import chips, describe_models, models, page, pen, phrases, results, sidebar, url
from sc2viz.ui.cache import cached
from sc2viz.ui.errors import fragment, message_handler
from sc2viz.ui.tours.truths import networks
from sc2viz.words import N_, _, count, count_rows, localized

SYMBOLS = {
    "input_gate": ("i", N_("input gate")),
    "forget_gate": ("f", N_("forget gate")),
    "candidate": ("c̃", N_("candidate")),
    "cell": ("c", N_("memory")),
}
DIVERGED = 100  # times as large as it should be


@cached
def _explain(
    model: models.Model, pixels: np.ndarray, lam: float, steps: int, t: int, atom: int
) -> tuple[inspection.Iteration, float, float, bool] | None:
    """Iteration t of an atom by Eq. (7) and (8), its code at the end if its forget gate is closed, and without all gates, and
    whether the gates average what overshoots without them; None where these equations do not give the trace."""
    solver, x = models.build(model), torch.from_numpy(pixels)
    path = results.trace(model, pixels, lam, steps)
    if not inspection.explained(solver, path, x, lam):
        return None
    beyond = models.acts_beyond(model, steps)
    with torch.no_grad():
        closed = inspection.with_forget_gate(solver, x, lam, steps, atom, 0.0, beyond)
    is_averaged, without = ablation.average_overshoots(solver, path, x, lam, beyond)
    ends = (codes[0, atom].item() for codes in (closed.codes, without))
    return inspection.iteration(solver, path, x, lam, t, atom), *ends, is_averaged


@fragment
def gates_page() -> None:
    view, canvas, sentence = open_view()
    picture, chart = st.container(key="story").columns([1, 2], gap="medium")
    maps, chooser = st.container(), st.container()
    pixels = view.x
    with chooser:
        model = chips.last(
            models.choices(view.data),
            lambda model: bool(model.traits.gates),
            _("This page shows the solver with gates that was chosen last."),
            # It raises an exception where a gate is not what the traits say.
            lambda model: solvers.check_gates(
                models.build(model), results.trace(model, pixels, view.lam, view.steps)
            ),
        )
    with canvas:
        pen.canvas(view, [model])
    path = results.trace(model, pixels, view.lam, view.steps)
    codes, subject = path.codes[1:, 0].numpy(), view.average()
    strongest = np.argsort(-np.abs(codes[-1]), kind="stable")
    with picture:
        atom_place = st.container()
        with st.container(horizontal=True, key="cell"):
            atom = url.following("atom", int(strongest[0]), _("Atom"))
            t = url.following("at", min(networks.ITERATION, view.steps), _("Iteration"))
    explanation = _explain(model, pixels, view.lam, view.steps, t, atom)
    numbers, *ends = explanation or (None,)
    panels = _panels(model, path, numbers is not None)

    code = codes[-1, atom]
    with sentence:
        if numbers:
            statement, reasons = describe_forget_gate(
                subject, atom, panels[1].values[:, atom], code, *ends
            )
            # Another λ opens without the verdict, whose numbers take a third of a view; it is behind More.
            if view.lam == url.default("lam") and networks.has_comparable_gates(model):
                distances = networks.compare_gates(model, view.images.pixels, view.lam, view.steps)
                reasons += " " + networks.describe_gain(distances)
            page.caption(statement, reasons)
        else:
            gate = panels[0]
            page.caption(
                _(
                    "The {gate} of **atom {atom}** in {solver} is {mean:.2f} on average.",
                    gate=gate.name,
                    atom=atom,
                    solver=model.label,
                    mean=gate.values[:, atom].mean(),
                ),
                _(
                    "Its code ends at s = {code}. Eq. (7) and (8) alone do not give these numbers, so their computation is "
                    "not shown.",
                    code=_number(code),
                ),
            )
        acted = path.safeguarded
        if acted is not None and acted.any():
            page.notes([phrases.safeguarded({model.label: acted.numpy()})])
        page.notes(describe_models.notes([model], view.steps, view.lam))
    with atom_place:
        b = models.build(model).dictionary[:, atom].detach().numpy()
        uri = mosaics.kept_uri(gates.atom_picture(b, view.shape, view.dark, side=1))
        name = _("Atom {atom}", atom=atom)
        use = _(
            "in use in {n} of {iterations}, rank {rank} of {total} by |s|",
            n=int(evaluation.in_use(codes[:, atom]).sum()),
            iterations=count(len(codes), "iteration"),
            rank=int((np.abs(codes[-1]) > abs(code)).sum()) + 1,
            total=codes.shape[1],
        )
        st.html(
            f'<div class="sc-atom"><img src="{uri}" alt="{name}" width="96">'
            f"<div><b>{name}</b><br>{escape(use)}</div></div>"
        )
    with picture:
        st.markdown(_("**Iteration {t} of atom {atom} in numbers**", t=t, atom=atom))
        with st.container(key="slow-motion"):
            if numbers:
                st.latex(arithmetic.block(_computation(numbers)[-2:]), width="content")
            else:
                values = [phrases.number(float(panel.values[t - 1, atom])) for panel in panels]
                st.table({_("quantity"): [panel.name for panel in panels], _("value"): values})
    with chart:
        theta = numbers.h.get("theta") if numbers else None
        page.chart(gates.course(panels, atom, t, theta, view.dark), key="course")
        if theta is not None:
            st.caption(
                _(
                    "While the memory c lies in the band ±θ = ±{theta:.3g}, the code is exactly 0.",
                    theta=theta,
                )
            )
    with maps:
        is_by_size = url.value("order") == url.default("order")
        order = strongest if is_by_size else np.arange(codes.shape[1])
        page.chart(
            gates.heatmaps(panels, order, atom, t, view.dark),
            key="cells",
            on_select=message_handler(_select_cell),
            selection_mode="points",
        )
        st.caption(
            _("Each row is an atom and each column an iteration. Click a cell to see its numbers.")
        )
        url.widget("order")
    if place := page.details():
        with place:
            _draw_more(view, model, path, panels, atom, t, numbers)
    name = f"sc2viz-gates-{view.data}-{view.picture}-lambda-{view.lam:g}-T-{view.steps}"
    title = f"{model.label}, {subject}, λ = {localized(f'{view.lam:g}')}"
    page.explained(
        [model],
        [
            page.png(name, lambda: _picture(title, model, panels, order)),
            page.csv(name, lambda: _table(panels)),
        ],
        __file__,
        view=view,
        model=model,
        atom=atom,
        t=t,
        is_explained=numbers is not None,
    )


def _panels(model: models.Model, path: Trajectory, is_explained: bool) -> list[gates.Panel]:
    """The gates, the other parts of the state that have a value for each atom, and the code; by the symbols of Eq. (7) and
    (8) where these explain the trace."""
    gated, (_T, _n, d_s) = model.traits.gates, path.codes.shape
    per_atom = [name for name, values in path.parts.items() if values.shape[2:] == (d_s,)]
    panels = []
    for name in SYMBOLS if is_explained else dict.fromkeys([*gated, *per_atom]):
        label, *span = model.traits.gate(name) if name in gated else (name.replace("_", " "),)
        symbol, label = SYMBOLS[name] if is_explained else (_(label), label)
        # A gate with one value a sample serves every atom.
        values = path.iterations(name)[:, 0].reshape(len(path.codes) - 1, -1).expand(-1, d_s)
        is_gate = name in gated or name.endswith("_gate")
        panels.append(gates.Panel(symbol, _(label), values.numpy(), is_gate, *span))
    return [*panels, gates.Panel("s", _("code"), path.codes[1:, 0].numpy())]


def _select_cell() -> None:
    """Take the atom and the iteration of the cell that was clicked."""
    if points := st.session_state["cells"].selection.points:
        cell = points[0]["customdata"]  # a row of a typed array comes back as {"0": …, "1": …}
        atom = cell["0"] if isinstance(cell, dict) else cell[0]
        st.session_state.update(atom=int(atom), at=int(points[0]["x"]))


def mean_gate(values: np.ndarray) -> np.ndarray:
    """The mean of a gate (T, …) over iterations 2 to T: in the first one the memory is empty."""
    return values[min(1, len(values) - 1) :].mean(axis=0)


def describe_forget_gate(
    subject: str,
    atom: int,
    f: np.ndarray,
    code: float,
    closed: float,
    without: float,
    is_averaged: bool,
) -> tuple[str, str]:
    """What the forget gate f (T,) of an atom does to its memory, and why. code: the atom's code at the end; closed: the same
    with this gate closed; without: the same without the gates of all atoms; is_averaged: whether
    the gates average what overshoots without them."""
    limit = DIVERGED * max(1, abs(code))
    closed_end, end = (_number(end) if abs(end) < limit else "∞" for end in (closed, without))
    reasons = _(
        "Its code ends at s = {code}; with this gate closed (f = 0) it would end at {closed}, and without all gates "
        "(i = 1, f = 0) at {without}.",
        code=_number(code),
        closed=closed_end,
        without=end,
    )
    if is_averaged:
        reasons += " " + _(
            "Without gates the steps overshoot back and forth; an average with the old memory shortens them: what changes sign "
            "cancels, and what goes on the same way stays."
        )
    return _(
        "On {subject}, the forget gate of **atom {atom}** multiplies the old memory by **{mean:.2f}** on average.",
        subject=subject,
        atom=atom,
        mean=float(mean_gate(f)),
    ), reasons


def _number(value: float) -> str:
    return "0" if abs(value) < 5e-4 else phrases.number(value)


def _draw_more(
    view: sidebar.View,
    model: models.Model,
    path: Trajectory,
    panels: list[gates.Panel],
    atom: int,
    t: int,
    numbers: inspection.Iteration | None,
) -> None:
    """Draw what stands behind More: how one memory came about, the mean gates, and what the gates add."""
    codes = panels[-1].values
    if numbers:
        columns = st.columns(2, gap="medium")
        with columns[0]:
            page.header(_("Gates and candidate of atom {atom} at iteration {t}", atom=atom, t=t))
            with st.container(key="arithmetic"):
                st.latex(arithmetic.block(_computation(numbers)[:-2]), width="content")
        with columns[1]:
            page.header(_("Contributions to its memory at iteration {t}", t=t))
            contributions = inspection.memory(
                path.input_gate[:t], path.forget_gate[:t], path.candidate[:t]
            )[:, 0, atom].numpy()
            page.chart(gates.memory(contributions, atom, view.dark), key="memory")
            st.caption(
                _(
                    "The sum of the bars is c = {code}, of which the last candidate gives {last}.",
                    code=_number(contributions.sum()),
                    last=_number(contributions[-1]),
                )
            )
    columns = st.columns(2, gap="medium")
    with columns[0]:
        page.header(_("Mean gates over the iterations"))
        values = {panel.symbol: panel.values for panel in panels if panel.gate}
        page.chart(
            gates.mean_gates(values, evaluation.in_use(codes[-1]), view.dark), key="mean-gates"
        )
    if not numbers:
        return
    with columns[1]:
        page.header(_("Mean gates of each atom"))
        i, f = (panel.values for panel in panels[:2])
        page.chart(
            gates.gate_plane(
                mean_gate(i),
                mean_gate(f),
                codes[-1],
                atom,
                style.colour(model.solver, view.dark),
                view.dark,
            ),
            key="gate-plane",
        )
        st.caption(
            _(
                "i + f is {mean:.3f} on average. With ISTA’s matrices a fixed point is the Lasso’s optimum only if i + f = 1; "
                "learned matrices can compensate for another sum.",
                mean=(i + f).mean(),
            )
        )
    if model.traits.learned and not models.why_unranked(model):
        with st.container(border=True, key="gates-add"):
            _draw_what_gates_add(view, model)


def _computation(numbers: inspection.Iteration) -> list[list[str]]:
    """i, f, c̃, c and s of an iteration in numbers, as rows of KaTeX; with the terms of Eq. (8) where it gives them."""
    i, f, candidate = numbers.input_gate, numbers.forget_gate, numbers.candidate
    groups = []
    for symbol, terms, gate in (("i", numbers.to_input, i), ("f", numbers.to_forget, f)):
        complement = "1 - i = " if symbol == "f" and abs(1 - i - f) < 1e-6 else ""
        value = [f"{symbol} &= {complement}{arithmetic.number(gate, 3)}"]
        if terms:
            value = arithmetic.gated(symbol, [*terms], [*terms.values()], gate)
        groups.append(value)
    terms, value = numbers.to_candidate, [rf"\tilde c &= {arithmetic.number(candidate, 3)}"]
    if terms:
        value = arithmetic.summed(r"\tilde c", [*terms], [*terms.values()], candidate)
    h = arithmetic.shrunk if "theta" in numbers.h else arithmetic.saturated
    return [
        *groups,
        value,
        arithmetic.mixed(f, numbers.previous, i, candidate, numbers.cell),
        h(numbers.cell, *numbers.h.values(), numbers.code),
    ]


def _draw_what_gates_add(view: sidebar.View, model: models.Model) -> None:
    """Draw how far from the optimum a network ends with its gates and without them."""
    if not model.trained:
        st.markdown(
            _(
                "The gates of {label} are untrained. What they add is measured once they have learned: train {solver} on "
                "Train live, and open it here.",
                label=model.label,
                solver=model.name,
            )
        )
        return
    distances = networks.compare_gates(model, view.images.pixels, view.lam, view.steps)
    names = (
        _("its own gates"),
        _("each atom’s gates at their mean"),
        _("one mean gate for all atoms"),
        f"{_('no gates')} (i = 1, f = 0)",
        f"{style.label(defaults.UNTRAINED[0])}, {_('on the same atoms')}",
    )
    st.markdown(_("**What the gates of {solver} add**", solver=model.label))
    st.table(
        {
            _("gates"): names,
            _("above the optimum"): [*map(networks.describe_distance, distances)],
        }
    )
    st.caption(
        _(
            "F after {iterations}, above exact codes on this network’s own atoms, on average over {rows} at λ = {lam:g}.",
            iterations=count(view.steps, "iteration"),
            rows=count_rows(min(len(view.images), networks.PICTURES), view.noun, tests=True),
            lam=view.lam,
        )
    )
    page.notes([networks.describe_gain(distances)])


def _table(panels: list[gates.Panel]) -> str:
    """The values of all panels as CSV, a line for each atom and iteration."""
    steps, atoms = panels[0].values.shape
    head = ["atom", "iteration", *(panel.name.replace(" ", "_") for panel in panels)]
    rows = (
        [atom, t + 1, *(panel.values[t, atom] for panel in panels)]
        for atom in range(atoms)
        for t in range(steps)
    )
    return page.table(head, rows)


def _picture(
    title: str, model: models.Model, panels: list[gates.Panel], order: np.ndarray
) -> np.ndarray:
    """The heatmaps as one picture."""
    spans, columns = gates.scales(panels), []
    for panel, rgba in zip(panels, gates.as_pictures(panels, order), strict=True):
        low, high = spans[panel.gate]
        scale = _("scale {low:g} to {high:g}", low=low, high=high)
        columns.append(sheet.SheetColumn(panel.name, style.colour(model.solver), [rgba], [scale]))
    return sheet.sheet(title, columns, side=240)


gates_page()
