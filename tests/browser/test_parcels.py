"""How numbers travel to the browser: what is in use there is in use here."""

import numpy as np
import pytest
from browser.unpacking import unpack
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sc2viz import evaluation
from sc2viz.browser import wire_format

WEIGHTS = st.floats(-(2.0**-7), 2.0**-7, width=32)


@pytest.mark.parametrize("fine", [wire_format.FINE, wire_format.COARSE])
@given(codes=arrays(np.float32, (3, 2, 5), elements=WEIGHTS))
def test_atoms_in_use_stay_in_use_and_others_do_not_become_so(fine, codes):
    codes[0, 0, 0] = 1.0  # large enough for multiples
    parcel = wire_format.pack(codes, fine)
    assert parcel.text.startswith(f"3/{fine}:")
    arrived = unpack(parcel)
    np.testing.assert_array_equal(evaluation.in_use(arrived), evaluation.in_use(codes))
    assert np.abs(arrived - codes).max() <= 2.0**-fine


@given(arrays(np.float32, (4, 6), elements=st.floats(-1, 1, width=32)))
def test_atoms_arrive_finer_than_a_screen_shows(atoms):
    atoms[0, 0] = 1.0
    parcel = wire_format.pack(atoms, wire_format.FINER)
    assert parcel.text.startswith("1/12:") and parcel.shape == atoms.shape
    assert np.abs(unpack(parcel) - atoms).max() <= 2.0**-12
    for other in (atoms * 100, atoms / 100):  # too large or too small for it
        np.testing.assert_array_equal(
            unpack(wire_format.pack(other, wire_format.FINER)), other.astype(np.float16)
        )
