"""Train live in a real browser: a network learns while the reader watches, interferes, leaves."""

import re

import pytest

from sc2viz.lab.bench.browser import turn_to

pytestmark = pytest.mark.browser

PATH = "train?data=digits&epochs=500&T=20"  # long enough for a slow hand


def ready(page) -> None:
    page.locator(".scrubber.training article canvas").first.wait_for()


def key(page, name: str):
    return page.get_by_role("button", name=name, exact=True).first


def wait_for_step(page, step: int) -> int:
    for _ in range(600):
        text = page.locator("[data-testid=stProgress]").first.inner_text()
        match = re.search(r"step ([\d,]+)", text)
        if match and (reached := int(match[1].replace(",", ""))) >= step:
            return reached
        page.wait_for_timeout(50)
    raise AssertionError(f"it did not come to step {step}: {text}")


def atoms(page) -> str:
    return page.locator(".scrubber article").first.locator("canvas").evaluate("c => c.toDataURL()")


def test_a_lesson_runs_at_one_press_and_can_be_changed_paused_and_scrubbed(visit):
    page = visit("train?data=digits", reduced_motion="no-preference")
    ready(page)
    key(page, "SLSTM from ISTA's start").click()
    page.get_by_text("Watch the distance fall below FISTA").first.wait_for()  # the help says it too
    step = wait_for_step(page, 5)
    page.get_by_text("More", exact=True).click()
    page.get_by_role("combobox", name="Rate").click()
    page.get_by_role("option", name="0.001", exact=True).click()
    wait_for_step(page, step + 5)
    key(page, "Pause").click()
    scrub = page.get_by_role("slider", name="frame")
    scrub.wait_for()
    step = wait_for_step(page, 0)
    page.locator(".scrubber output").filter(has_text=f"step {step:,}").wait_for()
    trained = atoms(page)
    scrub.focus()
    page.keyboard.press("Home")
    assert page.locator(".scrubber output").inner_text() == "step 0" and atoms(page) != trained
    page.keyboard.press("End")
    assert atoms(page) == trained
    page.get_by_text("More", exact=True).click()
    page.wait_for_url("**rate=0.001*")
    key(page, "Stop").click()
    page.get_by_text("The run was stopped.").wait_for()


@pytest.mark.release
def test_the_trained_network_comes_along_and_trains_on_meanwhile(visit):
    page = visit(PATH)
    ready(page)
    key(page, "Play").click()
    wait_for_step(page, 5)
    turn_to(page, "Compare")
    page.get_by_role("button", name="Variants of SLSTM").click()
    page.get_by_role("menuitemcheckbox", name="yours").click()
    page.keyboard.press("Escape")
    card = page.locator(".sc-card.sc-slstm").filter(has_text="SLSTM (yours)")
    card.wait_for()
    turn_to(page, "Train live")
    ready(page)
    wait_for_step(page, 6)
    key(page, "Stop").click()
    page.locator(".st-key-lead-on").get_by_role("link", name="Compare").click()
    card.wait_for()


@pytest.mark.release
def test_a_closed_tab_ends_its_training(visit, chromium, address):
    """Seen from outside: one trains, another waits for its place, and the first one's tab is closed."""
    page, gone = visit(PATH), chromium.new_context().new_page()
    ready(page)
    gone.goto(f"{address}/{PATH}")
    ready(gone)
    key(gone, "Play").click()
    wait_for_step(gone, 1)
    key(page, "Play").click()
    page.get_by_text("Place 1 in the queue.").wait_for()
    gone.context.close()
    wait_for_step(page, 1)
