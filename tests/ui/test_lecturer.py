"""The lecturer's side of a room, on the page alone: what opens it, what keeps control of it, and what shares it."""

import csv
import io
from contextlib import ExitStack
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch

from sc2viz import checkpoints, data, evaluation, lasso
from sc2viz.classroom import phones
from sc2viz.classroom.rooms import MOST_PHONES, Rooms
from sc2viz.ui import lecturer, own

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
    monkeypatch.setattr(phones, "ROOMS", Rooms())
    monkeypatch.setattr(phones.ROOMS, "has_phones", True)
    return {"tour": "asks", "step": "1"}


def button(app, label):
    return next(widget for widget in app.button if widget.label == label)


def test_where_no_route_can_be_added_the_button_says_so(open_page, tour, monkeypatch):
    monkeypatch.setattr(phones.ROOMS, "has_phones", False)
    ask = button(open_page("lambda", data="digits", lam="0.2", **tour), "Ask the class")
    assert ask.disabled and "has no place for phones" in ask.help


def test_a_room_asks_what_the_step_asks_and_goes_on_in_another_session(open_page, tour):
    app = open_page("lambda", data="digits", lam="0.2", **tour)
    button(app, "Ask the class").click().run()
    assert not app.exception
    (room,) = phones.ROOMS._rooms.values()
    private = at(app)
    assert (
        private == f"{room.code}.{room.secret}" and room.current_poll().question.text == "How many?"
    )
    for number, count in zip(
        [widget for widget in app.number_input if "class-hands" in (widget.key or "")],
        (3, 9),
        strict=True,
    ):
        number.set_value(count)
    button(app, "Enter").click().run()
    room.reveal()

    reloaded = open_page(
        "lambda", data="digits", lam="0.2", **tour, **{"class": private}
    )  # a reload
    assert not any(widget.label == "Ask the class" for widget in reloaded.button)
    assert room.current_poll().is_revealed and room.for_lecturer()["answers"] == 12
    truth = room.current_poll().truth.answer
    rows = list(csv.reader(io.StringIO(lecturer.counts_of(room))))
    assert rows[1:] == [
        ["1", "How many?", "1", "all = 100", "3", str(truth == 0)],
        ["1", "How many?", "1", "few", "9", str(truth == 1)],
    ]
    assert "class" not in parse_qs(
        urlsplit(
            next(widget.value for widget in shared(reloaded) if "lambda" in widget.value)
        ).query
    )
    button(reloaded, "Next").click().run()
    assert room.current_poll() is None and at(reloaded) == private
    button(reloaded, "Close the room").click().run()
    assert room.is_closed and "class" not in reloaded.query_params


def test_next_shows_a_class_its_answers_in_each_round_before_it_goes_on(open_page, tour):
    app = open_page("lambda", data="digits", lam="0.2", **tour)
    button(app, "Ask the class").click().run()
    (room,) = phones.ROOMS._rooms.values()
    for ask_again in (lambda: None, room.ask_again):
        ask_again()
        app.run()
        assert not room.current_poll().is_revealed
        button(app, "Next").click().run()
        assert (
            room.current_poll().is_revealed and app.query_params["step"] == "1" and not covers(app)
        )
    button(app, "Next").click().run()
    assert app.query_params["step"] == "2"


def at(app) -> str:
    """The private part of the address."""
    value = app.query_params["class"]
    return value if isinstance(value, str) else value[0]


def covers(app) -> bool:
    """Whether a question covers the page."""
    names = [element.proto.component_name for element in app.get("bidi_component")]
    return "sc2viz_question" in names


def shared(app):
    """The addresses that the page hands out for phones."""
    app.menu_button(key="menu").click("Link and QR code").run()
    return app.code


