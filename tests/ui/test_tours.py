"""Tours: what a file may say, what is wrong with a broken one, and whether the app's own open what they speak of."""

import re

import pytest
from pages.seen import board

from sc2viz.ui import links, url
from sc2viz.ui.domains import written
from sc2viz.ui.tours import reading

TOURS, PROBLEMS = reading.available()
STEPS = [(name, k, step) for name, tour in TOURS.items() for k, step in enumerate(tour.steps, 1)]
GOOD = """title = "Mine"
minutes = 5

[[step]]
view = "compare?lam=0.1&T=10"
say = "One sentence."

[[step]]
view = "https://example.org/app/gates?atom=3&tour=other&step=7"
say = "Another."
try = "Look."
light = "cells"
ask = "How many?"
choices = ["few", "many"]
at = [1, 9]
truth = "iterations"
given = { solver = "FISTA", percent = 1 }
"""


def read(text: str) -> reading.Tour:
    return reading.read(text, "mine.toml")


def test_a_tour_has_the_steps_of_its_file():
    tour = read(GOOD)
    assert (tour.title, tour.minutes, len(tour.steps)) == ("Mine", 5, 2)
    first, second = tour.steps
    assert (first.path, first.query, first.attempt) == (
        "compare",
        {"lam": ["0.1"], "T": ["10"]},
        "",
    )
    # The address may be copied as a whole, and the tour that was at hand then is left out.
    assert (second.path, second.query) == ("gates", {"atom": ["3"]})
    assert (second.attempt, second.light, first.question) == ("Look.", "cells", None)
    assert second.question.options == {"solver": "FISTA", "percent": 1}


@pytest.mark.parametrize(
    ("instead_of", "stands", "line", "message"),
    [
        ('title = "Mine"', "title = 3", 1, "title must be a text"),
        ("minutes = 5", 'minutes = "five"', 2, "minutes must be a whole number"),
        ("compare?", "comparison?", 5, "comparison is no page"),
        ("lam=0.1", "lambda=0.1", 5, "a view has no lambda"),
        ('say = "One sentence."', "", 4, "say must be a text"),
        ('try = "Look."', 'tries = "Look."', 11, "there is no tries"),
        ("[[step]]", "[[steps]]", 1, "there is no steps"),
        ('say = "One sentence."', 'say = "One sentence.', 6, "is not TOML"),
        ('ask = "How many?"', "ask = 3", 13, "ask must be a text"),
        ('"iterations"', '"__import__"', 16, "truth must be one of atoms"),
        ("solver =", "solvers =", 17, "which is solver, percent"),
        ('["few", "many"]', '["few", "few"]', 14, "choices must be 2 to 5 different ones"),
        ('choices = ["few", "many"]\nat = [1, 9]', "low = 3\nhigh = 3", 14, "needs low < high"),
    ],
)
def test_a_broken_file_is_named_with_its_line_and_the_remedy(instead_of, stands, line, message):
    with pytest.raises(ValueError, match=re.escape(message)) as raised:
        read(GOOD.replace(instead_of, stands))
    assert "mine.toml" in str(raised.value) and f"line {line}" in str(raised.value)


def test_a_folder_of_a_class_has_tours_too(tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text(GOOD)
    (tmp_path / "broken.toml").write_text("title")
    (tmp_path / "claim.toml").write_text(GOOD)
    monkeypatch.setenv(reading.VARIABLE, str(tmp_path))
    tours, problems = reading.available()
    assert tours["mine"].title == "Mine" and tours["claim"] == TOURS["claim"]
    assert len(problems) == 2 and "broken.toml" in problems[0] and "claim.toml" in problems[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.b.c." * 9000 + "d = 1", "must have at most 100,000 bytes and 1,000 characters a line"),
        ("# ä\n" * 30_000, "must have at most 100,000 bytes and 1,000 characters a line"),
        ("a = " + "[" * 990, "is not TOML"),
    ],
)
def test_a_file_that_would_take_gigabytes_is_refused_before_it_is_parsed(
    tmp_path, monkeypatch, text, message
):
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    monkeypatch.setenv(reading.VARIABLE, str(tmp_path))
    (problem,) = reading.available()[1]
    assert problem.startswith("mine.toml") and message in problem
    with pytest.raises(ValueError, match=re.escape(message)):
        read(text)


def test_the_app_has_five_tours_that_take_the_minutes_of_their_files():
    assert not PROBLEMS
    assert {"ten-minutes", "ista-to-slstm", "claim", "autoencoders", "questions"} == set(TOURS)
    assert next(iter(TOURS)) == "ten-minutes"
    for tour in TOURS.values():
        texts = [text for step in tour.steps for text in (step.title, step.sentence, step.attempt)]
        questions = [step.question for step in tour.steps if step.question]
        texts += [text for question in questions for text in (question.text, *question.choices)]
        answers = sum(bool(step.question or step.conclusion) for step in tour.steps)
        word_count = len(" ".join(texts).split()) + 25 * answers  # an answer has about 25 words
        waits = len(questions) + sum(bool(step.attempt) for step in tour.steps)  # 20 seconds each
        assert abs(word_count / 130 + waits / 3 - tour.minutes) <= 1, tour.title


