"""Screenshots of every page, light and dark, at 1280×720, on a phone and for a projector: `python .ci/screens.py FOLDER`.

Fails where a page shows a traceback, is wider than its window or throws an error, and where axe-core finds something of ours
on it, at rest or with a popover open. For a look at all of them at once, `light.png` and `dark.png` hold those of one theme.
"""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from end_to_end import accessible, downloading  # noqa: E402

SIZES = {
    "wide": (1280, 720, ""),
    "phone": (390, 844, ""),
    "present": (1280, 720, "?present=true"),
}  # and what a link adds
THEMES = ("light", "dark")
FLAGS = ["--no-sandbox", "--disable-background-networking", "--font-render-hinting=none"]


@contextlib.contextmanager
def served(root: Path = ROOT) -> Iterator[str]:
    """The address of the app of a checkout, whose exact solver has been compiled: in a fresh clone that takes longer than a
    page may."""
    from sc2viz import lasso

    lasso.warm_up().join()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"headless": "true", "port": port, "address": "127.0.0.1"}
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        *(f"--server.{key}={settings[key]}" for key in settings),
    ]
    app = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        app.terminate()
        app.wait(timeout=120)


@contextlib.contextmanager
def browsing() -> Iterator[tuple[str, Browser]]:
    """The address of the app, and a Chromium that looks at it."""
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield address, browser
        browser.close()


def shoot(page: Page, url: str, file: Path) -> list[str]:
    """What is wrong with a page, after a picture of its first screen. Prints how far it shifted while it opened."""
    page.goto(url)
    page.wait_for_selector(".stMain h1", timeout=120_000)
    page.wait_for_function(
        "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')",
        timeout=120_000,
    )
    page.wait_for_function(
        "!/ being /.test(document.querySelector('.st-key-caption')?.innerText ?? '')",
        timeout=120_000,
    )  # what comes later runs the page again, which closes its dialogs
    page.wait_for_timeout(1500)  # pictures that are drawn in the browser
    page.screenshot(path=file)
    shift, before = page.evaluate("[window.shifted, window.unstyled]")
    print(
        f"{file.stem}: layout shift {shift:.3f}, and {before:.3f} before the style sheet came",
        flush=True,
    )
    wrong = ["a traceback"] * page.locator(".stException").count()
    wide, room = page.evaluate(
        "(m => [m.scrollWidth, m.clientWidth])(document.querySelector('.stMain'))"
    )
    wrong += [f"{wide} pixels wide in a window of {room}"] * (wide > room)
    return wrong + accessible.violations(page) + popovers(page) + dialogs(page)


def popovers(page: Page) -> list[str]:
    """What axe finds in each popover, one after the other, but for those in a sidebar that is folded away."""
    found = []
    for opener in page.locator("[data-testid=stPopoverButton]:visible").all():
        if opener.bounding_box()["x"] < 0:
            continue
        opener.click()
        page.wait_for_selector("[data-testid=stPopoverBody]")
        page.wait_for_timeout(1000)  # what stands in it may come later
        found += [
            f"{opener.inner_text()}: {each}"
            for each in accessible.violations(page, "[data-testid=stPopoverBody]")
        ]
        page.keyboard.press("Escape")
    return found


def dialogs(page: Page) -> list[str]:
    """What axe finds in the dialogs of the page's menu, which is not there in a presentation."""
    problems = []
    if not page.get_by_role("button", name="Menu", exact=True).is_visible():
        return problems
    for entry in ("Equations", "Take away"):
        downloading.choose(page, entry)
        page.get_by_role("dialog").wait_for()
        page.wait_for_timeout(1000)
        problems += [
            f"{entry}: {problem}" for problem in accessible.violations(page, "[role=dialog]")
        ]
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
    return problems


def sheet(files: list[Path], out: Path, columns: int = 5) -> None:
    """One picture of all, each scaled to the same height."""
    height, gap = 360, 8
    pictures = [
        each.resize((each.width * height // each.height, height)) for each in map(Image.open, files)
    ]
    rows = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
    width = max(sum(each.width + gap for each in row) for row in rows)
    whole = Image.new("RGB", (width, len(rows) * (height + gap)), "grey")
    for down, row in enumerate(rows):
        across = 0
        for each in row:
            whole.paste(each, (across, down * (height + gap)))
            across += each.width + gap
    whole.save(out)


def main(folder: Path) -> None:
    from sc2viz.ui.app import TITLES

    folder.mkdir(parents=True, exist_ok=True)
    problems = []
    with browsing() as (address, browser):
        for theme in THEMES:
            for size, (width, height, more) in SIZES.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme
                )
                page, said = context.new_page(), []
                page.add_init_script(f"({accessible.SHIFTS})()")
                page.on("pageerror", lambda error, said=said: said.append(str(error)))
                for path in TITLES:
                    wrong = (
                        shoot(
                            page, f"{address}/{path}{more}", folder / f"{path}-{size}-{theme}.png"
                        )
                        + said
                    )
                    said.clear()
                    problems += [f"{path}, {size}, {theme}: {each}" for each in wrong]
                context.close()
            sheet(
                [folder / f"{path}-{size}-{theme}.png" for size in SIZES for path in TITLES],
                folder / f"{theme}.png",
            )
    print(f"{len(TITLES) * len(SIZES) * len(THEMES)} screenshots, {len(problems)} problems")
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
