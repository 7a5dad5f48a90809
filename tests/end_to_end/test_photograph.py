"""Photograph in a real browser: noise under the finger, a brush, and the way of a patch to Step through."""

import re
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

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


def look_at(page, x: int, y: int, what: str) -> None:
    """Click a place of the photograph, and wait for what is said of it."""
    rest(page)
    page.locator(".divider .view").click(position={"x": x, "y": y})
    page.wait_for_function("location.search.includes('column=')")
    row, column = (parse_qs(urlsplit(page.url).query)[key][0] for key in ("row", "column"))
    page.get_by_text(f"{what} at row {row}, column {column}").wait_for()
    page.wait_for_function(
        "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"
    )


def before(page) -> np.ndarray:
    """The left of the divider, grey."""
    return np.array(page.locator(".divider .before").evaluate(GREY)).reshape(512, 512)


def test_noise_is_numpys_under_the_finger_and_the_answer_comes_on_release(visit, fits):
    frames = Frames()
    page = visit("photograph?sigma=20", width=1280, height=800, watch=frames.of)
    page.locator(".divider .right", has_text=LABEL).wait_for()
    rest(page)
    clean = peers.picture("camera")
    assert np.abs(before(page) - (255 * peers.noisy(clean, 20)).clip(0, 255)).max() <= 1
    still = frames.rest(page)
    with Drag(page, "σ, noise of 255") as drag:
        sigma = drag.to(0.6)
        page.wait_for_timeout(300)
        seen = before(page)
        assert len(frames) == still  # the server is silent
    assert np.abs(seen - (255 * peers.noisy(clean, sigma)).clip(0, 255)).max() <= 1
    page.locator(".divider .left", has_text="noisy").wait_for()
    page.locator(".divider .right", has_text=LABEL).wait_for()
    assert f"sigma={sigma:g}" in page.url
    fits(page)


@pytest.mark.release
def test_paint_a_mask_fill_it_in_and_take_a_patch_to_step_through(visit):
    page = visit(
        "photograph?do=inpaint&lost=painted&solvers=FISTA&solvers=LFISTA&front=LFISTA",
        width=1280,
        height=900,
    )
    view = page.locator(".divider .view")
    view.wait_for()
    box = view.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 120, steps=5)
    page.mouse.up()
    page.locator(".divider .right", has_text="LFISTA").wait_for(timeout=60_000)
    page.get_by_role("radio", name="Denoise").click()
    page.locator(".divider .left", has_text="noisy").wait_for(timeout=60_000)
    page.locator(".divider .right", has_text="LFISTA").wait_for(timeout=60_000)
    look_at(page, 60, 200, "Patch")
    page.wait_for_timeout(300)
    used = page.locator(".scrubber .caption b").inner_text()
    page.get_by_role("button", name="Step through this patch").click()
    page.get_by_role("heading", name="Step through").first.wait_for()
    there = page.locator("article[aria-label='LFISTA'] dl", has_text=f"{used} of 256")
    there.wait_for(timeout=60_000)
    assert page.locator(".scrubber").get_attribute("data-at") == "10"


@pytest.mark.release
@pytest.mark.parametrize(
    ("query", "width", "height", "theme"),
    [
        ("", 1280, 720, "dark"),
        ("", 390, 844, "light"),
        ("", 390, 844, "dark"),
        ("?present=true", 1280, 720, "light"),
        ("?solvers=Conv-SLSTM", 1280, 720, "light"),
        ("?solvers=Conv-SLSTM", 390, 844, "dark"),
    ],
)
def test_a_click_shows_which_filters_speak_there_iteration_by_iteration(
    visit, fits, query, width, height, theme
):
    page = visit(f"photograph{query}", width=width, height=height, theme=theme)
    page.locator(".stMain").get_by_text("all grids of filters").wait_for(timeout=60_000)
    look_at(page, 30, 150, "Filters")
    maps = page.get_by_role("img", name=re.compile("^The maps of filters"))
    last = maps.evaluate(GREY)
    for gate in ("input", "forget") if "SLSTM" in query else ():
        head = page.get_by_text(re.compile(rf"^{gate} gate, 0\.\d\d to 0\.\d\d$")).inner_text()
        low, high = map(float, re.findall(r"0\.\d+", head))
        drawn = page.get_by_role("img", name=re.compile(f"^The {gate} gate of filters")).evaluate(
            GREY
        )
        assert (
            low < high and len(set(drawn)) > 10
        )  # the scale is the gate's own, on which its places differ
    page.get_by_role("button", name=re.compile("First")).click()
    page.locator(".scrubber .caption").get_by_text("The code is zero at the start").wait_for()
    first = maps.evaluate(GREY)
    # No filter speaks anywhere before the first iteration: the maps are of one grey, and what parts them of another.
    assert len(set(first)) == 2 and len(set(last)) > 10
    fits(page)
    assert not accessible.violations(page)


@pytest.mark.release
def test_chips_and_the_photograph_hold_still_while_solvers_are_chosen(visit):
    page = visit("photograph", height=600)
    page.locator(".divider .right", has_text=LABEL).wait_for(timeout=60_000)
    parts = ".chips", ".chips .chip:last-child", ".divider .view"
    places = lambda: [page.locator(part).last.bounding_box() for part in parts]  # noqa: E731
    before = places()
    for name in ("FISTA", "SLSTM", "ISTA"):  # the last one takes the place of the first
        named = re.compile(
            rf"^{re.escape(name)}( [^(]|$)"
        )  # a note, or the decibels, stands behind
        page.locator(".chips").get_by_role("button", name=named).click()
        page.locator(".divider .tabs").get_by_role("button", name=named).wait_for(timeout=60_000)
        assert places() == before
    page.get_by_text("gave way to").wait_for()
