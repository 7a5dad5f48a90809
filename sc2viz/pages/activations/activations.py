"""Activations: shrinkage, the double tanh that the paper uses instead (Figure 2), and the codes that each gives."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import streamlit as st
import torch

from sc2viz import activations, evaluation, lasso
from sc2viz.analysis import inspection
from sc2viz.draw import activations as figures
from sc2viz.draw import cards, mosaics, sheet
from sc2viz.solvers import failing
from sc2viz.ui import (
    chips,
    describe_models,
    models,
    page,
    pen,
    phrases,
    results,
    session,
    sets,
    sidebar,
    sliders,
    url,
)
from sc2viz.ui.cache import cached
from sc2viz.ui.errors import fragment
from sc2viz.ui.handed_out import Code, python
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _, localized, ngettext

_WITH = N_("shrinkage"), N_("double tanh")  # the two after "with", in the order of `figures.NAMES`
_component = component(Path(__file__).with_name("live.js"), isolated=False)
_WIDTHS = [2.2, 1]  # the widths of the figure and of the pictures


@cached
def _fit(theta: float, radius: float) -> tuple[float, float] | None:
    """The best (D, u) on [−R, R], or None if shrinkage is zero on all of it."""
    most = url.domain("D").high, url.domain("u").high
    return activations.fit_double_tanh(theta, radius, most) if theta < radius else None


@cached
def _reach(model: models.Model, pixels: np.ndarray, lam: float, steps: int) -> float:
    """The largest absolute value that the activation is given on these pictures: of the cell state, of the candidate where
    the solver has no cell, or of the codes where it has neither."""
    path = results.trace(model, pixels, lam, steps)
    given = next(
        (path.parts[part] for part in ("cell", "candidate") if part in path.parts), path.codes
    )
    return float(given.abs().max())


@cached
def _codes(
    model: models.Model,
    pixels: np.ndarray,
    lam: float,
    steps: int,
    theta: float,
    D: float,
    u: float,
):
    """The codes (1, d_s) after `steps` iterations of a model with shrinkage, and with double tanh; and F of each."""
    solver, x = models.build(model), torch.from_numpy(pixels.repeat(2, 0))
    bound = torch.tensor(theta, dtype=torch.float32)

    def h(c: torch.Tensor) -> torch.Tensor:
        return torch.cat((activations.shrink(c[:1], bound), activations.double_tanh(c[1:], D, u)))

    with torch.no_grad():
        both = inspection.with_activation(solver, h)
        codes = inspection.ends(both, x, lam, steps, models.acts_beyond(model, steps)).codes
        F = lasso.honest_objective(solver.centred(x), codes, solver.dictionary, lam)
    return list(zip(codes.numpy()[:, None], F.tolist(), strict=True))


@fragment
def activations_page() -> None:
    view = sidebar.current()
    tools = page.head(_("Activations"))
    with tools:
        pen.switch(view)
    paper, sentence, chooser = st.container(), st.container(), st.container()
    left, right = st.container(key="each-activation").columns(_WIDTHS, gap="medium")
    model, own, theta, D, u, radius = _choose(
        view, chooser, st.container(), st.container(horizontal=True)
    )
    with paper:
        pen.canvas(view, [model])
    pixels = view.pixels((view.picture,))
    soft, smooth = _codes(model, pixels, view.lam, view.steps, theta, D, u)
    with sentence:
        page.caption(*_caption(view, model, theta, soft[0], smooth[0]))
        page.notes(describe_models.notes([model], view.steps, view.lam))
    side_by_side, top = _cards(view, model, pixels, soft, smooth, theta, D, u)
    with left:
        colours = {name: figures.colours(dark) for name, dark in (("light", False), ("dark", True))}
        page.idea("one_weight", {"theta": theta, "D": D, "u": u, "colours": colours})
    with right:
        page.cards(side_by_side[1:], narrowest=110)
    curves = _curves(view, model, theta, D, u, radius)
    _compared(view, soft, smooth, side_by_side[0])
    with st.container(border=True, key="notice"):
        st.markdown(_("**What to notice**"))
        definitions, notice = st.columns(2, gap="medium")
        definitions.container(key="definitions").latex(
            r"\begin{gathered} h_\theta(c) = \operatorname{sign}(c)\,(|c| - \theta)_+ \\ "
            r"h_{D,u}(c) = D\,\bigl(\tanh(c + u) + \tanh(c - u)\bigr) \end{gathered}"
        )
        with notice:
            st.markdown(_notice(D, u, theta, radius, own))
            st.button(
                _("Set θ = u"),
                icon=":material/equal:",
                on_click=lambda: st.session_state.update(theta=_nearest(u), fit=False),
                help=_(
                    "Sets θ to the value of its slider that is closest to u, and keeps D and u."
                ),
            )
    with tools:
        name = f"sc2viz-activations-{view.data}-{view.picture}-lambda-{view.lam:g}"
        title = f"{view.average([view.picture])}, {model.label}, λ = {localized(f'{view.lam:g}')}, T = {view.steps}"
        page.explained(
            [model.solver],
            [
                page.png(name, lambda: cards.png(title, side_by_side, [sheet.error_bar(top)])),
                page.csv(name, lambda: _table(curves)),
                page.csv(f"{name}-codes", lambda: _code_table(soft, smooth), _("Codes (CSV)")),
            ],
            _python(view, model, theta, D, u, radius),
        )


def _curves(
    view: sidebar.View, model: models.Model, theta: float, D: float, u: float, radius: float
) -> list[figures.Curve]:
    """Draw both activations, their slopes and curvatures; return the curves of each of the three."""
    c = np.linspace(-1, 1, 601) * max(1.5 * radius, figures.AROUND * theta)
    curves = [_curve(c, D, u, theta, order) for order in (0, 1, 2)]
    curves[0] = _with_own(curves[0], model, view.lam)
    whole, *below = st.columns([1.3, 1, 1], gap="medium")
    with whole:
        page.chart(figures.activation(curves[0], D, u, theta, radius, view.dark), key="activation")
        _component(
            key="apart",
            data={
                "at": {"theta": theta, "R": radius, "D": D, "u": u},
                "fit": url.now("fit"),
                "limits": {
                    key: {"low": url.domain(key).low, "high": url.domain(key).high} for key in "Du"
                },
                "room": figures.ROOM,
                "around": figures.AROUND,
            },
        )
    for column, order, name in zip(below, (1, 2), (_("Slope h′"), _("Curvature h″")), strict=True):
        with column:
            st.markdown(f"**{name}**")
            page.chart(
                figures.derivative(curves[order], order, view.dark), key=f"derivative-{order}"
            )
    return curves


def _compared(view: sidebar.View, soft, smooth, truth: cards.Card) -> None:
    """Draw the picture at hand, and its codes with each activation."""
    picture, left, right = st.columns([1, 3, 3], gap="medium")
    with picture:
        page.cards([truth], narrowest=110)
    with left:
        page.chart(figures.stems(soft[0][0], smooth[0][0], view.dark), key="stems")
        st.caption(_("The code, atom by atom."))
    with right:
        page.chart(figures.histogram(soft[0][0], smooth[0][0], view.dark), key="histogram")
        st.caption(_("The number of atoms by the magnitude of their weight."))


def _nearest(theta: float) -> float:
    return min(
        url.domain("theta").options, key=lambda option: abs(math.log(option / max(theta, 1e-9)))
    )


def _choose(view: sidebar.View, chooser, knobs, switches):
    """The model, the parameters of its own activation, and the reader's θ, D, u and R. The last three are the places of the
    chips, of the sliders and of what sets them."""
    state, asked = st.session_state, st.query_params
    help = _(
        "The activation of the solver chosen last is replaced. Networks were trained with their own activation; "
        "results may be poor."
    )
    pixels = view.pixels((view.picture,))

    def works(model: models.Model) -> None:
        _own(model, view.lam), results.trace(model, pixels, view.lam, view.steps)

    with chooser:
        model = chips.last(
            models.choices(view.data), lambda model: bool(model.traits.activation), help, works
        )
    with switches:
        own = _own(model, view.lam)
        fit = url.widget("fit")
        if "D" in own:
            st.button(
                _("The network's own D and u"),
                icon=":material/model_training:",
                on_click=lambda: state.update(
                    fit=False, **{key: _clip(own[key], key) for key in "Du"}
                ),
                help=_("The medians over the atoms of the D and u that this network learned."),
            )
    mark = (model.id, view.lam)
    missing = "theta" not in state and "theta" not in asked
    if missing or session.THETA_OF.get() not in (None, mark):
        state["theta"] = _nearest(own["theta"])
    session.THETA_OF.set(mark)
    _follow_reach(_reach(model, pixels, view.lam, view.steps))
    theta, radius = url.now("theta"), url.now("R")
    best = _fit(theta, radius)
    session.FITTED_AT.set((theta, radius))
    if fit or any(key not in state and key not in asked for key in "Du"):
        D, u = best or (0.0, theta)
        state["D"], state["u"] = _clip(D, "D"), _clip(u, "u")
    rows = {
        key: sliders.Knob(then=_by_hand if key in "Du" else None)
        for key in ("theta", "R", "D", "u")
    }
    with knobs:
        theta, radius, D, u = sliders.live("parameters", rows, _moved, across=True)
    return model, own, theta, D, u, radius


def _follow_reach(reach: float) -> None:
    """Set R to what the activation is given on the picture at hand, unless the reader has chosen another R."""
    state, opened = st.session_state, session.opens("R")
    if "R" not in state and "R" in st.query_params:
        return
    if state.get("R", opened.get()) == opened.get():
        state["R"] = _clip(reach, "R")
        opened.set(state["R"])


def _moved(moved: dict) -> None:
    """Switch the best fit off, where the reader let the slider of D or u go in the browser."""
    if moved["key"] in ("D", "u"):
        st.session_state["fit"] = False


def _by_hand() -> None:
    """Switch the best fit off, where the reader moved D or u. A change of θ or R as well means a value of an older fit."""
    state = st.session_state
    if (state["theta"], state["R"]) == session.FITTED_AT.get():
        state["fit"] = False


def _clip(value: float, key: str) -> float:
    """The nearest value of the slider `key`."""
    return url.domain(key).nearest(value)


@cached
def _own(model: models.Model, lam: float) -> dict[str, float]:
    """The parameters of the model's own activation: medians over the atoms, and θ = λτ if it has no θ."""
    solver = models.build(model)
    x = solver.dictionary.new_zeros(1, len(solver.dictionary))
    with failing.name_failures(solver), torch.no_grad():
        drive = solver.drive(x, lasso.as_lambda(lam, x))
        own = {
            name: value.median().item()
            for name, value in inspection.activation(solver, drive).items()
        }
        return {"theta": (lam * solver.weights.matrices().step).item()} | own


