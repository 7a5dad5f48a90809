"""Eqs. (1)–(4) of the paper, with what each term does."""

from pathlib import Path

import streamlit as st

from sc2viz import evaluation, words
from sc2viz.ui import phrases, results, sets, sidebar

TEXTS = words.read(Path(__file__).with_suffix(".toml"))
PICTURES = 100  # of the test split, whose zeros are counted


def equations_of_learning(view: sidebar.View) -> None:
    """Draw the equations of dictionary learning, two beside each other, with their sentences."""
    st.header("What learning minimises", anchor=False)
    for k in (0, 2):
        for column, each in zip(st.columns(2, gap="large"), TEXTS["equation"][k : k + 2], strict=True):
            with column:
                st.latex(each["latex"])
                st.markdown(each["says"].replace("{zeros}", _zeros(view)))
    st.caption(TEXTS["note"])


def _zeros(view: sidebar.View) -> str:
    """How many weights the price makes zero, with the dictionary and the λ at hand."""
    images = sets.images(view.data)
    pixels = images.pixels[evaluation.subset(len(images), PICTURES)].numpy()
    zeros = (results.exact(view.data, pixels, view.lam).codes == 0).mean()
    return (
        f"{phrases.share(zeros)} of the weights at λ = {view.lam:g}, in the exact codes of {len(pixels)} test pictures on "
        "the dictionary of the sidebar"
    )
