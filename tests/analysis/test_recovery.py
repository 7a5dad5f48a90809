"""Codes against the true ones, by numpy and by counting."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from sc2viz import data, evaluation, lasso, solvers
from sc2viz.analysis import recovery
from tests.problems import F


@pytest.fixture(scope="module")
def signals():
    return data.load("synthetic", "test", n_samples=60, d_x=40, d_s=80, sparsity=0.1, noise=0.02)


def test_nmse_is_the_share_of_the_energy_that_is_wrong():
    rng = np.random.default_rng(0)
    truth, codes = rng.normal(size=(5, 9)), rng.normal(size=(3, 5, 9))
    expected = 10 * np.log10(((codes - truth) ** 2).sum((1, 2)) / (truth**2).sum())
    assert_allclose(evaluation.nmse(torch.from_numpy(codes), torch.from_numpy(truth)), expected)
    assert evaluation.nmse(torch.zeros(5, 9), torch.from_numpy(truth)) == 0
    assert evaluation.nmse(torch.from_numpy(truth), torch.from_numpy(truth)) == -torch.inf
    with pytest.raises(ValueError, match="truth must have a non-zero entry"):
        evaluation.nmse(torch.ones(2, 3), torch.zeros(2, 3))


def test_every_entry_is_a_hit_a_miss_a_false_alarm_or_rightly_zero():
    truth = torch.tensor([[1.0, -2.0, 0.0, 0.0, 0.5]])
    codes = torch.tensor([[0.9, 0.0, 0.3, 1e-4, -0.2]])
    agreement = evaluation.agreement(codes, truth)
    assert (agreement.hits.item(), agreement.missed.item(), agreement.alarms.item()) == (2, 1, 1)


def test_the_best_lambda_is_no_worse_than_any_of_a_fine_grid(signals):
    lam = recovery.best_lambda(signals.pixels, signals.dictionary, signals.codes)

    def error(lam: float) -> float:
        codes = lasso.solve(signals.pixels, signals.dictionary, lam, tol=1e-6).codes.double()
        return float((codes - signals.codes).square().sum() / signals.codes.square().sum())

    grid = np.geomspace(1e-3, 2, 60)
    assert 10 * np.log10(error(lam) / min(map(error, grid))) < 0.1


@pytest.mark.parametrize(("name", "gates"), [("ista", 0), ("fista", 0), ("lista", 0), ("slstm", 2)])
def test_a_layer_costs_a_matrix_and_a_gate_as_much_again_but_for_the_first_whose_code_is_zero(
    signals, name, gates
):
    d_x, d_s = 40, 80
    counts = recovery.multiplications(solvers.build(name, signals.dictionary), 5)
    assert (np.diff(counts) == d_s * d_s * (1 + gates) * np.array([0, 1, 1, 1, 1])).all()
    assert counts[0] == d_x * d_s * (
        1 + gates
    )  # the Gram matrix, which is the same for all signals, does not count


def test_lfista_needs_its_second_matrix_from_the_third_layer_on(signals):
    """Its second layer multiplies s⁽¹⁾ by W_e; W_m s⁽⁰⁾ is zero."""
    counts = recovery.multiplications(solvers.build("lfista", signals.dictionary), 4)
    assert (np.diff(counts) == 80 * 80 * np.array([0, 1, 2, 2])).all()


def test_an_atom_of_omp_costs_more_than_the_one_before(signals):
    """With k atoms, Bᵀr costs k·d_s, a new row of L the triangle of k, and the codes that of k + 1."""
    d_x, d_s, k = 40, 80, np.arange(5)
    counts = recovery.multiplications(solvers.build("omp", signals.dictionary), 5)
    assert (
        counts[0] == d_x * d_s
        and (np.diff(counts) == k * d_s + k * (k + 1) / 2 + (k + 1) * (k + 2) / 2).all()
    )


def test_each_sample_has_its_own_nmse(signals):
    nmse = recovery.nmse_of_samples(0.9 * signals.codes, signals.codes)
    assert_allclose(nmse, np.full(len(nmse), -20), atol=1e-4)


def test_exact_codes_and_layers_are_measured_as_by_numpy(signals):
    training_set = data.load(
        "synthetic", "train", n_samples=20, d_x=40, d_s=80, sparsity=0.1, noise=0.02
    )
    best, solver, truth = (
        recovery.exact(training_set, signals),
        solvers.build("fista", signals.dictionary),
        signals.codes.double().numpy(),
    )
    exact = lasso.solve(signals.pixels, signals.dictionary, best.lam, tol=1e-6).codes.numpy()
    codes = solver.trace(signals.pixels, 0.02, steps=6).codes.double().detach().numpy()[::2]
    course = recovery.course(solver, signals, best, 0.02, 3, size=2)

    def decibels(codes: np.ndarray) -> np.ndarray:
        return 10 * np.log10(((codes - truth) ** 2).sum((-2, -1)) / (truth**2).sum())

    assert_allclose(course.nmse, decibels(codes), atol=1e-4)
    assert (
        best.nmse == pytest.approx(decibels(exact), abs=1e-6)
        and best.oracle < best.nmse
        and best.tuned == 20
    )
    wrong = np.stack(
        [(np.abs(exact) > 1e-3) & (truth == 0), (np.abs(exact) <= 1e-3) & (truth != 0)]
    )
    assert (best.alarms, best.missed) == pytest.approx(wrong.sum(2).mean(1))
    hits = (np.abs(exact) > 1e-3) & (truth != 0)
    assert best.shrunk == pytest.approx(
        1 - np.abs(exact[hits]).sum() / np.abs(truth[hits]).sum(), rel=1e-4
    )
    costs = F(signals.pixels, np.stack([*codes, exact]), signals.dictionary, best.lam).sum(1)
    assert_allclose(course.excess, 100 * (costs[:-1] / costs[-1] - 1), rtol=1e-3)
    own_lambda = recovery.own_lambda(solver, training_set, 3, size=2)
    last = [
        decibels(recovery.layer_codes(solver, signals.pixels, lam, 3, size=2)[-1].numpy())
        for lam in (own_lambda, 0.2 * own_lambda, 5 * own_lambda)
    ]
    assert last[0] == min(last)
