"""A reader draws in the app: codes follow the pen in the browser, and the reader's picture then follows them."""

import re

import numpy as np
import pytest
import torch
from end_to_end import accessible
from end_to_end.dragging import LONGEST, Frames, until
from end_to_end.drawing import SEVEN, draw, inked

from sc2viz import checkpoints, lasso, solvers
from sc2viz.browser import readings
from sc2viz.lab.bench.browser import turn_to

pytestmark = pytest.mark.browser

CARDS = """() => Object.fromEntries([...document.querySelectorAll('.sc-card')].map(card =>
    [card.querySelector('figcaption span').innerText,
     [...card.querySelectorAll('.sc-headline b, dd[data-reads]:not([data-reads$=ms])')].map(e => e.innerText)]))"""
ANSWERED = "() => !document.body.classList.contains('sc2viz-held') && !document.querySelector('[data-stale=true]')"


def opened(page, solver: str):
    """Wait until the solvers of the canvas are there, after which the browser asks for none. They come once the page has run,
    which takes longer than a test on a busy machine."""
    page.locator(".pen-list li").filter(has_text=solver).filter(
        has_text="above the optimum"
    ).wait_for(timeout=1000 * LONGEST)
    page.locator(".pen-list li").filter(has_text="is being prepared").first.wait_for(
        state="detached"
    )
    return page


def answered(page) -> None:
    page.get_by_text("Your picture").first.wait_for()
    page.wait_for_function(ANSWERED)


def test_codes_follow_the_pen_without_the_server_which_then_agrees(visit):
    frames = Frames()
    page = opened(
        visit("compare?draw=true&lam=0.1&solvers=FISTA&solvers=SLSTM", watch=frames.of), "SLSTM"
    )
    assert not accessible.violations(page, ".st-key-pen")
    frames.rest(page)
    page.wait_for_timeout(3000)  # on a busy machine the page may still ask for what it lacks
    frames.rest(page)
    cards_before, count = page.evaluate(CARDS), frames.sent
    page.get_by_text("Draw a digit here").wait_for()
    draw(page, SEVEN, lift=False)
    x, B = inked(page), checkpoints.load_dictionary("mnist")
    best = lasso.objective(x, lasso.solve(x, B, 0.1, tol=1e-9).codes.float(), B, 0.1).item()
    F = lasso.objective(x, solvers.build("fista", B)(x, 0.1, 10).detach(), B, 0.1).item()
    expected = [
        readings.objective(best),
        readings.format_excess(100 * (F - best) / best),
        readings.objective(F),
    ]

    def follows() -> bool:  # also what waits for the pen to rest
        cards = page.evaluate(CARDS)
        waits = any("…" in reading for reading in cards.values())
        return (
            not waits
            and [cards["Exact optimum"][0], *cards["FISTA"][:2]] == expected
            and cards["SLSTM"] != cards_before["SLSTM"]
        )

    assert until(page, follows) and frames.sent == count
    cards_drawn = page.evaluate(CARDS)
    sentence = page.locator(".sc-sentence").inner_text()
    assert re.match(
        "At λ = 0.1, after 10 iterations, (FISTA|SLSTM) has the lowest F of the two solvers compared",
        sentence,
    )
    page.mouse.up()
    answered(page)
    assert until(
        page, lambda: page.evaluate(CARDS) == cards_drawn
    )  # the server's numbers are the browser's
    caption = page.locator(".st-key-caption")
    assert until(
        page, lambda: caption.inner_text().startswith(sentence)
    )  # the server's takes the place of the browser's
    page.get_by_role("radio", name="all iterations").click()
    page.locator(".scrubber article").first.wait_for()
    page.get_by_role("slider", name="iteration", exact=True).press("End")
    card = page.locator("article[aria-label=FISTA]")
    card.locator("dd").filter(has_text=cards_drawn["FISTA"][1]).wait_for()
    assert card.locator(".headline dd").inner_text() == cards_drawn["FISTA"][0]
    page.wait_for_url("**t=10*")
    turn_to(page, "Why zeros")
    page.locator(".sc-card").filter(has_text="λ = 0.1").filter(
        has_text=cards_drawn["Exact optimum"][0]
    ).first.wait_for()
    turn_to(page, "Gates & cells")
    page.wait_for_url("**/gates?*")
    page.locator(".st-key-caption").filter(has_text="your picture").wait_for()
    count = len(frames)
    page.goto(
        page.url.replace("gates", "compare")
    )  # a new session, for which the browser has kept the weights
    opened(page, "SLSTM")
    assert not any("wants" in str(frame) for frame in frames[count:])


