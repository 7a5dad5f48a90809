"""The mouse held on a slider of the app, and what passes over the websocket meanwhile."""

LAMBDA, T = "λ, the price of the code", "T, iterations"
SEEN = "() => [...document.querySelectorAll('.board canvas')].map(canvas => canvas.toDataURL()).join()"


class Frames(list):
    """The frames of a page's websocket."""

    def __init__(self, page):
        page.on("websocket", self.watch)

    def watch(self, socket):
        for event in ("framesent", "framereceived"):
            socket.on(event, lambda frame: self.append(frame))

    def rest(self, page) -> int:
        """Wait until there has been none for a second; how many there were."""
        count = -1
        while count != len(self):
            count = len(self)
            page.wait_for_timeout(1000)
        return count


class Drag:
    """The mouse held on a slider: `to(share)` moves it along."""

    def __init__(self, page, name: str):
        self.page, self.slider = page, page.get_by_role("slider", name=name)
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
        return float(self.slider.get_attribute("aria-valuetext").split(" = ")[1])

    def __exit__(self, *_):
        self.page.mouse.up()


def ready(page, charts: int = 1):
    page.wait_for_selector(".board canvas")
    page.wait_for_function(f"document.querySelectorAll('.js-plotly-plot .scatterlayer .trace').length >= {charts}")
    page.wait_for_function("!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')")
    page.wait_for_timeout(300)
    return page
