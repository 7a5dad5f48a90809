"""`python -m sc2viz bench ui`: how long a reader waits, in a real Chromium on this machine.

Times go from a key press to the new text on the page. Nothing is cached, because every key press asks for a new λ or T.
"""

from __future__ import annotations

import statistics
import time

from sc2viz.benchmarks import live
from sc2viz.benchmarks.browser import LAMBDA, T, chromium, patiently, served

# A page, and its element that changes with λ and T.
ANSWERS = (
    ("compare", "Compare", ".sc-cards"),
    ("gates", "Gates & cells", ".stMain"),
    ("activations", "Activations", ".stMain"),
    ("lambda", "λ trade-off", ".stMain"),
)
# The time, in ms, from a key press on the scrubber until its canvases are drawn.
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


def measure(repeats: int = 12) -> None:
    from playwright.sync_api import sync_playwright

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

        for path, what, shown in ANSWERS:
            for name, moved, key in ((LAMBDA, "λ", "ArrowLeft"), (T, "T", "ArrowRight")):
                page.goto(f"{address}/{path}")
                page.wait_for_selector(shown)
                page.wait_for_timeout(3000)
                seconds: list[float] = []
                page.get_by_role("slider", name=name).focus()
                for _ in range(repeats):
                    text = f"() => document.querySelector('{shown}')?.innerText"
                    after(lambda key=key: page.keyboard.press(key), text, seconds)
                _tell(f"{what}, {moved}", seconds, "aim 350 ms")
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
        live.watch(page, address)
        browser.close()


def _tell(what: str, seconds: list[float], aim: str) -> None:
    median, worst = 1e3 * statistics.median(seconds), 1e3 * max(seconds)
    print(f"{what:30} {median:8.1f} ms    {aim} (worst {worst:.0f} ms)", flush=True)
