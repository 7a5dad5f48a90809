"""Sparse coding for scikit-learn: `SparseCoder` on a given dictionary, and `DictionaryLearning`, which learns one.

    F(s) = ½‖x − B s‖² + α‖s‖₁                                               (Eq. 4, with the ½ that Eq. 6 implies)

Conventions are scikit-learn's: samples are rows of NumPy arrays, atoms are rows of a dictionary (n_components, n_features),
which is Bᵀ, and `alpha` is λ on the same scale as in `sklearn.decomposition.sparse_encode`. Codes are exact: each has a
duality gap (`lasso.solve`). NaN is a missing value: F then counts the observed features alone. Results have the precision
of what is passed, float32 or float64; integers become float64.
"""

from numbers import Integral
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor

from sc2viz import arguments, checkpoints, dictionary, lasso, solvers
from sc2viz.analysis import sweeps

EXACT = "exact"  # what `solver` is for codes with a certificate
GAP = 1e-6  # the relative duality gap of exact codes
DTYPES = [np.float64, np.float32]


class _Coder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """What both estimators share: what they take, the way back from codes, and the names of what comes out."""

    def _rows(self, X: Any, **options: Any) -> np.ndarray:
        """Return X as an array (n, n_features) of float32 or float64 in which NaN is allowed; ValueError for anything else."""
        return validate_data(self, X, dtype=DTYPES, ensure_all_finite="allow-nan", **options)

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class SparseCoder(_Coder):
    """Codes of samples on a dictionary that stays as it is: exact ones, or those of a solver after a few iterations.

    Parameters
    ----------
    dictionary : array (n_components, n_features)
        The atoms as rows. None where `solver` is a trained network, which codes with its own atoms; an array then has to be
        of their shape, so that `solver` alone can be changed.
    alpha : float
        λ > 0.
    positive : bool
        Whether codes must be ≥ 0; with exact codes, or a solver whose codes always are.
    solver : str or Path
        "exact"; the name of an untrained solver, one of `sc2viz.solvers.NAMES`, such as "fista"; or a trained network:
        a name of `sc2viz.checkpoints.available()`, such as "mnist/slstm", or the path of a .safetensors.
    steps : int or None
        Iterations of a solver that is not exact; None for as many as it was trained for, or ten. Beyond those, networks
        with labels, with double tanh or as printed are held by the safeguard, as on the app's pages.
    tol : float
        Relative duality gap of exact codes, at most. Codes in float32 are rounded after that.

    Notes
    -----
    `fit` only checks its arguments, and `transform` works without it. ValueError for values that do not fit, and for NaN
    with a solver that takes no mask.

    Examples
    --------
    >>> import numpy as np
    >>> from sc2viz.estimators import SparseCoder
    >>> coder = SparseCoder(np.eye(3), alpha=0.5)
    >>> coder.transform([[2.0, 0.25, -1.0], [np.nan, 1.0, 0.0]])  # the soft threshold, as the atoms are orthonormal
    array([[ 1.5,  0. , -0.5],
           [ 0. ,  0.5,  0. ]])
    """

    def __init__(
        self,
        dictionary: Any,
        alpha: float = 1.0,
        *,
        positive: bool = False,
        solver: str | Path = EXACT,
        steps: int | None = None,
        tol: float = GAP,
    ):
        self.dictionary = dictionary
        self.alpha = alpha
        self.positive = positive
        self.solver = solver
        self.steps = steps
        self.tol = tol

    def fit(self, X: Any, y: Any = None) -> "SparseCoder":
        """Check the arguments and that X (n, n_features) fits the atoms."""
        self._coder(self._rows(X))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return codes (n, n_components) of X (n, n_features)."""
        X = self._rows(X, reset=False)
        network, atoms = self._coder(X)
        x, mask = _tensors(X)
        if network is None:
            B, _ = _tensors(atoms.T)
            exact = lasso.solve(x, B, self.alpha, tol=self.tol, mask=mask, positive=self.positive)
            return exact.codes.to(x.dtype).numpy()
        with torch.no_grad():
            return sweeps.codes(network, x, float(self.alpha), self.steps, mask).numpy()

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Return the rows (n, n_features) that codes X (n, n_components) stand for, on the atoms that coded them."""
        network, atoms = self._coder()
        codes, offset = check_array(X, dtype=DTYPES), None if network is None else network.offset
        if codes.shape[1] != len(atoms):
            raise ValueError(
                f"X must hold codes (n, {len(atoms)}), one for each atom, got {codes.shape}"
            )
        rows = codes @ atoms.astype(codes.dtype, copy=False)
        return rows if offset is None else rows + offset.detach().numpy().astype(rows.dtype)

    @property
    def components_(self) -> np.ndarray:
        """The atoms (n_components, n_features): those of `dictionary`, or those of a trained network."""
        return self._coder()[1]

    def _coder(self, X: np.ndarray | None = None) -> tuple[solvers.Solver | None, np.ndarray]:
        """Return the solver in the precision of rows X, None for the exact one, and the atoms; ValueError for an argument that is
        wrong, and unless X is as wide as the atoms."""
        arguments.positive("alpha", self.alpha)
        if not isinstance(self.solver, str | Path):
            raise ValueError(
                f"solver must be {EXACT!r}, a solver's name, or a network's name or path, got {self.solver!r}"
            )
        if self.steps is not None:
            arguments.whole_number("steps", self.steps)
        network, dtype = None, DTYPES if X is None else X.dtype
        if self.solver != EXACT and self.solver not in solvers.NAMES:
            network = checkpoints.load(self.solver)
            network = network.float() if dtype == np.float32 else network.double()
            atoms, shape = network.dictionary.detach().numpy().T, np.shape(self.dictionary)
            if self.dictionary is not None and shape != atoms.shape:
                raise ValueError(
                    f"dictionary must be None or {atoms.shape}, as the atoms of {self.solver} are, got {shape}"
                )
        elif self.dictionary is None:
            raise ValueError(
                f"dictionary must be an array (n_components, n_features) with solver={self.solver!r}, got None"
            )
        else:
            atoms = check_array(self.dictionary, dtype=dtype, input_name="dictionary")
            if self.solver == EXACT:
                arguments.positive("tol", self.tol)
            else:
                network = solvers.build(str(self.solver), torch.from_numpy(atoms.T.copy()))
        if X is not None and X.shape[1] != atoms.shape[1]:
            raise ValueError(
                f"X must have as many features as the atoms of the dictionary, {atoms.shape[1]}, got {X.shape[1]}"
            )
        if self.positive and network is not None and not network.traits.positive:
            raise ValueError(
                f"positive must be False with solver={self.solver!r}, whose codes have both signs, got True"
            )
        return network, atoms

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags


