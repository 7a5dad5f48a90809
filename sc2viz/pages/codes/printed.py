"""Published figures beside measured ones, each with its source or its run."""

import itertools

import streamlit as st

from sc2viz.experiments import records
from sc2viz.experiments.recovery_protocols import RecoveryRun
from sc2viz.reports import published, recovery_tables
from sc2viz.reports.published import Comparison
from sc2viz.ui.phrases import decibels


def draw() -> None:
    """A table for each source, and how to measure what is not measured."""
    measured = records.load(RecoveryRun)
    found = list(published.comparisons(measured))
    st.header("Published and measured", anchor=False)
    for source, its in itertools.groupby(found, lambda one: one.source):
        st.markdown(f"By {source.replace('d_s', '$d_s$')}:")
        st.table(
            [_row(one) for one in its], border="horizontal", hide_index=True, alt=f"Published figures and ours: {source}"
        )
    st.markdown(" ".join(recovery_tables.noise(measured)))
    missing = any(one.measured is None for one in found)
    then = "measures what is missing" if missing else "repeats it"
    st.caption(
        "NMSE after 16 layers, ours over the seeds; a number without ± has one seed. Protocols differ: other dictionaries, "
        f"and where a source says 50 non-zeros, ours are 50 on average. `sc2viz reproduce recovery` {then}."
    )


def _row(one: Comparison) -> dict[str, str]:
    first, *others = one.runs or ("",)
    runs = [first, *(other.removeprefix(first.rpartition("_")[0]) for other in others)]  # seeds of one network
    return {
        "Solver": one.method,
        "Signals": one.condition,
        "Published": decibels(one.printed),
        "Measured here": _measured(one),
        "Run": ", ".join(f"`{run}`" for run in runs) if first else "not run yet",
    }


def _measured(one: Comparison) -> str:
    if one.measured is None:
        return "–"
    spread = "" if one.spread is None else f" ± {one.spread:.1f}"
    return decibels(one.measured).replace("\u00a0dB", f"{spread}\u00a0dB")
