"""Firefox and WebKit show every page of the app and every part of the site, and follow the mouse, as Chromium does."""

import shutil

import numpy as np
import pytest
from end_to_end import firefox, webkit
from end_to_end.drawing import SEVEN
from end_to_end.test_site import PARTS, site, site_folder  # noqa: F401 (fixtures)

from sc2viz import checkpoints, data, lasso
from sc2viz.ui.app import TITLES

pytestmark = [pytest.mark.browser, pytest.mark.release]

BROWSERS = {
    "firefox": (firefox, firefox.PATH is not None),
    "webkit": (webkit, None not in (webkit.DRIVER, webkit.DISPLAY, webkit.BROWSER)),
}
# The page and the components that stand in shadow roots of it
ROOTS = """[document, ...[...document.querySelectorAll('*')].map(each => each.shadowRoot).filter(Boolean)]"""
DRAWN = f"""document.querySelector('.stMain h1') && !document.querySelector('.st-key-opening') &&
    document.querySelector('.stApp').dataset.testScriptState === 'notRunning' &&
    {ROOTS}.some(root => [...root.querySelectorAll('canvas, svg, .js-plotly-plot, figure')]
        .some(each => each.checkVisibility() && each.getBoundingClientRect().height > 60))"""


def find(selector: str) -> str:
    """JavaScript for the first element that a selector finds, in a shadow root or not."""
    return f"{ROOTS}.map(root => root.querySelector(`{selector}`)).find(Boolean)"


def place(page, selector: str) -> tuple[float, ...]:
    """Where the first element that a selector finds is in the window, once it is there: left, top, width and height."""
    box = "b => [b.left, b.top, b.width, b.height].join()"
    said = page.until(f"(e => e && ({box})(e.getBoundingClientRect()))({find(selector)})")
    return tuple(map(float, said.split(",")))


def press(words: str) -> str:
    """JavaScript that clicks the button with these words, and says whether there was one that can be pressed."""
    buttons = f"{ROOTS}.flatMap(root => [...root.querySelectorAll('button')])"
    return f"(b => b && (b.click(), true))({buttons}.find(b => b.innerText.includes('{words}') && !b.disabled))"


@pytest.fixture(params=BROWSERS)
def tab(request, tmp_path):
    """What opens an address in one of the browsers."""
    browser, is_installed = BROWSERS[request.param]
    if not is_installed:
        pytest.skip(f"{request.param} is not installed")
    with browser.running(tmp_path) as open_tab:
        yield open_tab


def test_every_page_draws(tab, address):
    for path in TITLES:
        page = tab(f"{address}/{path}?data=digits" if path != "photograph" else f"{address}/{path}")
        page.until(DRAWN)
        assert page.run("document.documentElement.scrollWidth <= innerWidth"), path
        assert not page.run("document.querySelector('.stException, .stAlert')"), path


def test_pictures_follow_lambda_under_the_mouse(tab, address):
    B, x = checkpoints.load_dictionary("digits"), data.load("digits", "test").pixels[3:4]
    page = tab(f"{address}/welcome?data=digits&picture=3&lam=0.1")
    page.until(DRAWN)
    page.until(f"{find('.adder .says')}?.innerText.startsWith('λ = 0.1:')")
    before = page.run(f"{find('canvas.sum')}.toDataURL()")
    left, top, width, height = place(page, ".sliders input[type=range]")
    where = float(
        page.run(
            "(s => (s.value - s.min) / (s.max - s.min))(" + find(".sliders input[type=range]") + ")"
        )
    )
    places = [
        (left + 10 + share * (width - 20), top + height / 2) for share in np.linspace(where, 1, 8)
    ]
    page.drag([*places, (left + width + 20, top + height / 2)])
    atoms = int((lasso.solve(x, B, 1.0, tol=1e-9).codes.abs() > 1e-3).sum())
    page.until(f"{find('.adder .says')}.innerText.startsWith('λ = 1: {atoms} atom')")
    assert page.run(f"{find('canvas.sum')}.toDataURL()") != before
    page.until("location.search.includes('lam=1')")


def test_codes_follow_the_pen(tab, address):
    page = tab(f"{address}/compare?draw=true&lam=0.1&solvers=FISTA")
    page.until(DRAWN)
    number = f"{find('.pen-list li b')}?.innerText"
    page.until(f"{number} === '–'")
    left, top, width, height = place(page, "[aria-label^='Draw a digit here']")
    page.drag([(left + a * width, top + b * height) for a, b in SEVEN])
    page.until(f"/\\d/.test({number})")
    page.until("document.body.innerText.includes('Your picture')")


def test_a_lecturer_asks_and_a_phone_answers(address, tmp_path):
    """A phone with WebKit, of which there is one window at a time, answers a lecturer with Firefox."""
    if not all(is_installed for _, is_installed in BROWSERS.values()):
        pytest.skip("Firefox or WebKit is not installed")
    (profile := tmp_path / "lecturer").mkdir()
    with firefox.running(profile) as lectures, webkit.running(tmp_path) as answers:
        lecturer = lectures(f"{address}/?tour=ten-minutes&step=1&data=digits")
        lecturer.until("document.querySelector('.st-key-class-ask button')?.disabled === false")
        lecturer.run("document.querySelector('.st-key-class-ask button').click()")
        code = lecturer.until("document.querySelector('.invite .code')?.innerText")
        phone = answers(f"{address}/join?room={code}", 500, 844)
        phone.until("document.querySelector('[type=range]')")
        phone.run(
            "(e => { e.value = 80; e.dispatchEvent(new Event('input')); })(document.querySelector('[type=range]'))"
        )
        phone.until(press("Send"))
        phone.until("document.body.innerText.includes('Your answer has arrived.')")
        lecturer.until(
            f"{ROOTS}.map(root => root.textContent).join().includes('Answers: 1 · Phones: 1')"
        )


@pytest.mark.parametrize("served", [True, False], ids=["served", "from the disk"])
def test_every_part_of_the_site_draws_and_its_tour_walks(tab, site, site_folder, tmp_path, served):  # noqa: F811
    start = site if served else f"file://{shutil.copy(site_folder / 'sc2viz.html', tmp_path)}"
    for part, shows in PARTS.items():
        page = tab(f"{start}#{part}")
        page.until(f"!document.querySelector('main[aria-busy]') && !!{find(shows)}")
        assert page.run("document.documentElement.scrollWidth <= innerWidth"), part
    page = tab(f"{start}#sum")
    said = "document.querySelector('.sc-sentence')?.innerText"
    before = page.until(f"!document.querySelector('main[aria-busy]') && {said}")
    slider = find(".knob input[type=range]")
    page.run(
        f"(s => {{ s.value = s.max; s.dispatchEvent(new Event('input', {{ bubbles: true }})); }})({slider})"
    )
    page.until(f"{said} !== {before!r}")
    page = tab(f"{start}#sum&tour=ten-minutes&at=1&picture=3")
    for step in (2, 3):
        page.until(press("Next"))  # which shows the answer first
        page.until("!!document.querySelector('.told')")
        page.until(press("Next"))
        page.until(f"location.hash.includes('at={step}')")
