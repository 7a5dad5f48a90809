"""Questions before the picture: what a file may say of one, and whether each that ships is answered right and wrong as
numpy, scikit-learn and the records themselves say."""

import html
import json
import re
from dataclasses import replace
from statistics import fmean
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from pages.seen import board
from sklearn.linear_model import Lasso

from sc2viz import checkpoints, data, evaluation, lasso, solvers
from sc2viz.pages.paper import leads
from sc2viz.published import accuracies
from sc2viz.ui import models, results, sets, sidebar
from sc2viz.ui.tours import exports, guide, reading, truths
from sc2viz.ui.tours.truths import TRUTHS, Sight, solve

TOURS, _ = reading.available()
STEPS = {
    f"{name}-{k}": step
    for name, tour in TOURS.items()
    for k, step in enumerate(tour.steps + tour.class_steps, 1)
}
OF_PAGES = reading.questions_of_pages()
ASKED = [(name, step.answered, step.question) for name, step in STEPS.items() if step.question]
ASKED += [(path, {}, question) for path, question in OF_PAGES.items()]
CONCLUDED = [name for name, step in STEPS.items() if step.conclusion]
PICTURES = 0, 3, 7


@pytest.mark.everyday("ten-minutes")
@pytest.mark.parametrize("name", TOURS)
def test_codes_are_sparse_where_a_tour_opens(name):
    for step in TOURS[name].steps:
        if step.path not in sidebar.ALONE:
            sight = Sight.from_query(step.query)
            codes = results.exact(sight.data, sight.pixels(sight.strip), sight.lam).codes
            assert evaluation.in_use(codes).mean() <= 0.25, step.path


# What is true, computed by the core alone, which tests of its own compare with scikit-learn and numpy -------------------


def exact(view, times=1.0, x=None):
    x = torch.from_numpy(view.x if x is None else x)
    return lasso.solve(x, view.B, times * view.lam, tol=1e-6).codes.float()


def used(view, times=1.0, x=None):
    return int(evaluation.in_use(exact(view, times, x)).sum())


def solver(view, label):
    """ISTA or FISTA, or the network of this name."""
    name = label.lower()
    if name in ("ista", "fista"):
        return solvers.build(name, view.B).requires_grad_(False)
    return checkpoints.load(f"{data.weights(view.data)}/{name}").requires_grad_(False)


def trace(view, label="SLSTM", steps=100, x=None, **options):
    x = torch.from_numpy(view.x if x is None else x)
    return solver(view, label).trace(x, view.lam, steps, **options)


def F(view, label, steps=100, x=None):
    """After 0, 1, … iterations, (steps + 1, n), the atoms of networks being charged for their norm."""
    x, B = view.x if x is None else x, solver(view, label).dictionary
    return evaluation.objective_along(
        torch.from_numpy(x), trace(view, label, steps, x).codes, B, view.lam
    )


def optimum(view):
    return float(lasso.objective(torch.from_numpy(view.x), exact(view), view.B, view.lam))


def within(view, label, percent):
    return int((F(view, label)[:, 0] <= (1 + percent / 100) * optimum(view)).nonzero()[0])


def lowest(view):
    rows = view.pixels(view.strip) if view.value("layout") == "grid" else view.x
    return int(np.argmin([F(view, label, view.steps, rows)[-1].mean() for label in view.choices]))


def published(method, key="nmse"):
    """The mean at the last layer over the runs of the three usual seeds."""
    lines = (checkpoints.PRETRAINED / "results" / "recovery.jsonl").read_text().splitlines()
    where = {"method": method, "condition": "40dB"}
    runs = [run for run in map(json.loads, lines) if where.items() <= run["configuration"].items()]
    return fmean(run["metrics"][key][-1] for run in runs if run["configuration"]["seed"] < 3)


def alarms(method):
    return published(method, "recall") * (1 / published(method, "precision") - 1)


