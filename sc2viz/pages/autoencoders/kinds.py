"""All kinds of encoders of a set, all seeds, from the records of `reproduce sae`; and R² at equal k beside OMP."""

from collections.abc import Mapping

import streamlit as st

from sc2viz.lab.experiments.sae_runs import KINDS, NON_ZEROS
from sc2viz.lab.reports import sae_tables
from sc2viz.pages.autoencoders import bench, describe_autoencoders
from sc2viz.ui import encoder_costs, encoders
from sc2viz.ui.encoders import EncoderSet, TrainedEncoder
from sc2viz.words import N_, _

# The columns of `sae_tables.gaps`, in its order
COLUMNS = (
    N_("Encoder"),
    N_("Multiplications"),
    N_("Its gap on D★"),
    N_("Non-zeros there"),
    N_("Its gap, trained jointly"),
    "λ",
    N_("Dictionary’s"),
    "R²",
    N_("R², exact"),
    N_("Non-zeros"),
    N_("Dead"),
    N_("Seeds on D★, jointly"),
)


def draw(of: EncoderSet, found: Mapping[str, TrainedEncoder]) -> None:
    bench.heading("kinds")
    records = encoders.records()
    rows = sae_tables.gaps(records, of.data, of.atoms)[1]
    command = f"sc2viz reproduce sae --data {of.data}"
    if rows:
        names = list(map(_, COLUMNS))
        st.dataframe([dict(zip(names, row, strict=True)) for row in rows], hide_index=True)
        at = records, of.data, of.atoms
        left = [sae_tables.named(name) for name in KINDS if not sae_tables.cell(*at, "joint", name)]
        said = [
            _(
                "Means over seeds ± their standard deviation, on all test rows; the encoder’s gap in % of F*(D), the "
                "dictionary’s in % of F*(D★). A number without ± is of one seed, or of nothing that was drawn."
            ),
            sae_tables.sentence(*at),
            sae_tables.fixed(*at),
            _("Not measured yet: {names}.", names=", ".join(left)) if left else "",
            _("`{command}` measures it.", command=command),
        ]
        st.caption(" ".join(filter(None, said)))
    else:
        st.caption(_("Not measured yet: `{command}` does.", command=command))
    fixed = [
        (one.label, *encoder_costs.equal_k(one.model, of, one.given))
        for one in found.values()
        if not one.model.traits.uses_lambda
    ]
    if fixed:
        st.markdown(describe_autoencoders.equal_k(fixed, NON_ZEROS))
