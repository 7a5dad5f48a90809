"""`bench estimators`: the estimators beside those of scikit-learn, on MNIST's digits and with atoms of the same number."""

import argparse
import warnings
from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from sklearn.decomposition import MiniBatchDictionaryLearning, sparse_encode
from sklearn.linear_model import Lasso

from sc2viz import evaluation, lasso
from sc2viz.estimators import DictionaryLearning, SparseCoder
from sc2viz.lab.bench.stopwatch import Stopwatch, digits

PRECISE = 1e-10  # the relative gap at which codes are compared
ATOMS = 100
HELD_OUT = 1000  # test digits on which F of dictionaries is compared
LOOKS = 1.25  # F of the atoms is looked at whenever the number of batches has grown by this factor


def run(asked: argparse.Namespace) -> None:
    watch = Stopwatch(asked.processor_time)
    lasso.warm_up().join()
    (name, training, _), (_, test, B) = digits("train"), digits()
    training, test, atoms = (part.double().numpy() for part in (training, test, B.T))
    training = training[np.random.default_rng(0).permutation(len(training))[: asked.learn_from]]
    with watch.on_its_cores():
        print(watch.what)
        codes(watch, test[: asked.rows], atoms.copy(), asked.lam, name)
        learning(watch, training, test[:HELD_OUT], asked.lam, name)
        missing(watch, training, test[:HELD_OUT], asked.lam, name)


def worst_gap(X: np.ndarray, codes: np.ndarray, atoms: np.ndarray, lam: float) -> float:
    return (
        evaluation.relative_gap(*(torch.from_numpy(part) for part in (X, codes, atoms.T)), lam)
        .max()
        .item()
    )


def objectives(X: np.ndarray, codes: np.ndarray, atoms: np.ndarray, lam: float) -> np.ndarray:
    return lasso.objective(*(torch.from_numpy(part) for part in (X, codes, atoms.T)), lam).numpy()


def codes(watch: Stopwatch, X: np.ndarray, atoms: np.ndarray, lam: float, name: str) -> None:
    """Print both times at the worst gap that each algorithm of `sparse_encode` reaches, and how the codes differ."""
    print(f"\n{len(X)} test digits of {name}, {len(atoms)} atoms, λ = {lam:g}")
    precise = SparseCoder(atoms, lam, tol=PRECISE).transform(X)
    for algorithm in ("lasso_lars", "lasso_cd"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it did not converge: its gap is printed
            theirs, found = watch.time(
                partial(sparse_encode, X, atoms, algorithm=algorithm, alpha=lam, max_iter=100_000)
            )
        gap = worst_gap(X, found, atoms, lam)
        coder = SparseCoder(atoms, lam, tol=max(gap, PRECISE))
        ours, _ = watch.time(partial(coder.transform, X), 3, min)
        F = objectives(X, found, atoms, lam), objectives(X, precise, atoms, lam)
        print(
            f"sparse_encode, {algorithm:10}: worst gap {gap:.0e}, {theirs:8.3f} s; SparseCoder at that gap "
            f"{ours:.4f} s, {theirs / ours:.1f} times as fast"
        )
        print(f"    largest difference of F: {np.abs(F[0] / F[1] - 1).max():.0e} of it")
    # The tolerance of `sparse_encode` is fixed. This is what it calls, where F is divided by the number of features.
    found = (
        Lasso(lam / X.shape[1], fit_intercept=False, tol=PRECISE / 100, max_iter=10**6)
        .fit(atoms.T, X.T)
        .coef_
    )
    gaps = worst_gap(X, found, atoms, lam), worst_gap(X, precise, atoms, lam)
    print(
        f"codes at gaps of {gaps[0]:.0e} and {gaps[1]:.0e}: largest difference {np.abs(found - precise).max():.0e}"
    )


def held_out(
    model: DictionaryLearning | MiniBatchDictionaryLearning, X: np.ndarray, lam: float
) -> float:
    """The mean F of exact codes of X on the atoms of a model."""
    atoms = model.components_
    return objectives(X, SparseCoder(atoms, lam).transform(X), atoms, lam).mean()


def batches(X: np.ndarray, size: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(0)
    while True:
        order = rng.permutation(len(X))
        yield from (X[order[start : start + size]] for start in range(0, len(X), size))


def learning(watch: Stopwatch, X: np.ndarray, test: np.ndarray, lam: float, name: str) -> None:
    """Print when `partial_fit` reaches F of MiniBatchDictionaryLearning's last atoms, and where `fit` ends."""
    print(
        f"\n{ATOMS} atoms from {len(X)} training digits of {name}, λ = {lam:g}; F: mean over {len(test)} test digits"
    )
    for algorithm in ("lars", "cd"):
        theirs = MiniBatchDictionaryLearning(
            ATOMS, alpha=lam, fit_algorithm=algorithm, random_state=0
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            spent, _ = watch.time(partial(theirs.fit, X))
        aim = held_out(theirs, test, lam)
        print(
            f"MiniBatchDictionaryLearning, {algorithm}: F {aim:.4f} after {theirs.n_iter_} epochs, {spent:.2f} s"
        )
        ours, total, look = DictionaryLearning(ATOMS, lam), 0.0, 1.0
        for count, rows in enumerate(batches(X, ours.batch_size), 1):
            total += watch.time(partial(ours.partial_fit, rows))[0]
            if count >= look:
                look = count * LOOKS
                if (reached := held_out(ours, test, lam)) <= aim or total > spent:
                    break
        share = total / spent
        print(
            f"    DictionaryLearning: F {reached:.4f} after {count} batches, {total:.3f} s, {share:.3f} of that time"
        )
    ours = DictionaryLearning(ATOMS, lam)
    spent, _ = watch.time(partial(ours.fit, X))
    print(
        f"DictionaryLearning in the end: F {held_out(ours, test, lam):.4f} after {ours.n_iter_} epochs, {spent:.2f} s"
    )


def missing(watch: Stopwatch, X: np.ndarray, test: np.ndarray, lam: float, name: str) -> None:
    """Print F on complete rows of atoms that were learned with a third of the pixels missing."""
    print(
        f"\n{ATOMS} atoms from {len(X)} training digits of {name} without a third of their pixels, drawn with seed 0"
    )
    holes = np.where(np.random.default_rng(0).random(X.shape) < 1 / 3, np.nan, X)
    filled = np.where(np.isnan(holes), np.nanmean(holes, 0), holes)
    for label, rows in (
        ("NaN where pixels are missing", holes),
        ("filled with the pixel's mean", filled),
        ("complete", X),
    ):
        spent, model = watch.time(partial(DictionaryLearning(ATOMS, lam).fit, rows))
        print(
            f"{label:30}: F {held_out(model, test, lam):.4f} on complete test digits, {spent:.2f} s"
        )
