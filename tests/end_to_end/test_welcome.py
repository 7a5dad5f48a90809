"""Welcome in a real browser, as a reader uses it."""

import re

import numpy as np
import pytest
import torch

from sc2viz import checkpoints, data, lasso
from sc2viz.browser import readings

pytestmark = pytest.mark.browser

SLIDER = "Number of atoms in the sum"
PIXELS = "canvas => canvas.toDataURL()"


def still(page) -> None:
    """Wait for the atoms to have added up, and stop there."""
    slider = page.get_by_role("slider", name=SLIDER)
    page.locator(".term.last").last.wait_for()
    for _ in range(300):
        if slider.input_value() == slider.get_attribute("max"):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the atoms never added up")


@pytest.fixture
def added_up(visit):
    """Open Welcome for a reader who asked for less motion: all atoms are in the sum at once."""

    def open_page(query: str, **options):
        page = visit(f"welcome?{query}", reduced_motion="reduce", **options)
        still(page)
        return page

    return open_page


@pytest.fixture(scope="module")
def opened(stay):
    """A page for the two tests below, in their order."""
    page = stay("welcome?data=digits&lam=0.2")
    still(page)
    return page


def test_arrow_keys_add_and_take_away_atoms(opened):
    page = opened
    slider = page.get_by_role("slider", name=SLIDER)
    atoms = int(slider.get_attribute("max"))
    assert f"the sum of {atoms} atoms" in page.locator(".stMain").inner_text()
    pixels_of_sum = page.locator("canvas.sum").evaluate(PIXELS)
    assert page.locator(".term.in").count() == page.locator(".term").count() == min(20, atoms)
    slider.press("Home")
    assert page.locator(".term.in").count() == 0
    assert "missing: everything" in page.locator(".rest-says").inner_text()
    shares = []
    for k in range(1, 4):
        slider.press("ArrowRight")
        assert page.locator(".term.in").count() == k
        shares.append(float(re.search(r"([\d.]+)\s%", page.locator(".rest-says").inner_text())[1]))
    assert shares == sorted(shares, reverse=True)
    assert page.locator("canvas.sum").evaluate(PIXELS) != pixels_of_sum
    slider.press("End")
    assert page.locator("canvas.sum").evaluate(PIXELS) == pixels_of_sum


@pytest.mark.release
def test_an_atom_can_be_clicked_its_number_stands_in_the_address_and_the_sum_is_played(visit):
    page = visit("welcome?data=digits&lam=0.2", reduced_motion="no-preference")
    still(page)
    assert "sum=" not in page.url  # nobody has asked for a number
    page.locator(".term").nth(2).click()
    assert page.get_by_role("slider", name=SLIDER).input_value() == "3"
    page.wait_for_url("**sum=3*")
    second_page = visit(page.url.split("/", 3)[3], reduced_motion="no-preference")
    second_page.locator(".term.last").wait_for()
    second_page.wait_for_timeout(500)  # it does not go on from there
    assert second_page.get_by_role("slider", name=SLIDER).input_value() == "3"
    assert second_page.locator("canvas.sum").evaluate(PIXELS) == page.locator(
        "canvas.sum"
    ).evaluate(PIXELS)
    page.get_by_role("slider", name="λ, the price of the code").press("ArrowLeft")
    page.wait_for_url("**lam=0.19*")
    assert page.get_by_role("slider", name=SLIDER).input_value() == "3"
    slider = page.get_by_role("slider", name=SLIDER)
    page.get_by_role("button", name="Play").wait_for()
    slider.fill("1")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("slider", name="λ, the price of the code").press("ArrowLeft")
    page.wait_for_url("**lam=0.18*")
    still(page)  # a moved λ shows the whole sum


@pytest.mark.release
def test_a_sum_that_is_farther_off_than_the_mean_is_said_in_words_and_a_line_marks_the_mean(
    added_up,
):
    x, B = (
        data.load("grey-patches", "test").pixels[8:9].double(),
        checkpoints.load_dictionary("grey-patches").double(),
    )
    codes = lasso.solve(x, B, 1.0, tol=1e-9).codes
    codes[codes.abs() <= 1e-3] = 0
    missing = float((x - codes @ B.T).square().sum() / (x - x.mean()).square().sum())
    empty = float(x.square().sum() / (x - x.mean()).square().sum())
    assert 1 < missing < empty
    page = added_up("data=grey-patches&picture=8&lam=1")
    assert page.locator(".rest-says").inner_text() == "farther off than the mean"
    assert page.locator("p.says").inner_text().endswith("farther off than the mean")
    assert "is nearer to its mean grey than to the sum of" in page.locator(".stMain").inner_text()
    drawing, dot = page.locator(".course svg").bounding_box(), page.locator(".point").bounding_box()
    mean, bottom = page.locator(".mean span").bounding_box(), drawing["y"] + drawing["height"]
    heights = [bottom - dot["y"] - dot["height"] / 2, bottom - mean["y"] - mean["height"]]
    assert [height / drawing["height"] for height in heights] == pytest.approx(
        [missing / empty, 1 / empty], abs=0.03
    )
    page.get_by_role("slider", name=SLIDER).press("ArrowLeft")
    assert page.get_by_text("is nearer to its mean grey than to the sum of").last.is_visible()
    assert added_up("data=digits").locator(".mean").is_hidden()


