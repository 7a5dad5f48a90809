"""The sliders of λ and T in a real browser: by mouse, by keys, by typing, by touch, and what the URL keeps."""

import pytest
from end_to_end import dragging

from sc2viz.lab.bench.browser import turn_to

pytestmark = pytest.mark.browser

LAMBDA, T = "λ, the price of the code", "T, iterations"


def reading(page, name: str = LAMBDA) -> str:
    return page.get_by_role("slider", name=name).get_attribute("aria-valuetext")


def until(page, text: str, name: str = LAMBDA) -> None:
    for _ in range(200):
        if reading(page, name) == text:
            return
        page.wait_for_timeout(50)
    assert reading(page, name) == text


def ready(page):
    page.get_by_role("slider", name=LAMBDA).wait_for()
    page.wait_for_selector(".js-plotly-plot .scatterlayer .trace", state="attached")
    return page


@pytest.mark.release
def test_a_typed_number_is_kept_over_pages_back_and_forward_and_in_a_link(visit):
    page = ready(visit("compare?data=digits"))
    page.get_by_role("slider", name=LAMBDA).press("Enter")
    page.keyboard.type("0.137")
    page.keyboard.press("Enter")
    page.wait_for_url("**lam=0.137*")
    page.get_by_text("At λ = 0.137").first.wait_for()
    turn_to(page, "Why zeros")
    page.get_by_text("from 0.137 to").first.wait_for()
    assert "lam=0.137" in page.url and reading(page) == "λ = 0.137"
    page.get_by_role("slider", name=LAMBDA).press("ArrowLeft")
    page.wait_for_url("**lam=0.13")
    until(page, "λ = 0.13")
    page.go_back()
    page.wait_for_url("**lam=0.137*")
    until(page, "λ = 0.137")
    page.go_forward()
    page.wait_for_url("**lam=0.13")
    until(page, "λ = 0.13")
    second_page = ready(visit("compare?data=digits&lam=0.137"))
    assert reading(second_page) == "λ = 0.137" and second_page.locator(".stToast").count() == 0


@pytest.fixture(scope="module")
def opened(stay):
    """A page for the two tests below, one of which moves λ and one T."""
    return ready(stay("compare?data=digits"))


@pytest.mark.release
def test_what_is_typed_becomes_a_number_of_the_range(opened):
    page = opened
    for typed, becomes in (
        ("many", "0.5"),
        ("7", "1"),
        ("-3", "0.01"),
        ("0,2", "0.2"),
        ("some", "0.2"),
    ):
        page.get_by_role("slider", name=LAMBDA).press("Enter")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        until(page, f"λ = {becomes}")


def test_keys_move_by_one_stop_by_five_and_to_the_ends(opened):
    page = opened
    slider = page.get_by_role("slider", name=T)
    for key, value in (
        ("PageUp", 15),
        ("ArrowRight", 16),
        ("End", 100),
        ("ArrowLeft", 90),
        ("Home", 1),
        ("PageDown", 1),
    ):
        slider.press(key)
        until(page, f"T = {value}", T)
    page.wait_for_url("**T=1**")


@pytest.mark.release
def test_pictures_follow_a_finger_on_a_phone_before_it_is_lifted(chromium, address):
    context = chromium.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(f"{address}/compare?data=digits&solvers=ISTA")
    page.wait_for_selector(".board canvas")
    dragging.ready(page)
    box = page.get_by_role("slider", name=LAMBDA).bounding_box()
    assert box["height"] >= 44 and box["y"] > 700
    y, url_before, hand = box["y"] + box["height"] / 2, page.url, context.new_cdp_session(page)
    states = set()

    def touch(kind: str, *shares: float) -> None:
        places = [{"x": box["x"] + 10 + share * (box["width"] - 20), "y": y} for share in shares]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", 0.5)
    for share in (0.4, 0.3, 0.2, 0.1, 0.6, 0.8):
        touch("touchMove", share)
        page.wait_for_timeout(50)
        states.add((reading(page), page.evaluate(dragging.SEEN)))
    assert len(states) >= 5 and page.url == url_before
    touch("touchEnd")
    page.wait_for_function("before => location.href !== before", arg=url_before)
    assert f"lam={reading(page).removeprefix('λ = ')}" in page.url
    context.close()


@pytest.mark.release
def test_they_say_where_they_act_in_another_way(visit):
    page = dragging.ready(visit("compare?data=digits&solvers=ISTA"))
    hint = page.locator(".knob .hint")
    assert "".join(hint.all_inner_texts()) == ""
    page.locator("[data-rest]").click()
    page.get_by_role("button", name="OMP").first.click()
    page.keyboard.press("Escape")
    hint.filter(has_text="OMP does not use λ. Move T instead.").wait_for()
    assert hint.all_inner_texts()[1] == "For OMP, T is the number of atoms."
    described = page.get_by_role("slider", name=LAMBDA).get_attribute("aria-description")
    assert described == "OMP does not use λ. Move T instead."
    dragging.ready(page)
    turn_to(page, "Why zeros")
    page.get_by_text("Doubling λ").first.wait_for()
    dragging.ready(page)
    assert hint.all_inner_texts()[0].startswith("OMP")
    turn_to(page, "Welcome")  # which has no solvers
    hint.filter(has_text="OMP").first.wait_for(state="detached")
    turn_to(page, "Compare")
    hint.filter(has_text="OMP does").wait_for()
    dragging.ready(page)
    page.get_by_role("button", name="OMP").first.click()  # which leaves ISTA
    hint.filter(has_text="OMP").first.wait_for(state="detached")
    assert "".join(hint.all_inner_texts()) == ""


# Whether browsers draw a ground of their own behind each of its words, which covers other words, or has their colour.
GROUNDS = """all => all.flatMap(each => [each, ...each.querySelectorAll('*')])
    .filter(each => getComputedStyle(each).forcedColorAdjust !== 'none').length"""


@pytest.mark.release
def test_no_grounds_cover_words_in_forced_colours(chromium, address):
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, forced_colors="active", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{address}/gates?data=digits")
    for text in (
        ".chips [aria-pressed=true]",
        ".katex:has(.accent)",
    ):  # c̃ is a letter below a tilde
        page.locator(text).first.wait_for()
        assert page.locator(text).evaluate_all(GROUNDS) == 0, text
    context.close()


@pytest.mark.release
def test_forced_colours_and_reduced_motion_are_respected(chromium, address):
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, forced_colors="active", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{address}/welcome?data=digits")
    count = page.get_by_role("slider", name="Number of atoms in the sum")
    count.wait_for()
    page.wait_for_selector(".term.last")
    assert count.input_value() == count.get_attribute("max")  # nothing plays
    look = "e => (s => [s.appearance, s.transitionDuration, s.animationName])(getComputedStyle(e))"
    assert page.get_by_role("slider", name=LAMBDA).evaluate(look) == ["auto", "0s", "none"]
    page.get_by_role("slider", name=LAMBDA).press("ArrowLeft")
    until(page, "λ = 0.46")
    context.close()
