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
from sc2viz.analysis import ablation
from sc2viz.classroom.question import Truth
from sc2viz.pages.paper import leads
from sc2viz.published import accuracies
from sc2viz.ui import app, models, results, sets, sidebar, url
from sc2viz.ui.tours import guide, questions, reading, truths, worksheet
from sc2viz.ui.tours.truths import TRUTHS, Sight

PAGES, ROWS = tuple(app.TITLES), tuple(url.TABLE)
TOURS, _ = reading.available(PAGES, ROWS)
ALL = [
    (f"{name}-{k}", step) for name, tour in TOURS.items() for k, step in enumerate(tour.steps, 1)
]
STEPS = [(name, step.answered, step.asks) for name, step in ALL if step.asks]
SAID = {
    name: step for name, step in ALL if step.answers
}  # steps whose sentences end with what is true of the view
OF_PAGES = reading.of_pages(questions.FILE.read_text("utf-8"), "questions.toml", PAGES)
ASKED = STEPS + [(path, {}, asks) for path, asks in OF_PAGES.items()]
PICTURES = 0, 3, 7
GOOD = """title = "Mine"

[[step]]
view = "compare"
say = "One sentence."
ask = "How many?"
choices = ["few", "many"]
at = [1, 9]
truth = "iterations"
given = { solver = "FISTA", percent = 1 }
"""


@pytest.mark.parametrize(
    ("instead_of", "stands", "line", "said"),
    [
        ('ask = "How many?"', "ask = 3", 6, "needs a text of at most 300 characters as its ask"),
        ('"iterations"', '"__import__"', 9, "there is no truth '__import__': take one of atoms"),
        (
            'solver = "FISTA"',
            'solvers = "FISTA"',
            10,
            "(solvers, solver): it takes solver (str), percent (float)",
        ),
        ("percent = 1", 'percent = "1"', 10, "(percent): it takes solver (str), percent (float)"),
        ('["few", "many"]', '["few", "few"]', 7, "choices must be 2 to 5 different ones"),
        ("at = [1, 9]", "at = [1]", 8, "at must be a list with a number for each choice"),
        ("at = [1, 9]", 'at = [1, 9]\non = "adder"', 9, "on must be the key of a figure"),
        (
            'choices = ["few", "many"]\nat = [1, 9]',
            "low = 3\nhigh = 3",
            7,
            "a number needs low < high",
        ),
    ],
)
def test_a_broken_question_is_named_with_its_line_and_the_remedy(instead_of, stands, line, said):
    assert reading.read(GOOD, "mine.toml", PAGES, ROWS).steps[0].asks.given == {
        "solver": "FISTA",
        "percent": 1,
    }
    with pytest.raises(ValueError, match=re.escape(said)) as raised:
        reading.read(GOOD.replace(instead_of, stands), "mine.toml", PAGES, ROWS)
    assert f"mine.toml, line {line}" in str(raised.value)


@pytest.mark.everyday("ten-minutes")
@pytest.mark.parametrize("name", TOURS)
def test_codes_are_sparse_where_a_tour_opens(name):
    for step in TOURS[name].steps:
        if step.path not in sidebar.ALONE:
            sight = Sight.of(step.query)
            codes = results.exact(
                sight.view.data, sight.view.pixels(sight.view.strip), sight.view.lam
            ).codes
            assert evaluation.in_use(codes).mean() <= 0.25, step.path


# What is true, computed in another way ---------------------------------------------------------------------------------


