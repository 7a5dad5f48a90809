"""Why zeros in a real browser, as a reader uses it."""

import pytest
from PIL import Image

pytestmark = [pytest.mark.browser, pytest.mark.release]


def test_a_chart_can_be_taken_away_as_a_picture(visit):
    page = visit("lambda?data=digits&more=true")
    page.locator(".js-plotly-plot .scatterlayer .trace").nth(2).wait_for(state="attached")
    page.wait_for_function(
        "document.querySelectorAll('.js-plotly-plot .scatterlayer').length === 3"
    )
    page.locator(".js-plotly-plot").last.hover()
    with page.expect_download() as taken:
        page.locator(".js-plotly-plot").last.get_by_role("button", name="PNG").click()
    assert taken.value.suggested_filename == "sc2viz-objective-lambda.png"
    with Image.open(taken.value.path()) as picture:
        assert (
            picture.format == "PNG"
            and picture.width == 2 * page.locator(".js-plotly-plot").last.bounding_box()["width"]
        )
