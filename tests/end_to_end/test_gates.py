"""Gates & cells and Activations in a real browser, as a reader uses them."""

import re

import pytest
from end_to_end.dragging import LAMBDA, Drag, T

from sc2viz import checkpoints, data, lasso, solvers

pytestmark = pytest.mark.browser

CELL = """([panel, atom, t]) => {
    const plot = document.querySelector('.st-key-cells .js-plotly-plot'), layout = plot._fullLayout;
    const x = layout['xaxis' + (panel ? panel + 1 : '')], y = layout.yaxis, box = plot.getBoundingClientRect();
    return [box.left + x._offset + x.l2p(t), box.top + y._offset + y.l2p(atom)];
}"""


TICKS = """() => [...document.querySelectorAll('.st-key-cells [class^=x][class$=tick]:not([class*=cb]) text')]
    .map(tick => tick.getBoundingClientRect()).map(box => [box.left, box.right])"""
APART = "all.length === 10 && all.every((tick, k) => !k || all[k - 1][1] < tick[0])"


def drawn(page, chart: str) -> None:
    page.wait_for_selector(f".st-key-{chart} .js-plotly-plot .main-svg", state="attached")
    page.wait_for_function("!document.querySelector('[data-stale=true]')")


@pytest.fixture(scope="module")
def gates(stay):
    """A page for the tests below that take `gates`, in their order."""
    page = stay("gates?data=digits&lam=0.5&picture=3&T=10")
    drawn(page, "cells")
    return page


@pytest.fixture(scope="module")
def curves(stay):
    """A page for the tests below that take `curves`, in their order."""
    page = stay("activations?lam=0.5")
    drawn(page, "activation")
    return page


def test_a_clicked_cell_shows_the_arithmetic_of_the_trace(visit):
    page = visit("gates?data=digits&gated=Adaptive%20ISTA&lam=0.1&picture=3&T=10&order=by%20number")
    drawn(page, "cells")
    B = checkpoints.load_dictionary("digits")
    solver = solvers.build("adaptive-ista", B, input_gate=1.8, forget_gate=-0.8)
    path = solver.trace(data.load("digits", split="test").pixels[[3]], 0.1, 10)
    for panel, atom, t in ((1, 17, 4), (3, 40, 2)):
        page.locator(".st-key-cells").scroll_into_view_if_needed()
        page.mouse.click(*page.evaluate(CELL, [panel, atom, t]))
        page.wait_for_function(
            "([atom, t]) => document.querySelector('.st-key-atom input')?.value === atom"
            " && document.querySelector('.st-key-at input')?.value === t",
            arg=[str(atom), str(t)],
        )
        page.get_by_text(f"Iteration {t} of atom {atom} in numbers").wait_for()
        page.wait_for_function("!document.querySelector('[data-stale=true]')")
        shown = page.locator(".st-key-slow-motion annotation").text_content()
        mixed = next(group for group in shown.split(r"\\[.6em]") if "c &= f" in group)
        f, before, i, candidate, cell = map(float, re.findall(r"-?\d+\.\d+", mixed))
        digits = len(re.findall(r"-?\d+\.(\d+)", mixed)[-1])
        assert round(f * before + i * candidate, digits) == pytest.approx(cell, abs=1e-12)
        operands = [
            (before, path.cell[t - 1]),
            (candidate, path.candidate[t - 1]),
            (i, path.input_gate[t - 1]),
        ]
        for printed, traced in (*operands, (f, path.forget_gate[t - 1]), (cell, path.cell[t])):
            assert printed == pytest.approx(traced[0, atom].item(), abs=0.51 * 10.0**-digits)
        code = float(re.findall(r"&= (-?[\d.]+)", shown)[-1])
        assert code == pytest.approx(path.codes[t, 0, atom].item(), abs=0.51 * 10.0**-3)
    assert "atom=40" in page.url and "at=2" in page.url


