"""What the server has for the phones of a class beside the app: their page at /join, a websocket at /live, and what a phone
draws with at /drawing.js, and codes its drawing with at /atoms.

A phone, or the lecturer's page, opens /live?room=KQZTBM and says who it is: {"phone": id} or {"secret": …}. The server sends
what is to be shown whenever it changes. A phone sends its answer as {"number": [question, round], "answer": number}, and a
drawing as its bytes. No other message is taken, and none leads to a run of the app's page.
"""

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from sc2viz import words
from sc2viz.classroom.drawings import WRONG
from sc2viz.classroom.rooms import LETTERS, MINUTE, Room, Rooms

LONGEST = 1000  # bytes of a message
PATIENCE = 20.0  # seconds within which who connects must say who it is
PAUSE = 0.1  # seconds between two messages that are taken from one phone, and between two counts for the lecturer
REFUSED, TOO_LONG = 1008, 1009  # codes with which a websocket is closed
ROOMS = Rooms(
    os.environ.get("SC2VIZ_ROOMS", LETTERS)
)  # the first letters of codes, which name this replica
_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


def routes(
    page: Callable[[str], tuple[str, str]],
    drawing: Callable[[str], str],
    base: str,
) -> list[BaseRoute]:
    """Return the routes of phones, and note that this server has phones. page: gives the HTML of /join in a language, with
    the policy for its content; drawing: gives the module that it imports where its phone draws; base: the path of the app, if
    any."""
    ROOMS.has_phones = True
    headers = {
        "Cache-Control": "no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Language",
    }
    prefix = f"/{base.strip('/')}".rstrip("/")

    async def join(request: Request) -> HTMLResponse:
        html, policy = page(_language(request))
        return HTMLResponse(html, headers=headers | {"Content-Security-Policy": policy})

    async def module(request: Request) -> Response:
        script = drawing(_language(request))
        return Response(script, media_type="text/javascript", headers=headers)

    async def atoms(request: Request) -> Response:
        room = ROOMS.find(request.query_params.get("room", "")[:20])
        if room is None or not room.atoms:
            return Response(status_code=404)
        return Response(room.atoms, media_type="application/json", headers=headers)

    return [
        Route(f"{prefix}/join", join),
        Route(f"{prefix}/drawing.js", module),
        Route(f"{prefix}/atoms", atoms),
        WebSocketRoute(f"{prefix}/live", live),
    ]


def _language(phone: HTTPConnection) -> str:
    """Return the language that a phone asks for, one of those that the app speaks."""
    return words.choose_language(phone.headers.get("accept-language", "")[:LONGEST].split(","))


def _is_from_own_page(websocket: WebSocket) -> bool:
    """Whether a page of this server has opened the connection, or no browser. Browsers name the page's host in `Origin`. A
    proxy that replaces `Host` hands the first one on as `X-Forwarded-Host`."""
    origin = websocket.headers.get("origin")
    hosts = [websocket.headers.get(name) for name in ("host", "x-forwarded-host")]
    return origin is None or origin.partition("://")[2] in hosts


class Wrong(Exception):
    """A message that nobody sends who uses the app."""

    def __init__(self, code: int = REFUSED):
        self.code = code


async def live(websocket: WebSocket) -> None:
    """Serve one websocket, of a phone or of a lecturer, until either side ends it."""
    if not _is_from_own_page(websocket):
        await websocket.close(REFUSED)
        return
    # The language of this connection alone, which has a context of its own
    words.speak(_language(websocket))
    await websocket.accept()
    code = websocket.query_params.get("room", "")[:20]
    with suppress(WebSocketDisconnect):
        try:
            async with asyncio.timeout(PATIENCE):
                hello = await _read(websocket)
            match hello:
                case {"secret": str(secret)}:
                    room, serve = ROOMS.controlled(code, secret), _serve_lecturer
                case {"phone": str(phone)} if _ID.fullmatch(phone):
                    room, serve = ROOMS.find(code), partial(_serve_phone, phone)
                case _:
                    raise Wrong
            if room:
                await serve(websocket, room)
            else:
                await _send(websocket, {"stage": "none"})
                await websocket.close()
        except TimeoutError:
            await websocket.close(REFUSED)
        except Wrong as wrong:
            await websocket.close(wrong.code)
        except ValueError as full:
            await _send(websocket, {"stage": "full", "problem": str(full)})
            await websocket.close()


async def _serve_phone(phone: str, websocket: WebSocket, room: Room) -> None:
    """Serve a phone in a room until it leaves: take its answers and drawings, and send what it shows."""

    async def hear() -> None:
        """Take what the phone sends, and send what it then shows or what was wrong, until the connection ends."""
        while True:
            message, problem = await _read(websocket), {}
            try:
                if isinstance(message, bytes):
                    room.draw(phone, message)
                else:
                    room.answer(phone, message.get("number"), message.get("answer"))
            except ValueError as error:
                problem = {"problem": str(error), "code": getattr(error, "code", WRONG)}
            await _send(websocket, room.for_phone(phone) | problem)
            await asyncio.sleep(PAUSE)

    await _serve(websocket, room, hear, lambda: room.for_phone(phone), phone)


async def _serve_lecturer(websocket: WebSocket, room: Room) -> None:
    """Serve the lecturer's page in a room until it leaves: send what it shows, with the drawings that are new to it."""

    async def hear() -> None:
        await _read(websocket)
        raise Wrong  # the lecturer's page does all by the app

    latest = 0  # the number of the newest drawing that this browser has

    def describe() -> dict:
        nonlocal latest
        room.note_lecturer()
        message = room.for_lecturer(latest)
        latest = message.get("wall", {}).get("latest", latest)
        return message

    await _serve(websocket, room, hear, describe)


async def _serve(
    websocket: WebSocket,
    room: Room,
    hear: Callable[[], Awaitable[None]],
    describe: Callable[[], dict],
    phone: str | None = None,
) -> None:
    """Call `hear`, which takes what comes, and send what `describe` returns: at once, whenever there is news, and once a
    minute, until the room is closed or the connection ends. phone: its id; None for the lecturer."""
    news, loop = asyncio.Event(), asyncio.get_running_loop()

    def wake() -> None:
        with suppress(RuntimeError):  # the server has ended
            loop.call_soon_threadsafe(news.set)

    with room.watched(wake, phone):
        hearing = asyncio.ensure_future(hear())
        hearing.add_done_callback(lambda _: news.set())
        try:
            while not hearing.done():
                news.clear()
                message = describe()
                await _send(websocket, message)
                if message["stage"] == "closed":
                    await websocket.close()
                    return
                await asyncio.sleep(PAUSE)
                with suppress(TimeoutError):
                    async with asyncio.timeout(MINUTE):
                        await news.wait()
                # This closes rooms whose lecturers have been away for long.
                ROOMS.find(room.code)
            await hearing
        finally:
            hearing.cancel()


async def _read(websocket: WebSocket) -> dict | bytes:
    """Return the next message, an object of JSON or bytes. Wrong: it is neither, or long. Numbers are floats, so none is too
    large to compute with."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    text, pixels = message.get("text"), message.get("bytes")
    if len(pixels or (text or "").encode()) > LONGEST:
        raise Wrong(TOO_LONG)
    if text is None:
        return pixels or b""
    try:
        content = json.loads(text, parse_int=float)
    except (ValueError, RecursionError):
        raise Wrong from None
    if not isinstance(content, dict):
        raise Wrong
    return content


async def _send(websocket: WebSocket, message: dict) -> None:
    """Send a message as JSON."""
    await websocket.send_text(json.dumps(message, ensure_ascii=False))
