"""Why zeros without a browser: its sentence and numbers against numpy, and every data set and extreme."""

import re
from functools import partial

import numpy as np
import pytest
import torch
from pages import seen
from pages.seen import html

from sc2viz import checkpoints, data, lasso


@pytest.fixture
def opened(open_page):
    return partial(open_page, "lambda")


def said(app) -> str:
    return " ".join(markdown.value for markdown in app.markdown)


def notes(app) -> str:
    return " ".join(note.value for note in app.caption)


def digits(rows: slice) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of digits (n, 64) and the dictionary (64, d_s), float64."""
    x, B = data.load("digits", "test").pixels[rows], checkpoints.load_dictionary("digits")
    return x.double().numpy(), B.double().numpy()


def exact(x: np.ndarray, B: np.ndarray, lam: float) -> np.ndarray:
    return lasso.solve(torch.from_numpy(x), torch.from_numpy(B), lam, tol=1e-8).codes.numpy()


def refit(x: np.ndarray, code: np.ndarray, B: np.ndarray) -> np.ndarray:
    """The least squares of a picture on the atoms of its code."""
    used = np.abs(code) > 1e-3
    return np.linalg.lstsq(B[:, used], x, rcond=None)[0]


def board_of(app, name: str) -> tuple[dict, dict]:
    """What a board was sent: its data and its arrays."""
    element = next(
        component for component in app.get("bidi_component") if name in component.proto.id
    )
    return seen.told(element), seen.arrays(element)


@pytest.mark.parametrize(("layout", "rows"), [("grid", slice(16)), ("one picture", slice(3, 4))])
def test_the_sentence_has_the_shares_of_the_pictures_that_are_averaged(opened, layout, rows):
    app = opened(data="digits", lam="0.1", picture="3", layout=layout)
    sentence = seen.board(app, "zeros-board")["sentence"]
    shares = dict(zip(sentence["lams"], sentence["shares"], strict=True))
    x, B = digits(rows)
    for lam in (0.1, 0.2):
        assert shares[lam] == pytest.approx((np.abs(exact(x, B, lam)) > 1e-3).mean())
    subject = "this picture" if layout == "one picture" else "(average over pictures 0–15)"
    assert subject in sentence["whose"]
    heading = next(header.value for header in app.header if "Sparsity" in header.value)
    assert ("average over pictures 0–15" if layout == "grid" else "picture 3, a 6") in heading


@pytest.mark.parametrize("lam", [0.015, 0.1, 1.0])
def test_why_a_weight_is_zero_is_true_of_the_picture(opened, lam):
    x, B = digits(slice(3, 4))
    code = exact(x, B, lam)[0]
    zero = np.abs(code) <= 1e-3
    correlations = np.abs(B.T @ (x[0] - B @ code))
    reason = said(opened(data="digits", lam=f"{lam}", picture="3", layout="one picture"))
    assert f"In picture 3, a 6, the {zero.sum()} atoms with weight zero " in reason
    highest = float(re.search(r"correlate by ([\d.]+) at most", reason)[1])
    assert highest == pytest.approx(correlations[zero].max(), rel=0.01)
    assert highest <= lam


@pytest.mark.parametrize("lam", ["0.05", "0.2", "0.5"])
def test_the_page_opens_on_two_weights_of_which_one_is_zero(opened, lam):
    _, (first, second) = opened(data="digits", lam=lam, picture="3").session_state["_plane"]
    code = exact(*digits(slice(3, 4)), float(lam))[0]
    assert abs(code[first]) > 1e-3 >= abs(code[second])


def test_the_strip_shows_the_picture_at_rising_lambda(opened):
    app = opened(data="digits", lam="0.2", picture="3")
    markup = html(app)
    labels = re.findall(r"<figcaption><span>(.*?)</span>", markup)
    assert labels == [
        "Picture",
        "λ = 0.2",
        *(f"λ = {lam:g}" for lam in (0.01, 0.03, 0.1, 0.3, 1)),
    ]
    atoms = [int(count) for count in re.findall(r"<b>(\d+)</b>", markup)]
    assert atoms[0] == (np.abs(exact(*digits(slice(3, 4)), 0.2)) > 1e-3).sum()
    assert atoms[1:] == sorted(atoms[1:], reverse=True)
    name = data.load("digits", "test").labels[3].item()
    assert f"<span>Picture</span><small>3, a {name}</small>" in markup


@pytest.mark.parametrize(
    ("name", "atoms", "lam"), [("digits", "digits", 0.5), ("mnist-5k", "mnist", 0.015)]
)
def test_refitted_weights_are_least_squares_on_the_same_atoms(opened, name, atoms, lam):
    x = data.load(name, "test").pixels[:1].double().numpy()
    B = checkpoints.load_dictionary(atoms).double().numpy()
    code = exact(x, B, lam)[0]
    weights = refit(x[0], code, B)
    board, arrays = board_of(
        opened(data=name, lam=f"{lam}", picture="0", more="true"), "refitted-board"
    )
    place = board["stops"]["lam"].index(lam)
    numbers = {key: values[place] for key, values in seen.numbers(board, arrays, 2).items()}
    loss = ((x[0] - B[:, np.abs(code) > 1e-3] @ weights) ** 2).sum()
    assert numbers["shrunk"] == pytest.approx(
        1 - np.abs(code).sum() / np.abs(weights).sum(), abs=1e-4
    )
    assert numbers["psnr"] == pytest.approx(10 * np.log10(x.shape[1] / loss), abs=0.01)
    assert numbers["F"] == pytest.approx(loss / 2 + lam * np.abs(weights).sum(), rel=1e-3)


@pytest.mark.parametrize("name", data.BUILT_IN[:3])
def test_every_built_in_data_set_opens_at_either_end(opened, name):
    for lam, T in (("0.01", "1"), ("1", "100")):
        app = opened(data=name, lam=lam, T=T, solvers=["ISTA", "SLSTM"])
        assert len(app.get("plotly_chart")) == 1  # the others stand behind More
        app = opened(data=name, lam=lam, T=T, solvers=["ISTA", "SLSTM"], more="true")
        assert len(app.get("plotly_chart")) == 3


def test_a_link_to_the_spread_opens_it(opened):
    app = opened(data="digits", spread="true", solvers=["ISTA"])
    assert len(app.get("plotly_chart")) == 4


def test_no_solver_leaves_the_exact_optimum(opened):
    app = opened(data="digits")
    app.pills(key="solvers").set_value([]).run()
    assert not app.exception and not app.error


def test_pictures_of_zeros_cost_nothing(opened, monkeypatch):
    images = data.load("digits", "test")
    blank = type(images)(**{**vars(images), "pixels": images.pixels * 0})
    monkeypatch.setattr("sc2viz.ui.startup.images", lambda *_, **__: blank)
    assert "the 100 atoms with weight zero correlate by 0 at most" in said(opened(data="digits"))
