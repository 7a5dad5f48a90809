"""An HTML table of printed and measured numbers. Measured cells are buttons, and a click returns the cell's key."""

import math
from pathlib import Path

from sc2viz.draw import style
from sc2viz.pages.paper import describe_paper, figures
from sc2viz.published import printed
from sc2viz.published.accuracies import TOLERANCE, Cell, Claims
from sc2viz.published.printed import CELL, METHODS
from sc2viz.published.sentences import count_seeds, format_signed
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _, localized, templates

MARKS = {"beats": "▲", "agrees": "≈", "falls short": "▼"}
WORDS = {
    "beats": N_("higher than the printed number"),
    "agrees": N_("equal to the printed number within {points:g} point or two standard deviations"),
    "falls short": N_("lower than the printed number"),
}
_HERE = Path(__file__).parent
_mount = component(_HERE / "table.js", _HERE / "table.css")


def results_table(claims: Claims, table: str) -> Cell | None:
    """Draw `table`; return the cell that the reader has just clicked, or None."""
    data, cells = _data(claims, table)
    clicked = _mount(
        key=f"results-{table}", data=templates.filled(__file__, **data), on_cell_change=lambda: None
    ).cell
    return cells.get(clicked)


def seeds(claims: Claims, table: str) -> str:
    """How many seeds the spreads of a table are over."""
    counts = [len(cell.values) for cell in _data(claims, table)[1].values()]
    return count_seeds([count for count in counts if count > 1] or [1])


@figures.made
def _data(claims: Claims, table: str) -> tuple[dict, dict[str, Cell]]:
    """What the component of a table is given, and the table's cells by their keys."""
    methods = list(printed.columns(table, "cifar10", "unsupervised"))
    cells: dict[str, Cell] = {}
    blocks = []
    for data, setting in describe_paper.COMPARISONS:
        figures = [printed.accuracy(table, data, setting, method) for method in methods]
        top = max(value for value in figures if value is not None)
        plain = [
            {"text": "" if value is None else localized(f"{value:.2f}"), "won": value == top}
            for value in figures
        ]
        rows = [{"label": _("In the paper"), "kind": "printed", "cells": plain}]
        for name, label, command in _rows(table, data, setting):
            found = _found(claims, table, data, setting, name)
            key = f"{data}/{setting}/{name}"
            cells |= {f"{key}/{method}": cell for method, cell in found.items()}
            row = {"label": label, "kind": "measured", "cells": []}
            if not any(cell.values for cell in found.values()):
                row["missing"] = command
            else:
                won = winners(
                    {
                        method: found[method]
                        for method in (*printed.PRINTED[table], CELL)
                        if method in found
                    }
                )
                row["cells"] = [
                    _cell(found.get(method), f"{key}/{method}", setting, method)
                    | {"won": method in won}
                    for method in methods
                ]
            rows.append(row)
        blocks.append({"title": describe_paper.subject(data, setting), "rows": rows})
    named = [METHODS[method] for method in methods]
    head = [
        {"label": _(each.label), "colour": style.themed(each.solver) if each.solver else ""}
        for each in named
    ]
    caption = _(
        "Table {number}: accuracy in %, printed and measured", number=table.removeprefix("table")
    )
    return {"caption": caption, "head": head, "blocks": blocks}, cells


def _rows(table: str, data: str, setting: str) -> list[tuple[str, str, str]]:
    """The measured rows of a block: name, label, and the command that measures it."""
    fair, theirs = (
        describe_paper.command(table, data, protocol) for protocol in describe_paper.PROTOCOLS
    )
    rows = [("fair", _("Ours, fair"), fair)]
    if table == "table2" and setting == "supervised":
        rows.append(
            (
                "as-large",
                _("Fair, as large as SLSTM"),
                describe_paper.command("equal", data, "fair"),
            )
        )
    if not printed.labels_seen(data, setting):
        return [*rows, ("as-printed", _("Ours, as printed"), theirs)]
    return [
        *rows,
        ("clean", _("As printed, test split"), theirs),
        ("as-printed", _("As printed, labels seen"), theirs),
    ]


def _found(claims: Claims, table: str, data: str, setting: str, name: str) -> dict[str, Cell]:
    """The cells of a measured row by method."""
    if (
        name == "as-large"
    ):  # these networks have as many parameters as SLSTM, and therefore more atoms
        atoms = claims.list_larger(data, "fair", setting)
        return {
            method: claims.cell(data, "fair", setting, method, table, atoms=n)
            for method, n in atoms
        }
    protocol = "fair" if name == "fair" else "as-printed"
    known = printed.columns(table, data, setting)
    return {
        method: claims.cell(data, protocol, setting, method, table, name == "clean")
        for method in known
    }


def winners(row: dict[str, Cell]) -> set[str]:
    """The methods of a row with the highest accuracy, and those below it by at most two standard deviations of the
    difference over the seeds."""
    measured = {method: cell for method, cell in row.items() if cell.values}
    if not measured:
        return set()
    best = max(measured.values(), key=lambda cell: cell.mean)
    return {
        method
        for method, cell in measured.items()
        if best.mean - cell.mean <= 2 * math.hypot(best.over_seeds or 0.0, cell.over_seeds or 0.0)
    }


def _cell(cell: Cell | None, key: str, setting: str, method: str) -> dict:
    if cell is None or (not cell.values and cell.printed is None):
        return {"text": ""}
    if not cell.values:
        return {"text": "–", "hint": _("not measured yet")}
    mean, sign, spread = cell.text().partition("± ")
    found = {"key": key, "text": mean.strip(), "spread": sign + spread}
    if cell.verdict:
        above = format_signed(cell.mean - cell.printed)
        hint = _(WORDS[cell.verdict], points=TOLERANCE)
        hint = f"{hint[:1].upper()}{hint[1:]}."
        if "/clean/" in key or "/as-printed/" in key:
            hint += " " + _("Source: {source}.", source=_(printed.source(setting, method)))
        found |= {"mark": f"{MARKS[cell.verdict]} {above}", "hint": hint}
    return found


def legend() -> str:
    """The meaning of the marks in the cells, in words."""
    marks = " · ".join(
        f"{MARKS[verdict]} {_(meaning, points=TOLERANCE)}" for verdict, meaning in WORDS.items()
    )
    return _(
        "**Bold on a tint**: the highest solver of its row, or within two standard deviations of it · {marks}",
        marks=marks,
    )
