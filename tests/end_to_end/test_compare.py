"""Compare in a real browser, as a reader uses it."""

import csv
import io
import re
from pathlib import Path

import pytest
import torch
from end_to_end.downloading import choose
from PIL import Image

from sc2viz import checkpoints, data
from sc2viz.analysis import learned

pytestmark = pytest.mark.browser


def test_takes_away_the_picture_and_the_numbers(visit):
    page = visit("compare?data=digits")
    page.wait_for_selector(".sc-cards canvas")
    page.wait_for_selector(".js-plotly-plot .scatterlayer .trace", state="attached")
    choose(page, "Take away")
    with page.expect_download() as download:
        page.get_by_role("button", name="Numbers (CSV)").click()
    table = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert [row["solver"] for row in table] == ["Exact optimum", "ISTA", "FISTA", "SLSTM"]
    reading = page.locator(".sc-fista dd").first.inner_text()
    assert f"{float(table[2]['objective']):.4g}" == reading
    with page.expect_download() as download:
        page.get_by_role("button", name="Picture (PNG)").click()
    picture = Image.open(download.value.path())
    assert picture.format == "PNG" and picture.width > 4 * 320


def test_a_part_of_a_network_is_put_back_to_istas_and_F_follows(visit):
    x, lam, replaced, objectives = (
        data.load("digits", "test").pixels[[3]],
        0.2,
        [],
        "() => document.querySelector('.sc-learned').dataset.at",
    )
    page = visit(f"compare?data=digits&layout=one+picture&picture=3&lam={lam}&T=6")
    with torch.no_grad():
        result = learned.learned(checkpoints.load("digits/slstm"), x, lam, 6)
    page.locator(".st-key-compare-learned summary").click()
    figure = page.locator(".sc-learned")
    for button in ("", "Thresholds", "Steps"):
        if button:
            figure.get_by_role("toolbar", name=button).get_by_role("button", name="ISTA’s").click()
            replaced.append(button.lower())
        named = tuple(kind for kind in learned.KINDS if kind in replaced)
        figure.locator(".sc-says").filter(has_text="With ISTA’s" if button else "SLSTM").wait_for()
        expected = [kind[6] for kind in (result.F[named], result.F[()], result.ista)]
        assert list(map(float, page.evaluate(objectives).split())) == pytest.approx(
            expected, rel=1e-4
        )
    assert re.match(
        "What did it learn\\? F after each iteration: .*as set here",
        figure.locator(".sc-course svg").get_attribute("aria-label"),
    )
    figure.get_by_role("button", name="learned").nth(1).press("Enter")
    assert "With ISTA’s step lengths, F" in figure.locator(".sc-says").inner_text()
