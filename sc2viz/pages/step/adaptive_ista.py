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
from sc2viz.pages.step import frames
from sc2viz.ui import boards, models, page, phrases, results, session, sets, sidebar, sliders, url
from sc2viz.ui.cache import cached
from sc2viz.ui.errors import fragment
from sc2viz.ui.phrases import percent
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _, localized, templates

NAME, CHART, NOW = N_("By hand"), "by-hand", "by-hand-now"
_component = component(Path(__file__).with_name("by_hand.js"), isolated=False)


@fragment
def by_hand() -> None:
    view = sidebar.current()
    st.header(_("Adaptive ISTA by hand"), anchor=False, divider="gray")
    left, right = st.columns([1, 2], gap="large")
    with left:
        st.markdown(_("Set both gates of Eq. (7) for all atoms."))
        st.latex(phrases.stacked(solvers.solver_class(defaults.BY_HAND).equation))
        i, f, locked = _gates()
        pixels, B = view.pixels([view.picture]), sets.dictionary(view.data)
        _draw(B, pixels, view.lam, {"steps": view.steps, "i": i, "f": f, "locked": locked})
    known = models.choices(view.data)
    *others, hand = (known[style.label(name)] for name in (*defaults.UNTRAINED, defaults.BY_HAND))
    excess, rest = _excess(hand, pixels, view.lam, i, f), _rest(B, pixels, view.lam, i, f)
    safe = url.now("safeguard")
    behind = [results.descent(model, pixels, view.lam, safeguard=safe) for model in others]
    diverges = convergence.diverges_at(excess)
    compared = zip(defaults.UNTRAINED, behind, strict=True)
    lines = [curves.SolverLine(style.label(name), name, done.excess) for name, done in compared]
    line = curves.SolverLine(_(NAME), defaults.BY_HAND, excess)
    with right:
        page.caption(*_caption(i, f, view.steps, excess, behind[0].excess, rest, diverges))
        if safe:
            page.notes([_("The safeguard acts on all solvers but the gates set by hand.")])
        page.chart(
            adaptive_ista.race(lines, line, view.steps, rest, diverges, view.dark), key=CHART
        )
    _lesson(hand, i, f, view.steps, excess, behind)


def _gates() -> tuple[float, float, bool]:
    """Draw the sliders of the gates; return i, f, and whether they are locked, in which case each moves the other."""
    # A link that asks for gates whose sum is not 1 unlocks them.
    opens = session.opens("lock").kept(lambda: abs(url.now("i") + url.now("f") - 1) < theory.SAME)
    locked = url.widget("lock", value=opens, on_change=partial(_follow, "f", "i"))
    knobs = {
        one: sliders.Knob(then=partial(_follow, other, one))
        for one, other in (("i", "f"), ("f", "i"))
    }
    i, f = sliders.live("gates", knobs)
    if locked and abs(i + f - 1) > theory.SAME:
        st.caption(
            _(
                "This link asks for i + f = {sum:.2f}. The lock takes effect when you move a slider.",
                sum=i + f,
            )
        )
    return i, f, locked


def _follow(one: str, other: str) -> None:
    if url.now("lock"):
        st.session_state[one] = round(1 - url.now(other), 2)


def _draw(B: torch.Tensor, pixels: np.ndarray, lam: float, at_hand: dict) -> None:
    """Draw the distance with the gates at hand. The browser computes Eq. (7) while a gate is dragged, in G = BᵀB and Bᵀx."""
    ends = {key: url.domain(key) for key in "if"}
    arrays, (b, told) = _gram(B), _arithmetic(B, pixels, lam)
    fresh, again = boards.sent(NOW, arrays)
    _component(
        key=NOW,
        data=told
        | at_hand
        | {
            "G": [parcel.label() for parcel in arrays],
            "parcels": fresh,
            "b": panels.packed(b),
            "limits": {key: {"low": each.low, "high": each.high} for key, each in ends.items()},
        },
        on_wants_change=again,
    )


@cached
def _gram(B: torch.Tensor) -> list[wire_format.Parcel]:
    """The upper triangle of G. It travels as two halves, whose sum has 22 bits."""
    G = (B.double().T @ B.double()).float().numpy()[np.triu_indices(B.shape[1])]
    halves = G.astype("f2").astype("f4")
    return [wire_format.pack(part) for part in (halves, G - halves)]


@cached
def _arithmetic(B: torch.Tensor, pixels: np.ndarray, lam: float) -> tuple[np.ndarray, dict]:
    """What else the browser needs for Eq. (7): Bᵀx, and single numbers."""
    x = torch.from_numpy(pixels).double()
    return (x @ B.double())[0].float().numpy(), {
        "energy": x.square().sum().item(),
        "tau": frames.tau(B),
        "lam": lam,
        "best": float(results.exact_on(B, pixels, lam).objective[0]),
        "horizon": results.HORIZON,
        "chart": CHART,
        "line": len(defaults.UNTRAINED),
    }


@cached
def _excess(
    hand: models.Model, pixels: np.ndarray, lam: float, i: float, f: float, T: int = results.HORIZON
) -> np.ndarray:
    """The distances to the optimum in % after 0 … T iterations, (T + 1,)."""
    solver = models.build(hand).with_gates(i, f)
    with torch.no_grad():
        states = solvers.unroll(solver, torch.from_numpy(pixels), lam, T, record=True)
    return _rank(
        sets.dictionary(hand.data), pixels, lam, torch.stack([state.codes for state in states])
    )


