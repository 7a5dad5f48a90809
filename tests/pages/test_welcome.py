"""Welcome without a browser: its sentences against numpy, and every data set and extreme."""

import re
from functools import partial

import numpy as np
import pytest
import torch

from sc2viz import checkpoints, data, lasso


@pytest.fixture
def opened(open_page):
    return partial(open_page, "welcome")


def said(app) -> str:
    return " ".join(markdown.value for markdown in app.markdown).replace("\u00a0", " ")


def test_the_caption_counts_the_atoms_of_the_exact_code(opened):
    text = said(opened(data="digits", picture="3", lam="0.2"))
    x, B = data.load("digits", "test").pixels[3:4], checkpoints.load_dictionary("digits")
    codes = lasso.solve(x, B, 0.2, tol=1e-6).codes.numpy()[0]
    used = int((np.abs(codes) > 1e-3).sum())
    codes[np.abs(codes) <= 1e-3] = 0
    x, B = x.numpy()[0], B.numpy()
    missing = np.sum((x - B @ codes) ** 2) / (len(x) * np.var(x))
    assert (
        f"the sum of **{used} atoms** out of {B.shape[1]}; {100 * missing:.2g} % of it is missing"
        in text
    )
    largest = np.argsort(-np.abs(codes) * np.linalg.norm(B, axis=0))[:5]
    five = np.sum((x - B[:, largest] @ codes[largest]) ** 2) / (len(x) * np.var(x))
    assert f"The 5 largest terms alone explain {100 * (1 - five):.0f} %" in text


def test_a_sum_that_is_farther_off_than_the_mean_is_said_in_words(opened, monkeypatch):
    images, B = data.load("digits", "test"), checkpoints.load_dictionary("digits").numpy()
    pale = (
        images.pixels / 10 + 0.8
    )  # its contrast is small beside what the atoms, which are strokes on black, leave
    monkeypatch.setattr(
        "sc2viz.ui.startup.images",
        lambda *_, **__: type(images)(**{**vars(images), "pixels": pale}),
    )
    x, codes = (
        pale[3].double().numpy(),
        lasso.solve(pale[3:4], torch.from_numpy(B), 0.5, tol=1e-6).codes.numpy()[0],
    )
    used = np.abs(codes) > 1e-3
    assert np.sum((x - B @ (codes * used)) ** 2) > len(x) * np.var(x)
    text = said(opened(data="digits", picture="3", lam="0.5"))
    assert (
        f"is nearer to its mean grey than to the sum of **{used.sum()} atoms** out of {B.shape[1]}."
        in text
    )
    assert "a sum farther off than the mean" in text
    assert not re.search(r"\d % of it is missing|explain −", text)
    assert (
        max(
            float(share.replace(",", ""))
            for share in re.findall(r"([\d.,]+) % missing", text) or ["0"]
        )
        <= 100
    )


@pytest.mark.parametrize("name", data.BUILT_IN[:3])
@pytest.mark.parametrize("lam", ["0.01", "1"])
def test_every_built_in_data_set_opens_at_either_end_of_lambda(opened, name, lam):
    assert re.search(r"the sum of \*\*\d+ atoms?\*\*", said(opened(data=name, lam=lam)))


def test_a_smaller_lambda_takes_more_atoms(opened):
    app = opened(data="digits")
    few = int(re.search(r"\*\*(\d+) atom", said(app))[1])
    app.sidebar.number_input(key="lam").set_value(0.05).run()
    assert int(re.search(r"\*\*(\d+) atom", said(app))[1]) > few


def test_a_picture_without_contrast_has_no_atoms_and_says_so(opened, monkeypatch):
    images = data.load("digits", "test")
    blank = type(images)(**{**vars(images), "pixels": images.pixels * 0})
    monkeypatch.setattr("sc2viz.ui.startup.images", lambda *_, **__: blank)
    assert "every weight of this picture is zero" in said(opened(data="digits"))


def test_the_address_counts_atoms_only_where_some_are_left_out(opened):
    assert opened(data="digits", sum="2").query_params["sum"] == "2"
    assert (
        "sum" not in opened(data="digits", sum="99").query_params
    )  # all of them: at another λ that is another number
