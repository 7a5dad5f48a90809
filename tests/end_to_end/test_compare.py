"""Compare in a real browser, as a reader uses it."""

import csv
import io
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.browser

LAMBDA, T = "λ, the price of the code", "T, iterations"


def source(page, solver: str, row: int = 0) -> str:
    return page.locator(f".sc-{solver} canvas").nth(row).evaluate("canvas => canvas.toDataURL()")


def drawn(page) -> None:
    page.wait_for_selector(".sc-cards canvas")
    page.wait_for_selector(".js-plotly-plot .scatterlayer .trace", state="attached")


def until_changed(page, solver: str, before: str) -> None:
    page.wait_for_function(
        "([solver, before]) => document.querySelector(`.sc-${solver} canvas`)?.toDataURL() !== before",
        arg=[solver, before],
    )


def press(page, slider: str, key: str) -> None:
    page.get_by_role("slider", name=slider).focus()
    page.keyboard.press(key)


def test_nothing_overflows_and_every_picture_says_what_it_is(visit, fits, widths):
    page = visit("compare")
    drawn(page)
    images = page.locator(".sc-cards canvas")
    assert images.count() == 9  # ground truth once; two for the optimum and for each of three solvers
    assert all(images.nth(k).get_attribute("aria-label") for k in range(9))
    for _ in widths(page):
        drawn(page)
        fits(page)
        outside = page.evaluate(
            "[...document.querySelectorAll('.sc-cards *, .stMain button')].filter(e => e.offsetParent &&"
            " e.getBoundingClientRect().right > innerWidth + 1).length"
        )
        assert outside == 0
        assert images.evaluate_all(
            "all => all.every(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v))"
        )


def test_a_link_names_the_solvers_that_are_shown(visit):
    page = visit("compare?data=digits&solvers=nonsense&solvers=fista")
    drawn(page)
    assert page.locator(".sc-card figcaption span").all_inner_texts() == ["Ground truth", "Exact optimum", "FISTA"]


@pytest.fixture(scope="module")
def opened(stay):
    """A page for the tests below that take `opened`, in their order."""
    page = stay("compare?data=digits")
    drawn(page)
    return page


def test_takes_away_the_picture_and_the_numbers(opened):
    page = opened
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


def test_words_and_equations_are_one_click_away(opened):
    page = opened
    page.get_by_role("button", name="Glossary").click()
    page.get_by_text("Unit ball.").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Equations").click()
    page.wait_for_selector(".stPopoverBody .katex, [data-testid=stPopoverBody] .katex")
    assert page.locator(".katex-error").count() == 0


def test_arrow_keys_move_lambda_and_steps_and_the_address_follows(opened):
    page = opened
    for slider, key, sign in ((LAMBDA, "ArrowLeft", "lam=0.46"), (T, "ArrowRight", "T=11")):
        before = source(page, "ista")
        press(page, slider, key)
        until_changed(page, "ista", before)
        page.wait_for_url(f"**{sign}*")