def parameters(view, name):
    return sum(
        p.numel() for group in solver(view, name).parameter_groups() for p in group["params"]
    )


def forgotten(view):
    """The code of the atom with the largest weight at the iteration at hand, or the third, without its memory, with
    θ = |c| − |s| of that code."""
    path, t = trace(view, steps=view.steps), view.value("at") or 3
    atom = int(path.codes[-1, 0].abs().argmax())
    values = path.input_gate[t - 1], path.candidate[t - 1], path.cell[t], path.codes[t]
    i, candidate, cell, code = (float(value[0, atom]) for value in values)
    return np.sign(i * candidate) * max(abs(i * candidate) - abs(cell) + abs(code), 0)


def noise_left(view):
    """Which share of its energy noise keeps, in codes by scikit-learn of other noise, at Photograph's usual λ of σ."""
    B, sigma = (
        checkpoints.load_dictionary("photographs").double().numpy(),
        view.value("sigma") / 255,
    )
    x = np.random.default_rng(1).normal(0, sigma, (len(B), 300))
    x -= x.mean(0)
    model = Lasso(1.75 * sigma / len(B), fit_intercept=False, tol=1e-6, max_iter=10_000)
    return float(np.square(B @ model.fit(B, x).coef_.T).sum() / np.square(x).sum())


TRUE = {
    "atoms": used,
    "atoms left": lambda v, times: used(v) / used(v, 1 / times),
    "price": lambda v: 100 * v.lam * exact(v).abs().sum() / optimum(v),
    "zeros of l2": lambda v: 0,  # a linear system has no exact zeros
    "largest code": lambda v: 1 + np.argmax([used(v, x=row[None]) for row in v.pixels(v.strip)]),
    "mean atoms": lambda v: used(v, x=v.pixels(v.strip)) / len(v.strip),
    "iterations": lambda v, solver, percent: within(v, solver, percent),
    "saved": lambda v, solver, rival, percent: within(v, rival, percent) - within(v, solver, percent),
    "lowest": lowest,
    "rises": lambda v, solver: ((f := F(v, solver)).diff(dim=0) > 1e-6 * f[1:]).sum(),
    "most atoms": lambda v, solver: evaluation.in_use(trace(v, solver).codes).sum(2).max() / used(v),
    "same code": lambda v, i, f: 0 if (i, f) == (1, 0) else 2,  # Eq. (7) then is Eq. (6)
    "shrunk": lambda v, times: np.sign(times) * max(abs(times) - 1, 0),
    "zeros of double tanh": lambda v: 0,  # h(c) is zero for c = 0 alone
    "missing gate": lambda v, solver: v.choices.index("output gate"),  # the paper's Eq. (8) has none
    "mean gate": lambda v, gate: float((t := trace(v, steps=v.steps)).forget_gate[-1, 0][t.codes[-1, 0].abs() > 1e-3].mean()),
    "forgotten": forgotten,
    "safeguarded": lambda v, solver: trace(v, solver, x=v.pixels(v.strip), safeguard=True).safeguarded.any(1).sum(),
    "noise left": noise_left,
    "noise": lambda v: -10 * np.log10(np.square(np.random.default_rng(0).normal(0, v.value("sigma") / 255, 10**6)).mean()),
    "parameters": lambda v, solver, rival: parameters(v, solver) / parameters(v, rival),
    "leads hold": lambda v: re.search(r">our cell, fair<.*?</tr>", leads.draw_leads(accuracies.load()))[0].count("✓ leads"),
    "gates or matrix": lambda v: (published("alista-gated") - (slstm := published("slstm-recovery")))
    / (published("alista-selection") - slstm),
    "nearest code": lambda v, methods: int(np.argmin([*map(published, methods.split(", "))])),
    "false alarms": lambda v, methods: int(np.argmax([*map(alarms, methods.split(", "))])),
}  # fmt: skip
OF_PAGE = {
    "without gates",
    "costlier",
    "halving steps",
}  # test_cell.py and test_autoencoders_page.py know their numbers


