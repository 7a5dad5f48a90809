"""All kinds of encoders of a set, all seeds, as `reproduce sae` measured them; and R² at equal k beside OMP."""

from collections.abc import Mapping

import streamlit as st

from sc2viz.defaults import KINDS, NON_ZEROS
from sc2viz.pages.autoencoders import bench, describe_autoencoders
from sc2viz.published.sentences import describe_fixed, describe_steps, list_gaps, name_encoder
from sc2viz.ui import encoder_costs, encoders
from sc2viz.ui.encoders import EncoderSet, TrainedEncoder
from sc2viz.words import N_, _

# The columns of `list_gaps`, in its order
COLUMNS = (
    N_("Encoder"),
    N_("Seeds"),
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
)


def draw(of: EncoderSet, found: Mapping[str, TrainedEncoder]) -> None:
    bench.heading("kinds")
    measured_set = encoders.measured_set(of)
    command = f"sc2viz reproduce sae --data {of.data}"
    if measured_set:
        names = list(map(_, COLUMNS))
        rows = [dict(zip(names, row, strict=True)) for row in list_gaps(measured_set)]
        st.dataframe(rows, hide_index=True)
        missing = [name_encoder(kind) for kind in KINDS if kind not in measured_set["kinds"]]
        sentences = [
            _(
                "Means over seeds ± their standard deviation, on all test rows; the encoder’s gap in % of F*(D), the "
                "dictionary’s in % of F*(D★). Seeds: on D★, and trained jointly. A number without ± is of one seed, or of "
                "nothing that was drawn."
            ),
            describe_steps(measured_set),
            describe_fixed(measured_set),
            _("Not measured yet: {names}.", names=", ".join(missing)) if missing else "",
            _("`{command}` measures it.", command=command),
        ]
        st.caption(" ".join(filter(None, sentences)))
    else:
        st.caption(_("Not measured yet: `{command}` does.", command=command))
    fixed = [
        (one.label, *encoder_costs.equal_k(one.model, of, one.given))
        for one in found.values()
        if not one.model.traits.uses_lambda
    ]
    if fixed:
        st.markdown(describe_autoencoders.equal_k(fixed, NON_ZEROS))
