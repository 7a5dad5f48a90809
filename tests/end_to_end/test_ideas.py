"""Figures of ideas in a real browser: what is dragged moves them, and what they show is what the core computes."""

import csv
import io

import numpy as np
import pytest
import torch
from end_to_end import accessible
from end_to_end.downloading import choose, download
from end_to_end.dragging import LAMBDA, Drag, T, until
from PIL import Image

from sc2viz import lasso, solvers

pytestmark = [pytest.mark.browser, pytest.mark.release]


# Where the rules for the opening of a page hold, which make moves slow
OPENING = r"""() => [...document.querySelectorAll('style')].filter(each => /--later:\s*hidden/.test(each.textContent))
    .map(each => each.media)"""


def numbers(page, figure: str, name: str = "data-at") -> list[float]:
    return list(map(float, page.locator(figure).get_attribute(name).split()))


def taken(page, name: str) -> tuple[Image.Image, np.ndarray]:
    """The picture and the numbers of a figure, from the menu of the page. The last columns of the table are numbers."""
    choose(page, "Take away")
    files = dict(
        download(page, page.get_by_role("button", name=f"{name} ({kind})"))
        for kind in ("PNG", "CSV")
    )
    page.keyboard.press("Escape")
    stem = f"sc2viz-{name.lower().replace(' ', '-')}"
    head, *rows = csv.reader(io.StringIO(files[f"{stem}.csv"].decode()))
    assert all(len(row) == len(head) for row in rows)
    return Image.open(io.BytesIO(files[f"{stem}.png"])).convert("RGB"), np.array(rows)


def test_the_dual_bound_opens_by_one_click_and_moves_with_t_x_and_lambda(visit):
    page = visit("compare?data=digits&picture=3&solvers=ISTA", height=720)
    page.get_by_role("radio", name="bound").click()
    page.wait_for_url("**bound*")
    figure = page.locator(".sc-dual")
    figure.get_by_role("img", name="The dual bound: after iteration 10 of ISTA").wait_for()
    numbers_before = numbers(page, ".sc-dual")
    with Drag(page, T) as drag:
        assert drag.to(1) == 100
        t, F, bound, best = numbers(page, ".sc-dual")
    assert t == 100 and numbers_before[1] > F >= best >= bound > numbers_before[2]
    picture, rows = taken(page, "The dual bound")
    assert rows.shape == (101, 6) and set(rows[:, 0]) == {"ISTA"}
    np.testing.assert_allclose(rows[-1, 2:].astype(float), [t, F, bound, best], rtol=1e-6)
    colours = {
        colour for count, colour in picture.getcolors(picture.width * picture.height) if count > 60
    }
    assert {(0x0B, 0x6E, 0x69), (0xA3, 0x42, 0x0D)} <= colours  # the bound, and the atoms in use
    handle = page.get_by_role("button", name="x, the picture")
    handle.focus()
    page.locator(".sc-dual path.ball").evaluate("each => each.kept = true")
    states = [numbers(page, ".sc-dual", "data-plane")]
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    states.append(numbers(page, ".sc-dual", "data-plane"))
    with Drag(page, LAMBDA) as drag:
        lam = drag.to(0.3)
        states.append(numbers(page, ".sc-dual", "data-plane"))
        assert figure.locator("[data-stale]").count() == 1  # F was computed at another λ
    assert states[0][2] > states[1][2] and states[2][0] == lam
    turned = np.radians([12, 62, 118, 160])
    B = torch.tensor(np.stack([np.cos(turned), np.sin(turned)]))
    for lam, *values in states:
        x, u, s = np.split(np.array(values), [2, 4])
        exact = lasso.solve(torch.from_numpy(x[None]), B, lam, tol=1e-12).codes[0].numpy()
        np.testing.assert_allclose(s, exact, atol=1e-6)
        np.testing.assert_allclose(u, x - B.numpy() @ exact, atol=1e-6)
    assert page.locator(".sc-dual path.ball").evaluate(
        "each => each.kept"
    )  # elements move, and none are made anew
    figure.locator("[data-stale]").wait_for(state="detached")  # the server has answered
    assert not accessible.violations(page, ".sc-dual")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_two_alike_atoms_are_tilted_and_x_is_dragged(visit, theme):
    page = visit("dictionary?data=digits&part=two+alike&lam=0.1", height=720, theme=theme)
    page.get_by_role("img", name="Two alike atoms: contours of F").wait_for()
    assert until(page, lambda: page.evaluate(OPENING) == ["not all"])
    tilt = page.get_by_role("slider", name="angle between them")
    sentences = set()
    for step in (0, 30, 46, 60):
        tilt.fill(str(step))
        angle, lam, *values = numbers(page, ".sc-alike")
        x, s, counts = np.split(np.array(values), [2, 4])
        turned = np.radians(angle)
        B = torch.tensor([[1, np.cos(turned)], [0, np.sin(turned)]])
        exact = lasso.solve(torch.from_numpy(x[None]), B, lam, tol=1e-13).codes[0].numpy()
        np.testing.assert_allclose(s, exact, atol=1e-5)
        for name, count in zip(("ista", "fista"), map(int, counts), strict=True):
            path = (
                solvers.build(name, B)
                .trace(torch.from_numpy(x[None]), lam, count + 100)
                .codes[:, 0]
                .detach()
                .numpy()
            )
            near = np.linalg.norm(path - exact, axis=1) <= 0.01
            assert near[count:].all() and (count == 0 or not near[count - 1])
        sentences.add(page.locator(".sc-alike .sc-says b").first.inner_text())
    assert sentences == {"Both atoms share x", "λ picks the wrong one"}
    handle = page.get_by_role("button", name="x, made of atom 1 and noise")
    box, numbers_before = handle.bounding_box(), numbers(page, ".sc-alike")
    page.mouse.move(box["x"] + 22, box["y"] + 22)
    page.mouse.down()
    page.mouse.move(box["x"] + 22, box["y"] + 2)
    page.mouse.up()
    numbers_after = numbers(page, ".sc-alike")
    assert numbers_after[3] > numbers_before[3]
    picture, rows = taken(page, "Two alike atoms")
    np.testing.assert_allclose(rows[-1].astype(float), numbers_after, rtol=1e-6)
    assert (
        rows.shape[0] == 61
        and picture.width > 2 * page.locator(".sc-alike .sc-plot").first.bounding_box()["width"]
    )
    assert not accessible.violations(page, ".sc-alike")


def test_a_part_of_the_cell_is_opened_by_its_name_on_a_phone(visit, fits):
    page = visit("step?data=digits&shows=LSTM", width=390)
    page.get_by_role("button", name="input gate i: show its numbers").focus()
    page.keyboard.press("Enter")
    page.locator(".sc-unfolded .sc-says", has_text="ISTA takes the whole candidate").wait_for()
    fits(page)
    assert not accessible.violations(page, ".sc-unfolded")
