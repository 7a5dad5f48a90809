"""Working sets: the optimum on all atoms from a few of them, proved by the duality gap of `lasso` and by scikit-learn."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2viz import lasso, samples, working_sets
from tests.test_homotopy import problems, relative_gap, scikit_learn


@settings(max_examples=80)
@given(problems(), st.floats(-2, 0.1), st.booleans())
def test_the_optimum_is_that_of_all_atoms(case, exponent, positive):
    x, B = case
    lam = (lasso.lambda_max(x, B).max().item() or 1.0) * 10**exponent
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(working_sets, "LEAST", 1)
        patch.setattr(working_sets, "suit", lambda *_: True)
        found = lasso.solve(x, B, lam, tol=1e-9, positive=positive)
    assert (relative_gap(x, found.codes, B, lam, positive=positive) <= 1e-9).all()


def test_atoms_that_are_missing_at_first_enter_in_a_later_round(monkeypatch):
    """The first set of each sample has one atom, and nothing but working sets may solve anything."""
    rng = torch.Generator().manual_seed(0)
    x, B = (torch.randn(*size, generator=rng, dtype=torch.float64) for size in ((5, 30), (30, 200)))
    B, rounds, products = lasso.normalised(B), [], samples.products
    monkeypatch.setattr(working_sets, "sizes", lambda projection, *_: torch.ones(len(projection), dtype=int).numpy())
    monkeypatch.setattr(working_sets, "suit", lambda *_: True)
    monkeypatch.setattr(working_sets, "products", lambda *given: rounds.append(1) or products(*given))
    solved = []
    monkeypatch.setattr(lasso, "_in_batches", lambda *_: solved.append("batches"))
    found = lasso.solve(x, B, 0.3, tol=1e-10)
    reference = lasso.objective(x, scikit_learn(x, B, 0.3), B, 0.3)
    assert lasso.objective(x, found.codes, B, 0.3) == pytest.approx(reference, rel=1e-9)
    assert len(rounds) > 2 and not solved and (found.gap <= 1e-10).all()


def test_few_samples_of_a_wide_dictionary_have_working_sets_and_many_have_a_gram_matrix():
    rng = torch.Generator().manual_seed(0)
    x, B = torch.randn(400, 200, generator=rng), lasso.normalised(torch.randn(200, 1500, generator=rng))
    projection, largest = (x @ B).double().numpy(), lasso.lambda_max(x, B).double().numpy()
    assert working_sets.suit(projection[:4], 0.7 * largest[:4], 200, False)
    assert not working_sets.suit(projection, 0.1 * largest, 200, False)
