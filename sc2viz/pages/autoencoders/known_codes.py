"""Codes whose truth is known: MCC beside R², published figures beside those that `reproduce sae` measured."""

import streamlit as st

from sc2viz import published
from sc2viz.draw import encoder_gaps
from sc2viz.draw.encoder_gaps import Recovered
from sc2viz.pages.autoencoders import bench, describe_autoencoders
from sc2viz.published.sentences import SHORT_KINDS, format_mean, name_encoder
from sc2viz.ui import page
from sc2viz.words import _, localized

SOURCE = "arXiv 2603.28744, `shrutij01/compositional-sparse-ood`: `exp_vary_latents.json`, `exp_frozen_decoder.json`"


def draw(dark: bool) -> None:
    bench.heading("known-codes")
    found, rows = [], []
    for kind, numbers in published.read("autoencoders").get("known", {}).items():
        encoded = numbers["encoded"]
        mcc = numbers["mcc_out" if encoded else "exact_mcc_out"]
        theirs = numbers["published"][0 if encoded else 1]
        label = name_encoder(kind).replace("`", "")
        short = _(SHORT_KINDS[kind]) if kind in SHORT_KINDS else label
        found.append(Recovered(label, short, mcc[0], numbers["r2_out"][0], theirs, not encoded))
        rows.append(
            {
                _("Codes"): label,
                _("MCC, measured"): format_mean(*mcc, 3),
                _("MCC, published"): "" if theirs is None else localized(f"{theirs:.3f}"),
                "R²": format_mean(*numbers["r2_out"], 3),
                _("Non-zeros"): format_mean(*numbers["non_zeros_out"]),
                _("Seeds"): str(len(numbers["runs"])),
            }
        )
    if not found:
        st.caption(
            _(
                "Not measured yet: `{command}` does.",
                command="sc2viz reproduce sae --data compositional",
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
