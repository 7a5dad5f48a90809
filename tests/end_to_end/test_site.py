"""The site that `sc2viz live` writes, served by Python's own server of files."""

import contextlib
import socket
import subprocess
import sys
import time

import pytest
import torch
from end_to_end.test_live_page import CARDS, SEVEN, agrees, draw, inked

from sc2viz import checkpoints, data, evaluation, lasso, solvers
from sc2viz.__main__ import main

pytestmark = pytest.mark.browser

LAM, STEPS = 0.1, 10


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Its address, and its folder."""
    folder = tmp_path_factory.mktemp("site") / "made" / "here"
    main(["live", "--data", "mnist-5k", "--out", str(folder), "--link", "https://example.org/sc2viz"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    server = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/", folder
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_the_site_shows_chosen_and_drawn_digits(site, chromium, width, theme):
    address, folder = site
    assert [path.name for path in folder.iterdir()] == ["index.html"]
    assert (folder / "index.html").stat().st_size <= 5e6
    page = chromium.new_page(viewport={"width": width, "height": 844}, color_scheme=theme)
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    x, B = data.load("mnist-5k", "test").pixels[:12], checkpoints.load_dictionary("mnist")
    chosen = [
        *(solvers.build(name, B) for name in ("ista", "fista")),
        *map(checkpoints.load, ("mnist/lista", "mnist/slstm")),
    ]

    def shows(one: torch.Tensor, lam: float = LAM, steps: int = STEPS) -> None:
        agrees(page, one, B, chosen, lam, steps)
        best = lasso.solve(one, B, lam, tol=1e-9).codes.float()
        used = int(evaluation.in_use(best).sum())
        assert page.locator(".sum-says").inner_text() == f"the sum of {used} atom{'s' if used != 1 else ''}"
        left = 100 * (one - best @ B.T).square().sum().item() / evaluation.contrast(one).item()
        assert float(page.locator(".rest-says b").inner_text().rstrip("\u00a0 %")) == pytest.approx(left, rel=0.05)

    page.locator(".tradeoff .dot").nth(4).wait_for()  # the optimum and four solvers
    page.wait_for_function("document.querySelector('.tradeoff .curve').getAttribute('d')")
    shows(x[:1])
    curve = page.locator(".tradeoff .curve").nth(1).get_attribute("d")
    page.get_by_role("button", name="digit 7").click()
    shows(x[7:8])
    page.wait_for_function("d => document.querySelectorAll('.tradeoff .curve')[1].getAttribute('d') !== d", arg=curve)
    draw(page, SEVEN)
    mine = inked(page)
    shows(mine)
    assert page.locator(".strip [aria-pressed=true]").count() == 0
    page.get_by_role("slider", name="λ, the price of the code").press("End")
    page.get_by_role("slider", name="T, iterations").press("Home")
    shows(mine, 1, 1)
    page.get_by_role("button", name="digit 3").click()
    shows(x[3:4], 1, 1)
    assert page.get_by_role("link", name="https://example.org/sc2viz").count() == 1
    wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= room and asked == [address] and not said
    assert set(page.evaluate(CARDS)) == {"Ground truth", "Exact optimum", "ISTA", "FISTA", "LISTA", "SLSTM"}
    page.close()
