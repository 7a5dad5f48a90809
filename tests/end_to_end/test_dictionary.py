"""Dictionary in a real browser: atoms are chosen, and are watched, stopped and scrubbed while they are learned."""

import re

import pytest
from end_to_end import accessible, downloading

pytestmark = pytest.mark.browser

ORDER = "all => all.map(tile => Number(tile.dataset.number))"


def test_an_atom_is_chosen_by_mouse_and_keys_and_stands_in_the_link(visit, fits):
    page = visit("dictionary?data=digits&part=atoms", width=390)
    grid = page.get_by_role("radiogroup", name="All atoms, by use")
    grid.get_by_role("radio").nth(99).wait_for()
    fits(page)
    order = grid.get_by_role("radio").evaluate_all(ORDER)
    grid.get_by_role("radio").nth(4).click()
    page.wait_for_url(f"**atom={order[4]}*")
    page.get_by_text(f"Atom {order[4]}", exact=True).wait_for()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**atom={order[5]}*")
    assert page.evaluate("document.activeElement !== document.body")
    [checked] = grid.locator("[aria-checked=true]").evaluate_all(ORDER)
    assert checked == order[5]
    page.get_by_role("group", name="Pictures that use it most").get_by_role("button").nth(1).click()
    page.wait_for_url("**picture=*")


@pytest.mark.release
def test_what_the_tiles_remember_does_not_enter_the_address(visit):
    """They shared the name of a row of the URL, "atoms"."""
    page = visit("welcome?tour=ten-minutes&step=4")
    page.locator(".tiles").first.wait_for(state="attached")
    page.locator(".st-key-tour-next button").click()  # shows the answer
    page.locator(".tiles").first.wait_for()
    page.locator("[data-stale=true]").first.wait_for(state="detached")
    assert "atom=210" in page.url and "atoms=" not in page.url


@pytest.mark.release
def test_learning_is_watched_stopped_and_scrubbed_and_said_once(visit):
    page = visit("dictionary?data=mnist-5k&lam=0.03&size=400", reduced_motion="no-preference")
    page.get_by_role("button", name="Learn", exact=True).click()
    page.get_by_text(re.compile(r"Learning: epoch \d+, [\d,]+ pictures")).wait_for()
    canvas = page.locator(".scrubber article canvas").first
    page.locator(".scrubber .caption").filter(has_text="F is down to").wait_for()
    accessible.listen(page)
    page.wait_for_timeout(3000)
    assert len(accessible.heard(page)) <= 1
    # beside Streamlit's own
    page.locator(".stMain").get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Learn", exact=True).wait_for()
    scrub = page.get_by_role("slider", name="frame")
    scrub.wait_for()
    last = canvas.evaluate("c => c.toDataURL()")
    scrub.focus()
    page.keyboard.press("Home")
    assert page.locator(".scrubber output").inner_text() == "0 pictures"
    caption = page.locator(".scrubber .caption").inner_text()
    assert "drawn at random" in caption and "of 400 pictures" in caption
    assert canvas.evaluate("c => c.toDataURL()") != last
    page.get_by_role("button", name="Play", exact=True).focus()
    accessible.play_and_rest(page)
    downloading.check_all(page, "dictionary")
