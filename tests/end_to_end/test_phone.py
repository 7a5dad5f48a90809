"""On a phone, 390×844: the menu closes when a page is chosen in it, each page has a picture on its first screen, tools stand
in one row, menus end above the bar, no text is under 12 px, and nothing is wider than the window, 320 px too."""

from pathlib import Path

import pytest

from sc2viz.ui.app import TITLES

pytestmark = pytest.mark.browser

LOOK = Path(__file__).with_name("look.js").read_text("utf-8")
PICTURES = {
    "welcome": ".adder canvas.sum",
    "compare": ".sc-exact canvas",
    "step": "article canvas",
    "lambda": ".sc-zeros svg",
    "gates": ".st-key-cells .cartesianlayer",
    "activations": ".st-key-each-activation .sc-card img",
    "train": ".scrubber article canvas",
    "photograph": ".divider .view",
    "codes": ".scrubber article .stems svg",
    "autoencoders": ".scrubber article canvas",
    "dictionary": ".tiles",
    "paper": ".sc-dots figure",
}
TOOLS = """[...document.querySelectorAll('.st-key-head .stPopover button')]
  .map((each) => each.getBoundingClientRect()).filter(({ width }) => width).slice(-3).map(({ top }) => Math.round(top))"""


def wrong(page, least: int = 12):
    """What does not fit the window once charts and tables have followed it; None where all does."""
    for _ in range(10):
        seen = page.evaluate(LOOK, least)
        if not any(seen.values()):
            return None
        page.wait_for_timeout(300)
    return seen


@pytest.mark.release  # .ci/sizes.py opens every page, too
def test_every_page_fits_a_phone(visit):
    page, found = visit(next(iter(TITLES)), width=390, height=844), []
    bar = 844 - page.locator(".sliders").first.bounding_box()["height"]
    for k, (path, title) in enumerate(TITLES.items()):
        if k:
            page.get_by_test_id("stExpandSidebarButton").click()
            page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
            page.wait_for_url(f"**/{path}*")
            page.wait_for_function(
                "document.querySelector('.stSidebar').getBoundingClientRect().right <= 0"
            )
        picture = page.locator(PICTURES[path]).first
        picture.wait_for()
        box = picture.bounding_box()
        if box["y"] + box["height"] / 2 > bar:
            found.append((path, "its picture is below the first screen", box))
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            if seen := wrong(page):
                found.append((path, width, seen))
        if len(set(page.evaluate(TOOLS))) > 1:  # those that are there by now
            found.append((path, "tools stand in several rows"))
    assert not found, "\n".join(map(str, found))


@pytest.mark.release
def test_a_menu_ends_above_the_bar(visit):
    page = visit("gates", width=390, height=844)
    page.get_by_role("button", name="Take away").click()
    menu = page.get_by_test_id("stPopoverBody").bounding_box()
    assert menu["y"] + menu["height"] <= page.locator(".sliders").first.bounding_box()["y"]
    with page.expect_download() as came:
        page.get_by_role("button", name="Gate plane").click()
    assert came.value.suggested_filename == "sc2viz-gate-plane.svg"
    assert came.value.path().read_text("utf-8").startswith("<svg")
