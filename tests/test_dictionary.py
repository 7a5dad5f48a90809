"""Learning B: the block update against a generic optimiser, the whole against scikit-learn and against known atoms."""

from functools import partial

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment, minimize
from sklearn.decomposition import DictionaryLearning, sparse_encode
from torch.testing import assert_close

from sc2viz import data, dictionary, lasso
from sc2viz.training import losses


@pytest.fixture(scope="module")
def digits():
    return data.load("digits").pixels


@pytest.mark.parametrize("positive", [False, True])
def test_a_sweep_puts_each_atom_at_its_optimum_in_the_unit_ball(positive):
    rng = np.random.RandomState(0)
    x, codes, B = (
        rng.standard_normal((40, 6)),
        rng.standard_normal((40, 3)),
        rng.standard_normal((6, 3)) / 4,
    )
    P, Q = codes.T @ codes, x.T @ codes
    atoms = torch.from_numpy(B.copy())
    dictionary.update_atoms_(atoms, torch.from_numpy(P), torch.from_numpy(Q), positive)
    for j in range(3):  # earlier atoms are new already when the next is solved for

        def squares(atom, j=j):
            trial = B.copy()
            trial[:, j] = atom
            return ((x - codes @ trial.T) ** 2).sum() / 2

        ball = {"type": "ineq", "fun": lambda atom: 1 - atom @ atom}
        bounds = [(0, None)] * 6 if positive else None
        options = {"ftol": 1e-14, "maxiter": 500}
        best = minimize(
            squares, B[:, j], method="SLSQP", constraints=[ball], bounds=bounds, options=options
        )
        B[:, j] = best.x
        np.testing.assert_allclose(atoms[:, j], best.x, atol=1e-5)


@pytest.mark.parametrize(
    ("ours", "theirs", "limit"),
    [
        ({}, {}, 1.01),
        (
            {"positive": True},
            {"positive_code": True, "positive_dict": True},
            1.03,
        ),  # more local minima
        ({"positive_codes": True}, {"positive_code": True}, 1.02),
    ],
)
def test_as_good_as_scikit_learn_in_batch(digits, ours, theirs, limit):
    x = digits[:400] if "positive" in ours else digits[:400] - digits[:400].mean(0)
    rows = x.double().numpy()
    model = DictionaryLearning(
        32, alpha=0.1, max_iter=30, fit_algorithm="cd", random_state=0, **theirs
    )
    learned = dictionary.learn(x, 32, 0.1, seed=0, tol=1e-4, max_epochs=60, **ours)
    assert (learned.min() >= 0) == ("positive" in ours)

    def F(atoms):
        options = {"algorithm": "lasso_cd", "alpha": 0.1, "max_iter": 5000, "positive": bool(ours)}
        s = sparse_encode(rows, atoms, **options)
        return (0.5 * ((rows - s @ atoms) ** 2).sum(1) + 0.1 * np.abs(s).sum(1)).mean()

    assert F(learned.T.double().numpy()) < limit * F(model.fit(rows).components_)


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
    objectives = [
        progress.objective for progress in dictionary.learning(digits, 32, 0.1, seed=0, tol=1e-2)
    ]
    assert 4 <= len(objectives) < 100 and objectives[-1] < objectives[0]


def test_atoms_that_nothing_uses_are_replaced():
    x = torch.eye(4).repeat(50, 1)
    B = dictionary.learn(x, 6, 0.01, seed=0)
    assert B.isfinite().all() and held_out_share(x, B) > 0.99


