"""Gates & cells: the gates and memories of all atoms of a solver, and one iteration of one atom with its numbers."""

from html import escape

import numpy as np
import streamlit as st
import torch

from sc2viz import evaluation, solvers
from sc2viz.analysis import inspection
from sc2viz.draw import arithmetic, cards, gates, mosaics, sheet, style
from sc2viz.pages.gates import any_gates, bought, cells, describe_gates
from sc2viz.ui import chips, describe_models, models, page, pen, phrases, results, sidebar, url
from sc2viz.ui.cache import cached
from sc2viz.ui.errors import fragment
from sc2viz.ui.handed_out import python
from sc2viz.ui.tours.truths import networks
from sc2viz.ui.tours.truths.networks import AT, PICTURES
from sc2viz.words import _, count_rows, localized

_GATES = "input_gate", "forget_gate"  # of Eq. (7), fields of the state


@cached
def _what_if(
    model: models.Model, pixels: np.ndarray, lam: float, steps: int, atom: int
) -> tuple[float, float]:
    """The memory and the code of `atom` at the end if its forget gate is closed."""
    beyond = models.acts_beyond(model, steps)
    with torch.no_grad():
        closed = inspection.with_forget_gate(
            models.build(model), torch.from_numpy(pixels), lam, steps, atom, 0.0, beyond
        )
    return closed.cell[0, atom].item(), closed.codes[0, atom].item()


@cached
def _explained(model: models.Model, pixels: np.ndarray, lam: float, steps: int) -> bool:
    return inspection.explained(
        models.build(model), results.trace(model, pixels, lam, steps), torch.from_numpy(pixels), lam
    )


@cached
def _now(
    model: models.Model, pixels: np.ndarray, lam: float, steps: int, t: int, atom: int
) -> inspection.Iteration:
    path = results.trace(model, pixels, lam, steps)
    return inspection.iteration(models.build(model), path, torch.from_numpy(pixels), lam, t, atom)


def _panels(model: models.Model, path) -> list[gates.Panel]:
    def of(values) -> np.ndarray:
        return values[:, 0].numpy()

    ranges = [
        model.traits.gate(name)[1:] if name in model.traits.gates else (0.0, 1.0) for name in _GATES
    ]
    return [
        gates.Panel("i", _("input gate"), of(path.input_gate), True, *ranges[0]),
        gates.Panel("f", _("forget gate"), of(path.forget_gate), True, *ranges[1]),
        gates.Panel("c̃", _("candidate"), of(path.candidate)),
        gates.Panel("c", _("memory"), of(path.cell[1:])),
        gates.Panel("s", _("code"), of(path.codes[1:])),
    ]


@fragment
def gates_and_cells() -> None:
    view = sidebar.current()
    tools = page.head(_("Gates & cells"))
    with tools:
        pen.switch(view)
    paper, sentence, chooser = st.container(), st.container(), st.container()
    controls = st.container(horizontal=True, vertical_alignment="center", gap="medium", key="cell")
    help = _("This page shows the solver with gates that was chosen last.")
    pixels = view.pixels((view.picture,))
    with chooser:
        model = chips.last(
            models.choices(view.data),
            lambda model: bool(model.traits.gates),
            help,
            # It raises an exception where a gate is not what the traits say.
            lambda model: solvers.check_gates(
                models.build(model), results.trace(model, pixels, view.lam, view.steps)
            ),
        )
    with paper:
        pen.canvas(view, [model])
    solver, path = models.build(model), results.trace(model, pixels, view.lam, view.steps)
    if not _explained(model, pixels, view.lam, view.steps):
        any_gates.gates_without_eq7(view, model, path, tools, sentence)
        return
    panels = _panels(model, path)
    code = panels[-1].values[-1]
    with controls:
        order, atom, t = _choose_cell(code, view.steps)
        # What costs as much time as the rest of the page is computed once the reader opens it.
        learned = model.trained and model.traits.learned and not models.aside(model)
        opened = learned and st.expander(
            _("What the gates buy"), type="compact", key="gates-buy", on_change="rerun"
        )
    now = _now(model, pixels, view.lam, view.steps, t, atom)
    c_closed, s_closed = _what_if(model, pixels, view.lam, view.steps, atom)
    B, subject = solver.dictionary.detach().numpy(), view.average([view.picture])

    with sentence:
        f, ends = panels[1].values[:, atom], [float(panel.values[-1, atom]) for panel in panels[3:]]
        far = bought.apart(model, pixels, view.lam, view.steps) if learned else ()
        buys = describe_gates.buy(subject, model.label, *far) if far else ""
        claim, change = describe_gates.forget_gate(
            "" if buys else subject, atom, f, ends[1], s_closed
        )
        reason = describe_gates.why_code_changes(
            f, (ends[0], c_closed), (ends[1], s_closed), now.h.get("theta")
        )
        page.caption(f"{buys} {claim}".lstrip(), f"{change} {reason}")
        page.notes(describe_models.notes([model], view.steps, view.lam))
    left, right = st.columns(cells.WIDTHS, gap="medium")
    with left:
        cells.heatmaps(panels, order, atom, t, view.dark)
        st.caption(
            _(
                "Input gate *i*, forget gate *f*, candidate *c̃*, memory *c* and code *s*. Each row is an atom and each column "
                "an iteration. Click a cell to see its computation. *c̃*, *c* and *s* share one scale."
            )
        )
    with right:
        _atom_facts(B[:, atom], view, atom, panels[-1].values[:, atom], code)
        _slow_motion(now, t, atom, panels)
    _one_atom(view, model, path, panels, now, atom, t)
    lesson_here = _all_atoms(view, model, panels, B, atom)

    if opened and opened.open:
        with opened:
            bought.draw(view, model, pixels)
    with tools:
        _tools(view, model, path, panels, order, atom, t)
    with lesson_here:
        if learned or model.traits.learned and not model.trained:
            st.container(border=True, key="gates-add").markdown(_lesson(view, model))


