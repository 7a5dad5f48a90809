"""Metrics against numpy."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from skimage.metrics import peak_signal_noise_ratio

from sc2viz import data, evaluation, lasso, solvers
from tests.problems import F, scikit_learn


@pytest.mark.parametrize("peak", [1.0, 7.5])
def test_psnr_is_scikit_images(peak):
    x, y = np.random.default_rng(1).normal(0, 3, (2, 5, 20))
    expected = [peak_signal_noise_ratio(a, b, data_range=peak) for a, b in zip(x, y, strict=True)]
    assert_allclose(evaluation.psnr(torch.tensor(x), torch.tensor(y), peak), expected)
    assert torch.isinf(evaluation.psnr(torch.tensor(x), torch.tensor(x))).all()


@pytest.mark.parametrize(
    ("y", "peak", "message"),
    [
        (torch.zeros(2, 4), 1.0, "shape"),
        (torch.zeros(2, 3), 0.0, "peak must be > 0 and finite, got 0"),
    ],
)
def test_what_has_no_psnr_is_refused(y, peak, message):
    with pytest.raises(ValueError, match=message):
        evaluation.psnr(torch.zeros(2, 3), y, peak)


def test_the_relative_gap_of_zeros_is_that_of_the_formula():
    """The dual point of zeros at a share of λ_max is that share of x; a picture of zeros has no gap."""
    x, B = (
        torch.rand(1, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0)),
        torch.eye(6),
    )
    for rows, share, gap in ((x, 1.0, 0), (x, 0.5, 0.25), (0 * x, 0.1, 0)):
        gaps = evaluation.relative_gap(rows, 0 * x, B.double(), share * x.max().item())
        assert gaps.item() == pytest.approx(gap, abs=1e-12)


def test_nonzero_share_counts_entries_beyond_the_threshold():
    codes = torch.tensor([[0.0, 1e-4, -0.2, 3.0], [0.0, 0.0, 0.0, 0.0]])
    assert evaluation.nonzero_share(codes).tolist() == [0.5, 0.0]
    assert evaluation.nonzero_share(codes, threshold=0).tolist() == [0.75, 0.0]
    with pytest.raises(ValueError, match="threshold"):
        evaluation.nonzero_share(codes, threshold=-1)


def test_excess_is_the_ratio_of_means_in_percent():
    assert evaluation.excess(
        torch.tensor([[2.0, 4.0], [1.5, 1.5]]), torch.tensor([1.0, 2.0])
    ).tolist() == [100.0, 0.0]
    assert evaluation.excess(torch.zeros(3), torch.zeros(3)).item() == 0


@pytest.mark.parametrize("iterations", [1, 3])  # of fewer codes than atoms, and of more
def test_objective_along_equals_the_objective_of_each_iteration(iterations):
    rng = np.random.default_rng(1)
    x, codes, B = (
        rng.normal(size=(4, 9)),
        rng.normal(size=(iterations, 4, 6)),
        2 * rng.normal(size=(9, 6)),
    )
    objectives = evaluation.objective_along(*map(torch.tensor, (x, codes, B)), 0.3)
    norms = np.linalg.norm(B, axis=0)
    assert_allclose(objectives, F(x, codes * norms, B / norms, 0.3))
    honest = [lasso.honest_objective(*map(torch.tensor, (x, code, B)), 0.3) for code in codes]
    assert_allclose(objectives, torch.stack(honest))


def test_beyond_is_the_distance_to_the_own_optimum_after_each_number_of_iterations():
    """Against scikit-learn's optimum; atoms of all lengths, one picture of zeros."""
    rng, lam = np.random.default_rng(0), 0.1
    x, B = rng.random((7, 12)), rng.standard_normal((12, 20)) * rng.uniform(0.1, 0.5, 20)
    x[3] = 0
    x, B = torch.from_numpy(x), torch.from_numpy(B)
    solver, unit, horizons = solvers.build("ista", B, 5), lasso.normalised(B), [0, 5, 30]
    best = F(x, scikit_learn(x, unit, lam), unit, lam)
    distances = evaluation.beyond(solver, x, lam, horizons, batch_size=3)
    for (mean, worst), steps in zip(distances.tolist(), horizons, strict=True):
        excess = F(x, solver(x, lam, steps) * B.norm(dim=0), unit, lam) - best
        assert mean == pytest.approx(100 * excess.mean() / best.mean(), abs=2e-3)
        assert worst == pytest.approx(100 * max(excess[best > 0] / best[best > 0]), abs=2e-3)


def test_data_without_labels_are_refused_where_labels_are_predicted():
    images = data.load("patches")[:20]
    with pytest.raises(
        ValueError, match="patches has no labels that could be predicted: use data with labels"
    ):
        evaluation.classifier(images, images.pixels)


def test_in_use_is_beyond_the_threshold_for_numbers_arrays_and_tensors():
    codes, used = [0.0, 1e-4, -0.2, 3.0], [False, False, True, True]
    assert [bool(evaluation.in_use(code)) for code in codes] == used
    for kind in (np.array, torch.tensor):
        assert evaluation.in_use(kind(codes)).tolist() == used


@pytest.fixture
def example():
    random = np.random.default_rng(0)
    B = random.normal(size=(12, 8))
    codes = np.array([0.5, 0.0, -3.0, 1e-4, 0.02, 1.0, -0.7, 0.0])
    return random.normal(size=12), codes, B


def test_the_order_is_by_what_each_atom_adds(example):
    _, codes, B = example
    order = evaluation.largest_first(codes, B)
    sizes = [np.linalg.norm(codes[j] * B[:, j]) for j in order]
    assert sorted(order) == [0, 2, 4, 5, 6]  # |s| > 1e-3
    assert sizes == sorted(sizes, reverse=True)


def test_missing_is_what_is_left_in_parts_of_the_contrast(example):
    x, codes, B = example
    order = evaluation.largest_first(codes, B)
    missing = evaluation.missing(x, codes, B, order)
    for k in range(len(order) + 1):
        partial = np.zeros_like(codes)
        partial[order[:k]] = codes[order[:k]]
        assert missing[k] == pytest.approx(np.sum((x - B @ partial) ** 2) / (len(x) * np.var(x)))
