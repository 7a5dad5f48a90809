"""Figures from arrays alone: what is drawn says what the numbers say."""

import base64
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sc2viz import words
from sc2viz.draw import curves, letters, mosaics, sheet, style, traces

GREY, RGB = (5, 4, 1), (3, 3, 3)


def rows(n, shape, seed=0):
    return np.random.default_rng(seed).uniform(size=(n, np.prod(shape))).astype(np.float32)


def tile(mosaic, row, column, n_columns, n_rows):
    """One tile of a mosaic, cut out by its transparent gutters."""
    high = (mosaic.shape[0] + mosaics.GUTTER) // n_rows
    wide = (mosaic.shape[1] + mosaics.GUTTER) // n_columns
    pixels = mosaic[row * high : (row + 1) * high, column * wide : (column + 1) * wide]
    return pixels[: high - mosaics.GUTTER, : wide - mosaics.GUTTER]


@pytest.mark.parametrize("shape", [GREY, RGB])
def test_mosaic_shows_each_picture_in_reading_order(shape):
    x = rows(5, shape)
    mosaic = mosaics.mosaic(x, shape, columns=3, side=60)
    for k in range(5):
        picture = tile(mosaic, k // 3, k % 3, 3, 2)
        scale = picture.shape[0] // shape[0]
        expected = np.rint(255 * np.broadcast_to(x[k].reshape(shape), (*shape[:2], 3)))
        assert np.array_equal(picture[::scale, ::scale, :3], expected)
        assert (picture[..., 3] == 255).all()
    assert (tile(mosaic, 1, 2, 3, 2) == 0).all()  # the sixth place is clear


def test_mosaic_clips_rather_than_wraps():
    mosaic = mosaics.mosaic(np.array([[-0.3, 1.7, np.nan, 0.5]]), (2, 2, 1), side=2)
    assert mosaic[..., 0].ravel().tolist() == [0, 255, 255, 128]


@pytest.mark.parametrize("shape", [(4, 5, 2), (4, 5), (4, 4, 1)])
def test_mosaic_refuses_a_shape_that_does_not_fit(shape):
    with pytest.raises(ValueError, match="shape|pixels"):
        mosaics.mosaic(rows(2, GREY), shape)


def test_error_is_the_mean_absolute_difference_over_channels():
    x, y = rows(4, RGB), rows(4, RGB, seed=1)
    expected = (
        sum(abs(x.reshape(4, 9, 3)[..., c] - y.reshape(4, 9, 3)[..., c]) for c in range(3)) / 3
    )
    np.testing.assert_allclose(mosaics.error(x, y, RGB).reshape(4, 9), expected, rtol=1e-6)


def test_no_error_is_black_and_brightness_only_rises():
    ramp = np.linspace(0, 1, 256).reshape(1, 1, 256)
    mosaic = mosaics.error_mosaic(ramp, top=1.0, side=256)[0, :, :3].astype(float)
    assert mosaic[0].tolist() == [0, 0, 0]
    luminance = mosaic @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) >= -0.5).all() and luminance[-1] > 240


def test_one_scale_covers_what_all_solvers_err_and_ignores_one_that_diverges():
    small, large, lost = (
        np.full((2, 3, 3), 0.07),
        np.full((2, 3, 3), 0.31),
        np.full((2, 3, 3), np.inf),
    )
    assert mosaics.shared_top([small, large]) == 0.4
    assert mosaics.shared_top([small, lost]) == 0.08
    assert mosaics.shared_top([small, np.full((2, 3, 3), 1e9)]) == 1.0


@pytest.mark.parametrize("n", [1, 2, 7, 300, 40_000])
def test_the_top_of_a_scale_is_the_quantile_that_numpy_finds(n, monkeypatch):
    monkeypatch.setattr(mosaics.style, "round_up", lambda value: value)
    rng = np.random.default_rng(n)
    for values in (
        rng.random(n),
        np.sort(rng.random(n) ** 9)[::-1],
        rng.integers(0, 3, n) / 3,
        np.full(n, 0.2),
    ):
        for share in (0.5, 0.99, 0.995, 1.0):
            expected = pytest.approx(np.quantile(values, share), rel=1e-12)
            assert mosaics.shared_top([values], share) == expected


def test_codes_of_opposite_sign_lie_on_either_side_of_zero():
    mosaic = mosaics.code_mosaic(np.array([[-1.0, 0.0, 1.0, 0.5]]), 1.0)
    negative, zero, positive = (
        mosaic[place][:3].astype(int) for place in ((0, 0), (0, -1), (-1, 0))
    )
    assert negative[2] > negative[0] and positive[0] > positive[2]  # blue, red
    assert np.abs(zero - style.DIVERGING_TABLE[False][128]).max() <= 2


