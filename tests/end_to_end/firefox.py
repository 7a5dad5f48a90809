"""Firefox without windows, driven by the protocol that it speaks itself (WebDriver BiDi), where it is installed."""

import contextlib
import itertools
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

from websockets.sync.client import connect

PATH = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
LONGEST = 120.0  # seconds that a condition is waited for


class Tab:
    """A tab with cookies and a store of its own. `errors`: what all tabs of the browser have written on the console as
    errors, or thrown."""

    def __init__(self, call, errors: list[str], url: str, width: int, height: int):
        self._call, self.errors = call, errors
        context = {"type": "tab", "userContext": call("browser.createUserContext")["userContext"]}
        self._tab = {"context": call("browsingContext.create", **context)["context"]}
        call(
            "browsingContext.setViewport", **self._tab, viewport={"width": width, "height": height}
        )
        call("browsingContext.navigate", **self._tab, url=url, wait="interactive")

    def run(self, expression: str):
        """What an expression of JavaScript says there. RuntimeError where it throws."""
        reply = self._call(
            "script.evaluate", expression=expression, target=self._tab, awaitPromise=True
        )
        if reply["type"] != "success":
            raise RuntimeError(reply["exceptionDetails"]["text"])
        return reply["result"].get("value")

    def until(self, expression: str):
        """Wait until an expression is true there, and return it. TimeoutError where it stays false."""
        late = time.monotonic() + LONGEST
        while time.monotonic() < late:
            if value := self.run(expression):
                return value
            time.sleep(0.2)
        raise TimeoutError(
            expression + self.run("'; there is: ' + document.body.innerText.slice(0, 500)")
        )

    def drag(self, places: list[tuple[float, float]]) -> None:
        """Press the mouse at the first place of the window, move it through the others, and lift it."""
        moves = [
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 50} for x, y in places
        ]
        first, *others = moves
        press = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        steps = [first, press[0], *others, press[1]]
        mouse = {"type": "pointer", "id": "mouse", "actions": steps}
        self._call("input.performActions", **self._tab, actions=[mouse])


@contextlib.contextmanager
def running(profile) -> Iterator:
    """Start Firefox with a new profile in that folder; yield what opens tabs: open(url, width, height)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        PATH,
        "--headless",
        "--no-remote",
        "--profile",
        str(profile),
        f"--remote-debugging-port={port}",
    ]
    firefox = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        late = time.monotonic() + LONGEST
        while True:
            try:
                wire = connect(f"ws://127.0.0.1:{port}/session", max_size=None)
                break
            except OSError:
                if time.monotonic() > late:
                    raise
                time.sleep(0.2)
        numbers, errors = itertools.count(), []

        def call(method: str, **params):
            number = next(numbers)
            wire.send(json.dumps({"id": number, "method": method, "params": params}))
            while (reply := json.loads(wire.recv(timeout=LONGEST))).get("id") != number:
                entry = reply.get("params", {})
                if reply.get("method") == "log.entryAdded" and entry["level"] == "error":
                    errors.append(entry["text"])
            if reply["type"] == "error":
                raise RuntimeError(f"{method}: {reply['message']}")
            return reply["result"]

        with wire:
            call("session.new", capabilities={})
            call("session.subscribe", events=["log.entryAdded"])
            yield lambda url, width=1280, height=720: Tab(call, errors, url, width, height)
    finally:
        firefox.terminate()
        firefox.wait(30)
