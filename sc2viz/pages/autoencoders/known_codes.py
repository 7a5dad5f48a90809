"""Codes whose truth is known: MCC beside R², published figures beside measured ones, from the records of `reproduce sae`."""

import statistics

import streamlit as st

from sc2viz.draw import encoder_gaps
from sc2viz.draw.encoder_gaps import Recovered
from sc2viz.lab.experiments.sae_runs import ENCODED, KNOWN, ON_ATOMS
from sc2viz.lab.reports import grouping
from sc2viz.lab.reports import sae_tables as tables
from sc2viz.pages.autoencoders import bench, describe_autoencoders
from sc2viz.ui import encoders, page
from sc2viz.words import _, localized

SOURCE = "arXiv 2603.28744, `shrutij01/compositional-sparse-ood`: `exp_vary_latents.json`, `exp_frozen_decoder.json`"


def draw(dark: bool) -> None:
    bench.heading("known-codes")
    found, rows = [], []
    records = encoders.records()
    for kind in (*ON_ATOMS, *ENCODED):
        by_seed = tables.cell(records, *KNOWN, "known", kind)
        if not by_seed:
            continue
        encoded = kind in ENCODED
        mcc, r2 = (
            [one[key] for one in by_seed.values()]
            for key in ("mcc_out" if encoded else "exact_mcc_out", "r2_out")
        )
        published = tables.PUBLISHED.get(kind, (None, None))[0 if encoded else 1]
        label = tables.named(kind)
        means = statistics.fmean(mcc), statistics.fmean(r2)
        short = _(tables.SHORT[kind]) if kind in tables.SHORT else label
        found.append(Recovered(label.replace("`", ""), short, *means, published, not encoded))
        printed = "" if published is None else localized(f"{published:.3f}")
        rows.append(
            {
                _("Codes"): label.replace("`", ""),
                _("MCC, measured"): grouping.averaged(mcc, 3),
                _("MCC, published"): printed,
                "R²": grouping.averaged(r2, 3),
                _("Non-zeros"): grouping.averaged(
                    [one["non_zeros_out"] for one in by_seed.values()]
                ),
                _("Seeds"): str(len(by_seed)),
            }
        )
    if not found:
        st.caption(
            _(
                "Not measured yet: `{command}` does.",
                command=f"sc2viz reproduce sae --data {KNOWN[0]}",
            )
        )
        return
    coded = [one for one in found if not one.exact]
    finds, explains = (max(coded, key=lambda one: getattr(one, part)) for part in ("mcc", "r2"))
    numbers = {"mcc": finds.mcc, "r2": finds.r2, "other_mcc": explains.mcc, "other_r2": explains.r2}
    st.markdown(
        describe_autoencoders.said(
            "known_codes", finds=finds.label, explains=explains.label, **numbers
        )
    )
    page.chart(encoder_gaps.mcc_by_r2(found, dark), key="mcc")
    st.dataframe(rows, hide_index=True)
    st.caption(
        _(
            "Sums of ten of 100 known atoms in 47 dimensions, tested on combinations that training rows do not have. MCC: the "
            "mean |correlation| with the true codes after matching. Published: means of three seeds, {source}. Dictionary "
            "learning fits the training rows, never these. `{command}` repeats it.",
            source=SOURCE,
            command="sc2viz reproduce sae --data compositional",
        )
    )
