"""Inside the cell, the activation: shrinkage, the double tanh that the paper uses instead (Figure 2), and the codes of each."""

import math
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
import torch

from sc2viz import activations, evaluation, lasso
from sc2viz.analysis import inspection
from sc2viz.draw import activations as figures
from sc2viz.draw import cards, mosaics, sheet, style
from sc2viz.pages.cell.views import open_view
from sc2viz.solvers import Trajectory, failing
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
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _, localized, ngettext

SHAPE = ("R", "D", "u")  # the rows of the URL whose sliders stand behind More
IN_SENTENCES = N_("shrinkage"), N_("double tanh")  # after "with", in the order of `figures.NAMES`


class Parameters(NamedTuple):
    """Of both activations: θ of shrinkage, D and u of double tanh, and R, where the fit of D and u is on [−R, R]."""

    theta: float
    R: float
    D: float
    u: float


_difference = component(Path(__file__).with_name("live.js"), isolated=False)


@cached
def _best_fit(theta: float, radius: float) -> tuple[float, float]:
    """The best (D, u) on [−R, R]; (0, θ) if shrinkage is zero on all of it."""
    limits = url.domain("D").high, url.domain("u").high
    return activations.fit_double_tanh(theta, radius, limits) if theta < radius else (0.0, theta)


@cached
def _codes(
    model: models.Model,
    pixels: np.ndarray,
    lam: float,
    steps: int,
    theta: float,
    D: float,
    u: float,
) -> tuple[np.ndarray, list[float]]:
    """The codes (2, d_s) of a picture by a model with shrinkage and with double tanh, and F of each."""
    solver, x = models.build(model), torch.from_numpy(pixels.repeat(2, 0))
    threshold = torch.tensor(theta, dtype=torch.float32)

    def h(c: torch.Tensor) -> torch.Tensor:
        soft, smooth = activations.shrink(c[:1], threshold), activations.double_tanh(c[1:], D, u)
        return torch.cat((soft, smooth))

    with torch.no_grad():
        both = inspection.with_activation(solver, h)
        codes = inspection.ends(both, x, lam, steps, models.acts_beyond(model, steps)).codes
        F = lasso.honest_objective(solver.centred(x), codes, solver.dictionary, lam)
    return codes.numpy(), F.tolist()


@cached
def _own_parameters(model: models.Model, lam: float) -> dict[str, float]:
    """The parameters of the model's own activation: medians over the atoms, and θ = λτ if it has no θ."""
    solver = models.build(model)
    x = solver.dictionary.new_zeros(1, len(solver.dictionary))
    with failing.name_failures(solver), torch.no_grad():
        parameters = inspection.activation(solver, solver.drive(x, lasso.as_lambda(lam, x)))
        medians = {name: value.median().item() for name, value in parameters.items()}
        return {"theta": (lam * solver.weights.matrices().step).item()} | medians


