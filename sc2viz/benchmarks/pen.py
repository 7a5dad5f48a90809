"""How soon codes follow the pen: from its event in Chromium to the finished drawing of every card of the live page."""

import argparse
import contextlib
import math
import tempfile
from functools import partial
from pathlib import Path

from sc2viz import checkpoints, data, defaults, solvers
from sc2viz.benchmarks.browser import chromium, followed
from sc2viz.benchmarks.stopwatch import Stopwatch, resident
from sc2viz.browser.export import export
from sc2viz.browser.live_page import live

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


def run(asked: argparse.Namespace) -> None:
    """Draw spirals on mnist-5k with the exact optimum and the site's solvers at once."""
    x, B = data.load("mnist-5k", "test").pixels[:1], checkpoints.load_dictionary("mnist")
    shipped = checkpoints.available("mnist")
    chosen = [checkpoints.load(f"mnist/{name}") if f"mnist/{name}" in shipped else solvers.build(name, B)
              for name in defaults.DRAWN]  # fmt: skip
    watch = Stopwatch()
    made, page_file = watch.time(partial(live, x, B, chosen, noun="digit"))
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        path = page_file.save(Path(folder) / "page.html")
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        opened, _ = watch.time(lambda: (page.goto(path.as_uri()), page.locator(CANVASES).first.wait_for()))
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
        took = page.evaluate("window.took")
        drawn = page.locator(".sc-sentence").inner_text()
    names = ", ".join(solver.label for solver in chosen)
    print(f"The exact optimum, {names} on mnist-5k, T = 10, {len(took)} moves of the pen")
    print(f"    {followed(took)}")
    print(f"    {len(page_file.html) / 1e6:.1f} MB, made in {made:.1f} s, first cards after {opened:.2f} s (aim 1)")
    print(f"    it says: {drawn}")
    _exports(B)


def _exports(B) -> None:
    """How long each solver of mnist-5k takes to become a graph, and what its graph adds to memory and to the browser."""
    before, graphs, watch = resident(), [], Stopwatch(processor_time=True)
    for name in (*solvers.NAMES, *checkpoints.available("mnist")):
        with contextlib.suppress(ValueError):  # this dictionary does not suit it, or it has no graph
            solver = checkpoints.load(name) if "/" in name else solvers.build(name, B)
            took, graph = watch.time(partial(export, solver, keep=False))
            graphs.append(graph)
            own = {each.name: each for each in (graph.words, *graph.parcels)}.values()
            sent = sum(len(parcel.text) for parcel in own) / 1e3
            print(f"    {name:24} graph in {took:5.2f} s of the processor (aim 1), {sent:6.0f} kB to the browser once")
    print(f"    these {len(graphs)} graphs take {resident() - before:.0f} MB of memory")
