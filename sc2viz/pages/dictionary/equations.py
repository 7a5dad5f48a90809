"""Eqs. (1)–(4) of the paper, with what each term does."""

import streamlit as st

from sc2viz import evaluation
from sc2viz.ui import phrases, results, sets, sidebar

EQUATIONS = (
    (
        r"\begin{gathered} \min_{S, B}\; \sum_i \underbrace{\lVert x_i - B s_i\rVert^2}_{\text{error}} \\ \text{s.t.}\quad "
        r"\underbrace{\lVert s_i\rVert_0 \le k}_{\text{few atoms}},\quad "
        r"\underbrace{\lVert b_j\rVert \le 1}_{\text{unit ball}} \end{gathered}",
        "**(1)** Every picture $x_i$ is to be close to a sum of at most $k$ atoms. Counting makes it hard: every choice of "
        "atoms would have to be tried. OMP chooses them greedily.",
    ),
    (
        r"\begin{gathered} \min_{S, B}\; \sum_i \underbrace{\tfrac12\lVert x_i - B s_i\rVert^2}_{\text{error}} + "
        r"\underbrace{\lambda\lVert s_i\rVert_1}_{\text{price}} \\ \text{s.t.}\quad "
        r"\underbrace{\lVert b_j\rVert \le 1}_{\text{unit ball}} \end{gathered}",
        "**(2)** A price for the size of the weights takes the place of the count. It makes some of them exactly "
        "zero: {zeros}. For fixed atoms the problem is convex. Without the unit ball, longer atoms and smaller weights "
        "would make the price vanish.",
    ),
    (
        r"\begin{gathered} \min_B\; \underbrace{\lVert X - BS\rVert_F^2}_{\text{error}} \quad\text{s.t.}\quad "
        r"\lVert b_j\rVert \le 1 \\ b_j \leftarrow b_j + \frac{q_j - B p_j}{P_{jj}} \end{gathered}",
        r"**(3)** Codes stay, atoms move: least squares. Each atom goes to its optimum while the others stay, and is scaled "
        r"back if it is longer than 1. $P = \sum s s^\top$ and $Q = \sum x s^\top$ remember earlier pictures (Mairal et al. "
        "2010).",
    ),
    (
        r"\begin{gathered} \min_s\; F(s) \\ F(s) = \underbrace{\tfrac12\lVert x - B s\rVert^2}_{\text{error}} + "
        r"\underbrace{\lambda\lVert s\rVert_1}_{\text{price}} \end{gathered}",
        "**(4)** Atoms stay, codes move: the Lasso of every other page. Here each code is exact, with a certificate. "
        "Learning takes (4) and (3) in turn, a batch of 250 pictures at a time.",
    ),
)
NOTE = (
    r"The paper prints $\lambda\lVert s_i\rVert_1^2$ in (2) and no ½; here it is $\lambda\lVert s_i\rVert_1$ and ½ "
    "everywhere, as (4) and (6) imply."
)


PICTURES = 100  # of the test split, whose zeros are counted


def equations_of_learning(view: sidebar.View) -> None:
    """Draw the equations of dictionary learning, two beside each other, with their sentences."""
    st.header("What learning minimises", anchor=False)
    for pair in (EQUATIONS[:2], EQUATIONS[2:]):
        for column, (equation, said) in zip(st.columns(2, gap="large"), pair, strict=True):
            with column:
                st.latex(equation)
                st.markdown(said.replace("{zeros}", _zeros(view)))
    st.caption(NOTE)


def _zeros(view: sidebar.View) -> str:
    """How many weights the price makes zero, with the dictionary and the λ at hand."""
    images = sets.images(view.data)
    pixels = images.pixels[evaluation.subset(len(images), PICTURES)].numpy()
    zeros = (results.exact(view.data, pixels, view.lam).codes == 0).mean()
    return (
        f"{phrases.share(zeros)} of the weights at λ = {view.lam:g}, in the exact codes of {len(pixels)} test pictures on "
        "the dictionary of the sidebar"
    )
