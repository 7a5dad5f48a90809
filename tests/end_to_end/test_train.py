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


def step(page) -> int:
    return int(
        re.search(r"step ([\d,]+)", page.locator("[data-testid=stProgress]").inner_text())[
            1
        ].replace(",", "")
    )


def wait_for_step(page, least: int) -> None:
    for _ in range(600):
        text = page.locator("[data-testid=stProgress]").inner_text()
        if re.search(r"step ([\d,]+)", text) and step(page) >= least:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"it did not come to step {least}: {text}")


def atoms(page) -> str:
    return page.locator(".scrubber article").first.locator("canvas").evaluate("c => c.toDataURL()")


def test_play_interfere_pause_and_scrub_back(visit):
    page = visit(PATH, reduced_motion="no-preference")
    ready(page)
    untrained = atoms(page)
    key(page, "Play").click()
    wait_for_step(page, 20)
    page.get_by_role("combobox", name="Rate").click()
    page.get_by_role("option", name="0.001", exact=True).click()
    wait_for_step(page, step(page) + 10)
    key(page, "Pause").click()
    scrub = page.get_by_role("slider", name="frame")
    scrub.wait_for()
    stood = step(page)
    page.locator(".scrubber output").filter(has_text=f"step {stood:,}").wait_for()
    trained = atoms(page)
    assert trained != untrained
    scrub.focus()
    page.keyboard.press("Home")
    assert page.locator(".scrubber output").inner_text() == "step 0" and atoms(page) == untrained
    page.keyboard.press("End")
    assert atoms(page) == trained
    key(page, "One step").click()
    wait_for_step(page, stood + 1)
    page.locator(".scrubber output").filter(has_text=f"step {stood + 1:,}").wait_for()
    assert step(page) == stood + 1


@pytest.mark.release
def test_the_trained_network_comes_along_and_trains_on_meanwhile(visit):
    page = visit(f"{PATH}")
    ready(page)
    key(page, "Play").click()
    wait_for_step(page, 5)
    turn_to(page, "Step through")
    page.get_by_role("button", name="Variants of SLSTM").click()
    page.get_by_role("menuitemcheckbox", name="yours").click()
    page.keyboard.press("Escape")
    page.locator("article[aria-label='SLSTM (yours)'] canvas").first.wait_for()
    turn_to(page, "Train live")
    ready(page)
    wait_for_step(page, 6)
    key(page, "Stop").click()
    page.get_by_text("The run was stopped.").wait_for()
    page.locator(".st-key-lead-on").get_by_role("link", name="Compare").click()
    page.locator(".sc-card.sc-slstm").filter(has_text="SLSTM (yours)").wait_for()
    assert (
        page.locator(".sc-card").count() == 5
    )  # the truth, the optimum, and ISTA and FISTA beside it


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
    page.get_by_text("Waiting:").wait_for()
    assert key(gone, "Pause").is_visible()
    gone.context.close()
    wait_for_step(page, 1)
    assert page.get_by_text("Waiting:").count() == 0