class DictionaryLearning(_Coder):
    """Learns atoms within the unit ball that make F of the exact codes small, and codes with them (`dictionary.learn`).

    Parameters
    ----------
    n_components : int or None
        Number of atoms; None for as many as there are features.
    alpha : float
        λ > 0, of learning and of coding.
    max_iter : int
        Epochs, at most.
    tol : float
        Learning stops when F of held-out rows, a tenth of all, improves by less than this share an epoch.
    batch_size : int
        Rows after whose codes the atoms are updated.
    positive : bool
        Whether both codes and atoms must be ≥ 0.
    rule : str
        "online", or "cross-fitted", which finds the atoms that rows were made of where rows are few. It learns from all rows
        for `max_iter` epochs, whatever `tol` is. `partial_fit` always learns online.
    random_state : int, RandomState or None
        Decides the first atoms and the order of the rows. The default, 0, makes every run the same.

    Attributes
    ----------
    components_ : array (n_components, n_features)
        The atoms as rows.
    n_iter_ : int
        Epochs that `fit` took, and one more for every batch of `partial_fit`.

    Notes
    -----
    ValueError for values that do not fit, and for rows below zero with `positive`. Where rows have missing values, the atoms
    are fitted to what was observed.

    Examples
    --------
    >>> import numpy as np
    >>> from sc2viz.estimators import DictionaryLearning
    >>> X = np.random.default_rng(0).laplace(size=(50, 8))
    >>> codes = DictionaryLearning(4, alpha=0.1).fit_transform(X)
    >>> codes.shape
    (50, 4)
    """

    def __init__(
        self,
        n_components: int | None = None,
        alpha: float = 1.0,
        *,
        max_iter: int = 100,
        tol: float = 1e-3,
        batch_size: int = 250,
        positive: bool = False,
        rule: str = "online",
        random_state: Any = 0,
    ):
        self.n_components = n_components
        self.alpha = alpha
        self.max_iter = max_iter
        self.tol = tol
        self.batch_size = batch_size
        self.positive = positive
        self.rule = rule
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> "DictionaryLearning":
        """Learn the atoms from X (n, n_features), n ≥ 2."""
        X = self._rows(X, ensure_min_samples=2, ensure_non_negative=bool(self.positive))
        x, mask = _tensors(X)
        arguments.positive("alpha", self.alpha)
        *_, last = dictionary.learning(
            x,
            self._size(X),
            self.alpha,
            seed=self._seed(),
            tol=self.tol,
            max_epochs=self.max_iter,
            batch_size=self.batch_size,
            positive=self.positive,
            mask=mask,
            rule=self.rule,
        )
        self._learner, self.n_iter_ = cast(dictionary.Learner, last.learner), last.epoch + 1
        self.components_ = last.dictionary.numpy().T
        return self

    def partial_fit(self, X: Any, y: Any = None) -> "DictionaryLearning":
        """Update the atoms once, with the codes of the rows X (n, n_features); the first call takes atoms from X."""
        first = not hasattr(self, "_learner")
        X = self._rows(X, reset=first, ensure_non_negative=bool(self.positive))
        x, mask = _tensors(X)
        arguments.positive("alpha", self.alpha)
        if first:
            generator = torch.Generator().manual_seed(self._seed())
            self._learner = dictionary.Learner(
                x, self._size(X), self.alpha, generator, self.positive, mask=mask
            )
            self.n_iter_ = 0
        learner = self._learner
        learner.lam = self.alpha
        learner.update(x.to(learner.B), mask)
        self.components_, self.n_iter_ = learner.B.numpy().T.copy(), self.n_iter_ + 1
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return exact codes (n, n_components) of X (n, n_features)."""
        check_is_fitted(self)
        return self._make_coder().transform(self._rows(X, reset=False))

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Return the rows (n, n_features) that codes X (n, n_components) stand for."""
        check_is_fitted(self)
        return self._make_coder().inverse_transform(X)

    def _make_coder(self) -> SparseCoder:
        """Return a `SparseCoder` on the atoms that were learned."""
        return SparseCoder(self.components_, self.alpha, positive=self.positive)

    def _size(self, X: np.ndarray) -> int:
        """Return the number of atoms to learn: by default that of the features of X (n, n_features)."""
        if self.n_components is None:
            return X.shape[1]
        arguments.whole_number("n_components", self.n_components)
        return int(self.n_components)

    def _seed(self) -> int:
        """Return `random_state` as a whole number, drawn where it is None or a RandomState."""
        if isinstance(self.random_state, Integral):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = bool(self.positive)
        return tags


def _tensors(X: np.ndarray) -> tuple[Tensor, Tensor | None]:
    """Return X (n, n_features) as a tensor, and a mask that says where it is not NaN, with None in the place of the latter where
    it never is."""
    x = torch.from_numpy(np.require(X, requirements=["C", "W"]))  # torch warns of what is read-only
    missing = np.isnan(X)
    return x, torch.from_numpy(~missing) if missing.any() else None
