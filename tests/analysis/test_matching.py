"""The mean correlation after matching, against every order there is and against scipy's correlation."""

from itertools import permutations

import numpy as np
import pytest
import torch

from sc2viz.analysis import matching


def by_hand(truth, estimate):
    """The best mean |correlation| over all orders of the found columns."""
    alike = np.abs(np.corrcoef(truth.T, estimate.T)[: truth.shape[1], truth.shape[1] :])
    return max(
        np.mean([alike[i, j] for i, j in enumerate(order)])
        for order in permutations(range(estimate.shape[1]))
    )


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_best_of_all_orders(seed):
    rng = np.random.default_rng(seed)
    truth, mix = rng.random((40, 5)), rng.standard_normal((5, 5))
    estimate = truth @ mix + 0.3 * rng.standard_normal((40, 5))
    assert matching.mean_correlation(*map(torch.from_numpy, (truth, estimate))) == pytest.approx(
        by_hand(truth, estimate)
    )


def test_constant_columns_and_small_ones_stay_out_and_what_is_missing_counts_nothing():
    truth = torch.rand(50, 4, generator=torch.Generator().manual_seed(0))
    padded = torch.cat((truth, torch.ones(50, 2)), 1)
    assert matching.mean_correlation(
        padded, torch.cat((1e-3 * truth[:, :1].flip(0), truth), 1)
    ) == pytest.approx(1)
    assert matching.mean_correlation(truth, truth[:, :3]) == pytest.approx(3 / 4)
    assert matching.mean_correlation(truth, torch.zeros(50, 4)) == 0
