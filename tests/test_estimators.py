"""The estimators: scikit-learn's own checks, its codes, its pipelines, missing values, and networks."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.decomposition import SparseCoder as Theirs
from sklearn.decomposition import sparse_encode
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils._test_common import instance_generator
from sklearn.utils.estimator_checks import parametrize_with_checks

from sc2viz import checkpoints, data, dictionary, lasso, solvers
from sc2viz.estimators import DictionaryLearning, SparseCoder
from tests.problems import F, scikit_learn

# scikit-learn's checks pass data of several widths, for which its own SparseCoder has a dictionary each.
instance_generator.PER_ESTIMATOR_CHECK_PARAMS[SparseCoder] = (
    instance_generator.PER_ESTIMATOR_CHECK_PARAMS[Theirs]
)


@parametrize_with_checks(
    [
        SparseCoder(**instance_generator.INIT_PARAMS[Theirs]),
        DictionaryLearning(),
        DictionaryLearning(3, 0.1, positive=True),
    ]
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def digits():
    images = data.load("digits")
    return images.pixels.double().numpy(), images.labels.numpy()


@pytest.fixture(scope="module")
def atoms():
    return checkpoints.load_dictionary("digits").double().numpy().T


def objective(X, codes, atoms, alpha):
    return 0.5 * ((X - codes @ atoms) ** 2).sum(1) + alpha * np.abs(codes).sum(1)


# Against scikit-learn --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("alpha", [0.03, 0.3])
def test_alpha_is_that_of_sparse_encode_and_so_are_the_codes(digits, atoms, alpha, positive):
    X = digits[0][:100]
    ours = SparseCoder(atoms, alpha, positive=positive, tol=1e-10).transform(X)
    # sparse_encode's own tolerance is 1e-8. This is what it calls, where F is divided by the number of features.
    rows, B = torch.from_numpy(X), torch.from_numpy(atoms.T.copy())
    assert_allclose(ours, scikit_learn(rows, B, alpha, positive), atol=1e-5)
    options = {"algorithm": "lasso_cd", "alpha": alpha, "max_iter": 10**5, "positive": positive}
    theirs = sparse_encode(X, atoms, **options)
    assert_allclose(F(rows, ours, B, alpha), F(rows, theirs, B, alpha), rtol=1e-6)


def test_dictionary_learning_takes_the_place_of_theirs(digits):
    X = digits[0][:300]
    model = DictionaryLearning(16, 0.1, max_iter=5).fit(X)
    assert (
        model.components_.shape == (16, 64)
        and (np.linalg.norm(model.components_, axis=1) <= 1 + 1e-9).all()
    )
    theirs = sparse_encode(X, model.components_, algorithm="lasso_cd", alpha=0.1, max_iter=10**5)
    assert_allclose(model.transform(X), theirs, atol=1e-3)
    assert_allclose(model.inverse_transform(theirs), theirs @ model.components_)
    learned = dictionary.learn(torch.from_numpy(X), 16, 0.1, max_epochs=5)
    assert_array_equal(model.components_, learned.numpy().T)


def test_dictionary_learning_takes_the_rule_and_goes_on_from_it(digits):
    X = digits[0][:300]
    model = DictionaryLearning(16, 0.1, max_iter=3, rule="cross-fitted").fit(X)
    learned = dictionary.learn(torch.from_numpy(X), 16, 0.1, max_epochs=3, rule="cross-fitted")
    assert_array_equal(model.components_, learned.numpy().T)
    assert not np.array_equal(model.partial_fit(X[:50]).components_, learned.numpy().T)


def test_in_a_pipeline_whose_alpha_is_searched(digits, atoms):
    X, y = digits[0][:400], digits[1][:400]
    search = GridSearchCV(
        make_pipeline(SparseCoder(atoms), LogisticRegression(max_iter=2000)),
        {"sparsecoder__alpha": [0.1, 30.0]},
        cv=3,
    )
    search.fit(X, y)
    assert search.best_params_ == {"sparsecoder__alpha": 0.1}  # at 30 all codes are zero
    assert_array_equal(search.cv_results_["rank_test_score"], [1, 2])
    assert search.score(X, y) > 0.9


# What goes in and comes out --------------------------------------------------------------------------------------------


# Networks --------------------------------------------------------------------------------------------------------------


def test_a_trained_network_codes_in_the_place_of_the_exact_solver(digits, atoms):
    X = digits[0][:30].astype(np.float32)
    network = checkpoints.load("digits/slstm")
    expected = network(torch.from_numpy(X), 0.1, steps=4).detach()
    coder = SparseCoder(atoms, 0.1, solver="digits/slstm", steps=4).fit(X)
    assert_allclose(coder.transform(X), expected, atol=1e-6)
    own_atoms = network.dictionary.detach().numpy().T
    assert_allclose(
        coder.inverse_transform(expected.numpy()), expected.numpy() @ own_atoms, atol=1e-6
    )
    assert len(coder.get_feature_names_out()) == len(own_atoms)
    wide = SparseCoder(None, 0.1, solver=checkpoints.locate("digits/slstm"), steps=4).transform(
        X.astype(np.float64)
    )
    assert wide.dtype == np.float64
    assert_allclose(wide, expected, atol=1e-5)


def test_an_untrained_solver_codes_on_the_dictionary(digits, atoms):
    X, B = digits[0][:30], torch.from_numpy(atoms.T.copy())
    for name in ("fista", "slstm", "relu-sae"):
        coder, solver = (
            SparseCoder(atoms, 0.1, positive=name == "relu-sae", solver=name, steps=7),
            solvers.build(name, B),
        )
        expected = solver(torch.from_numpy(X), 0.1, steps=7).detach().numpy()
        assert_allclose(coder.transform(X), expected, atol=1e-12)
        offset = 0 if solver.offset is None else solver.offset.detach().numpy()
        assert_allclose(coder.inverse_transform(expected), offset + expected @ atoms, atol=1e-12)


# Missing values --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def holes(digits):
    """600 digits of which a third of the pixels are NaN."""
    X, rng = digits[0][:600].copy(), np.random.default_rng(0)
    X[rng.random(X.shape) < 1 / 3] = np.nan
    return X


@pytest.mark.parametrize("positive", [False, True])
def test_nan_is_a_missing_value(holes, atoms, positive):
    X = holes[:50].copy()
    X[0] = np.nan  # nothing is known of this one
    codes = SparseCoder(atoms, 0.1, positive=positive).transform(X)
    x, B = torch.from_numpy(np.nan_to_num(X)), torch.from_numpy(atoms.T.copy())
    exact = lasso.solve(
        x, B, 0.1, tol=1e-6, mask=torch.from_numpy(~np.isnan(X)), positive=positive
    ).codes
    assert_array_equal(codes, exact)
    assert not codes[0].any()
    for row, code in zip(X[1:5], codes[1:5], strict=True):  # the Lasso of what was observed
        observed = ~np.isnan(row)
        alone = scikit_learn(torch.from_numpy(row[observed])[None], B[observed], 0.1, positive)[0]
        assert_allclose(code, alone, atol=2e-3)


def test_a_network_that_takes_no_mask_says_so(holes, atoms):
    with pytest.raises(ValueError, match="takes no mask: fill the missing values in first"):
        SparseCoder(atoms, 0.1, solver="digits/slstm").transform(holes)


# In parts --------------------------------------------------------------------------------------------------------------


def test_partial_fit_goes_on_with_what_fit_learned(digits):
    X = digits[0][:500]
    model = DictionaryLearning(20, 0.1, max_iter=1, tol=1e-9).fit(X[:250])
    F = [objective(X[400:], model.transform(X[400:]), model.components_, 0.1).mean()]
    for _ in range(5):
        model.partial_fit(X[:200]).partial_fit(X[200:400])
    F.append(objective(X[400:], model.transform(X[400:]), model.components_, 0.1).mean())
    assert F[1] < F[0]
    copy = pickle.loads(pickle.dumps(model))
    assert_array_equal(copy.partial_fit(X[:50]).components_, model.partial_fit(X[:50]).components_)


def test_partial_fit_begins_with_rows_of_its_first_batch(digits):
    X = digits[0][:200]
    model = DictionaryLearning(10, 0.1).partial_fit(X)
    assert model.components_.shape == (10, 64) and model.n_iter_ == 1
    with pytest.raises(ValueError, match="63 features"):
        model.partial_fit(X[:, :63])


# Refusals --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"alpha": 0}, "alpha must be > 0 and finite, got 0"),
        ({"alpha": "much"}, "alpha must be > 0"),
        ({"tol": -1}, "tol must be > 0"),
        ({"steps": 0, "solver": "ista"}, "steps must be a whole number ≥ 1, got 0"),
        (
            {"solver": None},
            "solver must be 'exact', a solver's name, or a network's name or path, got None",
        ),
        ({"solver": "nonsense"}, "no checkpoint nonsense: give a path, or one of"),
        (
            {"solver": "ista", "positive": True},
            "positive must be False with solver='ista', whose codes have both signs",
        ),
        (
            {"solver": "mnist/slstm"},
            r"dictionary must be None or \(100, 784\), as the atoms of mnist/slstm are, got \(5,",
        ),
        (
            {"dictionary": None},
            r"dictionary must be an array \(n_components, n_features\) with solver='exact', got None",
        ),
        (
            {"dictionary": np.ones((5, 4))},
            "X must have as many features as the atoms of the dictionary, 4, got 3",
        ),
        ({"dictionary": np.full((5, 3), np.nan)}, "dictionary contains NaN"),
    ],
)
def test_a_coder_names_what_it_refuses(wrong, message):
    right = {"dictionary": np.eye(5, 3), "alpha": 0.1}
    SparseCoder(**right).fit_transform(np.ones((2, 3)))
    for method in ("fit", "transform"):
        with pytest.raises(ValueError, match=message):
            getattr(SparseCoder(**right | wrong), method)(np.ones((2, 3)))


def test_codes_of_another_width_are_refused(atoms):
    with pytest.raises(
        ValueError, match=rf"X must hold codes \(n, {len(atoms)}\), one for each atom, got \(2, 7\)"
    ):
        SparseCoder(atoms).inverse_transform(np.ones((2, 7)))


def test_they_import_neither_streamlit_nor_plotly():
    code = "import sys; from sc2viz import estimators; print({'streamlit', 'plotly'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
