# %% [markdown]
# # Exact codes in a pipeline
#
# `SparseCoder` and `DictionaryLearning` keep scikit-learn's conventions: rows are samples, atoms are rows, and `alpha` is λ.
# Here they stand before a classifier, and λ is chosen by cross-validation.

# %%
import time

import numpy as np
from sklearn.decomposition import sparse_encode
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sc2viz import data
from sc2viz.estimators import DictionaryLearning, SparseCoder

training, test = data.load("digits"), data.load("digits", split="test")
X, y = training.pixels.double().numpy(), training.labels.numpy()
X_test, y_test = test.pixels.double().numpy(), test.labels.numpy()
print(f"{len(X)} digits to learn from and {len(X_test)} to test on, {X.shape[1]} pixels each")

# %% [markdown]
# ## Learn atoms
#
# The atoms stay within the unit ball.

# %%
learning = DictionaryLearning(n_components=64, alpha=0.1).fit(X)
atoms = learning.components_
print(
    f"{len(atoms)} atoms after {learning.n_iter_} epochs, the longest of norm {np.linalg.norm(atoms, axis=1).max():.6f}"
)

# %% [markdown]
# ## Choose λ
#
# Every candidate codes all the rows anew, which is why the time that a code takes matters.

# %%
pipeline = make_pipeline(SparseCoder(atoms), LogisticRegression(max_iter=2000))
search = GridSearchCV(pipeline, {"sparsecoder__alpha": [0.01, 0.03, 0.1, 0.3, 1.0]}, cv=5).fit(X, y)
found = search.cv_results_
for alpha, score in zip(found["param_sparsecoder__alpha"], found["mean_test_score"], strict=True):
    print(f"λ = {alpha:<5g} {100 * score:.1f} % in cross-validation")
print(
    f"λ = {search.best_params_['sparsecoder__alpha']:g}: {100 * search.score(X_test, y_test):.1f} % of the test digits"
)

# %% [markdown]
# ## The same codes as scikit-learn's
#
# `sparse_encode` minimises the same F. Its codes are those of `SparseCoder`, whose duality gap bounds what is left to gain.


# %%
def objective(codes):
    return 0.5 * ((X_test - codes @ atoms) ** 2).sum(1) + 0.1 * np.abs(codes).sum(1)


coder = SparseCoder(atoms, alpha=0.1)
coder.transform(X_test)  # compiles, once
begin = time.perf_counter()
ours = coder.transform(X_test)
between = time.perf_counter()
theirs = sparse_encode(X_test, atoms, algorithm="lasso_cd", alpha=0.1, max_iter=10_000)
end = time.perf_counter()
print(f"SparseCoder {1e3 * (between - begin):.1f} ms, sparse_encode {1e3 * (end - between):.1f} ms")
print(f"F differs by at most {np.abs(objective(ours) / objective(theirs) - 1).max():.1e} of it")
assert np.allclose(objective(ours), objective(theirs), rtol=1e-5)

# %% [markdown]
# ## Missing values
#
# NaN is a missing value. The codes then explain what was observed, and `inverse_transform` fills in the rest.

# %%
missing = np.random.default_rng(0).random(X_test.shape) < 1 / 3
filled = coder.inverse_transform(coder.transform(np.where(missing, np.nan, X_test)))
means = np.broadcast_to(X.mean(0), X_test.shape)
for name, guess in (("codes", filled), ("the mean of each pixel", means)):
    print(
        f"error of the missing pixels, filled by {name}: {np.sqrt(((guess - X_test)[missing] ** 2).mean()):.3f}"
    )

# %% [markdown]
# ## Ten steps of a network in the optimum's place
#
# `solver=` takes any trained network by name. It codes with its own atoms.

# %%
for coder in (SparseCoder(atoms, 0.1), SparseCoder(None, 0.1, solver="digits/slstm")):
    pipeline = make_pipeline(coder, LogisticRegression(max_iter=2000)).fit(X, y)
    print(f"{coder.solver}: {100 * pipeline.score(X_test, y_test):.1f} % of the test digits")