def test_every_truth_is_asked_for_and_known_in_another_way():
    conclusions = {STEPS[name].conclusion.truth for name in CONCLUDED}
    assert (
        {question.truth for *_, question in ASKED} | conclusions
        == {*TRUTHS}
        == TRUE.keys() | OF_PAGE
    )


@pytest.mark.everyday("ten-minutes-1", "ista-to-slstm-10", "claim-8", "codes")
@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize(("name", "query", "question"), ASKED, ids=[name for name, *_ in ASKED])
def test_a_question_that_ships_is_answered_right_and_wrong(name, query, question, picture):
    query = query | ({"picture": [str(picture)]} if "picture" in query or not query else {})
    sight = replace(Sight.from_query(query), choices=question.choices)
    raw, truth = TRUTHS[question.truth](sight, **question.options), solve(question, sight)
    true = answer = raw["answer"]
    if question.truth in TRUE:
        true = float(TRUE[question.truth](sight, **question.options))
    assert answer == pytest.approx(true, rel=0.02, abs=0.02)
    assert re.fullmatch(r"(?s)([A-Z0-9]|h\().*\.", truth.sentence)
    if question.choices:
        right = (
            int(np.argmin(np.abs(np.array(question.values) - true))) if question.values else true
        )
        assert [truth.holds(k) for k in range(len(question.choices))] == [
            k == right for k in range(len(question.choices))
        ]
    else:
        assert question.low <= truth.answer <= question.high
        if picture == 3:  # that of the tours: where the slider begins is no answer
            assert not truth.holds(question.low)
        error = 2.5 * truth.margin + question.step
        assert [truth.holds(true + offset) for offset in (-error, 0, error)] == [False, True, False]


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("name", CONCLUDED)
def test_a_sentence_ends_with_what_is_true_of_its_view(name, picture):
    step = STEPS[name]
    sight = Sight.from_query(step.query | {"picture": [str(picture)]})
    truth = solve(step.conclusion, sight)
    if true := TRUE.get(step.conclusion.truth):
        assert truth.answer == true(sight, **step.conclusion.options)
    assert (
        html.unescape(guide.describe(step, sight))
        == f"{step.title} {step.sentence} {truth.sentence}"
    )


def test_a_sentence_says_where_momentum_saves_nothing_and_where_nothing_is_known(monkeypatch):
    step, courses = STEPS["questions-3"], {"FISTA": [90, 60, 4], "ISTA": [90, 4, 3]}
    monkeypatch.setattr(
        Sight, "descent", lambda sight, label: SimpleNamespace(excess=np.array(courses[label]))
    )
    sight = Sight.from_query({"picture": ["3"]})
    assert solve(step.conclusion, sight).answer == -1
    for courses["FISTA"] in ([90, 60, 4], [90, 1, 1]):
        assert guide.describe(step, sight).endswith("and ISTA 1. At this setting FISTA saves none.")
    courses["ISTA"] = [90, 80, 70]
    assert html.unescape(guide.describe(step, sight)) == f"{step.title} {step.sentence}"
    monkeypatch.setattr(truths.measured.published, "read", lambda name: {})
    sight = Sight.from_query({"coded": ["mnist-5k-1000"]})
    assert guide.describe(STEPS["questions-8"], sight).endswith("learned with that encoder.")


def test_a_worksheet_asks_what_its_tour_asks_answers_on_another_page_and_hides_its_machine(
    monkeypatch,
):
    monkeypatch.setattr(exports.qr, "for_phones", lambda *addresses: ("https://a.org", "No phone."))
    tour = TOURS["ten-minutes"]
    steps = [step for step in tour.steps if step.question]
    sheet = html.unescape(exports.fill_worksheet("ten-minutes", tour))
    assert "https://a.org" in sheet and "No phone." not in sheet
    questions, answers = sheet.split("<h2>Answers: Sparse coding in ten minutes</h2>")
    assert questions.count("<li>") == answers.count("<li>") == len(steps)
    assert "h2 { break-before: page; }" in questions
    for step in steps:
        sentence = solve(step.question, Sight.from_query(step.answered)).sentence
        assert step.question.text in questions and sentence in answers and sentence not in questions