@cached
def _rest(B: torch.Tensor, pixels: np.ndarray, lam: float, i: float, f: float) -> float | None:
    """The distance of the fixed point to the optimum in %; None if there may be none."""
    if theory.gain(i, f) == 1:
        return 0.0
    rest = theory.destination(torch.from_numpy(pixels), B, lam, i, f)
    return None if rest is None else float(_rank(B, pixels, lam, rest))


def _rank(B: torch.Tensor, pixels: np.ndarray, lam: float, codes: torch.Tensor) -> np.ndarray:
    best = torch.from_numpy(results.exact_on(B, pixels, lam).objective)
    return evaluation.rank(torch.from_numpy(pixels), codes, B, lam, best).numpy()


def _caption(i, f, steps: int, excess, ista, rest, diverges) -> tuple[str, str]:
    """Where the iteration goes with these gates, and why."""
    gates = {"gates": _("With i = {i:.2f} and f = {f:.2f}", i=i, f=f)}
    if excess[0] <= convergence.FLOOR:
        return _(
            "{gates}, the iteration starts at the optimum, because the empty code is optimal at this λ.",
            **gates,
        ), ""
    if diverges is not None:
        why = _("From iteration {t} on, F is larger than for the empty code.", t=diverges)
        return _("{gates}, the iteration **diverges**.", **gates), why
    if i == 0:
        why = _("With i = 0 the candidate never enters the memory, so the code stays empty.")
        return _(
            "{gates}, the code stays {far} above the optimum.", far=percent(excess[0]), **gates
        ), why
    if rest is not None and rest > convergence.FLOOR:
        why = _(
            "Because i + f = {sum:.2f} is not 1, the fixed point minimises another objective than F (see below).",
            sum=i + f,
        )
        return _(
            "{gates}, the iteration **converges to a point {far} above the optimum**.",
            far=percent(rest),
            **gates,
        ), why
    now, then = convergence.settled(excess)[steps], convergence.settled(ista)[steps]
    given = gates | {"far": percent(now), "iterations": phrases.count(steps, "iteration")}
    if now > 1.001 * excess[0]:
        return _(
            "{gates}, the code is {far} above the optimum after {iterations}, further away than the empty code.",
            **given,
        ), ""
    if percent(now) == percent(then):
        return _(
            "{gates}, the code is {far} above the optimum after {iterations}, as with ISTA.",
            **given,
        ), ""
    why = _(
        "ISTA is {far} above the optimum after {iterations}.",
        far=percent(then),
        iterations=given["iterations"],
    )
    if now < then:
        return _(
            "{gates}, the code is {far} above the optimum after {iterations}, **ahead of ISTA**.",
            **given,
        ), why
    return _(
        "{gates}, the code is {far} above the optimum after {iterations}, **behind ISTA**.", **given
    ), why


def _lesson(
    hand: models.Model, i: float, f: float, steps: int, excess, behind: list[results.Descent]
) -> None:
    """Three points to notice, with the numbers of this picture."""
    view = sidebar.current()
    pixels, B = view.pixels([view.picture]), sets.dictionary(view.data)

    def at(input_gate: float, forget_gate: float) -> str:
        here = (input_gate, forget_gate) == (i, f)
        return percent(
            (excess if here else _excess(hand, pixels, view.lam, input_gate, forget_gate, steps))[
                steps
            ]
        )

    def rests(input_gate: float, forget_gate: float) -> str:
        return percent(_rest(B, pixels, view.lam, input_gate, forget_gate))

    ista, fista = (percent(done.excess[steps]) for done in behind)
    g = theory.gain(i, f)
    given = {
        "g": r"\infty" if g == float("inf") else localized(f"{g:.3g}"),
        "iterations": phrases.count(steps, "iteration"),
        "network": _network(view, pixels, behind[0].excess),
    }
    st.subheader(_("What to notice"), anchor=False)
    st.markdown(
        templates.filled(__file__, "md", at=at, rests=rests, ista=ista, fista=fista, **given)
    )


def _network(view: sidebar.View, pixels: np.ndarray, ista: np.ndarray) -> str:
    """Whether a network with gates is ahead of ISTA here, whose distances are `ista`, and what it has learned for that."""
    model = next(
        (
            each
            for each in models.choices(view.data).values()
            if each.traits.gates and each.own_atoms
        ),
        None,
    )
    if model is None:
        return _("No network with gates has learned from these data.")
    try:
        safe = url.now("safeguard")
        excess = results.descent(model, pixels, view.lam, safeguard=safe).excess
    except Exception:  # a guest's, whose chip says what is wrong
        return ""
    far, its = (float(convergence.settled(each)[view.steps]) for each in (excess, ista))
    told = [
        _(
            "{solver} is {far} at this setting, ISTA {its}.",
            solver=model.label,
            far=phrases.apart(far),
            its=phrases.apart(its),
        )
    ]
    if far < its:
        told += [_("It has learned its atoms, matrices $W_e$ and $W_d$, thresholds and gates.")]
    return " ".join([*told, _("The page Gates & cells measures what the gates add to the others.")])
