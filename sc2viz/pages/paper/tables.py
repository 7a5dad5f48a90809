"""Tables 1 and 2, printed and measured: measured cells are buttons that open the runs behind them."""

import math
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from sc2viz import published, words
from sc2viz.draw import paper_curves, style
from sc2viz.pages.paper import figures
from sc2viz.pages.paper.leads import describe_block
from sc2viz.pages.paper.texts import (
    COMPARISONS,
    PROTOCOLS,
    cached_as_published,
    describe_commands,
    name_block,
)
from sc2viz.published import printed
from sc2viz.published.accuracies import TOLERANCE, Cell, Claims
from sc2viz.published.printed import CELL, METHODS, NAMES
from sc2viz.published.sentences import count_seeds, format_signed, format_table
from sc2viz.ui import page, phrases
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _, count, localized, templates

MARKS = {"beats": "▲", "agrees": "≈", "falls short": "▼"}
MEANINGS = {
    "beats": N_("higher than the printed number"),
    "agrees": N_("equal to the printed number within {points:g} point or two standard deviations"),
    "falls short": N_("lower than the printed number"),
}
FOLDER = Path(__file__).parent
_mount = component(FOLDER / "table.js", FOLDER / "table.css")


def draw_table(claims: Claims, table: str, dark: bool) -> None:
    """Draw a table and what each block of it says; open the runs of the cell that the reader has just clicked."""
    content, cells = _fill(claims, table, words.language())
    html = templates.filled(__file__, **content)
    clicked = _mount(key=f"results-{table}", data=html, on_cell_change=lambda: None).cell
    seeds = [len(cell.values) for cell in cells.values() if len(cell.values) > 1]
    marks = " · ".join(
        f"{MARKS[verdict]} {_(meaning, points=TOLERANCE)}" for verdict, meaning in MEANINGS.items()
    )
    bold = _(
        "**Bold on a tint**: the highest solver of its row, or within two standard deviations of it · {marks}",
        marks=marks,
    )
    sentences = [
        _(
            "Accuracy in %, mean ± standard deviation over {seeds}, and the difference from the printed number in points.",
            seeds=count_seeds(seeds or [1]),
        ),
        f"{bold}.",
        _("Click a number to open the runs behind it."),
        describe_commands(table),
        _(
            "Networks as large as SLSTM: `python -m sc2viz reproduce equal --data mnist`, and with `--data cifar10`."
        ),
    ]
    st.caption(" ".join(sentences))
    for block in COMPARISONS:
        if paragraph := describe_block(claims, table, *block):
            st.markdown(phrases.bound(paragraph))
    if cell := cells.get(clicked):
        _show_runs(claims, cell, dark)


@cached_as_published
def _fill(claims: Claims, table: str, language: str) -> tuple[dict, dict[str, Cell]]:
    """What the template is given, and the table's cells by their keys."""
    methods = list(printed.columns(table, "cifar10", "unsupervised"))
    cells: dict[str, Cell] = {}
    blocks = []
    for data, setting in COMPARISONS:
        numbers = [printed.accuracy(table, data, setting, method) for method in methods]
        top = max(number for number in numbers if number is not None)
        plain = [
            {"text": "" if number is None else localized(f"{number:.2f}"), "won": number == top}
            for number in numbers
        ]
        rows = [{"label": _("In the paper"), "kind": "printed", "cells": plain}]
        for name, label, measured in _list_rows(claims, table, data, setting):
            key = f"{data}/{setting}/{name}"
            cells |= {f"{key}/{method}": cell for method, cell in measured.items()}
            ranked = (*printed.PRINTED[table], CELL)
            best = find_best({m: measured[m] for m in ranked if m in measured})
            filled = [
                _fill_cell(measured[method], f"{key}/{method}", setting, method)
                | {"won": method in best}
                if method in measured
                else {"text": ""}
                for method in methods
            ]
            rows.append({"label": label, "kind": "measured", "cells": filled})
        blocks.append({"title": name_block(data, setting), "rows": rows})
    head = [
        {
            "label": _(METHODS[method].label),
            "colour": style.themed(solver) if (solver := METHODS[method].solver) else "",
        }
        for method in methods
    ]
    caption = _(
        "Table {number}: accuracy in %, printed and measured", number=table.removeprefix("table")
    )
    return {"caption": caption, "head": head, "blocks": blocks}, cells


def _list_rows(
    claims: Claims, table: str, data: str, setting: str
) -> list[tuple[str, str, dict[str, Cell]]]:
    """The measured rows of a block: name, label, and cells by method."""

    def measure(protocol: str, clean: bool = False) -> dict[str, Cell]:
        methods = printed.columns(table, data, setting)
        return {k: claims.cell(data, protocol, setting, k, table, clean) for k in methods}

    rows = [("fair", _("Ours, fair"), measure("fair"))]
    if table == "table2" and setting == "supervised":
        # These networks have as many parameters as SLSTM, so more atoms.
        larger = {
            method: claims.cell(data, "fair", setting, method, table, atoms=atoms)
            for method, atoms in claims.list_larger(data, "fair", setting)
        }
        rows.append(("as-large", _("Fair, as large as SLSTM"), larger))
    label = _("Ours, as printed")
    if printed.labels_seen(data, setting):
        rows.append(("clean", _("As printed, test split"), measure("as-printed", clean=True)))
        label = _("As printed, labels seen")
    return [*rows, ("as-printed", label, measure("as-printed"))]


