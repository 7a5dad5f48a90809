"""All kinds of encoders of a set, all seeds, from the records of `reproduce sae`; and R² at equal k beside OMP."""

from collections.abc import Mapping

import streamlit as st

from sc2viz.experiments.sae_runs import KINDS, NON_ZEROS
from sc2viz.pages.autoencoders import bench, describe_autoencoders, encoders, measured
from sc2viz.pages.autoencoders.encoders import EncoderSet, TrainedEncoder
from sc2viz.reports import sae_tables

_SHORT = {"multiplications a row": "Multiplications", "encoder’s gap on D★": "Its gap on D★",
          "non-zeros on D★": "Non-zeros there", "at λ": "λ",
          "encoder’s gap, trained jointly": "Its gap, trained jointly", "dictionary’s gap": "Dictionary’s",
          "of exact codes": "R², exact", "non-zeros": "Non-zeros", "dead": "Dead"}  # fmt: skip


def draw(of: EncoderSet, found: Mapping[str, TrainedEncoder]) -> None:
    bench.heading("kinds")
    records = encoders.records()
    head, rows = sae_tables.gaps(records, of.data, of.atoms)
    if rows:
        names = ["Encoder", *(_SHORT.get(name, name) for name in head[1:])]
        st.dataframe([dict(zip(names, row, strict=True)) for row in rows], hide_index=True)
        at = records, of.data, of.atoms
        left = [kind.label for name, kind in KINDS.items() if not sae_tables.cell(*at, "joint", name)]
        said = [
            f"{describe_autoencoders.averaged(sae_tables.seeds(*at))}, on all test rows; the encoder’s gap in % of "
            "F*(D), the dictionary’s in % of F*(D★).",
            sae_tables.sentence(*at),
            sae_tables.fixed(*at),
            f"Not measured yet: {', '.join(left)}." if left else "",
            f"`sc2viz reproduce sae --data {of.data}` measures it.",
        ]
        st.caption(" ".join(filter(None, said)))
    else:
        st.caption(f"Not measured yet: `sc2viz reproduce sae --data {of.data}` does.")
    fixed = [(one.label, *measured.equal_k(one.model, of, one.given)) for one in found.values()
             if not one.model.traits.uses_lambda]  # fmt: skip
    if fixed:
        st.markdown(describe_autoencoders.equal_k(fixed, NON_ZEROS))