def test_a_sheet_has_no_empty_box_where_the_font_lacks_a_sign():
    def draw(text: str) -> bytes:
        return sheet.sheet(
            text, [sheet.SheetColumn("", "#8C8C8C", [np.zeros((4, 4, 4), np.uint8)], [])]
        ).tobytes()

    missing = draw("\ue000")  # for private use: no font has it
    assert not [sign for sign in "λθτσρδℓ−–≥≤≈∞½’“”·×‖⁻²₀₁ₜᵀ→…▲▼✓\u00a0" if draw(sign) == missing]


@pytest.mark.release  # a new character in the Chinese catalogue needs a new font
def test_pictures_have_a_letter_for_every_character_of_the_catalogues():
    for language in ("de", "zh_CN"):
        characters = {
            sign
            for message in words.catalogue(language)
            if message.id
            for sign in "".join(message.string)
            if sign.isprintable()
        }
        for file in (letters.FILE, letters.CHINESE):
            missing = bytes(
                letters.font(16, file).getmask("\ue000")
            )  # for private use: no font has it
            signs = [
                sign
                for sign in characters
                if (sign == "★" or sign > "\u2e80") == (file == letters.CHINESE)
            ]
            lacking = [
                sign for sign in signs if bytes(letters.font(16, file).getmask(sign)) == missing
            ]
            assert not lacking, "make the font anew with these characters, as draw/letters.py says"
    chinese, latin = (letters.length(text, 16) for text in ("稀疏编码", "λ = 0.1"))
    assert letters.length("稀疏编码 λ = 0.1", 16) == pytest.approx(
        chinese + latin + letters.length(" ", 16), abs=1
    )


def test_a_sheet_has_the_colours_of_its_scales_from_end_to_end():
    column = sheet.SheetColumn("ISTA", "#8C8C8C", [np.zeros((4, 4, 4), np.uint8)], [])
    without, both = (
        sheet.sheet("a", [column], bars=bars)
        for bars in ([], [sheet.error_bar(0.5), sheet.code_bar(2)])
    )
    bar = both[len(without) :].reshape(-1, 3)
    for table in (style.ERROR_TABLE, style.DIVERGING_TABLE[False]):
        for colour in (table[0], table[128], table[-1]):
            assert (np.abs(bar.astype(int) - colour).max(1) <= 3).any()
    assert sheet.error_bar(0.5).ticks == ("0", "0.25", "≥ 0.5") and sheet.code_bar(2).ticks == (
        "−2",
        "0",
        "2",
    )


@given(st.floats(1e-12, 1e12))
def test_round_up_is_above_and_close(value):
    top = style.round_up(value)
    assert value * (1 - 1e-6) <= top <= value * 1.5 * (1 + 1e-6)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_round_up_of_nothing_is_one(value):
    assert style.round_up(value) == 1


@given(st.floats(1e-4, 1e4), st.floats(1.01, 1e4))
def test_a_logarithmic_axis_is_marked_wherever_its_values_lie(low, factor):
    axis = style.log_axis(low, low * factor)
    marked = [value for value in axis["tickvals"] if low <= value <= low * factor]
    assert 2 <= len(marked) <= 13
    texts = [text.replace("−", "-").replace(",", "") for text in axis["ticktext"]]
    assert [*map(float, texts)] == pytest.approx(axis["tickvals"], rel=1e-4)


@given(st.lists(st.tuples(st.floats(-3, 3), st.integers(1, 40)), min_size=1, max_size=25))
def test_labels_at_the_ends_of_lines_do_not_cover_each_other(lines):
    ends = [traces.End("x" * letters, "exact", value) for value, letters in lines]
    layout = traces.at_ends(ends, low=-2, high=2, height=320)
    room = layout["height"] - traces._FOOT
    boxes = [
        (room * note["y"], traces._LINE * (1 + note["text"].count("<br>")) / 2)
        for note in layout["annotations"]
    ]  # middle, half the height
    assert all(
        low + half <= high - top + 1e-6
        for (low, half), (high, top) in zip(boxes, boxes[1:], strict=False)
    )
    assert boxes[0][0] >= 0 and boxes[-1][0] + boxes[-1][1] <= room + traces._LINE
    texts = [note["text"].replace("<br>", "") for note in layout["annotations"]]
    assert sorted(texts) == sorted(end.label for end in ends) and not layout["showlegend"]
    assert layout["height"] >= 320 and layout["margin"]["r"] <= 14 + 7 * traces._WIDEST


def test_excess_by_step_draws_each_line_and_marks_the_iteration():
    slow, fast = 100 * 0.9 ** np.arange(31), 100 * 0.5 ** np.arange(31)
    lines = [
        curves.SolverLine("ISTA", "ista", slow),
        curves.SolverLine("SLSTM", "slstm", fast, trained=False),
    ]
    figure = curves.excess_by_step(lines, steps=4)
    ista, slstm, markers = figure.data
    np.testing.assert_allclose(ista.y, slow[1:])
    assert ista.x[0] == 1 and ista.line.color == style.colour("ista") and ista.line.dash == "solid"
    assert slstm.line.dash == "dot" and min(slstm.y) > 0  # a logarithmic axis has no room for zero
    np.testing.assert_allclose(markers.y, [slow[4], fast[4]])
    assert (
        "ISTA 65.6 %" in figure.layout.meta["alt"] and "SLSTM 6.25 %" in figure.layout.meta["alt"]
    )


