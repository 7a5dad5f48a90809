"""What phones are served, by a server of its own: hostile messages, wrong codes, and other sites."""

import contextlib
import json
import random
import re
import socket
import threading
import time
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from sc2viz.browser import join
from sc2viz.classroom import drawings, phones
from sc2viz.classroom.question import Question, Truth
from sc2viz.classroom.rooms import Rooms

HTML = "<img src=x onerror=alert(1)>"
QUESTION = Question(HTML, (HTML, "FISTA", "neither"))
NUMBER = Question("How many?", low=0, high=20, step=1, unit=HTML)
DARK, GREY, BRIGHT = (bytes([level]) * drawings.SIDE**2 for level in (0, 90, 255))


@contextlib.contextmanager
def serving(base: str) -> Iterator[str]:
    """The address of a server of phones alone, until the block ends."""
    health = Route(
        "/_stcore/health", lambda request: PlainTextResponse("ok")
    )  # which the proxy asks for
    app = Starlette(routes=[health, *phones.routes(join.page, join.drawing, base=base)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws_max_size=200 << 20))
    with socket.socket() as listens:
        listens.bind(("127.0.0.1", 0))
        listens.listen(100)
        thread = threading.Thread(target=server.run, args=([listens],), daemon=True)
        thread.start()
        yield f"127.0.0.1:{listens.getsockname()[1]}{base}"
        server.should_exit = True
        thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def served():
    rooms = Rooms()
    with pytest.MonkeyPatch.context() as patch, serving("/class") as address:
        patch.setattr(phones, "ROOMS", rooms)
        yield address, rooms


class Phone:
    def __init__(self, connection):
        self.connection = connection

    def send(self, **message) -> None:
        self.connection.send(json.dumps(message))

    def hears(self, **expected) -> dict:
        """The first message that says so."""
        while True:
            message = json.loads(self.connection.recv(timeout=10))
            if all(message.get(key) == value for key, value in expected.items()):
                return message

    def closed(self) -> int:
        """The code with which the server ends the connection."""
        with pytest.raises(ConnectionClosed) as end:
            while True:
                self.connection.recv(timeout=10)
        return end.value.rcvd.code


@pytest.fixture
def phone(served):
    """Open the websocket of a room: phone(code, phone="…")."""
    with ExitStack() as opened:

        def enter(code: str, **credentials) -> Phone:
            device = Phone(
                opened.enter_context(connect(f"ws://{served[0]}/live?room={code}", max_size=None))
            )
            if credentials:
                device.send(**credentials)
            return device

        yield enter


def test_a_class_answers_and_only_the_room_tells_the_truth(served, phone):
    room, other_room = served[1].open(), served[1].open()
    first, second = phone(room.code, phone="a" * 16), phone(room.code.lower(), phone="b" * 16)
    stranger, lecturer = (
        phone(other_room.code, phone="a" * 16),
        phone(room.code, secret=room.secret),
    )
    first.hears(stage="wait"), second.hears(stage="wait"), stranger.hears(stage="wait")
    room.ask("1", QUESTION, Truth(1, HTML))
    message = first.hears(stage="open")
    assert (
        message["words"] == HTML and message["choices"][0] == HTML
    )  # the page writes them as text
    assert not {"truth", "why", "rounds"} & message.keys()
    for answer in (0, 2):  # a phone may change its answer
        first.send(number=message["number"], answer=answer)
        first.hears(own=[answer])
    stranger.send(number=message["number"], answer=1)  # of another room, whose question it is not
    stranger.hears(problem="this question is no longer open")
    second.send(number=message["number"], answer=1)
    assert not {"truth", "why", "rounds"} & lecturer.hears(phones=2, answers=2).keys()
    room.reveal()
    for device, own_answer in ((first, 2), (second, 1)):
        message_shown = device.hears(stage="shown")
        assert (message_shown["rounds"], message_shown["truth"], message_shown["own"]) == (
            [[[1, 1], [2, 1]]],
            [1, 0, []],
            [own_answer],
        )
    room.ask_again()
    assert first.hears(stage="open")["number"] == [1, 2]
    served[1].close(room)
    first.hears(stage="closed")
    assert first.closed() == 1000 and served[1].find(room.code) is None


@pytest.mark.parametrize(
    "message",
    [
        "reveal",
        "[1]",
        "{",
        "[" * 400,
        '"{}"',
        '{"phone": "x"}',
        '{"phone": 7}',
        "{}",
        '{"secret": 1}',
        f'{{"phone": "{"<" * 16}"}}',
        b"{}",
    ],
)
def test_a_first_message_of_another_kind_ends_the_connection(served, phone, message):
    device = phone(served[1].open().code)
    device.connection.send(message)
    assert device.closed() == phones.REFUSED


def test_a_secret_that_no_text_has_is_wrong(served, phone):
    device = phone(served[1].open().code)
    device.connection.send('{"secret": "\\ud800"}')
    device.hears(stage="none")


