"""Solvers without a browser: its views and what opens them, and its numbers against the core."""

import csv
import io
import re

import numpy as np
import pytest
import torch
from pages.seen import html, known, numbers, told
from PIL import Image

from sc2viz import checkpoints, data, lasso, solvers
from sc2viz.analysis import ablation, convergence
from sc2viz.ui import page, phrases


@pytest.fixture
def opened(open_page):
    def visit(path: str = "step", **query):
        app = open_page(path, **{"data": "digits"} | query)
        assert not app.exception and not app.error
        return app

    return visit


def figure(app, name: str) -> dict:
    """What a component was given."""
    return next(told(e) for e in app.get("bidi_component") if e.proto.component_name == name)


def distances(name: str, lam: float, steps: int, **options) -> np.ndarray:
    """Distances to the optimum in % of the first digit, from the public functions alone."""
    x, B = data.load("digits", split="test").pixels[:1], checkpoints.load_dictionary("digits")
    path = solvers.build(name, B, **options).trace(x, lam, steps=steps).codes.detach()
    best = lasso.objective(x, lasso.solve(x, B, lam, tol=1e-6).codes.float(), B, lam)
    return np.array([100 * (lasso.objective(x, codes, B, lam) / best - 1).item() for codes in path])


@pytest.mark.parametrize(
    ("path", "query", "shows"),
    [
        ("step", {}, "one iteration"),
        ("step", {"t": "3"}, "iterations"),
        ("step", {"shows": "LSTM"}, "ISTA to LSTM"),
        ("step", {"shows": "all steps"}, "iterations"),
        ("step", {"shows": "the bound"}, "bound"),
        ("compare", {}, "pictures"),
        ("compare", {"layout": "one picture"}, "pictures"),
        ("compare", {"layout": "dual bound"}, "bound"),
        ("compare", {"layout": "界"}, "bound"),
        ("compare", {"compares": "iterations"}, "iterations"),
    ],
)
def test_an_address_and_an_older_link_open_what_they_mean(opened, path, query, shows):
    app = opened(path, **query)
    key = {"step": "shows", "compare": "compares"}[path]
    assert app.segmented_control(key=key).value == shows
    component = {
        "one iteration": "sc2viz_one_iteration",
        "ISTA to LSTM": "sc2viz_ista_to_lstm",
        "iterations": "sc2viz_scrubber",
        "pictures": "sc2viz_board",
        "bound": "sc2viz_dual_bound",
    }[shows]
    assert figure(app, component)


@pytest.mark.parametrize(
    ("path", "query", "key"),
    [
        ("step", {}, ""),
        ("compare", {}, ""),
        ("step", {"i": "0.5", "f": "0.5"}, "i"),
        ("step", {"t": "2", "safeguard": "true"}, "safeguard"),
        ("compare", {"against": "milliseconds"}, "against"),
        ("compare", {"spread": "true"}, "spread"),
    ],
)
def test_more_opens_where_a_link_asks_for_what_stands_there(opened, path, query, key):
    app = opened(path, **query)
    assert bool(app.session_state["more"]) == bool(key)
    assert not key or key in app.session_state


@pytest.mark.parametrize(
    "query",
    [
        {"lam": "1", "T": "1"},
        {
            "lam": "0.01",
            "T": "100",
            "t": "7",
            "solvers": ["ISTA", "FISTA", "LFISTA", "SLSTM", "LISTA"],
        },
        {"data": "patches", "lam": "1", "T": "1", "i": "2", "f": "1"},
        {"i": "0", "f": "-1", "solvers": "Adaptive ISTA"},
        {"i": "nonsense", "f": "7", "t": "1000", "lock": "perhaps", "solvers": "nobody"},
        {"data": "digits", "solvers": ["OMP", "ADMM"]},
    ],
)
def test_no_setting_breaks_it(opened, query):
    opened("step", **query)


def test_one_iteration_opens_with_ISTA_and_stands_beside_the_one_chosen_next(opened):
    app = opened(lam="0.3")
    solvers_shown = figure(app, "sc2viz_one_iteration")["shown"]
    assert [solver["label"] for solver in solvers_shown] == ["ISTA"]
    x, B = data.load("digits", split="test").pixels[:1], checkpoints.load_dictionary("digits")
    codes = solvers.build("ista", B).trace(x, 0.3).codes.detach()
    F = [lasso.objective(x, solver, B, 0.3).item() for solver in codes]
    assert solvers_shown[0]["F"] == pytest.approx(F, rel=1e-5)
    app.pills(key="solvers").set_value(["ISTA", "SLSTM"]).run()
    # AppTest knows nothing of chips, which tell that the reader has chosen.
    both = figure(opened(solvers=["ISTA", "Adaptive ISTA"]), "sc2viz_one_iteration")
    assert [solver["label"] for solver in both["shown"]] == ["ISTA", "Adaptive ISTA"]
    assert [way["label"] for way in both["plane"]["ways"]] == ["ISTA", "FISTA", "Adaptive ISTA"]


