"""Photograph in a real browser: noise under the finger, a brush, and the way of a patch to Step through."""

import re
from contextlib import suppress

import numpy as np
import pytest
from end_to_end import accessible
from end_to_end.dragging import Drag, Frames
from playwright.sync_api import TimeoutError

from sc2viz import defaults
from sc2viz.draw import style
from sc2viz.photographs import peers

pytestmark = pytest.mark.browser

LABEL = style.label(defaults.PHOTOGRAPHS)
GREY = """canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)
    .filter((_, k) => k % 4 === 0)"""


def rest(page) -> None:
    """Stop the fine answer, unless it is there already."""
    stop = page.locator(".stMain").get_by_role("button", name="Stop").first  # Streamlit has one too
    with suppress(TimeoutError):  # it was there before the click
        stop.click(timeout=3000)
    stop.wait_for(state="detached")


def before(page) -> np.ndarray:
    """The left of the divider, grey."""
    return np.array(page.locator(".divider .before").evaluate(GREY)).reshape(512, 512)


@pytest.mark.release
def test_noise_is_numpys_under_the_finger_and_the_answer_comes_on_release(visit, fits):
    frames = Frames()
    page = visit("photograph?sigma=20", width=1280, height=800, watch=frames.of)
    page.locator(".divider .right", has_text=LABEL).wait_for()
    rest(page)
    clean = peers.picture("camera")
    assert np.abs(before(page) - (255 * peers.noisy(clean, 20)).clip(0, 255)).max() <= 1
    count = frames.rest(page)
    with Drag(page, "σ, noise of 255") as drag:
        sigma = drag.to(0.6)
        page.wait_for_timeout(300)
        dragged = before(page)
        assert len(frames) == count  # the server is silent
    assert np.abs(dragged - (255 * peers.noisy(clean, sigma)).clip(0, 255)).max() <= 1
    page.locator(".divider .left", has_text="noisy").wait_for()
    page.locator(".divider .right", has_text=LABEL).wait_for()
    assert f"sigma={sigma:g}" in page.url
    fits(page)


@pytest.mark.release
def test_paint_a_mask_fill_it_in_and_take_a_patch_to_step_through(visit):
    query = "do=inpaint&lost=painted&solvers=FISTA&solvers=LFISTA&front=LFISTA"
    page = visit(f"photograph?{query}", width=1280, height=900)
    view = page.locator(".divider .view")
    box = view.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 120, steps=5)
    page.mouse.up()
    page.locator(".divider .right", has_text="LFISTA").wait_for(timeout=60_000)
    page.get_by_role("radio", name="Denoise").click()
    page.locator(".divider .left", has_text="noisy").wait_for(timeout=60_000)
    page.locator(".divider .right", has_text="LFISTA").wait_for(timeout=60_000)
    rest(page)
    view.click(position={"x": 60, "y": 200})
    page.get_by_text(re.compile(r"The code at row \d+, column \d+")).wait_for()
    used = page.locator(".scrubber .caption b").inner_text().split()[0]
    page.get_by_role("button", name="Step through this patch").click()
    page.get_by_role("heading", name="Solvers").first.wait_for()
    reading = page.locator("article[aria-label='LFISTA'] dl", has_text=f"{used} of 256")
    reading.wait_for(timeout=60_000)
    assert page.locator(".scrubber").get_attribute("data-at") == "10"


@pytest.mark.release
@pytest.mark.parametrize(
    ("query", "width", "theme"),
    [("", 1280, "dark"), ("", 390, "light"), ("?solvers=Conv-SLSTM", 390, "dark")],
)
def test_a_click_shows_which_filters_speak_there_iteration_by_iteration(
    visit, fits, query, width, theme
):
    page = visit(f"photograph{query}", width=width, height=844, theme=theme)
    page.locator(".divider .right", has_text="Conv").wait_for(timeout=60_000)
    rest(page)
    page.locator(".divider .view").click(position={"x": 30, "y": 150})
    page.get_by_text(re.compile(r"The code at row \d+, column \d+")).wait_for()
    maps = page.get_by_role("img", name=re.compile("^The maps of filters"))
    last = maps.evaluate(GREY)
    assert not page.locator(".scrubber .why").is_visible()  # which is of a caption of solvers
    for gate in ("input", "forget") if "SLSTM" in query else ():
        head = page.get_by_text(re.compile(rf"^{gate} gate, 0\.\d\d to 0\.\d\d$")).inner_text()
        low, high = map(float, re.findall(r"0\.\d+", head))
        images = page.get_by_role("img", name=re.compile(f"^The {gate} gate of filters"))
        assert low < high and len(set(images.evaluate(GREY))) > 10  # on the gate's own scale
    page.get_by_role("button", name=re.compile("First")).click()
    page.locator(".scrubber .caption").get_by_text("The code has 0 non-zeros").wait_for()
    # No filter speaks anywhere before the first iteration: the maps are of one grey, and what parts them of another.
    assert len(set(maps.evaluate(GREY))) == 2 and len(set(last)) > 10
    fits(page)
    assert not accessible.violations(page)
