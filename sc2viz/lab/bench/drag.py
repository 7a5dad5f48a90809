"""`bench drag`: how soon pictures follow a slider, or a grip of a figure, that is dragged, in a real Chromium."""

import itertools
import math
import tomllib
from pathlib import Path

from sc2viz.lab.bench.browser import chromium, describe_times, open_patiently, server

FOUR = "compare?solvers=ISTA&solvers=FISTA&solvers=LISTA&solvers=SLSTM"
VIEWS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
DATA = "mnist-5k", "patches"
CIRCLE = 70  # px, its radius
MOVES, PAUSE = 60, 30  # moves of a drag, and the ms between two of them
CANVASES = ".board canvas, .one canvas, .scrubber canvas"
SCRIPT = Path(__file__).with_name("drag.js")  # window.watchDrags


def run(arguments):
    """Hold the mouse on a slider or a grip and move it: how soon the pictures have followed, and whether they do without a
    network."""
    with server() as (address, _), chromium() as browser:
        open_patiently(browser.new_page(), address)
        for (path, handles), data in itertools.product(VIEWS.items(), DATA):
            for role, name in ((role, name) for role, names in handles.items() for name in names):
                if arguments.only in f"{path} {name}":
                    _drag(browser, f"{address}/{path}&data={data}", role, name)


def _drag(browser, url, role, name):
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    frames: list[int] = []
    note = lambda data: frames.append(len(data))  # noqa: E731
    page.on("websocket", lambda socket: socket.on("framereceived", note))
    page.goto(url)
    page.locator(f"{CANVASES}, .sc-idea svg").first.wait_for(timeout=120_000)
    page.wait_for_timeout(4000)
    size = sum(frames) / 1e3
    watch(page)
    handle = page.get_by_role(role, name=name, exact=True)
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    hold(page, box, role)
    page.wait_for_timeout(300)
    opened = len(frames)
    times, pictures = move(page, box, role, [(k + 1) / MOVES for k in range(MOVES)])
    page.context.set_offline(True)
    _, offline = move(page, box, role, [(k + 0.5) / 10 for k in reversed(range(10))])
    stops, came = int(handle.get_attribute("max") or MOVES) + 1, len(frames) - opened
    page.context.close()
    print(f"{name} on {url.rpartition('/')[2].replace('solvers=', '')}")
    print(f"    {describe_times(times)}")
    print(f"    {pictures} pictures at {stops} stops (aim {min(stops - 1, 45)})")
    print(f"    {offline} pictures at 10 stops without a network")
    print(f"    {size:,.0f} kB on opening, and {came} frames in the drag (aim 0)", flush=True)


def hold(page, box, role, share=0.0):
    """Press the mouse at a share of a slider or of a circle."""
    page.mouse.move(*_place(box, role, share))
    page.mouse.down()


def move(page, box, role, shares):
    """Move the mouse, which is held, to shares of a slider or of a circle: the times, and how many pictures differ."""
    page.evaluate("window.took = [], window.seen = new Set()")
    for share in shares:
        page.mouse.move(*_place(box, role, share))
        page.wait_for_timeout(PAUSE)
    return page.evaluate("[window.took, window.seen.size]")


def _place(box, role, share):
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    if role == "slider":
        return x + (share - 0.5) * (box["width"] - 20), y
    turn = 2 * math.pi * share
    return x + CIRCLE * math.sin(turn), y + CIRCLE * (math.cos(turn) - 1)


def watch(page):
    """Note from now on, in `window.took`, how soon canvases and figures follow what is moved, and how many pictures differ."""
    # As a function's body: a script whose last value is a function would have it called as well.
    page.evaluate(f"() => {{{SCRIPT.read_text('utf-8')}}}")
    page.evaluate("canvases => watchDrags(canvases)", CANVASES)
