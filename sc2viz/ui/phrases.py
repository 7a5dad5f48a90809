"""Words that pages share: numbers and names in a sentence, the glossary, and the paper's equations by solver."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import streamlit as st

from sc2viz import solvers
from sc2viz.analysis import convergence
from sc2viz.browser.readings import (  # noqa: F401
    AWAY,
    FARTHER,
    above,
    apart,
    decibels,
    lowest,
    missing,
    number,
    objective,
    percent,
    share,
    side,
    times,
)
from sc2viz.words import a, count, form, listed, numeral  # noqa: F401

GLOSSARY = {
    "Atom": "A column $b_j$ of the dictionary $B$, that is, a small picture. Pictures are written as sums of atoms.",
    "Code": "The vector $s$ of the atoms' weights in a picture, $x \\approx Bs$. It is sparse if most weights are zero.",
    "Objective F": "$F(s) = \\tfrac12\\lVert x - Bs\\rVert^2 + \\lambda\\lVert s\\rVert_1$, the reconstruction loss plus "
    "the price of the code. The Lasso is the problem of minimising $F$ over $s$.",
    "λ": "The price of a code. A larger λ gives fewer atoms and coarser pictures.",
    "Exact optimum": "The codes that minimise $F$. They are computed until the duality gap certifies them.",
    "Duality gap": "An upper bound on $F(s) - F^*$, computed from $x$, $B$, λ and the codes $s$. It is zero only at the "
    "optimum.",
    "Distance to the optimum": "$100\\,(F - F^*)/F^*$ in percent, where $F$ and the optimum $F^*$ are averaged over the "
    "pictures. $F^*$ is that of the dictionary which all solvers share, and $F$ is computed with a solver's own atoms and "
    "charges for their norms. It is below zero where learned atoms are better.",
    "Own atoms": "The distance of a network's codes to exact codes on its own atoms, scaled to norm 1. It is what "
    "the iterations miss.",
    "PSNR": "The peak signal-to-noise ratio, $10\\log_{10}$ of the squared peak over the mean squared error, in dB. The "
    "peak is 1 for pictures, and for other rows the range of the data set's values and 0. A higher PSNR is a more "
    "faithful picture. The optimum need not have the highest PSNR, because $F$ also charges for the code. On Photograph and "
    "on the paper's page, pictures are clipped to [0, 1] first. Elsewhere they are taken as they are.",
    "SSIM": "The structural similarity, at most 1, compares small windows of two pictures in brightness, contrast and "
    "structure (Wang et al. 2004).",
    "Non-zeros": "The share of entries of a code with $|s_j| > 10^{-3}$.",
    "NMSE": "The normalised mean squared error of codes whose truth $s^*$ is known, "
    "$10\\log_{10} E\\lVert s - s^*\\rVert^2 / E\\lVert s^*\\rVert^2$ in dB. The empty code has 0 dB, and each 10 dB less "
    "are a tenth of the error.",
    "Hit, missed, false alarm": "An atom that a code uses and the true code too; one that only the true code uses; one that "
    "only the code uses.",
    "Recipe of known codes": "$d_x = 250$, $d_s = 500$, each weight non-zero with probability 0.1 and then normal, Gaussian "
    "atoms of norm 1, noise at 40 dB, 16 layers (Chen et al. 2018 and later papers).",
    "Phase transition": "With few non-zeros a code is found exactly, with many not at all, and the larger the problem the "
    "sharper the change. With $\\delta = d_x/d_s$ and $\\rho = k/d_x$, Donoho and Tanner computed where the Lasso has its "
    "half.",
    "Encoder’s gap, dictionary’s gap": "$F(s, D) - F^*(D)$ is what an encoder’s codes miss on their own atoms $D$, never "
    "below zero. $F^*(D) - F^*(D^\\star)$ is what these atoms miss beside a good dictionary $D^\\star$. It may be below "
    "zero, for nobody knows the best dictionary.",
    "Dead atom": "An atom that no test row uses.",
    "R²": "The share of the rows’ variance that a reconstruction explains, 1 where nothing is missed.",
    "MCC": "The mean correlation of found codes with true ones, after each true atom was matched with one found atom.",
    "Unit ball": "The constraint $\\lVert b_j\\rVert \\le 1$ on atoms. Without it, longer atoms and smaller codes would "
    "make the price $\\lambda\\lVert s\\rVert_1$ vanish and leave the picture as it is.",
    "Gram matrix, coherence": "$B^\\top B$, whose entries are the products $b_i^\\top b_j$ of atoms. The coherence is the "
    "largest $|b_i^\\top b_j|$ of two different atoms of norm 1. The more alike atoms are, the harder it is to tell which "
    "of them a picture is made of.",
    "Iteration, T": "An iteration is one update of the code, and T is the number of iterations. ISTA and FISTA iterate a "
    "formula. LISTA, LFISTA and SLSTM are recurrent networks whose layers are iterations with learned weights.",
    "Untrained": "A network with its initial weights. Untrained LISTA equals ISTA, untrained LFISTA equals FISTA for as "
    "many iterations as it has layers, and untrained SLSTM is close to ISTA.",
    "LISTA (codes) and LISTA": "The same network, trained in two ways. “LISTA (codes)” predicts exact codes (Gregor & LeCun "
    "2010); the paper’s tables call it “LISTA”. “LISTA” minimises the objective $F$ itself, Eq. (10); the tables call it "
    "“LISTA-SC2Net”. LFISTA likewise.",
    "Gates": "SLSTM's input gate $i$ and forget gate $f$ are numbers in $(0, 1)$. The input gate is the share of the new "
    "candidate that enters an atom's memory, and the forget gate is the share of the old memory that stays.",
}


def bound(text: str) -> str:
    """A text in which no line ends between a number and its unit."""
    return re.sub(r"(?<=\d) (?=(?:%|dB|ms|px)(?!\w))", "\u00a0", text)


def changes(before: float, after: float, what: str) -> str:
    """How a share changes, in as few digits as tell the two apart: "reduces the non-zeros from **5 %** to **4 %**."."""
    for digits in range(3):
        first, second = (f"{100 * part:.{digits}f}\u00a0%" for part in (before, after))
        if first != second:
            return f"{'reduces' if after < before else 'raises'} {what} from **{first}** to **{second}**."
    return f"leaves {what} at **{100 * before:.0f}\u00a0%**."


def pace(excess: np.ndarray, steps: int, distance: float) -> str:
    """When a solver that is further off after `steps` iterations is within `distance` % of the optimum: "needs 41
    iterations to come as near". excess: (horizon + 1,) %."""
    needed = convergence.steps_within(excess, distance)
    if needed is None:
        return f"does not get there in {count(len(excess) - 1, 'iteration')}"
    if needed < steps:
        return f"was there {f'after {needed}' if needed else 'at the start'} and has left since"
    return f"needs {count(needed, 'iteration')} to come as near"


