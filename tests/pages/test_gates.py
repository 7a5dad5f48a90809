"""Gates & cells and Activations without a browser: every model, every extreme, and the numbers on the page."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from sc2viz import activations, checkpoints, data, evaluation, lasso, solvers
from sc2viz.analysis import ablation
from sc2viz.pages.gates import any_gates, describe_gates
from sc2viz.ui import models


def caption(app) -> str:
    found = next(
        markdown.value
        for markdown in app.markdown
        if re.search(r"[Oo]n picture \d", markdown.value)
    )
    return found.replace("\u00a0", " ")


def why(app) -> str:
    return app.expander[0].markdown[0].value.replace("\u00a0", " ")


def every(app, trait: str) -> list[str]:
    """The labels of the models whose solver has that trait; the exact solver and filters are for photographs alone."""
    names = *solvers.NAMES, *solvers.ON_FILTERS
    traits = {solvers.solver_class(name).label: solvers.solver_class(name).traits for name in names}
    labels = [label for label in app.pills(key="solvers").options if label != models.EXACT.label]
    known = {label: traits[label.partition(" (")[0]] for label in labels}
    return [label for label, each in known.items() if not each.filters and getattr(each, trait)]


@pytest.mark.parametrize("name", ["digits", pytest.param("patches", marks=pytest.mark.release)])
def test_gates_show_every_model_at_every_extreme(open_page, name):
    app = open_page("gates", data=name)
    assert {"Adaptive ISTA", "SLSTM (as printed, untrained)"} < set(every(app, "gates"))
    for label in every(app, "gates"):
        app.pills(key="solvers").set_value([label]).run()
        for lam, T in ((1.0, 1), (0.01, 100), (0.5, 10)):
            app.number_input(key="lam").set_value(lam)
            app.number_input(key="T").set_value(T).run()
            assert not app.exception and not app.error, (label, lam, T)


def test_the_slow_motion_is_the_traces(open_page):
    """Against a network built here, not through the page's own way."""
    app = open_page(
        "gates",
        data="digits",
        gated="Adaptive ISTA",
        atom="17",
        at="2",
        T="5",
        lam="0.1",
        picture="3",
    )
    B = checkpoints.load_dictionary("digits")
    solver = solvers.build("adaptive-ista", B, input_gate=1.8, forget_gate=-0.8)
    path = solver.trace(data.load("digits", split="test").pixels[[3]], 0.1, 5)
    cell, code = path.cell[2, 0, 17].item(), path.codes[2, 0, 17].item()
    block = next(latex.value for latex in app.latex if r"\tilde c &=" in latex.value)
    mixed = next(group for group in block.split(r"\\[.6em]") if "c &= f" in group)
    shown = re.search(r"&= (-?[\d.]+)\s*$", mixed).group(1)
    assert float(shown) == pytest.approx(cell, abs=0.51 * 10.0 ** -len(shown.partition(".")[2]))
    last = re.findall(r"&= (-?[\d.]+)", block.split(r"\\[.6em]")[-1])[-1]
    assert float(last) == pytest.approx(code, abs=0.51 * 10.0 ** -len(last.partition(".")[2]))


def test_the_sentence_answers_what_the_forget_gate_does(open_page):
    app = open_page("gates", data="digits", gated="SLSTM (untrained)", atom="17")
    assert "**atom 17** keeps 50 % of the old memory" in caption(
        app
    )  # f = 1 − 1/κ = ½ before training


def test_the_sentence_says_what_a_shut_gate_does_to_memory_and_code(open_page):
    view = {"data": "digits", "gated": "SLSTM", "T": "2", "lam": "0.1", "picture": "3"}
    assert (
        "atom" not in open_page("gates", **view).query_params
    )  # the one that matters most, until the reader chooses
    network = checkpoints.load("digits/slstm")
    with torch.no_grad():
        path = network.trace(data.load("digits", split="test").pixels[[3]], 0.1, 2)
    kept = path.forget_gate[1, 0] * path.cell[1, 0]
    shut = (
        path.cell[2, 0] - kept
    )  # with two iterations, the first of them from c = 0, the gate acts once
    theta = (path.cell[2, 0] - path.codes[2, 0]).abs()  # of an atom in use
    # An atom whose code is positive with and without what the gate keeps, so that both are past the same threshold.
    atom = int(torch.where((path.codes[2, 0] > 0) & (shut > theta) & (kept > 0), kept, 0).argmax())
    c, s, c_shut = path.cell[2, 0, atom].item(), path.codes[2, 0, atom].item(), shut[atom].item()
    s_shut = s - kept[atom].item()
    app = open_page("gates", **view, atom=str(atom))
    assert f"c = {c:.3f} instead of {c_shut:.3f}" in why(app)
    assert f"the code is {100 * (s / s_shut - 1):.0f}" in why(app) and " larger" in why(app)
    assert f"c = {c:.3f}" not in caption(app)