def _tools(
    view: sidebar.View, model: models.Model, path, panels, order: np.ndarray, atom: int, t: int
) -> None:
    """Draw the equations, the glossary and what can be taken away."""
    name = f"sc2viz-gates-{view.data}-{view.picture}-lambda-{view.lam:g}-T-{view.steps}"
    title = f"{model.label}, {view.average([view.picture])}, λ = {localized(f'{view.lam:g}')}"
    page.explained(
        [model.solver],
        [
            page.png(name, lambda: _picture(title, model, panels, order)),
            page.csv(name, lambda: cells.table(_panels(model, path))),
        ],
        python(__file__, view=view, model=model, atom=atom, t=t),
    )


def _choose_cell(code: np.ndarray, steps: int) -> tuple[np.ndarray, int, int]:
    """The order of the atoms, and the selected atom and iteration. A click, the number fields and the URL select them."""
    by_code = np.argsort(-np.abs(code), kind="stable")
    about = _("The atom whose computation is shown. You can also click its row.")
    # It opens with the atom that matters most on this picture.
    atom = url.following("atom", int(by_code[0]), _("Atom"), help=about)
    about = _("The iteration whose computation is shown. You can also click its column.")
    t = url.following("at", min(AT, steps), _("Iteration"), help=about)
    order = url.widget("order")
    rows = by_code if order == url.default("order") else np.arange(len(code))
    return rows, atom, t


def _atom_facts(
    b: np.ndarray, view: sidebar.View, atom: int, codes: np.ndarray, code: np.ndarray
) -> None:
    picture = mosaics.kept_uri(gates.atom_picture(b, view.shape, view.dark, side=1))
    lines = describe_gates.facts(atom, float(np.linalg.norm(b)), codes, code)
    name = _("Atom {atom}", atom=atom)
    st.html(
        f'<div style="display:flex;gap:1rem;align-items:center"><img src="{picture}" alt="{name}" width="112" '
        f'style="image-rendering:pixelated;border-radius:3px"><div><b style="font-size:1.2rem">{name}</b>'
        f"<br>{'<br>'.join(map(escape, lines))}</div></div>"
    )


def _slow_motion(now: inspection.Iteration, t: int, atom: int, panels) -> None:
    """Draw Eq. (8) with the numbers of one atom at one iteration."""
    st.markdown(_("**Iteration {t} of atom {atom} in numbers**", t=t, atom=atom))
    rows = []
    gates_of = ("i", now.to_input, now.input_gate, 0), ("f", now.to_forget, now.forget_gate, 1)
    for symbol, terms, gate, panel in gates_of:
        if terms is None:
            constant = np.ptp(panels[panel].values[:, atom]) < 1e-6
            fixed = rf"\quad\text{{{_('(a constant)')}}}" if constant else ""
            limit = (
                "1 - i = "
                if symbol == "f" and not fixed and abs(1 - now.input_gate - gate) < 1e-6
                else ""
            )
            rows.append([rf"{symbol} &= {limit}{arithmetic.number(gate, 3)} {fixed}"])
        else:
            rows.append(arithmetic.gated(symbol, [*terms], [*terms.values()], gate))
    if now.to_candidate is None:
        rows.append([rf"\tilde c &= {arithmetic.number(now.candidate, 3)}"])
    else:
        terms = now.to_candidate
        rows.append(arithmetic.summed(r"\tilde c", [*terms], [*terms.values()], now.candidate))
    rows.append(
        arithmetic.mixed(now.forget_gate, now.previous, now.input_gate, now.candidate, now.cell)
    )
    if "theta" in now.h:
        rows.append(arithmetic.shrunk(now.cell, now.h["theta"], now.code))
    else:
        rows.append(arithmetic.saturated(now.cell, now.h["D"], now.h["u"], now.code))
    with st.container(key="slow-motion"):
        st.latex(arithmetic.block(rows), width="content")


