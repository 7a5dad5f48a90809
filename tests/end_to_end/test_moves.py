"""While something moves, what a page says of it in several places is one number; what waits for the server is grey."""

import re

import numpy as np
import pytest
from end_to_end.dragging import LAMBDA, Drag, T, ready

from sc2viz.draw import curves

pytestmark = [pytest.mark.browser, pytest.mark.release]

SEED = 0
MOMENTS = 10

# What Welcome says at one moment: its sentence, the caption of the picture, the count, the line of numbers, and the dot.
ADDER = """() => {
    const caption = document.querySelector('.st-key-caption'), following = caption.querySelector('.sc-sentence');
    const said = following && !following.hidden ? following : caption.querySelector('[data-testid=stMarkdown]');
    const roots = [document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)];
    const root = roots.find(each => each.querySelector('.adder'));
    const find = what => root.querySelector(`.adder ${what}`);
    const box = find('.course svg').getBoundingClientRect(), dot = find('.point').getBoundingClientRect();
    return {
        sentence: said.innerText, grey: Number(getComputedStyle(said).opacity) < 1,
        card: find('.rest-says').textContent, sum: find('.sum-says').textContent, count: find('output').textContent,
        says: find('.says').textContent, height: (box.bottom - (dot.top + dot.bottom) / 2) / box.height,
    };
}"""


def percents(text: str) -> list[str]:
    return re.findall(r"[\d.,]+\s%", text.replace("\u00a0", " "))


def alike(state: dict) -> None:
    """The sentence, the caption, the line of numbers and the dot of Welcome agree."""
    k, count = map(int, re.findall(r"\d+", state["count"]))
    assert re.findall(r"\d+", state["sum"]) == [str(k)]
    number = percents(state["card"])[0] if k else "everything"
    if state["grey"]:
        return
    assert (
        (number in " ".join(percents(state["sentence"])))
        if k
        else ("all of it is missing" in state["sentence"])
    ), state
    assert (
        re.search(rf"\b{k}\b", state["sentence"]) and str(count) in state["sentence"] or k == count
    ), state
    assert percents(state["says"])[-1:] == [number] or not k, state
    share = float(number.split("\u00a0")[0].split(" ")[0]) / 100 if k else 1
    assert state["height"] == pytest.approx(148 / 150 * min(1, share) - 0.0, abs=0.03), state


def test_welcome_says_one_number_while_it_plays_is_paused_and_scrubbed(visit):
    rng = np.random.default_rng(SEED)
    page = visit("welcome?data=digits&lam=0.05&sum=0", reduced_motion="no-preference")
    page.locator(".equation .term").first.wait_for()
    page.get_by_role("button", name="Play").click()
    states = []
    for wait in rng.integers(50, 400, MOMENTS):
        page.wait_for_timeout(int(wait))
        states.append(page.evaluate(ADDER))
    if page.get_by_role("button", name="Pause").count():
        page.get_by_role("button", name="Pause").click()
    states.append(page.evaluate(ADDER))
    slider = page.get_by_role("slider", name="Number of atoms in the sum")
    for share in rng.random(MOMENTS):
        slider.fill(str(int(share * int(slider.get_attribute("max")))))
        states.append(page.evaluate(ADDER))
    with Drag(page, LAMBDA) as drag:  # at some of its atoms
        for share in rng.random(MOMENTS):
            drag.to(share)
            states.append(page.evaluate(ADDER))
    assert len({state["count"] for state in states}) > MOMENTS
    assert len({state["sentence"] for state in states if not state["grey"]}) > MOMENTS
    for state in states:
        alike(state)


COMPARE = """() => {
    const caption = document.querySelector('.st-key-caption'), following = caption.querySelector('.sc-sentence');
    const plot = document.querySelector('.st-key-excess .js-plotly-plot'), at = plot._fullLayout;
    const dots = [...[...plot.querySelectorAll('.scatterlayer .trace')].at(-1).querySelectorAll('.point')].map(point => {
        const [x, y] = point.getAttribute('transform').match(/[-\\d.]+/g).map(Number);
        return [at.xaxis.p2d(x), at.yaxis.p2d(y)];
    });
    const grey = node => Number(getComputedStyle(node).opacity) < 1;
    return {
        sentence: following.hidden ? '' : following.innerText, chart: grey(document.querySelector('.st-key-excess')), dots,
        scale: document.querySelector('.sc-legend .sc-bar').innerText,
        cards: Object.fromEntries([...document.querySelectorAll('.sc-card')].slice(2).map(card =>
            [card.querySelector('figcaption span').innerText, card.querySelector('.sc-headline b').innerText])),
    };
}"""


def test_compare_says_one_number_while_lambda_and_t_are_dragged(visit):
    rng = np.random.default_rng(SEED)
    page = ready(visit("compare?data=digits&lam=0.2"))
    scale = page.evaluate(COMPARE)["scale"]
    for slider, letter in ((LAMBDA, "λ = "), (T, "after ")):
        with Drag(page, slider) as drag:
            for share in rng.random(MOMENTS):
                value = drag.to(share)
                state = page.evaluate(COMPARE)
                if not state["sentence"]:  # the slider has come back to where the server knows it
                    continue
                assert f"{letter}{value:g}" in state["sentence"]
                cards = {name: text.replace("\u00a0", " ") for name, text in state["cards"].items()}
                match = re.search(
                    r"pictures 0–15, (.*) has the lowest F of the three solvers compared: it is (.*) (\w+) the",
                    state["sentence"],
                )
                first, number, side = match.groups()
                sign = "−" if side == "below" else "+"
                number = number.replace("\u00a0", " ")
                assert cards[first] == (
                    number.replace("under", "<") if "under" in number else f"{sign}{number}"
                )
                excess_by_label = {
                    name: float(re.sub(r"[^\d.-]", "", text.replace("−", "-")))
                    for name, text in cards.items()
                }
                assert excess_by_label[first] == min(excess_by_label.values())
                assert state["scale"] == scale
                if slider == LAMBDA:
                    assert state["chart"]  # its curves wait for the server
                    continue
                assert not state["chart"]
                for (x, y), name in zip(state["dots"], state["cards"], strict=True):
                    assert x == pytest.approx(value, rel=0.01)
                    assert y == pytest.approx(max(excess_by_label[name], curves.FLOOR), rel=0.06)
        ready(page)
        assert not page.evaluate(COMPARE)["chart"]


def test_the_sentence_of_the_trade_off_follows_lambda(visit):
    rng = np.random.default_rng(SEED)
    page = ready(visit("lambda?data=digits&lam=0.2&layout=one+picture&more=true"), 6)
    with Drag(page, LAMBDA) as drag:
        for share in rng.random(MOMENTS):
            lam = drag.to(share)
            sentence = page.locator(".sc-sentence").inner_text()
            atoms = page.locator(".sc-card").nth(1).locator(".sc-headline b").inner_text()
            assert (
                f"λ from {lam:g} to" in sentence
                and f"from {atoms} % to" in sentence.replace("\u00a0", " ")
                or f"at {atoms} %" in sentence.replace("\u00a0", " ")
            )
            assert page.locator(".sc-shrunk p").inner_text().startswith(f"λ = {lam:g}:")
    ready(page)
    page.locator(".st-key-caption").get_by_text("Raising λ from").or_(
        page.get_by_text("Doubling λ from")
    ).first.wait_for()