def _curve(c: np.ndarray, D: float, u: float, theta: float, order: int) -> figures.Curve:
    at, bound = torch.from_numpy(c), torch.tensor(theta, dtype=torch.float64)
    if order == 0:
        return figures.Curve(
            c, activations.shrink(at, bound).numpy(), activations.double_tanh(at, D, u).numpy()
        )
    soft = activations.shrink_derivative(at, theta) if order == 1 else torch.zeros_like(at)
    return figures.Curve(
        c, soft.numpy(), activations.double_tanh_derivative(at, D, u, order).numpy()
    )


def _with_own(curve: figures.Curve, model: models.Model, lam: float) -> figures.Curve:
    """Add the model's own activation, the median over its atoms, unless it is shrinkage or double tanh."""
    solver = models.build(model)
    name = solver.traits.activation
    if name in ("shrinkage", "double-tanh"):
        return curve
    c = torch.from_numpy(curve.c).to(solver.dictionary)
    x = c.new_zeros(len(c), len(solver.dictionary))
    with failing.name_failures(solver), torch.no_grad():
        drive = solver.drive(x, lasso.as_lambda(lam, x))
        own = solver.h(c[:, None].expand(-1, solver.dictionary.shape[1]), drive).median(1).values
    return replace(curve, own=own.numpy(), own_name=f"{model.label}: {name}")


