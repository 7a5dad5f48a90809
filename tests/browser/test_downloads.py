"""Every download of every page in a real browser: it starts, and it is what its name says."""

import sys
from pathlib import Path

import pytest

from sc2viz.ui.app import TITLES

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
FAILS = """
import streamlit as st
from sc2viz.ui import errors, page


def fail():
    raise ValueError("there are no numbers: choose others")


def broken():
    st.title("A page")
    st.text_input("A word")
    page.take_away([page.csv("none", fail)], "pass")


current = st.navigation([st.Page(lambda: st.title("Another"), title="Another", default=True, url_path="another"),
                         st.Page(broken, title="A page", url_path="broken")])
errors.failed_download()
current.run()
"""
STARTS = {".png": b"\x89PNG", ".html": b"<!doctype html", ".npz": b"PK", ".npy": b"\x93NUMPY"}
# Views of a page whose downloads differ from those that it opens with
MORE = "photograph?do=approximate", "photograph?do=inpaint", "dictionary?part=learning", "dictionary?part=networks"


def download(page, button) -> tuple[str, bytes]:
    """The name and the content of what a button gives. A page that has just run again may have closed its menu, or forgotten
    the file for which the button was pressed: it is then pressed once more."""
    if not button.is_visible():
        page.get_by_role("button", name="Take away").click()
    came = []
    page.once("download", lambda found: came.append(found))
    button.click()
    for wait in range(150):
        if came:
            break
        if wait == 50:
            button.click()
        page.wait_for_timeout(200)
    assert came, "no download has started"
    return came[0].suggested_filename, came[0].path().read_bytes()


@pytest.mark.parametrize("path", [*TITLES, *MORE])
def test_every_download_starts_and_is_what_its_name_says(visit, path):
    page = visit(path)
    page.wait_for_function("!/ being /.test(document.querySelector('.st-key-caption')?.innerText ?? '')", timeout=60_000)
    page.get_by_role("button", name="Take away").click()
    files = page.locator("[class*='st-key-get-'] button")
    files.first.wait_for()
    page.wait_for_function("!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')")
    seen = set()
    for k in range(files.count()):
        name, content = download(page, files.nth(k))
        assert content, name
        ending = name[name.rindex(".") :]
        assert content.lower().startswith(STARTS.get(ending, b"").lower()), name
        if ending == ".csv":
            lines = content.decode().splitlines()
            assert "," in lines[0] and (len(lines) > 1 or path == "train"), name  # nothing has been trained yet
        seen.add(name)
    assert seen
    assert page.get_by_test_id("stDownloadButtonError").count() == 0


def test_a_download_that_fails_says_so_until_it_is_read(visit, served, tmp_path):
    script = tmp_path / "failing.py"
    script.write_text(FAILS)
    with served([sys.executable, "-m", "streamlit", "run", script], ROOT, tmp_path / "log", PYTHONPATH=str(ROOT)) as address:
        page = visit(f"{address}/broken?of=these")
        page.get_by_label("A word").fill("kept")
        page.get_by_label("A word").press("Enter")
        page.get_by_role("button", name="Take away").click()
        page.get_by_role("button", name="Numbers (CSV)").click()
        toast = page.get_by_test_id("stToast").filter(has_text="Numbers (CSV) could not be made")
        toast.wait_for()
        page.wait_for_timeout(5500)  # Streamlit's own words go after five seconds
        assert "there are no numbers: choose others" in toast.inner_text()
        assert page.get_by_role("heading", name="A page").is_visible() and page.url.endswith("/broken?of=these")
        assert page.get_by_label("A word").input_value() == "kept"
        page.goto("about:blank")  # before the app ends, which the page would complain about
