"""The site that `sc2viz live` writes, served by Python's own server of files."""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time

import pytest
import torch
from end_to_end.accessible import violations
from end_to_end.drawing import SEVEN, draw, inked
from end_to_end.test_live_page import CARDS, agrees

from sc2viz import checkpoints, data, evaluation, lasso, solvers
from sc2viz.__main__ import main
from sc2viz.browser.site import site as write
from sc2viz.browser.site_data import data_set

pytestmark = pytest.mark.browser

LAMBDA, T = "λ, the price of the code", "T, iterations"
PARTS = {
    "sum": ".adder .term.in",
    "why-zeros": ".sc-zeros .ball",
    "one-weight": ".sc-one .touching",
    "one-iteration": ".sc-iteration path.bar",
    "step": ".scrubber .stem",
    "compare": ".board canvas",
    "lambda": ".tradeoff .curve[d]",
    "atoms": ".sc-alike .way",
    "dual-bound": ".sc-dual .left",
    "ista-to-lstm": ".sc-unfolded[data-at]",
}


# Once the service worker has taken the page over, it has all files.
KEPT = """() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller ??
    new Promise(done => { navigator.serviceWorker.oncontrollerchange = done; })).then(() => null)"""


@pytest.fixture(scope="module")
def site_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "made" / "here"
    link = "https://example.org/app"
    options = ["--data", "digits", "grey-patches", "--lam", "0.1", "--link", link]
    main(["live", *options, "--out", str(folder)])
    return folder


