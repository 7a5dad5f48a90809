"""λ trade-off without a browser: its caption and numbers against numpy, and every data set and extreme."""

import re
from functools import partial

import numpy as np
import pytest
import torch
from pages import seen
from pages.seen import html

from sc2viz import checkpoints, data, lasso, solvers
from sc2viz.browser import readings


@pytest.fixture
def opened(open_page):
    return partial(open_page, "lambda")


def said(app) -> str:
    return " ".join(markdown.value for markdown in app.markdown)


def shares(app) -> dict[float, float]:
    """The share of non-zeros by λ, of which the board says what doubling λ does."""
    told = seen.board(app, "tradeoff-board")["sentence"]
    assert told["kind"] == "doubling"
    return dict(zip(told["lams"], told["shares"], strict=True))


def exact(lam: float, rows: slice) -> tuple[np.ndarray, np.ndarray]:
    """The share of non-zeros and the PSNR of exact codes of digits."""
    x, B = data.load("digits", "test").pixels[rows], checkpoints.load_dictionary("digits")
    codes = lasso.solve(x, B, lam, tol=1e-6).codes.numpy()
    error = ((x.numpy() - codes @ B.numpy().T) ** 2).mean(1)
    return (np.abs(codes) > 1e-3).mean(1), -10 * np.log10(error)


@pytest.mark.parametrize(("layout", "rows"), [("grid", slice(16)), ("one picture", slice(3, 4))])
def test_the_caption_says_what_doubling_lambda_costs(opened, layout, rows):
    app = opened(data="digits", lam="0.1", picture="3", layout=layout)
    (share, psnr), (share2, psnr2) = exact(0.1, rows), exact(0.2, rows)
    told = shares(app)
    assert told[0.1] == pytest.approx(share.mean()) and told[0.2] == pytest.approx(share2.mean())
    text = said(app)
    assert f"cost **{psnr.mean() - psnr2.mean():.1f}\u00a0dB**" in text


def test_where_doubling_lambda_removes_no_atom_it_says_so(opened):
    x, B = data.load("digits", "test").pixels, checkpoints.load_dictionary("digits")
    before, after = (
        (lasso.solve(x, B, lam, tol=1e-6).codes.abs() > 1e-3).sum(1) for lam in (0.6, 1.2)
    )
    row = int((before == after).nonzero()[0])
    app = opened(data="digits", lam="0.6", picture=str(row), layout="one picture")
    told = shares(app)
    # Beyond 1, where the slider ends, 1.2 stands for the nearest λ that is known.
    assert told[0.6] == pytest.approx(before[row] / 100) and 1 in told
    assert "The smaller weights cost" in said(app)


def test_without_the_shrinkage_the_picture_is_closer_and_F_higher(opened):
    x, B = (
        data.load("digits", "test").pixels[3].double().numpy(),
        checkpoints.load_dictionary("digits").double().numpy(),
    )
    s = lasso.solve(torch.from_numpy(x[None]), torch.from_numpy(B), 0.2, tol=1e-9).codes[0].numpy()
    used = np.abs(s) > 1e-3
    fitted = np.linalg.lstsq(B[:, used], x, rcond=None)[0]
    rest = ((x - B[:, used] @ fitted) ** 2).sum()
    card = re.search(
        r"<span>Refitted</span>.*?</figure>",
        html(opened(data="digits", lam="0.2", picture="3")),
        re.S,
    )[0]
    assert f"<dd>{readings.decibels(10 * np.log10(len(x) / rest))}</dd>" in card
    assert f"<dd>{readings.objective(rest / 2 + 0.2 * np.abs(fitted).sum())}</dd>" in card


@pytest.mark.parametrize(
    ("name", "atoms", "lam"), [("digits", "digits", 0.5), ("mnist-5k", "mnist", 0.015)]
)
def test_it_knows_by_how_much_the_price_shrinks_the_weights_that_stay(opened, name, atoms, lam):
    x, B = (
        data.load(name, "test").pixels[0].double().numpy(),
        checkpoints.load_dictionary(atoms).double().numpy(),
    )
    s = lasso.solve(torch.from_numpy(x[None]), torch.from_numpy(B), lam, tol=1e-9).codes[0].numpy()
    used = np.abs(s) > 1e-3
    fitted = np.linalg.lstsq(B[:, used], x, rcond=None)[0]
    app = opened(data=name, lam=f"{lam}", picture="0")
    element = next(each for each in app.get("bidi_component") if "tradeoff-board" in each.proto.id)
    board = seen.told(element)
    shrunk = seen.numbers(board, seen.arrays(element), 2)["shrunk"][
        board["stops"]["lam"].index(lam)
    ]
    assert shrunk == pytest.approx(1 - np.abs(s).sum() / np.abs(fitted).sum(), abs=1e-4)


