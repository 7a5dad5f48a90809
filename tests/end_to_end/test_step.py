"""All iterations in a real browser: the scrubber as a reader uses it."""

import random
import re

import pytest
from end_to_end.dragging import Drag

pytestmark = pytest.mark.browser

PATH = "step?shows=iterations&data=digits&stepped=ISTA&stepped=FISTA&lam=0.1"
LAMBDA = "λ, the price of the code"


def ready(page) -> None:
    page.wait_for_selector(".scrubber .cards article")


def settled(page) -> None:
    """Wait until the server has answered: a Back that comes before its answer is a change of both at once."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def at(page) -> int:
    return int(page.locator(".scrubber").get_attribute("data-at"))


def pixels(page, card: str, panel: int = 0) -> str:
    picture = page.locator(f"article[aria-label='{card}'] figure :is(canvas, svg)").nth(panel)
    return picture.evaluate("each => each.toDataURL?.() ?? each.innerHTML")


def focus(page) -> None:
    page.get_by_role("slider", name="iteration", exact=True).focus()


@pytest.fixture(scope="module")
def opened(stay):
    """A page for the tests that move the iteration alone, or look."""
    page = stay(PATH)
    ready(page)
    assert at(page) == 5
    return page


@pytest.fixture
def fifth(opened):
    """The same page at the iteration with which it opens."""
    focus(opened)
    opened.keyboard.press("Home")
    for _ in range(5):
        opened.keyboard.press("ArrowRight")
    assert at(opened) == 5
    settled(opened)
    return opened


def test_arrow_keys_step_and_the_pictures_change(fifth):
    page = fifth
    pictures_before = [pixels(page, card, k) for card in ("ISTA", "FISTA") for k in range(3)]
    target = pixels(page, "Exact optimum")
    page.keyboard.press("ArrowRight")
    assert at(page) == 6
    pictures_after = [pixels(page, card, k) for card in ("ISTA", "FISTA") for k in range(3)]
    assert all(
        first != second for first, second in zip(pictures_before, pictures_after, strict=True)
    )
    assert pixels(page, "Exact optimum") == target
    assert "After 6 iterations" in page.locator(".scrubber .caption").inner_text()
    page.keyboard.press("ArrowLeft")
    assert [
        pixels(page, card, k) for card in ("ISTA", "FISTA") for k in range(3)
    ] == pictures_before
    page.keyboard.press("End")
    assert at(page) == 10
    page.keyboard.press("Home")
    assert at(page) == 0
    assert "iteration 0 of 10" in page.locator(".scrubber output").inner_text()


def test_arrow_keys_step_after_a_click_on_the_page(fifth):
    page = fifth
    page.get_by_role("heading", name="Solvers").first.click()
    page.keyboard.press("ArrowRight")
    assert at(page) == 6


@pytest.mark.release
def test_the_position_survives_a_change_of_lambda_and_stands_in_the_address(visit):
    page = visit(PATH)
    ready(page)
    focus(page)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_url("**t=8*")
    pixels_before = pixels(page, "ISTA")
    page.get_by_role("slider", name=LAMBDA).focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**lam=0.09*")
    for _ in range(100):
        if pixels(page, "ISTA") != pixels_before:
            break
        page.wait_for_timeout(50)
    assert pixels(page, "ISTA") != pixels_before
    assert at(page) == 8
    second_page = visit(page.url.split("/", 3)[3])
    ready(second_page)
    assert at(second_page) == 8
    assert pixels(second_page, "ISTA") == pixels(page, "ISTA")


@pytest.mark.release
def test_back_and_forward_restore_the_iteration(visit):
    page = visit(PATH)
    ready(page)
    for t in (6, 7):
        focus(page)
        page.keyboard.press("ArrowRight")
        page.wait_for_url(f"**t={t}*")
        settled(page)
    for turn, t in ((page.go_back, 6), (page.go_back, 5), (page.go_forward, 6)):
        turn()
        page.locator(f".scrubber[data-at='{t}']").wait_for()
    page.go_forward()
    page.locator(".scrubber[data-at='7']").wait_for()
    focus(page)
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**t=6*")


def test_play_runs_to_the_end_and_stops(visit):
    page = visit(PATH, reduced_motion="no-preference")
    ready(page)
    page.get_by_role("button", name="First iteration").click()
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_label("Steps a second").select_option("30")
    page.locator(".scrubber[data-at='10']").wait_for()
    page.get_by_role("button", name="Play", exact=True).wait_for()  # no longer "Pause"
    assert page.get_by_role("button", name="Last iteration").is_disabled()


def test_dragging_the_curve_moves_the_position(fifth):
    page = fifth
    curve = page.locator(".scrubber .curves > svg")
    curve.scroll_into_view_if_needed()
    box = curve.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 13, box["y"] + 60)
    page.mouse.up()
    assert at(page) == 10


# What the page says at one moment: its sentence, and by solver what the legend and the card read and where the dot stands.
SAID = """() => {
    const roots = [...document.querySelectorAll('*')].map(each => each.shadowRoot).filter(Boolean);
    const root = roots.map(each => each.querySelector('.scrubber')).find(Boolean);
    const figure = root.querySelector('.curves'), svg = figure.querySelector(':scope > svg');
    const levels = [...svg.querySelectorAll(':scope > g > .level')].map(each =>
        [Number(each.getAttribute('y')) - 4, Number(each.textContent.replace(/[ ,\u00a0%]/g, ''))]).filter(([, v]) => v > 0);
    const [[y0, v0], [y1, v1]] = [levels[0], levels.at(-1)];
    const dots = [...svg.querySelectorAll('.point')].map(each =>
        v0 * (v1 / v0) ** ((Number(each.getAttribute('cy')) - y0) / (y1 - y0)));
    const lines = [...figure.querySelectorAll('.legend li')].map((each, k) => {
        const label = each.querySelector('span').textContent;
        const card = root.querySelector(`article[aria-label="${label}"] .headline dd`).textContent;
        return [label, each.querySelector('b').textContent, card, dots[k]];
    });
    return [root.querySelector('.caption').textContent, lines, root.dataset.at, root.dataset.stop];
}"""


def agree(page) -> tuple[str, str]:
    """Whether sentence, legend, card and dot read the same number; where the player and the sliders stand."""
    sentence, lines, iteration, stop = page.evaluate(SAID)
    text = sentence.replace("\u00a0", " ")
    best = min(dot for *_, dot in lines)
    for label, legend, card, dot in lines:
        assert legend == card.lstrip("+"), (label, legend, card, text)
        number = float(re.match(r"[\d.,]+", legend)[0].replace(",", ""))
        assert dot == pytest.approx(number, rel=0.06), (label, legend, dot, text)
        if dot == best:
            assert (
                f"{label} has the lowest F: it is {legend.replace(chr(160), ' ')} above the optimum"
                in text
            )
    if stop.startswith("t "):
        assert f"After {iteration} iteration" in text
    return iteration, stop


@pytest.mark.release
def test_sentence_legend_card_and_dot_read_one_number_at_ten_random_moments(visit):
    page, draw = (
        visit(
            "step?shows=iterations&data=digits&stepped=ISTA&stepped=FISTA&lam=0.1&T=20&t=4",
            reduced_motion="no-preference",
        ),
        random.Random(36),
    )
    ready(page)
    readings_seen = []
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_label("Steps a second").select_option("5")
    for _ in range(4):
        page.wait_for_timeout(draw.uniform(150, 500))
        readings_seen.append(agree(page))
    page.get_by_role("button", name="Pause", exact=True).click()
    readings_seen.append(agree(page))
    with Drag(page, "iteration") as drag:
        for _ in range(3):
            drag.to(draw.uniform(0.15, 1))
            readings_seen.append(agree(page))
    settled(page)
    page.wait_for_timeout(800)
    settled(page)
    with Drag(page, LAMBDA) as drag:
        for _ in range(2):
            drag.to(draw.uniform(0.2, 0.8))
            readings_seen.append(agree(page))
    assert len(readings_seen) == 10 and len(set(readings_seen)) > 6