def test_below_the_optimum_a_line_runs_in_a_band_that_says_so_and_still_tells_its_value():
    better = np.array([200, 5, 0.5, -3, -3.0])
    line = curves.SolverLine("SLSTM", "slstm", better, marked=np.array([False, True, False, True]))
    figure = curves.excess_by_step([line], steps=4)
    (curve, marks, _), layout = figure.data, figure.layout
    under = curve.y[-1]
    np.testing.assert_allclose(curve.y, [5, 0.5, under, under])
    np.testing.assert_allclose(curve.customdata, better[1:])
    assert list(marks.x) == [2, 4] and np.allclose(marks.y, [0.5, under])
    assert "below the optimum" in [note.text for note in layout.annotations]
    band = next(shape for shape in layout.shapes if shape.type == "rect")
    assert band.y0 == pytest.approx(10 ** layout.yaxis.range[0])
    assert band.y0 < under < band.y1 < 0.5 and min(layout.yaxis.tickvals) >= band.y1
    x, y = curves.reached([line], [1, 4])
    assert x.tolist() == [[1], [4]] and np.allclose(y, [[5], [under]])


def test_a_line_that_reaches_the_optimum_stays_above_the_band_and_draws_none():
    reaching, better = np.array([200, 5, 1e-5, -1e-5]), np.array([200, 5, 0.5, -3])
    alone, both = (
        curves.excess_by_step(
            [curves.SolverLine("", name, excess) for name, excess in lines], steps=1
        )
        for lines in ([("fista", reaching)], [("fista", reaching), ("slstm", better)])
    )
    assert not any(shape.type == "rect" for shape in alone.layout.shapes)
    assert "below the optimum" not in [note.text for note in alone.layout.annotations]
    band = next(shape for shape in both.layout.shapes if shape.type == "rect")
    assert min(both.data[0].y) >= band.y1 * (1 - 1e-6) > min(both.data[1].y)


def test_a_sheet_holds_every_picture_in_its_column():
    red = np.zeros((8, 8, 4), np.uint8) + np.array([255, 0, 0, 255], np.uint8)
    page = sheet.sheet(
        "λ = 0.5",
        [sheet.SheetColumn("ISTA", "#8C8C8C", [red, red], ["F 3"])] * 2,
        side=40,
    )
    reds = (page == [255, 0, 0]).all(2)
    assert reds.sum() == 4 * 40 * 40
    assert reds[:, :80].sum() == reds[:, 80:].sum()
    with pytest.raises(ValueError, match="columns"):
        sheet.sheet("none", [])


def test_a_solver_that_diverges_leaves_the_picture_rather_than_flattening_it():
    tame, wild = 50 * 0.8 ** np.arange(1, 101), 1e-2 * 10.0 ** np.arange(100)
    figure = curves.excess_by_step(
        [curves.SolverLine("ISTA", "ista", tame), curves.SolverLine("SLSTM", "slstm", wild)],
        steps=10,
    )
    low, high = figure.layout.yaxis.range
    assert 10**low <= curves.FLOOR and max(tame[1], wild[1]) < 10**high < 1e3


def test_excess_against_milliseconds_has_each_line_at_its_own_times():
    line = curves.SolverLine(
        "ISTA", "ista", np.array([100.0, 50.0, 20.0]), times=np.array([0.5, 1.5, 2.5])
    )
    figure = curves.excess_by_step([line], steps=2, by_time=True)
    assert list(figure.data[0].x) == [1.5, 2.5] and list(figure.data[1].x) == [2.5]
    assert "milliseconds" in figure.layout.xaxis.title.text and not figure.layout.shapes


def test_webp_holds_the_same_pixels():
    rgba = mosaics.opaque(np.random.default_rng(0).integers(0, 256, (60, 70, 3), np.uint8))
    picture = Image.open(io.BytesIO(mosaics.webp(rgba))).convert("RGBA")
    np.testing.assert_array_equal(np.asarray(picture), rgba)


@pytest.mark.parametrize(("shape", "level"), [((9, 6, 1), 0), ((8, 8, 3), 8)])
def test_thumbnails_hold_the_pixels(shape, level):
    """Grey ones exactly; colours nearly."""
    pixels = np.linspace(0, 1, 3 * np.prod(shape)).reshape(3, -1)
    for row, uri in zip(pixels, mosaics.thumbnails(pixels, shape), strict=True):
        opened = Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))
        wrong = np.abs(np.asarray(opened, float).reshape(shape) - 255 * row.reshape(shape))
        assert wrong.max() <= level + 0.5
