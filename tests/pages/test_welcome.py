"""Welcome without a browser: the numbers of its sum against numpy, and every data set and extreme. What the browser words of
them is in tests/end_to_end/test_welcome.py."""

from functools import partial

import numpy as np
import pytest
import torch
from pages import seen

from sc2viz import checkpoints, data, lasso


@pytest.fixture
def opened(open_page):
    return partial(open_page, "welcome")


@pytest.fixture
def pixels(monkeypatch):
    """Put other pixels in the place of those of digits."""

    def put(change) -> torch.Tensor:
        images = data.load("digits", "test")
        changed = type(images)(**{**vars(images), "pixels": change(images.pixels)})
        monkeypatch.setattr("sc2viz.ui.startup.images", lambda *_, **__: changed)
        return changed.pixels

    return put


def why(app) -> str:
    sentences = (text.value.replace("\u00a0", " ") for text in app.markdown)
    return next(text for text in sentences if "issing is" in text)


def exact(x: torch.Tensor, lam: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A picture (64,), the atoms and its exact code without what counts as zero, float64."""
    B = checkpoints.load_dictionary("digits")
    code = lasso.solve(x[None], B, lam, tol=1e-7).codes[0].double().numpy()
    return x.double().numpy(), B.double().numpy(), np.where(np.abs(code) > 1e-3, code, 0)


@pytest.mark.parametrize("lam", [0.1, 0.2])
def test_the_sum_is_given_f_psnr_and_what_is_missing_at_each_lambda(opened, lam):
    x, B, code = exact(data.load("digits", "test").pixels[3], lam)
    board = seen.board(opened(data="digits", picture="3", lam="0.2"), "adder")
    place = board["stops"]["lam"].index(lam)
    loss = np.square(x - B @ code).sum()
    numbers = {name: values[place] for name, values in board["numbers"].items()}
    assert numbers["F"] == pytest.approx(loss / 2 + lam * np.abs(code).sum(), rel=1e-3)
    assert numbers["psnr"] == pytest.approx(10 * np.log10(len(x) / loss), abs=0.01)
    assert numbers["missing"] == pytest.approx(loss / (len(x) * np.var(x)), rel=1e-3)


def test_it_says_what_the_largest_terms_explain(opened):
    x, B, code = exact(data.load("digits", "test").pixels[3], 0.2)
    largest = np.argsort(-np.abs(code) * np.linalg.norm(B, axis=0))[:5]
    five = np.sum((x - B[:, largest] @ code[largest]) ** 2) / (len(x) * np.var(x))
    text = why(opened(data="digits", picture="3", lam="0.2"))
    assert f"The 5 largest terms alone explain {100 * (1 - five):.0f} %" in text


def test_where_the_mean_is_nearer_it_explains_nothing(opened, pixels):
    # The contrast is small beside what the atoms, which are strokes on black, leave.
    x, B, code = exact(pixels(lambda x: x / 10 + 0.8)[3], 0.5)
    assert np.sum((x - B @ code) ** 2) > len(x) * np.var(x)
    text = why(opened(data="digits", picture="3", lam="0.5"))
    assert "Here it is above 100 %" in text and "explain" not in text


def test_a_picture_without_contrast_says_so(opened, pixels):
    pixels(lambda x: x * 0)
    app = opened(data="digits")
    assert any("no contrast that an atom could explain" in text.value for text in app.markdown)
    assert not any(
        expander.label == "More" for expander in app.expander
    )  # nothing can be beaten there


@pytest.mark.parametrize("name", data.BUILT_IN[:3])
@pytest.mark.parametrize("lam", ["0.01", "1"])
def test_every_built_in_data_set_opens_at_either_end_of_lambda(opened, name, lam):
    assert why(opened(data=name, lam=lam))


def test_the_address_counts_atoms_only_where_some_are_left_out(opened):
    assert opened(data="digits", sum="2").query_params["sum"] == "2"
    # All of them: at another λ that is another number
    assert "sum" not in opened(data="digits", sum="99").query_params
