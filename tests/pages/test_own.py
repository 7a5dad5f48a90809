"""A reader's own picture in the bench, without a browser."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from sc2viz import checkpoints, data, lasso
from sc2viz.ui import cache
from sc2viz.ui.app import file


def png(size=(40, 30), seed: int = 0) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 99, (*size[::-1], 3), np.uint8)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def uploaded(open_page):
    """Open a page and upload a file there."""

    def visit(path: str, content: bytes, name: str = "mine.png", **query):
        app = open_page(path, **query)
        app.file_uploader(key="_upload").set_value((name, content, "image/png")).run()
        assert not app.exception and not app.error
        return app

    return visit


def html(app) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("name", data.BUILT_IN[:3])
@pytest.mark.parametrize("layout", ["grid", "one picture"])
def test_compare_shows_it_in_either_layout(uploaded, name, layout):
    app = uploaded("compare", png(), data=name, layout=layout)
    assert "Your picture" in html(app)
    for text in ("resized to", "cropped to the middle 30 × 30"):
        assert any(text in caption.value for caption in app.caption)


def test_the_codes_are_those_of_the_picture(uploaded):
    values = np.random.default_rng(1).integers(0, 256, (8, 8), np.uint8)
    values[[0, -1]] = values[:, [0, -1]] = 0
    stream = io.BytesIO()
    Image.fromarray(values).save(stream, "PNG")
    app = uploaded("compare", stream.getvalue(), data="digits", lam="0.2", layout="one picture")
    x = torch.from_numpy((values / 255).astype(np.float32).reshape(1, -1))
    B = checkpoints.load_dictionary("digits")
    best = lasso.solve(x, B, 0.2, tol=1e-6).codes.float()
    F = float(lasso.objective(x, best, B, 0.2))
    assert f"<b>{F:.4g}</b>" in html(app)


def test_it_stays_over_pages_and_data_until_another_is_picked(uploaded):
    app = uploaded("compare", png(), data="digits", layout="one picture")
    for path in ("welcome", "step", "gates", "lambda", "compare"):
        app.switch_page(str(file(path))).run()
        assert not app.exception and not app.error, path
        assert app.session_state["_view"].name(app.session_state["_view"].picture) == "your picture"
    app.sidebar.selectbox(key="data").set_value("patches").run()
    assert "Your picture" in html(app)
    app.sidebar.number_input(key="picture").set_value(5).run()
    assert "Your picture" not in html(app) and "Picture 5" in html(app)
    app.sidebar.pills(key="_strip").set_value(-1).run()
    assert "Your picture" in html(app)


@pytest.mark.parametrize("path", ["welcome", "compare", "step", "gates", "activations", "lambda"])
def test_results_of_it_stay_in_the_session(open_page, path):
    app = open_page(path, data="digits")
    shared = set(cache.SHARED.values)
    app.file_uploader(key="_upload").set_value(("mine.png", png(), "image/png")).run()
    assert not app.exception and not app.error
    assert set(cache.SHARED.values) == shared and app.session_state["_results"].values
    app.sidebar.number_input(key="picture").set_value(40).run()
    assert set(cache.SHARED.values) > shared  # a picture of the test split is everybody's


def test_a_text_named_png_is_a_sentence_beside_the_button(uploaded):
    app = uploaded("compare", b"no picture at all", "note.png", data="digits")
    assert "note.png: the file is no picture" in app.warning[0].value
    assert "Your picture" not in html(app)


@pytest.mark.parametrize("layout", ["grid", "one picture"])
def test_the_python_to_take_away_reads_the_saved_picture(uploaded, layout, tmp_path, monkeypatch, capsys):
    app = uploaded("compare", png(), data="digits", layout=layout, solvers=["ISTA"])
    pixels = app.session_state["_view"].images.pixels[0].numpy()
    Image.fromarray((pixels.reshape(8, 8) * 255).round().astype(np.uint8)).save(tmp_path / "my-picture.png")
    monkeypatch.chdir(tmp_path)
    exec(app.code[0].value, {})  # noqa: S102
    shown = html(app).split("<figcaption><span>ISTA")[1].split("<dd>")[1].split("</dd>")[0]
    assert float(capsys.readouterr().out.split("F = ")[1].split(",")[0]) == pytest.approx(float(shown), rel=1e-3)
