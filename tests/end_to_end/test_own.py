"""A reader's own picture, uploaded and drawn, in a real browser."""

import base64
import io
import itertools

import numpy as np
import pytest
from PIL import Image

from sc2viz.benchmarks.browser import turn_to

pytestmark = pytest.mark.browser


def truth(page) -> str:
    return page.locator(".sc-truth canvas").first.evaluate("canvas => canvas.toDataURL()")


def until_new(page, before: str) -> None:
    page.wait_for_function("b => (document.querySelector('.sc-truth canvas')?.toDataURL() ?? b) !== b", arg=before)


def test_upload_a_picture(visit):
    page = visit("compare?data=patches&layout=one+picture")
    page.wait_for_selector(".sc-truth canvas")
    before = truth(page)
    stream = io.BytesIO()
    Image.new("RGB", (300, 200), "red").save(stream, "JPEG")
    page.get_by_test_id("stSidebar").get_by_role("button", name="Upload").click()
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput")
    chooser.set_input_files({"name": "red.jpg", "mimeType": "image/jpeg", "buffer": stream.getvalue()})
    until_new(page, before)
    assert "Your picture" in page.locator(".sc-truth").inner_text()
    page.get_by_text("300 × 200 pixels, cropped to the middle 200 × 200").wait_for()


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def odd() -> dict[str, tuple[bytes, str, tuple[int, int, int]]]:
    """Files by name, with what the page must say of each and the mean colour that it must show."""
    frames = [Image.new("RGB", (24, 24), colour) for colour in ("lime", "red")]
    sixteen = Image.fromarray(np.full((30, 30), 2**15, np.uint16))
    return {
        "dot.png": (encoded(Image.new("RGB", (1, 1), "blue"), "PNG"), "1 × 1 pixels, resized", (0, 0, 255)),
        "large.jpg": (encoded(Image.new("RGB", (4000, 3000), "red"), "JPEG"), "middle 3000 × 3000", (255, 0, 0)),
        "moving.gif": (encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), "first frame", (0, 255, 0)),
        "deep.png": (encoded(sixteen, "PNG"), "30 × 30 pixels", (128, 128, 128)),
        "print.jpg": (encoded(Image.new("CMYK", (40, 40), (0, 0, 255, 0)), "JPEG"), "40 × 40 pixels", (255, 255, 0)),
    }


def test_odd_files_are_read_or_refused_in_words(visit):
    page = visit("compare?data=patches&layout=one+picture")
    page.wait_for_selector(".sc-truth canvas")
    page.get_by_test_id("stSidebar").get_by_role("button", name="Upload").click()
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput")
    for name, (content, said, colour) in odd().items():
        before = truth(page)
        chooser.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
        page.get_by_text(said).wait_for()
        until_new(page, before)
        drawn = Image.open(io.BytesIO(base64.b64decode(truth(page).partition(",")[2]))).convert("RGB")
        assert np.abs(np.asarray(drawn, float).mean((0, 1)) - colour).max() < 4, name
    chooser.set_input_files({"name": "note.png", "mimeType": "image/png", "buffer": b"only text"})
    page.get_by_text("note.png: the file cannot be read as a picture").wait_for()
    assert page.get_by_text("40 × 40 pixels").count() == 1  # the last one stays


def stroke(page, x: int) -> dict[str, float]:
    """Draw a line downwards, x pixels from the left of the canvas; where the canvas is."""
    background, canvas = (page.locator(f".st-key-_canvas {kind}") for kind in (".dc-background-canvas", ".upper-canvas"))
    canvas.wait_for()
    while canvas.bounding_box() != background.bounding_box():  # one below the other until their style sheet is there
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


def test_the_whole_canvas_and_the_crop_stand_in_the_window(visit):
    page = visit("compare?data=mnist-5k&layout=one+picture", width=390, height=844)
    page.get_by_test_id("stExpandSidebarButton").click()
    parts = ("Draw", ".st-key-_canvas .upper-canvas"), ("Upload", "[data-testid=stFileUploaderDropzone]")
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


def test_the_crop_follows_its_sliders(visit):
    page = visit("compare?data=patches&layout=one+picture")
    page.wait_for_selector(".sc-truth canvas")
    before = truth(page)
    two = Image.new("RGB", (300, 200), "red")
    two.paste((0, 0, 255), (150, 0, 300, 200))
    page.get_by_test_id("stSidebar").get_by_role("button", name="Upload").click()
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput")
    chooser.set_input_files({"name": "two.png", "mimeType": "image/png", "buffer": encoded(two, "PNG")})
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
