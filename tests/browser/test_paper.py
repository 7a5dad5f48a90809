"""The paper, checked, in a real browser."""

import pytest

pytestmark = pytest.mark.browser


def test_a_cell_opens_its_runs(visit):
    page = visit("paper")
    button = page.locator(".results button").first
    button.wait_for()
    shown = float(button.locator("b").inner_text())
    button.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("by logistic regression on the codes").wait_for()
    said = dialog.locator("strong").first.inner_text()
    assert abs(float(said.split()[0]) - shown) <= 0.06
    dialog.get_by_text("python -m sc2viz reproduce mnist_fair_accuracy_unsupervised").first.wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1280, "light")])
def test_nothing_overflows(visit, fits, width, theme):
    page = visit("paper", width=width, theme=theme)
    page.locator(".results button").first.wait_for()
    fits(page)
    assert page.locator("table caption").count() == 2