@pytest.mark.parametrize("size", [(1, 6), (1, 1), (1,)])
def test_a_gate_with_one_value_a_sample_is_drawn_for_every_atom(size):
    gate = torch.rand(4, *size, generator=torch.Generator().manual_seed(0))
    model = SimpleNamespace(traits=solvers.Traits(gates={"valve": "valve"}))
    panels = any_gates._panels(model, solvers.Trajectory(torch.zeros(5, 1, 6), {"valve": gate}))
    np.testing.assert_array_equal(
        panels[0].values, np.broadcast_to(gate.numpy().reshape(4, -1), (4, 6))
    )


def test_fields_open_where_the_view_says_and_stay_within_it(open_page):
    usual = open_page("gates", data="digits", T="5")
    app = open_page("gates", data="digits", T="5", atom="1000", at="50", order="upside down")
    for key in ("atom", "at"):
        assert app.number_input(key=key).value == usual.number_input(key=key).value
    app.number_input(key="at").set_value(5).run()
    app.sidebar.number_input(key="T").set_value(4).run()
    assert app.number_input(key="at").value == 4 and not app.error
    app.number_input(key="at").set_value(None).run()  # an emptied field: where the page opens
    assert not app.exception and app.number_input(key="at").value == 3


@pytest.mark.parametrize("name", ["digits", pytest.param("patches", marks=pytest.mark.release)])
def test_activations_at_every_extreme(open_page, name):
    app = open_page("activations", data=name)
    for lam, T in ((1.0, 1), (0.01, 100)):
        app.number_input(key="lam").set_value(lam)
        app.number_input(key="T").set_value(T).run()
        assert not app.exception and not app.error
    extremes = (2.0, 0.05, 6.0, 3.0), (0.0001, 4.0, 0.05, 0.01), (0.9, 1.0, 1.0, 1.0)
    for k, label in enumerate(every(app, "activation")):
        app.pills(key="solvers").set_value([label]).run()
        for theta, R, D, u in (
            extremes if name == "patches" else extremes[k % 3 :][:1]
        ):  # every day one of a solver
            app.select_slider(key="theta").set_value(theta)
            app.slider(key="R").set_value(R)
            app.slider(key="D").set_value(D)
            app.slider(key="u").set_value(u).run()
            assert not app.exception and not app.error, (label, theta, R)


def test_activations_open_at_the_models_own_theta_and_the_best_fit(open_page):
    app = open_page("activations", data="digits", lam="0.5", under="ISTA")
    tau = 1 / np.linalg.norm(checkpoints.load_dictionary("digits").numpy(), 2) ** 2
    assert app.select_slider(key="theta").value == pytest.approx(0.5 * tau, rel=0.12)
    before = app.slider(key="D").value, app.slider(key="u").value
    app.slider(key="D").set_value(2.0).run()
    assert not app.toggle(key="fit").value and app.slider(key="D").value == 2.0
    app.toggle(key="fit").set_value(True).run()
    assert (app.slider(key="D").value, app.slider(key="u").value) == before
    app.number_input(key="lam").set_value(0.1).run()
    assert app.select_slider(key="theta").value == pytest.approx(0.1 * tau, rel=0.12)
    app.select_slider(key="theta").set_value(0.2)
    app.slider(key="D").set_value(
        2.0
    ).run()  # as a browser sends it whose D is from before the last fit
    assert app.toggle(key="fit").value and app.slider(key="D").value != 2.0


def test_R_opens_at_the_largest_cell_state_and_follows_the_picture_until_it_is_chosen(open_page):
    solver, x = checkpoints.load("digits/slstm"), data.load("digits", split="test").pixels
    app = open_page("activations", data="digits", under="SLSTM", lam="0.5", T="10")
    for picture in (0, 3):
        app.number_input(key="picture").set_value(picture).run()
        largest = solver.trace(x[[picture]], 0.5, 10).iterations("cell").abs().max().item()
        assert app.slider(key="R").value == pytest.approx(largest, abs=0.0051)
        D, u = activations.fit_double_tanh(
            app.select_slider(key="theta").value, app.slider(key="R").value
        )
        assert (app.slider(key="D").value, app.slider(key="u").value) == pytest.approx(
            (D, u), abs=0.0051
        )
    app.slider(key="R").set_value(1.5).run()
    app.number_input(key="picture").set_value(1).run()
    assert app.slider(key="R").value == 1.5


