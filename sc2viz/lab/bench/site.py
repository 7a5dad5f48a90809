"""How soon the site that `sc2viz live` writes is there, on a desk and on a phone, and how soon it follows what is moved.

A server on this machine compresses as a host would. Times by the clock need a quiet machine; those of the processor are of
the page's main thread, as Chromium counts them.
"""

import contextlib
import gzip
import math
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sc2viz import defaults
from sc2viz.__main__ import main
from sc2viz.lab.bench.browser import LAMBDA, T, chromium, describe_times

SETS = ("digits", "mnist-5k", "grey-patches")  # as pages.yml has them
# The window, by how much the processor is slower, bits a second of the network (None: this machine's), and the aims.
PLACES = {
    "desk": ((1280, 720), 1, None, "aims 1.0, 1.5 s, 900 kB"),
    "phone": ((390, 844), 4, 1.6e6, "aims 5, 5 s, 900 kB"),
}
LATENCY = 150  # ms of the phone's network, as Lighthouse has it
TIMES = 3  # cold openings, of which all are told
MOVES = 60
SMALL = (".woff2", ".png")  # files that a host does not compress
WITH_SOLVERS = ("compare", "lambda", "step", "dual-bound")  # the parts that have solvers
SCRIPT = Path(__file__).with_name("site.js")


def run(arguments):
    """Open the site cold, and then move λ, T and the pen with four solvers."""
    with tempfile.TemporaryDirectory() as written, chromium() as browser:
        folder = arguments.site or Path(written)
        if not arguments.site:
            main(["live", "--data", *SETS, "--out", written])
        with serve(folder) as address:
            for name in PLACES:
                for _ in range(TIMES):
                    print(f"{name:6} {_open_cold(browser, address, name)}", flush=True)
            for fragment in WITH_SOLVERS:
                view = f"{fragment}&data=mnist-5k&solvers={','.join(defaults.FOR_DRAWINGS)}"
                print(view, flush=True)
                move_all(browser, f"{address}#{view}", "main:not([aria-busy])")


class _Compressed(SimpleHTTPRequestHandler):
    def end_headers(self):
        """Say that a file is compressed, unless it is small as it is."""
        if not self.path.endswith(SMALL):
            self.send_header("Content-Encoding", "gzip")
        super().end_headers()

    def log_message(self, *_):
        """Say nothing."""


@contextlib.contextmanager
def serve(folder):
    """The address at which a folder is served, compressed, until the block ends."""
    with tempfile.TemporaryDirectory() as compressed:
        for file in filter(Path.is_file, folder.rglob("*")):
            target, content = Path(compressed) / file.relative_to(folder), file.read_bytes()
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if file.suffix in SMALL else gzip.compress(content, 6))
        handler = partial(_Compressed, directory=compressed)
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}/"
            server.shutdown()


def _new_page(browser, window=(1280, 720)):
    """A page of a reader who was never here, its session with Chromium, and what tells the main thread's seconds."""
    width, height = window
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.add_init_script(path=SCRIPT)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def seconds():
        metrics = session.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in metrics}["TaskDuration"]

    return page, session, seconds


def _open_cold(browser, address, name):
    """Open the site for the first time: when it is shown and answers, what came over the network, and what moved."""
    window, slower, rate, aims = PLACES[name]
    page, session, seconds = _new_page(browser, window)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    session.send("Network.enable")
    if rate:
        network = {"downloadThroughput": rate / 8, "uploadThroughput": rate / 8}
        network |= {"offline": False, "latency": LATENCY}
        session.send("Network.emulateNetworkConditions", network)
    files: list[float] = []
    session.on("Network.loadingFinished", lambda event: files.append(event["encodedDataLength"]))
    page.goto(address)
    first, ready = (ms / 1e3 for ms in page.evaluate("window.opened"))
    busy, count, shift = seconds(), len(files), page.evaluate("window.shifted")
    page.context.close()
    return (
        f"first picture {first:5.2f} s, interactive {ready:5.2f} s, {sum(files[:count]) / 1e3:4.0f} kB in "
        f"{count} files ({aims}); main thread {busy:.2f} s; layout shift {shift:.4f}"
    )


def move_all(browser, url, ready):
    """Move λ, T and the pen on a page once it has what is `ready`: the milliseconds that its main thread works until each
    move is drawn, and how many of these it takes to ask where nothing moves."""
    page, _, seconds = _new_page(browser)
    page.goto(url)
    page.locator(ready).first.wait_for(timeout=120_000)
    page.evaluate("calm()")
    page.wait_for_timeout(1000)

    def time_move(move):
        start = seconds()
        move()
        page.evaluate("drawn()")
        return 1e3 * (seconds() - start)

    def report(name, moves):
        print(f"    {name:3} {describe_times(list(map(time_move, moves)))}", flush=True)

    report("–", [bool] * MOVES)
    keys = ["ArrowRight", "ArrowLeft"]
    for name, directions in ((LAMBDA, keys), (T, keys[::-1])):
        page.get_by_role("slider", name=name).focus()
        presses = [directions[k // 8 % 2] for k in range(MOVES)]
        report(name[0], [partial(page.keyboard.press, key) for key in presses])
    pad = page.locator(".pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()

    def place(k):
        turn, radius = 4 * math.pi * k / MOVES, 0.1 + 0.25 * k / MOVES
        return (
            box["x"] + box["width"] * (0.5 + radius * math.cos(turn)),
            box["y"] + box["height"] * (0.5 + radius * math.sin(turn)),
        )

    page.mouse.move(*place(0))
    page.mouse.down()
    report("pen", [partial(page.mouse.move, *place(k)) for k in range(1, MOVES)])
    page.context.close()