@pytest.fixture(scope="module")
def site(site_folder):
    """Its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    server = subprocess.Popen(command, cwd=site_folder, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", port), timeout=1),
            ):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(timeout=10)


def opened(context, address: str):
    page = context.new_page()
    page.asked, page.said = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(address)
    page.locator("main:not([aria-busy])").wait_for()
    return page


def fits(page, address: str) -> bool:
    """Whether a page is as wide as its window, has said nothing, and asked its own host alone."""
    wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    others = [url for url in page.asked if not url.startswith((address, "data:", "blob:"))]
    assert (wide <= room, page.said, others) == (True, [], [])
    return True


@pytest.mark.release
def test_its_parts_have_addresses_and_work_offline(site, chromium):
    x, B = data.load("digits", "test").pixels, checkpoints.load_dictionary("digits")
    chosen = [solvers.build("ista", B), checkpoints.load("digits/slstm")]
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = opened(context, f"{site}#compare&picture=7&solvers=ista,slstm&T=4")
    agrees(page, x[7:8], B, chosen, 0.1, 4)
    assert not any("fista" in url for url in page.asked)  # weights are loaded when they are chosen
    slider = page.get_by_role("slider", name=LAMBDA)
    slider.press("End")
    page.wait_for_url("**#compare&lam=1&T=4&picture=7&solvers=ista,slstm")
    agrees(page, x[7:8], B, chosen, 1.0, 4)
    page.get_by_role("button", name="FISTA", exact=True).click()
    page.wait_for_url("**solvers=ista,slstm,fista")
    page.evaluate(KEPT)
    context.set_offline(True)
    page.reload()
    page.locator(".sc-card").filter(has_text="FISTA").wait_for()
    agrees(page, x[7:8], B, chosen, 1.0, 4)
    page.get_by_role("link", name="A picture is a sum of atoms").first.click()
    page.locator(".adder .says").filter(has_text="λ = 1:").wait_for()
    page.go_back()
    page.locator(".board canvas").first.wait_for()
    assert (
        page.get_by_role("link", name="Open this in the app")
        .get_attribute("href")
        .startswith(
            "https://example.org/app/compare?data=digits&lam=1&T=4&picture=7&solvers=ISTA&solvers=SLSTM&solvers=FISTA"
        )
    )
    assert fits(page, site)
    context.close()


@pytest.mark.release
def test_codes_that_are_not_finite_cost_a_solver_its_card(site, site_folder, chromium):
    x, B = data.load("digits", "test").pixels[:1], checkpoints.load_dictionary("digits")
    write([data_set(x, B, ["ista", "amp"])]).save(site_folder / "amp")
    codes = solvers.build("amp", B).trace(x, 0.1, 100).codes.detach()
    first = int((~codes.isfinite()).flatten(1).any(1).int().argmax())
    page = opened(chromium.new_context(), f"{site}amp/#compare&T=10&solvers=ista,amp")
    cards, slider = page.locator(".sc-card"), page.get_by_role("slider", name=T)
    cards.filter(has_text="AMP").wait_for()
    slider.press("End")
    note = page.get_by_text(
        f"AMP is not shown: its codes are not finite from iteration {first} on."
    )
    note.wait_for()
    assert cards.filter(has_text="AMP").count() == 0 and cards.filter(has_text="ISTA").count() == 1
    slider.press("Home")
    cards.filter(has_text="AMP").wait_for()
    assert note.count() == 0
    page.context.close()


@pytest.mark.release
@pytest.mark.parametrize(
    ("width", "theme"), [(390, "dark"), (1280, "light"), (1280, "dark"), (1920, "light")]
)
def test_every_part_fits_is_accessible_and_stands_alone(site, chromium, width, theme):
    context = chromium.new_context(
        viewport={"width": width, "height": 844},
        color_scheme=theme,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    for part_name, shows in PARTS.items():
        page = opened(context, f"{site}#{part_name}")
        page.locator(shows).first.wait_for(state="attached")
        # The buttons in Figure 1 are named by their terms, and the letters in them are not.
        problems = [
            violation
            for violation in violations(page)
            if not violation.startswith("label-content-name-mismatch: g[")
        ]
        assert fits(page, site) and problems == [], part_name
        page.close()
        page = opened(context, f"{site}#{part_name}&alone=1")
        page.locator(shows).first.wait_for(state="attached")
        assert (
            page.get_by_role("navigation").is_hidden()
            and page.get_by_role("heading").first.is_visible()
        )
        page.close()
    context.close()


@pytest.mark.release
def test_the_keyboard_leads_through_the_parts(site, chromium):
    page = opened(chromium.new_context(), f"{site}#sum")
    for part_name, shows in PARTS.items():
        page.locator(shows).first.wait_for(state="attached")
        assert page.url.startswith(f"{site}#{part_name}")
        onward = page.locator(".onward")
        if onward.is_visible():
            onward.focus()
            page.keyboard.press("Enter")
    assert part_name == "ista-to-lstm" and page.locator(".onward").is_hidden()
    page.context.close()


@pytest.mark.release
def test_what_is_drawn_chosen_or_brought_is_coded(site, chromium, tmp_path):
    from PIL import Image

    x, B = data.load("digits", "test").pixels, checkpoints.load_dictionary("digits")
    chosen = [solvers.build("ista", B), solvers.build("fista", B), checkpoints.load("digits/slstm")]
    page = opened(chromium.new_context(), f"{site}#compare")
    draw(page, SEVEN)
    mine = inked(page, 8)
    agrees(page, mine, B, chosen, 0.1, 10)
    assert page.locator(".sc-legend span").first.inner_text() == "Your drawing"
    page.get_by_role("button", name=re.compile("^Picture 3,")).click()
    agrees(page, x[3:4], B, chosen, 0.1, 10)
    grey = (x[5] * 255).round().reshape(8, 8).byte().numpy()
    Image.fromarray(grey).save(tmp_path / "mine.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
    page.locator(".sc-legend span").filter(has_text="Your picture").wait_for()
    agrees(page, torch.from_numpy(grey).float().reshape(1, -1) / 255, B, chosen, 0.1, 10)
    page.get_by_role("link", name="A picture is a sum of atoms").first.click()
    page.locator(".adder .says").wait_for()
    assert fits(page, site) and set(page.evaluate(CARDS)) == set()
    page.context.close()


def test_the_tour_keeps_the_data_set_and_asks_beside_the_picture_it_reveals(site, chromium):
    x = data.load("grey-patches", "test").pixels[4:5]
    best = lasso.solve(x, checkpoints.load_dictionary("grey-patches"), 0.5, tol=1e-9).codes
    used = int(evaluation.in_use(best).sum())
    context = chromium.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page = opened(context, f"{site}#sum&data=grey-patches")
    page.get_by_role("button", name="Tour:").click()
    box = page.locator(".ask").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] < page.locator(".tour").bounding_box()["y"]
    assert page.locator(".ask").get_by_role("img", name="Picture 4").is_visible()
    assert "picture=3" in page.url and page.locator(".adder").is_visible()
    following = page.get_by_role("button", name="Next")
    following.click()
    page.locator(".told").filter(has_text=f"Picture 4, λ = 0.5: {used} of 256 weights").wait_for()
    page.locator(".sum-says").filter(has_text=f"the sum of {used} atoms").wait_for()
    following.click()
    page.wait_for_url("**#sum&data=grey-patches**at=2")

    page = opened(context, f"{site}#why-zeros&tour=ten-minutes&at=3")
    page.locator(".ask").wait_for()
    assert page.locator(".sc-zeros").is_hidden()
    following = page.get_by_role("button", name="Next")
    for step, view in ((4, "#atoms&data=grey-patches"), (5, "#one-iteration&lam=0.5&picture=3")):
        page.locator("main:not([aria-busy]) .ask").wait_for()
        following.click()
        page.locator(".told").wait_for()
        following.click()
        page.wait_for_url(f"**{view}**at={step}**")
    page.locator(".sc-one-iteration svg, .sc-iteration svg, .sc-idea svg").first.wait_for()
    assert fits(page, site)
    context.close()


@pytest.mark.release
def test_the_sum_and_the_tour(site, chromium):
    x, B = data.load("digits", "test").pixels[4:5], checkpoints.load_dictionary("digits")
    context = chromium.new_context(reduced_motion="reduce")
    page = opened(context, f"{site}#sum&tour=ten-minutes&at=1&picture=3")
    assert page.get_by_role("button", name="Answer").is_disabled()
    page.get_by_role("slider", name="Your answer").press("End")
    page.get_by_role("button", name="Answer").click()
    best = lasso.solve(x, B, 0.5, tol=1e-9).codes.float()  # the view that answers the step
    used = int(evaluation.in_use(best).sum())
    page.locator(".sum-says").filter(has_text=f"the sum of {used} atoms").wait_for()
    page.locator(".told").filter(has_text=f"You said 100 atoms, and it is {used} atoms.").wait_for()
    missing = 100 * (x - best @ B.T).square().sum().item() / evaluation.contrast(x).item()
    assert float(page.locator(".rest-says b").inner_text().rstrip("\u00a0 %")) == pytest.approx(
        missing, rel=0.05
    )
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**#sum&lam=0.5&picture=3&tour=ten-minutes&at=2")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Show me").click()
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**#why-zeros&lam=0.5&picture=3**at=3")
    page = opened(context, f"{site}#sum&tour=ten-minutes&at=8")  # its page is none of the site's
    assert "sc2viz app" in page.locator(".absent").inner_text()
    page.get_by_role("button", name="End").click()
    assert page.locator(".tour").is_hidden()
    page.wait_for_url(lambda url: "tour" not in url)
    assert fits(page, site)
    context.close()


def test_from_the_disk_one_file_shows_every_part(site_folder, tmp_path, chromium):
    """As somebody has it who got it by mail: alone in a folder, without a server."""
    page = chromium.new_page()
    page.goto(f"file://{site_folder}/index.html")
    page.get_by_role("link", name="sc2viz.html").first.click()
    page.locator("main:not([aria-busy])").wait_for()
    page.close()
    path = shutil.copy(site_folder / "sc2viz.html", tmp_path)
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    for part_name, shows in PARTS.items():
        page = opened(context, f"file://{path}#{part_name}")
        page.locator(shows).first.wait_for(state="attached")
        assert fits(page, f"file://{path}")
        page.close()
    page = opened(context, f"file://{path}#compare&data=grey-patches&solvers=ista")
    x, B = data.load("grey-patches", "test").pixels, checkpoints.load_dictionary("grey-patches")
    agrees(page, x[:1], B, [solvers.build("ista", B)], 0.1, 10)
    page = opened(context, f"file://{path}?lang=de#compare")
    page.get_by_text("Exaktes Optimum").first.wait_for()
    context.close()