def test_one_iteration_is_taken_away_as_a_film_and_a_worksheet_by_hand(opened, monkeypatch):
    files = []
    monkeypatch.setattr(
        page, "explained", lambda _solvers, new_files, *_, **__: files.extend(new_files)
    )
    opened(solvers=["ISTA", "SLSTM"], lam="0.3", T="4", picture="3")
    contents = {file.name.rpartition(".")[2]: file.make() for file in files}
    assert Image.open(io.BytesIO(contents["gif"])).n_frames == 4 * 3
    x, B = data.load("digits", split="test").pixels[3:4], checkpoints.load_dictionary("digits")
    codes = solvers.build("ista", B).trace(x, 0.3, 3).codes[:, 0].detach()
    atom, sheet = int(codes[3].abs().argmax()), contents["html"]
    assert f"Atom {atom}, λ = 0.3" in sheet
    help = (x[0] - codes[2] @ B.T) @ B[:, atom]
    answers = sheet[sheet.index("<h2>") :]
    assert sheet.count(f"<td>{help:.3f}</td>") == 2  # it is given, and stands among the answers
    assert (
        answers.count(f"<td>{codes[3, atom]:.3f}</td>")
        == sheet.count(f"<td>{codes[3, atom]:.3f}</td>")
        == 1
    )


def test_no_solver_chosen_asks_for_one(opened):
    app = opened(t="3")
    app.pills(key="solvers").set_value([]).run()
    assert "Choose one solver" in app.info[0].value and not app.error


def test_the_iterations_have_the_numbers_of_the_core(opened, monkeypatch):
    files = []
    monkeypatch.setattr(
        page, "explained", lambda _solvers, new_files, *_, **__: files.extend(new_files)
    )
    app = opened(solvers=["ISTA", "FISTA"], lam="0.3", T="20", t="4")
    element = next(e for e in app.get("bidi_component") if "step-scrubber" in e.proto.id)
    message, arrays = told(element), known(app, element)
    table = next(file.make() for file in files if file.name.endswith(".csv"))
    rows = list(csv.DictReader(io.StringIO(table)))
    for label in ("ISTA", "FISTA"):
        expected = distances(label.lower(), 0.3, 100)
        column = [file.get("by") for file in message["columns"]].index(label)
        readings = numbers(message, arrays, column, "t")
        assert np.array(readings["far"]) == pytest.approx(expected, rel=1e-3, abs=1e-3)
        assert message["sentence"]["courses"][label]["far"] == pytest.approx(
            expected, rel=1e-3, abs=1e-3
        )
        distances_in_table = [
            float(row["above_optimum_percent"]) for row in rows if row["solver"] == label
        ]
        assert distances_in_table == pytest.approx(expected[:21], rel=1e-3, abs=1e-3)


def test_a_solver_is_shown_at_each_T_up_to_which_its_codes_are_finite(opened):
    query = {"data": "grey-patches", "lam": "0.1", "solvers": ["ISTA", "AMP"]}
    x = data.load("grey-patches", "test").pixels[:1]
    codes = (
        solvers.build("amp", checkpoints.load_dictionary("grey-patches")).trace(x, 0.1, 50).codes
    )
    last = int(torch.isfinite(codes).flatten(1).all(1).sum()) - 1
    for T, sentence in (
        (last, "AMP runs away: F is above 2 F(0)"),
        (last + 1, "AMP is not shown: "),
    ):
        app = opened("compare", T=f"{T}", layout="one picture", **query)
        notes = " ".join(caption.value for caption in app.caption)
        assert sentence in notes and ("not finite from iteration" in notes) == (last < T)
        assert ("<span>AMP</span>" in html(app)) == (last >= T)


# Adaptive ISTA by hand ------------------------------------------------------------------------------------------------


def said(app, start: str) -> str:
    text = next(element.value for element in app.markdown if element.value.startswith(start))
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("gates", [(1.8, -0.8), (0.5, 0.5)])
def test_by_hand_is_measured_against_ista(opened, gates):
    text = said(opened(i=f"{gates[0]}", f=f"{gates[1]}", lam="0.3"), "With i")
    excess = distances("adaptive-ista", 0.3, 10, input_gate=gates[0], forget_gate=gates[1])[10]
    ista = distances("ista", 0.3, 10)[10]
    assert f"**{excess:.2g} %** above" in text and f"ISTA is {ista:.2g} %" in text


def test_by_hand_says_where_it_sticks_and_that_it_diverges(opened):
    assert re.search(
        r"converges to a point [\d,.]+ % above", said(opened(i="0.8", f="0.1"), "With i")
    )
    excess = distances("adaptive-ista", 0.5, 100, input_gate=1.0, forget_gate=0.2)
    text = said(opened(i="1", f="0.2"), "With i")
    assert f"**diverges**: from iteration {convergence.diverges_at(excess)} on" in text


def test_the_lock_keeps_the_sum_at_one_unless_a_link_asks_otherwise(opened):
    app = opened(more="true")
    i, f = (app.slider(key=key) for key in "if")
    assert app.toggle(key="lock").value and i.value + f.value == pytest.approx(1)
    i.set_value(0.3).run()
    assert app.slider(key="f").value == pytest.approx(0.7)
    app.toggle(key="lock").set_value(False).run()
    app.slider(key="i").set_value(1.5).run()
    assert app.slider(key="f").value == pytest.approx(0.7)
    assert not opened(i="1", f="0.1").toggle(key="lock").value


def test_why_a_gate_compares_the_network_with_itself_without_its_gates(opened):
    solver, x = checkpoints.load("digits/slstm"), data.load("digits", "test").pixels[:1]
    unit = lasso.normalised(solver.dictionary.detach())
    best = lasso.objective(x, lasso.solve(x, unit, 0.5, tol=1e-6).codes.float(), unit, 0.5)
    text = said(opened(solvers=["ISTA", "SLSTM"], more="true", lam="0.5"), "**The gates")
    for network in (solver, ablation.without_gates(solver)):
        codes = network(x, 0.5, 10).detach()
        F = lasso.honest_objective(x, codes, solver.dictionary.detach(), 0.5)
        assert phrases.percent(100 * (F / best - 1).item()).replace("\u00a0", " ") in text
    assert text.startswith("**The gates pay here.**")
