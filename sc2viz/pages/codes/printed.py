"""Published figures beside measured ones, each with its source or its run."""

import itertools
from typing import Any

import streamlit as st

from sc2viz import published
from sc2viz.published.sentences import describe_noise
from sc2viz.ui.phrases import decibels
from sc2viz.words import _, localized


def draw() -> None:
    """A table for each source, and how to measure what is not measured."""
    measured = published.read("recovery")
    st.header(_("Published and measured"), anchor=False)
    is_missing = False
    for source, groups in itertools.groupby(measured.get("others", ()), lambda group: group[0]):
        st.markdown(_("By {source}:", source=_(source).replace("d_s", "$d_s$")))
        alt = _("Published figures and ours: {source}", source=_(source))
        rows = [
            _row(measured, condition, method, figure)
            for _source, condition, figures in groups
            for method, figure in figures.items()
        ]
        st.table(rows, border="horizontal", hide_index=True, alt=alt)
        is_missing |= any(row[_("Measured here")] == "–" for row in rows)
    st.markdown(describe_noise(measured))
    how = (
        _("`sc2viz reproduce recovery` measures what is missing.")
        if is_missing
        else _("`sc2viz reproduce recovery` repeats it.")
    )
    about = _(
        "NMSE after 16 layers, ours over the seeds; a number without ± has one seed. Protocols differ: other "
        "dictionaries, and where a source says 50 non-zeros, ours are 50 on average."
    )
    st.caption(f"{about} {how}")


def _row(measured: dict[str, Any], condition: str, method: str, figure: float) -> dict[str, str]:
    ours = measured["methods"][method]["conditions"].get(condition)
    first, *others = ours["runs"] if ours else [""]
    # Further seeds of one network are told by their ends.
    runs = [first, *(run.removeprefix(first.rpartition("_")[0]) for run in others)]
    return {
        _("Solver"): _(measured["methods"][method]["label"]),
        _("Signals"): _(measured["conditions"][condition]),
        _("Published"): decibels(figure),
        _("Measured here"): _format_mean(*ours["nmse"]) if ours else "–",
        _("Run"): ", ".join(f"`{run}`" for run in runs) if ours else _("not run yet"),
    }


def _format_mean(mean: float, spread: float | None) -> str:
    suffix = "" if spread is None else localized(f" ± {spread:.1f}")
    return decibels(mean).replace("\u00a0dB", f"{suffix}\u00a0dB")
