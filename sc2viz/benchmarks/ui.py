"""`python -m sc2viz bench ui`: how long a reader waits, in a real Chromium on this machine.

Times go from a key press to the new text on the page. Nothing is cached, because every key press asks for a new λ or T.
"""

from __future__ import annotations

import statistics
import time

from sc2viz import defaults
from sc2viz.benchmarks import live
from sc2viz.benchmarks.browser import LAMBDA, T, Wire, chromium, patiently, served, turn_to
from sc2viz.figures import style

# A page, and its elements that change with λ and with T once the server has answered.
ANSWERS = (
    ("compare", "Compare", (".st-key-caption", ".st-key-caption")),
    ("gates", "Gates & cells", (".stMain", ".stMain")),
    ("activations", "Activations", (".stMain", ".stMain")),
    ("lambda", "λ trade-off", (".st-key-caption", ".stMain")),
)
# The text of an element and the lines of its charts: rounded numbers may stay the same while the lines move.
SHOWN = """() => {
  const shown = document.querySelector('%s');
  const lines = [...(shown?.querySelectorAll('path.js-line') ?? [])].map(line => line.getAttribute('d'));
  return shown && shown.innerText + lines.join();
}"""
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
        page.wait_for_selector(".sc-cards canvas")
        print(f"server start to first picture  {time.perf_counter() - begin:8.2f} s     aim 8 s")

        def after(act, changed: str, seconds: list[float]) -> None:
            before = page.evaluate(changed)
            start = time.perf_counter()
            act()
            page.wait_for_function(f"before => {{ const now = ({changed})(); return now && now !== before; }}", arg=before,
                                   polling=10)  # fmt: skip
            seconds.append(time.perf_counter() - start)
            page.wait_for_timeout(700)

        for path, what, answers in ANSWERS:
            for shown, name, moved, key in zip(answers, (LAMBDA, T), "λT", ("ArrowLeft", "ArrowRight"), strict=True):
                page.goto(f"{address}/{path}")
                page.wait_for_selector(shown)
                page.wait_for_timeout(3000)
                seconds: list[float] = []
                page.get_by_role("slider", name=name).focus()
                for _ in range(repeats):
                    after(lambda key=key: page.keyboard.press(key), SHOWN % shown, seconds)
                _tell(f"{what}, {moved}", seconds, "aim 350 ms")
        seconds = []
        titles = "() => document.querySelector('.stMain h1')?.innerText"
        for link in ("Step through", "Gates & cells", "Activations", "λ trade-off", "Welcome", "Compare") * 2:
            after(lambda link=link: turn_to(page, link), titles, seconds)
            page.wait_for_timeout(1500)
        _tell("change of page", seconds, "aim 1000 ms")
        page.goto(f"{address}/step")
        page.wait_for_selector(".scrubber .cards article")
        page.wait_for_timeout(2000)
        scrubber = page.get_by_role("slider", name="iteration", exact=True)
        _tell("Step through, one step", [ms / 1e3 for ms in scrubber.evaluate(SCRUB)], "aim 20 ms")
        cleaning(page, address)
        live.watch(page, address)
        browser.close()
    drag()


def cleaning(page, address: str, repeats: int = 6) -> None:
    """Measure how long Photograph takes, at a new σ each time, from a click until its first picture and its coarse
    answer."""
    label = style.label(defaults.PHOTOGRAPHS)
    first: list[float] = []
    coarse: list[float] = []
    for sigma in range(20, 20 + repeats):
        page.goto(f"{address}/welcome?sigma={sigma}")
        page.locator(".st-key-head h1").wait_for()
        page.wait_for_timeout(2000)
        start = time.perf_counter()
        turn_to(page, "Photograph")
        page.locator(".divider .left", has_text="noisy").wait_for()
        first.append(time.perf_counter() - start)
        page.locator(".divider .right", has_text=label).wait_for()
        coarse.append(time.perf_counter() - start)
    _tell("Photograph, first picture", first, "aim 1000 ms")
    _tell("Photograph, coarse answer", coarse, "aim 1500 ms")


