"""A reader's own pictures: every odd file becomes a picture of the data set's shape, or a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image, ImageDraw
from saving import saved
from sklearn.datasets import load_sample_image

from sc2viz import data
from sc2viz.files import pictures
from sc2viz.files.pictures import Crop, from_drawing, from_upload, look, thumbnail

GREY, COLOUR, SMALL = (28, 28, 1), (32, 32, 3), (8, 8, 1)


def file(image, kind: str = "PNG", **options) -> bytes:
    return saved(image.save, kind, **options)


def flat(colour, size=(40, 40), mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def halves(size=(64, 64)) -> Image.Image:
    """Left red, right blue."""
    image = flat("red", size)
    image.paste((0, 0, 255), (size[0] // 2, 0, *size))
    return image


@pytest.mark.parametrize("shape", [GREY, COLOUR, SMALL])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_flat_colour_stays_itself_in_every_format(kind, shape):
    pixels, notes = from_upload(file(flat((60, 90, 30)), kind), shape, invert=False)
    want = np.array([60, 90, 30]) / 255
    want = want if shape[2] == 3 else [want @ [0.299, 0.587, 0.114]]  # ITU-R 601
    assert pixels.dtype == np.float32 and pixels.shape == (np.prod(shape),)
    assert_allclose(pixels.reshape(shape), np.broadcast_to(want, shape), atol=4 / 255)
    assert "40 × 40 pixels" in notes[0]


def test_a_picture_of_the_shape_is_kept_exactly():
    values = np.random.default_rng(0).integers(0, 256, COLOUR, np.uint8)
    pixels, notes = from_upload(file(Image.fromarray(values)), COLOUR)
    assert_array_equal((pixels.reshape(COLOUR) * 255).round(), values)
    assert notes == ["32 × 32 pixels."]


def test_the_middle_of_a_12_megapixel_photograph_is_shown():
    image = flat("black", (4000, 3000))
    image.paste("white", (500, 0, 3500, 3000))  # the middle square
    pixels, notes = from_upload(file(image, "JPEG"), COLOUR)
    assert pixels.mean() > 0.99
    assert "4000 × 3000 pixels, cropped to the middle 3000 × 3000, resized to 32 × 32." in notes


def test_the_camera_was_turned():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise: the left becomes the top
    pixels, notes = from_upload(
        file(halves((64, 48)), "JPEG", exif=exif, quality=95, subsampling=0), COLOUR
    )
    picture = pixels.reshape(COLOUR)
    assert (picture[:12, :, 0] > 0.9).all() and (picture[20:, :, 2] > 0.9).all()
    assert "48 × 64 pixels" in notes[0]


def test_the_first_frame_of_an_animation():
    frames = [flat("blue"), flat("red")]
    pixels, notes = from_upload(
        file(flat("lime"), "GIF", save_all=True, append_images=frames, duration=50), COLOUR
    )
    assert_allclose(pixels.reshape(COLOUR), np.broadcast_to([0, 1, 0], COLOUR), atol=0.02)
    assert "first frame" in notes[0]


def test_sixteen_bits():
    ramp = np.linspace(0, 65535, 28, dtype=np.uint16)
    pixels, _ = from_upload(file(Image.fromarray(np.tile(ramp, (28, 1)))), GREY, invert=False)
    assert_allclose(pixels.reshape(28, 28), np.tile(ramp / 65535, (28, 1)), atol=0.51 / 255)
    colour, _ = from_upload(file(Image.fromarray(np.tile(ramp, (28, 1)))), COLOUR)
    assert np.ptp(colour.reshape(COLOUR), axis=2).max() == 0


def test_cmyk():
    pixels, _ = from_upload(
        file(flat((0, 255, 255, 0), mode="CMYK"), "JPEG"), COLOUR
    )  # magenta and yellow: red
    assert_allclose(pixels.reshape(COLOUR), np.broadcast_to([1, 0, 0], COLOUR), atol=0.03)


def test_black_ink_on_nothing_is_a_white_digit_on_black():
    image = Image.new("RGBA", (56, 56), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((20, 20, 35, 35), "black")
    pixels, notes = from_upload(file(image), GREY)
    picture = pixels.reshape(28, 28)
    assert picture[14, 14] == 1 and picture[0].max() == 0
    assert any("Transparent" in note for note in notes) and any(
        "Inverted because its border" in note for note in notes
    )


def test_half_clear_parts_let_white_through_before_and_after_it_is_resized():
    image = halves((640, 480)).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    white = Image.new("RGBA", image.size, "white")
    fitted, notes = from_upload(file(image), COLOUR)
    assert_allclose(
        fitted, from_upload(file(Image.alpha_composite(white, image)), COLOUR)[0], atol=6 / 255
    )
    assert notes[0] == "Transparent parts became white."
    assert "Transparent" not in from_upload(file(halves().convert("RGBA")), COLOUR)[1][0]


def test_paper_is_inverted_for_digits_only_and_only_once():
    paper = flat("white", (28, 28))
    ImageDraw.Draw(paper).line((14, 4, 14, 24), "black", 3)
    pixels, notes = from_upload(file(paper), GREY)
    assert pixels.reshape(28, 28)[14, 14] == 1 and pixels.reshape(28, 28)[0].max() == 0
    assert any("Inverted" in note for note in notes)
    repeated, notes = from_upload(
        file(Image.fromarray((pixels.reshape(28, 28) * 255).round().astype(np.uint8))), GREY
    )
    assert_array_equal(repeated, pixels)
    assert not any("Inverted" in note for note in notes)
    assert_allclose(from_upload(file(paper), GREY, invert=False)[0], 1 - pixels, atol=1e-6)
    assert from_upload(file(paper), COLOUR)[0].mean() > 0.8


@given(
    width=st.integers(1, 5000),
    height=st.integers(1, 5000),
    zoom=st.floats(1, 20),
    across=st.floats(0, 1),
    down=st.floats(0, 1),
)
@example(
    width=6, height=8, zoom=5.0, across=0.0, down=0.19723912740531518
)  # one pixel high, and a rounding error more
def test_the_part_that_is_kept_lies_within_the_picture_and_has_its_proportions(
    width, height, zoom, across, down
):
    x_start, top, right, bottom = Crop(zoom, across, down).box((width, height), (20, 30, 1))
    assert -1e-6 <= x_start < right <= width + 1e-6 and -1e-6 <= top < bottom <= height + 1e-6
    if min(right - x_start, bottom - top) > 1 + 1e-6:
        assert (right - x_start) / (bottom - top) == pytest.approx(1.5)
        largest = min(width / 30, height / 20)
        assert right - x_start == pytest.approx(30 * largest / zoom)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_crop_moves_and_zooms(kind):
    values = np.zeros((80, 160), np.uint8)
    values[30:, 100:] = 200  # the lower right corner, and a little more
    content = file(Image.fromarray(values), kind)
    pixels, notes = from_upload(content, SMALL, False, Crop(2, 1, 1))
    assert_allclose(pixels, 200 / 255, atol=0.02)
    assert notes == ["160 × 80 pixels, cropped to 40 × 40 from (120, 40) on, resized to 8 × 8."]
    assert from_upload(content, SMALL, False, Crop(2, 0, 1))[0].max() < 0.02
    assert "cropped to the middle 40 × 40" in from_upload(content, SMALL, False, Crop(2))[1][0]


def test_the_size_of_the_crop_is_that_of_the_file_not_of_the_fraction_that_is_decoded():
    assert (
        "cropped to the middle 427 × 427"
        in from_upload(file(halves((640, 427)), "JPEG"), SMALL)[1][0]
    )


def photograph() -> Image.Image:
    """Colours everywhere, and a bright border."""
    return Image.fromarray(load_sample_image("china.jpg"))


@pytest.mark.parametrize(
    "paper, ink", [("white", "black"), ((245, 238, 220), (40, 40, 60)), ("white", (20, 40, 200))]
)
def test_ink_on_paper_is_no_photograph(paper, ink):
    image = flat(paper, (120, 120))
    ImageDraw.Draw(image).line((60, 20, 60, 100), ink, 9)
    assert look(file(image)).paper


def test_digits_that_are_cut_out_of_their_paper_are_ink_and_patches_of_photographs_are_not():
    digits = data.load("mnist-5k", "train").pixels[:200].reshape(-1, 28, 28).numpy()
    looks = []
    for digit in digits:
        rows, columns = (np.flatnonzero(digit.max(axis) > 0.1) for axis in (1, 0))
        cut = 255 * (1 - digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
        looks.append(look(file(Image.fromarray(cut.astype(np.uint8)))))
    assert (
        np.mean([picture_look.plain for picture_look in looks]) < 0.1
        and np.mean([picture_look.inky for picture_look in looks]) > 0.9
    )
    patches = data.load("grey-patches", "train")
    pixels = (255 * patches.pixels[:200].reshape(-1, *patches.shape[:2]).numpy()).astype(np.uint8)
    assert np.mean([look(file(Image.fromarray(patch))).inky for patch in pixels]) < 0.05


def test_a_thumbnail_is_the_whole_picture_in_its_colours():
    small = thumbnail(file(halves((640, 320))), 64)
    assert small.shape == (32, 64, 3)
    for half, colour in ((small[:, :28], (255, 0, 0)), (small[:, 36:], (0, 0, 255))):
        assert_allclose(half, np.broadcast_to(colour, half.shape), atol=4)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"just a text, named .png",
        b"\x89PNG\r\n\x1a\n broken",
        file(halves())[:90],
        file(halves(), "JPEG")[:400],
        file(flat("red"), "BMP"),
    ],
)
def test_what_is_no_picture_is_said_to_be_none(content):
    with pytest.raises(
        ValueError, match="cannot be read as a picture: choose a PNG, JPEG, WebP or GIF"
    ):
        from_upload(content, GREY)


def test_limits_are_checked_before_pixels_are_decoded(monkeypatch):
    content = file(flat("red"))
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1000)
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(ValueError, match="40 × 40 pixels: shrink it"):
        from_upload(content, GREY)
    monkeypatch.setattr(pictures, "MAX_BYTES", 100)
    with pytest.raises(ValueError, match="got 0.0 MB: shrink it"):
        from_upload(bytes(101), GREY)


def test_photographs_may_be_larger_than_what_is_decoded_whole():
    size = (5000, 4000)
    assert "5000 × 4000 pixels" in from_upload(file(flat(0, size, "L"), "JPEG"), GREY)[1][0]
    with pytest.raises(
        ValueError, match="may have at most 16 megapixels, got 5000 × 4000 pixels: shrink it"
    ):
        from_upload(file(flat(0, size, "1")), GREY)


PEAK = """
import io, sys
from PIL import Image
from sc2viz.files import pictures

