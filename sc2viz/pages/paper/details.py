"""The dialog that a cell of a table opens: its runs with configuration, training curve and command."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from sc2viz import published
from sc2viz.draw import paper_curves
from sc2viz.pages.paper import describe_paper
from sc2viz.published.accuracies import Cell, Claims
from sc2viz.published.printed import METHODS
from sc2viz.ui import page
from sc2viz.words import _, count


def show_runs(claims: Claims, cell: Cell, dark: bool) -> None:
    """Open a dialog that shows the runs of a cell."""
    data, protocol, _experiment, setting, method, atoms, _seed = cell.runs[0].split("_")
    place = data.removesuffix("-features"), protocol, setting, method
    name = claims.name(*place, atoms=int(atoms))
    curve = course(claims, name)

    @st.dialog(describe_paper.title(cell.runs[0]), width="large")
    def opened() -> None:
        records = list(map(published.record, cell.runs))
        st.markdown(_summary(cell))
        st.dataframe(list(map(_row, records)), hide_index=True)
        first = records[0]
        if curve:
            st.markdown(
                _(
                    "**Loss against epochs**, averaged over {seeds}, on 500 held-out training rows.",
                    seeds=count(claims.published["curves"][name]["seeds"], "seed"),
                )
            )
            chart = paper_curves.loss_by_epoch([curve], [], dark)
            page.chart(chart, key="run-curve")
        elif first["configuration"].get("network"):
            st.caption(_("The training curve of this network was not stored."))
        st.markdown(_("**Commands that repeat the runs**"))
        st.code("\n".join(record["command"] for record in records), language="sh")
        st.caption(describe_paper.needed(cell.runs[0].split("_")[0]))
        st.markdown(_("**Configuration** of seed {seed}", seed=cell.runs[0].rpartition("_")[2]))
        st.json(first["configuration"] | {"machine": first["machine"]}, expanded=1)

    opened()


def _summary(cell: Cell) -> str:
    given = {"share": cell.text(2), "seeds": count(len(cell.values), "seed"), "rows": cell.drawn}
    if cell.metric == "unseen":
        said = _(
            "**{share} %** by logistic regression on the codes, {seeds}, on the test split", **given
        )
    elif cell.drawn:
        said = _(
            "**{share} %** by logistic regression on the codes, {seeds}, on {rows:,} rows of the training split, drawn "
            "by each seed",
            **given,
        )
    else:
        said = _("**{share} %** by logistic regression on the codes, {seeds}", **given)
    return (
        _("{said}; printed {printed:.2f} %.", said=said, printed=cell.printed)
        if cell.printed
        else f"{said}."
    )


def _row(record: Mapping[str, Any]) -> dict[str, Any]:
    metrics = record["metrics"]
    if "objective" in metrics:
        metrics = metrics | {"lam": record["configuration"]["lam"]}
    columns = {  # by its head: the metric, and how it is rounded
        _("accuracy %"): ("accuracy", 100, 2),
        _("on the test split %"): ("unseen", 100, 2),
        _("softmax head %"): ("head", 100, 2),
        "λ": ("lam", 1, 9),
        "F": ("objective", 1, 3),
        _("above the optimum %"): ("excess", 1, 2),
        _("non-zeros %"): ("nonzero", 100, 1),
        "C": ("C", 1, 9),
    }
    shown = {
        head: round(times * metrics[key], digits)
        for head, (key, times, digits) in columns.items()
        if key in metrics
    }
    seed = int(record["run"].rpartition("_")[2])
    return {_("seed"): seed, **shown, _("training s"): round(record["seconds"]["training"])}


def course(claims: Claims, name: str) -> paper_curves.LossCourse | None:
    """The training curve of a cell, averaged over the seeds; None where none was stored."""
    curve = claims.published.get("curves", {}).get(name)
    if not curve:
        return None
    method = METHODS[name.split("/")[3]]
    numbers = (np.array(curve[key]) for key in ("epoch", "printed", "objective"))
    return paper_curves.LossCourse(method.label, method.solver, *numbers)
