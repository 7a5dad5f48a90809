"""The phase transition against theory: the curve against its integral form, and measured recovery against the curve."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from sc2viz.analysis import phase_transition


@pytest.mark.parametrize("delta", [0.1, 0.35, 0.5, 0.65, 0.8, 0.95])
def test_the_curve_is_that_of_approximate_message_passing(delta):
    """Donoho, Maleki & Montanari 2009: ρ = max_z (1 − 2t/δ) / (1 + z² − 2t) with t = (1 + z²)Φ(−z) − zφ(z)."""
    z = np.linspace(1e-3, 6, 200_001)
    tail = (1 + z**2) * norm.cdf(-z) - z * norm.pdf(z)
    expected = ((1 - 2 / delta * tail) / (1 + z**2 - 2 * tail)).max()
    assert phase_transition.weak_threshold(delta) == pytest.approx(expected, abs=2e-4)


def test_a_trial_is_what_it_says_and_depends_on_its_seed():
    (x, B, true), (_, _, repeated), (_, different, _) = (
        phase_transition.draw_trial(30, 50, 7, seed=seed) for seed in (3, 3, 4)
    )
    assert x.shape == (1, 30) and B.shape == (30, 50)
    assert (true != 0).sum() == 7
    torch.testing.assert_close(x, true @ B.T)
    torch.testing.assert_close(B.norm(dim=0), torch.ones(50, dtype=B.dtype))
    assert torch.equal(repeated, true) and not torch.equal(different, B)


def test_a_map_has_its_easy_and_its_hard_corner():
    low, high = (
        phase_transition.map_row(phase_transition.exact_codes, row, 4, d_s=40, trials=4)
        for row in (0, 3)
    )
    assert low.shape == (4,) and low[-1] == 1 and high[0] == 0


@pytest.mark.parametrize(("name", "steps"), [("omp", 0), ("iht", 300), ("fista", 3000)])
def test_solvers_without_training_find_easy_codes_and_no_hard_ones(name, steps):
    find = phase_transition.finder(name, steps or 1)
    seeds = range(3)
    assert phase_transition.recovered(find, 40, 60, 2, seeds).all()
    assert not phase_transition.recovered(find, 20, 60, 18, seeds).any()
    with pytest.raises(ValueError, match="solver must need no training, .* got 'slstm'"):
        phase_transition.finder("slstm")


def test_the_border_is_where_the_share_falls_below_a_half():
    rho = np.array([0.1, 0.3, 0.5])
    shares = np.array([[1.0, 0.25, 1.0, 0.6], [1.0, 0.0, 0.75, 0.4], [0.8, 1.0, 0.0, 0.9]])
    border = phase_transition.border(phase_transition.Map(rho, rho, shares))
    expected = [
        1.0,
        0.1 * 0.5 / 0.75,
        0.3 + 0.2 / 3,
        0.2,
    ]  # a code found beyond the first cell that fails is chance
    np.testing.assert_allclose(border, expected)
