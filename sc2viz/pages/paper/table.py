"""An HTML table of printed and measured numbers. Measured cells are buttons, and a click returns the cell's key."""

import json
import zlib
from pathlib import Path

import streamlit as st

from sc2viz.figures import style
from sc2viz.pages.paper import describe_paper
from sc2viz.reproduction import printed, tables
from sc2viz.reproduction.protocols import METHODS
from sc2viz.reproduction.tables import Cell, Records

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


def draw(records: Records, table: str) -> Cell | None:
    """Draw `table`; return the cell that the reader has just clicked, or None."""
    methods = list(tables.columns(table, "cifar10", "unsupervised"))
    cells: dict[str, Cell] = {}
    blocks = []
    for data, setting in describe_paper.COMPARISONS:
        known = tables.columns(table, data, setting)
        figures = [printed.accuracy(table, data, setting, method) for method in methods]
        rows = [{"label": "In the paper", "kind": "printed", "cells": [_plain(value) for value in figures]}]
        for protocol, label in describe_paper.PROTOCOLS.items():
            found = {method: tables.cell(records, table, data, protocol, setting, method) for method in known}
            measured = {f"{data}/{setting}/{protocol}/{method}": cell for method, cell in found.items()}
            cells |= measured
            row = {"label": f"Ours, {label.lower()}", "kind": "measured", "cells": []}
            if not any(cell.values for cell in found.values()):
                row["missing"] = describe_paper.command(table, data, protocol)
            else:
                row["cells"] = [_cell(found.get(method), f"{data}/{setting}/{protocol}/{method}") for method in methods]
            rows.append(row)
        blocks.append({"title": describe_paper.subject(data, setting), "rows": rows})
    head = [{"label": METHODS[method].label, "colour": _colour(method)} for method in methods]
    caption = f"{table.replace('table', 'Table ')}: accuracy in %, printed and measured"
    data = {"caption": caption, "head": head, "blocks": blocks}
    data["stamp"] = zlib.crc32(json.dumps(data).encode())
    clicked = _mount(key=f"results-{table}", data=data, on_cell_change=lambda: None).cell
    return cells.get(clicked)


def _plain(value: float | None) -> dict:
    return {"text": "" if value is None else f"{value:.2f}"}


def _cell(cell: Cell | None, key: str) -> dict:
    if cell is None or (not cell.values and cell.printed is None):
        return {"text": ""}
    if not cell.values:
        return {"text": "–", "hint": "not measured yet"}
    mean, sign, spread = cell.text().partition("± ")
    found = {"key": key, "text": mean.strip(), "spread": sign + spread}
    if cell.verdict:
        above = describe_paper.signed(cell.mean - cell.printed)
        hint = WORDS[cell.verdict].capitalize()
        found |= {"verdict": cell.verdict, "mark": f"{MARKS[cell.verdict]} {above}", "hint": hint}
    return found


def _colour(method: str) -> str:
    solver = METHODS[method].solver
    return style.colour(solver) if solver else ""


def legend() -> str:
    """The meaning of the marks."""
    return " · ".join(f"{MARKS[verdict]} {meaning}" for verdict, meaning in WORDS.items())
