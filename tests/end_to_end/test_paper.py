"""The paper, checked, in a real browser."""

import pytest
from end_to_end.downloading import choose

from sc2viz.lab.bench.browser import turn_to

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def opened(stay):
    """A page for the tests below that take `opened`, in their order."""
    return stay("paper#figure-6", height=720)


@pytest.mark.release
def test_a_link_opens_more_and_the_section_that_it_leads_to(opened):
    page = opened
    for anchor in ("figure-6", "slips"):
        section = page.locator(f".st-key-{anchor}")
        section.locator(".js-plotly-plot, table").first.wait_for()
        page.wait_for_function(
            "e => Math.abs(e.getBoundingClientRect().top) < 400", arg=section.element_handle()
        )
        page.locator(".st-key-contents a").filter(has_text="Errors in the paper").click()


@pytest.mark.release
def test_a_chart_is_taken_away_under_the_name_that_readers_know(opened):
    page = opened
    page.locator(".st-key-figure-6 .js-plotly-plot").nth(3).wait_for()
    choose(page, "Take away")
    with page.expect_download() as download:
        page.get_by_role("button", name="Figure 6, CIFAR-10, as printed").click()
    assert download.value.suggested_filename == "sc2viz-figure-6-cifar-10-as-printed.svg"
    page.keyboard.press("Escape")


def test_a_cell_opens_its_runs(opened):
    page = opened
    button = page.locator(".results button").first
    accuracy = float(button.locator("b").inner_text())
    button.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("by logistic regression on the codes").wait_for()
    assert abs(float(dialog.locator("strong").first.inner_text().split()[0]) - accuracy) <= 0.06
    command = "python -m sc2viz reproduce mnist_fair_accuracy_unsupervised"
    dialog.get_by_text(command).first.wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


@pytest.mark.release
def test_nothing_overflows_and_the_hundred_pictures_leave_no_hole(opened, fits, widths):
    page = opened
    page.locator(".st-key-contents a").filter(has_text="Figures 4 and 5").click()
    page.locator("[class*='st-key-hundred-'] .sc-card").nth(17).wait_for()
    for _ in widths(page):
        main = page.locator(".stMain").element_handle()
        page.wait_for_function("e => e.scrollWidth <= e.clientWidth", arg=main)  # charts follow
        fits(page)
        for grid in page.locator("[class*='st-key-hundred-'] .sc-cards").all():
            boxes = [card.bounding_box() for card in grid.locator(".sc-card").all()]
            ends = {round(box["y"]): box["x"] + box["width"] for box in boxes}
            assert len(boxes) == 9 and abs(ends[max(ends)] - max(ends.values())) < 2  # a full row


@pytest.mark.release
@pytest.mark.everyday("paper")
@pytest.mark.parametrize("first", ["compare", "paper"])
def test_the_sidebars_values_outlive_the_page_and_its_contents_stand_there(visit, first):
    page = visit(f"{first}?data=digits&lam=0.2&T=7")
    if first != "paper":
        turn_to(page, "The paper")
    page.locator(".st-key-contents a").first.wait_for()
    for selector in (".st-key-strip", ".sliders"):
        page.locator(selector).wait_for(state="detached")
    turn_to(page, "Compare")
    page.locator(".st-key-strip").wait_for()
    page.wait_for_function("() => location.search.includes('lam=0.2')")
    assert {"data=digits", "T=7"} <= set(page.evaluate("location.search").lstrip("?").split("&"))