class World:
    """A view by the core alone, which tests of its own compare with scikit-learn and numpy."""

    def __init__(self, sight: Sight):
        view = sight.view
        self.now, self.lam, self.T, self.choices = sight.now, view.lam, view.steps, sight.choices
        self.folder = data.weights(view.data)
        self.B = checkpoints.load_dictionary(self.folder)
        rows = data.load(view.data, split="test").pixels
        self.x, self.strip = rows[[view.picture]], rows[list(view.strip)]

    def exact(self, times=1.0, x=None):
        x = self.x if x is None else x
        return lasso.solve(x, self.B, times * self.lam, tol=1e-6).codes.float()

    def used(self, times=1.0, x=None):
        return int(evaluation.in_use(self.exact(times, x)).sum())

    def solver(self, label):
        """ISTA or FISTA, or the network of this name."""
        name = label.lower()
        built = solvers.build(name, self.B) if name in ("ista", "fista") else None
        return (built or checkpoints.load(f"{self.folder}/{name}")).requires_grad_(False)

    def codes(self, label, steps=100, x=None):
        """After 0, 1, … iterations."""
        return self.solver(label).trace(self.x if x is None else x, self.lam, steps).codes

    def F(self, label, steps=100, x=None):
        """Those of `codes`, (steps + 1, n), the atoms of networks being charged for their norm."""
        B, x = self.solver(label).dictionary, self.x if x is None else x
        return evaluation.objective_along(x, self.codes(label, steps, x), B, self.lam)

    def within(self, label, percent):
        best = lasso.objective(self.x, self.exact(), self.B, self.lam)
        return int((self.F(label)[:, 0] <= (1 + percent / 100) * best).nonzero()[0])

    def trace(self):
        return self.solver("slstm").trace(self.x, self.lam, self.T)

    def records(self, file, **where):
        """The metrics of the runs of a file that are as `where` says, of the three usual seeds."""
        lines = map(
            json.loads,
            (checkpoints.PRETRAINED / "results" / f"{file}.jsonl").read_text().splitlines(),
        )
        return [
            one["metrics"]
            for one in lines
            if one["configuration"]["seed"] < 3 and where.items() <= one["configuration"].items()
        ]

    def nmse(self, method, key="nmse"):
        return fmean(
            each[key][-1] for each in self.records("recovery", method=method, condition="40dB")
        )


def lowest(world: World) -> int:
    """The place of the solver with the least mean F."""
    rows = world.strip if world.now("layout") == "grid" else world.x
    return int(np.argmin([world.F(label, world.T, rows)[-1].mean() for label in world.choices]))


def without_gates(world: World) -> float:
    """How many times as far from the optimum on its atoms SLSTM ends with mean gates."""
    tests, solver = data.load("mnist-5k", split="test").pixels, world.solver("slstm")
    x, unit = tests[evaluation.subset(len(tests), 100)], lasso.normalised(solver.dictionary)
    best = lasso.solve(x, unit, world.lam, tol=1e-6).codes.float()
    optimum = lasso.objective(x, best, unit, world.lam)
    gaps = ablation.gates(solver, x, world.lam, world.T, optimum)
    return gaps.mean / gaps.computed


def forgotten(world: World) -> float:
    """The code of the atom with the largest weight at the iteration at hand, or the third, without its memory, with
    θ = |c| − |s| of that code."""
    path, t = world.trace(), world.now("at") or 3
    atom = int(path.codes[-1, 0].abs().argmax())
    i, candidate, cell, code = (
        float(part[0, atom])
        for part in (path.input_gate[t - 1], path.candidate[t - 1], path.cell[t], path.codes[t])
    )
    theta = abs(cell) - abs(code)
    return np.sign(i * candidate) * max(abs(i * candidate) - theta, 0)


def noise_left(world: World) -> float:
    """Which share of its energy noise keeps, in codes by scikit-learn of other noise, at Photograph's usual λ of σ."""
    B = checkpoints.load_dictionary("photographs").double().numpy()
    sigma = world.now("sigma") / 255
    x = np.random.default_rng(1).normal(0, sigma, (len(B), 300))
    x -= x.mean(0)
    model = Lasso(1.75 * sigma / len(B), fit_intercept=False, tol=1e-6, max_iter=10_000)
    return float(np.square(B @ model.fit(B, x).coef_.T).sum() / np.square(x).sum())


