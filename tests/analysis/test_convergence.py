"""Reading races: against cases small enough to read off by eye, and properties that hold for any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sc2viz.analysis import convergence

DISTANCES = arrays(float, st.shared(st.integers(2, 30), key="n"), elements=st.floats(0, 1e6))


NEAR, NAN, FAR = convergence.FLOOR / 2, np.nan, np.inf


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ((100, 50, 30, 20, 10, 5, 2), (100, 40, 20, 12, 11, 11, 11), [(4, True)]),
        ((100, 40, 20, 12, 11, 11, 11), (100, 50, 30, 20, 10, 5, 2), [(4, False)]),
        ((9, 5, 5, 4), (8, 6, 5, 5), []),  # a tie keeps the leader; the start counts for nobody
        ((9, 5, 5, 6), (8, 6, 5, 5), [(3, False)]),
        ((9, NEAR, NEAR / 4), (9, NEAR / 2, NEAR), []),  # within the floor nobody leads
        ((9, 1, NAN), (9, 2, 2), [(2, False)]),
        ((9, FAR, NAN), (9, NAN, FAR), []),
    ],
)
def test_overtaking_is_a_change_of_the_lead(one, other, found):
    assert convergence.overtakings(np.array(one, float), np.array(other, float)) == found


@given(DISTANCES, DISTANCES)
def test_both_sides_see_the_same_race(one, other):
    seen = convergence.overtakings(one, other)
    assert [(t, not leads) for t, leads in convergence.overtakings(other, one)] == seen
    for (_, before), (_, after) in zip(seen, seen[1:], strict=False):
        assert before != after
    for t, one_leads in seen:
        assert (one[t] < other[t]) == one_leads


@given(DISTANCES, st.floats(0, 1e6))
def test_steps_within_is_the_first_one(values, distance):
    found = convergence.steps_within(values, distance)
    near = [t for t, value in enumerate(values) if value <= max(distance, convergence.FLOOR)]
    assert found == (near[0] if near else None)


def test_divergence_is_staying_worse_than_no_code():
    assert convergence.diverges_at(np.array([10, 5, 3, 8, 11, 30.0])) == 4
    assert convergence.diverges_at(np.array([10, 30, 9, 40, np.inf, np.nan])) == 3
    assert convergence.diverges_at(np.array([10, 30, 9, 5.0])) is None
    assert convergence.diverges_at(np.array([10, 10, 10.0])) is None
    assert convergence.diverges_at(np.array([10, 11.0])) == 1
