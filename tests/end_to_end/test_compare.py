"""Compare in a real browser, as a reader uses it."""

import csv
import io
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.browser


def test_takes_away_the_picture_and_the_numbers(visit):
    page = visit("compare?data=digits")
    page.wait_for_selector(".sc-cards canvas")
    page.wait_for_selector(".js-plotly-plot .scatterlayer .trace", state="attached")
    page.get_by_role("button", name="Take away").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Numbers (CSV)").click()
    table = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert [row["solver"] for row in table] == ["Exact optimum", "ISTA", "FISTA", "SLSTM"]
    shown = page.locator(".sc-fista dd").first.inner_text()
    assert f"{float(table[2]['objective']):.4g}" == shown
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture (PNG)").click()
    picture = Image.open(download.value.path())
    assert picture.format == "PNG" and picture.width > 4 * 320
