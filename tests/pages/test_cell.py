"""Inside the cell without a browser: gates and activations of every solver at every extreme, and the numbers on the page."""

import base64
import json
import re
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from sc2viz import activations, checkpoints, data, evaluation, lasso, solvers
from sc2viz.analysis.ablation import Gates
from sc2viz.pages.cell import gates as gate_view
from sc2viz.ui import models
from sc2viz.ui.tours.truths import networks

# λ, T, θ, R, D and u
EXTREMES = (
    (1.0, 1, 2.0, 0.05, 6.0, 3.0),
    (0.01, 100, 0.0001, 4.0, 0.05, 0.01),
    (0.5, 10, 0.9, 1.0, 1.0, 1.0),
)


def read(elements) -> str:
    return " ".join(element.value for element in elements).replace("\u00a0", " ")


def why(app) -> str:
    return app.expander[0].markdown[0].value.replace("\u00a0", " ")


def solvers_with(app, trait: str) -> list[str]:
    """The labels of the models whose solver has that trait; the exact solver and filters are for photographs alone."""
    names = *solvers.NAMES, *solvers.ON_FILTERS
    traits = {solvers.solver_class(name).label: solvers.solver_class(name).traits for name in names}
    labels = [label for label in app.pills(key="solvers").options if label != models.EXACT.label]
    traits_by_label = {label: traits[label.partition(" (")[0]] for label in labels}
    return [
        label
        for label, traits_of in traits_by_label.items()
        if not traits_of.filters and getattr(traits_of, trait)
    ]


@pytest.mark.release
@pytest.mark.parametrize("name", ["digits", "patches"])
@pytest.mark.parametrize(("path", "trait"), [("gates", "gates"), ("activations", "activation")])
def test_every_model_is_shown_at_every_extreme(open_page, name, path, trait):
    app = open_page(path, data=name, more="true", fit="false")
    labels = solvers_with(app, trait)
    assert {"Adaptive ISTA", "SLSTM (as printed, untrained)"} < set(labels)
    for label in labels:
        app.pills(key="solvers").set_value([label]).run()
        for lam, T, theta, R, D, u in EXTREMES:
            app.number_input(key="lam").set_value(lam)
            app.number_input(key="T").set_value(T)
            if path == "activations":
                app.select_slider(key="theta").set_value(theta)
                for key, value in {"R": R, "D": D, "u": u}.items():
                    app.slider(key=key).set_value(value)
            app.run()
            assert not app.exception and not app.error, (label, lam, T, theta)


def test_the_sentence_and_the_plane_give_one_mean_of_a_forget_gate(open_page):
    app = open_page("gates", data="mnist-5k", lam="0.5", T="10", more="true")
    atom = app.number_input(key="atom").value
    mean = re.search(r"multiplies the old memory by \*\*([\d.]+)\*\*", read(app.markdown))[1]
    plane = json.loads(app.get("plotly_chart")[-1].proto.spec)
    point = next(trace for trace in plane["data"] if trace["name"] == f"atom {atom}")
    f = np.frombuffer(base64.b64decode(point["x"]["bdata"]), "f4")
    assert f"{f.item():.2f}" == mean


def test_why_says_where_the_code_ends_with_the_gate_closed(open_page):
    """With two iterations, the first of them from c = 0, the gate acts once."""
    app = open_page("gates", data="digits", solvers=["SLSTM"], T="2", lam="0.1", picture="3")
    atom, x = app.number_input(key="atom").value, data.load("digits", split="test").pixels[[3]]
    with torch.no_grad():
        path = checkpoints.load("digits/slstm").trace(x, 0.1, 2)
    first, c = path.cell[1:, 0, atom]
    f, code = path.forget_gate[1, 0, atom], path.codes[2, 0, atom]
    shut, theta = c - f * first, (c - code).abs()
    closed = shut.sign() * (shut.abs() - theta).clamp_min(0)
    reason = why(app).replace("−", "-")
    assert f"s = {code:.3f}; with this gate closed (f = 0) it would end at {closed:.3f}," in reason
    i, f = (getattr(path, gate)[:, 0].mean() for gate in ("input_gate", "forget_gate"))
    assert abs(i + f - 1) < 0.1 and "Without gates the steps overshoot back and forth" in reason


