"""The figure "One iteration" in a real browser, against numpy."""

import re

import numpy as np
import pytest

from sc2viz import checkpoints, data

pytestmark = pytest.mark.browser

PATH = "step?shows=one+iteration&data=digits&picture=3&lam=0.8&T=5"


@pytest.fixture
def figure(visit):
    def opened(more: str = "", **options):
        page = visit(PATH + more, **{"reduced_motion": "no-preference", **options})
        shown = page.get_by_role("figure", name="One iteration")
        shown.locator("svg .bar").first.wait_for(state="attached")
        return shown

    return opened


def sentence(figure) -> str:
    return figure.locator(".sc-says").first.inner_text().replace("\u00a0", " ")


def press(figure, key: str, times: int = 1) -> None:
    for _ in range(times):
        figure.get_by_role("button", name="Play").press(key)


def test_arrow_keys_lead_through_the_phases_of_ISTA_whose_numbers_are_numpys(figure):
    x = data.load("digits", "test").pixels[3].double().numpy()
    B = checkpoints.load_dictionary("digits").double().numpy()
    tau, s = 1 / np.linalg.norm(B, 2) ** 2, np.zeros(B.shape[1])
    shown = figure()
    assert "all of x is missing" in sentence(shown)
    for _ in range(2):
        help = B.T @ (x - B @ s)
        candidate = s + tau * help
        after = np.sign(candidate) * np.maximum(np.abs(candidate) - 0.8 * tau, 0)
        j = int(np.abs(help).argmax())
        press(shown, "ArrowRight")
        assert f"Atom {j} would help most: {help[j]:.3g}." in sentence(shown)
        press(shown, "ArrowRight")
        assert f"τ = {tau:.3g} times its help" in sentence(shown)
        assert sentence(shown).endswith(f"to {candidate[j]:.3g}.")
        press(shown, "ArrowRight")
        zeros = int(((after == 0) & (candidate != 0)).sum())
        assert f"θ = {0.8 * tau:.3g}" in sentence(shown) and f" {zeros} atom" in sentence(shown)
        empty = shown.locator("svg .empty")
        bars = sum(
            each.get_attribute("d").count("M") for each in empty.all() if each.get_attribute("d")
        )
        assert bars + shown.locator("svg rect.empty").count() == zeros
        press(shown, "ArrowRight")
        F = [np.sum((x - B @ code) ** 2) / 2 + 0.8 * np.abs(code).sum() for code in (s, after)]
        assert "F goes from {:#.4g} to {:#.4g}.".format(*F) in sentence(shown)
        press(shown, "ArrowRight")
        s = after
    assert shown.get_attribute("data-at") == "3 missing"
    press(shown, "ArrowLeft")
    assert shown.get_attribute("data-at") == "2 sum"


def test_a_bar_that_is_clicked_gives_its_arithmetic(figure):
    shown = figure("&solvers=SLSTM")
    shown.get_by_label("iteration", exact=True).fill("3")
    shown.locator("svg .hit").nth(2).click()
    line = shown.locator(".sc-sum").inner_text()
    f, old, i, candidate, cell = map(
        float,
        re.search(r"c = (\S+) · (\S+) \+ (\S+) · (\S+) = (\S+),", line.replace("−", "-")).groups(),
    )
    assert f * old + i * candidate == pytest.approx(cell, rel=0.02)


def test_two_solvers_stand_side_by_side_and_play_in_step(figure):
    shown = figure("&solvers=ISTA&solvers=SLSTM")
    assert shown.get_by_role("heading", level=3).all_inner_texts() == ["ISTA", "SLSTM"]
    shown.get_by_role("button", name="Gates").click()
    says = shown.locator(".sc-says").all_inner_texts()
    assert "times its help" in says[0] and "of its old cell stays" in says[1]
    assert not shown.locator("svg .differs").count()
    shown.get_by_role("button", name="Shrink").click()
    assert shown.locator("svg .differs").count()
    shown.get_by_role("button", name="Play").click()
    shown.page.wait_for_function("document.querySelector('.sc-iteration').dataset.at === '1 sum'")
    shown.get_by_role("button", name="Pause").click()
    assert shown.get_by_role("img").count() == 2


def test_with_reduced_motion_all_phases_stand_below_each_other(figure):
    shown = figure(reduced_motion="reduce", width=390)
    assert shown.locator("svg > g").count() == 5
    assert shown.evaluate("each => each.scrollWidth <= each.clientWidth")
