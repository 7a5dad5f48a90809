"""What travels to the browser comes out again as it went in."""

import base64

import numpy as np

from sc2viz.browser import comparison, panels
from sc2viz.draw import style


def numbers(text: str, dtype) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype)


def test_pictures_travel_as_bytes():
    frames = np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5)
    table = np.random.default_rng(0).integers(0, 256, (256, 3), np.uint8)
    data = panels.Picture("atoms", frames, "Atoms at {t}", table=table).data()
    assert data["size"] == [2, 3, 4, 5, 1] and data["columns"] == 2
    assert (numbers(data["pixels"], np.uint8) == frames.ravel()).all()
    steps = numbers(data["tables"]["dark"], np.uint8).reshape(256, 3)
    assert (np.cumsum(steps, axis=0, dtype=np.uint8) == table).all()


def test_numbers_travel_with_infinity():
    line = panels.Line(
        "ISTA", np.array([3.5, np.inf, 1e300]), None, by_axis={"lam": np.array([5, np.inf])}
    )
    sent = line.data()
    assert numbers(sent["values"], "<f4").tolist() == [3.5, np.inf, np.inf]
    assert numbers(sent["by_axis"]["lam"], "<f4").tolist() == [5, np.inf]
    codes = np.random.default_rng(0).normal(size=(4, 7)).astype(np.float32)
    data = panels.Stems("s", codes[:, ::-1], 1, None, "s", scale=codes[0]).data()
    assert data["top"] == data["bottom"] == 1 and data["size"] == [4, 7]
    assert (numbers(data["values"], "<f4").reshape(4, 7) == codes[:, ::-1]).all()
    assert (numbers(data["scale"], "<f4") == codes[0]).all()


def test_tiles_and_scales_clip():
    pixels = np.array([[0, 0.5, 1, 2], [-1, np.nan, 0.2, 0.4]])
    assert panels.tiles(pixels, (2, 2, 1)).reshape(2, 4).tolist() == [
        [0, 128, 255, 255],
        [0, 255, 51, 102],
    ]
    assert panels.tiles(np.zeros((3, 12)), (2, 2, 3)).shape == (3, 1, 2, 2, 3)
    assert panels.scaled(np.array([-2, -1, 0, 1, np.inf, np.nan]), -1, 1).tolist() == [
        0,
        0,
        128,
        255,
        255,
        255,
    ]


def test_the_top_of_the_error_scale_covers_all_columns_at_each_stop():
    """Columns with fewer stops come round again; of nine pictures every third is looked at."""
    rng = np.random.default_rng(0)
    x, B, C = (rng.random(size).astype(np.float32) for size in ((9, 16), (16, 5), (16, 4)))
    x, dense, sparse = (
        0.1 * x,
        0.1 * rng.random((6, 9, 5), np.float32),
        0.01 * rng.random((3, 9, 4), np.float32),
    )
    dense *= np.arange(6, dtype=np.float32)[:, None, None]
    tops = comparison.brightest(x, (4, 4, 1), ((dense, B), (sparse, C)))
    for k, top in enumerate(tops):
        errors = [
            np.abs(x - s @ atoms.T)[::3].ravel() for s, atoms in ((dense[k], B), (sparse[k % 3], C))
        ]
        assert top == min(1, style.round_up(float(np.quantile(np.concatenate(errors), 0.995))))
    assert len(tops) == 6 and len(set(tops)) > 1
