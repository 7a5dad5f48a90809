"""How soon codes follow the pen: from its event in Chromium to the finished drawing of every card of the live page."""

from __future__ import annotations

import argparse
import contextlib
import math
import statistics
import tempfile
import time
from pathlib import Path

from sc2viz import checkpoints, data, defaults, solvers
from sc2viz.benchmarks.browser import chromium

STROKES, MOVES = 3, 80  # strokes, and moves of each
CANVASES = ".board canvas"
# From before the page hears of the pen until every canvas has been read back.
WATCH = """canvases => {
  window.took = [];
  let begin = 0;
  window.addEventListener('pointermove', () => { begin = performance.now(); }, true);
  document.addEventListener('pointermove', ({ target }) => {
    if (!target.closest('.pad canvas')) return;
    for (const each of document.querySelectorAll(canvases)) each.getContext('2d').getImageData(0, 0, 1, 1);
    window.took.push(performance.now() - begin);
  });
}"""


def add_command(which: argparse._SubParsersAction) -> None:
    pen = which.add_parser("pen", help="how soon codes follow a pen on the page to take away, in Chromium")
    pen.set_defaults(run=lambda arguments: measure())


def measure() -> None:
    """Draw spirals on mnist-5k with the exact optimum and the site's solvers at once."""
    from playwright.sync_api import sync_playwright

    from sc2viz.stage.live_page import live

    x, B = data.load("mnist-5k", "test").pixels[:1], checkpoints.load_dictionary("mnist")
    shipped = checkpoints.available("mnist")
    chosen = [checkpoints.load(f"mnist/{name}") if f"mnist/{name}" in shipped else solvers.build(name, B)
              for name in defaults.SITE]  # fmt: skip
    begin = time.perf_counter()
    page_file = live(x, B, chosen, noun="digit")
    made = time.perf_counter() - begin
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = page_file.save(Path(folder) / "page.html")
        browser = chromium(playwright)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        begin = time.perf_counter()
        page.goto(path.as_uri())
        page.locator(CANVASES).first.wait_for()
        opened = time.perf_counter() - begin
        page.wait_for_timeout(1000)
        page.evaluate(WATCH, CANVASES)
        box = page.locator(".pad canvas").bounding_box()
        for stroke in range(STROKES):
            for k in range(MOVES + 1):
                turn, radius = 4 * math.pi * k / MOVES + 2 * stroke, 0.1 + 0.25 * k / MOVES
                page.mouse.move(box["x"] + box["width"] * (0.5 + radius * math.cos(turn)),
                                box["y"] + box["height"] * (0.5 + radius * math.sin(turn)))  # fmt: skip
                if k == 0:
                    page.mouse.down()
                page.wait_for_timeout(20)
            page.mouse.up()
        took = sorted(page.evaluate("window.took"))
        drawn = page.locator(".sc-sentence").inner_text()
        browser.close()
    names, slow = ", ".join(solver.label for solver in chosen), took[int(0.95 * len(took))]
    print(f"The exact optimum, {names} on mnist-5k, T = 10, {len(took)} moves of the pen")
    print(f"    {statistics.median(took):5.1f} ms median (aim 8), {slow:.1f} ms 95th percentile (aim 16.7)")
    print(f"    {len(page_file.html) / 1e6:.1f} MB, made in {made:.1f} s, first cards after {opened:.2f} s (aim 1)")
    print(f"    it says: {drawn}")
    _exports(B)


def _exports(B) -> None:
    """How long each solver of mnist-5k takes to become a graph, and what its graph adds to memory and to the browser."""
    from sc2viz.benchmarks.live import resident
    from sc2viz.stage.export import export

    before, graphs = resident(), []
    for name in (*solvers.NAMES, *checkpoints.available("mnist")):
        with contextlib.suppress(ValueError):  # this dictionary does not suit it, or it has no graph
            solver = checkpoints.load(name) if "/" in name else solvers.build(name, B)
            begin = time.thread_time()
            graphs.append(export(solver, keep=False))
            took = time.thread_time() - begin
            own = {each.name: each for each in (graphs[-1].words, *graphs[-1].parcels)}.values()
            sent = sum(len(parcel.text) for parcel in own) / 1e3
            print(f"    {name:24} graph in {took:5.2f} s of the processor (aim 1), {sent:6.0f} kB to the browser once")
    print(f"    these {len(graphs)} graphs take {resident() - before:.0f} MB of memory")
