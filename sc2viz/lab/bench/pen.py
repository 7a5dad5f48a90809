"""How soon codes follow the pen on the page to take away, in Chromium, and what solvers cost as graphs."""

import contextlib
import tempfile
from functools import partial
from pathlib import Path

from sc2viz import checkpoints, data, defaults, solvers
from sc2viz.browser.export import export_anew
from sc2viz.browser.live_page import live
from sc2viz.lab.bench.browser import chromium
from sc2viz.lab.bench.site import move_all
from sc2viz.lab.bench.stopwatch import Stopwatch, resident


def run(arguments):
    """Move λ, T and the pen on mnist-5k with the exact optimum and four solvers at once."""
    x, B = data.load("mnist-5k", "test").pixels[:1], checkpoints.load_dictionary("mnist")
    shipped = checkpoints.available("mnist")
    chosen = [
        checkpoints.load(f"mnist/{name}") if f"mnist/{name}" in shipped else solvers.build(name, B)
        for name in defaults.FOR_DRAWINGS
    ]
    seconds, page_file = Stopwatch().time(partial(live, x, B, chosen, noun="digit"))
    names, size = ", ".join(solver.label for solver in chosen), len(page_file.html) / 1e6
    print(f"The exact optimum, {names} on mnist-5k, T = 10: {size:.1f} MB, made in {seconds:.1f} s")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        url = page_file.save(Path(folder) / "page.html").as_uri()
        move_all(browser, url, ".board canvas")
    _export_all(B)


def _export_all(B):
    """How long each solver of mnist-5k takes to become a graph, and what its graph adds to memory and to the browser."""
    memory, graphs, watch = resident(), [], Stopwatch(processor_time=True)
    for name in (*solvers.NAMES, *checkpoints.available("mnist")):
        with contextlib.suppress(ValueError):  # the atoms do not suit it, or it has no graph
            solver = checkpoints.load(name) if "/" in name else solvers.build(name, B)
            seconds, graph = watch.time(partial(export_anew, solver))
            graphs.append(graph)
            parcels = {parcel.name: len(parcel.text) for parcel in (graph.parcel, *graph.parcels)}
            size = sum(parcels.values()) / 1e3
            print(
                f"    {name:24} graph in {seconds:5.2f} s of the processor (aim 1), {size:6.0f} kB to the browser once"
            )
    print(f"    these {len(graphs)} graphs take {resident() - memory:.0f} MB of memory")
