"""Tours: what a file may say, what is wrong with a broken one, and whether the app's own open what they speak of."""

import re

import pytest

from sc2viz.ui import app, links, url
from sc2viz.ui.domains import written
from sc2viz.ui.tours import reading

PAGES, ROWS = tuple(app.TITLES), tuple(url.TABLE)
TOURS, PROBLEMS = reading.available(PAGES, ROWS)
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
"""


def read(text: str) -> reading.Tour:
    return reading.read(text, "mine.toml", PAGES, ROWS)


def test_a_tour_has_the_steps_of_its_file():
    tour = read(GOOD)
    assert (tour.title, tour.minutes, len(tour.steps)) == ("Mine", 5, 2)
    assert (tour.steps[0].path, tour.steps[0].query) == ("compare", {"lam": ["0.1"], "T": ["10"]})
    # The address may be copied as a whole, and the tour that was at hand then is left out.
    assert (tour.steps[1].path, tour.steps[1].query) == ("gates", {"atom": ["3"]})
    assert (tour.steps[1].attempt, tour.steps[1].light, tour.steps[0].attempt) == (
        "Look.",
        "cells",
        "",
    )


@pytest.mark.parametrize(
    ("instead_of", "stands", "line", "said"),
    [
        ('title = "Mine"', "title = 3", 1, "title must be a text"),
        ("minutes = 5", 'minutes = "five"', 2, "minutes must be a whole number"),
        ("compare?", "comparison?", 5, "comparison is no page"),
        ("lam=0.1", "lambda=0.1", 5, "a view has no lambda"),
        ('say = "One sentence."', "", 4, "needs a text of at most 300 characters as its say"),
        (
            'say = "Another."',
            f'say = "{"a" * 301}"',
            10,
            "needs a text of at most 300 characters as its say",
        ),
        ('try = "Look."', 'tries = "Look."', 11, "a step has no tries"),
        ('light = "cells"', 'light = ".cells > a"', 12, "light must be the key"),
        ('light = "cells"', 'reveals = "sigma=3"', 12, "reveals may change data, dictionary,"),
        ("[[step]]", "[[steps]]", 1, "there must be 1 to 99 steps"),
        ('say = "One sentence."', 'say = "One sentence.', 6, "is not TOML"),
    ],
)
def test_a_broken_file_is_named_with_its_line(instead_of, stands, line, said):
    with pytest.raises(ValueError, match=re.escape(said)) as raised:
        read(GOOD.replace(instead_of, stands))
    assert "mine.toml" in str(raised.value) and f"line {line}" in str(raised.value)


def test_a_folder_of_a_class_has_tours_too(tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text(GOOD)
    (tmp_path / "broken.toml").write_text("title")
    (tmp_path / "claim.toml").write_text(GOOD)
    monkeypatch.setenv(reading.OTHERS, str(tmp_path))
    found, problems = reading.available(PAGES, ROWS)
    assert found["mine"].title == "Mine" and found["claim"] == TOURS["claim"]
    assert len(problems) == 2 and "broken.toml" in problems[0] and "claim.toml" in problems[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a.b.c." * 9000 + "d = 1",
            "line 1: a line must have at most 1,000 characters, got 54,005",
        ),
        ("# ä\n" * 30_000, "must have at most 100,000 bytes, got 150,000"),
        ("a = " + "[" * 990, "its values are nested too deeply"),
    ],
)
def test_a_file_that_would_take_gigabytes_is_refused_before_it_is_parsed(
    tmp_path, monkeypatch, text, said
):
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    monkeypatch.setenv(reading.OTHERS, str(tmp_path))
    (problem,) = reading.available(PAGES, ROWS)[1]
    assert problem.startswith("mine.toml") and said in problem
    with pytest.raises(ValueError, match=re.escape(said)):
        read(text)


def test_the_app_has_five_tours_that_take_the_minutes_of_their_files():
    assert not PROBLEMS
    assert {"ten-minutes", "ista-to-slstm", "claim", "autoencoders", "questions"} == set(TOURS)
    assert next(iter(TOURS)) == "ten-minutes"
    for tour in TOURS.values():
        said = [text for step in tour.steps for text in (step.title, step.say, step.attempt)]
        asked = [step.asks.question for step in tour.steps if step.asks]
        words = len(
            " ".join([*said, *(" ".join([each.words, *each.choices]) for each in asked)]).split()
        )
        told = words + 25 * sum(
            bool(step.asks or step.answers) for step in tour.steps
        )  # an answer has about 25 words
        waits = len(asked) + sum(bool(step.attempt) for step in tour.steps)  # 20 seconds each
        assert abs(told / 130 + waits / 3 - tour.minutes) <= 1, tour.title


@pytest.mark.parametrize(("name", "k", "step"), STEPS, ids=[f"{name}-{k}" for name, k, _ in STEPS])
def test_a_step_asks_for_values_that_there_are_and_types_no_result(name, k, step):
    opened = links.mended(step.answered, {})
    assert all(len(opened[key]) == len(texts) for key, texts in step.answered.items())
    assert step.say.endswith((".", "?")) and step.light
    aloud = " ".join(
        [step.title, step.say, step.attempt, step.asks.question.words if step.asks else ""]
    )
    assert max(len(each.split()) for each in re.split(r"[.?:] ", aloud)) <= 25 and not re.search(
        "[‖|½²₁₀\u0303]", aloud
    )
    # Numbers that a sentence may have are those of its own view and the numbers of the paper's figures and tables.
    said = (
        re.sub(
            r"(Figures?|Tables?|Eq\.) [\d(][\d()–]*( and \d+)?", "", f"{step.say} {step.attempt}"
        )
        .replace("ℓ1", "")
        .replace("ℓ2", "")
        .replace("CIFAR-10", "")
    )
    given = {text for texts in step.query.values() for text in texts}
    assert set(re.findall(r"\d[\d.]*\d|\d", said)) <= given


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


def test_next_shows_the_answer_and_then_changes_the_view_and_leave_returns(open_page):
    def view() -> tuple:
        return app.query_params["step"], *(
            app.number_input(key=key).value for key in ("picture", "lam")
        )

    app = open_page("welcome", lam="0.3")
    app.button(key="tour-ten-minutes").click().run()
    assert view() == ("1", 3, 0.5)
    for seen in (("1", 4, 0.5), ("2", 3, 0.5), ("2", 3, 1.0)):
        app.button(key="tour-next").click().run()
        assert view() == seen
    app.number_input(key="lam").set_value(0.2).run()  # the view is the reader's to change
    assert view() == ("2", 3, 0.2)
    app.button(key="tour-back").click().run()
    assert view() == ("1", 4, 0.5)  # as it is answered
    app.button(key="tour-leave").click().run()
    assert "tour" not in app.query_params and app.number_input(key="lam").value == 0.3
    assert "go on" not in app.button(key="tour-ten-minutes").label
    app.button(key="tour-ten-minutes").click().run()
    app.button(key="tour-next").click().run()
    app.button(key="tour-leave").click().run()
    assert "go on at 2 of 9" in app.button(key="tour-ten-minutes").label


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
    look = "".join(element.proto.body for element in app.get("html"))
    assert ("visible" in look) and (".st-key-adder *" in look) == is_seen


def test_a_tour_that_has_ended_leaves_nothing_open_and_begins_again(open_page):
    last = len(TOURS["ten-minutes"].steps)
    app = open_page("welcome", tour="ten-minutes", step=str(last))
    assert app.toggle(key="draw").value
    app.button(key="tour-next").click().run()
    assert not app.toggle(key="draw").value and not {"draw", "tour"} & {*app.query_params}
    start = app.button(key="tour-ten-minutes")
    assert start.label.endswith("again")
    start.click().run()
    assert app.query_params["step"] == "1"


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
    asked = [app.button(key=f"tour-questions-{k}").label for k, _ in enumerate(steps, 1)]
    assert len(set(asked)) == 10 and all(each.endswith("?") for each in asked)
    app.button(key="tour-questions-2").click().run()
    assert app.query_params["tour"] == "questions" and app.query_params["step"] == "2"
    assert f"{asked[1]} {steps[1].say}" in "".join(
        element.proto.body for element in app.get("html")
    )
