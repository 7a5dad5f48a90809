"""The dialog that a cell of a table opens: its runs with configuration, training curve and command."""

import numpy as np
import streamlit as st

from sc2viz.draw import paper_curves
from sc2viz.lab.experiments.protocols import METHODS, Run
from sc2viz.lab.reports.tables import Cell, Records
from sc2viz.pages.paper import describe_paper
from sc2viz.ui import page
from sc2viz.words import _, count


def show_runs(records: Records, cell: Cell, dark: bool) -> None:
    """Open a dialog that shows the runs of a cell."""

    @st.dialog(describe_paper.title(cell.runs[0]), width="large")
    def opened() -> None:
        mine = {run: records[run] for run in cell.runs}
        st.markdown(_summary(cell))
        st.dataframe([_row(run, record) for run, record in mine.items()], hide_index=True)
        found = course(records, cell.runs)
        if found is not None:
            st.markdown(
                _(
                    "**Loss against epochs**, averaged over the seeds, on 500 held-out training rows."
                )
            )
            page.chart(paper_curves.loss_by_epoch([found], [], dark), key="run-curve")
        elif mine[cell.runs[0]]["configuration"].get("network"):
            st.caption(_("The training curve of this network was not stored."))
        st.markdown(_("**Commands that repeat the runs**"))
        st.code("\n".join(record["command"] for record in mine.values()), language="sh")
        st.caption(describe_paper.needed(cell.runs[0].data))
        st.markdown(_("**Configuration** of seed {seed}", seed=cell.runs[0].seed))
        st.json(
            mine[cell.runs[0]]["configuration"] | {"machine": mine[cell.runs[0]]["machine"]},
            expanded=1,
        )

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


def _row(run: Run, record: dict) -> dict:
    metrics = record["metrics"] | (
        {"lam": record["configuration"]["lam"]} if "objective" in record["metrics"] else {}
    )
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
    return {_("seed"): run.seed, **shown, _("training s"): round(record["seconds"]["training"])}


def course(records: Records, runs: tuple[Run, ...]) -> paper_curves.LossCourse | None:
    """The training curve averaged over seeds, or None if none was stored. Curves of interrupted runs are left out."""
    curves = [curve for run in runs if (curve := records[run]["curve"])]
    if not curves:
        return None
    longest = max(map(len, curves))
    curves = [curve for curve in curves if len(curve) == longest]
    means = {
        key: np.array([[point[key] for point in curve] for curve in curves], float).mean(0)
        for key in ("epoch", "printed", "objective")
    }
    method = METHODS[runs[0].method]
    return paper_curves.LossCourse(
        method.label, method.solver, means["epoch"], means["printed"], means["objective"]
    )
