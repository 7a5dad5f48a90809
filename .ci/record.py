"""Record what views show, and compare two records.

    python .ci/record.py take FILE [--root CHECKOUT] [--like RECORD] [--screens FOLDER]    # of the app and the site
    python .ci/record.py compare OLD NEW                                   # numbers that stand in one of them alone

Views are drawn at random with a seed, among them every step of every tour, links with earlier keys, and each page as it opens.
A record has, for every view, the address that it became, its headings, its lines of text, and its curves. Its numbers are read
from these lines, so that two records can be compared although the sentences around the numbers differ. `--like` takes the views
of an earlier record, whose addresses must go on meaning what they meant.
"""

import argparse
import collections
import contextlib
import functools
import gzip
import http.server
import itertools
import json
import random
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright
from screens import served

ROOT = Path(__file__).resolve().parents[1]
SEED, VIEWS = 70, 300
PAGES = ("welcome", "lambda", "step", "compare", "dictionary", "photograph", "gates", "activations", "train", "codes",
         "autoencoders", "paper")  # fmt: skip
SITE_PARTS = (
    "sum",
    "why-zeros",
    "one-weight",
    "step",
    "compare",
    "lambda",
    "atoms",
    "dual-bound",
    "ista-to-lstm",
)
SOLVERS = ("ISTA", "FISTA", "LISTA", "SLSTM", "LFISTA", "adaptive ISTA", "ALISTA", "OMP", "AMP")

# What a view may ask for, by the pages that answer to it. Values are texts, as in a link.
SHARED = {
    "data": ("digits", "mnist-5k", "grey-patches", "patches", "synthetic"),
    "picture": ("0", "3", "7", "11", "42"),
    "lam": ("0.01", "0.05", "0.1", "0.137", "0.3", "0.5", "1"),
    "T": ("1", "3", "10", "20", "55", "100"),
}
OF_PAGE = {
    "welcome": {"sum": ("0", "1", "5")},
    "lambda": {"layout": ("grid", "one picture"), "spread": ("true",)},
    "step": {"t": ("0", "1", "5", "10"), "safeguard": ("true",), "shows": ("ISTA to LSTM", "iterations"), "lock": ("false",),
             "i": ("1.5",), "f": ("-0.5",)},
    "compare": {"layout": ("grid", "one picture", "dual bound"), "against": ("milliseconds", "iterations"), "spread": ("true",),
                "safeguard": ("true",)},
    "dictionary": {"part": ("atoms", "learning", "networks", "alike"), "atom": ("0", "7", "53"),
                   "sorted": ("by norm", "by likeness", "by number")},
    "photograph": {"do": ("denoise", "inpaint", "approximate"), "photo": ("camera", "coins", "chelsea"),
                   "sigma": ("10", "25", "50"), "lost": ("text", "random"), "few": ("0.05", "0.2"), "price": ("0.5", "1", "2"),
                   "row": ("60",), "column": ("80",)},
    "gates": {"atom": ("0", "7", "42"), "at": ("1", "3"), "order": ("by number",)},
    "activations": {"fit": ("false",), "theta": ("0.05", "0.1"), "R": ("1.5",), "D": ("1",), "u": ("0.2",)},
    "train": {"trainee": ("LISTA", "SLSTM"), "loss": ("sc2net", "codes"), "beside": ("FISTA",)},
    "codes": {"ds": ("100", "500"), "dx": ("50", "250"), "k": ("5", "30"), "snr": ("20", "40"), "signal": ("0", "3"),
              "layer": ("4", "16"), "exactly": ("true",)},
    "autoencoders": {"coded": ("digits-128", "mnist-5k-1000"), "sample": ("0", "5"), "price": ("0.5", "1", "2")},
    "paper": {"hundred": ("errors", "reconstructions")},
}  # fmt: skip
WITH_SOLVERS = ("lambda", "step", "compare", "gates", "activations")
ALONE = ("photograph", "codes", "autoencoders", "paper")  # these have a sidebar of their own
# Keys and values that earlier versions gave away.
EARLIER = ("step?stepped=ISTA&stepped=LISTA", "gates?gated=SLSTM&atom=7", "photograph?under=FISTA", "compare?layout=界",
           "compare?lang=zh_CN", "compare?solvers=SC2Net", "lambda?solvers=LISTA+(codes)", "step?solvers=SLSTM+(double+tanh)",
           "gates?solvers=SLSTM+(as+printed)", "welcome?tour=ten-minutes&step=3",
           "welcome?present=true", "compare?draw=true")  # fmt: skip

READ = Path(__file__).with_suffix(".js").read_text("utf-8").rstrip().rstrip(";")
RESTS = "!document.querySelector('.st-key-opening, [data-testid=stStatusWidget], [data-stale=true], main[aria-busy]')"


def tour_views(root: Path) -> list[str]:
    """The address of every step of the tours of a checkout."""
    files = sorted((root / "sc2viz").glob("ui/tours/*.toml"))
    return [
        step["view"]
        for file in files
        for step in tomllib.loads(file.read_text("utf-8")).get("step", [])
        if "view" in step
    ]


