"""The mean correlation after matching, against every order there is and against scipy's correlation."""

from itertools import permutations

import numpy as np
import pytest
import torch

from sc2viz.analysis import matching


def by_hand(truth, found):
    """The best mean |correlation| over all orders of the found columns."""
    alike = np.abs(np.corrcoef(truth.T, found.T)[: truth.shape[1], truth.shape[1] :])
    return max(
        np.mean([alike[i, j] for i, j in enumerate(order)])
        for order in permutations(range(found.shape[1]))
    )


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_best_of_all_orders(seed):
    rng = np.random.default_rng(seed)
    truth, mix = rng.random((40, 5)), rng.standard_normal((5, 5))
    found = truth @ mix + 0.3 * rng.standard_normal((40, 5))
    assert matching.mean_correlation(*map(torch.from_numpy, (truth, found))) == pytest.approx(
        by_hand(truth, found)
    )


def test_order_scale_and_sign_do_not_matter():
    truth = torch.rand(50, 6, generator=torch.Generator().manual_seed(0))
    assert matching.mean_correlation(truth, -3 * truth[:, [3, 1, 0, 2, 5, 4]] + 1) == pytest.approx(
        1
    )


def test_constant_columns_and_small_ones_stay_out_and_what_is_missing_counts_nothing():
    truth = torch.rand(50, 4, generator=torch.Generator().manual_seed(0))
    held = torch.cat((truth, torch.ones(50, 2)), 1)
    assert matching.mean_correlation(
        held, torch.cat((1e-3 * truth[:, :1].flip(0), truth), 1)
    ) == pytest.approx(1)
    assert matching.mean_correlation(truth, truth[:, :3]) == pytest.approx(3 / 4)
    assert matching.mean_correlation(truth, torch.zeros(50, 4)) == 0


def test_refusals():
    with pytest.raises(ValueError, match="a column that varies"):
        matching.mean_correlation(torch.ones(5, 2), torch.rand(5, 2))
    with pytest.raises(ValueError, match="truth and found must be"):
        matching.mean_correlation(torch.rand(5, 2), torch.rand(4, 2))
