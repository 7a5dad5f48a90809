"""The view for a projector, at 1280×720: on the first screen of each page stand its picture, its number, and a curve, a map
or atoms; no text is small; and a clicker's keys lead through all pages."""

import io
from pathlib import Path

import numpy as np
import pytest
import segno
from end_to_end.downloading import choose
from end_to_end.dragging import RUN
from PIL import Image

from sc2viz.ui.app import TITLES

pytestmark = pytest.mark.browser

LOW = 720 - 3 * 24  # px: where the strip with λ and T begins
LOOK = Path(__file__).with_name("look.js").read_text("utf-8")
# By page: a picture, a number, and what tells more than one number: a curve, a map or atoms.
PARTS = {
    "welcome": (
        ".adder canvas.sum",
        ".adder .rest-says b",
        ".adder .course svg",
        ".adder .term canvas",
    ),
    "compare": (".sc-slstm canvas", ".sc-slstm .sc-headline b", ".st-key-excess .js-plotly-plot"),
    "step": (".sc-iteration svg image", ".sc-iteration .sc-says b", ".sc-iteration svg .ghost"),
    "lambda": (".sc-card canvas >> nth=1", ".sc-card .sc-headline b >> nth=1", ".sc-zeros svg"),
    "gates": (
        "img[alt^='Atom ']",
        ".st-key-caption strong",
        ".st-key-course .plot-container .cartesianlayer",
    ),
    "activations": (
        ".st-key-each-activation .sc-card img",
        ".st-key-each-activation .sc-headline b",
        ".sc-one svg >> nth=1",
    ),
    "train": (".scrubber article canvas", ".scrubber .curves b", ".scrubber .curves > svg"),
    "photograph": (".divider .view", ".divider .tabs small", ".st-key-photo-cards-errors img"),
    "codes": (
        "[aria-label='ALISTA (support selection)'] .stems svg",
        ".scrubber article .headline dd",
        ".sc-found .sc-plot svg",
    ),
    "dictionary": (".scrubber article canvas", ".scrubber .caption b", ".scrubber dd"),
    "autoencoders": (".gaps article canvas", ".gaps .gaps-of b", ".gaps .gaps-of svg"),
    "paper": (".sc-dots figure", ".st-key-caption strong", ".sc-dots figure >> nth=3"),
}


def test_the_keys_of_a_clicker_turn_pages_until_one_leaves(visit):
    first, second = list(TITLES)[:2]
    page = visit(f"{first}?present=true", height=720)
    for key, path, place in (("", first, 1), ("PageDown", second, 2), ("PageUp", first, 1)):
        if key:
            page.keyboard.press(key)
            page.wait_for_url(f"**/{path}?*")
        page.locator(PARTS[path][0]).first.wait_for()
        # The strip, which listens to the keys, has come with this page, and so have the links that the keys follow.
        page.get_by_role("navigation", name="Present").get_by_text(
            f"{place} / {len(TITLES)}", exact=True
        ).wait_for()
        page.wait_for_function(RUN)
        assert "present=true" in page.url
    page.get_by_role("button", name="Leave").click()
    page.locator(".stAppHeader").wait_for()
    page.wait_for_function("!location.search.includes('present')")


@pytest.mark.release
def test_every_page_answers_on_its_first_screen(visit):
    pages, wrong = list(TITLES), []
    page = visit(f"{pages[0]}?present=true", height=720)
    for k, path in enumerate(pages):
        if k:
            page.keyboard.press("PageDown")
            page.wait_for_url(f"**/{path}?*")
        for selector in PARTS[path]:
            page.locator(selector).first.wait_for()
        page.wait_for_function(
            "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"
        )
        for selector in PARTS[path]:
            box = page.locator(selector).first.bounding_box()
            if box["height"] < 10 or box["y"] + 0.85 * box["height"] > LOW:
                wrong.append((path, selector, box))
        problems = page.evaluate(LOOK, 18)
        if any(problems.values()):
            wrong.append((path, problems))
        assert "present=true" in page.url
    assert not wrong, "\n".join(map(str, wrong))


WINDOWS = [
    (1280, 720, True),
    (1280, 720, False),
    (390, 844, False),
]


@pytest.mark.release
@pytest.mark.parametrize(("width", "height", "presents"), WINDOWS)
def test_the_code_for_phones_is_seen_whole_and_opens_the_view_without_the_projectors_letters(
    visit, address, width, height, presents
):
    page = visit(
        f"welcome?data=digits&lam=0.3{'&present=true' * presents}", width=width, height=height
    )
    choose(page, "Link and QR code")
    picture = page.get_by_alt_text("QR code of the address below")
    picture.wait_for()
    page.wait_for_function(
        "document.querySelector('.stApp').dataset.testScriptState === 'notRunning'"
    )
    page.wait_for_timeout(400)  # the dialog has come in
    pixels = np.asarray(
        Image.open(io.BytesIO(page.screenshot(clip=picture.bounding_box()))).convert("L")
    )
    address_text = page.get_by_test_id("stDialog").locator("code").first.inner_text()
    assert address_text == f"{address}/welcome?data=digits&lam=0.3"
    expected = np.array(
        [list(row) for row in segno.make(address_text, error="l").matrix_iter(border=4)]
    )
    rows, columns = (
        (np.arange(len(expected)) + 0.5) * side / len(expected) for side in pixels.shape
    )
    modules = pixels[np.ix_(rows.astype(int), columns.astype(int))] < 128
    assert (modules == expected).all(), f"{(modules != expected).mean():.0%} of the code is covered"
