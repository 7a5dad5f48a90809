"""Tours in a browser: a click starts one, and whole tours by the keyboard, for a projector and on a phone: each step opens
what it speaks of, and axe finds nothing."""

import pytest
from end_to_end import accessible

from sc2viz.ui.tours import reading

pytestmark = pytest.mark.browser

TOURS, _ = reading.available()
RESTS = """() => document.querySelector('.stApp').dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-stale=true]')"""
STRIP = 720 - 3 * 24  # px: where the strip with λ begins while one presents
# Whether the part that a step speaks of is lit, and in view between the tour's bar and what stands at the lower edge.
LIT = """key => {
    const [part, bar] = [`.st-key-${key}`, ".st-key-tour"].map(name => document.querySelector(name));
    if (!part || getComputedStyle(part).outlineStyle !== "solid") return false;
    const low = innerHeight - parseFloat(getComputedStyle(part).scrollMarginBottom);
    const { top, bottom } = part.getBoundingClientRect();
    return top >= bar.getBoundingClientRect().bottom - 8 && Math.min(bottom, top + 60) <= low + 8;
}"""
# The words of which the tour's bar covers a part: a title, a sentence, chips.
CUT = """() => {
    const edge = document.querySelector(".st-key-tour").getBoundingClientRect().bottom;
    const words = ".stMain :is(h1, h2, h3, p, li, .st-key-solver-chips):not(.st-key-tour *, .st-key-frame *)";
    return [...document.querySelectorAll(words)].filter(each => {
        const { top, bottom } = each.getBoundingClientRect();
        return each.checkVisibility({ visibilityProperty: true }) && top < edge - 4 && bottom > edge + 4;
    }).map(each => each.textContent.slice(0, 60));
}"""

# The words that are seen between the tour's bar and the part that a step speaks of.
BETWEEN = """key => {
    const [part, bar] = [`.st-key-${key}`, ".st-key-tour"].map(name =>
        document.querySelector(name).getBoundingClientRect());
    const words = ".stMain :is(p, li):not(.st-key-tour *, .st-key-frame *)";
    return [...document.querySelectorAll(words)].filter(each => {
        const { top, bottom } = each.getBoundingClientRect();
        return each.checkVisibility() && bottom > bar.bottom + 4 && top < part.top - 4;
    }).map(each => each.textContent.slice(0, 60));
}"""


def start(page, name: str) -> None:
    """Click the button that starts a tour, as a reader finds it on Welcome, and wait for its first step."""
    page.locator(".st-key-tours button").first.wait_for()
    if name != next(iter(TOURS)):
        page.get_by_role("button", name="More tours").click()
    page.get_by_role(
        "button", name=TOURS[name].title
    ).first.click()  # its file’s button has the file’s name
    page.mouse.move(0, 0)  # so that nothing is hovered
    page.locator(f".st-key-tour-guide [data-at='{name} 1']").wait_for(state="attached")
    assert page.url.split("?")[0].endswith(TOURS[name].steps[0].path)
    assert f"tour={name}" in page.url
    page.wait_for_function(RESTS)


def arrive(page, name: str, k: int, covered: bool) -> None:
    """Wait for step k of a tour, and for its question."""
    page.locator(f".st-key-tour-guide [data-at='{name} {k}']").wait_for(state="attached")
    page.locator(".st-key-question").wait_for(state="visible" if covered else "detached")
    page.wait_for_function(RESTS)


def uncover(page, step: reading.TourStep) -> None:
    """Show the answer where a step asks first."""
    if step.question:
        page.keyboard.press("PageDown")
        page.locator(".st-key-question").wait_for(state="detached")
        page.wait_for_function(RESTS)


