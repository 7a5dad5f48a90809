"""`python -m sc2viz bench ui`: what a reader waits for, in a real Chromium on this machine.

From a key press to the new text on the page; every median over runs that are not cached, for each λ or T is new.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAMBDA, T = "λ, the price of a non-zero", "T, iterations"
# From a key on the scrubber to the frame in which its canvases are drawn, in ms.
SCRUB = """async slider => {
  const canvas = slider.getRootNode().querySelector('canvas'), times = [];
  for (let k = 0; k < 30; k++) {
    const begin = performance.now();
    slider.value = k % 10; slider.dispatchEvent(new Event('input', {bubbles: true}));
    canvas.getContext('2d').getImageData(0, 0, 1, 1);
    times.push(performance.now() - begin);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The app on a free port of this machine; ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *flags]
    app = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        app.terminate()
        app.wait(timeout=10)


def chromium(playwright):
    """The system's Chromium, else the one that `playwright install chromium` put there."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


def patiently(page, url: str) -> None:
    """Open `url` as soon as its server is up."""
    from playwright.sync_api import Error

    while True:
        try:
            page.goto(url)
            return
        except Error:
            time.sleep(0.1)


def measure(repeats: int = 12) -> None:
    from playwright.sync_api import sync_playwright

    from sc2viz import bench_train

    begin = time.perf_counter()
    with served() as address, sync_playwright() as playwright:
        browser = chromium(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        patiently(page, f"{address}/compare")
        page.wait_for_selector(".sc-cards img")
        print(f"server start to first picture  {time.perf_counter() - begin:8.2f} s     aim 8 s")

        def after(act, changed: str, seconds: list[float]) -> None:
            before = page.evaluate(changed)
            start = time.perf_counter()
            act()
            page.wait_for_function(f"before => {{ const now = ({changed})(); return now && now !== before; }}", arg=before,
                                   polling=10)  # fmt: skip
            seconds.append(time.perf_counter() - start)
            page.wait_for_timeout(700)

        page.wait_for_timeout(2000)
        cards = "() => document.querySelector('.sc-cards')?.innerText"
        for name, what, key in ((LAMBDA, "λ", "ArrowLeft"), (T, "T", "ArrowRight")):
            seconds: list[float] = []
            page.get_by_role("slider", name=name).focus()
            for _ in range(repeats):
                after(lambda key=key: page.keyboard.press(key), cards, seconds)
            _tell(f"Compare, {what} to new pictures", seconds, "aim 350 ms")
        seconds = []
        titles = "() => document.querySelector('.stMain h1')?.innerText"
        for link in ("Step through", "Gates & cells", "Activations", "λ trade-off", "Welcome", "Compare") * 2:
            after(lambda link=link: page.get_by_role("link", name=link, exact=True).first.click(), titles, seconds)
            page.wait_for_timeout(1500)
        _tell("change of page", seconds, "aim 1000 ms")
        page.goto(f"{address}/step")
        page.wait_for_selector(".scrubber .cards article")
        page.wait_for_timeout(2000)
        scrubber = page.get_by_role("slider", name="iteration", exact=True)
        _tell("Step through, one step", [ms / 1e3 for ms in scrubber.evaluate(SCRUB)], "aim 20 ms")
        bench_train.watch(page, address)
        browser.close()


def _tell(what: str, seconds: list[float], aim: str) -> None:
    median, worst = 1e3 * statistics.median(seconds), 1e3 * max(seconds)
    print(f"{what:30} {median:8.1f} ms    {aim} (worst {worst:.0f} ms)", flush=True)
