"""The figure "One iteration" in a real browser, against numpy."""

import base64
import io
import re
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from sc2viz import checkpoints, data, solvers

pytestmark = pytest.mark.browser

PATH = "step?shows=one+iteration&data=digits&picture=3&lam=0.8&T=5"


@pytest.fixture
def figure(visit):
    def opened(query: str = "", **options):
        page = visit(PATH + query, **{"reduced_motion": "no-preference", **options})
        figure_node = page.get_by_role("figure", name="One iteration")
        figure_node.locator("svg .bar").first.wait_for(state="attached")
        return figure_node

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
    node = figure()
    assert "it is all of x" in sentence(node)
    picture = node.locator("svg image").first.get_attribute("href").partition(",")[2]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("L")) / 255
    assert pixels == pytest.approx(x.reshape(8, 8), abs=0.01)
    for _ in range(2):
        help = B.T @ (x - B @ s)
        candidate = s + tau * help
        expected = np.sign(candidate) * np.maximum(np.abs(candidate) - 0.8 * tau, 0)
        j = int(np.abs(help).argmax())
        press(node, "ArrowRight")
        assert f"Atom {j} would help most: {help[j]:.3g}." in sentence(node)
        press(node, "ArrowRight")
        assert f"τ = {tau:.3g} times its help" in sentence(node)
        assert sentence(node).endswith(f"to {candidate[j]:.3g}.")
        press(node, "ArrowRight")
        zeros = int(((expected == 0) & (candidate != 0)).sum())
        assert f"θ = {0.8 * tau:.3g}" in sentence(node) and f" {zeros} atom" in sentence(node)
        empty = node.locator("svg .empty")
        bars = sum(
            path.get_attribute("d").count("M") for path in empty.all() if path.get_attribute("d")
        )
        assert bars + node.locator("svg rect.empty").count() == zeros
        press(node, "ArrowRight")
        F = [np.sum((x - B @ code) ** 2) / 2 + 0.8 * np.abs(code).sum() for code in (s, expected)]
        assert "F goes from {:#.4g} to {:#.4g}.".format(*F) in sentence(node)
        press(node, "ArrowRight")
        s = expected
    assert node.get_attribute("data-at") == "3 missing"
    press(node, "ArrowLeft")
    assert node.get_attribute("data-at") == "2 sum"


def test_a_bar_that_is_clicked_gives_its_arithmetic(figure):
    node = figure("&solvers=SLSTM")
    node.get_by_label("iteration", exact=True).fill("3")
    node.locator("svg .hit").nth(2).click()
    line = node.locator(".sc-sum").inner_text()
    f, old, i, candidate, cell = map(
        float,
        re.search(r"c = (\S+) · (\S+) \+ (\S+) · (\S+) = (\S+),", line.replace("−", "-")).groups(),
    )
    assert f * old + i * candidate == pytest.approx(cell, rel=0.02)


def test_two_solvers_stand_side_by_side_and_play_in_step(figure):
    node = figure("&solvers=ISTA&solvers=SLSTM")
    assert node.get_by_role("heading", level=3).all_inner_texts() == ["ISTA", "SLSTM"]
    node.get_by_role("button", name="Gates").click()
    sentences = node.locator(".sc-says").all_inner_texts()
    assert "times its help" in sentences[0] and "of the old cell stays" in sentences[1]
    assert not node.locator("svg .differs").count()
    phases = node.get_by_role("toolbar", name="Phase")
    phases.get_by_role("button", name="Gates").press("ArrowRight")
    assert node.locator("svg .differs").count()
    assert phases.locator("[tabindex='0']").all_inner_texts() == ["Shrink"]  # the one Tab stop
    assert node.page.evaluate("document.activeElement.textContent") == "Shrink"
    node.get_by_role("button", name="Play").click()
    node.page.wait_for_function("document.querySelector('.sc-iteration').dataset.at === '1 sum'")
    node.get_by_role("button", name="Pause").click()
    assert node.locator(".sc-plot").get_by_role("img").count() == 2
    heights = []
    for bars in node.locator("svg .bar").all():
        foot, top = re.match(r"M\S+ ([\d.]+)V([\d.]+)", bars.get_attribute("d")).groups()
        heights.append(float(foot) - float(top))
    sums = node.locator(".sc-sum").all_inner_texts()
    weights = [float(line.rpartition(" ")[2].replace("−", "-")) for line in sums]
    assert heights[0] == pytest.approx(heights[1] * weights[0] / weights[1], abs=0.2)  # px


def test_the_plane_of_two_alike_atoms_follows_the_weights_of_three_solvers(figure):
    x, B = data.load("digits", "test").pixels[3:4], checkpoints.load_dictionary("digits")
    node = figure()
    plane = node.locator(".sc-plane")
    pair = list(map(int, re.findall(r"\d+", plane.get_by_role("img").get_attribute("aria-label"))))
    assert plane.locator("g.way text").all_text_contents() == ["ISTA", "FISTA", "SLSTM"]
    node.get_by_label("iteration", exact=True).fill("4")
    built = solvers.build("ista", B), solvers.build("fista", B), checkpoints.load("digits/slstm")
    for phase, t in (("Step", 3), ("Sum", 4)):
        node.get_by_role("button", name=phase).click()
        points = np.array(re.split("[ ,]", plane.get_attribute("data-at")), float).reshape(3, 2)
        codes = [solver.trace(x, 0.8, t).codes[-1, 0].detach().numpy()[pair] for solver in built]
        np.testing.assert_allclose(points, codes, atol=1e-5)
        marks = plane.locator("g.way text, .optimum").all()
        for one, other in combinations([mark.bounding_box() for mark in marks], 2):
            apart = [
                abs(2 * (one[at] - other[at]) + one[size] - other[size]) > one[size] + other[size]
                for at, size in (("x", "width"), ("y", "height"))
            ]
            assert any(apart)


def test_with_reduced_motion_all_phases_stand_below_each_other(figure):
    node = figure(reduced_motion="reduce", width=390)
    assert node.locator(".sc-plot svg > g").count() == 5
    assert node.evaluate("each => each.scrollWidth <= each.clientWidth")
