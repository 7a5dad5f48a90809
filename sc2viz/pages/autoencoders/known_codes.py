"""Codes whose truth is known: MCC beside R², published figures beside measured ones, from the records of `reproduce sae`."""

import statistics

import streamlit as st

from sc2viz.draw import encoder_gaps
from sc2viz.draw.encoder_gaps import Recovered
from sc2viz.experiments.sae_runs import ENCODED, KINDS, KNOWN, ON_ATOMS
from sc2viz.pages.autoencoders import bench, describe_autoencoders, encoders
from sc2viz.reports import grouping
from sc2viz.reports import sae_tables as tables
from sc2viz.ui import page

SOURCE = "arXiv 2603.28744, shrutij01/compositional-sparse-ood: results/exp_vary_latents.json, exp_frozen_decoder.json"

_SHORT = {  # of labels, for the chart
    "atoms learned by least squares, as published": "least squares",
    "atoms that `dictionary.learn` learned": "dictionary.learn",
    "TopK on random atoms that stay": "TopK, random atoms",
    "TopK at twice the rate": "TopK, rate × 2",
    "MP with codes of any sign and no atom twice, as released": "MP as released",
}


def draw(dark: bool) -> None:
    bench.heading("known-codes")
    found, rows = [], []
    records = encoders.records()
    for kind in (*ON_ATOMS, *ENCODED):
        by_seed = tables.cell(records, *KNOWN, "known", kind)
        if not by_seed:
            continue
        encoded = kind in ENCODED
        mcc, r2 = ([one[key] for one in by_seed.values()] for key in ("mcc_out" if encoded else "exact_mcc_out", "r2_out"))
        published = tables.PUBLISHED.get(kind, (None, None))[0 if encoded else 1]
        label = tables.WORDS.get(kind) or KINDS[kind].label
        means = statistics.fmean(mcc), statistics.fmean(r2)
        found.append(Recovered(label.replace("`", ""), _SHORT.get(label, label), *means, published, not encoded))
        rows.append({"Codes": label.replace("`", ""), "MCC, measured": grouping.averaged(mcc, 3),
                     "MCC, published": "" if published is None else f"{published:.3f}", "R²": grouping.averaged(r2, 3),
                     "Non-zeros": grouping.averaged([one["non_zeros_out"] for one in by_seed.values()]),
                     "Seeds": str(len(by_seed))})  # fmt: skip
    if not found:
        st.caption(f"Not measured yet: `sc2viz reproduce sae --data {KNOWN[0]}` does.")
        return
    coded = [one for one in found if not one.exact]
    finds, explains = (max(coded, key=lambda one: getattr(one, part)) for part in ("mcc", "r2"))
    st.markdown(
        describe_autoencoders.known_codes(finds.label, finds.mcc, finds.r2, explains.label, explains.mcc, explains.r2)
    )
    page.chart(encoder_gaps.mcc_by_r2(found, dark), key="mcc")
    st.dataframe(rows, hide_index=True)
    st.caption(
        "Sums of ten of 100 known atoms in 47 dimensions, tested on combinations that training rows do not have. MCC: the "
        f"mean |correlation| with the true codes after matching. Published: means of three seeds, {SOURCE}. Dictionary "
        "learning fits the training rows, never these. `sc2viz reproduce sae --data compositional` repeats it."
    )
