"""How soon the site that `sc2viz live` writes is there, on a desk and on a phone, and how soon it follows what is moved.

A server on this machine compresses as a host would. Times by the clock need a quiet machine; those of the processor are of
the page's main thread, as Chromium counts them.
"""

import argparse
import contextlib
import gzip
import math
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sc2viz import defaults
from sc2viz.__main__ import main
from sc2viz.browser import modules
from sc2viz.browser.site import PARTS as COMPONENTS
from sc2viz.lab.bench.browser import LAMBDA, ROOT, T, chromium, followed

SETS = ("digits", "mnist-5k", "grey-patches")  # as pages.yml has them
# The window, by how much the processor is slower, bits a second of the network (None: this machine's), and the aims.
PLACES = {
    "desk": ((1280, 720), 1, None, "aims 1.0, 1.5 s, 900 kB"),
    "phone": ((390, 844), 4, 1.6e6, "aims 5, 5 s, 900 kB"),
}
LATENCY = 150  # ms of the phone's network, as Lighthouse has it
TIMES = 3  # cold openings, of which all are told
MOVES = 60
PARTS = ("compare", "lambda", "step", "dual-bound")  # those with solvers
SCRIPT = Path(__file__).with_name("site.js")


def run(asked: argparse.Namespace) -> None:
    """Say how much JavaScript the site has in common with the app, open the site cold, and then move λ, T and the pen with
    four solvers."""
    print(common())
    with tempfile.TemporaryDirectory() as made, chromium() as browser:
        folder = asked.site or Path(made)
        if not asked.site:
            main(["live", "--data", *SETS, "--out", made])
        with served(folder) as address:
            for name in PLACES:
                for _ in range(TIMES):
                    print(f"{name:6} {_opened(browser, address, name)}", flush=True)
            for part in PARTS:
                view = f"{part}&data=mnist-5k&solvers={','.join(defaults.DRAWN)}"
                print(view, flush=True)
                moved(browser, f"{address}#{view}", "main:not([aria-busy])")


def common(root: Path = ROOT / "sc2viz") -> str:
    """How many files, lines and bytes of the site's JavaScript the app has as well: what it reaches by imports, from files
    that nobody imports."""
    imports = {
        path: {
            (path.parent / source).resolve()
            for _, source in modules.IMPORT.findall(path.read_text("utf-8"))
        }
        for path in root.rglob("*.js")
        if path.parent.parent.name != "lab"
    }

    def reached(paths: set[Path]) -> set[Path]:
        more = paths.union(*map(imports.__getitem__, paths))
        return paths if more == paths else reached(more)

    own = {root / "browser" / name for name in ("site.js", "worker.js")}
    site = reached(own | {root / "browser" / f"{name}.js" for name in COMPONENTS})
    app = reached(set(imports).difference(own, *imports.values()))
    sizes = [
        (len(each), sum(text.count(b"\n") for text in texts), sum(map(len, texts)))
        for each in (site & app, site)
        for texts in [[path.read_bytes() for path in each]]
    ]
    said = (
        f"{part:,} of {whole:,} {what} ({100 * part / whole:.0f} %)"
        for what, part, whole in zip(("files", "lines", "bytes"), *sizes, strict=True)
    )
    return f"JavaScript that the site and the app have in common: {', '.join(said)}"


class _Compressing(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer with a file, compressed unless it is so already."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self.send_error(404)
        small = path.suffix in (".woff2", ".png")
        content = path.read_bytes() if small else gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(content)))
        if not small:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # a page that was closed asks for no more
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which a folder is served, compressed, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Compressing, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _page(browser, window: tuple[int, int] = (1280, 720)) -> tuple:
    """A page of a reader who was never here, its session with Chromium, and what tells the main thread's seconds."""
    page = browser.new_context(
        viewport=dict(zip(("width", "height"), window, strict=True))
    ).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def seconds() -> float:
        found = session.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in found if each["name"] == "TaskDuration")

    return page, session, seconds


def _opened(browser, address: str, name: str) -> str:
    """Open the site for the first time: when it is shown and answers, what came over the network, and what moved."""
    window, slower, rate, aims = PLACES[name]
    page, session, seconds = _page(browser, window)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    session.send("Network.enable")
    if rate:
        bits = {"downloadThroughput": rate / 8, "uploadThroughput": rate / 8}
        session.send(
            "Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY, **bits}
        )
    came: list[float] = []
    session.on("Network.loadingFinished", lambda event: came.append(event["encodedDataLength"]))
    page.add_init_script(path=SCRIPT)
    page.goto(address)
    shown, ready = page.evaluate("window.opened")
    took, files, shifted = seconds(), len(came), page.evaluate("window.shifted")
    page.context.close()
    return (
        f"first picture {shown / 1e3:5.2f} s, interactive {ready / 1e3:5.2f} s, {sum(came[:files]) / 1e3:4.0f} kB in "
        f"{files} files ({aims}); main thread {took:.2f} s; layout shift {shifted:.4f}"
    )


def moved(browser, url: str, ready: str) -> None:
    """Move λ, T and the pen on a page once it has what is `ready`: the milliseconds that its main thread works until each
    move is drawn, and how many of these it takes to ask where nothing moves."""
    page, _, seconds = _page(browser)
    page.add_init_script(path=SCRIPT)
    page.goto(url)
    page.locator(ready).first.wait_for(timeout=120_000)
    page.evaluate("calm()")
    page.wait_for_timeout(1000)

    def after(move: Callable[[], object]) -> float:
        before = seconds()
        move()
        page.evaluate("drawn()")
        return 1e3 * (seconds() - before)

    print(f"    –   {followed([after(bool) for _ in range(MOVES)])}", flush=True)
    for name in (LAMBDA, T):
        slider = page.get_by_role("slider", name=name)
        slider.focus()
        keys = ["ArrowRight", "ArrowLeft"] if name == LAMBDA else ["ArrowLeft", "ArrowRight"]
        took = [after(partial(page.keyboard.press, keys[k // 8 % 2])) for k in range(MOVES)]
        print(f"    {name[0]:3} {followed(took)}", flush=True)
    pad = page.locator(".pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()

    def place(k: int) -> tuple[float, float]:
        turn, radius = 4 * math.pi * k / MOVES, 0.1 + 0.25 * k / MOVES
        return (
            box["x"] + box["width"] * (0.5 + radius * math.cos(turn)),
            box["y"] + box["height"] * (0.5 + radius * math.sin(turn)),
        )

    page.mouse.move(*place(0))
    page.mouse.down()
    took = [after(partial(page.mouse.move, *place(k))) for k in range(1, MOVES)]
    page.context.close()
    print(f"    pen {followed(took)}", flush=True)