def _caption(view, model, theta: float, soft: np.ndarray, smooth: np.ndarray) -> tuple[str, str]:
    total, zeros, leaks = soft.size, int((soft == 0).sum()), int((smooth == 0).sum())
    large = [100 * evaluation.in_use(codes).mean() for codes in (soft, smooth)]
    return (
        ngettext(
            "In {solver} on {subject}, **shrinkage** sets {n} weight of {total} exactly to zero, and **double tanh** "
            "{leaks}.",
            "In {solver} on {subject}, **shrinkage** sets {n} weights of {total} exactly to zero, and **double tanh** "
            "{leaks}.",
            zeros,
            solver=model.label,
            subject=view.average([view.picture]),
            total=total,
            leaks=leaks or _("none"),
        ),
        _(
            "Shrinkage is exactly zero for |c| ≤ θ, and double tanh is zero only at c = 0. With double tanh {double:.0f} % of "
            "the weights exceed {least:g} in magnitude, and with shrinkage {soft:.0f} %.",
            double=large[1],
            soft=large[0],
            least=evaluation.IN_USE,
        ),
    )


def _notice(D: float, u: float, theta: float, radius: float, own: dict[str, float]) -> str:
    """The points to notice, in Markdown."""

    def h(c: float) -> float:
        return float(activations.double_tanh(torch.tensor(c, dtype=torch.float64), D, u))

    slope = float(activations.double_tanh_derivative(torch.tensor(0.0, dtype=torch.float64), D, u))
    own_theta = _nearest(own["theta"])
    times = u / own_theta
    lines = [
        _(
            "**Slope at zero.** Double tanh has the slope 2D/cosh²u = {slope:.3f} at zero, and shrinkage has 0. A memory of "
            "θ/2 = {half:.3g} gives the code {code:.3g} instead of 0.",
            slope=slope,
            half=theta / 2,
            code=h(theta / 2),
        ),
        _(
            "**Saturation.** Double tanh never exceeds 2D = {most:.3g}, but shrinkage is not bounded. At c = {c:g} shrinkage "
            "gives {soft:.3g} and double tanh {double:.3g}.",
            most=2 * D,
            c=4 * radius,
            soft=max(4 * radius - theta, 0),
            double=h(4 * radius),
        ),
        _("**The range [−u, u].** {told}", told=_on_paper_range(theta, u)),
        _(
            "**u is not a threshold.** u determines the shape of the whole curve. The solver's own θ is about {own:g}, and u "
            "is {times} times as large.",
            own=own_theta,
            times=localized(f"{times:,.{0 if round(times, 1) >= 10 else 1}f}"),
        ),
    ]
    return "\n".join(f"- {line}" for line in lines)


