"""A film has every sheet, for as long as it says, and is small enough to send."""

import io

import numpy as np
import pytest
from PIL import Image

from sc2viz.draw import film, mosaics, sheet


def frames(data: bytes) -> list[tuple[np.ndarray, int]]:
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.info["loop"] == 0
        pairs = []
        for k in range(opened.n_frames):
            opened.seek(k)
            pairs.append((np.asarray(opened.convert("RGB")), opened.info["duration"]))
        return pairs


@pytest.mark.parametrize("dark", [False, True])
def test_a_film_shows_every_sheet_and_rests_at_the_end(dark):
    picture = np.full((8, 8, 4), 255, np.uint8)
    sheets = []
    for k in range(4):
        picture[..., :3] = 60 * k
        sheets.append(
            sheet.sheet(
                f"k = {k}", [sheet.SheetColumn("A", "#AA0000", [picture.copy()], [])], 64, dark=dark
            )
        )
    pairs = frames(film.gif(sheets, 200))
    assert [time for _, time in pairs] == [200, 200, 200, film.LAST]
    for k, (frame, _) in enumerate(pairs):
        assert np.abs(frame[140, 60].astype(int) - 60 * k).max() <= 12  # within the picture
        ground = (0x14, 0x15, 0x1A) if dark else (255, 255, 255)
        assert np.abs(frame[0, 0].astype(int) - ground).max() <= 6  # all frames share 256 colours


def test_rare_colours_are_those_of_the_sheet():
    """A few large errors among many small ones, and many greys, such as those of letters' edges."""
    error = np.linspace(0, 1, 784, dtype=np.float32).reshape(1, 28, 28) ** 6
    heat = mosaics.error_mosaic(error, 1.0)[..., :3]
    high, wide = heat.shape[:2]
    sheet = np.random.default_rng(0).integers(0, 256, (400, 600, 1), np.uint8).repeat(3, 2)
    sheet[:high, :wide] = heat
    for frame, _ in frames(film.gif([sheet, sheet])):
        assert np.abs(frame[:high, :wide].astype(int) - heat).max() <= 12


def test_a_long_film_leaves_frames_out_until_it_is_small_enough(monkeypatch):
    rng = np.random.default_rng(0)
    sheets = [rng.integers(0, 256, (60, 60, 3), np.uint8) for _ in range(9)]
    long_film = film.gif(sheets)
    monkeypatch.setattr(film, "SIZE_LIMIT", len(long_film) // 2 + 2000)
    short = film.gif(sheets)
    pairs = frames(short)
    assert len(short) <= film.SIZE_LIMIT and 1 < len(pairs) < 9
    assert pairs[0][1] * (len(pairs) - 1) == 8 * film.STEP  # it takes as long as before
    assert np.array_equal(pairs[-1][0], frames(long_film)[-1][0])


def test_no_sheets_are_no_film():
    with pytest.raises(ValueError, match="sheets must not be empty"):
        film.gif([])
