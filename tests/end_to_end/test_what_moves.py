"""Train live and Dictionary at random moments, seed 0: sentence, legend, dot and card of what is learned read one number,
while it is learned, when it is paused, and while its frames are scrubbed and played again."""

import random
import re

import numpy as np
import pytest

from sc2viz.browser import readings

pytestmark = [pytest.mark.browser, pytest.mark.release]

MOMENTS = 10
# What a scrubber says at one moment. `card`: the number of the article that shows what is learned.
SEEN = """(scrubber, card) => {
  const all = (what) => [...scrubber.querySelectorAll(what)];
  const chart = all(".curves")[0], dot = chart.querySelector(".point");
  return {
    sentence: all(".caption")[0].innerText,
    legend: chart.querySelector(".legend b").innerText,
    card: all("article")[card].querySelector(".headline dd").innerText,
    value: Number(dot.dataset.value),
    dot: [dot.cx.baseVal.value, dot.cy.baseVal.value],
    line: chart.querySelector(".line").getAttribute("d").slice(1).split("L").map((at) => at.split(" ").map(Number)),
  };
}"""

# Where the picture begins. Each frame that comes has a new canvas.
TOP = "scrubber => scrubber.querySelector('canvas').getBoundingClientRect().top"


@pytest.fixture
def chance() -> random.Random:
    return random.Random(0)


def check(page, card: int) -> str:
    """Compare what the scrubber says at this moment; return its number."""
    state = page.locator(".scrubber").evaluate(SEEN, card)
    number = re.search(r"(\S+)\u00a0%", state["sentence"])[0]
    distances = {state["legend"], state["card"].lstrip("+"), readings.percent(abs(state["value"]))}
    assert distances == {number}, state
    x, y = state["dot"]
    places, heights = np.array(state["line"]).T
    assert abs(np.interp(x, places, heights) - y) < 1, state  # the dot lies on its line
    return number


def test_train_live_reads_one_number_everywhere(visit, chance):
    page = visit("train?data=digits&epochs=500&T=20", reduced_motion="no-preference")
    page.locator(".scrubber.training article canvas").first.wait_for()
    key = lambda name: page.get_by_role("button", name=name, exact=True).first  # noqa: E731
    assert page.get_by_role("button", name="Play", exact=True).count() == 1
    key("Play").click()
    page.locator(".scrubber .caption").filter(has_text=re.compile("After .* steps")).wait_for()
    top = page.locator(".scrubber").evaluate(TOP)
    moments(page, 1, chance)
    key("Pause").click()
    page.get_by_role("slider", name="frame").wait_for()
    key("Play").wait_for()
    check(page, 1)
    assert page.locator(".scrubber").evaluate(TOP) == top  # a pause moves nothing
    assert (
        page.get_by_role("button", name="Play", exact=True).count() == 1
    )  # and brings no second Play
    scrub(page, 1, chance)
    page.get_by_role("slider", name="frame").fill("0")
    key("Replay").click()
    moments(page, 1, chance)


def test_atoms_that_are_learned_read_one_number_everywhere(visit, chance):
    page = visit("dictionary?data=mnist-5k&lam=0.03&size=400", reduced_motion="no-preference")
    page.get_by_role("button", name="Learn", exact=True).click()
    page.locator(".scrubber .caption").filter(has_text="F is down to").wait_for()
    top = page.locator(".scrubber").evaluate(TOP)
    moments(page, 0, chance)
    page.locator(".stMain").get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Learn", exact=True).wait_for()
    page.get_by_role("slider", name="frame").wait_for()
    check(page, 0)
    assert page.locator(".scrubber").evaluate(TOP) == top
    scrub(page, 0, chance)
    page.get_by_role("slider", name="frame").fill("0")
    page.get_by_role("button", name="Play", exact=True).click()
    moments(page, 0, chance)


def moments(page, card: int, chance: random.Random) -> None:
    """Look at random moments while it moves, at which there is a number; it moves meanwhile."""
    states = set()
    for _ in range(MOMENTS):
        page.wait_for_timeout(1000 * chance.uniform(0.05, 0.8))
        if re.search("%", page.locator(".scrubber .caption").inner_text()):
            states.add(page.locator(".scrubber .caption").inner_text())
            check(page, card)
    assert len(states) > 1


def scrub(page, card: int, chance: random.Random) -> None:
    """Look at random frames after the first, which has no number of what is learned."""
    slider = page.get_by_role("slider", name="frame")
    last = int(slider.get_attribute("max"))
    assert last > 2
    for _ in range(MOMENTS):
        slider.fill(str(chance.randint(1, last)))
        check(page, card)
