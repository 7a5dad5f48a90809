"""Metrics against numpy."""

import numpy as np
import pytest
import torch

from sc2viz import evaluation, lasso


def test_psnr_is_minus_ten_log_of_the_mean_squared_error():
    x, y = np.random.default_rng(0).uniform(size=(2, 6, 20))
    expected = [10 * np.log10(1 / np.mean((a - b) ** 2)) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(evaluation.psnr(torch.tensor(x), torch.tensor(y)), expected)
    assert torch.isinf(evaluation.psnr(torch.tensor(x), torch.tensor(x))).all()
    with pytest.raises(ValueError, match="shape"):
        evaluation.psnr(torch.zeros(2, 3), torch.zeros(2, 4))


def test_nonzero_share_counts_entries_beyond_the_threshold():
    codes = torch.tensor([[0.0, 1e-4, -0.2, 3.0], [0.0, 0.0, 0.0, 0.0]])
    assert evaluation.nonzero_share(codes).tolist() == [0.5, 0.0]
    assert evaluation.nonzero_share(codes, threshold=0).tolist() == [0.75, 0.0]
    with pytest.raises(ValueError, match="threshold"):
        evaluation.nonzero_share(codes, threshold=-1)


def test_excess_is_the_ratio_of_means_in_percent():
    assert evaluation.excess(torch.tensor([[2.0, 4.0], [1.5, 1.5]]), torch.tensor([1.0, 2.0])).tolist() == [100.0, 0.0]
    assert evaluation.excess(torch.zeros(3), torch.zeros(3)).item() == 0


def test_objective_along_equals_the_objective_of_each_iteration():
    rng = np.random.default_rng(1)
    x, codes, B = rng.normal(size=(4, 9)), rng.normal(size=(3, 4, 6)), 2 * rng.normal(size=(9, 6))
    along = evaluation.objective_along(*map(torch.tensor, (x, codes, B)), 0.3)
    for t in range(3):
        expected = 0.5 * ((x - codes[t] @ B.T) ** 2).sum(1) + 0.3 * np.abs(codes[t]) @ np.linalg.norm(B, axis=0)
        np.testing.assert_allclose(along[t], expected)
        np.testing.assert_allclose(along[t], lasso.honest_objective(*map(torch.tensor, (x, codes[t], B)), 0.3))