def find_best(row: Mapping[str, Cell]) -> set[str]:
    """The methods of a row with the highest accuracy, and those below it by at most two standard deviations of the
    difference over the seeds."""
    top = max(row.values(), key=lambda cell: cell.mean)
    return {
        method
        for method, cell in row.items()
        if top.mean - cell.mean <= 2 * math.hypot(top.over_seeds or 0.0, cell.over_seeds or 0.0)
    }


def _fill_cell(cell: Cell, key: str, setting: str, method: str) -> dict:
    mean, sign, spread = cell.text().partition("± ")
    filled = {"key": key, "text": mean.strip(), "spread": sign + spread}
    if cell.verdict:
        hint = _(MEANINGS[cell.verdict], points=TOLERANCE)
        hint = f"{hint[:1].upper()}{hint[1:]}."
        if "/fair/" not in key:
            hint += " " + _("Source: {source}.", source=_(printed.source(setting, method)))
        excess = format_signed(cell.mean - cell.printed)
        filled |= {"mark": f"{MARKS[cell.verdict]} {excess}", "hint": hint}
    return filled


def tabulate_tunings(claims: Claims) -> str:
    """What was tried and chosen on held-out rows: λ of each method with labels, and the rates of Eq. (8)."""
    names = {
        "lam": "λ",
        "rate": _("Adam’s rate"),
        "dictionary_rate": _("that of the atoms over it"),
    }
    rows = []
    for tuning in claims.published["tuning"]:
        data, setting, method = tuning["data"], tuning["setting"], tuning["method"]
        runs = claims.cell(data, "fair", setting, method).runs
        used = {"lam": {claims.published["runs"][run]["lam"] for run in runs}}
        keys = ["lam"] * (setting == "supervised") + ["rate", "dictionary_rate"] * (method == CELL)
        for key in keys:
            numbers = tuning["tried"].get(key, ()), [tuning["chosen"][key]], used.get(key, ())
            texts = (", ".join(localized(f"{k:g}") for k in sorted(values)) for values in numbers)
            label = f"{METHODS[method].label}, {name_block(data, setting)}: {names[key]}"
            rows.append([label, *texts])
    return format_table([_("parameter"), _("tried"), _("chosen"), _("measured at")], rows)


# The runs behind a number ---------------------------------------------------------------------------------------------


def _show_runs(claims: Claims, cell: Cell, dark: bool) -> None:
    """Open a dialog that shows the runs of a cell, with configuration, training curve and command."""
    data, protocol, _experiment, setting, method, atoms, seed = cell.runs[0].split("_")
    name = data.removesuffix("-features")
    title = (
        f"{_(METHODS[method].label)}, {name_block(name, setting)}, {_(PROTOCOLS[protocol]).lower()}"
    )
    cell_name = claims.name(name, protocol, setting, method, atoms=int(atoms))
    curve = claims.published["curves"].get(cell_name)

    @st.dialog(title, width="large")
    def show() -> None:
        records = list(map(published.record, cell.runs))
        st.markdown(_summarise(cell))
        rows = [
            {"run": record["run"], **record["metrics"], "seconds": record["seconds"]["training"]}
            for record in records
        ]
        st.dataframe(
            [{k: v for k, v in row.items() if not isinstance(v, dict | list)} for row in rows]
        )
        if curve:
            st.markdown(
                _(
                    "**Loss against epochs**, averaged over {seeds}, on 500 held-out training rows.",
                    seeds=count(curve["seeds"], "seed"),
                )
            )
            course = figures.read_course(claims, cell_name)
            page.chart(paper_curves.loss_by_epoch([course], [], dark), key="run-curve")
        st.markdown(_("**Commands that repeat the runs**"))
        st.code("\n".join(record["command"] for record in records), language="sh")
        fetch = f"python -c \"from sc2viz import data; data.load('{name}', download=True)\""
        st.caption(
            _(
                "They need {data}, which is not part of sc2viz. `{fetch}` downloads it once; `SC2VIZ_DATA` may name a folder "
                "that has it.",
                data=NAMES[name],
                fetch=fetch,
            )
        )
        st.markdown(_("**Configuration** of seed {seed}", seed=seed))
        machine = {"machine": records[0]["machine"]}
        st.json(records[0]["configuration"] | machine, expanded=1)

    show()


def _summarise(cell: Cell) -> str:
    sentence = N_("**{share} %** by logistic regression on the codes, {seeds}")
    if cell.metric == "unseen":
        sentence = N_(
            "**{share} %** by logistic regression on the codes, {seeds}, on the test split"
        )
    elif cell.drawn:
        sentence = N_(
            "**{share} %** by logistic regression on the codes, {seeds}, on {rows:,} rows of the training split, drawn by "
            "each seed"
        )
    share, seeds = cell.text(2), count(len(cell.values), "seed")
    sentence = _(sentence, share=share, seeds=seeds, rows=cell.drawn)
    if not cell.printed:
        return f"{sentence}."
    return _("{sentence}; printed {printed:.2f} %.", sentence=sentence, printed=cell.printed)