def _one_atom(view, model, path, panels, now, atom: int, t: int) -> None:
    parts = inspection.memory(path.input_gate[:t], path.forget_gate[:t], path.candidate[:t])[
        :, 0, atom
    ].numpy()
    left, right = st.columns(2, gap="medium")
    with left:
        st.header(_("Atom {atom} over the iterations", atom=atom), anchor=False)
        colour = style.colour(model.solver, view.dark)
        page.chart(
            gates.course(panels, atom, t, now.h.get("theta"), colour, view.dark), key="course"
        )
        st.caption(describe_gates.course(now, panels[-1].values[:, atom], atom))
    with right:
        st.header(_("Contributions to its memory at iteration {t}", t=t), anchor=False)
        page.chart(gates.memory(parts, atom, view.dark), key="memory")
        st.caption(describe_gates.memory(parts))


def _all_atoms(view, model, panels, B, atom: int):
    """Draw what concerns all atoms; return the place of the lesson, which is drawn last because it takes longest."""
    input_gate, forget_gate, codes = (panels[k].values for k in (0, 1, 4))
    used = evaluation.in_use(codes[-1])
    left, right = st.columns(2, gap="medium")
    with left:
        st.header(_("Mean gates over the iterations"), anchor=False)
        page.chart(
            gates.mean_gates({"i": input_gate, "f": forget_gate}, used, view.dark), key="mean-gates"
        )
    with right:
        st.header(_("Mean gates of each atom"), anchor=False)
        colour = style.colour(model.solver, view.dark)
        means = input_gate.mean(axis=0), forget_gate.mean(axis=0)
        page.chart(gates.gate_plane(*means, codes[-1], atom, colour, view.dark), key="gate-plane")
    with st.container(border=True, key="notice"):
        noticed = (f"- {line}" for line in describe_gates.notice(input_gate, forget_gate, codes))
        st.markdown("\n".join((_("**What to notice**"), "", *noticed)))
    lesson_here = st.container()
    kept, dropped = describe_gates.kept_and_dropped(codes)
    titles = (
        _("Atoms in use at the end, strongest first"),
        _("Atoms in use before, but not at the end"),
    )
    for title, atoms in zip(titles, (kept[:6], dropped[:6]), strict=True):
        if len(atoms):
            st.header(title, anchor=False)
            drawn = gates.atom_pictures(B[:, atoms], view.shape, view.dark)
            page.cards(
                [_card(model, panels, *each) for each in zip(atoms.tolist(), drawn, strict=True)],
                narrowest=110,
            )
    return lesson_here


def _lesson(view: sidebar.View, model: models.Model) -> str:
    """What the gates add, measured without them, or how a reader gets to know it."""
    if not model.trained:
        return _(
            "The gates of {label} are untrained. What they add is measured once they have learned: train {solver} "
            "on Train live, and open it here.",
            label=model.label,
            solver=model.name,
        )
    found = networks.gates_add(model, view.images.pixels, view.lam, view.steps)
    subject = _(
        "{rows} at λ = {lam:g}",
        rows=count_rows(min(len(view.images), PICTURES), view.noun, tests=True),
        lam=view.lam,
    )
    said = (f"- {line}" for line in describe_gates.added(subject, view.steps, found))
    return "\n".join((_("**What the gates of {solver} add**", solver=model.label), "", *said))


def _card(model, panels, atom: int, drawn: np.ndarray) -> cards.Card:
    peak = panels[-1].values[np.abs(panels[-1].values[:, atom]).argmax(), atom]
    numbers = {
        _("largest s"): phrases.number(peak),
        _("final s"): phrases.number(panels[-1].values[-1, atom]),
        _("mean f"): phrases.number(panels[1].values[:, atom].mean()),
    }
    name = _("Atom {atom}", atom=atom)
    return cards.Card(name, model.solver, pictures=[(drawn, name)], numbers=numbers)


def _picture(title: str, model: models.Model, panels, order) -> bytes:
    drawn = gates.as_pictures(panels, order)
    (lowest, highest), top = gates.scales(panels)
    columns = [
        sheet.SheetColumn(
            panel.name,
            style.colour(model.solver),
            [rgba],
            [_("scale {low:g} to {high:g}", low=low, high=high)],
        )
        for panel, rgba in zip(panels, drawn, strict=True)
        for low, high in [(lowest, highest) if panel.gate else (-top, top)]
    ]
    return mosaics.png(sheet.sheet(title, columns, side=240))


gates_and_cells()