@fragment
def activations_page() -> None:
    view, canvas, sentence = open_view()
    figure, pictures = st.container(key="each-activation").columns([1.8, 1], gap="medium")
    chooser = st.container()
    pixels = view.x
    with chooser:
        model = chips.last(
            models.choices(view.data),
            lambda model: bool(model.traits.activation),
            _(
                "The activation of the solver chosen last is replaced. Networks were trained with their own activation; "
                "results may be poor."
            ),
            lambda model: (
                _own_parameters(model, view.lam),
                results.trace(model, pixels, view.lam, view.steps),
            ),
        )
    with canvas:
        pen.canvas(view, [model])
    medians = _own_parameters(model, view.lam)
    path = results.trace(model, pixels, view.lam, view.steps)
    _set_parameters(view, model, medians["theta"], path)
    parameters, is_fit = Parameters(*map(url.value, Parameters._fields)), url.value("fit")
    theta, _R, D, u = parameters
    limits = {key: url.domain(key).high for key in "Du"}

    codes, F = _codes(model, pixels, view.lam, view.steps, theta, D, u)
    zeros = [int((code == 0).sum()) for code in codes]
    shares = [100 * evaluation.in_use(code).mean() for code in codes]
    with sentence:
        page.caption(
            ngettext(
                "In {solver} on {subject}, **shrinkage** sets {n} weight of {total} exactly to zero, and **double tanh** "
                "{zeros}.",
                "In {solver} on {subject}, **shrinkage** sets {n} weights of {total} exactly to zero, and **double tanh** "
                "{zeros}.",
                zeros[0],
                solver=model.label,
                subject=view.average(),
                total=codes.shape[1],
                zeros=zeros[1] or _("none"),
            ),
            _(
                "Shrinkage is exactly zero for |c| ≤ θ, and double tanh is zero only at c = 0. With double tanh "
                "{double_tanh:.0f} % of the weights exceed {threshold:g} in magnitude, and with shrinkage {shrinkage:.0f} %.",
                double_tanh=shares[1],
                shrinkage=shares[0],
                threshold=evaluation.IN_USE,
            ),
        )
        page.notes(describe_models.notes([model], view.steps, view.lam))
    with figure:
        colours = {"light": style.signed_colours(False), "dark": style.signed_colours(True)}
        data = parameters._asdict() | {"fits": is_fit, "limits": limits, "colours": colours}
        page.idea("one_weight", data)
    side_by_side, top = _cards(view, model, pixels, codes, F, parameters)
    with pictures:
        sliders.live("threshold", {"theta": sliders.Knob()}, across=True)
        page.cards(side_by_side[1:], narrowest=110)
    place = page.details(is_asked="R" in st.query_params or not is_fit)
    # Where More is closed, the controls of R, D and u are out of sight.
    with (place or pictures).container(
        horizontal=True, key="shape-choice" if place else "shape-hidden"
    ):
        url.widget("fit")
        if "D" in medians:
            st.button(
                _("The network's own D and u"),
                icon=":material/model_training:",
                on_click=st.session_state.update,
                kwargs={"fit": False}
                | {key: url.domain(key).nearest(medians[key]) for key in "Du"},
                help=_("The medians over the atoms of the D and u that this network learned."),
            )
    with place or pictures:
        knobs, hidden = {key: sliders.Knob() for key in SHAPE}, [] if place else [*SHAPE]
        sliders.live("shape", knobs, _switch_fit_off, across=True, hidden=hidden)
    if place:
        values, slopes, curvatures = _curves(model, view.lam, parameters)
        with place:
            both, slope, curvature = st.columns([1.3, 1, 1], gap="medium")
            differences, magnitudes = st.columns(2, gap="medium")
        with both:
            page.chart(figures.activation(values, *parameters, view.dark), key="activation")
            ends = {key: {"low": url.domain(key).low, "high": limits[key]} for key in "Du"}
            data = {
                "values": parameters._asdict(),
                "fit": is_fit,
                "limits": ends,
                "room": figures.ROOM,
                "around": figures.AROUND,
            }
            _difference(key="apart", data=data)
        with slope:
            at_zero = 2 * D / math.cosh(u) ** 2
            st.markdown(
                _("**Slope h′**: {slope:.3f} at zero, not 0 as that of shrinkage", slope=at_zero)
            )
            page.chart(figures.derivative(slopes, 1, view.dark), key="derivative-1")
        with curvature:
            st.markdown(f"**{_('Curvature h″')}**")
            page.chart(figures.derivative(curvatures, 2, view.dark), key="derivative-2")
        with differences:
            st.container(key="definitions").latex(
                r"\begin{gathered} h_\theta(c) = \operatorname{sign}(c)\,(|c| - \theta)_+ \\ "
                r"h_{D,u}(c) = D\,\bigl(\tanh(c + u) + \tanh(c - u)\bigr) \end{gathered}"
            )
            grid = torch.linspace(-u, u, 201)
            soft = activations.shrink(grid, torch.tensor(theta))
            smooth = activations.double_tanh(grid, 1.0, u)
            best = float(smooth @ soft / (smooth @ smooth))
            st.markdown(
                _(
                    "**The range [−u, u].** The paper calls the approximation good there. For θ = {theta:g} and u = {u:.2f} "
                    "the best D, {D:.2f}, leaves a root mean square error of {rms:.2g}.",
                    theta=theta,
                    u=u,
                    D=best,
                    rms=(soft - best * smooth).square().mean().sqrt().item(),
                )
            )
        with magnitudes:
            page.chart(figures.histogram(*codes, view.dark), key="histogram")
            st.caption(_("The number of atoms by the magnitude of their weight."))
    name = f"sc2viz-activations-{view.data}-{view.picture}-lambda-{view.lam:g}"
    title = f"{view.average()}, {model.label}, λ = {localized(f'{view.lam:g}')}, T = {view.steps}"
    head = ["atom", "code_shrinkage", "code_double_tanh"]
    rows = [*zip(range(codes.shape[1]), *codes, strict=True)]
    page.explained(
        [model],
        [
            page.png(name, lambda: cards.draw_sheet(title, side_by_side, [sheet.error_bar(top)])),
            page.csv(name, lambda: _table(_curves(model, view.lam, parameters))),
            page.csv(f"{name}-codes", lambda: page.table(head, rows), _("Codes (CSV)")),
        ],
        __file__,
        view=view,
        model=model,
        limits=limits,
        **parameters._asdict(),
    )