def test_the_share_of_zeros_is_istas_and_double_tanh_has_none(open_page):
    app = open_page(
        "activations", data="digits", lam="0.5", T="10", picture="2", theta="0.012", under="ISTA"
    )
    B, x = checkpoints.load_dictionary("digits"), data.load("digits", split="test").pixels[[2]]
    s, tau = torch.zeros(1, 100), 1 / torch.linalg.matrix_norm(B, 2) ** 2
    for _ in range(10):
        c = s - tau * (s @ B.T - x) @ B
        s = c.sign() * (c.abs() - 0.012).clamp_min(0)
    zeros = int((s == 0).sum())
    assert f"sets {zeros} weights of 100 exactly to zero, and **double tanh** none" in caption(app)
    large = 100 * (s.abs() > 1e-3).double().mean().item()
    assert f"and with shrinkage {large:.0f} %" in why(app)


def test_double_tanh_matches_shrinkage_on_the_papers_range_only_for_a_small_theta(open_page):
    """The error on [−u, u] of the best D, by numpy's least squares."""
    app = open_page("activations", data="digits", fit="false", theta="0.005", u="0.8", D="1")
    c = np.linspace(-0.8, 0.8, 201)
    target, shape = (
        np.sign(c) * np.maximum(np.abs(c) - 0.005, 0),
        (np.tanh(c + 0.8) + np.tanh(c - 0.8))[:, None],
    )
    D, rest = np.linalg.lstsq(shape, target, rcond=None)[:2]
    text = next(markdown.value for markdown in app.markdown if "[−u, u]" in markdown.value)
    assert (
        f"the best D, {D[0]:.2f}, leaves a root mean square error of {np.sqrt(rest[0] / 201):.2g}"
        in text
    )
    app.slider(key="u").set_value(0.9).run()  # 0.9 is also a value of θ's slider
    next(button for button in app.button if "θ = u" in button.label).click().run()
    assert not app.exception and not app.error and not app.toggle(key="fit").value
    assert app.select_slider(key="theta").value == app.slider(key="u").value == 0.9
    text = next(markdown.value for markdown in app.markdown if "[−u, u]" in markdown.value)
    assert "the best D is 0" in text


def test_one_number_is_printed_in_one_way(open_page):
    app = open_page("activations", data="digits", lam="0.5")
    u, theta = app.slider(key="u").value, app.select_slider(key="theta").value
    notice = next(
        " ".join(markdown.value.split()) for markdown in app.markdown if "[−u, u]" in markdown.value
    )
    told = re.search(r"own θ is about ([\d.]+), and u is ([\d.]+) times as large", notice)
    unit = 10.0 ** -len(told[2].partition(".")[2])
    assert told[1] == f"{theta:g}" and float(told[2]) == pytest.approx(u / theta, abs=unit / 2)


def test_the_atom_follows_the_picture_until_the_reader_chooses_one(open_page):
    def matters(app) -> int:
        view = app.session_state["_view"]
        with torch.no_grad():
            code = checkpoints.load("digits/slstm")(
                view.images.pixels[[view.picture]], view.lam, view.steps
            )[0]
        return int(code.abs().argmax())

    app = open_page("gates", data="digits")
    seen = [app.number_input(key="atom").value]
    assert seen[0] == matters(app)
    for picture in (3, 5):
        app.sidebar.number_input(key="picture").set_value(picture).run()
        seen.append(app.number_input(key="atom").value)
        assert seen[-1] == matters(app)
    assert len(set(seen)) > 1
    app.number_input(key="atom").set_value(17).run()
    app.sidebar.number_input(key="picture").set_value(7).run()
    assert app.number_input(key="atom").value == 17
    app.number_input(key="atom").set_value(None).run()
    assert app.number_input(key="atom").value == matters(app)


@pytest.mark.parametrize(("name", "lam", "T"), [("mnist-5k", "0.1", "10"), ("digits", "0.3", "7")])
def test_what_the_gates_add_is_measured_on_test_pictures(open_page, name, lam, T):
    app = open_page("gates", data=name, solvers=["SLSTM"], lam=lam, T=T)
    said = next(
        one.value
        for one in app.markdown
        if "above exact codes on the network's own atoms" in one.value
    )
    said = said.replace("\u00a0", " ")
    images, solver = (
        data.load(name, split="test"),
        checkpoints.load(f"{name.removesuffix('-5k')}/slstm"),
    )
    assert f"On 100 test pictures at λ = {lam}, F after {T} iterations is" in said
    x = images.pixels[evaluation.subset(len(images), 100)]
    own = lasso.normalised(solver.dictionary.detach())
    best = lasso.objective(
        x, lasso.solve(x, own, float(lam), tol=1e-6).codes, own, float(lam)
    ).mean()
    codes = solver(x, float(lam), steps=int(T)).detach()
    F = lasso.honest_objective(x, codes, solver.dictionary.detach(), float(lam)).mean()
    computed = float(re.search(r"is \*\*([\d.]+) %\*\* above exact codes", said)[1])
    assert computed == pytest.approx(100 * (F / best - 1).item(), rel=0.05)
    assert "no longer sees x" in said and "i = 1 and f = 0" in said


