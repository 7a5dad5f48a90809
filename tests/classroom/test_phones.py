"""What phones are served, by a server of its own: hostile messages, wrong codes, and other sites."""

import contextlib
import json
import re
import socket
import threading
import urllib.request
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
from sc2viz.classroom import phones
from sc2viz.classroom.question import Question, Truth
from sc2viz.classroom.rooms import Rooms

HTML = "<img src=x onerror=alert(1)>"
QUESTION = Question(HTML, (HTML, "FISTA", "neither"))
NUMBER = Question("How many?", low=0, high=20, step=1, unit=HTML)


@contextlib.contextmanager
def serving(rooms: Rooms, base: str) -> Iterator[str]:
    """The address of a server of phones alone, until the block ends."""
    health = Route(
        "/_stcore/health", lambda request: PlainTextResponse("ok")
    )  # which the proxy asks for
    app = Starlette(routes=[health, *phones.routes(join.page, base=base, rooms=rooms)])
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
    with serving(rooms, "/class") as address:
        yield address, rooms


class Phone:
    def __init__(self, connection):
        self.connection = connection

    def send(self, **said) -> None:
        self.connection.send(json.dumps(said))

    def hears(self, **wanted) -> dict:
        """The first message that says so."""
        while True:
            said = json.loads(self.connection.recv(timeout=10))
            if all(said.get(key) == value for key, value in wanted.items()):
                return said

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

        def enter(code: str, **who) -> Phone:
            one = Phone(
                opened.enter_context(connect(f"ws://{served[0]}/live?room={code}", max_size=None))
            )
            if who:
                one.send(**who)
            return one

        yield enter


def test_a_class_answers_and_only_the_room_tells_the_truth(served, phone):
    room, other = served[1].open(), served[1].open()
    one, two = phone(room.code, phone="a" * 16), phone(room.code.lower(), phone="b" * 16)
    stranger, lecturer = phone(other.code, phone="a" * 16), phone(room.code, secret=room.secret)
    one.hears(stage="wait"), two.hears(stage="wait"), stranger.hears(stage="wait")
    room.ask("1", QUESTION, Truth(1, HTML))
    said = one.hears(stage="open")
    assert said["words"] == HTML and said["choices"][0] == HTML  # the page writes them as text
    assert not {"truth", "why", "rounds"} & said.keys()
    for answer in (0, 2):  # a phone may change its answer
        one.send(number=said["number"], answer=answer)
        one.hears(own=[answer])
    stranger.send(number=said["number"], answer=1)  # of another room, whose question it is not
    stranger.hears(problem="this question is no longer open")
    two.send(number=said["number"], answer=1)
    assert not {"truth", "why", "rounds"} & lecturer.hears(phones=2, answered=2).keys()
    room.reveal()
    for each, own in ((one, 2), (two, 1)):
        shown = each.hears(stage="shown")
        assert (shown["rounds"], shown["truth"], shown["own"]) == (
            [[[1, 1], [2, 1]]],
            [1, 0, []],
            [own],
        )
    room.again()
    assert one.hears(stage="open")["number"] == [1, 2]
    served[1].close(room)
    one.hears(stage="closed")
    assert one.closed() == 1000 and served[1].find(room.code) is None


@pytest.mark.parametrize(
    "said",
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
def test_a_first_message_of_another_kind_ends_the_connection(served, phone, said):
    one = phone(served[1].open().code)
    one.connection.send(said)
    assert one.closed() == phones.REFUSED


def test_a_secret_that_no_text_has_is_wrong(served, phone):
    one = phone(served[1].open().code)
    one.connection.send('{"secret": "\\ud800"}')
    one.hears(stage="none")


def test_a_phone_that_sends_what_it_may_not_changes_nothing(served, phone):
    room = served[1].open()
    room.ask("1", NUMBER, Truth(7, ""))
    asked = {"number": [1, 1]}
    for k, answer in enumerate(
        (HTML, None, True, [1], {"a": 1}, -1, 21, 0.5, 10**400, float("nan"), 1e999)
    ):
        one = phone(room.code, phone=f"{k:016}")
        one.send(**asked, answer=answer)
        assert one.hears(own=[None]) and one.hears()["problem"]
    for said in (
        {"reveal": True},
        {"stage": "shown"},
        {"secret": room.secret},
        {"number": "1", "answer": 1},
    ):
        one = phone(room.code, phone="c" * 16)
        one.send(**said)
        assert one.hears() and one.hears()["problem"]
    one.connection.send("7")
    assert one.closed() == phones.REFUSED
    one = phone(room.code, phone="d" * 16)
    one.send(**asked, answer=7, more="x" * 1_000_000)
    assert one.closed() == phones.TOO_LONG
    lecturer = phone(room.code, secret=room.secret)
    lecturer.send(reveal=True)  # not even the lecturer’s page does so here
    assert lecturer.closed() == phones.REFUSED
    assert room.at_hand().rounds[0].counts().total() == 0 and not room.at_hand().shown


def test_a_phone_that_goes_and_returns_finds_its_answer(served, phone):
    room = served[1].open()
    room.ask("1", NUMBER, Truth(7, "", margin=1))
    lecturer = phone(room.code, secret=room.secret)
    one = phone(room.code, phone="e" * 16)
    one.send(number=[1, 1], answer=8)
    one.hears(own=[8])
    one.connection.socket.close()  # as where a network is lost
    lecturer.hears(phones=0, answered=1)
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
        one = Phone(connection)
        one.send(phone="a" * 16)
        one.hears(stage="none")


def test_the_page_has_everything_in_it_and_runs_nothing_else(served):

    with urllib.request.urlopen(f"http://{served[0]}/join?room={HTML.replace(' ', '+')}") as answer:
        html, policy = answer.read().decode(), answer.headers["Content-Security-Policy"]
    assert HTML not in html
    assert set(re.findall(r"https?://[\w./]+", html)) <= {"http://www.w3.org/2000/svg"}
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "*" not in policy
    assert not re.search(r"innerHTML|insertAdjacentHTML|outerHTML|document\.write|eval\(", html)
