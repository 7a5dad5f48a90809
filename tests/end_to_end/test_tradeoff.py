"""λ trade-off in a real browser, as a reader uses it."""

import pytest
from PIL import Image

pytestmark = pytest.mark.browser

DOTS = """() => [...document.querySelectorAll('.js-plotly-plot')].map(
    plot => plot.data.filter(trace => trace.mode === 'markers').flatMap(trace => [...trace.x]))"""


def drawn(page) -> None:
    page.wait_for_function(
        "document.querySelectorAll('.js-plotly-plot').length === 3 &&"
        " [...document.querySelectorAll('.js-plotly-plot')].every(p => p.querySelector('.scatterlayer .trace'))"
    )


@pytest.fixture(scope="module")
def opened(stay):
    """A page for the tests below that take `opened`, in their order."""
    page = stay("lambda?data=digits")
    drawn(page)
    return page


def test_a_chart_can_be_taken_away_as_a_picture(opened):
    page = opened
    page.locator(".js-plotly-plot").last.hover()
    with page.expect_download() as taken:
        page.locator(".js-plotly-plot").last.get_by_role("button", name="PNG").click()
    assert taken.value.suggested_filename == "sc2viz-objective-lambda.png"
    with Image.open(taken.value.path()) as picture:
        assert picture.format == "PNG" and picture.width == 2 * page.locator(".js-plotly-plot").last.bounding_box()["width"]


def test_nothing_overflows_and_no_chart_is_empty(opened, fits, widths):
    page = opened
    images = page.locator(".sc-cards canvas")
    images.nth(7).wait_for()
    assert images.count() == 8 and all(images.nth(k).get_attribute("aria-label") for k in range(8))
    for _ in widths(page):
        drawn(page)
        fits(page)
        whole = "e => e.scrollWidth <= e.clientWidth"
        assert all(page.locator(".stMain .stButtonGroup > *").evaluate_all(f"all => all.map({whole})"))
        for chart in page.locator(".js-plotly-plot").all():
            assert chart.locator(".scatterlayer .trace").count() == 5  # optimum, three solvers, the dots
        assert page.locator(".sc-plane-drawing").bounding_box()["width"] > 200


def test_the_dots_and_the_caption_follow_lambda(visit):
    page = visit("lambda?data=digits&lam=0.5&solvers=ISTA")
    drawn(page)
    before = page.evaluate(DOTS)
    assert before[1] == before[2] == [0.5, 0.5]
    page.get_by_role("slider", name="λ, the price of the code").press("ArrowLeft")
    page.get_by_text("Raising λ from 0.46 to 0.9").wait_for()
    page.wait_for_function(f"() => ({DOTS})().slice(1).flat().join() === '0.46,0.46,0.46,0.46'")
    after = page.evaluate(DOTS)
    assert after[0][0] > before[0][0]  # the optimum has more non-zeros
    assert "lam=0.46" in page.url


def test_a_link_opens_the_same_view(visit):
    page = visit("lambda?data=digits&lam=0.1&picture=3&layout=one+picture&solvers=FISTA&T=5")
    drawn(page)
    assert page.evaluate("document.querySelectorAll('.js-plotly-plot')[1].data.length") == 3
    assert page.evaluate(DOTS)[1] == [0.1, 0.1]
    assert page.get_by_text("of this picture from").count() == 1