@pytest.mark.release
def test_a_finger_draws_turns_erases_and_clears(visit):
    page = visit("welcome?data=digits&draw=true&lam=0.1", width=390, height=844)
    page.context.new_cdp_session(page).send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    page.locator(".pen-list li").filter(has_text="F*, the minimum").wait_for()
    page.locator(".adder .says").filter(has_text="atoms, F").wait_for()
    text_before, B = (
        page.locator(".adder .says").inner_text(),
        checkpoints.load_dictionary("digits"),
    )

    def agrees() -> torch.Tensor:
        page.wait_for_function(ANSWERED)
        x = inked(page, 8)
        F = lasso.objective(x, lasso.solve(x, B, 0.1, tol=1e-9).codes.float(), B, 0.1).item()
        assert page.locator(".pen-list b").inner_text() == readings.objective(F)
        assert f"F = {readings.objective(F)}," in page.locator(".adder .says").inner_text()
        return x

    draw(page, SEVEN, touch=True)
    seven = agrees()
    assert page.locator(".adder .says").inner_text() != text_before
    page.get_by_role("slider", name="Turn").press("End")
    turned = agrees()
    page.get_by_role("slider", name="Shift").press("ArrowLeft")
    shifted = agrees()
    assert not torch.allclose(seven, turned) and not torch.allclose(turned, shifted)
    page.get_by_role("button", name="Eraser").click()
    draw(page, [(0.1, 0.6), (0.9, 0.6)], touch=True)
    assert 0 < agrees().sum() < shifted.sum()
    page.get_by_role("button", name="Undo").click()
    assert torch.equal(agrees(), shifted)
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("Draw a digit here").wait_for()
    page.locator(".adder .says").filter(has_text=text_before).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.release  # in node, test_a_network_may_have_more_or_fewer_atoms of numbers.test.mjs is the same in numbers
def test_a_pen_on_more_atoms_than_a_network_has_agrees_with_the_server(visit, tmp_path):
    """A random dictionary of 200 atoms beside a network of 100: while the pen moves and after it, one solver is ahead."""
    np.save(
        tmp_path / "random.npy", np.random.default_rng(0).standard_normal((784, 200)).astype("f4")
    )
    page = visit("compare?dictionary=own&draw=true&solvers=ISTA&solvers=SLSTM")
    page.locator(".stSidebar input[type=file]").last.set_input_files(tmp_path / "random.npy")
    page.get_by_text("200 atoms of 784").wait_for()
    opened(page, "SLSTM")
    page.wait_for_function(ANSWERED)
    draw(page, SEVEN, lift=False)
    page.locator(".pen-list li").filter(has_text="SLSTM").filter(
        has_text="below the optimum"
    ).wait_for()
    cards, sentence = page.evaluate(CARDS), page.locator(".sc-sentence").inner_text()
    assert "SLSTM has the lowest F of the two solvers compared" in sentence and cards["SLSTM"][
        0
    ].startswith("−")
    page.mouse.up()
    answered(page)
    assert page.evaluate(CARDS)["SLSTM"][:2] == cards["SLSTM"][:2]
    assert page.locator(".st-key-caption").inner_text().startswith(sentence)


@pytest.mark.release
def test_the_list_beside_the_canvas_names_the_optimum_in_german(visit):
    page = visit("compare?data=digits&draw=true&lang=de")
    page.locator(".pen-list li").filter(has_text="Exaktes Optimum").wait_for()
