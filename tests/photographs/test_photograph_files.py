"""Files of photographs and the three commands."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from sc2viz import photographs
from sc2viz.__main__ import main
from sc2viz.cli import photographing
from sc2viz.photographs import files

RNG = np.random.default_rng(0)
GREY, COLOUR = (RNG.integers(60, 200, shape).astype(np.uint8) for shape in ((10, 14), (10, 14, 3)))
ALPHA = RNG.integers(0, 256, (10, 14)).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif", ".tiff", ".jpg"])
@pytest.mark.parametrize(
    "pixels", [GREY, COLOUR, np.dstack((COLOUR, ALPHA))], ids=["grey", "colour", "alpha"]
)
def test_a_file_comes_back_as_it_was(tmp_path, suffix, pixels):
    source, out = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    if suffix == ".jpg" and pixels.shape[-1] == 4:
        pixels = pixels[..., :3]
    Image.fromarray(pixels).save(source, **({"lossless": True} if suffix == ".webp" else {}))
    photograph = files.read(source)
    files.write(out, photograph.values, photograph)
    pixels_before, pixels_after = (np.asarray(Image.open(path)) for path in (source, out))
    if pixels_before.ndim == 3 and suffix == ".webp" and pixels.ndim == 2:
        pixels_before, pixels_after = (
            pixels_before[..., 0],
            pixels_after[..., 0],
        )  # WebP has no grey
    assert pixels_before.shape == pixels_after.shape
    assert np.abs(pixels_before.astype(int) - pixels_after).max() <= (12 if suffix == ".jpg" else 0)
    assert len(os.listdir(tmp_path)) == 2


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bit_grey_stays_so(tmp_path, suffix):
    deep = RNG.integers(0, 65536, (9, 7)).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / f"in{suffix}")
    photograph = files.read(tmp_path / f"in{suffix}")
    assert photograph.bits == 16 and photograph.values.max() <= 1
    files.write(tmp_path / f"out{suffix}", photograph.values, photograph)
    pixels = np.asarray(Image.open(tmp_path / f"out{suffix}"))
    assert pixels.dtype == np.uint16 and np.array_equal(pixels, deep)


@pytest.mark.parametrize(
    ("kind", "photometric"),
    [
        (np.int16, "minisblack"),
        (np.uint32, "minisblack"),
        (np.float32, "minisblack"),
        (np.uint16, "miniswhite"),
    ],
)
def test_a_tiff_that_would_come_out_as_another_picture_is_refused_with_the_remedy(
    tmp_path, kind, photometric
):
    tifffile.imwrite(tmp_path / "in.tif", np.ones((9, 7), kind), photometric=photometric)
    with pytest.raises(ValueError, match="in.tif must hold whole numbers of 8 bits .*: convert it"):
        files.read(tmp_path / "in.tif")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_its_exif_says(tmp_path, orientation):
    image = Image.fromarray(COLOUR)
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(tmp_path / "in.png", exif=exif)
    photograph = files.read(tmp_path / "in.png")
    turned = {
        1: COLOUR,
        2: COLOUR[:, ::-1],
        3: COLOUR[::-1, ::-1],
        4: COLOUR[::-1],
        5: COLOUR.swapaxes(0, 1),
        6: np.rot90(COLOUR, -1),
        7: COLOUR[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(COLOUR),
    }
    expected = turned[orientation]
    np.testing.assert_allclose(photograph.values * 255, expected, atol=1e-3)
    files.write(tmp_path / "out.png", photograph.values, photograph)
    assert Image.open(tmp_path / "out.png").getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("mode", ["1", "P", "CMYK", "LA", "RGBA"])
def test_modes_of_pillow_are_read(tmp_path, mode):
    image = Image.fromarray(COLOUR).convert(mode)
    path = tmp_path / ("in.tif" if mode == "CMYK" else "in.png")
    image.save(path)
    photograph = files.read(path)
    assert (
        photograph.values.shape[:2] == (10, 14)
        and 0 <= photograph.values.min() <= photograph.values.max() <= 1
    )
    assert (photograph.alpha is not None) == (mode in ("LA", "RGBA"))
    assert photograph.values.ndim == (2 if mode in ("1", "LA") else 3)


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    (tmp_path / "broken.tif").write_bytes(b"II*\x00 nothing")
    Image.fromarray(COLOUR).save(tmp_path / "cut.jpg")
    content = (tmp_path / "cut.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) // 2])
    Image.new("1", (10_000, 10_000)).save(tmp_path / "large.png")
    Image.new("1", (20_000, 10_000)).save(tmp_path / "bomb.png")
    for name, message in (
        ("broken.png", "broken.png is not a readable picture"),
        ("cut.jpg", "cut.jpg is not a readable"),
        ("broken.tif", "broken.tif is not a readable"),
        ("none.png", "there is no file .*none.png"),
        ("large.png", "large.png has 100 megapixels, and at most 40"),
        ("a.gif", "a.gif must end in"),
        ("bomb.png", "bomb.png is not a readable picture .* pixels"),
    ):
        with pytest.raises(ValueError, match=message):
            files.read(tmp_path / name)


# The commands ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return lambda command: main(command.split())


def save(path: str, pixels: np.ndarray) -> None:
    Image.fromarray(pixels).save(path)


def contents(folder) -> dict:
    return {path: path.read_bytes() for path in folder.rglob("*.*")}


def test_denoise_works_on_files_and_folders_and_names_what_fails(run, capsys, monkeypatch):
    os.mkdir("in")
    save("in/a.png", GREY)
    save("in/b.jpg", COLOUR)
    save("in/e.png", GREY)
    os.mkdir("in/d.png")
    for name in ("c.png", "notes.txt"):
        (Path("in") / name).write_text("nothing")
    run("denoise in/a.png a.webp --sigma 25 --solver fista")
    assert Image.open("a.webp").size == (14, 10)
    assert "sigma 25.0 of 255" in capsys.readouterr().out
    real, calls = photographing.denoise, []

    def fail_at_first(values, *arguments, **options):
        calls.append(values)
        if len(calls) == 1:
            raise KeyError("of a solver of the reader's own")
        return real(values, *arguments, **options)

    monkeypatch.setattr(photographing, "denoise", fail_at_first)
    with pytest.raises(SystemExit, match="error: 3 of 5 pictures could not be done"):
        run("denoise in out --solver exact")
    assert sorted(os.listdir("out")) == ["b.jpg", "e.png"]
    errors = capsys.readouterr().err
    for error in ("a.png: KeyError: ", "c.png", "d.png: there is no file"):
        assert f"error: {error}" in errors


@pytest.mark.skipif(os.name == "nt", reason="links as POSIX has them")
@pytest.mark.parametrize(
    "command",
    [
        "denoise in/a.png in/a.png",
        "denoise in linked",
        "denoise in crossed",
        "inpaint in/a.png masks/a.png masks/a.png",
        "denoise in/a.png to-dictionary.png --dictionary B.npy",
    ],
)
def test_an_output_that_is_an_input_is_refused_before_anything_is_read(
    run, tmp_path, monkeypatch, command
):
    monkeypatch.setattr(files, "read", lambda path: pytest.fail(f"{path} was read"))
    for folder in ("in", "masks", "crossed"):
        os.mkdir(folder)
        for name in ("a.png", "b.png") if folder != "crossed" else ():
            save(f"{folder}/{name}", GREY)
    np.save("B.npy", np.eye(25))
    os.symlink("in", "linked")
    os.symlink("B.npy", "to-dictionary.png")
    os.symlink("../in/b.png", "crossed/a.png")  # the answer of one replaces the source of the other
    contents_before = contents(tmp_path)
    message = "error: .* which is read, and would be replaced: give another name"
    with pytest.raises(SystemExit, match=message):
        run(command)
    assert contents(tmp_path) == contents_before


def test_denoise_takes_a_dictionary_from_a_file_and_lambda(run):
    picture = np.random.default_rng(0).integers(0, 256, (20, 24), np.uint8)
    save("a.png", picture)
    B = np.linalg.qr(np.random.default_rng(1).standard_normal((25, 25)))[0][:, :20]
    np.save("B.npy", B)
    command = "denoise a.png b.png --sigma 25 --solver exact --dictionary B.npy --lam 0.3"
    run(command)
    answer = photographs.denoise(picture / 255, 25 / 255, "exact", B, lam=0.3).picture
    assert np.abs(np.asarray(Image.open("b.png")) - 255 * answer.clip(0, 1)).max() <= 1
    np.save("B.npy", B[:7])
    with pytest.raises(SystemExit, match="cannot be of patches: a patch must be square"):
        run(command)


def test_inpaint_and_approximate_work_on_files(run, capsys):
    mask = np.zeros((10, 14), np.uint8)
    mask[4, 3:9] = 255
    save("a.png", COLOUR)
    save("mask.png", mask)
    run("inpaint a.png mask.png b.png --solver fista")
    pixels = np.asarray(Image.open("b.png"))
    assert np.array_equal(pixels[mask == 0], COLOUR[mask == 0]) and not np.array_equal(
        pixels, COLOUR
    )
    run("approximate a.png c.png --non-zeros 1 --solver omp")
    assert Image.open("c.png").size == (14, 10)
    assert "non-zeros a patch" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("denoise a.png old.png --sigma nan", "--sigma: must be a number above 0, got nan"),
        ("denoise a.png old.png --solver none", "solver must be one of"),
        ("denoise none.png old.png", "there is no file"),
        ("denoise a.png old.gif", "old.gif must end in"),
        ("denoise a.png nowhere/old.png", "there is no folder"),
        ("inpaint a.png small.png old.png", "missing must be bool .* like the picture"),
        ("inpaint a.png all.png old.png", "missing must leave at least one pixel"),
        ("approximate a.png old.png --non-zeros 0", "--non-zeros: must be a number above 0, got 0"),
    ],
)
def test_bad_input_leaves_the_old_file(run, tmp_path, capsys, command, message):
    for name, pixels in (
        ("a", GREY),
        ("old", GREY),
        ("small", GREY[:5, :5]),
        ("all", np.full_like(GREY, 255)),
    ):
        save(f"{name}.png", pixels)
    contents_before = contents(tmp_path)
    with pytest.raises(SystemExit) as ended:
        run(command)
    assert re.search(f"error: .*{message}", f"{ended.value}{capsys.readouterr().err}")
    assert contents(tmp_path) == contents_before