def test_a_phone_that_sends_what_it_may_not_changes_nothing(served, phone):
    room = served[1].open()
    room.ask("1", NUMBER, Truth(7, ""))
    question = {"number": [1, 1]}
    for k, answer in enumerate(
        (HTML, None, True, [1], {"a": 1}, -1, 21, 0.5, 10**400, float("nan"), 1e999)
    ):
        device = phone(room.code, phone=f"{k:016}")
        device.send(**question, answer=answer)
        assert device.hears(own=[None]) and device.hears()["problem"]
    for message in (
        {"reveal": True},
        {"stage": "shown"},
        {"secret": room.secret},
        {"number": "1", "answer": 1},
    ):
        device = phone(room.code, phone="c" * 16)
        device.send(**message)
        assert device.hears() and device.hears()["problem"]
    device.connection.send("7")
    assert device.closed() == phones.REFUSED
    device = phone(room.code, phone="d" * 16)
    device.send(**question, answer=7, more="x" * 1_000_000)
    assert device.closed() == phones.TOO_LONG
    lecturer = phone(room.code, secret=room.secret)
    lecturer.send(reveal=True)  # not even the lecturer’s page does so here
    assert lecturer.closed() == phones.REFUSED
    assert (
        room.current_poll().rounds[0].counts().total() == 0 and not room.current_poll().is_revealed
    )


@pytest.mark.parametrize("count", [2, pytest.param(72, marks=pytest.mark.release)])
def test_hostile_drawings_are_refused_with_a_code_and_nothing_is_on_the_wall(served, phone, count):
    room, other_room, closed = (served[1].open() for _ in range(3))
    room.begin_drawing(), closed.begin_drawing(), closed.end_drawing()
    for k in range(7 * count):
        target, message, code = (
            (room, random.Random(k).randbytes(k), drawings.TOO_LARGE),
            (room, DARK, drawings.WRONG),
            (room, json.dumps({"phone": "b" * 16, "drawing": "////"}), drawings.CLOSED),
            (room, DARK * 2, phones.TOO_LONG),
            (room, "[255, 255]", phones.REFUSED),
            (other_room, BRIGHT, drawings.CLOSED),
            (closed, BRIGHT, drawings.CLOSED),
        )[k % 7]
        device = phone(target.code, phone=f"{k:016}")
        device.hears()
        device.connection.send(message)
        assert (device.hears()["code"] if code < 1000 else device.closed()) == code
    for target_room in (room, closed):
        assert target_room.for_lecturer()["wall"]["drawings"] == []


def test_a_phone_may_draw_again_and_each_drawing_waits_for_the_lecturer(served, phone):
    room = served[1].open()
    device, lecturer = phone(room.code, phone="a" * 16), phone(room.code, secret=room.secret)
    room.begin_drawing()
    device.hears(stage="draw", drawing="")
    device.connection.send(GREY)
    device.hears(drawing=b64encode(GREY).decode())
    device.connection.send(BRIGHT)
    device.hears(code=drawings.TOO_SOON)
    room.show_drawings(True)
    assert room.take_strip(at_random=True) is None and room.strip == (GREY,)
    time.sleep(drawings.INTERVAL)
    device.connection.send(BRIGHT)
    device.hears(drawing=b64encode(BRIGHT).decode())
    travelled = []
    while len(travelled) < 2:
        wall = lecturer.hears().get("wall", {"drawings": []})
        travelled += [[place, b64decode(text)] for place, _, text in wall["drawings"]]
    assert travelled == [[0, GREY], [0, BRIGHT]] and wall["shown"] == []
    served[1].close(room)
    assert room.strip == () and "wall" not in room.for_lecturer()


def test_a_phone_that_goes_and_returns_finds_its_answer(served, phone):
    room = served[1].open()
    room.ask("1", NUMBER, Truth(7, "", margin=1))
    lecturer = phone(room.code, secret=room.secret)
    device = phone(room.code, phone="e" * 16)
    device.send(number=[1, 1], answer=8)
    device.hears(own=[8])
    device.connection.socket.close()  # as where a network is lost
    lecturer.hears(phones=0, answers=1)
    room.reveal()
    assert phone(room.code, phone="e" * 16).hears(stage="shown")["own"] == [8]
    assert phone(room.code, phone="f" * 16).hears(stage="shown")["own"] == [None]  # late


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_a_page_of_another_site_opens_no_websocket(served, origin):
    with pytest.raises(InvalidStatus, match="403"):
        connect(f"ws://{served[0]}/live", origin=origin)


@pytest.mark.parametrize("forwarded", [{}, {"X-Forwarded-Host": "class.example"}])
def test_the_servers_own_page_opens_one_behind_a_proxy_too(served, forwarded):
    host = forwarded.get("X-Forwarded-Host", served[0].partition("/")[0])
    with connect(
        f"ws://{served[0]}/live?room=BBBBBB", origin=f"http://{host}", additional_headers=forwarded
    ) as connection:
        device = Phone(connection)
        device.send(phone="a" * 16)
        device.hears(stage="none")


def test_the_page_has_everything_in_it_and_runs_nothing_else(served):

    with urllib.request.urlopen(f"http://{served[0]}/join?room={HTML.replace(' ', '+')}") as answer:
        html, policy = answer.read().decode(), answer.headers["Content-Security-Policy"]
    assert HTML not in html
    assert set(re.findall(r"https?://[\w./]+", html)) <= {"http://www.w3.org/2000/svg"}
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "*" not in policy
    assert not re.search(r"innerHTML|insertAdjacentHTML|outerHTML|document\.write|eval\(", html)