def held_out_share(x, B):
    s = lasso.solve(x, B, 0.01, tol=1e-4).codes
    return 1 - ((x - s @ B.T).square().sum() / x.square().sum()).item()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_atoms": 0}, "n_atoms must be"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"lam": -0.1}, "lam must be > 0"),
        ({"x": torch.rand(1, 5)}, "x must hold at least two rows"),
        ({"x": torch.eye(5) - 0.1, "positive": True}, "x must be ≥ 0 with positive=True"),
        ({"mask": torch.ones(20, 63, dtype=torch.bool)}, r"mask must be bool \(20, 64\) like x"),
        ({"rule": "crossed"}, "rule must be one of online, cross-fitted, got 'crossed'"),
    ],
)
def test_what_nothing_could_be_learned_from_is_refused(digits, wrong, message):
    with pytest.raises(ValueError, match=message):
        dictionary.learn(**{"x": digits[:20], "n_atoms": 4} | wrong)


def test_each_batch_is_reported_with_the_objective_of_its_codes(digits):
    reports = []

    def note(batch):
        reports.append(batch._replace(dictionary=batch.dictionary.clone()))

    list(dictionary.learning(digits[:100], 10, 0.1, max_epochs=2, batch_size=30, report=note))
    assert [batch.samples for batch in reports] == [0, 30, 60, 90, 120, 150, 180]
    assert [round(batch.epochs, 3) for batch in reports[:4]] == [0, 0.333, 0.667, 1]
    assert np.isnan(reports[0].objective) and not torch.equal(
        reports[0].dictionary, reports[1].dictionary
    )
    assert 0 < reports[-1].objective < reports[1].objective


# Missing values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("positive", [False, True])
def test_what_a_mask_hides_is_ignored(digits, positive):
    x = digits[:200].clone()
    mask = torch.rand(x.shape, generator=torch.Generator().manual_seed(0)) > 1 / 3
    x[:, 5], mask[:, 5] = 1.0, False  # never observed
    clean = dictionary.learn(x, 12, 0.1, max_epochs=3, positive=positive, mask=mask)
    dirty = dictionary.learn(
        torch.where(mask, x, torch.nan), 12, 0.1, max_epochs=3, positive=positive, mask=mask
    )
    assert (
        torch.equal(clean, dirty)
        and clean.isfinite().all()
        and (clean.norm(dim=0) <= 1 + 1e-6).all()
    )


@pytest.mark.release
def test_known_atoms_are_found_with_a_third_of_the_entries_missing():
    truth = data.load("synthetic", n_samples=1000, d_x=20, d_s=25, sparsity=0.1)
    mask = torch.rand(truth.pixels.shape, generator=torch.Generator().manual_seed(0)) > 1 / 3
    share = {}
    for name, observed in (("masked", mask), ("zeros", None)):
        B = dictionary.learn(truth.pixels * mask, 25, 0.1, seed=0, mask=observed)
        share[name] = (
            ((lasso.normalised(B).T @ truth.dictionary).abs().amax(0) > 0.95).float().mean()
        )
    assert share["masked"] >= 0.8 and share["masked"] > share["zeros"]


# Kept -----------------------------------------------------------------------------------------------------------------


def test_a_converged_dictionary_is_learned_once_for_each_that_differs(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "cache_dir", lambda: tmp_path)
    learning, learned, reports = dictionary.learning, [], []
    monkeypatch.setattr(
        dictionary,
        "learning",
        lambda *arguments, **options: learned.append(arguments) or learning(*arguments, **options),
    )
    images = data.load("digits")[:50]
    find = partial(dictionary.converged, images, 4, max_epochs=2, report=reports.append)
    first = find()
    expected = dictionary.learn(images.pixels, 4, tol=dictionary.CONVERGED, max_epochs=2)
    assert torch.equal(first, expected)
    learned.clear()
    assert torch.equal(find(), first) and not learned and len(reports) == 2
    find(lam=0.2), find(lam=None), find(seed=1), find(tol=0.5), find(max_epochs=1)
    for different in ((images, 5), (images[:40], 4)):
        dictionary.converged(*different, max_epochs=2)
    monkeypatch.setattr(losses, "TILT", 0.5)
    find(lam=None)
    assert len(learned) == 8
    find(), find(lam=None), find(lam=0.2)
    assert len(learned) == 8


