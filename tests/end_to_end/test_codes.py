"""Known codes in a real browser: what follows the sliders, what waits, the marks, and a click on the map."""

import numpy as np
import pytest
from end_to_end.dragging import ANSWERED, Drag, Frames, until

from sc2viz.analysis import phase_transition

pytestmark = pytest.mark.browser

SMALL = "codes?ds=100&dx=50&k=5&solvers=ISTA&solvers=FISTA"
STEMS = """() => [document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)].flatMap(
    root => [...root.querySelectorAll('.scrubber .stems path')]).map(path => path.getAttribute('d')).join()"""
COUNTED = "path => (path.getAttribute('d').match(/M/g) ?? []).length"


def ready(page, frames: Frames | None = None) -> None:
    page.locator(".scrubber article .stems .hit").first.wait_for(state="attached")
    page.locator(".sc-found .sc-plot svg").wait_for(timeout=180_000)
    page.wait_for_function(ANSWERED)
    if frames is not None:
        frames.rest(page)


@pytest.fixture(scope="module")
def opened(stay):
    """A page for the tests below that take `opened`, in their order."""
    page = stay(SMALL)
    ready(page)
    return page


def test_a_signal_follows_k_and_the_noise_under_the_finger_and_means_are_left_out(visit):
    frames = Frames()
    page = visit(SMALL, watch=frames.of)
    ready(page, frames)
    assert page.locator(".scrubber .headline dd").first.inner_text().endswith("dB")
    for slider in ("k, non-zeros", "SNR, decibels"):
        with Drag(page, slider) as drag:
            count, seen = frames.rest(page), set()
            for share in np.linspace(0, 1, 4):
                drag.to(share)
                seen.add((page.evaluate(STEMS), page.locator(".scrubber .caption").inner_text()))
            assert len(seen) >= 3 and len(frames) == count
            assert set(page.locator(".scrubber .headline dd").all_inner_texts()) == {"–"}
            drag.to(0.5)
        assert frames.rest(page) > count
        ready(page)
        assert page.locator(".scrubber .headline dd").first.inner_text().endswith("dB")


@pytest.mark.release
def test_there_are_as_many_marks_as_the_card_counts(opened):
    card = opened.locator("article[aria-label=ISTA]")
    said = card.locator("dl > div", has_text="false").locator("dd").inner_text()
    marks = [card.locator(f".stems .{kind}").evaluate(COUNTED) for kind in ("hit", "miss", "alarm")]
    assert marks == list(map(int, said.split(", "))) and marks[0] > 0


OVER = """() => {
    const why = document.querySelector('.st-key-codes-why summary').getBoundingClientRect()
    return [...document.querySelectorAll('.st-key-head h1 span, .st-key-head button, .st-key-codes-scrubber')]
        .filter(each => {
            const box = each.getBoundingClientRect()
            return box.width && box.right > why.left && box.left < why.right && box.bottom > why.top && box.top < why.bottom
        }).map(each => each.textContent)
}"""


@pytest.mark.release
def test_why_lies_on_nothing_in_a_low_window(opened):
    before, over = opened.viewport_size, {}
    for width in (580, 640, 740):
        opened.set_viewport_size({"width": width, "height": 360})
        opened.locator(".st-key-codes-why").get_by_text("Why?").wait_for()
        over[width] = opened.evaluate(OVER)
    opened.set_viewport_size(before)
    assert over == {580: [], 640: [], 740: []}


def test_a_cell_of_the_map_says_what_fails_there_and_shows_its_code(visit):
    page = visit(SMALL, height=1400)
    ready(page)
    figure, said = page.locator(".sc-found"), page.locator(".sc-found .sc-says")
    cell = page.get_by_role("button", name="show a code of it")
    at = "() => document.querySelector('.sc-found').dataset.at.split(' ').map(Number)"
    assert page.evaluate(at)[:2] == [50, 5]  # the problem at hand
    for _ in range(15):  # to the top, where there are more non-zeros than measurements
        cell.press("ArrowUp")
    assert page.evaluate(at)[:3] == [50, 51, 0] and said.inner_text().startswith(
        "All three fail: 51 weights"
    )
    box = figure.locator(".cells").bounding_box()
    page.mouse.click(
        box["x"] + (6.5 / 15) * box["width"], box["y"] + (1 - 6.5 / 15) * box["height"]
    )
    d_x, k, share, theory = page.evaluate(at)
    assert (d_x, k) == (43, 19) and theory == pytest.approx(
        phase_transition.weak_threshold(6.5 / 15), abs=1e-6
    )
    first = 8 * (6 * 15 + 6)  # the seed of the cell's trials
    found = phase_transition.recovered(
        phase_transition.exact_codes, 43, 100, 19, range(first, first + 8)
    )
    assert share == found.mean() < 0.5 and said.inner_text().startswith("ℓ1 fails")
    assert (
        f"finds {found.sum()} of 8. With the true support known, least squares finds it: 19"
        in said.inner_text()
    )
    wanted = {"exactly=true", "ds=100", "dx=43", "k=19", "snr=100"}
    page.wait_for_url(lambda url: wanted <= set(url.partition("?")[2].split("&")))
    ready(page)
    marks = page.locator("article[aria-label=ISTA] dl > div", has_text="false").locator("dd")
    assert until(
        page, lambda: sum(map(int, marks.inner_text().split(", ")[:2])) == 19
    )  # the code that was there had 5


@pytest.mark.release
def test_the_layers_are_played_and_the_url_keeps_the_one_at_hand(opened, visit):
    page = opened
    page.get_by_role("button", name="First layer").click()
    page.get_by_text("Every solver starts with the empty code").wait_for()
    page.wait_for_url("**layer=0*")
    again = visit(page.url.split("/", 3)[3])
    again.get_by_text("Every solver starts with the empty code").wait_for()


def test_another_number_of_measurements_waits_for_the_server(opened):
    page = opened
    assert page.locator(".stSidebar .knob label b").last.inner_html() == "d<sub>x</sub>"
    with Drag(page, "d_x, measurements") as drag:
        drag.to(0.9)
        page.locator(".scrubber.waiting").wait_for()
    page.locator(".scrubber.waiting").wait_for(state="detached")
    page.wait_for_url("**dx=90*")