@pytest.mark.release
def test_atom_and_iteration_go_by_the_keyboard_too_and_the_address_names_the_first_ones_as_well(
    visit,
):
    page = visit("gates?data=digits")
    field = page.locator(".st-key-atom input")
    opens = int(field.input_value())
    assert "atom=" not in page.url  # the page's choice, which follows the picture
    field.press("ArrowUp")
    page.wait_for_url(f"**atom={opens + 1}*")
    for name, value in (("atom", "0"), ("at", "1")):
        page.locator(f".st-key-{name} input").fill(value)
        page.locator(f".st-key-{name} input").press("Enter")
        page.wait_for_function(f"new URL(location).searchParams.get('{name}') === '{value}'")
    page.reload()
    page.get_by_text("Atom 0 over the iterations").wait_for()
    page.get_by_text("Iteration 1 of atom 0 in numbers").wait_for()
    drawn(page, "cells")
    field.focus()
    page.keyboard.press("ArrowUp")
    page.get_by_text("Atom 1 over the iterations").wait_for()
    assert re.search(r"atom 1\b", page.locator(".st-key-caption").inner_text())


@pytest.mark.release
def test_nothing_fades_and_the_heatmaps_follow(visit):
    page = visit("gates?data=mnist-5k", reduced_motion="no-preference")
    drawn(page, "cells")
    shown = "() => JSON.stringify([...document.querySelectorAll('.st-key-cells .js-plotly-plot')].map(p => p.data[0].z))"
    page.evaluate("""() => {
        window.palest = 1;
        const look = () => {
            for (const each of document.querySelectorAll('.stMain [data-testid=stElementContainer]'))
                window.palest = Math.min(window.palest, Number(getComputedStyle(each).opacity));
            requestAnimationFrame(look);
        };
        look();
    }""")
    for slider, sign in (("λ, the price of the code", "lam=0.46"), ("T, iterations", "T=9")):
        before = page.evaluate(shown)
        page.get_by_role("slider", name=slider).press("ArrowLeft")
        page.wait_for_url(f"**{sign}*")
        page.wait_for_function(
            f"before => ({shown})() !== before && ({shown})() !== '[]'", arg=before
        )
        drawn(page, "cells")
        assert page.evaluate("window.palest") == 1


@pytest.mark.release
def test_theta_steps_with_the_arrow_keys_and_changes_the_share_of_zeros(curves):
    page = curves
    before = page.locator(".st-key-caption").inner_text()
    slider = page.get_by_role("slider", name="θ, shrinkage's threshold")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelector('.st-key-caption').innerText !== before", arg=before
    )
    assert "theta=" in page.url


def test_the_picture_with_its_gates_and_without_them_is_one_click_away(gates):
    page = gates
    page.locator(".st-key-gates-buy summary").click()
    cards = page.locator(".st-key-gates-buy .sc-card")
    cards.nth(4).wait_for()
    names = cards.locator("figcaption span").all_inner_texts()
    assert names == ["SLSTM", "Gates at their mean", "f = 0", "i = 1, f = 0", "ISTA"]
    solver, x = checkpoints.load("digits/slstm"), data.load("digits", split="test").pixels[[3]]
    F = lasso.honest_objective(
        x, solver(x, 0.5, steps=10).detach(), solver.dictionary.detach(), 0.5
    ).item()
    assert float(cards.nth(0).locator("dd").first.inner_text()) == pytest.approx(F, rel=1e-3)


def test_maps_wait_visibly_while_a_slider_is_dragged_and_until_the_answer_is_there(gates):
    page = gates
    paleness = (
        "shown => Number(getComputedStyle(document.querySelector(`.st-key-${shown}`)).opacity)"
    )
    charts = ("cells", "course", "memory", "mean-gates", "gate-plane")
    keys = ("slow-motion", *(f"{key} .js-plotly-plot" for key in charts))
    assert all(page.evaluate(paleness, key) == 1 for key in keys)
    for name in (LAMBDA, T):
        with Drag(page, name) as drag:
            drag.to(0.3)
            assert all(page.evaluate(paleness, key) < 0.5 for key in keys), name
        page.wait_for_function("!document.body.classList.contains('sc2viz-held')")
        drawn(page, "cells")
        assert all(page.evaluate(paleness, key) == 1 for key in keys), name


@pytest.mark.release
def test_nothing_overflows(visit, curves):
    for page, chart in ((visit("gates", width=390, theme="dark"), "cells"), (curves, "activation")):
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
                tops = {
                    page.locator(f".st-key-{key} label").first.bounding_box()["y"]
                    for key in ("atom", "at", "order")
                }
                assert width < 1280 or len(tops) == 1
