"""Start the app and a real Chromium on this machine; the benchmarks share this."""

import base64
import contextlib
import gzip
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from sc2viz.classroom.rooms import LETTERS
from sc2viz.lab.bench.stopwatch import high
from sc2viz.ui.app import GROUPS
from sc2viz.ui.reader import sizes

ROOT = Path(__file__).resolve().parents[3]
LAMBDA, T = "λ, the price of the code", "T, iterations"  # the labels of the sidebar's sliders


@contextlib.contextmanager
def server(
    log: Path = Path(os.devnull), root: Path = ROOT, **environment: str
) -> Iterator[tuple[str, subprocess.Popen]]:
    """Run the app on a free port of this machine until the block ends; yield its address and its process.

    log: the file that gets what it prints. root: the checkout of the app. environment: variables that it has beside ours.
    """
    port = free_port()
    flags = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command = [sys.executable, "-m", "sc2viz", "app", *flags]
    with log.open("w") as stream:
        app = subprocess.Popen(
            command, cwd=root, env=os.environ | environment, stdout=stream, stderr=stream
        )
    try:
        yield f"http://127.0.0.1:{port}", app
    finally:
        app.terminate()
        app.wait(timeout=60)


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def proxy(addresses: Sequence[str]) -> Iterator[str]:
    """The address of Caddy with this repository's configuration, which keeps each reader with one of the apps there, until
    the block ends."""
    here, admin = f"http://127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    replicas = [urlsplit(address).netloc for address in addresses]
    command = ["caddy", "run", "--config", str(ROOT / ".github/hosting/Caddyfile")]
    variables = {"SC2VIZ_HOST": here, "SC2VIZ_REPLICAS": " ".join(replicas), "CADDY_ADMIN": admin}
    variables |= {
        f"SC2VIZ_ROOMS_{letter}": replica
        for letter, replica in zip(LETTERS, replicas, strict=False)
    }
    caddy = subprocess.Popen(
        command, env=os.environ | variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield here
    finally:
        caddy.terminate()
        caddy.wait(timeout=60)


@contextlib.contextmanager
def chromium() -> Iterator:
    """The system's Chromium, or else the one that `playwright install chromium` has installed, until the block ends."""
    from playwright.sync_api import sync_playwright

    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]) as browser,
    ):
        yield browser


@contextlib.contextmanager
def app() -> Iterator:
    """The address of the app, and a Chromium, until the block ends."""
    with server() as (address, _), chromium() as browser:
        yield address, browser


def patiently(page, url: str) -> None:
    """Open `url`, and try again until its server answers."""
    from playwright.sync_api import Error

    while True:
        try:
            page.goto(url)
            return
        except Error:
            time.sleep(0.1)


class Wire:
    """The frames of a page's websocket."""

    def __init__(self, page):
        self.frames: list[bytes] = []
        page.on("websocket", self._watch)

    def _watch(self, socket) -> None:
        socket.on("framesent", lambda data: self.frames.append(b""))
        socket.on(
            "framereceived",
            lambda data: self.frames.append(data if isinstance(data, bytes) else data.encode()),
        )

    def weigh(self) -> tuple[int, int]:
        """How many bytes have come: those of atoms, and all others."""
        atoms = sum(map(_atoms, self.frames))
        return atoms, sum(map(len, self.frames)) - atoms


def _atoms(frame: bytes) -> int:
    """The bytes of atoms in a frame: of the arrays that a component has under the names of its atoms."""
    packed = (
        gzip.decompress(base64.b64decode(text))
        for text in re.findall(rb'"packed": ?"([^"]*)"', frame)
    )
    names = set(re.findall(rb'"atoms": ?{"name": ?"(\w+)"', b"".join((frame, *packed))))
    return (
        sum(size for name, size in sizes(frame).items() if name.encode() in names) if names else 0
    )


def followed(took: Sequence[float]) -> str:
    """How soon pictures have followed what a reader moves; times in ms."""
    return f"{statistics.median(took):5.1f} ms median (aim 8), {high(took):.1f} ms 95th percentile (aim 16.7)"


def turn_to(page, title: str) -> None:
    """Go to a page of the app by the bar at the top: open its group there, and click its title."""
    group = next(
        group
        for group, pages in GROUPS.items()
        if title in [each["title"] for each in pages.values()]
    )
    bar = page.get_by_test_id("stTopNav")
    bar.get_by_role("button", name=group, exact=True).click()
    page.get_by_role("menuitem", name=title, exact=True).click()
