"""A reader's own picture in the bench, without a browser."""

import io

import numpy as np
import pytest
import torch
from pages.seen import html, turn_to
from PIL import Image, ImageDraw
from saving import saved
from sklearn.datasets import load_sample_image

from sc2viz import checkpoints, data, lasso
from sc2viz.ui import cache


def png(size=(40, 30), seed: int = 0) -> bytes:
    return saved(
        Image.fromarray(
            np.random.default_rng(seed).integers(0, 99, (*size[::-1], 3), np.uint8)
        ).save,
        "PNG",
    )


@pytest.fixture
def uploaded(open_page):
    """Open a page and upload a file there."""

    def visit(path: str, content: bytes, name: str = "mine.png", **query):
        app = open_page(path, **query)
        app.file_uploader(key="_upload").set_value((name, content, "image/png")).run()
        assert not app.exception and not app.error
        return app

    return visit


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
    app = uploaded(
        "compare",
        saved(Image.fromarray(values).save, "PNG"),
        data="digits",
        lam="0.2",
        layout="one picture",
    )
    x = torch.from_numpy((values / 255).astype(np.float32).reshape(1, -1))
    B = checkpoints.load_dictionary("digits")
    best = lasso.solve(x, B, 0.2, tol=1e-6).codes.float()
    F = float(lasso.objective(x, best, B, 0.2))
    assert f"<b>{F:.4g}</b>" in html(app)


def test_it_stays_over_pages_and_data_until_another_is_picked(uploaded):
    app = uploaded("compare", png(), data="digits", layout="one picture")
    for path in ("welcome", "step", "gates", "lambda", "compare"):
        turn_to(app, path)
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
    cache.SHARED.values.clear()  # so that nothing has to go
    app = open_page(path, data="digits")
    shared = set(cache.SHARED.values)
    app.file_uploader(key="_upload").set_value(("mine.png", png(), "image/png")).run()
    assert not app.exception and not app.error
    assert set(cache.SHARED.values) == shared and app.session_state["_results"].values
    app.sidebar.number_input(key="picture").set_value(40).run()
    assert set(cache.SHARED.values) > shared  # a picture of the test split is everybody's


def test_a_text_named_png_is_a_sentence_beside_the_button(uploaded):
    app = uploaded("compare", b"no picture at all", "note.png", data="digits")
    assert "note.png: the file cannot be read as a picture" in app.warning[0].value
    assert "Your picture" not in html(app) and "still" not in app.warning[0].value
    app.file_uploader(key="_upload").set_value(("mine.png", png(), "image/png")).run()
    assert not app.warning
    app.file_uploader(key="_upload").set_value(
        ("note.png", b"no picture at all", "image/png")
    ).run()
    assert "note.png" in app.warning[0].value and "Your picture" in html(app)
    assert any("The picture below is still mine.png." in caption.value for caption in app.caption)


@pytest.mark.parametrize("layout", ["grid", "one picture"])
def test_the_python_to_take_away_reads_the_saved_picture(
    uploaded, layout, tmp_path, monkeypatch, capsys
):
    app = uploaded("compare", png(), data="digits", layout=layout, solvers=["ISTA"])
    pixels = app.session_state["_view"].images.pixels[0].numpy()
    Image.fromarray((pixels.reshape(8, 8) * 255).round().astype(np.uint8)).save(
        tmp_path / "my-picture.png"
    )
    monkeypatch.chdir(tmp_path)
    exec(app.code[0].value, {})  # noqa: S102
    reading = html(app).split("<figcaption><span>ISTA")[1].split("<dd>")[1].split("</dd>")[0]
    assert float(capsys.readouterr().out.split("F = ")[1].split(",")[0]) == pytest.approx(
        float(reading), rel=1e-3
    )


@pytest.mark.parametrize(("mode", "name"), [("RGB", "patches"), ("L", "grey-patches")])
def test_a_photograph_over_digits_is_shown_as_it_is_beside_the_data_set_that_fits(
    uploaded, mode, name
):
    image = Image.fromarray(load_sample_image("china.jpg")).convert(mode)
    photograph = saved(image.save, "JPEG")
    app = uploaded("compare", photograph, data="digits", layout="one picture")
    assert any(f"It suits **{name}**" in caption.value for caption in app.caption)
    values = np.asarray(Image.open(io.BytesIO(photograph)).convert("L"), float)[
        :, 106:534
    ]  # the middle, not its negative
    pixels = app.session_state["_view"].images.pixels[0].numpy()
    assert pixels.mean() == pytest.approx(values.mean() / 255, abs=0.02)
    app.button(key="_go_to_photographs").click().run()
    assert not app.exception and not app.error
    assert app.session_state["_view"].data == name and "Your picture" in html(app)
    assert not any("It suits" in caption.value for caption in app.caption)


def test_ink_that_reaches_the_border_is_offered_to_be_inverted(uploaded):
    """A black stroke on white, from edge to edge, over digits that are white on black."""
    image = Image.new("L", (60, 60), 255)
    ImageDraw.Draw(image).rectangle((8, 0, 51, 59), 0)
    ImageDraw.Draw(image).rectangle((20, 0, 39, 59), 255)
    app = uploaded("compare", saved(image.save, "PNG"), data="digits", layout="one picture")
    assert any("dark strokes on paper" in caption.value for caption in app.caption)
    pixels = app.session_state["_view"].pixels([0])
    app.button(key="_invert_first").click().run()
    assert not app.exception and not any("looks like" in caption.value for caption in app.caption)
    np.testing.assert_allclose(app.session_state["_view"].pixels([0]), 1 - pixels, atol=1 / 255)


def test_the_crop_moves_by_sliders_and_stays_over_pages(uploaded):
    values = np.zeros((80, 160, 3), np.uint8)
    values[30:, 100:] = 200
    app = uploaded(
        "compare", saved(Image.fromarray(values).save, "PNG"), data="patches", layout="one picture"
    )
    assert app.sidebar.slider(key="_crop_down").disabled  # the part is as high as the picture
    app.sidebar.select_slider(key="_crop_zoom").set_value(2.0).run()
    app.sidebar.slider(key="_crop_across").set_value(100).run()
    app.sidebar.slider(key="_crop_down").set_value(100).run()
    np.testing.assert_allclose(app.session_state["_view"].images.pixels[0], 200 / 255, atol=0.01)
    turn_to(app, "welcome")
    np.testing.assert_allclose(app.session_state["_view"].images.pixels[0], 200 / 255, atol=0.01)
    assert app.sidebar.select_slider(key="_crop_zoom").value == 2
    app.sidebar.file_uploader(key="_upload").set_value(("other.png", png(), "image/png")).run()
    assert (
        app.sidebar.select_slider(key="_crop_zoom").value == 1
    )  # another picture begins with its middle


def test_the_polarity_can_be_turned(uploaded):
    app = uploaded("compare", png(), data="digits", layout="one picture")
    pixels = app.session_state["_view"].images.pixels[0]
    next(button for button in app.sidebar.button if button.label == "Invert").click().run()
    np.testing.assert_allclose(app.session_state["_view"].images.pixels[0], 1 - pixels, atol=1e-6)


def test_a_closed_menu_draws_no_place_for_a_file(open_page):
    app = open_page("welcome")
    assert app.file_uploader(key="_upload")
    app.session_state["own-upload"] = False
    app.run()
    assert not app.exception and "_upload" not in [widget.key for widget in app.file_uploader]