@pytest.mark.parametrize("lam", ["0.05", "0.2", "0.5"])
def test_the_page_opens_on_two_weights_of_which_one_is_zero(opened, lam):
    _, (first, second) = opened(data="digits", lam=lam, picture="3").session_state["_plane"]
    x, B = data.load("digits", "test").pixels[3:4], checkpoints.load_dictionary("digits")
    code = lasso.solve(x, B, float(lam), tol=1e-9).codes[0]
    assert abs(code[first]) > 1e-3 >= abs(code[second])


def test_the_headline_and_what_to_notice_agree(opened):
    app = opened(lam="1")  # mnist-5k: half a percent more than a whole one
    last = re.search(r"of the optimum from \*\*\d+.%\*\* to \*\*(\d+).%\*\*", said(app))[1]
    assert f"{100 * shares(app)[1.0]:.0f}" == last


def test_it_says_what_is_one_picture_and_what_is_an_average(opened):
    app = opened(data="digits", picture="3")
    name = data.load("digits", "test").labels[3].item()
    assert f"<span>Picture</span><small>3, a {name}</small>" in html(app)
    assert any("average over pictures 0–15" in text.value for text in app.caption)
    app = opened(data="digits", picture="3", layout="one picture")
    assert f"<span>Picture</span><small>3, a {name}</small>" in html(app)
    assert "exact codes of this picture" in seen.board(app, "tradeoff-board")["sentence"]["whose"]
    assert not any("average" in text.value for text in app.caption)


def test_the_strip_shows_the_picture_at_rising_lambda(opened):
    shown = html(opened(data="digits", lam="0.2", picture="3"))
    labels = re.findall(r"<figcaption><span>(.*?)</span>", shown)
    assert labels == [
        "Picture",
        "λ = 0.2",
        "Refitted",
        *(f"λ = {lam:g}" for lam in (0.01, 0.03, 0.1, 0.3, 1)),
    ]
    atoms = [int(count) for count in re.findall(r"<b>(\d+)</b>", shown)]
    assert atoms[0] == atoms[1] == round(exact(0.2, slice(3, 4))[0].item() * 100)
    assert atoms[2:] == sorted(atoms[2:], reverse=True)
    assert re.search(r"<span>λ = 0.2</span><small>your λ</small>", shown)


@pytest.mark.parametrize("name", data.BUILT_IN[:3])
def test_every_built_in_data_set_opens_at_either_end(opened, name):
    for lam, T in (("0.01", "1"), ("1", "100")):
        app = opened(data=name, lam=lam, T=T, solvers=["ISTA", "SLSTM"])
        assert (
            "(average over pictures 0–15)" in seen.board(app, "tradeoff-board")["sentence"]["whose"]
        )
        assert len(app.get("plotly_chart")) == 3


def test_no_solver_leaves_the_exact_optimum(opened):
    app = opened(data="digits")
    app.pills(key="solvers").set_value([]).run()
    assert not app.exception and not app.error
    assert "Distance of F" not in said(app)


def test_lambda_max_is_the_largest_of_the_pictures(opened):
    x, B = (
        data.load("digits", "test").pixels[:16].numpy(),
        checkpoints.load_dictionary("digits").numpy(),
    )
    assert f"= {np.abs(x @ B).max():#.4g}, the largest" in said(opened(data="digits"))
    one = said(opened(data="digits", picture="3", layout="one picture"))
    assert f"= {np.abs(x[3] @ B).max():#.4g}." in one


def test_what_is_zero_beyond_lambda_max_is_said_of_exact_codes_alone(opened):
    x = data.load("digits", "test").pixels[3:4]
    B = checkpoints.load_dictionary("digits")
    codes = solvers.build("omp", B, steps=10)(x, 2 * lasso.lambda_max(x, B).item())
    assert codes.abs().sum() > 0  # OMP does not use λ
    text = said(opened(data="digits", picture="3", layout="one picture", solvers=["OMP"]))
    assert "Every exact code is zero for" in text and "Every code is zero" not in text


def test_pictures_of_zeros_cost_nothing(opened, monkeypatch):
    images = data.load("digits", "test")
    blank = type(images)(**{**vars(images), "pixels": images.pixels * 0})
    monkeypatch.setattr("sc2viz.ui.startup.images", lambda *_, **__: blank)
    assert "Every picture here is zero, so that no code has an error." in said(
        opened(data="digits")
    )
