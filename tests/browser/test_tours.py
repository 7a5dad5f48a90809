"""Whole tours by the keyboard, for a projector and on a phone: each step opens what it speaks of, and axe finds nothing."""

import pytest
from browser import accessible

from sc2viz.ui import app, url
from sc2viz.ui.tours import reading

pytestmark = pytest.mark.browser

TOURS, _ = reading.available(app.TITLES, url.TABLE)
RESTS = """() => document.querySelector('.stApp').dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-stale=true]')"""
# Whether the part that a step speaks of is lit, and in view between the tour's bar and what stands at the lower edge.
LIT = """key => {
    const [part, bar] = [`.st-key-${key}`, ".st-key-tour"].map(name => document.querySelector(name));
    if (!part || getComputedStyle(part).outlineStyle !== "solid") return false;
    const low = innerHeight - parseFloat(getComputedStyle(part).scrollMarginBottom);
    const { top, bottom } = part.getBoundingClientRect();
    return top >= bar.getBoundingClientRect().bottom - 8 && Math.min(bottom, top + 60) <= low + 8;
}"""


@pytest.mark.release
@pytest.mark.parametrize("name", TOURS)
@pytest.mark.parametrize(("width", "height", "presents"), [(1280, 720, True), (390, 844, False)])
def test_a_tour_is_walked_by_keyboard_and_lights_what_it_speaks_of(visit, name, width, height, presents):
    steps, wrong = TOURS[name].steps, []
    page = visit(f"?tour={name}&step=1{'&present=true' * presents}", width=width, height=height)
    for k, step in enumerate(steps, 1):
        page.locator(f".st-key-tour-guide [data-at='{name} {k}']").wait_for(state="attached")
        page.wait_for_function(RESTS)
        page.wait_for_function(LIT, arg=step.light)
        assert page.url.split("?")[0].endswith(step.path)
        wrong += [f"step {k}: {each}" for each in accessible.violations(page)]
        wide, room = page.evaluate("(m => [m.scrollWidth, m.clientWidth])(document.querySelector('.stMain'))")
        wrong += [f"step {k}: {wide} px wide in {room}"] * (wide > room)
        page.keyboard.press("PageDown")  # at the end, out of the tour
    page.locator(".st-key-tour").wait_for(state="detached")
    assert not wrong, "\n".join(wrong)
