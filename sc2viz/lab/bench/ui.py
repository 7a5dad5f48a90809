"""`python -m sc2viz bench ui`: how long a reader waits, in a real Chromium on this machine.

Times go from a key press to the new text on the page. Nothing is cached, because every key press asks for a new λ or T.
"""

import argparse
import math
import statistics
from collections.abc import Callable, Sequence
from functools import partial

from sc2viz import defaults
from sc2viz.draw import style
from sc2viz.lab.bench import live
from sc2viz.lab.bench.browser import LAMBDA, T, Wire, app, followed, patiently, turn_to
from sc2viz.lab.bench.stopwatch import Stopwatch

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


REPEATS = 12  # of a key press
CLEANED = range(20, 26)  # the values of σ at which photographs are cleaned


def run(asked: argparse.Namespace) -> None:
    watch = Stopwatch()
    begin = watch.clock()
    with app() as (address, browser):
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        patiently(page, f"{address}/compare")
        page.wait_for_selector(".sc-cards canvas")
        print(f"server start to first picture  {watch.clock() - begin:8.2f} s     aim 8 s")

        def after(act: Callable[[], None], changed: str, pause: int = 700) -> float:
            """The seconds from `act` until what the script `changed` returns has changed."""
            before = page.evaluate(changed)
            other = f"before => {{ const now = ({changed})(); return now && now !== before; }}"
            seconds, _ = watch.time(
                lambda: (act(), page.wait_for_function(other, arg=before, polling=10))
            )
            page.wait_for_timeout(pause)
            return seconds

        for path, what, answers in ANSWERS:
            for shown, name, moved, key in zip(
                answers, (LAMBDA, T), "λT", ("ArrowLeft", "ArrowRight"), strict=True
            ):
                page.goto(f"{address}/{path}")
                page.wait_for_selector(shown)
                page.wait_for_timeout(3000)
                page.get_by_role("slider", name=name).focus()
                press = partial(page.keyboard.press, key)
                _tell(
                    f"{what}, {moved}",
                    [after(press, SHOWN % shown) for _ in range(REPEATS)],
                    "aim 350 ms",
                )
        titles = "() => document.querySelector('.stMain h1')?.innerText"
        links = (
            "Step through",
            "Gates & cells",
            "Activations",
            "λ trade-off",
            "Welcome",
            "Compare",
        ) * 2
        _tell(
            "change of page",
            [after(partial(turn_to, page, link), titles, 2200) for link in links],
            "aim 1000 ms",
        )
        page.goto(f"{address}/step")
        page.wait_for_selector(".scrubber .cards article")
        page.wait_for_timeout(2000)
        scrubber = page.get_by_role("slider", name="iteration", exact=True)
        _tell("Step through, one step", [ms / 1e3 for ms in scrubber.evaluate(SCRUB)], "aim 20 ms")
        cleaning(page, address)
        live.watch(page, address)
    drag(asked)


