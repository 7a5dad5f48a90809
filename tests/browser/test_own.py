"""A reader's own picture, uploaded and drawn, in a real browser."""

import io

import pytest
from PIL import Image

pytestmark = pytest.mark.browser


def truth(page) -> str:
    return page.locator(".sc-truth img").first.get_attribute("src")


def until_new(page, before: str) -> None:
    page.wait_for_function("b => document.querySelector('.sc-truth img')?.getAttribute('src') !== b", arg=before)


def test_upload_a_picture_and_what_is_none(visit):
    page = visit("compare?data=patches&layout=one+picture")
    page.wait_for_selector(".sc-truth img")
    before = truth(page)
    stream = io.BytesIO()
    Image.new("RGB", (300, 200), "red").save(stream, "JPEG")
    page.get_by_test_id("stSidebar").get_by_role("button", name="Upload").click()
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput")
    chooser.set_input_files({"name": "red.jpg", "mimeType": "image/jpeg", "buffer": stream.getvalue()})
    until_new(page, before)
    assert "Your picture" in page.locator(".sc-truth").inner_text()
    page.get_by_text("300 × 200 pixels, cropped to the middle 200 × 200").wait_for()
    chooser.set_input_files({"name": "note.png", "mimeType": "image/png", "buffer": b"only text"})
    page.get_by_text("note.png: the file is no picture").wait_for()


def test_draw_a_digit_and_take_it_to_another_page(visit):
    page = visit("compare?data=mnist-5k&layout=one+picture")
    page.wait_for_selector(".sc-truth img")
    before = truth(page)
    page.get_by_test_id("stSidebar").get_by_role("button", name="Draw").click()
    box = page.locator(".st-key-_canvas canvas").last.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 30)
    page.mouse.down()
    for k in range(20):
        page.mouse.move(box["x"] + 60, box["y"] + 30 + 6 * k)
    page.mouse.up()
    until_new(page, before)
    drawn = truth(page)
    assert "Your picture" in page.locator(".sc-truth").inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Welcome").first.click()
    page.get_by_text("A picture is a sum of few atoms").wait_for()
    page.get_by_role("link", name="Compare").first.click()
    page.wait_for_selector(".sc-truth img")
    assert truth(page) == drawn
