"""The live page to take away: one file, no server, and the numbers of `evaluation`."""

import gzip
import html
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from end_to_end.downloading import choose
from end_to_end.drawing import SEVEN, draw, inked

import sc2viz
from sc2viz import checkpoints, data, evaluation, lasso, solvers
from sc2viz.browser import readings
from sc2viz.draw import mosaics

pytestmark = pytest.mark.browser

LAMBDA, T = "λ, the price of the code", "T, iterations"
CARDS = """() => Object.fromEntries([...document.querySelectorAll('.sc-card')].map(card =>
    [card.querySelector('figcaption span').innerText, [...card.querySelectorAll('dd')].map(e => e.innerText)]))"""


@pytest.fixture(scope="module")
def brought():
    """Data and a dictionary of one's own: rows that are no pictures, coded by a guest's way of iterating and by ISTA."""
    rng = np.random.default_rng(0)
    B = lasso.normalised(torch.tensor(rng.normal(size=(30, 12)), dtype=torch.float32))
    codes = torch.tensor(
        rng.normal(size=(4, 12)) * (rng.random((4, 12)) < 0.3), dtype=torch.float32
    )
    return codes @ B.T, B


def opened(chromium, path: Path, width: int | None = None):
    page = chromium.new_page(**({"viewport": {"width": width, "height": 900}} if width else {}))
    page.asked, page.said = [], []
    page.on(
        "request",
        lambda request: request.url.startswith("data:") or page.asked.append(request.url),
    )
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_selector(".board canvas")
    return page


def drag(page, name: str, shares):
    """Hold the mouse on a slider and move it to each of `shares`; yield its value there."""
    slider = page.get_by_role("slider", name=name)
    box = slider.bounding_box()
    y, x_start, width = box["y"] + box["height"] / 2, box["x"] + 10, box["width"] - 20
    page.mouse.move(x_start, y)
    page.mouse.down()
    for share in shares:
        page.mouse.move(x_start + share * width, y)
        yield float(slider.get_attribute("aria-valuetext").split(" = ")[1])
    page.mouse.up()


def test_it_moves_agrees_with_evaluation_and_asks_for_nothing(chromium, tmp_path):
    x, B = data.load("mnist-5k", "test").pixels[3:4], checkpoints.load_dictionary("mnist")
    chosen = [
        solvers.build("ista", B),
        solvers.build("fista", B),
        *map(checkpoints.load, ("mnist/lista", "mnist/slstm")),
    ]
    path = sc2viz.live(x[0], B, chosen, lam=0.137, steps=7).save(tmp_path / "page.html")
    page = opened(chromium, path)
    states = set()

    def check(lam: float, steps: int) -> None:
        states.add(
            page.evaluate(
                "[...document.querySelectorAll('.board canvas')].map(c => c.toDataURL()).join()"
            )
        )
        agrees(page, x, B, chosen, lam, steps)

    check(0.137, 7)
    for lam in drag(page, LAMBDA, np.linspace(0, 1, 5)):
        check(lam, 7)
    for steps in drag(page, T, np.linspace(0, 1, 5)):
        check(1, int(steps))
    assert len(states) >= 9 and page.asked == [path.as_uri()] and not page.said
    page.close()


def test_rows_and_a_solver_of_ones_own_are_live_in_it(chromium, brought, bring, tmp_path):
    bring("firm")
    x, B = brought
    live_page = sc2viz.live(
        x, B, ["firm-ista", "ista"], lam=0.2, steps=5, link="https://example.org/?a=1"
    )
    path = live_page.save(tmp_path / "own.html")
    page, own_solvers = opened(chromium, path, width=390), [solvers.build("firm-ista", B)]
    peak = mosaics.span(mosaics.shape_of(x.numpy(), None))
    for lam in drag(page, LAMBDA, (0, 0.5, 1)):
        agrees(page, x[:1], B, own_solvers, lam, 5, peak)
    app = page.get_by_role("link", name="Open this in the app")
    assert app.get_attribute("href") == "https://example.org/?a=1"
    page.get_by_role("button", name="Row 2", exact=True).click()
    page.get_by_text("Row 2", exact=True).first.wait_for()
    for steps in drag(page, T, (0, 1)):
        agrees(page, x[2:3], B, own_solvers, 1.0, int(steps), peak)
    wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= room and not page.said
    page.close()


def test_a_page_of_an_earlier_stage_still_opens(chromium, tmp_path):
    saved = gzip.decompress(Path(__file__).with_name("earlier_page.html.gz").read_bytes())
    (tmp_path / "page.html").write_bytes(saved)
    page = opened(chromium, tmp_path / "page.html")
    cards_before = page.evaluate(CARDS)
    page.get_by_role("slider", name=LAMBDA).press("End")
    assert {*cards_before} == {"Ground truth", "Exact optimum", "ISTA"} != page.evaluate(CARDS)
    assert page.evaluate(CARDS)["ISTA"] != cards_before["ISTA"] and not page.said
    page.close()


