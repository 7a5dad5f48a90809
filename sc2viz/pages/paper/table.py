"""An HTML table of printed and measured numbers. Measured cells are buttons, and a click returns the cell's key."""

import json
import zlib
from pathlib import Path

import streamlit as st

from sc2viz.figures import style
from sc2viz.pages.paper import describe_paper, experiments
from sc2viz.pages.paper.describe_paper import Claims
from sc2viz.reproduction import printed, tables
from sc2viz.reproduction.protocols import METHODS
from sc2viz.reproduction.tables import Cell

MARKS = {"beats": "▲", "agrees": "≈", "falls short": "▼"}
WORDS = {
    "beats": "higher than the printed number",
    "agrees": f"equal to the printed number within {tables.TOLERANCE:g} point or two standard deviations",
    "falls short": "lower than the printed number",
}
_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "sc2viz_results", js=(_HERE / "table.js").read_text("utf-8"), css=(_HERE / "table.css").read_text("utf-8")
)


def draw(claims: Claims, table: str) -> Cell | None:
    """Draw `table`; return the cell that the reader has just clicked, or None."""
    data, cells = _data(claims, table)
    clicked = _mount(key=f"results-{table}", data=data, on_cell_change=lambda: None).cell
    return cells.get(clicked)


@experiments.made
def _data(claims: Claims, table: str) -> tuple[dict, dict[str, Cell]]:
    """What the browser draws, and the cells by their keys."""
    methods = list(tables.columns(table, "cifar10", "unsupervised"))
    cells: dict[str, Cell] = {}
    blocks = []
    for data, setting in describe_paper.COMPARISONS:
        figures = [printed.accuracy(table, data, setting, method) for method in methods]
        rows = [{"label": "In the paper", "kind": "printed", "cells": [_plain(value) for value in figures]}]
        for name, label, command in _rows(table, data, setting):
            found = _found(claims, table, data, setting, name)
            key = f"{data}/{setting}/{name}"
            cells |= {f"{key}/{method}": cell for method, cell in found.items()}
            row = {"label": label, "kind": "measured", "cells": []}
            if not any(cell.values for cell in found.values()):
                row["missing"] = command
            else:
                row["cells"] = [_cell(found.get(method), f"{key}/{method}", setting, method) for method in methods]
            rows.append(row)
        blocks.append({"title": describe_paper.subject(data, setting), "rows": rows})
    head = [{"label": METHODS[method].label, "colour": _colour(method)} for method in methods]
    caption = f"{table.replace('table', 'Table ')}: accuracy in %, printed and measured"
    drawn = {"caption": caption, "head": head, "blocks": blocks}
    return drawn | {"stamp": zlib.crc32(json.dumps(drawn).encode())}, cells


def _rows(table: str, data: str, setting: str) -> list[tuple[str, str, str]]:
    """The measured rows of a block: name, label, and the command that measures it."""
    fair, theirs = (describe_paper.command(table, data, protocol) for protocol in describe_paper.PROTOCOLS)
    if setting == "unsupervised":
        return [("fair", "Ours, fair", fair), ("as-printed", "Ours, as printed", theirs)]
    as_large = ("as-large", "Fair, as large as SLSTM", describe_paper.command("equal", data, "fair"))
    return [("fair", "Ours, fair", fair), *([as_large] if table == "table2" else []),
            ("clean", "As printed, test split", theirs), ("as-printed", "As printed, labels seen", theirs)]  # fmt: skip


def _found(claims: Claims, table: str, data: str, setting: str, name: str) -> dict[str, Cell]:
    """The cells of a measured row by method."""
    if name == "as-large":  # with as many parameters as SLSTM, and therefore more atoms
        atoms = tables.larger(claims.records, data, "fair", setting)
        return {method: tables.cell(claims.records, table, data, "fair", setting, method, n) for method, n in atoms}
    protocol = "fair" if name == "fair" else "as-printed"
    known = tables.columns(table, data, setting)
    return {method: claims.cell(data, protocol, setting, method, table, name == "clean") for method in known}


def _plain(value: float | None) -> dict:
    return {"text": "" if value is None else f"{value:.2f}"}


def _cell(cell: Cell | None, key: str, setting: str, method: str) -> dict:
    if cell is None or (not cell.values and cell.printed is None):
        return {"text": ""}
    if not cell.values:
        return {"text": "–", "hint": "not measured yet"}
    mean, sign, spread = cell.text().partition("± ")
    found = {"key": key, "text": mean.strip(), "spread": sign + spread}
    if cell.verdict:
        above = describe_paper.signed(cell.mean - cell.printed)
        hint = WORDS[cell.verdict].capitalize()
        if "/clean/" in key or "/as-printed/" in key:
            hint += f". Source: {printed.source(setting, method)}"
        found |= {"verdict": cell.verdict, "mark": f"{MARKS[cell.verdict]} {above}", "hint": hint}
    return found


def _colour(method: str) -> str:
    solver = METHODS[method].solver
    return style.colour(solver) if solver else ""


def legend() -> str:
    """The meaning of the marks."""
    return " · ".join(f"{MARKS[verdict]} {meaning}" for verdict, meaning in WORDS.items())
