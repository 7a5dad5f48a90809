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
TICKS = """() => [...document.querySelectorAll('.st-key-cells [class^=x][class$=tick]:not([class*=cb]) text')]
    .map(tick => tick.getBoundingClientRect()).map(box => [box.left, box.right])"""
APART = "all.length === 10 && all.every((tick, k) => !k || all[k - 1][1] < tick[0])"
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
        shown = page.locator(".st-key-slow-motion annotation").text_content()
        memory = shown.split(r"\\[.6em]")[0]
        f, before, i, candidate, cell = map(float, re.findall(r"-?\d+\.\d+", memory))
        digits = len(re.findall(r"-?\d+\.(\d+)", memory)[-1])
        assert round(f * before + i * candidate, digits) == pytest.approx(cell, abs=1e-12)
        traced = {
            f: path.forget_gate[t - 1],
            before: path.cell[t - 1],
            i: path.input_gate[t - 1],
            candidate: path.candidate[t - 1],
            cell: path.cell[t],
        }
        for printed, value in traced.items():
            assert printed == pytest.approx(value[0, atom].item(), abs=0.51 * 10.0**-digits)
        code = float(re.findall(r"&= (-?[\d.]+)", shown)[-1])
        assert code == pytest.approx(path.codes[t, 0, atom].item(), abs=0.51 * 10.0**-3)
    assert "atom=40" in page.url and "at=2" in page.url


@pytest.mark.release
def test_atom_and_iteration_go_by_the_keyboard_too_and_the_address_names_them(visit):
    page = visit("gates?data=digits")
    opens = int(page.locator(".st-key-atom input").input_value())
    assert "atom=" not in page.url  # the page's choice, which follows the picture
    page.locator(".st-key-atom input").press("ArrowUp")
    page.wait_for_url(f"**atom={opens + 1}*")
    for name, value in (("atom", "0"), ("at", "1")):  # the first ones as well
        page.locator(f".st-key-{name} input").fill(value)
        page.locator(f".st-key-{name} input").press("Enter")
        page.wait_for_function(f"new URL(location).searchParams.get('{name}') === '{value}'")
    page.reload()
    page.get_by_text("Iteration 1 of atom 0 in numbers").wait_for()
    assert re.search(r"atom 0\b", page.locator(".st-key-caption").inner_text())


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
def test_nothing_overflows(visit):
    gates = visit("gates", width=390, theme="dark")
    for page, chart in ((gates, "cells"), (visit("activations?more=true"), "activation")):
        for width in (390, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 1000})
            drawn(page, chart)
            page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
            assert page.locator("[data-testid=stAlert]").count() == 0
            for plot in page.locator(".js-plotly-plot").all():
                assert plot.bounding_box()["width"] > 200
            if chart == "cells":
                page.wait_for_function(
                    f"() => {{ const all = ({TICKS})().sort((a, b) => a[0] - b[0]); return {APART}; }}"
                )
