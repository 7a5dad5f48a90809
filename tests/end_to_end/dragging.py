"""The mouse held on a slider of the app, and what passes over the websocket meanwhile."""

import re
import time
from collections.abc import Callable

LAMBDA, T = "λ, the price of the code", "T, iterations"
ITERATION = "iteration"
CANVASES = """[document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)].flatMap(root =>
    [...root.querySelectorAll('.board canvas, .scrubber article canvas')])"""
SEEN = f"() => {CANVASES}.map(canvas => canvas.toDataURL()).join()"


LONGEST = 60.0  # seconds that a condition is waited for; a busy machine may need many
# The server's script has run to its end, and nothing of an earlier run is on the screen.
RUN = """() => document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"""
# As well, no slider is held and no drawing waits for its answer.
ANSWERED = f"() => ({RUN})() && !document.body.classList.contains('sc2viz-held')"


def until(page, holds: Callable[[], bool]) -> bool:
    """Wait until `holds()`, which looks at the page; whether it does at last."""
    late = time.monotonic() + LONGEST
    while not (value := holds()) and time.monotonic() < late:
        page.wait_for_timeout(30)
    return value


class Frames(list):
    """The frames of a page's websocket: visit("compare", watch=frames.of)."""

    def __init__(self):
        self.sent = 0

    def of(self, page):
        page.on("websocket", self.watch)

    def watch(self, socket):
        for event in ("framesent", "framereceived"):
            socket.on(event, lambda frame: self.append(frame))
        socket.on("framesent", self.count)

    def count(self, frame):
        self.sent += 1

    def rest(self, page) -> int:
        """Wait until the server's script has run and there has been none for .8 s; how many there were."""
        count = -1
        while count != len(self):
            page.wait_for_function(RUN)
            count = len(self)
            page.wait_for_timeout(800)
        return count


class Drag:
    """The mouse held on a slider: `to(share)` moves it along."""

    def __init__(self, page, name: str):
        self.page, self.slider = page, page.get_by_role("slider", name=name, exact=True)
        self.slider.scroll_into_view_if_needed()
        self.box = self.slider.bounding_box()

    def __enter__(self):
        self.page.mouse.move(*self.place(0.5))
        self.page.mouse.down()
        return self

    def place(self, share: float) -> tuple[float, float]:
        box = self.box
        return box["x"] + 10 + share * (box["width"] - 20), box["y"] + box["height"] / 2

    def to(self, share: float) -> float:
        """The value there."""
        self.page.mouse.move(*self.place(share))
        return float(re.search(r"[\d.]+", self.slider.get_attribute("aria-valuetext"))[0])

    def __exit__(self, *_):
        self.page.mouse.up()


def ready(page, charts: int = 1, selector: str = ".board canvas, .scrubber article canvas"):
    page.wait_for_selector(selector)
    page.wait_for_function(
        f"document.querySelectorAll('.js-plotly-plot .scatterlayer .trace').length >= {charts}"
    )
    page.wait_for_function(ANSWERED)
    page.wait_for_timeout(300)
    return page
