"""One iteration: what a solver, or two side by side, do to the picture at hand, phase by phase."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
import torch

from sc2viz import defaults, evaluation
from sc2viz.analysis import ablation
from sc2viz.analysis import one_iteration as iterations
from sc2viz.browser import wire_format
from sc2viz.browser.board import Codes
from sc2viz.draw import curves, style
from sc2viz.solvers.fista import momenta
from sc2viz.ui import boards, models, page, phrases, results, sidebar
from sc2viz.ui.cache import cached
from sc2viz.ui.handed_out import python
from sc2viz.words import _

KEY = "one-iteration"


def draw(view: sidebar.View, chosen: Sequence[models.Model]) -> None:
    """Draw the iterations of one solver, or of two side by side."""
    pixels = view.pixels([view.picture])
    records = {model.label: _record(model, pixels, view.lam, view.steps) for model in chosen}
    atoms = iterations.strongest(records.values())
    packed = [_packed(model, records[model.label], atoms) for model in chosen]
    fresh, resend = boards.sent(KEY, [parcel for each in packed for parcel in each[1]])
    picture = Codes(pixels, view.shape, {}, {}, []).message()[0]
    data = {
        "shown": [each for each, _parcels in packed],
        "strongest": atoms,
        "lam": view.lam,
        "T": view.steps,
        "drawn": {name: picture[name] for name in ("shape", "base", "line", "diverging")},
        "parcels": fresh,
    }
    page.idea("one_iteration", data, on_wants_change=resend)
    name = f"sc2viz-iterations-{view.data}-{view.picture}-lambda-{view.lam:g}"
    page.explained(
        [model.solver for model in chosen],
        [page.csv(name, lambda: _table(view, records))],
        python(str(Path(__file__).with_name("iterations.py")), view=view, chosen=chosen, at=1),
    )


def _table(view: sidebar.View, records: dict[str, dict[str, np.ndarray]]) -> str:
    """F after each iteration, and each atom's numbers in it, a row each; iteration 0 is the start."""
    rows = []
    for label, record in records.items():
        arrays = [record.get(name) for name in ("help", *iterations.PARTS)]
        for t, codes in enumerate(record["codes"]):
            for j, code in enumerate(codes):
                numbers = [None if array is None or not t else array[t - 1, j] for array in arrays]
                rows.append(
                    [view.data, view.picture, view.lam, label, t, record["F"][t], j, code, *numbers]
                )
    head = ("data", "picture", "lambda", "solver", "t", "objective", "atom", "code", "help")
    return page.table((*head, *iterations.PARTS), rows)


def draw_gates(view: sidebar.View, chosen: Sequence[models.Model]) -> None:
    """Draw why a gate: the distance of the first network with gates among `chosen` as it is, without gates, and with FISTA's."""
    pixels = view.pixels([view.picture])
    model = next((model for model in chosen if model.traits.learned and model.traits.gates), None)
    if model is None:
        return
    names = (
        model.label,
        "i = 1, f = 0",
        _("i and f of {solver}", solver=style.label(defaults.BASELINE)),
    )
    solver_names = (model.solver, *defaults.UNTRAINED)
    distances = _held_gates(model, pixels, view.lam)
    lines = [curves.SolverLine(*line) for line in zip(names, solver_names, distances, strict=True)]
    st.header(_("Why a gate"), anchor=False)
    ends = np.nan_to_num(distances[:, view.steps], nan=np.inf)
    distances_in_words = [phrases.apart(end) for end in ends]
    values = {"iterations": phrases.count(view.steps, "iteration"), "solver": model.label}
    values |= dict(zip(("own", "open", "momentum"), distances_in_words, strict=True))
    pays = ends[0] < ends[1:].min() and distances_in_words[0] not in distances_in_words[1:]
    st.markdown(
        _(
            "**The gates pay here.** After {iterations}, {solver} is {own} with its gates, {open} with i = 1 and f = 0, and "
            "{momentum} with FISTA’s. Its matrices were learned with these gates.",
            **values,
        )
        if pays
        else _(
            "**The gates buy nothing here.** After {iterations}, {solver} is {own} with its gates, {open} with i = 1 and f = 0, "
            "and {momentum} with FISTA’s.",
            **values,
        )
    )
    page.chart(curves.excess_by_step(lines, view.steps, view.dark), key="why-a-gate")


@cached
def _held_gates(model: models.Model, pixels: np.ndarray, lam: float) -> np.ndarray:
    """The distances to the optimum on the network's own atoms in % after 0 … HORIZON iterations, (3, HORIZON + 1): with its
    gates, with i = 1 and f = 0, and with i = 1 + m and f = −m of FISTA's momentum m."""
    solver, x, steps = models.build(model), torch.from_numpy(pixels), results.HORIZON
    m = solver.dictionary.new_tensor(momenta(steps))[:, None]
    variants = ablation.without_gates(solver, steps), ablation.with_gates(solver, 1 + m, -m)
    best = torch.from_numpy(results.best(model, pixels, lam).objective)
    with torch.no_grad():
        return np.stack(
            [
                evaluation.rank(
                    solver.centred(x), each.trace(x, lam, steps).codes, solver.dictionary, lam, best
                ).numpy()
                for each in (solver, *variants)
            ]
        )


@cached
def _record(
    model: models.Model, pixels: np.ndarray, lam: float, steps: int
) -> dict[str, np.ndarray]:
    return iterations.record(models.build(model), torch.from_numpy(pixels), lam, steps)


def _packed(
    model: models.Model, record: dict[str, np.ndarray], strongest: Sequence[int]
) -> tuple[dict, list[wire_format.Parcel]]:
    """What the figure needs of a solver, and its arrays: all numbers exactly, and pictures as they are drawn."""
    missing, F = record["missing"], record["F"]
    arrays = {name: record[name] for name in record if name not in ("missing", "F")}
    atoms = models.atoms(model).numpy().T[strongest]
    atoms = atoms / np.maximum(np.abs(atoms).max(1, keepdims=True), 1e-9)
    parcels = [
        wire_format.floats(np.concatenate(list(arrays.values())).astype("f4")),
        wire_format.pack(missing[:, None], wire_format.COARSE),
        wire_format.pack(atoms, wire_format.COARSE),
    ]
    rows, pictures, tiles = (parcel.label() for parcel in parcels)
    energy = np.square(missing).sum(1)
    return {
        "label": model.label,
        "colour": style.themed(model.solver),
        "learned": model.traits.learned,
        "rows": rows | {"parts": {name: len(array) for name, array in arrays.items()}},
        "missing": pictures,
        "atoms": tiles,
        "F": F.tolist(),
        "share": (energy / (energy[0] or 1)).tolist(),
    }, parcels
