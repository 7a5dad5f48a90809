"""Dictionary in a real browser: atoms are chosen, and are watched, stopped and scrubbed while they are learned."""

import re

import pytest
from end_to_end import accessible

pytestmark = pytest.mark.browser

ORDER = "all => all.map(tile => Number(tile.dataset.number))"


def test_an_atom_is_chosen_by_mouse_and_keys_and_stands_in_the_link(visit, fits):
    page = visit("dictionary?data=digits", width=390)
    grid = page.get_by_role("radiogroup", name="All atoms, by use")
    grid.get_by_role("radio").nth(99).wait_for()
    fits(page)
    order = grid.get_by_role("radio").evaluate_all(ORDER)
    assert sorted(order) == list(range(100))
    grid.get_by_role("radio").nth(4).click()
    page.wait_for_url(f"**atom={order[4]}*")
    page.get_by_text(f"Atom {order[4]}", exact=True).wait_for()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**atom={order[5]}*")
    assert page.evaluate("document.activeElement !== document.body")
    checked = grid.locator("[aria-checked=true]")
    assert checked.count() == 1 and int(checked.get_attribute("data-number")) == order[5]
    page.get_by_role("group", name="Pictures that use it most").get_by_role("button").nth(1).click()
    page.wait_for_url("**picture=*")


@pytest.mark.release
def test_learning_is_watched_stopped_and_scrubbed(visit):
    page = visit(
        "dictionary?data=mnist-5k&lam=0.03&size=400&part=being+learned",
        reduced_motion="no-preference",
    )
    page.get_by_text(re.compile(r"Learning: epoch \d+, [\d,]+ pictures")).wait_for()
    canvas = page.locator(".scrubber article canvas").first
    canvas.wait_for()
    early = canvas.evaluate("c => c.toDataURL()")
    page.wait_for_function(
        "early => document.querySelector('.stMain')"
        " && [...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.scrubber article canvas'))"
        ".some(c => c && c.toDataURL() !== early)",
        arg=early,
    )
    page.locator(".stMain").get_by_role(
        "button", name="Stop", exact=True
    ).click()  # beside Streamlit's own
    page.get_by_text(re.compile(r"Learned: stopped after [\d,]+ pictures")).wait_for()
    scrub = page.get_by_role("slider", name="frame")
    scrub.wait_for()
    last = canvas.evaluate("c => c.toDataURL()")
    scrub.focus()
    page.keyboard.press("Home")
    assert page.locator(".scrubber output").inner_text() == "0 pictures"
    assert "pictures drawn at random" in page.locator(".scrubber .caption").inner_text()
    assert canvas.evaluate("c => c.toDataURL()") != last
    page.keyboard.press("End")
    assert canvas.evaluate("c => c.toDataURL()") == last
    page.get_by_role("button", name="Learn", exact=True).wait_for()


@pytest.mark.release
def test_learning_is_said_once_when_it_rests_and_so_is_its_film(visit):
    page = visit(
        "dictionary?data=digits&part=being+learned&size=100", reduced_motion="no-preference"
    )
    page.get_by_text(re.compile(r"Learning: epoch \d+, [\d,]+ pictures")).wait_for()
    accessible.listen(page)
    page.wait_for_timeout(6000)
    assert len(accessible.heard(page)) <= 1
    page.get_by_text(re.compile("Learned: ")).wait_for(timeout=120_000)
    page.get_by_role("slider", name="frame").wait_for()
    page.wait_for_timeout(2000)  # what was learned has been said
    page.get_by_role("button", name="Play", exact=True).focus()
    accessible.play_and_rest(page)
