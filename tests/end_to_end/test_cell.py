"""Inside the cell in a real browser, as a reader uses it."""

import re

import pytest
from end_to_end.dragging import LAMBDA, Drag, T

from sc2viz import checkpoints, data, solvers

pytestmark = pytest.mark.browser

CELL = """([panel, atom, t]) => {
    const plot = document.querySelector('.st-key-cells .js-plotly-plot'), layout = plot._fullLayout;
    const x = layout['xaxis' + (panel ? panel + 1 : '')], y = layout.yaxis, box = plot.getBoundingClientRect();
    return [box.left + x._offset + x.l2p(t), box.top + y._offset + y.l2p(atom)];
}"""
CHOSEN = """([atom, t]) => document.querySelector('.st-key-atom input')?.value === atom
    && document.querySelector('.st-key-at input')?.value === t"""


def drawn(page, chart: str) -> None:
    page.wait_for_selector(f".st-key-{chart} .js-plotly-plot .main-svg", state="attached")
    page.wait_for_function("!document.querySelector('[data-stale=true]')")


def test_a_clicked_cell_shows_the_arithmetic_of_the_trace(visit):
    page = visit("gates?data=digits&gated=Adaptive%20ISTA&lam=0.1&picture=3&T=10&order=by%20number")
    drawn(page, "cells")
    B = checkpoints.load_dictionary("digits")
    solver = solvers.build("adaptive-ista", B, input_gate=1.8, forget_gate=-0.8)
    path = solver.trace(data.load("digits", split="test").pixels[[3]], 0.1, 10)
    for panel, atom, t in ((1, 17, 4), (3, 40, 2)):
        page.locator(".st-key-cells").scroll_into_view_if_needed()
        page.mouse.click(*page.evaluate(CELL, [panel, atom, t]))
        page.wait_for_function(CHOSEN, arg=[str(atom), str(t)])
        page.get_by_text(f"Iteration {t} of atom {atom} in numbers").wait_for()
        page.wait_for_function("!document.querySelector('[data-stale=true]')")
        formula = page.locator(".st-key-slow-motion annotation").text_content()
        memory = formula.split(r"\\[.6em]")[0]
        f, previous, i, candidate, cell = map(float, re.findall(r"-?\d+\.\d+", memory))
        digits = len(re.findall(r"-?\d+\.(\d+)", memory)[-1])
        assert round(f * previous + i * candidate, digits) == pytest.approx(cell, abs=1e-12)
        traced = {
            f: path.forget_gate[t - 1],
            previous: path.cell[t - 1],
            i: path.input_gate[t - 1],
            candidate: path.candidate[t - 1],
            cell: path.cell[t],
        }
        for printed, value in traced.items():
            assert printed == pytest.approx(value[0, atom].item(), abs=0.51 * 10.0**-digits)
        code = float(re.findall(r"&= (-?[\d.]+)", formula)[-1])
        assert code == pytest.approx(path.codes[t, 0, atom].item(), abs=0.51 * 10.0**-3)
    assert "atom=40" in page.url and "at=2" in page.url


def test_more_opens_by_a_click_and_its_address_opens_it(visit):
    page = visit("gates?data=digits&picture=3&T=10")
    drawn(page, "cells")
    assert not page.locator(".st-key-mean-gates").count()
    page.locator(".st-key-more summary").click()
    for _ in range(2):
        drawn(page, "gate-plane")
        page.locator(".st-key-gates-add").get_by_text("ISTA, on the same atoms").wait_for()
        page.wait_for_url("**more=true*")
        page.reload()


def test_a_link_leads_to_the_other_view_with_the_readers_choice(visit):
    page = visit("gates?data=digits&lam=0.3&solvers=SLSTM")
    page.get_by_role("link", name="Activation", exact=True).click()
    page.wait_for_url("**/activations?*lam=0.3*")
    page.locator(".st-key-caption", has_text="In SLSTM on picture 0").wait_for()
    assert page.locator("h1").inner_text() == "Inside the cell"


@pytest.mark.release
def test_charts_wait_visibly_while_a_slider_is_dragged_and_until_the_answer_is_there(visit):
    page = visit("gates?data=digits&lam=0.5&picture=3&T=10&more=true")
    drawn(page, "gate-plane")
    paleness = (
        "shown => Number(getComputedStyle(document.querySelector(`.st-key-${shown}`)).opacity)"
    )
    charts = ("cells", "course", "memory", "mean-gates", "gate-plane")
    keys = ("slow-motion", "arithmetic", *(f"{key} .js-plotly-plot" for key in charts))
    assert all(page.evaluate(paleness, key) == 1 for key in keys)
    for name in (LAMBDA, T):
        with Drag(page, name) as drag:
            drag.to(0.3)
            assert all(page.evaluate(paleness, key) < 0.5 for key in keys), name
        page.wait_for_function("!document.body.classList.contains('sc2viz-held')")
        drawn(page, "cells")
        assert all(page.evaluate(paleness, key) == 1 for key in keys), name


@pytest.mark.release
@pytest.mark.parametrize(("path", "chart"), [("gates", "cells"), ("activations", "activation")])
def test_what_stands_behind_more_does_not_overflow(visit, path, chart):
    page = visit(f"{path}?more=true")
    for width in (390, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 1000})
        drawn(page, chart)
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
        assert all(
            plot.bounding_box()["width"] > 200 for plot in page.locator(".js-plotly-plot").all()
        )
