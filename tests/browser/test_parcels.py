"""How numbers travel to the browser: what is in use there is in use here."""

import numpy as np
import pytest
from browser.unpacking import unpack
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from sc2viz import evaluation
from sc2viz.browser import board, wire_format
from sc2viz.browser.stops import LAM, with_value

WEIGHTS = st.floats(-(2.0**-7), 2.0**-7, width=32)


@pytest.mark.parametrize("fine", [wire_format.FINE, wire_format.COARSE])
@given(codes=arrays(np.float32, (3, 2, 5), elements=WEIGHTS))
def test_atoms_in_use_stay_in_use_and_others_do_not_become_so(fine, codes):
    codes[0, 0, 0] = 1.0  # large enough for multiples
    parcel = wire_format.pack(codes, fine)
    assert parcel.text.startswith(f"3/{fine}:")
    arrived = unpack(parcel)
    assert_array_equal(evaluation.in_use(arrived), evaluation.in_use(codes))
    assert np.abs(arrived - codes).max() <= 2.0**-fine


@given(arrays(np.float32, (4, 6), elements=st.floats(-1, 1, width=32)))
def test_atoms_arrive_finer_than_a_screen_shows(atoms):
    atoms[0, 0] = 1.0
    parcel = wire_format.pack(atoms, wire_format.FINER)
    assert parcel.text.startswith("1/12:") and parcel.shape == atoms.shape
    assert np.abs(unpack(parcel) - atoms).max() <= 2.0**-12
    for scaled in (atoms * 100, atoms / 100):  # too large or too small for it
        assert_array_equal(
            unpack(wire_format.pack(scaled, wire_format.FINER)), scaled.astype(np.float16)
        )


def test_codes_arrive_as_the_nearest_float16():
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(3, 5, 7)) * 10.0 ** rng.integers(-9, 6, (3, 5, 7))
    codes.flat[:6] = 0, np.inf, -np.inf, np.nan, 1e9, 6.1e-5
    expected = np.clip(np.nan_to_num(codes, nan=6e4), -6e4, 6e4).astype(np.float16)
    assert_array_equal(unpack(wire_format.pack(codes)), expected)


def test_a_network_that_runs_away_costs_the_others_no_digits():
    codes = np.random.default_rng(0).normal(size=(4, 2, 50)).astype(np.float32)
    codes[-1] *= 1e4
    assert_array_equal(unpack(wire_format.pack(codes)), codes.astype(np.float16))


@pytest.mark.parametrize(
    "codes",
    [np.zeros((3, 1, 4)), np.zeros((3, 0, 4)), np.full((2, 1, 1), 31.9), np.eye(4)[:, None]],
)
def test_the_edges_of_how_codes_travel(codes):
    assert_allclose(unpack(wire_format.pack(codes)), codes, atol=0.01)
    assert wire_format.pack(codes) == wire_format.pack(codes.copy())
    assert not codes.size or wire_format.pack(codes).name != wire_format.pack(codes + 1).name


def test_the_stop_at_hand_travels_apart():
    def message(lam):
        stops = {"lam": with_value(LAM, lam), "T": (1, 2)}
        codes = np.multiply.outer(stops["lam"], np.ones((2, 3))).astype("<f4")
        columns = [board.Column(codes=axis) for axis in ({"lam": codes}, {"T": codes[:2]})]
        board_codes = board.Codes(np.zeros((2, 4)), (2, 2, 1), stops, {"lam": lam, "T": 2}, columns)
        data, arrays = board_codes.message()
        labels = [label for column in data["columns"] for label in column["codes"].values()]
        return labels, wire_format.texts(arrays)

    (first, second), arrived = message(0.137)
    others, current, place = first["name"].split(":")
    _, earlier = message(0.2)  # which has all the marks
    assert others in earlier and others in arrived and current not in earlier and place == "34"
    assert (first["size"], second["size"]) == ([62, 2, 3], [2, 2, 3])
