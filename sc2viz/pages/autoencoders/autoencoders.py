"""Autoencoders: what the encoder of a sparse autoencoder costs beside certified optima, and what its dictionary costs."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from sc2viz.defaults import KINDS
from sc2viz.pages.autoencoders import (
    bench,
    describe_autoencoders,
    frames,
    kinds,
    known_codes,
    learned_atoms,
    more_steps,
    take_away,
    train_here,
    yours,
)
from sc2viz.ui import boards, encoder_costs, encoders, page, phrases, url
from sc2viz.ui.encoders import BestDictionary, EncoderSet, TrainedEncoder
from sc2viz.words import N_, _

SCRUBBER = "encoders"


def autoencoders() -> None:
    page.head(_("Autoencoders"))
    of, row, price = bench.choose()
    found, best, dark = encoders.trained(of), encoders.best(of), st.context.theme.type == "dark"
    shown = None
    if found and best:
        if two := frames.ends(found):
            ends = _solved(
                of, row, price, two, best, dark
            )  # two encoders at a glance, before the others are solved
            bars = [replace(group, panels=group.panels[:1]) for group in ends.groups()[1:]]
            boards.scrubber(
                "encoders-two",
                1,
                bars,
                (),
                ends.captions(describe_autoencoders.costs),
                unit=N_("encoder"),
                live=True,
                codes=ends.codes(),
                layout="two-gaps",
                fixed=True,
            )
        shown = _solved(of, row, price, found, best, dark)
        _beside(shown)
    else:
        if sentence := describe_autoencoders.recorded(encoders.measured_set(of)):
            page.caption(sentence)
        missing = (
            _("The best dictionary D★ of {data} is not here yet.", data=of.name)
            if found
            else _("The networks of {data} are not here yet.", data=of.name)
        )
        st.info(missing, icon=":material/neurology:")
    train_here.offer(of)
    if shown:
        more_steps.draw(of, row, best, dark)
        learned_atoms.draw(of, found, best, dark)
    kinds.draw(of, found)
    known_codes.draw(dark)
    yours.draw(dark)
    solvers = [KINDS[kind].solver for kind in found or KINDS]
    if shown:
        take_away.downloads(shown, solvers)
    else:
        page.explained(solvers)


def _solved(
    of: EncoderSet,
    row: int,
    price: float,
    found: Mapping[str, TrainedEncoder],
    best: BestDictionary,
    dark: bool,
) -> frames.GapFrames:
    with st.spinner(_("Solving every row exactly, on the atoms of each encoder …"), show_time=True):
        return frames.GapFrames(of, row, price, url.stops("price", price), found, best, dark)


def _beside(shown: frames.GapFrames) -> None:
    """Every encoder beside the optimum on its own atoms, and why it is above it."""
    boards.scrubber(
        SCRUBBER,
        1,
        shown.groups(),
        (),
        shown.captions(describe_autoencoders.sentence),
        unit=N_("view"),
        live=True,
        codes=shown.codes(),
        layout="gaps",
        fixed=True,
    )
    label = describe_autoencoders.told(shown.courses, shown.here)
    page.explain(
        describe_autoencoders.why(
            label, shown.courses[label], shown.here, KINDS[shown.found[label].kind].steps
        )
    )
    st.latex(phrases.stacked(describe_autoencoders.EQUATION))
    count = encoder_costs.optimum(shown.of, shown.best.D, shown.best.lam)[1]
    page.notes(describe_autoencoders.notes(shown.courses, shown.here, shown.best.lam, count))


autoencoders()
