"""Start the app and a real Chromium on this machine; the benchmarks share this."""

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from sc2viz.classroom.rooms import LETTERS
from sc2viz.lab.bench.stopwatch import high
from sc2viz.ui.app import GROUPS

ROOT = Path(__file__).resolve().parents[3]
LAMBDA, T = "λ, the price of the code", "T, iterations"  # the labels of the sidebar's sliders


@contextlib.contextmanager
def _running(command, output=subprocess.DEVNULL, root=ROOT, **variables):
    """The process of a command with these variables of the environment besides ours, until the block ends."""
    process = subprocess.Popen(
        command, cwd=root, env=os.environ | variables, stdout=output, stderr=output
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextlib.contextmanager
def server(log=Path(os.devnull), root=ROOT, **environment):
    """Run the app on a free port of this machine until the block ends; yield its address and its process.

    log: the file that gets what it prints. root: the checkout of the app. environment: variables that it has beside ours.
    """
    port = free_port()
    flags = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command = [sys.executable, "-m", "sc2viz", "app", *flags]
    with log.open("w") as stream, _running(command, stream, root, **environment) as app:
        yield f"http://127.0.0.1:{port}", app


def free_port():
    """A port of this machine on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def proxy(addresses):
    """The address of Caddy with this repository's configuration, which keeps each reader with one of the apps there, until
    the block ends."""
    address, admin = f"http://127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    replicas = [urlsplit(replica).netloc for replica in addresses]
    rooms = {
        f"SC2VIZ_ROOMS_{letter}": replica
        for letter, replica in zip(LETTERS, replicas, strict=False)
    }
    rooms |= {"SC2VIZ_HOST": address, "SC2VIZ_REPLICAS": " ".join(replicas), "CADDY_ADMIN": admin}
    with _running(["caddy", "run", "--config", ".github/hosting/Caddyfile"], **rooms):
        yield address


@contextlib.contextmanager
def chromium():
    """The system's Chromium, or else the one that `playwright install chromium` has installed, until the block ends."""
    from playwright.sync_api import sync_playwright

    paths = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    options = {"executable_path": next(paths, None), "args": ["--no-sandbox"]}
    with sync_playwright() as playwright, playwright.chromium.launch(**options) as browser:
        yield browser


def open_patiently(page, url):
    """Open `url`, and try again until its server answers."""
    from playwright.sync_api import Error

    while True:
        with contextlib.suppress(Error):
            page.goto(url)
            return
        time.sleep(0.1)


def describe_times(milliseconds):
    """How soon pictures have followed what a reader moves."""
    median, late = statistics.median(milliseconds), high(milliseconds)
    return f"{median:5.1f} ms median (aim 8), {late:.1f} ms 95th percentile (aim 16.7)"


def turn_to(page, title):
    """Go to a page of the app by the bar at the top: open its group there, and click its title."""
    titles = {row["title"]: group for group, pages in GROUPS.items() for row in pages.values()}
    bar = page.get_by_test_id("stTopNav")
    bar.get_by_role("button", name=titles[title], exact=True).click()
    page.get_by_role("menuitem", name=title, exact=True).click()