def _on_paper_range(theta: float, u: float) -> str:
    """How well double tanh with the best D matches shrinkage on [−u, u], the range that the paper names."""
    said = (
        _(
            "The paper calls the approximation good within [−u, u] and does not say how u relates to θ."
        )
        + " "
    )
    curve = _curve(np.linspace(-u, u, 201), 1.0, u, theta, 0)
    if not curve.shrinkage.any():
        return said + _(
            "Here θ ≥ u = {u:.2f}, so shrinkage is zero on this range, and the best D is 0.", u=u
        )
    D = float(curve.double_tanh @ curve.shrinkage / (curve.double_tanh @ curve.double_tanh))
    size, rms = (
        float(np.sqrt(np.mean(off**2)))
        for off in (curve.shrinkage, curve.shrinkage - D * curve.double_tanh)
    )
    return said + _(
        "For θ = {theta:g} and u = {u:.2f} the best D, {D:.2f}, leaves a root mean square error of {rms:.2g} "
        "there, {share} of that of shrinkage itself.",
        theta=theta,
        u=u,
        D=D,
        rms=rms,
        share=phrases.share(rms / size),
    )


def _cards(
    view, model, pixels, soft, smooth, theta: float, D: float, u: float
) -> tuple[list[cards.Card], float]:
    """The cards of the ground truth and of both activations, and the top of the scale of their errors."""
    made = [models.reconstructed(model, codes) for codes, _F in (soft, smooth)]
    errors = [mosaics.error(pixels, reconstruction, view.shape) for reconstruction in made]
    top = mosaics.shared_top(errors, most=mosaics.span(view.shape))
    about = view.average([view.picture])
    scale = _("Error |x − Bs|, the same scale for both:")
    legend = f"<span>{about}</span><span>{scale}</span>{cards.error_bar(top)}"
    drawn = [
        cards.Card(
            _("Ground truth"),
            "truth",
            pictures=[(mosaics.mosaic(pixels, view.shape, side=1), about)],
            extra=f'<div class="sc-legend">{legend}</div>',
        )
    ]
    notes = (localized(f"θ = {theta:g}"), _("D = {D:.2f}, u = {u:.2f}", D=D, u=u))
    each = zip(figures.NAMES, map(_, _WITH), notes, (soft, smooth), made, errors, strict=True)
    for name, said, note, (codes, F), rebuilt, error in each:
        images = [
            (
                mosaics.mosaic(rebuilt, view.shape, side=1),
                _("{subject}, reconstruction with {name}", subject=about, name=said),
            ),
            (
                mosaics.error_mosaic(error, top, side=1),
                _("Errors with {name}: {mean:.3g} on average", name=said, mean=error.mean()),
            ),
        ]
        psnr = evaluation.psnr(
            torch.from_numpy(pixels), torch.from_numpy(rebuilt), sets.peak(view.data)
        ).item()
        numbers = {
            localized(
                f"|s| > {evaluation.IN_USE:g}"
            ): f"{100 * evaluation.in_use(codes).mean():.0f} %",
            _("Exactly 0"): f"{100 * (codes == 0).mean():.0f} %",
            "PSNR": phrases.decibels(psnr),
        }
        drawn.append(
            cards.Card(
                _(name),
                model.solver,
                note,
                images,
                (phrases.objective(F), _("objective F")),
                numbers,
            )
        )
    return drawn, top


def _table(curves: list[figures.Curve]) -> str:
    """The curves as CSV."""
    head = [
        "c",
        *(
            f"{name}_{kind}"
            for name in ("h", "slope", "curvature")
            for kind in ("shrinkage", "double_tanh")
        ),
    ]
    drawn = zip(
        curves[0].c,
        *(values for curve in curves for values in (curve.shrinkage, curve.double_tanh)),
        strict=True,
    )
    return page.table(head, drawn)


def _code_table(soft, smooth) -> str:
    """The codes of both activations as CSV."""
    codes = zip(range(len(soft[0][0])), soft[0][0], smooth[0][0], strict=True)
    return page.table(["atom", "code_shrinkage", "code_double_tanh"], codes)


def _python(
    view: sidebar.View, model: models.Model, theta: float, D: float, u: float, radius: float
) -> Code:
    most, fits = [url.domain(key).high for key in "Du"], _fit(theta, radius) is not None
    at_hand = {"theta": theta, "D": D, "u": u, "radius": radius}
    return python(__file__, view=view, model=model, most=most, fits=fits, **at_hand)


activations_page()