def test_a_page_that_is_asked_for_its_question_asks_a_class_too_and_another_lets_it_rest(
    open_page, tour
):
    app = open_page("lambda", data="digits", lam="0.2")
    assert not any(widget.label == "Ask the class" for widget in app.button)
    app.menu_button(key="menu").click("Predict first").run()
    button(app, "Ask the class").click().run()
    (room,) = phones.ROOMS._rooms.values()
    assert room.current_poll().key == "lambda" and covers(app)
    room.reveal()
    app.run()
    assert not covers(app)
    open_page("welcome", data="digits", **{"class": at(app)})
    assert room.current_poll() is None and not room.is_closed


def test_a_room_that_is_full_of_invented_phones_is_emptied(open_page, tour):
    app = open_page("lambda", data="digits", lam="0.2", **tour)
    button(app, "Ask the class").click().run()
    (full,) = phones.ROOMS._rooms.values()
    full.count_hands([3, 9])
    for key in ("Next", "Next", "Back"):
        button(app, key).click().run()
    with ExitStack() as invented:
        for k in range(MOST_PHONES):
            invented.enter_context(full.watched(lambda: None, f"invented-{k}"))
        full.answer("invented-0", [2, 1], 1)
        button(app, "Empty the room").click().run()
    (room,) = phones.ROOMS._rooms.values()
    assert full.is_closed and room.code != full.code and at(app) == f"{room.code}.{room.secret}"
    with room.watched(lambda: None, "a phone"):
        assert room.for_phone("a phone")["words"] == "How many?"
        assert room.for_lecturer()["phones"] == 1
    assert [row[4] for row in room.table()] == [3, 9]


@pytest.mark.everyday("BBBBBB.guessed")
@pytest.mark.parametrize("private", ["BBBBBB.guessed", "BBBBBB", "", ".", "ß.ß"])
def test_a_wrong_private_address_leads_no_room_and_goes(open_page, tour, private):
    other_room = phones.ROOMS.open()
    app = open_page(
        "lambda",
        data="digits",
        lam="0.2",
        **tour,
        **{"class": private.replace("BBBBBB", other_room.code)},
    )
    assert (
        button(app, "Ask the class")
        and "class" not in app.query_params
        and other_room.current_poll() is None
    )


def test_a_class_draws_the_strip_which_is_data_like_any_other(open_page, tour, tmp_path):
    room = phones.ROOMS.open()
    private = {"class": f"{room.code}.{room.secret}"}
    room.begin_drawing()
    for k in range(3):
        drawing = np.zeros((28, 28), np.uint8)
        drawing[6:22, 8 : 12 + 4 * k] = 255
        with room.watched(lambda: None, f"{k:016}"):
            room.draw(f"{k:016}", drawing.tobytes())
    first, _, last = room.for_lecturer()["wall"]["drawings"]
    room.show_drawings(True, [first[1], last[1]])
    room.take_strip(at_random=True)
    x = np.stack([np.frombuffer(drawing, np.uint8) for drawing in room.strip]) / np.float32(255)
    view = {"data": "mnist-5k", "lam": "0.5", "picture": "3"} | private
    open_page("welcome", tour="ten-minutes", step="10", **view)
    exact = lasso.solve(torch.from_numpy(x), checkpoints.load_dictionary("mnist"), 0.5, tol=1e-8)
    atoms = evaluation.in_use(exact.codes).sum(1)
    assert room.current_poll().truth.answer == 1 + atoms.argmax() and atoms[0] != atoms[1]
    page = open_page("lambda", **view)
    page_view = page.session_state["_view"]
    assert np.array_equal(page_view.pixels(page_view.strip), x) and page_view.picture == 1
    assert page.session_state["_private"]  # its results are kept in this session alone
    page.menu_button(key="menu").click("Take away").run()
    assert any(f'data.load("{own.strip.FILE}", split="test")' in code.value for code in page.code)
    (tmp_path / own.strip.FILE).write_bytes(own.strip.npz(x, (28, 28, 1)))
    assert np.array_equal(data.load(tmp_path / own.strip.FILE, split="test").pixels, x)
    button(page, "Back to mnist-5k").click().run()
    assert not page.session_state["_view"].is_of_class and room.strip == ()
