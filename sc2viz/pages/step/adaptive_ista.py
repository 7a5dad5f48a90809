"""Adaptive ISTA by hand: two numbers for gates, Eq. (7), and what they can and cannot do."""

import numpy as np
import streamlit as st
import torch

from sc2viz import convergence, defaults, evaluation, lasso, solvers
from sc2viz import fixed_points as theory
from sc2viz.figures import adaptive_ista, curves, style
from sc2viz.ui import models, page, results, sidebar, startup, url
from sc2viz.ui.cache import cached
from sc2viz.ui.errors import guard
from sc2viz.ui.phrases import percent

NAME = "By hand"


@st.fragment
@guard
def by_hand() -> None:
    view = sidebar.current()
    st.header("Adaptive ISTA by hand", anchor=False, divider="gray")
    left, right = st.columns([1, 2], gap="large")
    with left:
        st.markdown("Give Eq. (7) the same two gates for every atom and every iteration, and see where it goes.")
        equation = solvers.solver_class(defaults.BY_HAND).equation
        lines = equation.replace(r",\qquad ", r",\\ ")  # the column is narrow
        st.latex(rf"\begin{{gathered}}{lines}\end{{gathered}}")
        i, f = _gates()
    pixels, B = view.pixels([view.picture]), startup.dictionary(view.data)
    excess, rest = _excess(B, pixels, view.lam, i, f)
    known = models.choices(view.data)
    behind = [results.descent(known[label], pixels, view.lam) for label in map(style.label, defaults.UNTRAINED)]
    diverges = convergence.diverges_at(excess)
    compared = zip(defaults.UNTRAINED, behind, strict=True)
    lines = [curves.Line(style.label(name), name, done.excess) for name, done in compared]
    line = curves.Line(NAME, defaults.BY_HAND, excess)
    with right:
        page.caption(_caption(i, f, view.steps, excess, behind[0].excess, rest, diverges))
        page.chart(adaptive_ista.race(lines, line, view.steps, rest, diverges, view.dark), key="by-hand")
    _lesson(i, f, view.steps, excess, behind, rest)


def _gates() -> tuple[float, float]:
    """The sliders; locked, each moves the other."""
    state = st.session_state
    if "_lock_opens" not in state:  # unlocked where a link asks for gates that do not add up to 1
        state["_lock_opens"] = abs(url.now("i") + url.now("f") - 1) < theory.SAME
    locked = url.widget(
        "lock",
        "Lock i + f = 1",
        value=state["_lock_opens"],
        on_change=lambda: _follow("f", "i"),
        help="The one line on which the iteration still heads for the Lasso's optimum. Locked, each slider moves the other.",
    )
    i = url.widget(
        "i",
        "Input gate i: how much of the new enters",
        on_change=lambda: _follow("f", "i"),
        help="1 is ISTA. A sigmoid's range is 0 to 1.",
    )
    f = url.widget(
        "f",
        "Forget gate f: how much of the old stays",
        on_change=lambda: _follow("i", "f"),
        help="0 is ISTA. Positive: inertia, damping. Negative: over-relaxation, which no sigmoid can output.",
    )
    if locked and abs(i + f - 1) > theory.SAME:
        st.caption(f"This link asks for i + f = {i + f:.2f}; move a slider and the lock takes hold.")
    return i, f


def _follow(one: str, other: str) -> None:
    if st.session_state.get("lock"):
        st.session_state[one] = round(1 - st.session_state[other], 2)


@cached
def _excess(B: torch.Tensor, pixels: np.ndarray, lam: float, i: float, f: float) -> tuple[np.ndarray, float | None]:
    """(HORIZON + 1,) distances in %, and the distance at which it rests: None where nothing vouches for any."""
    x = torch.from_numpy(pixels)
    best = torch.from_numpy(results.exact_on(B, pixels, lam).objective)
    solver = solvers.build(defaults.BY_HAND, B, input_gate=i, forget_gate=f)
    with torch.no_grad():
        codes = solver.trace(x, lam, steps=results.HORIZON).codes
        excess = evaluation.excess(evaluation.objective_along(x, codes, B, lam), best).numpy()
        if theory.gain(i, f) == 1:
            return excess, 0.0
        rest = theory.destination(x, B, lam, i, f)
        if rest is None:
            return excess, None
        return excess, float(evaluation.excess(lasso.objective(x.double(), rest.double(), B.double(), lam), best))