def peak():  # of this process since it began, in MB
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

def fit(name):
    with open(name, "rb") as file:
        pictures.from_upload(file.read(), (32, 32, 3))

fit(sys.argv[1])
before = peak()
fit(sys.argv[2])
print(peak() - before)
"""


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="reads its peak memory from /proc"
)
@pytest.mark.everyday("RGBA", "I;16")
@pytest.mark.parametrize(
    "mode, colour", [("RGBA", (90, 60, 30, 128)), ("LA", (90, 128)), ("I;16", 9000), ("P", 3)]
)
def test_a_small_file_of_many_pixels_takes_little_memory(tmp_path, mode, colour):
    for name, size in (("small", (40, 40)), ("large", (4000, 3990))):
        image = Image.new(mode, size, colour)
        (tmp_path / name).write_bytes(file(image, **({"transparency": 0} if mode == "P" else {})))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, "-c", PEAK, str(tmp_path / "small"), str(tmp_path / "large")]
    grown = subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    ).stdout
    assert 10 < float(grown) < 150


# Drawings ---------------------------------------------------------------------------------------------------------------


def test_an_empty_canvas_is_none():
    assert from_drawing(np.zeros((224, 224), np.uint8), GREY) is None


def test_a_stroke_fills_twenty_rows_of_mnist():
    stroke = np.zeros((280, 280), np.uint8)
    stroke[10:110, 30:60] = 255  # 100 high, 30 wide, in a corner
    picture = from_drawing(stroke, GREY).reshape(28, 28)
    rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
    assert (rows[0], rows[-1] + 1) == (4, 24) and (columns[0], columns[-1] + 1) == (12, 18)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(20, 200), st.integers(20, 200)), min_size=2, max_size=6))
def test_the_centre_of_mass_is_in_pixel_14_wherever_it_was_drawn(points):
    canvas = Image.new("L", (224, 224))
    ImageDraw.Draw(canvas).line(points, 255, 18)
    picture = from_drawing(np.asarray(canvas), GREY)
    assert_array_equal(picture, from_drawing(np.roll(np.asarray(canvas), (3, -2), (0, 1)), GREY))
    for axis in (0, 1):
        mass = picture.reshape(28, 28).sum(1 - axis)
        used = np.flatnonzero(mass)
        if used[0] > 0 and used[-1] < 27:
            assert abs(mass @ np.arange(28) / mass.sum() - 14) <= 0.51
            assert used[-1] - used[0] < 20


def test_digits_of_mnist_are_left_where_they_are():
    digits = data.load("mnist-5k", "test").pixels[:200].numpy()
    ours = np.stack(
        [from_drawing((row.reshape(28, 28) * 255).round().astype(np.uint8), GREY) for row in digits]
    )
    assert np.median(np.abs(ours - digits).mean(1)) < 0.01


def test_a_progressive_jpeg_of_very_many_passes_is_refused_before_it_is_decoded(monkeypatch):
    content = file(halves(), "JPEG", progressive=True)
    start = content.index(b"\xff\xda")
    scan = content[
        start : content.index(b"\xff", start + 2 + int.from_bytes(content[start + 2 : start + 4]))
    ]
    assert from_upload(content, COLOUR)[0].shape == (3072,)
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("it was decoded"))
    with pytest.raises(ValueError, match="at most 100 passes"):
        from_upload(content[:start] + 101 * scan + content[start:], COLOUR)
