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


@pytest.mark.release
def test_a_signal_follows_k_and_the_noise_under_the_finger_and_means_are_left_out(visit):
    frames = Frames()
    page = visit(SMALL, watch=frames.of)
    ready(page, frames)
    means = page.locator(".scrubber .headline dd")
    for slider in ("k, non-zeros", "SNR, decibels"):
        with Drag(page, slider) as drag:
            count, states = frames.rest(page), set()
            for share in np.linspace(0, 1, 4):
                drag.to(share)
                states.add((page.evaluate(STEMS), page.locator(".scrubber .caption").inner_text()))
            assert len(states) >= 3 and len(frames) == count
            assert set(means.all_inner_texts()) == {"–"}
            drag.to(0.5)
        assert frames.rest(page) > count
        ready(page)
        assert means.first.inner_text().endswith("dB")


@pytest.mark.release
def test_a_cell_of_the_map_says_what_fails_there_and_shows_its_code(visit):
    page = visit(SMALL, height=1400)
    ready(page)
    sentence, cell = page.locator(".sc-found .sc-says"), page.get_by_role("button", name="Cell of")
    position = "() => document.querySelector('.sc-found').dataset.at.split(' ').map(Number)"
    assert page.evaluate(position)[:2] == [50, 5]  # the problem at hand
    for _ in range(15):  # to the top, where there are more non-zeros than measurements
        cell.press("ArrowUp")
    assert page.evaluate(position)[:3] == [50, 51, 0]
    assert sentence.inner_text().startswith("All three fail: 51 weights")
    box, middle = page.locator(".sc-found .cells").bounding_box(), 6.5 / 15
    page.mouse.click(box["x"] + middle * box["width"], box["y"] + (1 - middle) * box["height"])
    d_x, k, share, theory = page.evaluate(position)
    border = phase_transition.weak_threshold(middle)
    assert (d_x, k) == (43, 19) and theory == pytest.approx(border, abs=1e-6)
    seeds = 8 * (6 * 15 + 6) + np.arange(8)  # of the cell's trials
    successes = phase_transition.recovered(
        phase_transition.exact_codes, 43, 100, 19, seeds.tolist()
    )
    assert share == successes.mean() < 0.5 and sentence.inner_text().startswith("ℓ1 fails")
    wanted = {"exactly=true", "ds=100", "dx=43", "k=19", "snr=100"}
    page.wait_for_url(lambda url: wanted <= set(url.partition("?")[2].split("&")))
    ready(page)
    card = page.locator("article[aria-label=ISTA]")
    counts = card.locator("dl > div", has_text="false").locator("dd")
    # The code that was there had 5.
    assert until(page, lambda: sum(map(int, counts.inner_text().split(", ")[:2])) == 19)
    marks = [card.locator(f".stems .{kind}").evaluate(COUNTED) for kind in ("hit", "miss", "alarm")]
    assert marks == list(map(int, counts.inner_text().split(", ")))
    page.get_by_text("More", exact=True).click()
    exactly = page.get_by_role("switch", name="Exactly k").or_(page.get_by_label("Exactly k"))
    exactly.first.wait_for()
    assert exactly.first.is_checked()
    page.get_by_text("More", exact=True).click()  # what was set behind it stays
    page.wait_for_url(lambda url: "more=true" not in url and "exactly=true" in url)


@pytest.mark.release
def test_another_number_of_measurements_waits_for_the_server_and_the_url_keeps_the_layer(visit):
    page = visit(SMALL)
    ready(page)
    page.get_by_role("slider", name="layer").press("Home")
    caption = page.locator(".scrubber .caption").filter(has_text="after 0 layers")
    caption.wait_for()
    page.wait_for_url("**layer=0*")
    with Drag(page, "d_x, measurements") as drag:
        drag.to(0.9)
        page.locator(".scrubber.waiting").wait_for()
    page.locator(".scrubber.waiting").wait_for(state="detached")
    page.wait_for_url("**dx=90*")
    caption.wait_for()