@pytest.mark.parametrize("without", [2e3, float("nan")])
def test_a_code_that_runs_away_without_gates_ends_at_infinity(without):
    describe = partial(gate_view.describe_forget_gate, "it", 17, np.array([0.9, 1.5]), 0.4, 0.3)
    assert "at ∞. Without gates the steps overshoot" in describe(without, True)[1]
    assert "overshoot" not in describe(0.5, False)[1]


def test_fixed_gates_are_said_to_give_most_of_the_gain_only_where_they_do():
    distances = Gates(computed=1, mean=9, one_gate=2, open=90, plain=22)
    assert "give most of the gain" in networks.describe_gain(distances)
    for fixed in (1, 0.5, 12):  # as good as gates that see the picture, better, and less than half
        assert not networks.describe_gain(distances._replace(mean=13, one_gate=fixed))


@pytest.mark.parametrize("size", [(1, 6), (1, 1), (1,)])
def test_a_gate_with_one_value_a_sample_is_drawn_for_every_atom(size):
    gate = torch.rand(4, *size, generator=torch.Generator().manual_seed(0))
    model = SimpleNamespace(traits=solvers.Traits(gates={"valve": "valve"}))
    path = solvers.Trajectory(torch.zeros(5, 1, 6), {"valve": gate})
    values = gate_view._panels(model, path, is_explained=False)[0].values
    np.testing.assert_array_equal(values, np.broadcast_to(gate.numpy().reshape(4, -1), (4, 6)))


def test_fields_open_where_the_view_says_and_follow_it_until_the_reader_chooses(open_page):
    app = open_page("gates", data="digits", T="5", atom="1000", at="50", order="upside down")
    images, network = data.load("digits", split="test"), checkpoints.load("digits/slstm")
    atoms = []
    for picture in (0, 3, 5):
        app.sidebar.number_input(key="picture").set_value(picture).run()
        atoms.append(app.number_input(key="atom").value)
        with torch.no_grad():
            assert atoms[-1] == network(images.pixels[[picture]], 0.5, 5)[0].abs().argmax()
    assert len({*atoms}) > 1 and app.number_input(key="at").value == 3
    app.number_input(key="atom").set_value(17)
    app.number_input(key="at").set_value(5).run()
    app.sidebar.number_input(key="picture").set_value(7)
    app.sidebar.number_input(key="T").set_value(4).run()
    assert (app.number_input(key="atom").value, app.number_input(key="at").value) == (17, 4)
    app.number_input(key="at").set_value(None).run()  # an emptied field: where the page opens
    assert not app.exception and app.number_input(key="at").value == 3


@pytest.mark.parametrize(("name", "lam", "T"), [("mnist-5k", 0.5, 10), ("digits", 0.3, 7)])
def test_what_the_gates_add_is_measured_on_test_pictures(open_page, name, lam, T):
    app = open_page("gates", data=name, lam=f"{lam}", T=f"{T}", solvers=["SLSTM"], more="true")
    images = data.load(name, split="test")
    solver = checkpoints.load(f"{name.removesuffix('-5k')}/slstm").requires_grad_(False)
    assert f"over 100 test pictures at λ = {lam}." in read(app.caption)
    x = images.pixels[evaluation.subset(len(images), 100)]
    unit, theta = lasso.normalised(solver.dictionary), solver.drive(x, torch.tensor(lam)).h[0]
    best = lasso.objective(x, lasso.solve(x, unit, lam, tol=1e-6).codes, unit, lam).mean()
    ungated = torch.zeros_like(solver(x, lam, 1))
    for _ in range(T):  # i = 1 and f = 0
        c = ungated @ solver.W_e.T + x @ solver.W_d.T
        ungated = c.sign() * (c.abs() - theta).clamp_min(0)
    plain = solvers.build("ista", unit)(x, lam, T)
    coded = (
        (solver(x, lam, T), solver.dictionary),
        (ungated, solver.dictionary),
        (plain, unit),
    )
    F = [lasso.honest_objective(x, codes, B, lam).mean() for codes, B in coded]
    computed, mean, one_gate, without, ista = app.table[-1].value.iloc[:, 1]
    for text, value in zip((computed, without, ista), F, strict=True):
        if value > x.square().sum(1).mean():
            assert text == "runs away"
        else:
            excess = 100 * (value / best - 1).item()
            assert float(text[1:-2].replace(",", "")) == pytest.approx(excess, rel=0.05)
    computed, mean, one_gate, ista = (
        float(text[1:-2]) for text in (computed, mean, one_gate, ista)
    )
    assert computed < min(mean, one_gate) < (computed + ista) / 2
    assert "give most of the gain over ISTA" in read(app.caption)
    assert ("give most of the gain" in why(app)) == (lam == 0.5)  # else behind More alone


