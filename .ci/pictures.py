"""The moving pictures of README.md: `python .ci/pictures.py [FOLDER]`, by default .github/.

`drag.gif` is Welcome while λ is dragged, `pen.gif` is Compare while a digit is drawn. Both are the app as Chromium shows it,
with a mark where the mouse is. Fails where one is larger than MOST.
"""

import io
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page
from screens import ROOT, browsing

MOST = 1_500_000  # bytes of a picture
DRAG = "welcome?data=mnist-5k&picture=3&lam=0.1"
PEN = "compare?data=mnist-5k&draw=true&lam=0.1&T=10&layout=one+picture&solvers=ISTA&solvers=FISTA&solvers=SLSTM"
STOPS = 14  # places of λ on the way from one end to the other
# Strokes of a 4, as shares of the canvas
STROKES = ([(0.34, 0.2), (0.26, 0.56), (0.72, 0.55)], [(0.6, 0.3), (0.58, 0.84)])
PER_STROKE = 11  # frames
MOUSE = """() => {
    const mark = document.createElement("div");
    mark.style.cssText = `position: fixed; z-index: 2147483647; width: 18px; height: 18px; margin: -9px; border-radius: 50%;
        background: #C0268C80; border: 2px solid #C0268C; pointer-events: none; left: -99px`;
    document.body.append(mark);
    addEventListener("pointermove", ({ clientX, clientY }) =>
        Object.assign(mark.style, { left: `${clientX}px`, top: `${clientY}px` }), true);
}"""


def seen(page: Page) -> np.ndarray:
    """What stands in the window, (H, W, 3) uint8."""
    return np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))


def drag(page: Page) -> Iterator[np.ndarray]:
    """λ from where it is to one end, to the other, and back."""
    page.locator(".adder .says").filter(has_text="atoms, F").wait_for()
    slider = page.get_by_role("slider", name="λ, the price of the code", exact=True)
    box = slider.bounding_box()
    low, high = box["x"] + 10, box["x"] + box["width"] - 10
    down = box["y"] + box["height"] / 2
    begins = (float(slider.input_value()) - float(slider.get_attribute("min"))) / float(
        slider.get_attribute("max")
    )
    page.mouse.move(low + begins * (high - low), down)
    page.mouse.down()
    way = [begins + (1 - begins) * k / STOPS for k in range(STOPS + 1)]
    for share in (*way, *way[::-1]):
        page.mouse.move(low + share * (high - low), down)
        page.wait_for_timeout(120)  # what follows the slider has been drawn
        yield seen(page)
    page.mouse.up()


def pen(page: Page) -> Iterator[np.ndarray]:
    """A digit is drawn, and the codes of each solver follow."""
    page.locator(".pen-list li").filter(has_text="SLSTM").filter(
        has_text="above the optimum"
    ).wait_for()
    canvas = page.get_by_role("img", name="Draw a digit here")
    box = canvas.bounding_box()

    def place(points: list, share: float) -> tuple[float, float]:
        """Where the pen is after a share of the way along the points."""
        lengths = [math.dist(a, b) for a, b in zip(points, points[1:], strict=False)]
        left = share * sum(lengths)
        for (a, b), length in zip(zip(points, points[1:], strict=False), lengths, strict=True):
            if left <= length or b == points[-1]:
                x, y = (p + (q - p) * min(1, left / length) for p, q in zip(a, b, strict=True))
                return box["x"] + x * box["width"], box["y"] + y * box["height"]
            left -= length

    for stroke in STROKES:
        page.mouse.move(*place(stroke, 0))
        page.mouse.down()
        for k in range(1, PER_STROKE + 1):
            for part in (0.5, 1):
                page.mouse.move(*place(stroke, (k - 1 + part) / PER_STROKE))
            page.wait_for_timeout(120)
            yield seen(page)
        page.mouse.up()


def main(folder: Path) -> None:
    from sc2viz.draw import film

    # By name: the view, the window in CSS pixels, and what happens in it
    films = {"drag": (DRAG, (1024, 600), drag), "pen": (PEN, (1200, 800), pen)}
    too_large = []
    with browsing() as (address, browser):
        for name, (view, (width, height), frames) in films.items():
            window = {"width": width, "height": height}
            page = browser.new_page(viewport=window, color_scheme="light", reduced_motion="reduce")
            page.goto(f"{address}/{view}")
            page.wait_for_selector(".stMain h1", timeout=120_000)
            page.wait_for_function(
                "!document.querySelector('[data-stale=true], .st-key-opening')", timeout=120_000
            )
            page.add_style_tag(content="[data-testid=stStatusWidget] { display: none; }")
            page.wait_for_timeout(2000)
            page.evaluate(MOUSE)
            made = list(frames(page))
            page.wait_for_function("!document.body.classList.contains('sc2viz-held')")
            page.wait_for_timeout(1000)
            made.append(seen(page))
            data = film.gif(made, step=140)
            (folder / f"{name}.gif").write_bytes(data)
            print(f"{name}.gif: {len(made)} frames, {len(data) / 1e6:.2f} MB")
            too_large += [name] * (len(data) > MOST)
            page.close()
    sys.exit(f"larger than {MOST / 1e6} MB: {', '.join(too_large)}" if too_large else 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".github")