def test_it_works_in_the_output_of_a_notebook(chromium, brought, tmp_path):
    x, B = brought
    fragment = sc2viz.live(x[0], B, ["ista"], shape=(5, 6, 1))._repr_html_()
    path = tmp_path / "notebook.html"
    path.write_text(f"<h1>Cell</h1><div>{fragment}</div><div>{fragment}</div>", "utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe").first
    slider = frame.get_by_role("slider", name=LAMBDA)
    slider.press("End")
    codes = lasso.solve(x[:1], B, 1.0, tol=1e-9).codes.float()
    F = readings.objective(lasso.objective(x[:1], codes, B, 1.0).item())
    frame.locator(".sc-exact dd").first.filter(has_text=F).wait_for()
    second_slider = page.frame_locator("iframe").nth(1).get_by_role("slider", name=LAMBDA)
    assert second_slider.get_attribute("aria-valuetext") == "λ = 0.1"
    page.close()


def test_it_needs_no_streamlit():
    code = "import sys, sc2viz; sc2viz.live; print([name for name in sys.modules if name.startswith('streamlit')])"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output.strip() == "[]"


def test_a_title_cannot_end_the_page(brought):
    x, B = brought
    page = sc2viz.live(x[0], B, shape=(5, 6, 1), title="</script><b>mine</b>").html
    assert html.escape("</script><b>mine</b>") in page and "</script><b>" not in page
    assert len(re.findall("</script>", page)) == 2


def agrees(
    page, x: torch.Tensor, B: torch.Tensor, chosen, lam: float, steps: int, peak: float = 1.0
) -> dict:
    """Check the cards of a page against torch on the picture x; the distances to the optimum by label."""
    cards = page.evaluate(CARDS)
    best = lasso.solve(x, B, lam, tol=1e-9).codes.float()
    minimum, distances = lasso.honest_objective(x, best, B, lam), {}
    assert float(cards["Exact optimum"][0]) == pytest.approx(minimum.item(), rel=1e-3)
    for solver in chosen:
        with torch.no_grad():
            codes, atoms = solver(x, lam, steps), solver.dictionary.detach()
        F = lasso.honest_objective(solver.centred(x).detach(), codes, atoms, lam)
        assert float(cards[solver.label][0]) == pytest.approx(F.item(), rel=1e-3)
        if solver.is_ranked:
            psnr = evaluation.psnr(x, codes @ atoms.T, peak).item()
            assert float(cards[solver.label][1].removesuffix("\u00a0dB")) == pytest.approx(
                psnr, abs=0.06
            )
            assert cards[solver.label][2] == f"{100 * evaluation.nonzero_share(codes).item():.0f} %"
            distances[solver.label] = evaluation.excess(F, minimum).item()
    return distances


@pytest.mark.release
@pytest.mark.parametrize(
    ("width", "theme", "touch", "count"), [(390, "dark", True, 16), (1280, "light", False, 1)]
)
def test_what_is_drawn_is_coded_as_torch_codes_it(chromium, tmp_path, width, theme, touch, count):
    x, B = data.load("mnist-5k", "test").pixels[:count], checkpoints.load_dictionary("mnist")
    chosen = [
        *(solvers.build(name, B) for name in ("ista", "fista", "omp")),
        checkpoints.load("mnist/slstm"),
    ]
    path = sc2viz.live(x, B, chosen, noun="digit").save(tmp_path / "page.html")
    context = chromium.new_context(
        viewport={"width": width, "height": 844}, color_scheme=theme, has_touch=touch, offline=True
    )
    page = opened(context, path)
    cards_before, sentence = page.evaluate(CARDS), page.locator(".sc-sentence").inner_text()
    draw(page, SEVEN, touch)
    mine = inked(page)
    distances = agrees(page, mine, B, chosen, 0.1, 10)
    first = min(distances, key=distances.get)
    sentence_after = page.locator(".sc-sentence").inner_text()
    assert sentence_after.startswith(
        f"At λ = 0.1, after 10 iterations, {first} has the lowest F of the three solvers compared: it is "
    )
    assert sentence_after != sentence
    page.get_by_role("slider", name=T).press("End")
    page.get_by_role("slider", name=LAMBDA).press("PageUp")  # five stops of λ
    distances = agrees(
        page,
        mine,
        B,
        chosen,
        float(page.get_by_label(f"{LAMBDA[0]}, a number to type").input_value()),
        100,
    )
    dot = page.locator(".distances .dot").nth(1)
    page.wait_for_function(
        "([dot, far]) => Math.abs(dot.dataset.value - far) < 0.01",
        arg=[dot.element_handle(), distances["FISTA"]],
    )
    page.get_by_role("slider", name="Turn").press("End")
    page.get_by_role("slider", name="Shift").press("ArrowLeft")
    turned = inked(page)
    assert not torch.allclose(turned, mine)
    page.get_by_role("button", name="Eraser").click()
    draw(page, [(0.1, 0.6), (0.9, 0.6)], touch)
    assert 0 < inked(page).sum() < turned.sum()
    page.get_by_role("button", name="Undo").click()
    assert torch.allclose(inked(page), turned)
    for key in ("Home", "PageUp"):
        page.get_by_role("slider", name=T).press(key)
    agrees(
        page,
        turned,
        B,
        chosen,
        float(page.get_by_label(f"{LAMBDA[0]}, a number to type").input_value()),
        6,
    )
    page.get_by_role("button", name="Clear").click()
    for name, value in ((LAMBDA, "0.1"), (T, "10")):
        page.get_by_label(f"{name[0]}, a number to type").fill(value)
        page.keyboard.press("Enter")
    assert (
        page.evaluate(CARDS) == cards_before
        and page.locator(".sc-sentence").inner_text() == sentence
    )
    wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= room and page.asked == [path.as_uri()] and not page.said
    context.close()


