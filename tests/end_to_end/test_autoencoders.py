"""Autoencoders in a real browser: what follows λ under the finger, the steps, and tables that are seen whole."""

import numpy as np
import pytest
from end_to_end.dragging import Drag, Frames

pytestmark = pytest.mark.browser

SHADOWS = "[...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)"
SEEN = f"""() => {SHADOWS}.flatMap(root => [...root.querySelectorAll('.gaps rect, .gaps-of b, .gaps .stems path')])
    .map(each => each.getAttribute('transform') ?? each.getAttribute('d') ?? each.innerText)"""
CUT = """[...document.querySelectorAll('[data-testid=stTable], [data-testid=stDataFrame]')]
    .filter(each => each.querySelector('canvas') || each.scrollWidth > each.clientWidth + 1).length"""


def ready(page, frames: Frames | None = None) -> None:
    page.locator(".gaps rect").first.wait_for(state="attached")
    page.locator("#yours").wait_for(state="attached", timeout=60_000)
    page.wait_for_function(
        "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"
    )
    if frames is not None:
        frames.rest(page)


def test_bars_numbers_and_the_sentence_follow_lambda_without_the_server(visit, fits):
    frames = Frames()
    page = visit("autoencoders", watch=frames.of)
    ready(page, frames)
    caption = page.locator(".gaps .caption")
    with Drag(page, "λ, × each encoder’s own") as drag:
        count, states = frames.rest(page), set()
        for share in np.linspace(0, 1, 3):
            drag.to(share)
            states.add((*page.evaluate(SEEN), caption.inner_text()))
        assert len(states) == 3 and len(frames) == count
    page.wait_for_url("**price=4*")
    ready(page)
    fits(page)


@pytest.mark.release
def test_the_steps_are_played_the_url_keeps_them_and_no_table_is_cut(visit):
    page = visit("autoencoders?after=1")
    ready(page)
    caption = page.locator(".scrubber.stepping .caption")
    caption.filter(has_text="After 1 step,").wait_for()
    page.get_by_role("slider", name="T", exact=True).press("ArrowRight")
    caption.filter(has_text="After 2 steps,").wait_for()
    page.wait_for_url("**after=2*")
    page.get_by_text("MCC, published").first.wait_for()
    assert page.get_by_text("Dictionary’s").first.is_visible() and page.evaluate(CUT) == 0