def _set_parameters(
    view: sidebar.View, model: models.Model, theta: float, path: Trajectory
) -> None:
    """Set θ to the model's own for another model or λ; R, until the reader has chosen another one, to the largest |c| that
    the activation is given: of the cell state, else of the candidate, else of the codes; and D and u to their best fit."""
    state, query, opened = st.session_state, st.query_params, session.keep("openings", {})
    current, previous = (model.id, view.lam), session.theta_of
    if "theta" not in (*state, *query) or previous not in (None, current):
        options = url.domain("theta").options
        state["theta"] = min(options, key=lambda option: abs(math.log(option / max(theta, 1e-9))))
    session.theta_of = current
    if "R" in state and state["R"] == opened.get("R") or "R" not in (*state, *query):
        names = (name for name in ("cell", "candidate") if name in path.parts)
        inputs = path.parts.get(next(names, ""), path.codes)
        opened["R"] = url.domain("R").nearest(inputs.abs().max().item())
        if state.get("R") != opened["R"]:  # what is set stands in the URL
            state["R"] = opened["R"]
    best = _best_fit(url.value("theta"), url.value("R"))
    for key, value in zip("Du", best, strict=True):
        if (
            key in state and url.value("fit") or key not in (*state, *query)
        ):  # what a link names stays
            state[key] = url.domain(key).nearest(value)


def _switch_fit_off(change: dict) -> None:
    """Switch the best fit off where the reader has moved D or u."""
    if change["key"] in ("D", "u"):
        st.session_state["fit"] = False


def _curves(model: models.Model, lam: float, parameters: Parameters) -> list[figures.Curve]:
    """Both activations, their slopes and their curvatures; and the model's own activation, the median over its atoms, unless
    it is one of the two."""
    theta, R, D, u = parameters
    c = torch.linspace(-1, 1, 601, dtype=torch.float64) * max(1.5 * R, figures.AROUND * theta)
    pairs = (
        (
            activations.shrink(c, torch.tensor(theta, dtype=c.dtype)),
            activations.double_tanh(c, D, u),
        ),
        (activations.shrink_derivative(c, theta), activations.double_tanh_derivative(c, D, u, 1)),
        (torch.zeros_like(c), activations.double_tanh_derivative(c, D, u, 2)),
    )
    curves = [figures.Curve(c.numpy(), *(h.numpy() for h in pair)) for pair in pairs]
    solver = models.build(model)
    name = solver.traits.activation
    if name not in ("shrinkage", "double-tanh"):
        c = c.to(solver.dictionary)
        x = c.new_zeros(len(c), len(solver.dictionary))
        with failing.name_failures(solver), torch.no_grad():
            drive = solver.drive(x, lasso.as_lambda(lam, x))
            codes = solver.h(c[:, None].expand(-1, solver.dictionary.shape[1]), drive)
        values = codes.median(1).values.numpy()
        curves[0] = replace(curves[0], solver_values=values, own_name=f"{model.label}: {name}")
    return curves


def _cards(
    view: sidebar.View,
    model: models.Model,
    pixels: np.ndarray,
    codes: np.ndarray,
    F: list[float],
    parameters: Parameters,
) -> tuple[list[cards.Card], float]:
    """The cards of the ground truth and of both activations, and the top of the scale of their errors."""
    reconstructions = [models.reconstructed(model, code[None]) for code in codes]
    errors = [mosaics.error(pixels, picture, view.shape) for picture in reconstructions]
    top = mosaics.shared_top(errors, limit=mosaics.span(view.shape))
    subject, x = view.average(), torch.from_numpy(pixels)
    truth = [(mosaics.mosaic(pixels, view.shape, side=1), subject)]
    side_by_side = [cards.Card(_("Ground truth"), "truth", pictures=truth)]
    theta, _R, D, u = parameters
    notes = (localized(f"θ = {theta:g}"), _("D = {D:.2f}, u = {u:.2f}", D=D, u=u))
    for k, picture in enumerate(reconstructions):
        name, code = _(IN_SENTENCES[k]), codes[k]
        psnr = evaluation.psnr(x, torch.from_numpy(picture), sets.peak(view.data)).item()
        about = _("{subject}, reconstruction with {name}", subject=subject, name=name)
        wrong = _("Errors with {name}: {mean:.3g} on average", name=name, mean=errors[k].mean())
        images = [
            (mosaics.mosaic(picture, view.shape, side=1), about),
            (mosaics.error_mosaic(errors[k], top, side=1), wrong),
        ]
        in_use = localized(f"|s| > {evaluation.IN_USE:g}")
        numbers = {
            in_use: f"{100 * evaluation.in_use(code).mean():.0f} %",
            _("Exactly 0"): f"{100 * (code == 0).mean():.0f} %",
            "PSNR": phrases.decibels(psnr),
        }
        headline = phrases.objective(F[k]), _("objective F")
        bar = cards.error_bar(top)
        side_by_side.append(
            cards.Card(_(figures.NAMES[k]), model.solver, notes[k], images, headline, numbers, bar)
        )
    return side_by_side, top


def _table(curves: list[figures.Curve]) -> str:
    """The curves as CSV."""
    kinds = ("shrinkage", "double_tanh")
    names = [f"{name}_{kind}" for name in ("h", "slope", "curvature") for kind in kinds]
    columns = [getattr(curve, kind) for curve in curves for kind in kinds]
    return page.table(["c", *names], zip(curves[0].c, *columns, strict=True))


activations_page()