@pytest.mark.release
def test_parts_of_the_figures_explain_themselves_and_open_their_page_with_the_view(added_up):
    page = added_up("data=digits&lam=0.2")
    price = page.locator("svg.sc-diagram [data-page=lambda]").first
    price.hover()
    explanation = price.get_attribute("data-says")
    assert explanation in page.locator("figure .says").first.inner_text()
    price.focus()
    price.press("Enter")
    page.wait_for_url("**/lambda?**")
    page.get_by_role("heading", name="Why zeros").wait_for()
    assert "data=digits" in page.url and "lam=0.2" in page.url


def test_a_card_opens_its_page(visit):
    page = visit("welcome?data=digits&picture=5")
    page.locator("nav.cards a[data-page=compare]").click()
    page.wait_for_selector(".sc-cards")
    assert "/compare?" in page.url and "picture=5" in page.url


def exact(lam: float):
    """Picture 3 of digits, the atoms, its exact code at λ."""
    x, B = (
        data.load("digits", "test").pixels[3:4].double(),
        checkpoints.load_dictionary("digits").double(),
    )
    return x, B, lasso.solve(x, B, lam, tol=1e-9).codes


def test_atoms_enter_and_leave_under_the_finger(added_up):
    page = added_up("data=digits&picture=3&lam=0.2")
    slider = page.get_by_role("slider", name="λ, the price of the code")
    box, states, address = slider.bounding_box(), set(), page.url
    place = [
        (box["x"] + 10 + share * (box["width"] - 20), box["y"] + box["height"] / 2)
        for share in np.linspace(0, 1, 6)
    ]
    page.mouse.move(*place[3])
    page.mouse.down()
    for point in place:
        page.mouse.move(*point)
        lam = float(slider.get_attribute("aria-valuetext").split(" = ")[1])
        x, B, codes = exact(lam)
        atoms = int((codes.abs() > 1e-3).sum())
        says_text = page.locator("p.says").inner_text()
        assert (
            f"{atoms} atom" in says_text
            and readings.objective(lasso.objective(x, codes, B, lam).item()) in says_text
        )
        assert page.locator(".equation .term").count() == min(20, atoms)
        if atoms > 20:
            assert page.locator(".smaller").inner_text() == f"+ {atoms - 20} smaller"
        sentence = page.locator(".sc-sentence").inner_text().replace("\u00a0", " ")
        if atoms:
            used = np.where(codes.abs() > 1e-3, codes, 0)
            loss = ((x - torch.from_numpy(used) @ B.T) ** 2).sum() / ((x - x.mean()) ** 2).sum()
            share = readings.share(loss.item()).replace("\u00a0", " ")
            total = f"the sum of {atoms} atom{'s' * (atoms > 1)} out of 100"
            assert sentence == f"This 6 is approximately {total}; {share} of it is missing."
        else:
            assert sentence.endswith("every weight of this picture is zero.")
        states.add(page.locator("canvas.sum").evaluate(PIXELS))
    assert len(states) >= 5 and page.url == address
    page.mouse.up()
    page.wait_for_url("**lam=1**")


def test_a_code_by_hand_has_its_F_and_never_beats_the_optimum(added_up):
    page = added_up("data=digits&picture=3&lam=0.2")
    assert page.locator(".by-hand").is_hidden()
    page.get_by_text("More", exact=True).click()
    x, B, codes = exact(0.2)
    best = lasso.objective(x, codes, B, 0.2).item()
    largest = int((codes.abs() * B.norm(dim=0)).argmax())
    page.get_by_role("button", name="By hand").click()

    def read_F() -> float:
        return float(re.search(r"Your F is ([\d.]+)", page.locator(".verdict").inner_text())[1])

    codes[codes.abs() <= 1e-3] = 0
    assert read_F() == pytest.approx(best, rel=1e-3)
    page.get_by_role("button", name="Remove").click()
    codes[0, largest] = 0
    assert read_F() == pytest.approx(lasso.objective(x, codes, B, 0.2).item(), rel=1e-3)
    page.locator(".offered .term").first.click()
    page.get_by_role("slider", name="Weight of the atom").press("End")
    assert read_F() >= best
    page.get_by_role("button", name="The optimum again").click()
    assert page.locator(".tools").is_hidden()