def _caption(i, f, steps: int, excess, ista, rest, diverges) -> str:
    """One sentence on where this pair goes, and how fast."""
    gates = f"With i = {i:.2f} and f = {f:.2f}".replace("-", "−")
    after = f"after {steps} iteration{'s' if steps > 1 else ''}"
    if excess[0] <= convergence.FLOOR:
        return f"{gates} there is nothing to find: at this λ the empty code is the optimum."
    if diverges is not None:
        return f"{gates} it **diverges**: from iteration {diverges} on its codes cost more than no code at all."
    if i == 0:
        return f"{gates} nothing ever enters: the code stays empty, {percent(excess[0])} above the optimum."
    if rest is not None and rest > convergence.FLOOR:
        return (
            f"{gates} it **sticks**: it comes to rest {percent(rest)} above the optimum, because i + f = {i + f:.2f}, not 1."
        )
    now, then = convergence.settled(excess)[steps], convergence.settled(ista)[steps]
    if now > 1.001 * excess[0]:
        return f"{gates} it is {percent(now)} above the optimum {after}, further than where it began."
    if percent(now) == percent(then):
        return f"{gates} it is {percent(now)} above the optimum {after}, and so is ISTA."
    verdict = "ahead of" if now < then else "behind"
    return f"{gates} it is {percent(now)} above the optimum {after}, **{verdict} ISTA** with {percent(then)}."


def _lesson(i: float, f: float, steps: int, excess, behind: list[results.Descent], rest: float | None) -> None:
    """Three points, with this picture's numbers."""
    view = sidebar.current()
    pixels, B = view.pixels([view.picture]), startup.dictionary(view.data)

    def at(input_gate: float, forget_gate: float) -> str:
        return percent(_excess(B, pixels, view.lam, input_gate, forget_gate)[0][steps])

    def rests(input_gate: float, forget_gate: float) -> str:
        return percent(_excess(B, pixels, view.lam, input_gate, forget_gate)[1])

    ista, fista = (percent(done.excess[steps]) for done in behind)
    g = theory.gain(i, f)
    number = r"\infty" if g == float("inf") else f"{g:.3g}"
    st.subheader("What to notice", anchor=False)
    st.markdown(
        "- **i/(1 − f) fixes the destination.** At rest $c = g\\,\\tilde c$ with $g = i/(1-f)$, here "
        f"${number}$. That minimises $"
        "\\tfrac12\\lVert x-Bs\\rVert^2 + \\tfrac{\\lambda}{g}\\lVert s\\rVert_1 + \\tfrac{1-g}{2g\\tau}\\lVert s\\rVert^2"
        f"$, the Lasso only for $g = 1$: $i + f = 1$. With (0.8, 0.1) the last term pulls the codes in and they "
        f"rest {rests(0.8, 0.1)} above the optimum; with $i + f > 1$ it pushes them out, and nothing need hold them.\n"
        f"- **The sign of f sets the pace.** After {steps} iteration{'s' if steps > 1 else ''} on this picture: ISTA (1, 0) "
        f"{ista}; damped, (0.5, 0.5), {at(0.5, 0.5)}; over-relaxed, (1.8, −0.8), {at(1.8, -0.8)}; FISTA {fista}.\n"
        "- **A sigmoid cannot say −0.8.** SLSTM's gates are $\\sigma(\\cdot) \\in (0, 1)$, so with $i + f = 1$ they only "
        "damp. What makes them useful are the matrices $W_e$ and $W_d$ that are learned with them."
    )
