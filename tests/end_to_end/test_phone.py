"""On a phone, 390×844: the menu closes when a page is chosen in it, each page has a picture on its first screen, tools stand
in one row, menus end above the bar, no text is under 12 px, no control is cut, nothing is wider than the window, 320 px too,
and little moves while a page opens."""

from pathlib import Path

import pytest
from end_to_end import accessible
from end_to_end.downloading import choose

from sc2viz.ui.app import TITLES

pytestmark = pytest.mark.browser

SHIFT = 0.05  # how far a page may move what is seen while it opens, by the measure of browsers
LOOK = Path(__file__).with_name("look.js").read_text("utf-8")
PICTURES = {
    "welcome": ".adder canvas.sum",
    "compare": ".sc-exact canvas",
    "step": ".sc-iteration svg",
    "lambda": ".sc-zeros svg",
    "gates": ".st-key-course .cartesianlayer",
    "activations": ".sc-one svg",
    "train": ".scrubber article canvas",
    "photograph": ".divider .view",
    "codes": ".sc-found .sc-plot svg",
    "autoencoders": ".scrubber article canvas",
    "dictionary": ".scrubber article canvas",
    "paper": ".sc-dots figure",
}
TOOLS = """[...document.querySelectorAll('.st-key-head .stPopover button')]
  .map((each) => each.getBoundingClientRect()).filter(({ width }) => width).slice(-3).map(({ top }) => Math.round(top))"""

# Controls of which a row that scrolls sideways shows a part alone
CUT = """[...document.querySelectorAll('.stMain :is(button, input, select)')].filter((each) => {
  const { left, right, width } = each.getBoundingClientRect();
  let around = each.parentElement;
  while (!['auto', 'scroll', 'hidden'].includes(getComputedStyle(around).overflowX)) around = around.parentElement;
  const room = around.getBoundingClientRect();
  if (width < 2 || room.width < 2 || !each.checkVisibility({ visibilityProperty: true })) return false; // not seen
  return right > room.right + 1 || left < room.left - 1;
}).map((each) => each.ariaLabel || each.textContent)"""


def wrong(page, minimum: int = 12):
    """What does not fit the window once charts and tables have followed it; None where all does."""
    for _ in range(10):
        problems = page.evaluate(LOOK, minimum)
        if not any(problems.values()):
            return None
        page.wait_for_timeout(300)
    return problems


@pytest.mark.release  # .ci/sizes.py opens every page, too
def test_every_page_fits_a_phone(visit):
    page, failures = visit(next(iter(TITLES)), width=390, height=844), []
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
        # Of the strip of five phases, which reduced motion has, the first is seen.
        if box["y"] + min(box["height"], box["width"]) / 2 > bar:
            failures.append((path, "its picture is below the first screen", box))
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            if problems := wrong(page):
                failures.append((path, width, problems))
        if cut := page.evaluate(CUT):
            failures.append((path, "controls are cut", cut))
        if len(set(page.evaluate(TOOLS))) > 1:  # those that are there by now
            failures.append((path, "tools stand in several rows"))
    assert not failures, "\n".join(map(str, failures))


@pytest.mark.release
def test_what_is_taken_away_fits_a_phone(visit):
    page = visit("gates", width=390, height=844)
    choose(page, "Take away")
    dialog = page.get_by_role("dialog").bounding_box()
    assert dialog["x"] >= 0 and dialog["x"] + dialog["width"] <= 390
    with page.expect_download() as came:
        page.get_by_role("button", name="Course").click()
    assert came.value.suggested_filename == "sc2viz-course.svg"
    assert came.value.path().read_text("utf-8").startswith("<svg")


@pytest.mark.release
@pytest.mark.parametrize("path", TITLES)
def test_little_moves_while_a_page_opens(chromium, address, path):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    context = chromium.new_context(**phone)
    page = context.new_page()
    page.add_init_script(f"({accessible.SHIFTS})()")
    page.goto(f"{address}/{path}")
    page.locator(PICTURES[path]).first.wait_for(timeout=180_000)
    page.wait_for_function(
        "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"
    )
    page.wait_for_timeout(1500)  # what is drawn in the browser
    shift_styled, shift_unstyled = page.evaluate("[window.shifted, window.unstyled]")
    assert shift_styled + shift_unstyled <= SHIFT, (
        f"{shift_unstyled} before the style sheet, {shift_styled} after it"
    )
    context.close()


@pytest.mark.release
def test_a_picture_begins_in_the_upper_half_of_each_page(visit):
    low = {}
    for path in TITLES:
        picture = visit(path, width=390, height=844).locator(PICTURES[path]).first
        picture.wait_for()
        if (top := picture.bounding_box()["y"]) > 844 / 2:
            low[path] = round(top)
    assert not low


@pytest.mark.release
@pytest.mark.parametrize(
    ("path", "plot"),
    [
        ("lambda", ".sc-zeros .sc-plot"),
        ("compare?compares=bound", ".sc-dual .sc-plot"),
        ("codes", ".sc-found .sc-plot"),
        ("photograph?do=inpaint", ".divider .view"),
    ],
)
def test_a_finger_that_starts_on_a_figure_scrolls_the_page(chromium, address, path, plot):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    context = chromium.new_context(**phone)
    page = context.new_page()
    page.goto(f"{address}/{path}")
    figure = page.locator(plot).first
    figure.wait_for(timeout=180_000)
    box = figure.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 4
    hand = context.new_cdp_session(page)
    hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for k in range(1, 15):
        points = [{"x": x, "y": y - 12 * k}]
        hand.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("document.querySelector('.stMain').scrollTop > 100")
    context.close()