@pytest.mark.everyday(1, 6)
@pytest.mark.parametrize("seed", range(40))
def test_a_slider_has_a_stop_that_is_right_in_any_view(seed):
    rng = np.random.default_rng(seed)
    name, T = rng.choice([name for name in sets.names() if name != "yours"]), rng.integers(1, 101)
    view = {
        "data": name,
        "picture": rng.integers(200),
        "lam": f"{10 ** rng.uniform(-2, 0):.3g}",
        "T": T,
        "at": rng.integers(1, T + 1),
        "sigma": rng.integers(1, 76),
        "solvers": rng.choice([*models.choices(str(name))]),
        "coded": rng.choice(["digits-128", "mnist-5k-256", "grey-patches-256", "mnist-5k-1000"]),
    }
    sight = Sight.from_query({key: [str(value)] for key, value in view.items()})
    for *_, question in ASKED:
        if not question.choices and (truth := solve(question, sight)):
            slider = question.fit(truth)
            stops = np.arange(slider.low, slider.high + slider.step / 2, slider.step)
            assert any(map(truth.holds, stops)), (question.text, truth.answer, view)


def answered(app, path: str, guess: float) -> str:
    """What the page says to a guess, which its card allows. A card answers in a browser alone."""
    question = board(app, f"question-{path}")
    low, high, step = (
        (0, len(question["choices"]) - 1, 1) if question["choices"] else question["range"]
    )
    assert low <= guess <= high and abs(guess / step - round(guess / step)) < 1e-6
    app.session_state["_guesses"] = {path: (guess,)}
    app.run()
    return "".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("opened", [189, 20])
def test_a_reader_can_answer_with_a_code_beyond_the_usual_range(open_page, opened):
    view = {"data": "patches", "picture": "189", "lam": "0.978", "T": "63", "at": "60"}
    true = forgotten(Sight.from_query({key: [value] for key, value in view.items()}))
    assert true > OF_PAGES["gates"].high
    app = open_page("gates", **view | {"picture": str(opened)})
    app.menu_button(key="menu").click("Predict first").run()
    app.number_input(key="picture").set_value(189).run()  # whose largest weight is another atom's
    assert "<b>Right." in answered(app, "gates", round(true, 2))


@pytest.mark.parametrize(
    ("guess", "verdict", "end"), [(0, "Right.", 0), (1, "Right.", 1), (3, "Not quite.", 0)]
)
def test_each_solver_that_shares_the_lowest_f_is_right(open_page, guess, verdict, end):
    """FISTA's first iteration is ISTA's."""
    app = open_page("compare", data="grey-patches", T="1", lam="0.5")
    app.menu_button(key="menu").click("Predict first").run()
    text = answered(app, "compare", guess)
    rows = re.sub("<li class='.*?'>", "<li>", text)
    assert f"<b>{verdict}" in rows and "<li>ISTA ✓</li><li>FISTA ✓</li><li>LISTA</li>" in rows
    assert f"--to: {end}; --from: {guess};" in text
    same_code = next(question for *_, question in ASKED if question.truth == "same code")
    truth = solve(same_code, Sight.from_query({"T": ["1"]}))
    assert [k for k in range(3) if truth.holds(k)] == [0, 1]


def test_a_truth_that_cannot_be_computed_is_no_answer(monkeypatch):
    question = next(question for *_, question in ASKED if question.truth == "iterations")
    for steps_within in (lambda *_: np.nan, lambda *_: 1 / 0):  # as a guest's solver may do
        monkeypatch.setattr("sc2viz.analysis.convergence.steps_within", steps_within)
        assert solve(question, Sight.from_query({})) is None
