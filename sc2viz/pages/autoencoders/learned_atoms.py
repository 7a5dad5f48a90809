"""Atoms beside atoms: what each encoder learned, and which of them no test row uses."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from sc2viz.draw import encoder_gaps, style
from sc2viz.draw.cards import Card
from sc2viz.pages.autoencoders import bench, describe_autoencoders
from sc2viz.ui import encoder_costs, encoders, models, page
from sc2viz.ui.cache import cached
from sc2viz.ui.encoders import BestDictionary, EncoderSet, TrainedEncoder
from sc2viz.words import _

_marked = cached(encoder_gaps.marked)


def draw(
    of: EncoderSet, found: Mapping[str, TrainedEncoder], best: BestDictionary, dark: bool
) -> None:
    bench.heading("atoms")
    rows = encoders.rows(of.data)
    used = {one.label: encoder_costs.uses(one.model, of, one.given) for one in found.values()}
    worst = max(used, key=lambda label: int((used[label] == 0).sum()))
    dead = int((used[worst] == 0).sum())
    st.markdown(
        describe_autoencoders.said(
            "atoms", label=worst, dead=dead, all=len(used[worst]), rows=len(rows.x)
        )
    )
    shown = [_card("D★", "exact", best.D.numpy(), None, rows, dark)]
    for one in found.values():
        shown.append(
            _card(
                one.label,
                one.model.solver,
                models.atoms(one.model).numpy(),
                used[one.label],
                rows,
                dark,
                style.dash(one.model),
            )
        )
    page.cards(shown, narrowest=150)
    st.caption(
        _(
            "The atoms that most rows use come first, each at full contrast. A red cross: dead, no test row uses it."
        )
    )


def _card(
    label: str,
    solver: str,
    D: np.ndarray,
    uses: np.ndarray | None,
    rows,
    dark: bool,
    dash: str = "",
) -> Card:
    order = np.arange(D.shape[1]) if uses is None else np.argsort(-uses, kind="stable")
    dead = np.zeros(D.shape[1], bool) if uses is None else uses[order] == 0
    drawn = _marked(D[:, order], rows.shape, dead, dark)
    died = "" if uses is None else _("{n} of {all:,}", n=int(dead.sum()), all=D.shape[1])
    alt = (
        _("Atoms of {label}, {died} dead", label=label, died=died)
        if died
        else _("Atoms of {label}", label=label)
    )
    return Card(
        label, solver, pictures=[(drawn, alt)], numbers={_("dead"): died} if died else {}, dash=dash
    )
