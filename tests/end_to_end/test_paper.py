"""The paper, checked, in a real browser."""

import pytest
from end_to_end.downloading import choose

from sc2viz.lab.bench.browser import turn_to

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def opened(stay):
    """A page for the tests below that take `opened`, in their order."""
    return stay("paper#figure-6", height=720)


def test_a_link_opens_the_section_that_it_leads_to(opened):
    page = opened
    drawn = page.locator(".st-key-fold-figure-6 .js-plotly-plot").first
    drawn.wait_for()
    slips = page.locator(".st-key-fold-slips")
    assert not slips.locator("table").is_visible()
    page.locator(".st-key-contents a").filter(has_text="Errors in the paper").click()
    slips.locator("table").wait_for()
    page.wait_for_function(
        "e => e.getBoundingClientRect().top < 400", arg=slips.locator("h2").element_handle()
    )


def test_a_folded_section_leaves_no_title_on_paper(opened):
    page = opened
    page.locator(".st-key-fold-figure-6 .js-plotly-plot").first.wait_for()
    page.emulate_media(media="print")
    titles = page.locator("[class*=st-key-fold-] h2").locator("visible=true").all_inner_texts()
    page.emulate_media(media="screen")
    assert titles == [
        "Figure 6: loss against epochs",
        "Errors in the paper",
    ]  # which the tests before have opened


def test_a_chart_is_taken_away_under_the_name_that_readers_know(opened):
    page = opened
    page.locator(".st-key-fold-figure-6 .js-plotly-plot").nth(3).wait_for()
    choose(page, "Take away")
    with page.expect_download() as came:
        page.get_by_role("button", name="Figure 6, CIFAR-10, as printed").click()
    assert came.value.suggested_filename == "sc2viz-figure-6-cifar-10-as-printed.svg"
    page.keyboard.press("Escape")


def test_a_cell_opens_its_runs(opened):
    page = opened
    button = page.locator(".results button").first
    button.wait_for()
    shown = float(button.locator("b").inner_text())
    button.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("by logistic regression on the codes").wait_for()
    said = dialog.locator("strong").first.inner_text()
    assert abs(float(said.split()[0]) - shown) <= 0.06
    dialog.get_by_text(
        "python -m sc2viz reproduce mnist_fair_accuracy_unsupervised"
    ).first.wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


@pytest.mark.release
def test_nothing_overflows_and_the_hundred_pictures_leave_no_hole(opened, fits, widths):
    page = opened
    page.locator(".st-key-contents a").filter(has_text="Figures 4 and 5").click()
    assert page.locator("table caption").count() == 3
    page.locator("[class*='st-key-hundred-'] .sc-card").nth(17).wait_for()
    for _ in widths(page):
        fits(page)
        for k in range(2):
            grid = page.locator("[class*='st-key-hundred-'] .sc-cards").nth(k)
            boxes = [card.bounding_box() for card in grid.locator(".sc-card").all()]
            columns = len(grid.evaluate("e => getComputedStyle(e).gridTemplateColumns").split())
            last = max(box["y"] for box in boxes)
            ends = max(box["x"] + box["width"] for box in boxes if abs(box["y"] - last) < 2)
            assert len(boxes) == 9 and columns in (2, 4, 6)
            assert (
                abs(ends - max(box["x"] + box["width"] for box in boxes)) < 2
            )  # the last row is full


@pytest.mark.release
def test_pictures_come_when_they_are_seen(chromium_with_windows, address):
    context = chromium_with_windows.new_context(viewport={"width": 1280, "height": 720})
    page, loaded = context.new_page(), {}
    page.on("response", lambda answer: loaded.update({answer.url: answer.ok}))
    page.goto(f"{address}/paper")
    page.locator(".stMain h2").filter(has_text="Errors in the paper").wait_for(timeout=30_000)
    page.wait_for_timeout(1000)
    drawn = page.locator("[class*='st-key-hundred-'] img")
    drawn.nth(17).wait_for(state="attached")
    addresses = drawn.evaluate_all("all => all.map(image => image.src)")
    assert len(addresses) == 18 and not set(addresses) & set(loaded)
    page.locator(".st-key-contents a").filter(has_text="Figures 4 and 5").click()
    page.wait_for_function(
        "image => image.complete && image.naturalWidth > 200", arg=drawn.first.element_handle()
    )
    assert loaded[addresses[0]]
    context.close()


@pytest.mark.release
@pytest.mark.everyday("paper")
@pytest.mark.parametrize("first", ["compare", "paper"])
def test_the_sidebars_values_outlive_the_page_and_its_contents_stand_there(visit, first):
    page = visit(f"{first}?data=digits&lam=0.2&T=7")
    if first != "paper":
        turn_to(page, "The paper")
    page.locator(".st-key-contents a").first.wait_for()
    for part in (".st-key-strip", ".sliders"):
        page.locator(part).wait_for(state="detached")
    turn_to(page, "Compare")
    page.locator(".st-key-strip").wait_for()
    page.wait_for_function("() => location.search.includes('lam=0.2')")
    assert {"data=digits", "T=7"} <= set(page.evaluate("location.search").lstrip("?").split("&"))