TRUE = {
    "atoms": lambda w: w.used(),
    "atoms left": lambda w, times: w.used() / w.used(1 / times),
    "price": lambda w: 100 * w.lam * w.exact().abs().sum() / lasso.objective(w.x, w.exact(), w.B, w.lam),
    "zeros of l2": lambda w: (torch.linalg.solve(w.B.T @ w.B + w.lam * torch.eye(w.B.shape[1]), w.B.T @ w.x[0]) == 0).sum(),
    "mean atoms": lambda w: w.used(x=w.strip) / len(w.strip),
    "iterations": lambda w, solver, percent: w.within(solver, percent),
    "saved": lambda w, solver, other, percent: w.within(other, percent) - w.within(solver, percent),
    "lowest": lowest,
    "rises": lambda w, solver: ((F := w.F(solver)).diff(dim=0) > 1e-6 * F[1:]).sum(),
    "most atoms": lambda w, solver: evaluation.in_use(w.codes(solver)).sum(2).max() / w.used(),
    "same code": lambda w, i, f: 0 if (i, f) == (1, 0) else 2,  # Eq. (7) then is Eq. (6)
    "shrunk": lambda w, times: np.sign(times) * max(abs(times) - 1, 0),
    "zeros of double tanh": lambda w: 0,  # h(c) is zero for c = 0 alone
    "missing gate": lambda w, solver: w.choices.index("output gate"),  # the paper's Eq. (8) has none
    "mean gate": lambda w, gate: float((path := w.trace()).forget_gate[-1, 0][path.codes[-1, 0].abs() > 1e-3].mean()),
    "forgotten": forgotten,
    "without gates": without_gates,
    "safeguarded": lambda w, solver: w.solver(solver).trace(w.strip, w.lam, 100, safeguard=True).safeguarded.any(1).sum(),
    "noise left": noise_left,
    "noise": lambda w: -10 * np.log10(np.square(np.random.default_rng(0).normal(0, w.now("sigma") / 255, 10**6)).mean()),
    "parameters": lambda w, solver, other: np.divide(*(sum(p.numel() for g in w.solver(name).parameter_groups()
                                                           for p in g["params"]) for name in (solver, other))),
    "leads hold": lambda w: re.search(r">our cell, fair<.*?</tr>", leads.draw_leads(accuracies.load()))[0].count("✓ leads"),
    "gates or matrix": lambda w: (w.nmse("alista-gated") - w.nmse("slstm-recovery"))
    / (w.nmse("alista-selection") - w.nmse("slstm-recovery")),
    "nearest code": lambda w, methods: int(np.argmin([w.nmse(method) for method in methods.split(", ")])),
    "false alarms": lambda w, methods: int(np.argmax(
        [w.nmse(each, "recall") * (1 / w.nmse(each, "precision") - 1) for each in methods.split(", ")])),
    "costlier": lambda w, kind: int(np.argmax([fmean(one[key] for one in w.records(
        "sae", kind=kind, mode="joint", data="digits", atoms=128)) for key in ("percent", "dictionary_percent")])),
    "halving steps": lambda w: next(T for T, gap in sorted((T, fmean(one["percent"] for one in w.records(
        "sae", kind=kind, mode="frozen", data="grey-patches", atoms=256))) for T, kind in
        ((1, "relu"), (2, "steps-2"), (3, "steps-3"), (5, "steps-5"), (10, "steps-10"))) if gap <= fmean(
            one["percent"] for one in w.records("sae", kind="relu", mode="frozen", data="grey-patches", atoms=256)) / 2),
}  # fmt: skip


def test_every_truth_is_asked_for_and_known_in_another_way():
    said = {step.answers.truth for step in SAID.values()}
    assert {asks.truth for _, _, asks in ASKED} | said == set(TRUE) == set(TRUTHS)


@pytest.mark.everyday("ten-minutes-1", "ista-to-slstm-10", "claim-8", "codes")
@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize(("name", "query", "asks"), ASKED, ids=[name for name, *_ in ASKED])
def test_a_question_that_ships_is_answered_right_and_wrong(name, query, asks, picture):
    asked = query | ({"picture": [str(picture)]} if "picture" in query or not query else {})
    sight = replace(Sight.of(asked), choices=asks.question.choices)
    true, found = float(TRUE[asks.truth](World(sight), **asks.given)), questions.truth(asks, sight)
    raw = TRUTHS[asks.truth](sight, **asks.given)
    assert raw.answer == pytest.approx(true, rel=0.02, abs=0.02)
    assert found.why.endswith(".") and found.why[0].isupper() or found.why.startswith("h(")
    if asks.question.choices:
        right = int(np.argmin(np.abs(np.array(asks.at) - true))) if asks.at else int(true)
        assert [found.holds(k) for k in range(len(asks.question.choices))].index(True) == right
        assert sum(found.holds(k) for k in range(len(asks.question.choices))) == 1
    else:
        assert asks.question.low <= found.answer <= asks.question.high
        if picture == 3:  # that of the tours: where the slider begins is no answer
            assert not found.holds(asks.question.low)
        assert found.holds(true) and not found.holds(true + 2.5 * found.margin + asks.question.step)
        assert not found.holds(true - 2.5 * found.margin - asks.question.step)


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("name", SAID)
def test_a_sentence_ends_with_what_is_true_of_its_view(name, picture):
    step = SAID[name]
    sight = Sight.of(step.query | {"picture": [str(picture)]})
    found = questions.truth(step.answers, sight)
    assert found.answer == TRUE[step.answers.truth](World(sight), **step.answers.given)
    assert html.unescape(guide._said(step, sight)) == f"{step.title} {step.say} {found.why}"


