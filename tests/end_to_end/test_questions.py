"""A reader alone asks to predict first: nothing gives the answer away, and the guess then stands beside the truth."""

import re

import numpy as np
import pytest
from end_to_end.downloading import choose
from end_to_end.dragging import RUN
from end_to_end.test_tours import start

from sc2viz import checkpoints, data, lasso
from sc2viz.ui.tours import reading
from sc2viz.ui.tours.truths import Sight, solve

pytestmark = pytest.mark.browser
TOURS, _ = reading.available()

# What a reader sees of the page below a question: words, and drawings.
SEEN = """() => [...document.querySelectorAll(".stMain *")]
    .filter(each => !each.closest(".st-key-question, .st-key-frame, .st-key-page-class, .st-key-tour, .st-key-menu"))
    .filter(each => each.checkVisibility({ visibilityProperty: true }))
    .filter(each => each.localName === "canvas" || (!each.childElementCount && each.textContent.trim()))
    .map(each => each.textContent.trim() || "a drawing")"""


BOX = "e => (box => [box.left, box.width])(e.getBoundingClientRect())"


def test_a_page_is_covered_until_its_question_is_answered_and_never_twice(visit):
    page = visit("welcome?data=digits&lam=0.3&picture=3", height=720)
    assert page.locator(".st-key-adder").is_visible()  # a plain link shows all
    choose(page, "Predict first")
    page.locator(".st-key-question").wait_for()
    page.wait_for_function(f"({SEEN})().length === 1")
    assert page.evaluate(SEEN) == ["A picture is a sum of atoms"]
    page.wait_for_function(RUN)  # until then the figure of the run before is there, too
    page.locator(".st-key-adder .hand").evaluate(
        "e => { e.click(); e.click(); }"
    )  # after which the figure says its F
    snapshot = page.locator("body").aria_snapshot()
    assert "Show me" in snapshot and " of it is missing" not in snapshot
    page.get_by_role("button", name="Menu", exact=True).click()
    entries = page.get_by_role("menuitem").all_inner_texts()
    assert entries == ["Present", "Link and QR code", "Theme and print"] and "sum=" not in page.url
    page.keyboard.press("Escape")

    page.wait_for_timeout(1000)
    assert (
        page.locator(".sc2viz-aloud").text_content() == ""
    )  # nor does the covered figure say it aloud

    slider, answer = (
        page.get_by_role("slider", name="Your answer"),
        page.get_by_role("button", name="Answer"),
    )
    assert answer.is_disabled()  # nobody has touched the slider, which has no value
    slider.click()  # where it stands
    assert answer.is_enabled()
    assert page.locator(".st-key-question output").inner_text() == "50\u00a0atoms"
    slider.fill("3")
    answer.click()
    page.locator(".st-key-question").wait_for(state="detached")
    x, B = data.load("digits", split="test").pixels[[3]], checkpoints.load_dictionary("digits")
    true = int((np.abs(lasso.solve(x, B, 0.3, tol=1e-8).codes[0].numpy()) > 1e-3).sum())
    page.get_by_text(f"You said 3 atoms, and it is {true} atoms.").wait_for()
    for kind, value in (("guess", 3), ("truth", true)):
        place = "(e => parseFloat(getComputedStyle(e).left) / e.parentElement.clientWidth)"
        page.wait_for_function(
            f"Math.abs({place}(document.querySelector('.scale .{kind}')) - {value / 100}) < 0.01"
        )
    assert page.locator(".st-key-adder").is_visible()
    x_start, width = page.locator(".st-key-adder .course svg").evaluate(BOX)
    for kind, value, text in (
        ("guess", 3, "you 3"),
        ("truth", true, f"✓ {true}"),
    ):  # on the curve, too
        mark = page.locator(f".st-key-adder > .sc-marks .{kind}")
        assert mark.inner_text() == text
        assert (
            abs(
                mark.evaluate("e => e.getBoundingClientRect().left")
                - x_start
                - width * value / true
            )
            < 2
        )

    menu = page.get_by_role("button", name="Menu", exact=True)
    offer = page.get_by_role("menuitem", name="Predict first")
    menu.click()
    assert not offer.count()
    page.reload()  # another session asks anew
    menu.click()
    offer.wait_for()


@pytest.mark.release
@pytest.mark.parametrize("name", TOURS)
def test_nothing_tells_a_student_the_answer_before_it_is_asked(visit, name):
    """Neither what is seen, nor what a screen reader finds or says while figures play out of sight, nor the address."""
    page, wrong = visit("welcome", height=720, reduced_motion="no-preference"), []
    start(page, name)
    aloud = "document.querySelector('.sc2viz-aloud')?.textContent ?? ''"
    for k, step in enumerate(TOURS[name].steps, 1):
        page.locator(f".st-key-tour-guide [data-at='{name} {k}']").wait_for(state="attached")
        if step.question:
            page.locator(".st-key-question form").wait_for()
            right, question = (
                solve(step.question, Sight.from_query(step.answered)),
                step.question,
            )
            text_before = page.evaluate(aloud)
            if not step.question.visible:
                page.wait_for_function(f"({SEEN})().length")  # the page's title
            page.wait_for_timeout(7000)
            sentences = re.split(r"(?<=\.) ", right.sentence) + (
                [] if question.choices else [question.describe(right.answer)]
            )
            snapshot = f"{page.locator('body').aria_snapshot()} {page.url} {page.title()}"
            wrong += [
                f"step {k} tells “{sentence}”" for sentence in sentences if sentence in snapshot
            ]
            wrong += [f"step {k} says aloud “{page.evaluate(aloud)}”"] * (
                not step.question.visible and page.evaluate(aloud) != text_before
            )
            visible = page.evaluate(SEEN)
            wrong += [f"step {k} shows {visible}"] * (
                not step.question.visible and len(visible) != 1
            )
            page.locator(".st-key-question").get_by_role("button", name="Show me").click()
            page.locator(".st-key-question").wait_for(state="detached")
            page.get_by_text(right.sentence).first.wait_for()
        page.keyboard.press("PageDown")
    assert not wrong, "\n".join(wrong)
