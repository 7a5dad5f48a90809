"""One iteration: what a solver, or two side by side, do to the picture at hand, phase by phase."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
import torch

from sc2viz import defaults, evaluation
from sc2viz.analysis import ablation, refitting
from sc2viz.analysis import one_iteration as iterations
from sc2viz.browser import wire_format
from sc2viz.browser.board import Codes
from sc2viz.draw import curves, mosaics, sheet, style
from sc2viz.solvers.fista import momenta
from sc2viz.ui import boards, models, page, phrases, qr, results, sidebar
from sc2viz.ui.cache import cached
from sc2viz.words import N_, _, templates

Record = dict[str, np.ndarray]  # what each iteration of a solver computes
KEY = "one-iteration"
PHASE = 700  # ms that a phase of the film stays
FILMED = {N_("Help"): "help", N_("Step"): "candidate", N_("Sum"): "codes"}


def draw(view: sidebar.View, chosen: Sequence[models.Model]) -> None:
    """Draw the iterations of one solver, or of two side by side."""
    pixels = view.x
    records = {model.label: _record(model, pixels, view.lam, view.steps) for model in chosen}
    atoms = iterations.strongest(records.values())
    solvers, parcels = zip(
        *(_packed(model, records[model.label], atoms) for model in chosen), strict=True
    )
    fresh, resend = boards.take_new_arrays(KEY, sum(parcels, []))
    picture = Codes(pixels, view.shape, {}, {}, []).message()[0]
    data = {
        "shown": solvers,
        "strongest": atoms,
        "lam": view.lam,
        "T": view.steps,
        "drawn": {name: picture[name] for name in ("shape", "base", "line", "diverging")},
        "plane": _plane(view, pixels, atoms, chosen),
        "parcels": fresh,
    }
    page.idea("one_iteration", data, on_wants_change=resend)
    name = f"sc2viz-iterations-{view.data}-{view.picture}-lambda-{view.lam:g}"
    page.explained(
        chosen,
        [
            page.film(name, lambda: _film(view, chosen, records), PHASE),
            page.csv(name, lambda: _table(view, records)),
            page.File(
                _("Worksheet (HTML)"),
                f"{name}.html",
                lambda: _worksheet(view, pixels),
                ":material/print:",
                "text/html",
            ),
        ],
        Path(__file__).with_name("iterations.py"),
        view=view,
        chosen=chosen,
        at=1,
    )


def _plane(
    view: sidebar.View, pixels: np.ndarray, atoms: Sequence[int], chosen: Sequence[models.Model]
) -> dict | None:
    """F in the weights of the two of these atoms that look most alike, where all others are exact, and how three solvers
    move through their plane: those chosen, and the first shown."""
    B = view.B.numpy()
    pair = iterations.alike(B, atoms)
    if pair is None:
        return None
    plane = refitting.plane(pixels[0], results.exact(view.data, pixels, view.lam).codes, B, pair)
    labels = [*(model.label for model in chosen), *map(style.label, defaults.FIRST_SHOWN)]
    labels = list(dict.fromkeys(labels))[: len(defaults.FIRST_SHOWN)]
    compared = [model for label, model in models.choices(view.data).items() if label in labels]
    return {
        "atoms": pair,
        "G": plane.gram.tolist(),
        "centre": plane.centres[0].tolist(),
        "best": plane.weights[0].tolist(),
        "ways": [
            {
                "label": model.label,
                "colour": style.themed(model.solver),
                "points": results.trace(model, pixels, view.lam, results.HORIZON)
                .codes[:, 0, list(pair)]
                .tolist(),
            }
            for model in compared
        ],
    }


def _film(
    view: sidebar.View, chosen: Sequence[models.Model], records: dict[str, Record]
) -> list[np.ndarray]:
    """A sheet each phase: the sum of atoms, what is missing, and bars of help, of the step, and of the code."""
    frames = []
    for t in range(len(records[chosen[0].label]["help"])):
        for phase, name in FILMED.items():
            columns = []
            for model in chosen:
                record, colour = records[model.label], style.colour(model.solver, view.dark)
                values, missing = record.get(name, record["help"]), record["missing"][[t]]
                error = mosaics.error(missing, 0 * missing, view.shape)
                pictures = [
                    mosaics.mosaic(record["missing"][[0]] - missing, view.shape),
                    mosaics.error_mosaic(error, mosaics.span(view.shape)),
                    sheet.bars(values[t + (name == "codes")], np.abs(values).max() or 1, colour),
                ]
                columns.append(sheet.SheetColumn(model.label, colour, pictures, []))
            title = _("Iteration {t}: {phase}", t=t + 1, phase=_(phase))
            frames.append(sheet.sheet(title, columns, 240, dark=view.dark))
    return frames


def _worksheet(view: sidebar.View, pixels: np.ndarray) -> str:
    """A page to print: three iterations of the first solver on the strongest atom, by hand, and what they mean."""
    model = models.choices(view.data)[style.label(defaults.UNTRAINED[0])]
    record = _record(model, pixels, view.lam, 3)
    atom = iterations.strongest([record])[0]
    pictures = mosaics.data_uri(mosaics.mosaic(pixels, view.shape)), qr.image(qr.view_address())
    return templates.filled(
        __file__,
        record=record,
        solver=model.label,
        lam=view.lam,
        atom=atom,
        pictures=pictures,
    )


def _table(view: sidebar.View, records: dict[str, Record]) -> str:
    """F after each iteration, and each atom's numbers in it, a row each; iteration 0 is the start."""
    rows = []
    for label, record in records.items():
        arrays = [record.get(name) for name in ("help", *iterations.RECORDED)]
        for t, codes in enumerate(record["codes"]):
            for j, code in enumerate(codes):
                numbers = [None if array is None or not t else array[t - 1, j] for array in arrays]
                place = view.data, view.picture, view.lam, label, t, record["F"][t], j, code
                rows.append([*place, *numbers])
    head = "data", "picture", "lambda", "solver", "t", "objective", "atom", "code", "help"
    return page.table((*head, *iterations.RECORDED), rows)


