"""A film has every sheet, for as long as it says, and is small enough to send."""

import io

import numpy as np
import pytest
from PIL import Image

from sc2viz.draw import film, mosaics, sheet


def frames(data: bytes) -> list[tuple[np.ndarray, int]]:
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.info["loop"] == 0
        found = []
        for k in range(opened.n_frames):
            opened.seek(k)
            found.append((np.asarray(opened.convert("RGB")), opened.info["duration"]))
        return found


@pytest.mark.parametrize("dark", [False, True])
def test_a_film_shows_every_sheet_and_rests_at_the_end(dark):
    picture = np.full((8, 8, 4), 255, np.uint8)
    made = []
    for k in range(4):
        picture[..., :3] = 60 * k
        made.append(
            sheet.sheet(
                f"k = {k}", [sheet.SheetColumn("A", "#AA0000", [picture.copy()], [])], 64, dark=dark
            )
        )
    found = frames(film.gif(made, 200))
    assert [time for _, time in found] == [200, 200, 200, film.LAST]
    for k, (shown, _) in enumerate(found):
        assert np.abs(shown[140, 60].astype(int) - 60 * k).max() <= 12  # within the picture
        ground = (0x14, 0x15, 0x1A) if dark else (255, 255, 255)
        assert np.abs(shown[0, 0].astype(int) - ground).max() <= 6  # all frames share 256 colours


def test_rare_colours_are_those_of_the_sheet():
    """A few large errors among many small ones, and many greys, such as those of letters' edges."""
    error = np.linspace(0, 1, 784, dtype=np.float32).reshape(1, 28, 28) ** 6
    heat = mosaics.error_mosaic(error, 1.0)[..., :3]
    high, wide = heat.shape[:2]
    made = np.random.default_rng(0).integers(0, 256, (400, 600, 1), np.uint8).repeat(3, 2)
    made[:high, :wide] = heat
    for shown, _ in frames(film.gif([made, made])):
        assert np.abs(shown[:high, :wide].astype(int) - heat).max() <= 12


def test_a_long_film_leaves_frames_out_until_it_is_small_enough(monkeypatch):
    rng = np.random.default_rng(0)
    made = [rng.integers(0, 256, (60, 60, 3), np.uint8) for _ in range(9)]
    whole = film.gif(made)
    monkeypatch.setattr(film, "MOST", len(whole) // 2 + 2000)
    short = film.gif(made)
    found = frames(short)
    assert len(short) <= film.MOST and 1 < len(found) < 9
    assert found[0][1] * (len(found) - 1) == 8 * film.STEP  # it takes as long as before
    assert np.array_equal(found[-1][0], frames(whole)[-1][0])


def test_no_sheets_are_no_film():
    with pytest.raises(ValueError, match="sheets must not be empty"):
        film.gif([])
