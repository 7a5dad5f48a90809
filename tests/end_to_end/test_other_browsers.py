"""Firefox and WebKit show every page of the app and every part of the site, and follow the mouse, as Chromium does."""

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
    box_text = page.until(f"(e => e && ({box})(e.getBoundingClientRect()))({find(selector)})")
    return tuple(map(float, box_text.split(",")))


def press(text: str) -> str:
    """JavaScript that clicks the button with these words, and says whether there was one that can be pressed."""
    buttons = f"{ROOTS}.flatMap(root => [...root.querySelectorAll('button')])"
    return f"(b => b && (b.click(), true))({buttons}.find(b => b.innerText.includes('{text}') && !b.disabled))"


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
    assert page.errors == []


def test_pictures_follow_lambda_under_the_mouse(tab, address):
    B, x = checkpoints.load_dictionary("digits"), data.load("digits", "test").pixels[3:4]
    page = tab(f"{address}/welcome?data=digits&picture=3&lam=0.1")
    page.until(DRAWN)
    page.until(f"{find('.adder .says')}?.innerText.startsWith('λ = 0.1:')")
    pixels = page.run(f"{find('canvas.sum')}.toDataURL()")
    x_start, top, width, height = place(page, ".sliders input[type=range]")
    level = float(
        page.run(
            "(s => (s.value - s.min) / (s.max - s.min))(" + find(".sliders input[type=range]") + ")"
        )
    )
    places = [
        (x_start + 10 + share * (width - 20), top + height / 2)
        for share in np.linspace(level, 1, 8)
    ]
    page.drag([*places, (x_start + width + 20, top + height / 2)])
    atoms = int((lasso.solve(x, B, 1.0, tol=1e-9).codes.abs() > 1e-3).sum())
    page.until(f"{find('.adder .says')}.innerText.startsWith('λ = 1: {atoms} atom')")
    assert page.run(f"{find('canvas.sum')}.toDataURL()") != pixels
    page.until("location.search.includes('lam=1')")


def test_codes_follow_the_pen(tab, address):
    page = tab(f"{address}/compare?draw=true&lam=0.1&solvers=FISTA")
    page.until(DRAWN)
    number = f"{find('.pen-list li b')}?.innerText"
    page.until(f"{number} === '–'")
    x, top, width, height = place(page, "[aria-label^='Draw a digit here']")
    page.drag([(x + a * width, top + b * height) for a, b in SEVEN])
    page.until(f"/\\d/.test({number})")
    page.until("document.body.innerText.includes('Your picture')")


def test_a_lecturer_asks_and_phones_answer_and_draw(address, tmp_path):
    """A phone with WebKit, of which there is one window at a time, answers a lecturer with Firefox. It draws, and so does another
    with Firefox."""
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
        lecturer.until(press("Room"))
        lecturer.until(press("Let the class draw"))
        second_phone = lectures(f"{address}/join?room={code}", 390, 844)
        for browser, points in ((phone, SEVEN), (second_phone, SEVEN[:2])):
            x, top, width, height = place(browser, ".pad canvas")
            browser.drag([(x + a * width, top + b * height) for a, b in points])
            browser.until(press("Send"))
            browser.until("document.body.innerText.includes('Your digit has arrived.')")
        lecturer.until(f"{find('.wall summary')}.innerText === '2 drawings, 0 shown'")
        lecturer.until(press("Show all"))
        lecturer.run(f"{find('.wall-tiles button:nth-child(2)')}.click()")
        lecturer.until(f"{find('.wall summary')}.innerText === '2 drawings, 1 shown'")
        lecturer.until(press("Take the newest"))
        strip = "document.querySelector('.st-key-strip').innerText"
        lecturer.until(f"{strip}.includes('Drawn by the class')")
        x, top, width, height = place(lecturer, ".sliders input[type=range]")
        lecturer.drag([(x + share * width, top + height / 2) for share in (0.75, 0.5, 0.3)])
        lecturer.until("!location.search.includes('lam=0.5')")
        lecturer.until(press("Close the round"))
        phone.until(press("See your digit"))
        phone.until(f"{find('.adder .says')}?.innerText.startsWith('λ = ')")
        lecturer.until(press("Back to digits"))
        lecturer.until(f"!{strip}.includes('Drawn by the class')")


@pytest.mark.parametrize("served", [True, False], ids=["served", "from the disk"])
def test_every_part_of_the_site_draws_and_its_tour_walks(tab, site, site_folder, tmp_path, served):  # noqa: F811
    copy = tmp_path / "sc2viz.html"
    text = (site_folder / "sc2viz.html").read_text("utf-8")
    copy.write_text(text.replace("<head>", f"<head>{webkit.COLLECTS}", 1), "utf-8")
    start = site if served else f"file://{copy}"
    for part_name, shows in PARTS.items():
        page = tab(f"{start}#{part_name}")
        page.until(f"!document.querySelector('main[aria-busy]') && !!{find(shows)}")
        assert page.run("document.documentElement.scrollWidth <= innerWidth"), part_name
        assert page.errors == [], part_name
    page = tab(f"{start}#sum")
    sentence = "document.querySelector('.sc-sentence')?.innerText"
    sentence_before = page.until(f"!document.querySelector('main[aria-busy]') && {sentence}")
    slider = find(".knob input[type=range]")
    page.run(
        f"(s => {{ s.value = s.max; s.dispatchEvent(new Event('input', {{ bubbles: true }})); }})({slider})"
    )
    page.until(f"{sentence} !== {sentence_before!r}")
    page = tab(f"{start}#sum&tour=ten-minutes&at=1&picture=3")
    for step in (2, 3):
        page.until(press("Next"))  # which shows the answer first
        page.until("!!document.querySelector('.told')")
        page.until(press("Next"))
        page.until(f"location.hash.includes('at={step}')")
    assert page.errors == []
