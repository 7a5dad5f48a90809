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
        known = tables.columns(table, data, setting)
        figures = [printed.accuracy(table, data, setting, method) for method in methods]
        rows = [{"label": "In the paper", "kind": "printed", "cells": [_plain(value) for value in figures]}]
        for protocol, clean, label in _rows(setting):
            found = {method: claims.cell(data, protocol, setting, method, table, clean) for method in known}
            key = f"{data}/{setting}/{protocol}{'/clean' if clean else ''}"
            cells |= {f"{key}/{method}": cell for method, cell in found.items()}
            row = {"label": label, "kind": "measured", "cells": []}
            if not any(cell.values for cell in found.values()):
                row["missing"] = describe_paper.command(table, data, protocol)
            else:
                row["cells"] = [_cell(found.get(method), f"{key}/{method}", setting, method) for method in methods]
            rows.append(row)
        blocks.append({"title": describe_paper.subject(data, setting), "rows": rows})
    head = [{"label": METHODS[method].label, "colour": _colour(method)} for method in methods]
    caption = f"{table.replace('table', 'Table ')}: accuracy in %, printed and measured"
    drawn = {"caption": caption, "head": head, "blocks": blocks}
    return drawn | {"stamp": zlib.crc32(json.dumps(drawn).encode())}, cells


def _rows(setting: str) -> list[tuple[str, bool, str]]:
    """The measured rows of a block: protocol, whether on the test split where the protocol does not, and label."""
    if setting == "unsupervised":
        return [("fair", False, "Ours, fair"), ("as-printed", False, "Ours, as printed")]
    return [("fair", False, "Ours, fair"), ("as-printed", True, "As printed, test split"),
            ("as-printed", False, "As printed, labels seen")]  # fmt: skip


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
        if "/as-printed/" in key:
            hint += f". Source: {printed.source(setting, method)}"
        found |= {"verdict": cell.verdict, "mark": f"{MARKS[cell.verdict]} {above}", "hint": hint}
    return found


def _colour(method: str) -> str:
    solver = METHODS[method].solver
    return style.colour(solver) if solver else ""


def legend() -> str:
    """The meaning of the marks."""
    return " · ".join(f"{MARKS[verdict]} {meaning}" for verdict, meaning in WORDS.items())