def test_what_the_gates_add_in_words():
    said = describe_gates.added("100 test pictures", 10, ablation.Gates(0.26, 0.4, 0.46, 30.26))
    assert [line.replace("\u00a0", " ") for line in said] == [
        "On 100 test pictures, F after 10 iterations is **0.26 %** above exact codes on the network's own atoms.",
        "With every gate at its mean over these, so that it no longer sees x, F is 0.40 % above.",
        "With i = 1 and f = 0, which is no memory, it is 0.46 % above. ISTA on the same atoms is 30 % above.",
        "The learned matrices and thresholds alone thus go 99 % of the way from ISTA to this network.",
    ]
    for away in (31.0, float("inf"), float("nan")):
        said = describe_gates.added("100 test pictures", 1, ablation.Gates(1.6, 2.8, away, 30.0))
        assert "further away than ISTA's (30\u00a0%)" in said[
            -1
        ] and "way from ISTA" not in " ".join(said)
    assert (
        len(describe_gates.added("x", 10, ablation.Gates(0.5, 0.4, 0.46, 30.0))) == 3
    )  # the gates add nothing


def test_the_first_sentence_says_what_the_gates_buy(open_page):
    """The network's distance to exact codes on its atoms, with its gates, and with i = 1 and f = 0 in a loop by hand."""
    app = open_page("gates", data="digits", solvers=["SLSTM"], lam="0.3", T="3", picture="3")
    solver, x = checkpoints.load("digits/slstm"), data.load("digits", split="test").pixels[[3]]
    B, own = solver.dictionary.detach(), lasso.normalised(solver.dictionary.detach())
    best = lasso.objective(x, lasso.solve(x, own, 0.3, tol=1e-6).codes, own, 0.3).item()
    with torch.no_grad():
        path, theta = solver.trace(x, 0.3, 3), solver.drive(x, torch.tensor(0.3)).h[0]
        open_ = torch.zeros_like(path.codes[0])
        for _ in range(3):
            c = open_ @ solver.W_e.T + x @ solver.W_d.T
            open_ = c.sign() * (c.abs() - theta).clamp_min(0)
        with_, without = (
            100 * (lasso.honest_objective(x, codes, B, 0.3).item() / best - 1)
            for codes in (path.codes[-1], open_)
        )
    away = without > 100 * (x.square().sum().item() / best - 1)
    assert caption(app).startswith(
        f"On picture 3, a 6, **SLSTM** with its gates ends {with_:.2g} % above the optimum on its atoms"
    )
    assert (
        "(i = 1, f = 0) it runs away." in caption(app)
    ) == away and " The forget gate of **atom" in caption(app)


@pytest.mark.parametrize(
    ("own", "without", "said"),
    [
        (
            0.5,
            30.0,
            "**N** with its gates ends 0.50 % above the optimum on its atoms; without them it ends 30 % above the "
            "optimum.",
        ),
        (
            0.5,
            900.0,
            "**N** with its gates ends 0.50 % above the optimum on its atoms; without them it runs away.",
        ),
        (
            0.5,
            0.4,
            "the gates of **N** buy nothing: without them it ends 0.40 % above the optimum, and with them it ends 0.50 % "
            "above the optimum.",
        ),
        (
            np.nan,
            0.4,
            "**N** with its gates runs away on its atoms; without them it ends 0.40 % above the optimum.",
        ),
    ],
)
def test_what_gates_buy_in_words(own, without, said):
    told = describe_gates.buy("it", "N", own, without, 800.0)
    assert told.replace("\u00a0", " ").replace(" (i = 1, f = 0)", "") == f"On it, {said}"


def test_what_gates_add_is_told_of_trained_networks_alone(open_page):
    for label, told in (("SLSTM", True), ("SLSTM (untrained)", False), ("Adaptive ISTA", False)):
        app = open_page("gates", data="digits", solvers=[label], T="3")
        assert any("**What the gates of" in one.value for one in app.markdown) == told, label