@pytest.mark.parametrize(("name", "k", "step"), STEPS, ids=[f"{name}-{k}" for name, k, _ in STEPS])
def test_a_step_asks_for_values_that_there_are_and_types_no_result(name, k, step):
    opened = links.mended(step.answered, {})
    assert all(len(opened[key]) == len(texts) for key, texts in step.answered.items())
    assert step.sentence.endswith((".", "?")) and step.light
    question = step.question.text if step.question else ""
    aloud = " ".join([step.title, step.sentence, step.attempt, question])
    assert max(len(sentence.split()) for sentence in re.split(r"[.?:] ", aloud)) <= 25
    assert not re.search("[‖|½²₁₀\u0303]", aloud)
    # Numbers that a sentence may have are those of its own view and the numbers of the paper's figures and tables.
    of_paper = r"(Figures?|Tables?|Eq\.) [\d(][\d()–]*( and \d+)?|ℓ1|ℓ2|CIFAR-10"
    statement = re.sub(of_paper, "", f"{step.sentence} {step.attempt}")
    values = {text for texts in step.query.values() for text in texts}
    assert set(re.findall(r"\d[\d.]*\d|\d", statement)) <= values


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"tour": "ten-minutes", "step": "2"}, "2 of 9"),
        ({"tour": "TEN-minutes", "step": "9"}, "9 of 9"),
        ({"tour": "ten-minutes", "step": "2", "lang": "de"}, "2 von 9"),
        ({"tour": "ten-minutes", "step": "2", "lang": "de", "present": "true"}, "2 von 9"),
    ],
)
def test_an_address_of_a_step_opens_its_view_in_each_language_and_for_a_projector(
    open_page, query, place
):
    steps = TOURS["ten-minutes"].steps
    app = open_page("welcome", **query)
    assert place in "".join(element.proto.body for element in app.get("html"))
    for key, texts in steps[int(place[0]) - 1].query.items():
        if texts != [written(url.default(key))]:  # which the URL leaves out
            assert app.query_params[key] == (texts if len(texts) > 1 else texts[0])


@pytest.mark.parametrize("lam", [0.3, 0.5])  # of which one is the default
def test_next_shows_the_answer_and_then_changes_the_view_and_leave_returns(open_page, lam):
    def view() -> tuple:
        return app.query_params["step"], *(
            app.number_input(key=key).value for key in ("picture", "lam")
        )

    app = open_page("welcome", lam=str(lam))
    app.button(key="tour-ten-minutes").click().run()
    assert view() == ("1", 3, 0.5)
    for expected in (("1", 4, 0.5), ("2", 3, 0.5), ("2", 3, 1.0)):
        app.button(key="tour-next").click().run()
        assert view() == expected
    app.number_input(key="lam").set_value(0.2).run()  # the view is the reader's to change
    assert view() == ("2", 3, 0.2)
    app.button(key="tour-back").click().run()
    assert view() == ("1", 4, 0.5)  # as it is answered
    app.button(key="tour-leave").click().run()
    assert "tour" not in app.query_params and app.number_input(key="lam").value == lam
    assert app.number_input(key="picture").value == 0
    assert "go on" not in app.button(key="tour-ten-minutes").label
    app.button(key="tour-ten-minutes").click().run()
    app.button(key="tour-next").click().run()
    app.button(key="tour-leave").click().run()
    assert "go on at 2 of 9" in app.button(key="tour-ten-minutes").label
    app.button(key="tour-ten-minutes").click().run()
    assert app.query_params["step"] == "2"


def test_what_an_answer_reveals_lasts_until_a_run_has_drawn_it_and_then_is_the_readers(open_page):
    app = open_page("welcome", tour="ten-minutes", step="2", picture="3")
    app.session_state["_revealed"] = {"lam": 1.0}  # as where another run has come between
    app.run()
    assert app.number_input(key="lam").value == 1.0
    app.number_input(key="lam").set_value(0.3).run()
    assert app.number_input(key="lam").value == 0.3


@pytest.mark.parametrize(("picture", "is_seen"), [("3", True), ("4", False)])
def test_a_part_is_seen_before_the_answer_unless_the_view_has_it_already(
    open_page, picture, is_seen
):
    app = open_page("welcome", tour="ten-minutes", step="1", picture=picture)
    card = board(app, "question-ten-minutes 1")
    assert card["alt"] == "Picture 4, a 1"  # of which it is asked, and no grid of others
    look = "".join(element.proto.body for element in app.get("html"))
    assert ("visible" in look) and (".st-key-adder *" in look) == is_seen


def test_a_step_is_not_opened_for_a_reader_who_has_gone_to_another_page(open_page):
    app = open_page("compare", data="digits")
    app.session_state["_tour_wish"] = ("claim", 1), "welcome"
    app.run()
    assert "tour" not in app.query_params and "_tour_wish" not in app.session_state
    app.session_state["_tour_wish"] = ("claim", 1), "compare"
    app.run()
    assert app.query_params["tour"] == "claim"


def test_a_question_on_welcome_opens_the_step_that_answers_it(open_page):
    steps = TOURS["questions"].steps
    app = open_page("welcome", picture="4")
    questions = [app.button(key=f"tour-questions-{k}").label for k, _ in enumerate(steps, 1)]
    assert len(set(questions)) == 10 and all(question.endswith("?") for question in questions)
    app.button(key="tour-questions-2").click().run()
    assert app.query_params["tour"] == "questions" and app.query_params["step"] == "2"
    assert f"{questions[1]} {steps[1].sentence}" in "".join(
        element.proto.body for element in app.get("html")
    )