def draw_gates(view: sidebar.View, chosen: Sequence[models.Model]) -> None:
    """Draw why a gate: the distance of the first network with gates among `chosen` as it is, without gates, and with FISTA's."""
    model = next((model for model in chosen if model.traits.learned and model.traits.gates), None)
    if model is None:
        return
    momentum = _("i and f of {solver}", solver=style.label(defaults.BASELINE))
    names = model.label, "i = 1, f = 0", momentum
    solver_names = (model.solver, *defaults.UNTRAINED)
    distances = _held_gates(model, view.x, view.lam)
    lines = [curves.SolverLine(*line) for line in zip(names, solver_names, distances, strict=True)]
    page.header(_("Why a gate"))
    ends = np.nan_to_num(distances[:, view.steps], nan=np.inf)
    own_gates, open_gates, momentum = map(phrases.describe_excess, ends)
    sentence = N_(
        "**The gates buy nothing here.** After {iterations}, {solver} is {own_gates} with its gates, {open_gates} with "
        "i = 1 and f = 0, and {momentum} with FISTA’s."
    )
    if ends[0] < ends[1:].min() and own_gates not in (open_gates, momentum):
        sentence = N_(
            "**The gates pay here.** After {iterations}, {solver} is {own_gates} with its gates, {open_gates} with i = 1 "
            "and f = 0, and {momentum} with FISTA’s. Its matrices were learned with these gates."
        )
    st.markdown(
        _(
            sentence,
            iterations=phrases.count(view.steps, "iteration"),
            solver=model.label,
            own_gates=own_gates,
            open_gates=open_gates,
            momentum=momentum,
        )
    )
    page.chart(curves.excess_by_step(lines, view.steps, view.dark), key="why-a-gate")


@cached
def _held_gates(model: models.Model, pixels: np.ndarray, lam: float) -> np.ndarray:
    """The distances to the optimum on the network's own atoms in % after 0 … HORIZON iterations, (3, HORIZON + 1): with its
    gates, with i = 1 and f = 0, and with i = 1 + m and f = −m of FISTA's momentum m."""
    solver, x, steps = models.build(model), torch.from_numpy(pixels), results.HORIZON
    m = solver.dictionary.new_tensor(momenta(steps))[:, None]
    variants = solver, ablation.without_gates(solver), ablation.with_gates(solver, 1 + m, -m)
    best = torch.from_numpy(results.best(model, pixels, lam).objective)
    with torch.no_grad():
        paths = [variant.trace(x, lam, steps).codes for variant in variants]
        ruler = solver.dictionary, lam, best
        return np.stack([evaluation.rank(solver.centred(x), codes, *ruler) for codes in paths])


@cached
def _record(model: models.Model, pixels: np.ndarray, lam: float, steps: int) -> Record:
    return iterations.record(models.build(model), torch.from_numpy(pixels), lam, steps)


def _packed(
    model: models.Model, record: Record, strongest: Sequence[int]
) -> tuple[dict, list[wire_format.Parcel]]:
    """What the figure needs of a solver, and its arrays: all numbers exactly, and pictures as they are drawn."""
    arrays = dict(record)
    missing, F = map(arrays.pop, ("missing", "F"))
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