def ranges(iterations: Sequence[int]) -> str:
    """Ascending numbers in words: "3, 5–9 and 14"."""
    return listed(spans(iterations))


def spans(iterations: Sequence[int]) -> list[str]:
    """Ascending numbers as runs: "3", "5–9" and "14"."""
    starts = [k for k, one in enumerate(iterations) if not k or one > iterations[k - 1] + 1]
    ends = [*(k - 1 for k in starts[1:]), len(iterations) - 1]
    pairs = ((iterations[first], iterations[last]) for first, last in zip(starts, ends, strict=True))
    return [f"{first}" if first == last else f"{first}–{last}" for first, last in pairs]


def safeguarded(acted: Mapping[str, np.ndarray]) -> str:
    """At which iterations the safeguard acted, of any picture. acted: (T, n) bool by solver."""
    told = []
    for label, where in acted.items():
        at = (np.flatnonzero(where.any(1)) + 1).tolist()
        if at:
            told.append(f"{label} at {form(len(at), 'iteration', 'iterations')} {ranges(at)}")
    if not told:
        return "The safeguard did not act: no iteration would have raised F."
    return f"The safeguard replaced what would have raised F by an ISTA step: {'; '.join(told)}."


def glossary() -> None:
    """What the words mean, one click away."""
    with st.popover("Glossary", icon=":material/menu_book:", help="What gap, PSNR, unit ball and the other words mean."):
        st.markdown("\n\n".join(f"**{word}.** {meaning}" for word, meaning in GLOSSARY.items()))


def stacked(equation: str) -> str:
    """An equation whose parts, where they are divided by `,\\qquad`, stand one below the other, as narrow places need it."""
    parts = [part.strip() for part in equation.split(r",\qquad")]
    if len(parts) == 1 or r"\begin" in equation:
        return equation
    lines = r", \\ ".join(parts)
    return rf"\begin{{gathered}}{lines}\end{{gathered}}"


def equations(names: Iterable[str]) -> None:
    """The equations of the solvers `names`."""
    with st.popover("Equations", icon=":material/function:", help="What each solver computes, with the paper's numbers."):
        st.markdown("The Lasso, Eq. (2) and (4), is to minimise the following objective, with atoms in the unit ball.")
        st.latex(r"F(s) = \tfrac12\lVert x - B s\rVert^2 + \lambda\lVert s\rVert_1")
        for name in dict.fromkeys(names):
            solver = solvers.solver_class(name)
            st.markdown(f"**{solver.label}.** {solver.summary} {solver.source}.")
            st.latex(stacked(solver.equation))
            if solver.remarks:
                st.markdown(solver.remarks)
