"""The lecturer's side of a room, on the page alone: what opens it, what keeps control of it, and what shares it."""

import csv
import io
from contextlib import ExitStack
from urllib.parse import parse_qs, urlsplit

import pytest

from sc2viz.classroom import phones
from sc2viz.classroom.rooms import MOST_PHONES, Rooms
from sc2viz.ui import lecturer

TOUR = """title = "Asks"
[[step]]
view = "lambda?data=digits&lam=0.2"
say = "Say."
ask = "How many?"
choices = ["all = 100", "few"]
at = [100, 10]
truth = "atoms"
[[step]]
view = "lambda?data=digits"
say = "No question."
"""


@pytest.fixture
def tour(monkeypatch, tmp_path):
    """A tour whose first step asks, and a server of phones with rooms of its own."""
    (tmp_path / "asks.toml").write_text(TOUR)
    monkeypatch.setenv("SC2VIZ_TOURS", str(tmp_path))
    monkeypatch.setattr(phones, "_served", True)
    monkeypatch.setattr(phones, "ROOMS", Rooms())
    return {"tour": "asks", "step": "1"}


def button(app, label):
    return next(each for each in app.button if each.label == label)


def test_where_no_route_can_be_added_the_button_says_so(open_page, tour, monkeypatch):
    monkeypatch.setattr(phones, "_served", False)
    ask = button(open_page("lambda", data="digits", lam="0.2", **tour), "Ask the class")
    assert ask.disabled and "has no place for phones" in ask.help


def test_a_room_asks_what_the_step_asks_and_goes_on_in_another_session(open_page, tour):
    app = open_page("lambda", data="digits", lam="0.2", **tour)
    button(app, "Ask the class").click().run()
    assert not app.exception
    (room,) = phones.ROOMS._rooms.values()
    private = at(app)
    assert private == f"{room.code}.{room.secret}" and room.at_hand().question.words == "How many?"
    for number, count in zip(
        [each for each in app.number_input if "class-hands" in (each.key or "")],
        (3, 9),
        strict=True,
    ):
        number.set_value(count)
    button(app, "Enter").click().run()
    room.reveal()

    again = open_page("lambda", data="digits", lam="0.2", **tour, **{"class": private})  # a reload
    assert not any(each.label == "Ask the class" for each in again.button)
    assert room.at_hand().shown and room.for_lecturer()["answered"] == 12
    truth = room.at_hand().truth.answer
    rows = list(csv.reader(io.StringIO(lecturer.counts_of(room))))
    assert rows[1:] == [
        ["1", "How many?", "1", "all = 100", "3", str(truth == 0)],
        ["1", "How many?", "1", "few", "9", str(truth == 1)],
    ]
    assert "class" not in parse_qs(
        urlsplit(next(each.value for each in shared(again) if "lambda" in each.value)).query
    )
    button(again, "Next").click().run()
    assert room.at_hand() is None and at(again) == private
    button(again, "Close the room").click().run()
    assert room.closed and "class" not in again.query_params


def test_next_shows_a_class_its_answers_in_each_round_before_it_goes_on(open_page, tour):
    app = open_page("lambda", data="digits", lam="0.2", **tour)
    button(app, "Ask the class").click().run()
    (room,) = phones.ROOMS._rooms.values()
    for ask_again in (lambda: None, room.again):
        ask_again()
        app.run()
        assert not room.at_hand().shown
        button(app, "Next").click().run()
        assert room.at_hand().shown and app.query_params["step"] == "1" and not covers(app)
    button(app, "Next").click().run()
    assert app.query_params["step"] == "2"


def at(app) -> str:
    """The private part of the address."""
    value = app.query_params["class"]
    return value if isinstance(value, str) else value[0]


def covers(app) -> bool:
    """Whether a question covers the page."""
    drawn = [each.proto.component_name for each in app.get("bidi_component")]
    return "sc2viz_question" in drawn


def shared(app):
    """The addresses that the page hands out for phones."""
    app.menu_button(key="menu").click("Link and QR code").run()
    return app.code


def test_a_page_that_is_asked_for_its_question_asks_a_class_too_and_another_lets_it_rest(
    open_page, tour
):
    app = open_page("lambda", data="digits", lam="0.2")
    assert not any(each.label == "Ask the class" for each in app.button)
    app.menu_button(key="menu").click("Predict first").run()
    button(app, "Ask the class").click().run()
    (room,) = phones.ROOMS._rooms.values()
    assert room.at_hand().key == "lambda" and covers(app)
    room.reveal()
    app.run()
    assert not covers(app)
    open_page("welcome", data="digits", **{"class": at(app)})
    assert room.at_hand() is None and not room.closed


def test_a_room_that_is_full_of_invented_phones_is_emptied(open_page, tour):
    app = open_page("lambda", data="digits", lam="0.2", **tour)
    button(app, "Ask the class").click().run()
    (full,) = phones.ROOMS._rooms.values()
    full.show_of_hands([3, 9])
    for key in ("Next", "Next", "Back"):
        button(app, key).click().run()
    with ExitStack() as invented:
        for k in range(MOST_PHONES):
            invented.enter_context(full.watched(lambda: None, f"invented-{k}"))
        full.answer("invented-0", [2, 1], 1)
        button(app, "Empty the room").click().run()
    (room,) = phones.ROOMS._rooms.values()
    assert full.closed and room.code != full.code and at(app) == f"{room.code}.{room.secret}"
    with room.watched(lambda: None, "a phone"):
        assert room.for_phone("a phone")["words"] == "How many?"
        assert room.for_lecturer()["phones"] == 1
    assert [row[4] for row in room.table()] == [3, 9]


@pytest.mark.everyday("BBBBBB.guessed")
@pytest.mark.parametrize("private", ["BBBBBB.guessed", "BBBBBB", "", ".", "ß.ß"])
def test_a_wrong_private_address_leads_no_room_and_goes(open_page, tour, private):
    other = phones.ROOMS.open()
    app = open_page(
        "lambda",
        data="digits",
        lam="0.2",
        **tour,
        **{"class": private.replace("BBBBBB", other.code)},
    )
    assert (
        button(app, "Ask the class") and "class" not in app.query_params and other.at_hand() is None
    )
