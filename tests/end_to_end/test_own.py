"""A reader's own picture, uploaded and drawn, in a real browser."""

import base64
import io

import numpy as np
import pytest
from end_to_end.drawing import SEVEN, draw, inked
from PIL import Image
from saving import saved

from sc2viz.lab.bench.browser import turn_to

pytestmark = pytest.mark.browser


def truth(page) -> str:
    return page.locator(".sc-truth canvas").first.evaluate("canvas => canvas.toDataURL()")


def until_new(page, old_source: str) -> None:
    page.wait_for_function(
        "b => (document.querySelector('.sc-truth canvas')?.toDataURL() ?? b) !== b", arg=old_source
    )


def test_one_switch_draws_and_the_drawing_goes_along_to_other_pages(visit):
    page = visit("gates?data=mnist-5k")
    switch = page.get_by_role("switch", name="Draw a digit")
    switch.wait_for()
    assert not page.get_by_test_id("stSidebar").get_by_text("Draw").count()
    page.locator(".st-key-draw label").click()
    draw(page, SEVEN)
    page.locator(".st-key-caption").get_by_text("your picture").wait_for()
    turn_to(page, "Compare")
    page.locator(".sc-truth").get_by_text("Your picture").wait_for()
    red = page.locator(".sc-truth canvas").first.evaluate(
        "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, k) => k % 4 === 0)"
    )
    np.testing.assert_allclose(red, 255 * inked(page).ravel(), atol=1)
    assert switch.is_checked()


@pytest.mark.release
def test_the_crop_stands_in_the_window(visit):
    page = visit("compare?data=mnist-5k&layout=one+picture", width=390, height=844)
    page.get_by_test_id("stExpandSidebarButton").click()
    selector = "[data-testid=stFileUploaderDropzone]"
    for size in ((390, 844), (1280, 720)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.get_by_test_id("stSidebar").get_by_role("button", name="Upload").click()
        page.locator(selector).wait_for()
        page.wait_for_timeout(300)  # until the popover stands
        box = page.locator(selector).bounding_box()
        body = page.get_by_test_id("stPopoverBody").last.bounding_box()
        assert body["y"] >= 0 and body["y"] + body["height"] <= size[1]
        assert body["x"] >= 0 and body["x"] + body["width"] <= size[0]
        assert body["y"] <= box["y"] and box["y"] + box["height"] <= body["y"] + body["height"]
        page.keyboard.press("Escape")


@pytest.mark.release
def test_the_crop_follows_its_sliders(visit):
    page = visit("compare?data=patches&layout=one+picture")
    page.wait_for_selector(".sc-truth canvas")
    old_source = truth(page)
    two_colours = Image.new("RGB", (300, 200), "red")
    two_colours.paste((0, 0, 255), (150, 0, 300, 200))
    page.get_by_test_id("stSidebar").get_by_role("button", name="Upload").click()
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput")
    chooser.set_input_files(
        {"name": "two.png", "mimeType": "image/png", "buffer": saved(two_colours.save, "PNG")}
    )
    until_new(page, old_source)
    middle = truth(page)
    page.get_by_role("slider", name="Left to right").focus()
    page.keyboard.press("Home")
    until_new(page, middle)
    left_source = truth(page)
    page.get_by_text("cropped to 200 × 200 from (0, 0) on").wait_for()
    page.get_by_role("slider", name="Zoom").focus()
    page.keyboard.press("End")
    until_new(page, left_source)
    pixels = Image.open(io.BytesIO(base64.b64decode(truth(page).partition(",")[2]))).convert("RGB")
    assert np.abs(np.asarray(pixels, float).mean((0, 1)) - (255, 0, 0)).max() < 4