def test_what_gates_add_is_measured_once_they_have_learned(open_page):
    app = open_page("gates", data="digits", solvers=["SLSTM (untrained)"], T="3", more="true")
    assert "The gates of SLSTM (untrained) are untrained." in read(app.markdown) and not app.table


def test_parameters_follow_the_view_until_the_reader_chooses_them(open_page):
    solver, x = checkpoints.load("digits/slstm"), data.load("digits", split="test").pixels
    app = open_page("activations", data="digits", solvers=["SLSTM"], T="10")
    for picture, lam in ((0, 0.5), (3, 0.1)):
        app.number_input(key="picture").set_value(picture)
        app.number_input(key="lam").set_value(lam).run()
        theta, R, D, u = (
            app.select_slider(key="theta").value,
            *(app.slider(key=key).value for key in "RDu"),
        )
        with torch.no_grad():
            threshold = solver.drive(x[:1], torch.tensor(lam)).h[0].median().item()
            largest = solver.trace(x[[picture]], lam, 10).cell.abs().max().item()
        assert theta == pytest.approx(threshold, rel=0.12)
        assert pytest.approx(largest, abs=0.0051) == R
        assert (D, u) == pytest.approx(activations.fit_double_tanh(theta, R), abs=0.0051)
    app.toggle(key="fit").set_value(False)
    app.slider(key="D").set_value(2.0)
    app.slider(key="R").set_value(1.5).run()
    app.number_input(key="picture").set_value(1).run()
    assert (app.slider(key="D").value, app.slider(key="R").value) == (2.0, 1.5)


@pytest.mark.parametrize(
    ("query", "is_open"),
    [({"D": "2"}, False), ({"R": "1.5"}, True), ({"fit": "false", "D": "2"}, True)],
)
def test_a_link_to_what_stands_behind_more_opens_it(open_page, query, is_open):
    app = open_page("activations", data="digits", **query)
    assert (len(app.get("plotly_chart")) > 0) == is_open
    assert all(app.slider(key=key).value == float(query[key]) for key in "RD" if key in query)
    cards = [card.proto for card in app.get("html")]
    assert f"D = {app.slider(key='D').value:.2f}" in str(cards)


def test_the_share_of_zeros_is_istas_and_double_tanh_has_none(open_page):
    view = {"data": "digits", "lam": "0.5", "T": "10", "picture": "2", "theta": "0.012"}
    app = open_page("activations", **view, under="ISTA")
    B, x = checkpoints.load_dictionary("digits"), data.load("digits", split="test").pixels[[2]]
    s, tau = torch.zeros(1, 100), 1 / torch.linalg.matrix_norm(B, 2) ** 2
    for _ in range(10):
        c = s - tau * (s @ B.T - x) @ B
        s = c.sign() * (c.abs() - 0.012).clamp_min(0)
    zeros, large = int((s == 0).sum()), 100 * (s.abs() > 1e-3).double().mean().item()
    text = read(app.markdown)
    assert f"sets {zeros} weights of 100 exactly to zero, and **double tanh** none" in text
    assert f"and with shrinkage {large:.0f} %" in why(app)


@pytest.mark.parametrize("theta", [0.005, 0.9])
def test_the_best_double_tanh_on_the_papers_range_is_numpys(open_page, theta):
    view = {"data": "digits", "fit": "false", "theta": f"{theta}", "u": "0.8", "D": "1"}
    app = open_page("activations", **view)
    c = np.linspace(-0.8, 0.8, 201)
    target = np.sign(c) * np.maximum(np.abs(c) - theta, 0)
    shape = (np.tanh(c + 0.8) + np.tanh(c - 0.8))[:, None]
    D, residual = np.linalg.lstsq(shape, target, rcond=None)[:2]
    best, rms = round(D[0], 2) + 0, np.sqrt(residual[0] / 201)
    sentence = f"the best D, {best:.2f}, leaves a root mean square error of {rms:.2g}."
    assert sentence in read(app.markdown)
