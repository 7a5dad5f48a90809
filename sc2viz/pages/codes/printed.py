"""Published figures beside measured ones, each with its source or its run."""

import itertools

import streamlit as st

from sc2viz.lab.experiments import records
from sc2viz.lab.experiments.recovery_protocols import RecoveryRun
from sc2viz.lab.reports import published, recovery_tables
from sc2viz.lab.reports.published import Comparison
from sc2viz.ui.phrases import decibels
from sc2viz.words import _, localized


def draw() -> None:
    """A table for each source, and how to measure what is not measured."""
    measured = records.load(RecoveryRun)
    found = list(published.comparisons(measured))
    st.header(_("Published and measured"), anchor=False)
    for source, its in itertools.groupby(found, lambda one: one.source):
        st.markdown(_("By {source}:", source=_(source).replace("d_s", "$d_s$")))
        alt = _("Published figures and ours: {source}", source=_(source))
        st.table([_row(one) for one in its], border="horizontal", hide_index=True, alt=alt)
    st.markdown(" ".join(recovery_tables.noise(measured)))
    missing = any(one.measured is None for one in found)
    then = (
        _("`sc2viz reproduce recovery` measures what is missing.")
        if missing
        else _("`sc2viz reproduce recovery` repeats it.")
    )
    about = _(
        "NMSE after 16 layers, ours over the seeds; a number without ± has one seed. Protocols differ: other "
        "dictionaries, and where a source says 50 non-zeros, ours are 50 on average."
    )
    st.caption(f"{about} {then}")


def _row(one: Comparison) -> dict[str, str]:
    first, *others = one.runs or ("",)
    runs = [
        first,
        *(other.removeprefix(first.rpartition("_")[0]) for other in others),
    ]  # seeds of one network
    return {
        _("Solver"): _(one.method),
        _("Signals"): _(one.condition),
        _("Published"): decibels(one.printed),
        _("Measured here"): _measured(one),
        _("Run"): ", ".join(f"`{run}`" for run in runs) if first else _("not run yet"),
    }


def _measured(one: Comparison) -> str:
    if one.measured is None:
        return "–"
    spread = "" if one.spread is None else localized(f" ± {one.spread:.1f}")
    return decibels(one.measured).replace("\u00a0dB", f"{spread}\u00a0dB")
