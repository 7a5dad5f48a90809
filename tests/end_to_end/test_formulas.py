"""Formulas fit their place, or show that they go on."""

import pytest
from end_to_end import accessible
from end_to_end.downloading import choose

from sc2viz.lab.bench.browser import turn_to

pytestmark = [pytest.mark.browser, pytest.mark.release]

WIDER = """all => all.filter(e => e.scrollWidth > e.clientWidth)
  .map(e => [e.textContent.slice(0, 20), e.scrollWidth, e.clientWidth, getComputedStyle(e).maskImage])"""
FIT = "all => [...document.querySelectorAll(all)].every(e => e.scrollWidth <= e.clientWidth)"


def test_formulas_are_not_cut(visit):
    page = visit("gates?data=digits", width=1024)
    for name in ("Gates & cells", "Activations", "Step through"):
        turn_to(page, name)
        if name == "Activations":
            page.locator(".st-key-each-activation").wait_for()
            page.locator(".st-key-more summary").first.click()
        if name == "Step through":
            page.get_by_text("More", exact=True).click()
        page.wait_for_selector(".stMain .katex-display")
        for width in (1024, 768, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function(FIT, arg=".stMain .katex-display")
        choose(page, "Equations")
        page.wait_for_selector("[role=dialog] .katex-display")
        page.wait_for_function(FIT, arg="[role=dialog] .katex-display")
        assert not page.evaluate(accessible.FORMULAS, "body")
        page.keyboard.press("Escape")
        page.set_viewport_size({"width": 1024, "height": 900})


def test_a_formula_that_is_wider_than_its_place_fades_where_it_goes_on(visit):
    page = visit(
        "activations?data=digits&more=true", width=900
    )  # two narrow columns beside the sidebar
    page.wait_for_selector(".stMain .katex-display")
    page.wait_for_function(f"all => !({FIT})(all)", arg=".stMain .katex-display")
    page.wait_for_function(
        "q => getComputedStyle(document.querySelector(q)).maskImage.includes('gradient')",
        arg=".stMain .st-key-definitions .katex-display",
    )
    [(_, wide, room, _)] = page.locator(".stMain .katex-display").evaluate_all(WIDER)
    assert wide > room