def app_views(count: int) -> list[str]:
    """`count` addresses of the app: each page as it opens, then pages with values drawn at random."""
    rng, views = random.Random(SEED), [*PAGES, *EARLIER]
    for page in itertools.islice(itertools.cycle(PAGES), count - len(views)):
        table = OF_PAGE[page] if page in ALONE else {**SHARED, **OF_PAGE[page]}
        query = [(key, rng.choice(values)) for key, values in table.items() if rng.random() < 0.6]
        if page in WITH_SOLVERS and rng.random() < 0.6:
            query += [("solvers", label) for label in rng.sample(SOLVERS, rng.randint(1, 4))]
        views.append(f"{page}?{urlencode(query)}")
    return views


def site_views() -> list[str]:
    """Addresses of parts of the site."""
    rng = random.Random(SEED)
    return [
        f"#{part}&data={data}&picture={rng.choice((0, 3, 9))}&lam={rng.choice((0.05, 0.1, 0.5))}&T={rng.choice((1, 10, 30))}"
        for part in SITE_PARTS
        for data in ("digits", "mnist-5k", "digits")
    ]


@contextlib.contextmanager
def site(root: Path, folder: Path) -> Iterator[str]:
    """The address of the site that a checkout writes into `folder`."""
    command = [sys.executable, "-m", "sc2viz", "live", "--data", "digits", "mnist-5k", "--out", str(folder)]  # fmt: skip
    subprocess.run(command, cwd=root, check=True, stderr=subprocess.DEVNULL)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


def look(page: Page, address: str) -> dict:
    """What a view shows once it has come to rest."""
    page.goto("about:blank")
    page.goto(address)
    previous: dict = {}
    alike = 0
    for _ in range(400):
        page.wait_for_timeout(250)
        if not page.evaluate(RESTS) or not page.locator("h1, h2").count():
            continue
        current = page.evaluate(READ)
        alike = alike + 1 if current == previous and current["lines"] else 0
        if alike == 3:
            break
        previous = current
    return {"became": page.url.split("/", 3)[-1], "rested": alike == 3, **previous}


def drawn_views(root: Path) -> list[str]:
    """VIEWS views, each with its place before it: the app or the site."""
    steps, parts = tour_views(root), site_views()
    views = [f"app {view}" for view in steps + app_views(VIEWS - len(steps) - len(parts))]
    return list(dict.fromkeys([*views, *(f"site {part}" for part in parts)]))


def take(arguments: argparse.Namespace) -> None:
    root = arguments.root.resolve()
    records = read(arguments.file) if arguments.file.exists() else {}  # goes on where it was ended
    views = list(read(arguments.like)) if arguments.like else drawn_views(root)
    places = {"app": served(root), "site": site(root, arguments.file.parent / "site")}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for place, opened in places.items():
            with opened as address:
                there = [view for view in views if view.startswith(place) and view not in records]
                base = f"{address}/" if place == "app" else address
                record(browser, base, there, records, arguments)
        browser.close()


def read(file: Path) -> dict[str, dict]:
    return json.loads(gzip.decompress(file.read_bytes()))


def record(browser: Browser, address: str, views: list[str], records: dict, arguments) -> None:
    """Add what `views` show to `records`, and write them after each."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    context.set_default_timeout(180_000)
    for view in views:
        page = context.new_page()
        records[view] = look(page, address + view.partition(" ")[2])
        if arguments.screens:
            arguments.screens.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=arguments.screens / f"{len(records)}.png")
        page.close()
        print(len(records), view, records[view]["rested"], flush=True)
        content = json.dumps(records, ensure_ascii=False).encode()
        arguments.file.write_bytes(gzip.compress(content, mtime=0))
    context.close()


def numbers(record: dict) -> collections.Counter:
    """How often each number stands in the lines of a view."""
    text = "\n".join(record["lines"]).replace("\u00a0", " ").replace("\u202f", "")
    return collections.Counter(re.findall(r"[−-]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?(?: ?%)?", text))


def compare(arguments: argparse.Namespace) -> None:
    old, new = read(arguments.old), read(arguments.new)
    for view in old:
        if view not in new:
            print(f"{view}: not taken")
            continue
        gone, come = (
            numbers(old[view]) - numbers(new[view]),
            numbers(new[view]) - numbers(old[view]),
        )
        became = old[view]["became"], new[view]["became"]
        if gone or come or became[0] != became[1]:
            print(f"{view}\n    gone {dict(gone)}\n    come {dict(come)}")
            if became[0] != became[1]:
                print(f"    {became[0]} -> {became[1]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)
    taking = commands.add_parser("take")
    taking.add_argument("file", type=Path)
    taking.add_argument("--root", type=Path, default=ROOT)
    taking.add_argument("--like", type=Path)
    taking.add_argument("--screens", type=Path)
    taking.set_defaults(run=take)
    comparing = commands.add_parser("compare")
    comparing.add_argument("old", type=Path)
    comparing.add_argument("new", type=Path)
    comparing.set_defaults(run=compare)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
