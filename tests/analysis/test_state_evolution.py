"""AMP's state evolution beside numerical integration, and beside AMP itself on Gaussian atoms."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from sc2viz import data, evaluation, solvers
from sc2viz.analysis import state_evolution


def integrated(tau, alpha, sparsity):
    """E[(h(S + τZ; ατ) − S)²] by quadrature: S given S + τZ = u is normal about u/(1 + τ²) with variance τ²/(1 + τ²)."""
    theta, v = alpha * tau, 1 + tau**2

    def h(u):
        return np.sign(u) * max(abs(u) - theta, 0)

    def mean(f, scale):
        parts = [(-np.inf, -theta), (-theta, theta), (theta, np.inf)]
        return sum(
            quad(lambda u: f(u) * norm.pdf(u, scale=scale), *ends, epsabs=1e-13)[0]
            for ends in parts
        )

    used = tau**2 / v + mean(lambda u: (h(u) - u / v) ** 2, np.sqrt(v))
    return sparsity * used + (1 - sparsity) * mean(lambda u: h(u) ** 2, tau)


CASES = [(0.5, 0.1, 40.0, 0.9), (0.3, 0.05, 10.0, 1.5), (0.8, 0.3, None, 0.4)]


@pytest.mark.parametrize("delta, sparsity, snr, alpha", CASES)
def test_every_iteration_is_the_expectation_by_quadrature(delta, sparsity, snr, alpha):
    noise = 0 if snr is None else sparsity / delta * 10 ** (-snr / 10)
    error, expected = sparsity, []
    for _ in range(3):
        error = integrated(np.sqrt(noise + error / delta), alpha, sparsity)
        expected.append(10 * np.log10(error / sparsity))
    assert state_evolution.nmse(delta, sparsity, snr, alpha, 3) == pytest.approx(expected, abs=1e-6)


def measure_distance(atoms, snr, seed, n_samples):
    """The largest distance of AMP's NMSE from the prediction in 16 layers, in dB; one atom in ten is in use."""
    rows = data.load(
        "synthetic",
        "test",
        n_samples=n_samples,
        d_x=atoms // 2,
        d_s=atoms,
        sparsity=0.1,
        snr_db=snr,
        seed=seed,
    )
    amp = solvers.build("amp", rows.dictionary, 16)
    with torch.no_grad():
        measured = evaluation.nmse(amp.trace(rows.pixels, 0.1).codes[1:], rows.codes)
    expected = state_evolution.nmse(0.5, 0.1, snr, amp.alpha, 16)
    assert expected[-1] < -15
    return np.abs(np.array(measured) - expected).max()


@pytest.mark.release
def test_the_page_of_results_says_how_far_ten_seeds_are_from_it():
    page = Path(__file__).parents[2] / ".github" / "docs" / "pages" / "results.md"
    match = re.search(
        "Over ten seeds with 300 .* is ([0-9.]+) to ([0-9.]+) dB with 2,000 .* ([0-9.]+) to ([0-9.]+) dB with the 500",
        page.read_text("utf-8").replace("\n", " "),
    )
    measured = []
    for atoms in (2000, 500):
        distances = [measure_distance(atoms, 40.0, seed, n_samples=300) for seed in range(10)]
        measured += [min(distances), max(distances)]
    assert list(map(float, match.groups())) == pytest.approx(measured, abs=0.06)
