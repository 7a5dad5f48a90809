"""Words that pages share: numbers and names in a sentence, the glossary, and the paper's equations by solver."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from sc2viz import solvers
from sc2viz.browser.readings import (  # noqa: F401
    AWAY,
    above,
    apart,
    decibels,
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
    word: " ".join(said.split())
    for word, said in read(Path(__file__).with_name("glossary.toml")).items()
}


def bound(text: str) -> str:
    """A text in which no line ends between a number and its unit."""
    return re.sub(r"(?<=\d) (?=(?:%|dB|ms|px)(?!\w))", "\u00a0", text)


def tenths(value: float) -> str:
    """A number in % with one decimal, as the tables have it, so that gaps add up on the screen."""
    return localized(f"{value:z.1f}\u00a0%")


def changes(before: float, after: float, what: str) -> str:
    """How a share changes, in as few digits as tell the two apart: "reduces the non-zeros from **5 %** to **4 %**."."""
    for digits in range(3):
        first, second = (localized(f"{100 * part:.{digits}f}\u00a0%") for part in (before, after))
        if first != second:
            given = {"what": what, "first": first, "second": second}
            if after < before:
                return _("reduces {what} from **{first}** to **{second}**.", **given)
            return _("raises {what} from **{first}** to **{second}**.", **given)
    return _("leaves {what} at **{share}**.", what=what, share=f"{100 * before:.0f}\u00a0%")


def spans(iterations: Sequence[int]) -> list[str]:
    """Ascending numbers as runs: "3", "5–9" and "14"."""
    starts = [k for k, one in enumerate(iterations) if not k or one > iterations[k - 1] + 1]
    ends = [*(k - 1 for k in starts[1:]), len(iterations) - 1]
    pairs = (
        (iterations[first], iterations[last]) for first, last in zip(starts, ends, strict=True)
    )
    return [f"{first}" if first == last else f"{first}–{last}" for first, last in pairs]


def safeguarded(acted: Mapping[str, np.ndarray]) -> str:
    """At which iterations the safeguard acted, of any picture. acted: (T, n) bool by solver."""
    told = []
    for label, where in acted.items():
        at = (np.flatnonzero(where.any(1)) + 1).tolist()
        if at:
            given = {"solver": label, "at": listed(spans(at))}
            told.append(
                ngettext(
                    "{solver} at iteration {at}", "{solver} at iterations {at}", len(at), **given
                )
            )
    if not told:
        return _("The safeguard did not act: no iteration would have raised F.")
    return _(
        "The safeguard replaced what would have raised F by an ISTA step: {told}.",
        told="; ".join(told),
    )


def glossary() -> None:
    """Draw what the words mean."""
    st.markdown("\n\n".join(f"**{_(word)}.** {_(meaning)}" for word, meaning in GLOSSARY.items()))


def stacked(equation: str) -> str:
    """An equation in the reader's language, whose parts, where they are divided by `,\\qquad`, stand one below the other, as
    narrow places need it."""
    equation = re.sub(
        r"(?<=\\text\{)( ?)([^{}]+?)( ?)(?=\})",
        lambda found: found[1] + _(found[2]) + found[3],
        equation,
    )
    parts = [part.strip() for part in equation.split(r",\qquad")]
    if len(parts) == 1 or r"\begin" in equation:
        return equation
    lines = r", \\ ".join(parts)
    return rf"\begin{{gathered}}{lines}\end{{gathered}}"


def equations(names: Iterable[str]) -> None:
    """Draw what is minimised, and the equations of the solvers `names`, with the paper's numbers."""
    st.markdown(
        _(
            "The Lasso, Eq. (2) and (4), is to minimise the following objective, with atoms in the unit ball."
        )
    )
    st.latex(r"F(s) = \tfrac12\lVert x - B s\rVert^2 + \lambda\lVert s\rVert_1")
    for name in dict.fromkeys(names):
        solver = solvers.solver_class(name)
        st.markdown(f"**{solver.label}.** {_(solver.summary)} {_(solver.source)}.")
        st.latex(stacked(solver.equation))
        if solver.remarks:
            st.markdown(_(solver.remarks))
