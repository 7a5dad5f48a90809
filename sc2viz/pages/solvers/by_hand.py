"""Adaptive ISTA by hand: the reader sets its two gates, Eq. (7), and sees where the iteration goes."""

from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st
import torch

from sc2viz import defaults, evaluation, solvers
from sc2viz.analysis import convergence
from sc2viz.analysis import fixed_points as theory
from sc2viz.browser import panels, wire_format
from sc2viz.draw import adaptive_ista, curves, style
from sc2viz.solvers.weights import step_size
from sc2viz.ui import boards, models, page, phrases, results, session, sets, sidebar, sliders, url
from sc2viz.ui.cache import cached
from sc2viz.ui.phrases import percent
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _, localized, templates

CHART, LIVE = "by-hand", "by-hand-now"
_component = component(Path(__file__).with_suffix(".js"), isolated=False)


def draw(view: sidebar.View) -> None:
    """Draw the gates, the distances with them and of ISTA and FISTA, and what to notice."""
    st.header(_("Adaptive ISTA by hand"), anchor=False, divider="gray")
    pixels, B = view.x, view.B
    choices = models.choices(view.data)
    *others, hand = (choices[style.label(name)] for name in (*defaults.UNTRAINED, defaults.BY_HAND))
    gates_column, chart_column = st.columns([1, 2], gap="large")
    with gates_column:
        st.markdown(_("Set both gates of Eq. (7) for all atoms."))
        st.latex(phrases.stacked(solvers.solver_class(defaults.BY_HAND).equation))
        i, f, locked = _gates()
        arrays = _gram(B)
        fresh, resend = boards.take_new_arrays(LIVE, arrays)
        limits = {key: {"low": url.domain(key).low, "high": url.domain(key).high} for key in "if"}
        data = _problem(B, pixels, view.lam) | {
            "G": [parcel.label() for parcel in arrays],
            "steps": view.steps,
            "i": i,
            "f": f,
            "locked": locked,
            "limits": limits,
            "parcels": fresh,
        }
        _component(key=LIVE, data=data, on_wants_change=resend)
    safe = url.value("safeguard")
    behind = [results.descent(model, pixels, view.lam, safeguard=safe).excess for model in others]
    excess = _excess(hand, pixels, view.lam, i, f)
    fixed_point = _fixed_point_distance(B, pixels, view.lam, i, f)
    diverges, end = convergence.diverges_at(excess), excess[view.steps]
    sentence = N_(
        "With i = {i:.2f} and f = {f:.2f}, the code is **{distance}** above the optimum after {iterations}; ISTA is {ista}."
    )
    if diverges is not None:
        sentence = N_(
            "With i = {i:.2f} and f = {f:.2f}, the iteration **diverges**: from iteration {t} on, F is larger than for the "
            "empty code."
        )
    elif i and fixed_point is not None and fixed_point > convergence.FLOOR:
        end = fixed_point
        sentence = N_(
            "With i = {i:.2f} and f = {f:.2f}, the iteration **converges to a point {distance} above the optimum**. "
            "Because i + f is not 1, that point minimises another objective than F."
        )
    iterations = phrases.count(view.steps, "iteration")
    ista, fista = (percent(distances[view.steps]) for distances in behind)
    lines = [
        curves.SolverLine(model.label, model.solver, distances)
        for model, distances in zip(others, behind, strict=True)
    ]
    line = curves.SolverLine(_("By hand"), defaults.BY_HAND, excess)
    with chart_column:
        st.markdown(
            _(
                sentence,
                i=i,
                f=f,
                distance=percent(end),
                iterations=iterations,
                ista=ista,
                t=diverges,
            )
        )
        if safe:
            page.notes([_("The safeguard acts on all solvers but the gates set by hand.")])
        figure = adaptive_ista.race(lines, line, view.steps, fixed_point, diverges, view.dark)
        page.chart(figure, key=CHART)

    def distance(input_gate: float, forget_gate: float) -> str:
        distances = _excess(hand, pixels, view.lam, input_gate, forget_gate)
        return percent(distances[view.steps])

    gain = theory.gain(i, f)
    st.markdown(
        templates.filled(
            __file__,
            "md",
            distance=distance,
            fixed_point=lambda *gates: percent(_fixed_point_distance(B, pixels, view.lam, *gates)),
            ista=ista,
            fista=fista,
            g=r"\infty" if gain == float("inf") else localized(f"{gain:.3g}"),
            iterations=iterations,
        )
    )


def _gates() -> tuple[float, float, bool]:
    """Draw the sliders of the gates; return i, f, and whether they are locked, in which case each moves the other."""
    # A link that asks for gates whose sum is not 1 unlocks them.
    is_locked = session.keep("openings", {}).setdefault(
        "lock", abs(url.value("i") + url.value("f") - 1) < theory.SAME
    )
    locked = url.widget("lock", value=is_locked, on_change=partial(_follow, "f", "i"))
    knobs = {
        key: sliders.Knob(on_change=partial(_follow, partner, key))
        for key, partner in (("i", "f"), ("f", "i"))
    }
    i, f = sliders.live("gates", knobs)
    return i, f, locked


def _follow(key: str, partner: str) -> None:
    if url.value("lock"):
        st.session_state[key] = round(1 - url.value(partner), 2)


@cached
def _gram(B: torch.Tensor) -> list[wire_format.Parcel]:
    """The upper triangle of G = BᵀB. It travels as two halves, whose sum has 22 bits."""
    G = (B.double().T @ B.double()).float().numpy()[np.triu_indices(B.shape[1])]
    halves = G.astype("f2").astype("f4")
    return [wire_format.pack(half) for half in (halves, G - halves)]


@cached
def _problem(B: torch.Tensor, pixels: np.ndarray, lam: float) -> dict:
    """What else the browser needs for Eq. (7): Bᵀx, and single numbers."""
    x = torch.from_numpy(pixels).double()
    return {
        "b": panels.packed((x @ B.double())[0].float().numpy()),
        "energy": x.square().sum().item(),
        "tau": step_size(B).item(),
        "lam": lam,
        "best": float(results.exact_on(B, pixels, lam, False).objective[0]),
        "horizon": results.HORIZON,
        "chart": CHART,
        "line": len(defaults.UNTRAINED),
    }


@cached
def _excess(hand: models.Model, pixels: np.ndarray, lam: float, i: float, f: float) -> np.ndarray:
    """The distances to the optimum in % after 0 … HORIZON iterations."""
    solver = models.build(hand).with_gates(i, f)
    with torch.no_grad():
        codes = solver.trace(torch.from_numpy(pixels), lam, results.HORIZON).codes
    return _rank(sets.dictionary(hand.data), pixels, lam, codes)


@cached
def _fixed_point_distance(
    B: torch.Tensor, pixels: np.ndarray, lam: float, i: float, f: float
) -> float | None:
    """The distance of the fixed point to the optimum in %; None if there may be none."""
    if theory.gain(i, f) == 1:
        return 0.0
    codes = theory.destination(torch.from_numpy(pixels), B, lam, i, f)
    return None if codes is None else float(_rank(B, pixels, lam, codes))


def _rank(B: torch.Tensor, pixels: np.ndarray, lam: float, codes: torch.Tensor) -> np.ndarray:
    best = torch.from_numpy(results.exact_on(B, pixels, lam, False).objective)
    return evaluation.rank(torch.from_numpy(pixels), codes, B, lam, best).numpy()