@pytest.mark.release
def test_a_line_below_the_optimum_runs_in_a_band_that_says_so(chromium, tmp_path):
    x, B = data.load("mnist-5k", "test").pixels[:1], checkpoints.load_dictionary("mnist")
    chosen = [solvers.build("ista", B), checkpoints.load("mnist/slstm")]
    options = {"lam": 0.015, "steps": 100}
    page = opened(chromium, sc2viz.live(x, B, chosen, **options).save(tmp_path / "page.html"))
    distances = agrees(page, x, B, chosen, *options.values())
    page.locator(".distances").get_by_text("below the optimum").wait_for()
    band = page.locator(".distances .band").bounding_box()
    places = [dot.bounding_box() for dot in page.locator(".distances .dot").all()]
    middles = [box["y"] + box["height"] / 2 for box in places]
    assert (
        distances["ISTA"] > 0 > distances["SLSTM"]
        and middles[0] < band["y"] < middles[1] < band["y"] + band["height"]
    )
    alone = opened(chromium, sc2viz.live(x, B, chosen[:1], **options).save(tmp_path / "alone.html"))
    alone.locator(".distances .dot[data-value]").wait_for()
    assert alone.locator(".distances").get_by_text("below the optimum").is_hidden()


@pytest.mark.release
def test_a_solver_without_a_graph_has_its_card_and_the_reason(chromium, bring, tmp_path):
    bring("while_on_data", "guest-offset")
    x, B = data.load("mnist-5k", "test").pixels[3:4], checkpoints.load_dictionary("mnist")
    page = opened(
        chromium,
        sc2viz.live(x, B, ["ista", "halving", "guest-offset"], noun="digit").save(
            tmp_path / "page.html"
        ),
    )
    reason = "Halving ISTA is not computed in the browser (while_on_data.py, line 22), because its Python asks for a number"
    page.get_by_text(reason).wait_for()
    agrees(
        page,
        x,
        B,
        [solvers.build(name, B) for name in ("ista", "halving", "guest-offset")],
        0.1,
        10,
    )
    page.get_by_role("slider", name=LAMBDA).press("Home")
    agrees(page, x, B, [solvers.build("ista", B), solvers.build("halving", B)], 0.01, 10)
    draw(page, SEVEN)
    page.get_by_text(
        "Halving ISTA is not shown: it has codes of the pictures below alone"
    ).wait_for()
    assert "Halving ISTA" not in page.evaluate(CARDS)
    agrees(
        page, inked(page), B, [solvers.build("ista", B), solvers.build("guest-offset", B)], 0.01, 10
    )
    assert (
        page.locator(".sc-sentence")
        .inner_text()
        .startswith("At λ = 0.01, after 10 iterations, ISTA is ")
    )
    page.get_by_role("button", name="Clear").click()
    agrees(page, x, B, [solvers.build("ista", B), solvers.build("halving", B)], 0.01, 10)
    page.close()


def test_compare_gives_it_away(visit, tmp_path):
    page = visit("compare?data=digits&lam=0.2&layout=one+picture&solvers=FISTA")
    page.wait_for_selector(".board canvas")
    cards, sentence = page.evaluate(CARDS), page.locator(".st-key-caption").inner_text()
    choose(page, "Take away")
    with page.expect_download() as download:
        page.get_by_role("button", name="Live page (HTML)").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    page.goto(path.as_uri())
    page.wait_for_selector(".board canvas")
    taken = page.evaluate(CARDS)
    assert {label: readings[:3] for label, readings in taken.items()} == {
        label: readings[:3] for label, readings in cards.items()
    }
    assert page.locator(".sc-sentence").inner_text() in sentence
    page.goto("about:blank")