FOUR = "compare?solvers=ISTA&solvers=FISTA&solvers=LISTA&solvers=SLSTM"
# What is dragged, the sliders, and how many kB the websocket may bring besides atoms, where there is an aim.
DRAGGED = (
    ("welcome?sum=99", (LAMBDA,), None),
    (FOUR, (LAMBDA, T), 1200),
    (f"{FOUR}&layout=one+picture", (LAMBDA, T), 120),
    ("step", (LAMBDA, T), None),
    ("lambda", (LAMBDA,), None),
)
MOVES, SECONDS = 60, 2.0
CANVASES = ".board canvas, .one canvas, .scrubber canvas"
# The time, in ms, from an `input` event's arrival until every canvas that follows has been read back, which waits for its
# drawing, and every drawing is laid out; and what the canvases show.
WATCH = """canvases => {
  window.took = [], window.seen = new Set();
  let begin;
  document.addEventListener('input', () => (begin = performance.now()), true);
  document.addEventListener('input', () => {
    const shadows = [...document.querySelectorAll('*')].map(element => element.shadowRoot).filter(Boolean);
    const all = [document, ...shadows].flatMap(root => [...root.querySelectorAll(canvases)]).filter(canvas => canvas.width);
    for (const canvas of all) canvas.getContext('2d').getImageData(0, 0, 1, 1);
    for (const root of shadows) for (const drawing of root.querySelectorAll('figure > svg')) drawing.getBBox();
    window.took.push(performance.now() - begin);
    window.seen.add(all.map(canvas => canvas.toDataURL()).join());
  });
}"""


def drag() -> None:
    """Hold the mouse on λ, and then on T, and move it over the whole slider: how soon the pictures have followed, and
    whether they do without a network."""
    from playwright.sync_api import sync_playwright

    with served() as address, sync_playwright() as playwright:
        browser = chromium(playwright)
        patiently(browser.new_page(), address)
        for path, names, most in DRAGGED:
            for data in ("mnist-5k", "patches"):
                for name in names:
                    _drag(browser, f"{address}/{path}{'&' if '?' in path else '?'}data={data}", name, most)
        browser.close()


def _drag(browser, url: str, name: str, most: int | None) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    wire = Wire(page)
    page.goto(url)
    page.locator(CANVASES).first.wait_for()
    page.wait_for_timeout(4000)
    atoms, rest = wire.weigh()
    page.evaluate(WATCH, CANVASES)
    box = page.get_by_role("slider", name=name).bounding_box()
    y, left, width = box["y"] + box["height"] / 2, box["x"] + 10, box["width"] - 20

    def move(places) -> tuple[list[float], int]:
        """Move the mouse, which is held, to shares of the slider: the times, and how many pictures differ."""
        page.evaluate("window.took = [], window.seen = new Set()")
        for place in places:
            page.mouse.move(left + width * place, y)
            page.wait_for_timeout(1e3 * SECONDS / MOVES)
        return page.evaluate("[window.took, window.seen.size]")

    page.mouse.move(left, y)
    page.mouse.down()
    page.wait_for_timeout(300)
    count = len(wire.frames)
    took, seen = move([(k + 1) / MOVES for k in range(MOVES)])
    page.context.set_offline(True)
    _, alone = move([(k + 0.5) / 10 for k in reversed(range(10))])
    heard, stops = len(wire.frames) - count, int(page.get_by_role("slider", name=name).get_attribute("max")) + 1
    page.context.close()
    slow = sorted(took)[int(0.95 * len(took))]
    print(f"{name[0]} on {url.rpartition('/')[2].replace('solvers=', '')}")
    print(f"    {statistics.median(took):5.1f} ms median (aim 8), {slow:.1f} ms 95th percentile (aim 16.7)")
    print(f"    {seen} pictures at {stops} stops (aim {min(stops - 1, 45)}); {heard} frames of the websocket (aim 0)")
    print(f"    {alone} pictures at 10 stops without a network")
    aim = f" (aim {most:,})" if most else ""
    print(f"    {rest / 1e3:,.0f} kB on opening{aim}, and {atoms / 1e3:,.0f} kB of atoms", flush=True)


def _tell(what: str, seconds: list[float], aim: str) -> None:
    median, worst = 1e3 * statistics.median(seconds), 1e3 * max(seconds)
    print(f"{what:30} {median:8.1f} ms    {aim} (worst {worst:.0f} ms)", flush=True)
