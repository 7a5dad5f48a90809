"""Words that pages share: numbers and names in a sentence, the glossary, and the paper's equations by solver."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from sc2viz import solvers
from sc2viz.browser.readings import (  # noqa: F401
    RUNS_AWAY,
    decibels,
    describe_excess,
    format_excess,
    missing,
    number,
    objective,
    percent,
    share,
    side,
    times,
)
from sc2viz.words import _, a, count, listed, localized, ngettext, numeral, read  # noqa: F401

GLOSSARY = {
    word: " ".join(meaning.split())
    for word, meaning in read(Path(__file__).with_name("glossary.toml")).items()
}


def bound(text: str) -> str:
    """Return a text in which no line ends between a number and its unit."""
    return re.sub(r"(?<=\d) (?=(?:%|dB|ms|px)(?!\w))", "\u00a0", text)


def tenths(value: float) -> str:
    """Return a number in % with one decimal, as the tables have it, so that gaps add up on the screen."""
    return localized(f"{value:z.1f}\u00a0%")


def changes(previous: float, current: float, quantity: str) -> str:
    """Return how a share changes, in as few digits as tell the two apart, such as "reduces the non-zeros from **5 %** to **4
    %**." for the non-zeros."""
    for digits in range(3):
        first, second = (localized(f"{100 * x:.{digits}f}\u00a0%") for x in (previous, current))
        if first != second:
            values = {"quantity": quantity, "first": first, "second": second}
            if current < previous:
                return _("reduces {quantity} from **{first}** to **{second}**.", **values)
            return _("raises {quantity} from **{first}** to **{second}**.", **values)
    return _(
        "leaves {quantity} at **{share}**.", quantity=quantity, share=f"{100 * previous:.0f}\u00a0%"
    )


def spans(iterations: Sequence[int]) -> list[str]:
    """Return ascending numbers as texts of their runs: "3", "5–9" and "14"."""
    runs: list[list[int]] = []
    for iteration in iterations:
        if runs and iteration == runs[-1][-1] + 1:
            runs[-1].append(iteration)
        else:
            runs.append([iteration])
    return [f"{run[0]}" if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]


def safeguarded(acted: Mapping[str, np.ndarray]) -> str:
    """Return a sentence that says at which iterations the safeguard acted, of any picture. acted: (T, n) bool by solver."""
    solvers_and_iterations = []
    for label, mask in acted.items():
        iterations = (np.flatnonzero(mask.any(1)) + 1).tolist()
        if iterations:
            solvers_and_iterations.append(
                ngettext(
                    "{solver} at iteration {iterations}",
                    "{solver} at iterations {iterations}",
                    len(iterations),
                    solver=label,
                    iterations=listed(spans(iterations)),
                )
            )
    if not solvers_and_iterations:
        return _("The safeguard did not act: no iteration would have raised F.")
    return _(
        "The safeguard replaced what would have raised F by an ISTA step: {iterations}.",
        iterations="; ".join(solvers_and_iterations),
    )


def glossary() -> None:
    """Draw the glossary: what each word means."""
    st.markdown("\n\n".join(f"**{_(word)}.** {_(meaning)}" for word, meaning in GLOSSARY.items()))


def stacked(equation: str) -> str:
    """Return an equation in the reader's language, whose parts, where they are divided by `,\\qquad`, stand one below the
    other, as narrow places need it."""
    equation = re.sub(
        r"(?<=\\text\{)( ?)([^{}]+?)( ?)(?=\})",
        lambda match: match[1] + _(match[2]) + match[3],
        equation,
    )
    equations = [text.strip() for text in equation.split(r",\qquad")]
    if len(equations) == 1 or r"\begin" in equation:
        return equation
    lines = r", \\ ".join(equations)
    return rf"\begin{{gathered}}{lines}\end{{gathered}}"


def equations(models: Iterable) -> None:
    """Draw what is minimised, and the equations of solvers, names or models, with the paper's numbers."""
    st.markdown(
        _(
            "The Lasso, Eq. (2) and (4), is to minimise the following objective, with atoms in the unit ball."
        )
    )
    st.latex(r"F(s) = \tfrac12\lVert x - B s\rVert^2 + \lambda\lVert s\rVert_1")
    for name in dict.fromkeys(getattr(model, "solver", model) for model in models):
        solver = solvers.solver_class(name)
        st.markdown(f"**{solver.label}.** {_(solver.summary)} {_(solver.source)}.")
        st.latex(stacked(solver.equation))
        if solver.remarks:
            st.markdown(_(solver.remarks))
