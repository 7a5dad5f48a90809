"""A picture as a sum of atoms: an order, and what is left after each."""

import numpy as np
import pytest

from sc2viz.figures import sums


@pytest.fixture
def drawn():
    random = np.random.default_rng(0)
    B = random.normal(size=(12, 8))
    codes = np.array([0.5, 0.0, -3.0, 1e-4, 0.02, 1.0, -0.7, 0.0])
    return random.normal(size=12), codes, B


def test_the_order_is_by_what_each_atom_adds(drawn):
    _, codes, B = drawn
    order = sums.largest_first(codes, B)
    sizes = [np.linalg.norm(codes[j] * B[:, j]) for j in order]
    assert sorted(order) == [0, 2, 4, 5, 6]  # |s| > 1e-3
    assert sizes == sorted(sizes, reverse=True)


def test_missing_is_the_share_of_squared_pixels_left(drawn):
    x, codes, B = drawn
    order = sums.largest_first(codes, B)
    missing = sums.missing(x, codes, B, order)
    for k in range(len(order) + 1):
        kept = np.zeros_like(codes)
        kept[order[:k]] = codes[order[:k]]
        assert missing[k] == pytest.approx(np.sum((x - B @ kept) ** 2) / np.sum(x**2))
    assert missing[0] == pytest.approx(1)


def test_nothing_is_missing_of_a_picture_of_zeros(drawn):
    _, codes, B = drawn
    assert not sums.missing(np.zeros(12), codes, B, sums.largest_first(codes, B)).any()
    assert len(sums.missing(np.zeros(12), codes * 0, B, sums.largest_first(codes * 0, B))) == 1
