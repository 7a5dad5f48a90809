"""Downloads of views that pages do not open with, and one that fails. Those of pages as they open: test_every_page."""

import sys
from pathlib import Path

import pytest
from end_to_end.downloading import check_all
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.release]

ROOT = Path(__file__).parents[2]
FAILS = """
import streamlit as st
from sc2viz.ui import errors


def fail():
    raise ValueError("there are no numbers: choose others")


def broken():
    st.title("A page")
    st.text_input("A word")
    errors.download(fail, "Numbers (CSV)", "none.csv", "text/csv")


current = st.navigation([st.Page(lambda: st.title("Another"), title="Another", default=True, url_path="another"),
                         st.Page(broken, title="A page", url_path="broken")])
errors.report_failed_download()
current.run()
"""
# Views of a page whose downloads differ from those that it opens with
MORE = (
    "photograph?do=approximate",
    "photograph?do=inpaint",
    "dictionary?part=networks",
)


@pytest.mark.parametrize("path", MORE)
def test_every_download_starts_and_is_what_its_name_says(visit, path):
    check_all(visit(path), path)


def test_a_download_that_fails_says_so_until_it_is_read(visit, served, tmp_path):
    script = tmp_path / "failing.py"
    script.write_text(FAILS)
    with served(
        [sys.executable, "-m", "streamlit", "run", script],
        ROOT,
        tmp_path / "log",
        PYTHONPATH=str(ROOT),
    ) as address:
        page = visit(f"{address}/broken?of=these")
        page.get_by_label("A word").fill("kept")
        page.get_by_label("A word").press("Enter")
        page.get_by_role("button", name="Numbers (CSV)").click()
        toast = page.get_by_test_id("stToast").filter(has_text="Numbers (CSV) could not be made")
        toast.wait_for()
        page.wait_for_timeout(5500)  # Streamlit's own words go after five seconds
        assert "there are no numbers: choose others" in toast.inner_text()
        assert page.get_by_role("heading", name="A page").is_visible() and page.url.endswith(
            "/broken?of=these"
        )
        assert page.get_by_label("A word").input_value() == "kept"
        page.goto("about:blank")  # before the app ends, which the page would complain about


def test_a_tooltip_goes_when_its_button_opens_a_menu(visit):
    page = visit("gates")
    button = page.get_by_role("button", name="Upload")
    tooltip = page.get_by_role("tooltip").filter(has_text="A picture of your own")
    button.hover()
    tooltip.wait_for()
    button.click()
    page.get_by_test_id("stPopoverBody").wait_for()
    expect(tooltip).to_be_hidden()
