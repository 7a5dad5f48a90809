"""Eqs. (1)–(4) of the paper, with what each term does."""

from functools import reduce
from pathlib import Path

import streamlit as st

from sc2viz import evaluation, words
from sc2viz.ui import phrases, results, sets, sidebar
from sc2viz.words import N_, _, count_rows

TEXTS = words.read(Path(__file__).with_suffix(".toml"))
TERMS = N_("error"), N_("price"), N_("few atoms"), N_("unit ball")  # what is named in the equations
PICTURES = 100  # of the test split, whose zeros are counted


def equations_of_learning(view: sidebar.View) -> None:
    """Draw the equations of dictionary learning, two beside each other, with their sentences."""
    st.header(_("What learning minimises"), anchor=False)
    for k in (0, 2):
        for column, each in zip(
            st.columns(2, gap="large"), TEXTS["equation"][k : k + 2], strict=True
        ):
            with column:
                st.latex(_named(each["latex"]))
                st.markdown(_(each["says"]).replace("{zeros}", _zeros(view)))
    st.caption(_(TEXTS["note"]))


def _named(latex: str) -> str:
    """An equation with the names of its terms in the reader's language."""
    return reduce(
        lambda said, term: said.replace(rf"\text{{{term}}}", rf"\text{{{_(term)}}}"), TERMS, latex
    )


def _zeros(view: sidebar.View) -> str:
    """How many weights the price makes zero, with the dictionary and the λ at hand."""
    images = sets.images(view.data)
    pixels = images.pixels[evaluation.subset(len(images), PICTURES)].numpy()
    zeros = (results.exact(view.data, pixels, view.lam).codes == 0).mean()
    return _(
        "{share} of the weights at λ = {lam:g}, in the exact codes of {rows} on the dictionary of the sidebar",
        share=phrases.share(zeros),
        lam=view.lam,
        rows=count_rows(len(pixels), view.noun, tests=True),
    )
