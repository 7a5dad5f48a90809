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
    drag()


DRAGGED = (
    "welcome?sum=99",
    "compare?solvers=ISTA&solvers=FISTA&solvers=LISTA&solvers=SLSTM",
    "compare?layout=one+picture",
    "lambda",
)
MOVES, SECONDS = 60, 2.0
# The time, in ms, from an `input` event's arrival until every canvas that follows has been read back, which waits for its
# drawing; and what they show.
WATCH = """() => {
  window.took = [], window.seen = new Set();
  let begin;
  document.addEventListener('input', () => (begin = performance.now()), true);
  document.addEventListener('input', () => {
    const shadows = [...document.querySelectorAll('*')].map(element => element.shadowRoot).filter(Boolean);
    const moving = [document, ...shadows].flatMap(root => [...root.querySelectorAll('.board canvas, .one canvas')]);
    const all = moving.map(canvas => [canvas, canvas.getContext('2d')]);
    for (const [, draw] of all) draw.getImageData(0, 0, 1, 1);
    window.took.push(performance.now() - begin);
    window.seen.add(all.map(([canvas]) => canvas.toDataURL()).join());
  });
}"""


def drag() -> None:
    """Hold the mouse on λ, and then on T, and move it over the whole slider: how soon the pictures have followed."""
    from playwright.sync_api import sync_playwright

    with served() as address, sync_playwright() as playwright:
        browser = chromium(playwright)
        patiently(browser.new_page(), address)
        for path in DRAGGED:
            for data in ("mnist-5k", "patches"):
                for name in (LAMBDA,) if not path.startswith("compare") else (LAMBDA, T):
                    _drag(browser, f"{address}/{path}{'&' if '?' in path else '?'}data={data}", name)
        browser.close()


def _drag(browser, url: str, name: str) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    frames: list[int] = []

    def watch(socket) -> None:
        socket.on("framesent", lambda data: frames.append(0))
        socket.on("framereceived", lambda data: frames.append(len(data)))

    page.on("websocket", watch)
    page.goto(url)
    page.locator(".board canvas, .one canvas").first.wait_for()
    page.wait_for_timeout(4000)
    size = sum(frames)
    page.evaluate(WATCH)
    box = page.get_by_role("slider", name=name).bounding_box()
    y, left, width = box["y"] + box["height"] / 2, box["x"] + 10, box["width"] - 20
    page.mouse.move(left, y)
    page.mouse.down()
    page.wait_for_timeout(300)
    count = len(frames)
    for move in range(MOVES):
        page.mouse.move(left + width * (move + 1) / MOVES, y)
        page.wait_for_timeout(1e3 * SECONDS / MOVES)
    heard = len(frames) - count
    took, seen = page.evaluate("[window.took, window.seen.size]")
    page.mouse.up()
    page.context.close()
    slow = sorted(took)[int(0.95 * len(took))]
    what = url.rpartition("/")[2].replace("solvers=", "")
    print(f"{name[0]} on {what}")
    print(f"    {statistics.median(took):5.1f} ms median (aim 8), {slow:.1f} ms 95th percentile (aim 16.7)")
    print(f"    {seen} pictures in {len(took)} stops; {heard} frames of the websocket (aim 0)")
    print(f"    {size / 1e3:,.0f} kB on opening", flush=True)


def _tell(what: str, seconds: list[float], aim: str) -> None:
    median, worst = 1e3 * statistics.median(seconds), 1e3 * max(seconds)
    print(f"{what:30} {median:8.1f} ms    {aim} (worst {worst:.0f} ms)", flush=True)
