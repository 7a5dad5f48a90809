"""Learning B: the block update against a generic optimiser, the whole against scikit-learn and against known atoms."""

from functools import partial

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from sklearn.decomposition import DictionaryLearning, sparse_encode

from sc2viz import data, dictionary, lasso
from sc2viz.training import losses


@pytest.fixture(scope="module")
def digits():
    return data.load("digits").pixels


def held_out(B, lam):
    x = data.load("digits", "test").pixels
    return lasso.objective(x, lasso.solve(x, B, lam, tol=1e-4).codes, B, lam).mean().item()


@pytest.mark.parametrize("positive", [False, True])
def test_a_sweep_puts_each_atom_at_its_optimum_in_the_unit_ball(positive):
    rng = np.random.RandomState(0)
    x, codes, B = rng.standard_normal((40, 6)), rng.standard_normal((40, 3)), rng.standard_normal((6, 3)) / 4
    P, Q = codes.T @ codes, x.T @ codes
    found = torch.from_numpy(B.copy())
    dictionary.update_atoms_(found, torch.from_numpy(P), torch.from_numpy(Q), positive)
    for j in range(3):  # earlier atoms are new already when the next is solved for

        def squares(atom, j=j):
            trial = B.copy()
            trial[:, j] = atom
            return ((x - codes @ trial.T) ** 2).sum() / 2

        ball = {"type": "ineq", "fun": lambda atom: 1 - atom @ atom}
        bounds = [(0, None)] * 6 if positive else None
        options = {"ftol": 1e-14, "maxiter": 500}
        best = minimize(squares, B[:, j], method="SLSQP", constraints=[ball], bounds=bounds, options=options)
        B[:, j] = best.x
        np.testing.assert_allclose(found[:, j], best.x, atol=1e-5)


@pytest.mark.parametrize("positive", [False, True])
def test_as_good_as_scikit_learn_in_batch(digits, positive):
    signs = {"positive_code": positive, "positive_dict": positive}
    theirs = DictionaryLearning(32, alpha=0.1, max_iter=30, fit_algorithm="cd", random_state=0, **signs)
    rows = digits[:400].double().numpy()
    atoms = theirs.fit(rows).components_
    ours = dictionary.learn(digits[:400], 32, 0.1, seed=0, tol=1e-4, max_epochs=60, positive=positive).T.double().numpy()
    assert ours.min() >= 0 or not positive

    def F(atoms):
        s = sparse_encode(rows, atoms, algorithm="lasso_cd", alpha=0.1, max_iter=5000, positive=positive)
        return (0.5 * ((rows - s @ atoms) ** 2).sum(1) + 0.1 * np.abs(s).sum(1)).mean()

    assert F(ours) < (1.03 if positive else 1.01) * F(atoms)  # there are more local minima without signs


def test_positive_codes_leave_atoms_their_signs_and_are_as_good_as_scikit_learns(digits):
    rows = (digits[:400] - digits[:400].mean(0)).double().numpy()
    options = {"alpha": 0.1, "max_iter": 30, "fit_algorithm": "cd", "random_state": 0, "positive_code": True}
    theirs = DictionaryLearning(32, **options).fit(rows).components_
    x = torch.from_numpy(rows).float()
    ours = dictionary.learn(x, 32, 0.1, seed=0, tol=1e-4, max_epochs=60, positive_codes=True).T.double().numpy()
    assert ours.min() < -0.1

    def F(atoms):
        s = sparse_encode(rows, atoms, algorithm="lasso_cd", alpha=0.1, max_iter=5000, positive=True)
        return (0.5 * ((rows - s @ atoms) ** 2).sum(1) + 0.1 * s.sum(1)).mean()

    signed = dictionary.learn(x, 32, 0.1, seed=0, tol=1e-4, max_epochs=60).T.double().numpy()
    assert F(ours) < 1.02 * F(theirs) and F(ours) < F(signed)


def test_positive_forces_positive_codes(digits):
    asked = [{"positive": True}, {"positive": True, "positive_codes": True}]
    one, other = (dictionary.learn(digits[:100], 12, 0.1, max_epochs=2, **options) for options in asked)
    assert torch.equal(one, other) and one.min() >= 0


def test_known_atoms_are_found():
    truth = data.load("synthetic", n_samples=4000, d_x=20, d_s=25, sparsity=0.1)
    B = dictionary.learn(truth.pixels, 25, 0.1, seed=0, tol=1e-4)
    match = (lasso.normalised(B).T @ truth.dictionary).abs().amax(0)
    assert (match > 0.98).float().mean() >= 0.9


@pytest.mark.parametrize("lam", [0.1, None])
def test_atoms_lie_in_the_unit_ball_and_the_seed_decides(digits, lam):
    runs = [dictionary.learn(digits[:300], 20, lam, seed=seed, max_epochs=3) for seed in (0, 0, 1)]
    assert all((B.norm(dim=0) <= 1 + 1e-6).all() for B in runs)
    assert torch.equal(runs[0], runs[1]) and not torch.equal(runs[0], runs[2])


def test_learning_goes_downhill_and_stops_by_itself(digits):
    objectives = [progress.objective for progress in dictionary.learning(digits, 32, 0.1, seed=0, tol=1e-2)]
    assert 4 <= len(objectives) < 100 and objectives[-1] < objectives[0]


def test_one_dictionary_for_every_lambda_loses_little_at_any(digits):
    every = dictionary.learn(digits, 32, None, seed=0, max_epochs=10)
    low, high = (dictionary.learn(digits, 32, lam, seed=0, max_epochs=10) for lam in losses.LAMBDA_RANGE)
    for lam, own, other in ((0.01, low, high), (1.0, high, low)):
        assert held_out(every, lam) - held_out(own, lam) < 0.5 * (held_out(other, lam) - held_out(own, lam))


