"""A line drawn on a page's canvas by the mouse or a finger, and what it makes of the canvas."""

import numpy as np
import torch

SEVEN = [(0.28, 0.25), (0.72, 0.25), (0.6, 0.5), (0.45, 0.8)]
INK = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  return [height, width, [...data].filter((_, k) => k % 4 === 3)];
}"""


def draw(page, points, touch: bool = False, lift: bool = True) -> None:
    """Draw a line through points of the canvas, as shares of its sides, and lift the mouse or the finger."""
    canvas = page.get_by_role("img", name="Draw a digit here")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    points = [(box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in points]
    path = [
        (a + (c - a) * k / 6, b + (d - b) * k / 6)
        for (a, b), (c, d) in zip(points, points[1:], strict=False)
        for k in range(1, 7)
    ]
    if not touch:
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in path:
            page.mouse.move(*point)
        return page.mouse.up() if lift else None
    screen = page.context.new_cdp_session(page)
    for kind, position in [
        ("touchStart", points[0]),
        *(("touchMove", point) for point in path),
        ("touchEnd", None),
    ]:
        touches = [] if position is None else [{"x": position[0], "y": position[1]}]
        screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def inked(page, side: int = 28) -> torch.Tensor:
    """The drawing as a picture of `side` × `side` pixels: the mean ink on each pixel in 256 levels, (1, side²)."""
    high, wide, ink = page.locator(".pad canvas").evaluate(INK)
    blocks = np.reshape(ink, (side, high // side, side, wide // side)).mean((1, 3))
    return torch.tensor(np.floor(blocks + 0.5).reshape(1, -1) / 255, dtype=torch.float32)
