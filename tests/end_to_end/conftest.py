"""The app on a free port, and Chromium to drive it. Without Chromium these tests skip and say why; where
SC2VIZ_REQUIRE_BROWSER=1 they fail instead."""

import contextlib
import functools
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITH_WINDOWS = ("chromium", "chromium-browser", "google-chrome")


def _missing(reason: str):
    if os.environ.get("SC2VIZ_REQUIRE_BROWSER") == "1":
        pytest.fail(f"SC2VIZ_REQUIRE_BROWSER is set, but {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def launch():
    """Launch the first of these browsers that is installed, else the one that `playwright install chromium` put there."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        _missing("playwright is not installed: pip install -r tests/requirements.txt")

    def start(*names: str):
        path = next(filter(None, map(shutil.which, names)), None)
        # With one process for all tabs of the app, each finds the app's JavaScript compiled by those before it. Without
        # windows, text is as wide as with them only if its shapes are not fitted to pixels. V8's last compiler costs an
        # eighth of the processor's time of a page that opens, and pays only for what runs long.
        flags = [
            "--no-sandbox",
            "--process-per-site",
            "--font-render-hinting=none",
            "--js-flags=--no-opt",
        ]
        try:
            return playwright.chromium.launch(executable_path=path, args=flags)
        except Error as error:
            _missing(
                f"there is no Chromium ({str(error).splitlines()[0]}): playwright install chromium"
            )

    with sync_playwright() as playwright:
        yield start


@pytest.fixture(scope="session")
def chromium(launch):
    """A headless Chromium: one without windows where there is one, because it takes a sixth less of the processor."""
    browser = launch("chromium-headless-shell", *WITH_WINDOWS)
    yield browser
    browser.close()


@pytest.fixture
def chromium_with_windows(launch):
    """A Chromium that could have windows, as readers have it: it loads some pictures only when they come into view."""
    browser = launch(*WITH_WINDOWS)
    yield browser
    browser.close()


class Address(str):
    """Where an app is served, and the process that serves it."""

    def __new__(cls, url: str, pid: int):
        address = super().__new__(cls, url)
        address.pid = pid
        return address


@functools.cache
def _compile() -> None:
    """Compile the exact solver, where no test has done so yet: a page waits until its server has it, longer than a test."""
    from sc2viz import lasso

    lasso.warm_up(elsewhere=True).join()


@contextlib.contextmanager
def _served(command: list, folder: Path, log: Path, **environment: str) -> Iterator[Address]:
    """The address of an app that `command` starts in `folder` on a free port, as long as the block lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = {"port": port, "address": "127.0.0.1", "headless": "true"}
    command = [*map(str, command), *(f"--server.{key}={value}" for key, value in flags.items())]
    _compile()
    with log.open("w") as stream:
        app = subprocess.Popen(
            command, cwd=folder, stdout=stream, stderr=stream, env=os.environ | environment
        )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(300):
            if app.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        if app.poll() is not None:
            pytest.fail(f"the app ended at its start:\n{log.read_text()}", pytrace=False)
        yield Address(url, app.pid)
    finally:
        app.terminate()
        app.wait(timeout=10)


@pytest.fixture(scope="session")
def served():
    """Start an app: with served(command, folder, log) as address."""
    return _served


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """The app's own address, for as long as the tests run."""
    log = tmp_path_factory.mktemp("app") / "log"
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    # One trains at a time, until two seconds after its tab is closed.
    with _served(command, ROOT, log, SC2VIZ_TRAIN_AT_ONCE="1", SC2VIZ_TRAIN_AWAY="2") as url:
        yield url


@pytest.fixture
def fits():
    """Check that nothing on a page is wider than its window: neither the main part nor the scrubber, which clips."""

    def check(page) -> None:
        wide, room = page.evaluate(
            "(m => [m.scrollWidth, m.clientWidth])(document.querySelector('.stMain'))"
        )
        assert wide <= room
        ends = "all => Math.max(0, ...all.map(e => e.getBoundingClientRect().right))"
        assert page.locator(".scrubber *").evaluate_all(ends) <= page.viewport_size["width"]

    return check


@pytest.fixture
def widths():
    """An open page in one window after the other: `for width in widths(page)`, light and dark."""

    def each(page) -> Iterator[int]:
        for width, theme in ((1280, "light"), (1920, "dark"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 1000})
            page.emulate_media(color_scheme=theme)
            page.wait_for_timeout(500)  # it is laid out anew
            page.wait_for_function(
                "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"
            )
            yield width

    return each


@pytest.fixture(scope="session")
def tabs(chromium, address):
    """A context for all tests; its first tab keeps alive the process that draws the others. Nothing fades, slides or
    shimmers, which costs a twentieth of the processor's time: a test of what moves says reduced_motion="no-preference"."""
    context = chromium.new_context(reduced_motion="reduce")
    context.set_default_timeout(30_000)
    context.new_page().goto(f"{address}/_stcore/health")
    yield context
    context.close()


@pytest.fixture
def visit(tabs, address):
    """Open a path of the app, or a whole address, in a tab of its own: visit("compare?lam=0.1", width=390, theme="dark").
    `watch` is called with the tab before it opens the path. Ends with a check of what the page said: no error of ours in
    the console, no traceback on the screen."""
    with _visits(tabs, address) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def stay(tabs, address):
    """The same for pages that several tests of a file look at."""
    with _visits(tabs, address) as open_page:
        yield open_page


@contextlib.contextmanager
def _visits(tabs, address):
    pages, complaints = [], []

    def open_page(
        path: str = "",
        width: int = 1280,
        height: int = 1000,
        theme: str = "light",
        watch=None,
        **media,
    ):
        page = tabs.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme, **media)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda complaint: (
                complaints.append(complaint.text) if complaint.type == "error" else None
            ),
        )
        if watch:
            watch(page)
        page.goto(path if path.startswith("http") else f"{address}/{path}")
        page.wait_for_selector(".stMain h1")
        page.wait_for_function(
            "!document.querySelector('.st-key-opening')", timeout=180_000
        )  # on a server that starts
        return page

    yield open_page
    broken = 0
    for page in pages:
        broken += page.locator(".stException").count()
        if page.url.startswith("http"):
            page.evaluate("localStorage.clear()")  # the next test opens the app for the first time
        page.close()
    # Streamlit looks for its health and host-config under the page's own path before the right one.
    assert not broken and not [complaint for complaint in complaints if "404" not in complaint]