def test_atoms_that_nothing_uses_are_replaced():
    x = torch.eye(4).repeat(50, 1)
    B = dictionary.learn(x, 6, 0.01, seed=0)
    assert B.isfinite().all() and held_out_share(x, B) > 0.99


def held_out_share(x, B):
    s = lasso.solve(x, B, 0.01, tol=1e-4).codes
    return 1 - ((x - s @ B.T).square().sum() / x.square().sum()).item()


@pytest.mark.parametrize("wrong", [{"n_atoms": 0}, {"max_epochs": 0}, {"batch_size": 0}, {"lam": -0.1}])
def test_refusals(digits, wrong):
    with pytest.raises(ValueError):
        dictionary.learn(digits[:20], **{"n_atoms": 4, **wrong})


def test_refuses_signed_rows_for_atoms_without_signs():
    with pytest.raises(ValueError, match="x must be ≥ 0"):
        dictionary.learn(torch.eye(5) - 0.1, 3, positive=True)


def test_each_batch_is_reported_with_the_objective_of_its_codes(digits):
    told = []

    def note(batch):
        told.append(batch._replace(dictionary=batch.dictionary.clone()))

    list(dictionary.learning(digits[:100], 10, 0.1, max_epochs=2, batch_size=30, report=note))
    assert [batch.samples for batch in told] == [0, 30, 60, 90, 120, 150, 180]
    assert [round(batch.epochs, 3) for batch in told[:4]] == [0, 0.333, 0.667, 1]
    assert np.isnan(told[0].objective) and not torch.equal(told[0].dictionary, told[1].dictionary)
    assert 0 < told[-1].objective < told[1].objective


def test_refuses_what_is_not_a_table():
    with pytest.raises(ValueError, match="at least two rows"):
        dictionary.learn(torch.rand(1, 5), 3)


# Missing values ------------------------------------------------------------------------------------------------------


def test_a_mask_that_hides_nothing_changes_nothing(digits):
    B = dictionary.learn(digits[:200], 12, 0.1, max_epochs=3)
    everything = torch.ones(200, 64, dtype=torch.bool)
    torch.testing.assert_close(dictionary.learn(digits[:200], 12, 0.1, max_epochs=3, mask=everything), B, atol=1e-4, rtol=0)


@pytest.mark.parametrize("positive", [False, True])
def test_what_a_mask_hides_is_ignored(digits, positive):
    x = digits[:200].clone()
    mask = torch.rand(x.shape, generator=torch.Generator().manual_seed(0)) > 1 / 3
    x[:, 5], mask[:, 5] = 1.0, False  # never observed
    clean = dictionary.learn(x, 12, 0.1, max_epochs=3, positive=positive, mask=mask)
    dirty = dictionary.learn(torch.where(mask, x, torch.nan), 12, 0.1, max_epochs=3, positive=positive, mask=mask)
    assert torch.equal(clean, dirty) and clean.isfinite().all() and (clean.norm(dim=0) <= 1 + 1e-6).all()


def test_known_atoms_are_found_with_a_third_of_the_entries_missing():
    truth = data.load("synthetic", n_samples=1000, d_x=20, d_s=25, sparsity=0.1)
    mask = torch.rand(truth.pixels.shape, generator=torch.Generator().manual_seed(0)) > 1 / 3
    share = {}
    for name, seen in (("masked", mask), ("zeros", None)):
        B = dictionary.learn(truth.pixels * mask, 25, 0.1, seed=0, tol=1e-4, mask=seen)
        share[name] = ((lasso.normalised(B).T @ truth.dictionary).abs().amax(0) > 0.95).float().mean()
    assert share["masked"] >= 0.8 and share["masked"] > share["zeros"]


def test_refuses_a_mask_of_another_shape(digits):
    with pytest.raises(ValueError, match=r"mask must be bool \(20, 64\) like x"):
        dictionary.learn(digits[:20], 4, mask=torch.ones(20, 63, dtype=torch.bool))


# Kept -----------------------------------------------------------------------------------------------------------------


def test_a_converged_dictionary_is_learned_once_for_each_that_differs(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "cache_dir", lambda: tmp_path)
    learned, learning, told = [], dictionary.learning, []

    def noted(x, n_atoms, lam, **options):
        learned.append((len(x), n_atoms, lam, *options.values()))
        return learning(x, n_atoms, lam, **options)

    monkeypatch.setattr(dictionary, "learning", noted)
    images = data.load("digits")[:50]
    find = partial(dictionary.converged, images, 4, max_epochs=2, report=told.append)
    first = find()
    assert torch.equal(first, dictionary.learn(images.pixels, 4, tol=dictionary.CONVERGED, max_epochs=2))
    learned.clear()
    assert torch.equal(find(), first) and not learned and len(told) == 2
    find(lam=0.2), find(lam=None), find(seed=1), find(tol=0.5), find(max_epochs=1)
    dictionary.converged(images, 5, max_epochs=2), dictionary.converged(images[:40], 4, max_epochs=2)
    monkeypatch.setattr(losses, "TILT", 0.5)
    find(lam=None)
    assert len(learned) == 8
    find(), find(lam=None), find(lam=0.2)
    assert len(learned) == 8 and len(list((tmp_path / "dictionaries").iterdir())) == 9


def test_a_digest_tells_what_is_in_a_matrix():
    B = torch.rand(3, 4)
    assert dictionary.digest(B) == dictionary.digest(B.T.contiguous().T) != dictionary.digest(B + 1)
    assert len(dictionary.digest(B)) == 12
