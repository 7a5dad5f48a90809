"""What readers see in a language that is made of English (tests/pseudo.py): no words of ours are left in English, and longer
ones are neither cut nor on top of each other."""

import os
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import torch
from pseudo import CHROME, LANGUAGE, STREAMLIT, TEXTS, UNREADABLE, escaped, write

import sc2viz
from sc2viz import data, words
from sc2viz.ui.app import TITLES

pytestmark = [pytest.mark.browser, pytest.mark.release]

ROOT = Path(__file__).parents[2]
# The app and the command, with the catalogue of the pseudo-language in the place of the others
SPOKEN = "import sys; from pathlib import Path; from sc2viz import words; words.FOLDER = Path(sys.argv.pop(1)); "
APP = SPOKEN + "from streamlit.web import cli; sys.argv[1:1] = ['run', 'app.py']; cli.main()"
SITE = SPOKEN + "from sc2viz.__main__ import main; main(sys.argv[1:])"
WINDOWS = {
    "a phone": (390, 844, ""),
    "a narrow window": (1024, 768, ""),
    "a window": (1280, 720, ""),
    "a projector": (1280, 720, "&present=true"),
}


def readable(page) -> None:
    """Nothing of ours on the page is English, cut, or on top of another text."""
    assert not escaped(page.evaluate(TEXTS, CHROME))
    texts = page.evaluate(UNREADABLE)
    over = [
        both for both in texts["over"] if both.split(" | ")[0] not in STREAMLIT
    ]  # such as a link that is out of sight
    assert not texts["cut"] and not over, texts


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of the catalogue."""
    return write(tmp_path_factory.mktemp("pseudo"))


def test_the_page_to_take_away(chromium, folder, monkeypatch, tmp_path):
    monkeypatch.setattr(words, "FOLDER", folder)
    x = data.load("digits", "test").pixels[0]
    generator = torch.Generator().manual_seed(0)
    B = torch.nn.functional.normalize(torch.randn(len(x), 30, generator=generator), dim=0)
    file = sc2viz.live(x, B, ["ista", "fista"], noun="digit", language=LANGUAGE).save(
        tmp_path / "page.html"
    )
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.goto(file.as_uri())
    page.wait_for_selector(".distances .curve[d]")
    assert page.evaluate("document.documentElement.lang") == LANGUAGE
    readable(page)
    page.set_viewport_size({"width": 390, "height": 844})
    readable(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
    words.catalogue.cache_clear()


@pytest.fixture(scope="module")
def app(served, folder, tmp_path_factory):
    """The address of the app in the pseudo-language."""
    log = tmp_path_factory.mktemp("app") / "log"
    with served(
        [sys.executable, "-c", APP, folder], ROOT, log, SC2VIZ_LANGUAGES=LANGUAGE
    ) as address:
        yield address


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("path", TITLES)
def test_a_page(visit, app, path, window):
    width, height, options = WINDOWS[window]
    page = visit(f"{app}/{path}?lang={LANGUAGE}{options}", width, height)
    page.wait_for_function("(spoken) => document.documentElement.lang === spoken", arg=LANGUAGE)
    page.wait_for_function(
        "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"
    )
    page.wait_for_timeout(1500)  # what is drawn in the browser
    readable(page)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_menu_of_languages(visit, app, width):
    page = visit(f"{app}/compare?data=digits", width, 720)
    page.wait_for_selector(".chips")
    if width == 390:
        page.get_by_test_id("stExpandSidebarButton").click()
    menu = page.get_by_role("combobox", name="Language")
    menu.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # a click that scrolls the sidebar itself closes the menu
    menu.click()
    page.get_by_role("option", name="Éñglíšh").click()
    page.wait_for_function("(spoken) => document.documentElement.lang === spoken", arg=LANGUAGE)
    page.wait_for_function(
        "!document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')"
    )
    assert f"lang={LANGUAGE}" in page.url
    assert page.locator(".chips").count() == 1  # none is left in the language before


def test_a_tour(visit, app):
    page = visit(f"{app}/welcome?lang={LANGUAGE}&tour=ten-minutes&step=3", 1280, 720)
    page.wait_for_function("(spoken) => document.documentElement.lang === spoken", arg=LANGUAGE)
    readable(page)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_of_phones(chromium, app, width):
    page = chromium.new_page(locale=LANGUAGE, viewport={"width": width, "height": 844})
    page.goto(f"{app}/join")
    page.wait_for_selector("main *")
    assert page.evaluate("document.documentElement.lang") == LANGUAGE
    readable(page)
    page.close()


@pytest.fixture
def site(folder, tmp_path):
    """The address of the site with the pseudo-language."""
    command = [sys.executable, "-c", SITE, folder, "live", "--data", "digits", "--out", tmp_path]
    subprocess.run(command, check=True, cwd=ROOT, env=os.environ | {"SC2VIZ_LANGUAGES": LANGUAGE})
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path)
    )
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def test_the_site(chromium, site):
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{site}?lang={LANGUAGE}")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for link in page.locator("nav a").all():
            link.click()
            page.wait_for_timeout(1500)  # what is drawn in the browser
            readable(page)
    page.close()
