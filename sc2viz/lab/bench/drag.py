"""`bench drag`: how soon pictures follow a slider, or a grip of a figure, that is dragged, in a real Chromium."""

import argparse
import math
from collections.abc import Iterable
from pathlib import Path

from sc2viz.lab.bench.browser import LAMBDA, T, Wire, app, followed, patiently

FOUR = "compare?solvers=ISTA&solvers=FISTA&solvers=LISTA&solvers=SLSTM"
# What is dragged, the sliders, and how many kB the websocket may bring besides atoms, where there is an aim.
DRAGGED = (
    ("welcome?sum=99", (LAMBDA,), None),
    (FOUR, (LAMBDA, T), 1200),
    (f"{FOUR}&layout=one+picture", (LAMBDA, T), 120),
    ("step?shows=iterations", (LAMBDA, T), None),
    ("lambda", (LAMBDA,), None),
)
# The figures of ideas, and what moves them: sliders, and grips, which are dragged in a circle.
IDEAS = (
    ("lambda", (("slider", LAMBDA), ("button", "Centre of the contours, where the loss is least"))),
    ("activations", (("button", "c, the weight that the loss alone would have"),)),
    ("step?shows=one+iteration", (("slider", "iteration"),)),
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
SCRIPT = Path(__file__).with_name("drag.js")  # window.watchDrags


def run(asked: argparse.Namespace) -> None:
    """Hold the mouse on λ, and then on T, and move it over the whole slider: how soon the pictures have followed, and
    whether they do without a network."""
    only = asked.only
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
    watch(page)
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
    watch(page)
    box = page.get_by_role("slider", name=name).bounding_box()
    y, left, width = box["y"] + box["height"] / 2, box["x"] + 10, box["width"] - 20

    def move(places: Iterable[float]) -> tuple[list[float], int]:
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


def watch(page) -> None:
    """Note from now on, in `window.took`, how soon canvases and figures follow what is moved, and how many pictures differ."""
    # As a function's body: a script whose last value is a function would have it called as well.
    page.evaluate(f"() => {{{SCRIPT.read_text('utf-8')}}}")
    page.evaluate("canvases => watchDrags(canvases)", CANVASES)