def test_a_sentence_says_where_momentum_saves_nothing_and_where_nothing_is_known(monkeypatch):
    step, given = SAID["questions-3"], {"solver": "FISTA", "other": "ISTA", "percent": 5}
    courses = {"FISTA": [90, 60, 4], "ISTA": [90, 4, 3]}
    monkeypatch.setattr(
        Sight, "descent", lambda at, label: SimpleNamespace(excess=np.array(courses[label]))
    )
    sight = Sight.of({"picture": ["3"]})
    assert TRUTHS["saved"](sight, **given).answer == -1
    assert guide._said(step, sight).endswith("and ISTA 1. At this setting FISTA saves none.")
    courses["FISTA"] = [90, 1, 1]
    assert guide._said(step, sight).endswith("and ISTA 1. At this setting FISTA saves none.")
    courses["ISTA"] = [90, 80, 70]
    assert html.unescape(guide._said(step, sight)) == f"{step.title} {step.say}"
    sight = Sight.of({"coded": ["mnist-5k-1000"]})
    monkeypatch.setattr(truths.measured.published, "read", lambda part: {})
    assert guide._said(SAID["questions-8"], sight).endswith("learned with that encoder.")


def test_a_worksheet_asks_what_its_tour_asks_and_answers_on_another_page():
    asking = [step for step in TOURS["ten-minutes"].steps if step.asks]
    sheet = html.unescape(
        worksheet.html(TOURS["ten-minutes"], "https://example.org/?tour=ten-minutes&step=1")
    )
    asked, solved = sheet.split("<h2>Answers: Sparse coding in ten minutes</h2>")
    assert (
        asked.count("<li>") == solved.count("<li>") == len(asking)
        and "h2 { break-before: page; }" in asked
    )
    for step in asking:
        right = questions.truth(step.asks, Sight.of(step.answered)).why
        assert step.asks.question.words in asked and right in solved and right not in asked


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
    sight = Sight.of({key: [str(value)] for key, value in view.items()})
    for _, _, asks in ASKED:
        if not asks.question.choices and (found := questions.truth(asks, sight)):
            shown = asks.question.fit(found)
            stops = np.arange(shown.low, shown.high + shown.step / 2, shown.step)
            assert any(map(found.holds, stops)), (asks.question.words, found.answer, view)


def answered(app, path: str, guess: float) -> str:
    """What the page says to a guess, which its card allows. A card answers in a browser alone."""
    asked = board(app, f"question-{path}")
    low, high, step = (0, len(asked["choices"]) - 1, 1) if asked["choices"] else asked["range"]
    assert low <= guess <= high and abs(guess / step - round(guess / step)) < 1e-6
    app.session_state["_guesses"] = {path: (guess,)}
    app.run()
    return "".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("opened", [189, 20])
def test_a_reader_can_answer_with_a_code_beyond_the_usual_range(open_page, opened):
    view = {"data": "patches", "picture": "189", "lam": "0.978", "T": "63", "at": "60"}
    true = forgotten(World(Sight.of({key: [value] for key, value in view.items()})))
    assert true > OF_PAGES["gates"].question.high
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
    said = answered(app, "compare", guess)
    told = re.sub("<li class='.*?'>", "<li>", said)
    assert f"<b>{verdict}" in told and "<li>ISTA ✓</li><li>FISTA ✓</li><li>LISTA</li>" in told
    assert f"--to: {end}; --from: {guess};" in said


def test_every_choice_of_a_tie_is_right():
    """FISTA's first iteration is ISTA's."""
    asks = next(asks for _, _, asks in ASKED if asks.truth == "same code")
    found = questions.truth(asks, Sight.of({"T": ["1"]}))
    assert [k for k in range(len(asks.question.choices)) if found.holds(k)] == [0, 1]


def test_a_worksheet_says_nothing_of_the_machine_that_prints_it(monkeypatch):
    monkeypatch.setattr(guide.qr, "for_phones", lambda *addresses: ("https://a.org", "No phone."))
    sheet = guide._sheet("ten-minutes", TOURS["ten-minutes"])
    assert "https://a.org" in sheet and "No phone." not in sheet


def test_a_view_without_an_answer_says_so(monkeypatch):
    asks = next(asks for _, _, asks in STEPS if asks.truth == "iterations")
    monkeypatch.setitem(TRUTHS, "iterations", lambda at, solver, percent: None)
    assert questions.truth(asks, Sight.of({})) is None
    monkeypatch.setitem(
        TRUTHS, "iterations", lambda at, solver, percent: 1 / 0
    )  # as a guest's solver may do
    assert questions.truth(asks, Sight.of({})) is None
    monkeypatch.setitem(TRUTHS, "iterations", lambda at, solver, percent: Truth(4, "Four."))
    assert questions.truth(asks, Sight.of({})).answer == 4
