"""Every page in all windows from 320 to 2560 px, with one and two pixels a CSS pixel, for a projector and on paper:
`python .ci/sizes.py FOLDER`.

Fails where a page is wider than its window, or has a slider under 60 px, or text under 12 px, or under 18 for a projector.
FOLDER then has a PDF of each page on A4, and a picture of each first screen for a projector, light and dark.
"""

import sys
from pathlib import Path

from playwright.sync_api import Page
from screens import ROOT, THEMES, browsing

# Windows, in CSS pixels, and their halves of 320 pixels and more, in which a CSS pixel is two pixels wide
WINDOWS = (
    (320, 640),
    (360, 740),
    (390, 844),
    (640, 360),
    (844, 390),
    (768, 1024),
    (1024, 768),
    (1280, 720),
    (1920, 1080),
    (2560, 1440),
)
HALVES = tuple((wide // 2, high // 2) for wide, high in WINDOWS if wide // 2 >= 320)
PROJECTOR = 1280, 720
LEAST, LEAST_PROJECTED = 12, 18  # px of text
LOOK = (ROOT / "tests" / "end_to_end" / "look.js").read_text("utf-8")


def settled(page: Page, url: str = "") -> None:
    """Wait until a page that has been opened or laid out anew stands still."""
    if url:
        page.goto(url)
        page.wait_for_selector(".stMain h1", timeout=120_000)
    page.wait_for_function(
        "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget], .st-key-opening')",
        timeout=120_000,
    )
    page.wait_for_timeout(1500 if url else 500)


def wrong(page: Page, least: float, what: str) -> list[str]:
    """What does not fit on the page as it is laid out now."""
    seen = page.evaluate(LOOK, least)
    found = [f"{what}: {seen['over']} px wider than the window"] * (seen["over"] > 0)
    found += [f"{what}: the slider {label} is narrower than 60 px" for label in seen["narrow"]]
    found += [f"{what}: {seen['beyond']} ends beyond the window"] * bool(seen["beyond"])
    return found + [
        f"{what}: text of {size} px: {', '.join(texts)}" for size, texts in seen["small"].items()
    ]


def unfit(page: Page, url: str, windows: tuple[tuple[int, int], ...], what: str) -> list[str]:
    """What does not fit on the page at an address in one of these windows."""
    settled(page, url)
    found = []
    for wide, high in windows:
        page.set_viewport_size({"width": wide, "height": high})
        settled(page)
        found += wrong(page, LEAST, f"{what}, {wide} × {high}")
    return found


def main(folder: Path) -> None:
    sys.path.insert(0, str(ROOT))
    from sc2viz.ui.app import TITLES

    folder.mkdir(parents=True, exist_ok=True)
    problems = []

    def note(found: list[str]) -> None:
        problems.extend(found)
        print(*found, sep="\n", end="\n" * bool(found), flush=True)

    with browsing() as (address, browser):
        context, doubled = (
            browser.new_context(reduced_motion="reduce", device_scale_factor=scale)
            for scale in (1, 2)
        )
        for path in TITLES:
            page = doubled.new_page()
            note(unfit(page, f"{address}/{path}", HALVES, f"{path}, two pixels a CSS pixel"))
            page.close()
            page = context.new_page()
            note(unfit(page, f"{address}/{path}", WINDOWS, path))
            page.set_viewport_size({"width": 1280, "height": 720})
            settled(page)
            page.pdf(path=folder / f"{path}.pdf", prefer_css_page_size=True, print_background=True)
            page.set_viewport_size(dict(zip(("width", "height"), PROJECTOR, strict=True)))
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                settled(page, f"{address}/{path}?present=true")
                page.screenshot(path=folder / f"{path}-{theme}.png")
                note(wrong(page, LEAST_PROJECTED, f"{path}, for a projector, {theme}"))
            page.close()
    print(f"{len(TITLES)} pages, {len(problems)} problems")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
