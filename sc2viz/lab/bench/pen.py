"""How soon codes follow the pen on the page to take away, in Chromium, and what solvers cost as graphs."""

import argparse
import contextlib
import tempfile
from functools import partial
from pathlib import Path

from sc2viz import checkpoints, data, defaults, solvers
from sc2viz.browser.export import export
from sc2viz.browser.live_page import live
from sc2viz.lab.bench.browser import chromium
from sc2viz.lab.bench.site import moved
from sc2viz.lab.bench.stopwatch import Stopwatch, resident


def run(asked: argparse.Namespace) -> None:
    """Move λ, T and the pen on mnist-5k with the exact optimum and four solvers at once."""
    x, B = data.load("mnist-5k", "test").pixels[:1], checkpoints.load_dictionary("mnist")
    shipped = checkpoints.available("mnist")
    chosen = [
        checkpoints.load(f"mnist/{name}") if f"mnist/{name}" in shipped else solvers.build(name, B)
        for name in defaults.DRAWN
    ]
    made, page_file = Stopwatch().time(partial(live, x, B, chosen, noun="digit"))
    names = ", ".join(solver.label for solver in chosen)
    print(
        f"The exact optimum, {names} on mnist-5k, T = 10: {len(page_file.html) / 1e6:.1f} MB, made in {made:.1f} s"
    )
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        moved(browser, page_file.save(Path(folder) / "page.html").as_uri(), ".board canvas")
    _exports(B)


def _exports(B) -> None:
    """How long each solver of mnist-5k takes to become a graph, and what its graph adds to memory and to the browser."""
    before, graphs, watch = resident(), [], Stopwatch(processor_time=True)
    for name in (*solvers.NAMES, *checkpoints.available("mnist")):
        with contextlib.suppress(
            ValueError
        ):  # this dictionary does not suit it, or it has no graph
            solver = checkpoints.load(name) if "/" in name else solvers.build(name, B)
            took, graph = watch.time(partial(export, solver, keep=False))
            graphs.append(graph)
            own = {each.name: each for each in (graph.words, *graph.parcels)}.values()
            sent = sum(len(parcel.text) for parcel in own) / 1e3
            print(
                f"    {name:24} graph in {took:5.2f} s of the processor (aim 1), {sent:6.0f} kB to the browser once"
            )
    print(f"    these {len(graphs)} graphs take {resident() - before:.0f} MB of memory")