def cleaning(page, address: str) -> None:
    """Measure how long Photograph takes, at a new σ each time, from a click until its first picture and its coarse
    answer."""
    watch, label, times = Stopwatch(), style.label(defaults.PHOTOGRAPHS), []
    for sigma in CLEANED:
        page.goto(f"{address}/welcome?sigma={sigma}")
        page.locator(".st-key-head h1").wait_for()
        page.wait_for_timeout(2000)
        start = watch.clock()
        turn_to(page, "Photograph")
        page.locator(".divider .left", has_text="noisy").wait_for()
        first = watch.clock()
        page.locator(".divider .right", has_text=label).wait_for()
        times.append((first - start, watch.clock() - start))
    first, coarse = zip(*times, strict=True)
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
# The figures of ideas, and what moves them: sliders, and grips, which are dragged in a circle.
IDEAS = (
    ("lambda", (("slider", LAMBDA), ("button", "Centre of the contours, where the loss is least"))),
    ("activations", (("button", "c, the weight that the loss alone would have"),)),
    ("step?shows=LSTM", (("slider", "iteration"),)),
    ("compare?layout=bound", (("slider", LAMBDA), ("slider", T), ("button", "x, the picture"))),
    (
        "dictionary?part=two+alike",
        (
            ("slider", LAMBDA),
            ("slider", "angle between them"),
            ("button", "x, made of atom 1 and noise"),
        ),
    ),
)
CIRCLE = 70  # px, its radius
MOVES, SECONDS = 60, 2.0
CANVASES = ".board canvas, .one canvas, .scrubber canvas"
# The time, in ms, from the arrival of an `input` event, or of a move of a grip, until every canvas that follows has been
# read back, which waits for its drawing, and every drawing is laid out; without the time in which they are looked for. And
# what canvases and figures of ideas show.
WATCH = """canvases => {
  window.took = [], window.seen = new Set();
  let begin;
  const measure = () => {
    const looked = performance.now();
    const shadows = [...document.querySelectorAll('*')].map(element => element.shadowRoot).filter(Boolean);
    const find = what => [document, ...shadows].flatMap(root => [...root.querySelectorAll(what)]);
    const all = find(canvases).filter(canvas => canvas.width);
    const drawings = find('figure > svg, .sc-idea svg');
    begin += performance.now() - looked;
    for (const canvas of all) canvas.getContext('2d').getImageData(0, 0, 1, 1);
    for (const drawing of drawings) drawing.getBBox();
    window.took.push(performance.now() - begin);
    const said = find('.sc-idea').map(({ dataset }) => JSON.stringify(dataset));
    window.seen.add([...all.map(canvas => canvas.toDataURL()), ...said].join());
  };
  for (const name of ['input', 'pointermove']) {
    const counts = ({ target }) => name === 'input' || target.closest?.('.sc-grip:active');
    document.addEventListener(name, event => counts(event) && (begin = performance.now()), true);
    document.addEventListener(name, event => counts(event) && measure());
  }
}"""


def drag(asked: argparse.Namespace) -> None:
    """Hold the mouse on λ, and then on T, and move it over the whole slider: how soon the pictures have followed, and
    whether they do without a network."""
    only = vars(asked).get("only", "")
    with app() as (address, browser):
        patiently(browser.new_page(), address)
        for path, names, most in DRAGGED:
            for data in ("mnist-5k", "patches"):
                for name in (name for name in names if only in f"{path} {name}"):
                    _drag(
                        browser,
                        f"{address}/{path}{'&' if '?' in path else '?'}data={data}",
                        name,
                        most,
                    )
        for path, moved in IDEAS:
            for role, name in (each for each in moved if only in f"{path} {each[1]}"):
                _drag_idea(browser, f"{address}/{path}", role, name)


def _drag_idea(browser, url: str, role: str, name: str) -> None:
    """Hold the mouse on a slider or a grip of a figure, and move it: how soon the figure has followed."""
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.goto(url)
    page.locator(".sc-idea svg").first.wait_for(timeout=120_000)
    page.wait_for_timeout(4000)
    page.evaluate(WATCH, CANVASES)
    box = page.get_by_role(role, name=name, exact=True).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(MOVES):
        turn = 2 * math.pi * k / MOVES
        across = box["width"] / 2 - 10 if role == "slider" else CIRCLE
        page.mouse.move(
            x + across * math.sin(turn),
            y + (0 if role == "slider" else CIRCLE * (math.cos(turn) - 1)),
        )
        page.wait_for_timeout(1e3 * SECONDS / MOVES)
    took, seen = page.evaluate("[window.took, window.seen.size]")
    page.context.close()
    print(f"{name} on {url.rpartition('/')[2]}\n    {followed(took)}; {seen} drawings", flush=True)


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
    heard, stops = (
        len(wire.frames) - count,
        int(page.get_by_role("slider", name=name).get_attribute("max")) + 1,
    )
    page.context.close()
    print(f"{name[0]} on {url.rpartition('/')[2].replace('solvers=', '')}")
    print(f"    {followed(took)}")
    print(
        f"    {seen} pictures at {stops} stops (aim {min(stops - 1, 45)}); {heard} frames of the websocket (aim 0)"
    )
    print(f"    {alone} pictures at 10 stops without a network")
    aim = f" (aim {most:,})" if most else ""
    print(
        f"    {rest / 1e3:,.0f} kB on opening{aim}, and {atoms / 1e3:,.0f} kB of atoms", flush=True
    )


def _tell(what: str, seconds: Sequence[float], aim: str) -> None:
    median, worst = 1e3 * statistics.median(seconds), 1e3 * max(seconds)
    print(f"{what:30} {median:8.1f} ms    {aim} (worst {worst:.0f} ms)", flush=True)
