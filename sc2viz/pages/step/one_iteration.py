"""One iteration: what a solver, or two side by side, do to the picture at hand, phase by phase."""

from collections.abc import Sequence

import numpy as np
import torch

from sc2viz.analysis import one_iteration as iterations
from sc2viz.browser import wire_format
from sc2viz.browser.board import Codes
from sc2viz.draw import style
from sc2viz.ui import boards, models, page, results, sidebar
from sc2viz.ui.cache import cached

KEY, SIDE_BY_SIDE = "one-iteration", 2


def draw(view: sidebar.View, chosen: Sequence[models.Model]) -> page.File | None:
    """Draw the figure of the solvers `chosen`, SIDE_BY_SIDE at most; return its numbers as a table to take away."""
    pixels = view.pixels([view.picture])
    records, failed = results.each(
        chosen, lambda model: _record(model, pixels, view.lam, view.steps)
    )
    page.notes(failed)
    chosen = [model for model in chosen if model.label in records]
    if not chosen:
        return None
    atoms = iterations.strongest(records.values())
    shown, parcels = [], []
    for model in chosen:
        data, arrays = _packed(model, records[model.label], atoms)
        shown.append(data)
        parcels += arrays
    fresh, again = boards.sent(KEY, parcels)
    drawn = Codes(pixels, view.shape, {}, {}, []).message()[0]
    page.idea(
        "one_iteration",
        {
            "shown": shown,
            "strongest": atoms,
            "lam": view.lam,
            "T": view.steps,
            "drawn": {name: drawn[name] for name in ("shape", "base", "line", "diverging")},
            "parcels": fresh,
        },
        on_wants_change=again,
    )
    name = f"sc2viz-iterations-{view.data}-{view.picture}-lambda-{view.lam:g}"
    return page.csv(name, lambda: _table(view, records))


def _table(view: sidebar.View, records: dict[str, dict[str, np.ndarray]]) -> str:
    """F after each iteration, and each atom's numbers in it, a row each; iteration 0 is the start."""
    rows = []
    for label, record in records.items():
        parts = [record.get(name) for name in ("help", *iterations.PARTS)]
        for t, codes in enumerate(record["codes"]):
            for j, code in enumerate(codes):
                numbers = [None if part is None or not t else part[t - 1, j] for part in parts]
                rows.append(
                    [view.data, view.picture, view.lam, label, t, record["F"][t], j, code, *numbers]
                )
    head = ("data", "picture", "lambda", "solver", "t", "objective", "atom", "code", "help")
    return page.table((*head, *iterations.PARTS), rows)


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
    parts = {name: record[name] for name in record if name not in ("missing", "F")}
    atoms = models.atoms(model).numpy().T[strongest]
    atoms = atoms / np.maximum(np.abs(atoms).max(1, keepdims=True), 1e-9)
    parcels = [
        wire_format.floats(np.concatenate(list(parts.values())).astype("f4")),
        wire_format.pack(missing[:, None], wire_format.COARSE),
        wire_format.pack(atoms, wire_format.COARSE),
    ]
    rows, pictures, tiles = (parcel.label() for parcel in parcels)
    energy = np.square(missing).sum(1)
    return {
        "label": model.label,
        "colour": style.themed(model.solver),
        "rows": rows | {"parts": {name: len(array) for name, array in parts.items()}},
        "missing": pictures,
        "atoms": tiles,
        "F": F.tolist(),
        "share": (energy / (energy[0] or 1)).tolist(),
    }, parcels
