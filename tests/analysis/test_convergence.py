"""Reading races: against cases small enough to read off by eye, and properties that hold for any."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sc2viz.analysis import convergence

DISTANCES = arrays(float, st.shared(st.integers(2, 30), key="n"), elements=st.floats(0, 1e6))


@given(DISTANCES, st.floats(0, 1e6))
def test_steps_within_is_the_first_one(values, distance):
    steps = convergence.steps_within(values, distance)
    near = [t for t, value in enumerate(values) if value <= max(distance, convergence.FLOOR)]
    assert steps == (near[0] if near else None)


def test_divergence_is_staying_worse_than_no_code():
    assert convergence.diverges_at(np.array([10, 5, 3, 8, 11, 30.0])) == 4
    assert convergence.diverges_at(np.array([10, 30, 9, 40, np.inf, np.nan])) == 3
    assert convergence.diverges_at(np.array([10, 30, 9, 5.0])) is None
    assert convergence.diverges_at(np.array([10, 10, 10.0])) is None
    assert convergence.diverges_at(np.array([10, 11.0])) == 1