def test_a_digest_tells_what_is_in_a_matrix():
    B = torch.rand(3, 4)
    assert dictionary.digest(B) == dictionary.digest(B.T.contiguous().T) != dictionary.digest(B + 1)
    assert len(dictionary.digest(B)) == 12


# The rule "cross-fitted" ----------------------------------------------------------------------------------------------


def share_found(B, truth):
    cosines = (lasso.normalised(B).T @ truth).abs().double().numpy()
    return (cosines[linear_sum_assignment(cosines, maximize=True)] > 0.9).mean()


def test_cross_fitting_finds_known_atoms_where_rows_are_few():
    train = data.load("compositional", d_s=60, d_x=40, k=8, n_samples=800)
    options = {"positive_codes": True, "tol": 1e-4}
    shares_found = {
        rule: dictionary.learn(train.pixels, 60, 0.03, rule=rule, max_epochs=epochs, **options)
        for rule, epochs in zip(dictionary.RULES, (20, 70), strict=True)
    }
    shares = {rule: share_found(B, train.dictionary) for rule, B in shares_found.items()}
    assert shares["online"] < 0.5 and shares["cross-fitted"] > 0.95


def test_rows_are_coded_by_atoms_that_never_saw_them(digits):
    x, rows = digits[:60], torch.arange(10, 20)
    learners = [
        dictionary.CrossFitted(x, 16, 0.1, torch.Generator().manual_seed(0)) for _ in range(2)
    ]
    for learner in learners:
        for batch in torch.arange(60).split(10):
            learner.code(batch, 1.0)
    first, second = learners
    second.add(rows, -1)
    second.x[rows], second.codes[rows] = (
        torch.rand(10, 64),
        torch.rand(10, 16),
    )  # whatever the rows were
    second.add(rows)
    atoms_before = first.B.clone()
    for learner in learners:
        learner.code(rows, 1.0)
    assert_close(first.B, second.B, atol=1e-4, rtol=0)
    assert not torch.allclose(first.B, atoms_before, atol=1e-2)


def test_the_less_used_of_two_atoms_on_one_line_is_replaced(digits):
    learner = dictionary.CrossFitted(digits[:60], 16, 0.1, torch.Generator().manual_seed(0))
    learner.B = lasso.normalised(torch.eye(64)[:, :16] + 0)
    learner.B[:, 5] = -learner.B[:, 4]
    learner.P = torch.diag(torch.arange(16.0) + 1)
    atoms_before = learner.B.clone()
    learner.restart()
    changed = (atoms_before != learner.B).any(0)
    assert changed.nonzero().flatten().tolist() == [4] and learner.replaced == 1
    assert_close(learner.B.norm(dim=0), torch.ones(16))


@pytest.mark.parametrize("options", [{"lam": None}, {"positive": True}, {"positive_codes": True}])
def test_cross_fitting_takes_what_learning_takes(digits, options):
    x = digits[:80].clone()
    mask = torch.rand(80, 64, generator=torch.Generator().manual_seed(0)) > 0.2
    options, reports = {"n_atoms": 12, "max_epochs": 12, "rule": "cross-fitted"} | options, []
    *_, last = dictionary.learning(x, **options, report=lambda batch: reports.append(batch.samples))
    assert reports == [8 * k for k in range(12 * 10 + 1)]
    assert_close(last.dictionary.norm(dim=0), torch.ones(12), atol=1e-5, rtol=0)
    assert not options.get("positive") or last.dictionary.min() >= 0
    masked = dictionary.learn(x, **options, mask=mask)
    assert torch.equal(
        masked, dictionary.learn(x.masked_fill(~mask, torch.nan), **options, mask=mask)
    )
    atoms_before = last.learner.B.clone()
    assert last.learner.update(x[:20]) > 0 and not torch.equal(last.learner.B, atoms_before)
