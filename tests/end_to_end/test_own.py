"""A reader's own picture, uploaded and drawn, in a real browser."""

import base64
import io
import itertools

import numpy as np
import pytest
from PIL import Image
from saving import saved

from sc2viz.lab.bench.browser import turn_to

pytestmark = pytest.mark.browser


def truth(page) -> str:
    return page.locator(".sc-truth canvas").first.evaluate("canvas => canvas.toDataURL()")


def until_new(page, before: str) -> None:
    page.wait_for_function(
        "b => (document.querySelector('.sc-truth canvas')?.toDataURL() ?? b) !== b", arg=before
    )


def stroke(page, x: int) -> dict[str, float]:
    """Draw a line downwards, x pixels from the left of the canvas; where the canvas is."""
    background, canvas = (
        page.locator(f".st-key-_canvas {kind}")
        for kind in (".dc-background-canvas", ".upper-canvas")
    )
    canvas.wait_for()
    while (
        canvas.bounding_box() != background.bounding_box()
    ):  # one below the other until their style sheet is there
        page.wait_for_timeout(20)
    canvas.hover(position={"x": x, "y": 30})
    box = canvas.bounding_box()
    page.mouse.down()
    for k in range(20):
        page.mouse.move(box["x"] + x, box["y"] + 30 + 6 * k)
    page.mouse.up()
    return box


def test_draw_a_digit_and_take_it_to_another_page(visit):
    page = visit("compare?data=mnist-5k&layout=one+picture")
    page.wait_for_selector(".sc-truth canvas")
    before = truth(page)
    page.get_by_test_id("stSidebar").get_by_role("button", name="Draw").click()
    place = stroke(page, 60)
    until_new(page, before)
    one = truth(page)
    assert "Your picture" in page.locator(".sc-truth").inner_text()
    assert stroke(page, 140) == place  # nothing moved under the pen
    until_new(page, one)
    drawn = truth(page)
    page.keyboard.press("Escape")
    turn_to(page, "Welcome")
    page.get_by_text("A picture is a sum of atoms").wait_for()
    turn_to(page, "Compare")
    page.wait_for_selector(".sc-truth canvas")
    assert truth(page) == drawn


@pytest.mark.release
def test_the_whole_canvas_and_the_crop_stand_in_the_window(visit):
    page = visit("compare?data=mnist-5k&layout=one+picture", width=390, height=844)
    page.get_by_test_id("stExpandSidebarButton").click()
    parts = (
        ("Draw", ".st-key-_canvas .upper-canvas"),
        ("Upload", "[data-testid=stFileUploaderDropzone]"),
    )
    for size, (button, part) in itertools.product(((390, 844), (1280, 720)), parts):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.get_by_test_id("stSidebar").get_by_role("button", name=button).click()
        page.locator(part).wait_for()
        page.wait_for_timeout(300)  # until the popover stands
        box = page.locator(part).bounding_box()
        body = page.get_by_test_id("stPopoverBody").last.bounding_box()
        assert body["y"] >= 0 and body["y"] + body["height"] <= size[1]
        assert body["x"] >= 0 and body["x"] + body["width"] <= size[0]
        assert body["y"] <= box["y"] and box["y"] + box["height"] <= body["y"] + body["height"]
        page.keyboard.press("Escape")


@pytest.mark.release
def test_the_crop_follows_its_sliders(visit):
    page = visit("compare?data=patches&layout=one+picture")
    page.wait_for_selector(".sc-truth canvas")
    before = truth(page)
    two = Image.new("RGB", (300, 200), "red")
    two.paste((0, 0, 255), (150, 0, 300, 200))
    page.get_by_test_id("stSidebar").get_by_role("button", name="Upload").click()
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput")
    chooser.set_input_files(
        {"name": "two.png", "mimeType": "image/png", "buffer": saved(two.save, "PNG")}
    )
    until_new(page, before)
    middle = truth(page)
    page.get_by_role("slider", name="Left to right").focus()
    page.keyboard.press("Home")
    until_new(page, middle)
    left = truth(page)
    page.get_by_text("cropped to 200 × 200 from (0, 0) on").wait_for()
    page.get_by_role("slider", name="Zoom").focus()
    page.keyboard.press("End")
    until_new(page, left)
    drawn = Image.open(io.BytesIO(base64.b64decode(truth(page).partition(",")[2]))).convert("RGB")
    assert np.abs(np.asarray(drawn, float).mean((0, 1)) - (255, 0, 0)).max() < 4