@pytest.mark.release
def test_a_clicker_shows_each_answer_before_it_goes_on_and_leaves_nothing_open(visit):
    name, steps = "ten-minutes", TOURS["ten-minutes"].steps
    page = visit("welcome?present=true", height=720)
    start(page, name)
    lam, size = page.locator(".st-key-lam input"), "e => parseFloat(getComputedStyle(e).fontSize)"
    for k, price, next_price in ((1, "0.5", "0.5"), (2, "0.5", "1")):
        arrive(page, name, k, covered=True)
        assert lam.input_value() == price
        picture = page.locator(".adder canvas.sum")  # which nobody has met before
        assert picture.is_visible() and picture.bounding_box()["y"] + 100 < STRIP
        assert page.get_by_text(steps[k - 1].sentence).is_visible()
        page.keyboard.press("PageDown")
        arrive(page, name, k, covered=False)
        assert lam.input_value() == next_price
        spoken = page.get_by_text(steps[k - 1].sentence), page.locator(".tour .attempt")
        assert all(text.is_visible() for text in spoken)
        answers = page.locator(".told .marked li, .told .scale")
        assert min(text.evaluate(size) for text in spoken) > answers.first.evaluate(size)
        page.wait_for_function(LIT, arg=steps[k - 1].light)
        page.keyboard.press("PageDown")
    page = visit(f"?tour={name}&step={len(steps)}&present=true", height=720)
    arrive(page, name, len(steps), covered=False)
    assert page.get_by_role("switch", name="Draw a digit").is_checked()
    page.keyboard.press("PageDown")
    page.locator(".st-key-tour").wait_for(state="detached")
    page.wait_for_function(RESTS)
    assert not page.get_by_role("switch", name="Draw a digit").is_checked()
    assert page.get_by_role("button", name=f"{TOURS[name].title} · again").is_visible()


@pytest.mark.release
@pytest.mark.parametrize("name", TOURS)
@pytest.mark.parametrize(("width", "height", "presents"), [(1280, 720, True), (390, 844, False)])
def test_a_tour_is_walked_by_keyboard_and_lights_what_it_speaks_of(
    visit, name, width, height, presents
):
    steps, wrong = TOURS[name].steps, []
    page = visit(f"welcome?{'present=true' * presents}", width=width, height=height)
    start(page, name)
    for k, step in enumerate(steps, 1):
        page.locator(f".st-key-tour-guide [data-at='{name} {k}']").wait_for(state="attached")
        page.wait_for_function(RESTS)
        wrong += [
            f"step {k}, covered: {violation}"
            for violation in (accessible.violations(page) if step.question else [])
        ]
        uncover(page, step)
        page.wait_for_function(LIT, arg=step.light)
        if step.question and step.question.figure:
            page.locator(f".st-key-{step.question.figure.split()[0]} > .sc-marks .truth").wait_for()
        assert page.url.split("?")[0].endswith(step.path)
        wrong += [f"step {k}: {violation}" for violation in accessible.violations(page)]
        wrong += [f"step {k}: the bar cuts “{violation}”" for violation in page.evaluate(CUT)]
        wide, room = page.evaluate(
            "(m => [m.scrollWidth, m.clientWidth])(document.querySelector('.stMain'))"
        )
        wrong += [f"step {k}: {wide} px wide in {room}"] * (wide > room)
        page.keyboard.press("PageDown")  # at the end, out of the tour
    page.locator(".st-key-tour").wait_for(state="detached")
    assert not wrong, "\n".join(wrong)


def test_a_part_far_down_begins_below_the_bar_without_lines_of_what_stands_above_it(visit):
    page = visit("?tour=questions&step=5", width=1366, height=768)
    light = TOURS["questions"].steps[4].light
    page.wait_for_function(LIT, arg=light)
    page.wait_for_function(f"key => !({BETWEEN})(key).length", arg=light)


def test_the_bar_of_a_tour_leaves_a_phone_the_picture(visit):
    page = visit("?tour=ten-minutes&step=3", width=390, height=844)
    arrive(page, "ten-minutes", 3, covered=True)
    uncover(page, TOURS["ten-minutes"].steps[2])
    page.wait_for_function(LIT, arg="zeros")
    assert page.locator(".st-key-tour").bounding_box()["height"] <= 0.4 * 844
