"""Other solvers of the same problem, each called as its documentation recommends, where they are installed.

Each is a function of (x (n, d_x), B (d_x, d_s), λ, its own tolerance, positive) that returns codes (n, d_s). A sample is
a call, except where the solver takes many at once. B arrives in the layout and precision that the solver asks for.
"""

from __future__ import annotations

import importlib.util
import time
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sc2viz import lasso

ROWS = 200  # samples, at most, on which another solver is timed; its time is scaled to all
PROBED = 3  # samples on which its own tolerance is chosen
SECONDS = 5.0  # a solver that takes longer for a table's line gets fewer samples


class Peer(NamedTuple):
    name: str
    module: str
    codes: Callable[[np.ndarray, np.ndarray, float, float, bool], np.ndarray]
    kinds: tuple[type, ...] = (np.float64,)  # precisions, of which the quickest that proves the gap counts
    tolerances: tuple[float, ...] = tuple(10.0**-k for k in range(3, 13))  # the loosest that proves the gap counts


def spams(x: np.ndarray, B: np.ndarray, lam: float, tol: float, positive: bool) -> np.ndarray:
    import spams

    threads = torch.get_num_threads()
    columns = np.asfortranarray(x.T)
    return spams.lasso(columns, D=B, lambda1=lam, mode=2, pos=positive, numThreads=threads).T.toarray()


def scikit_learn(x: np.ndarray, B: np.ndarray, lam: float, tol: float, positive: bool, gram: bool = False) -> np.ndarray:
    from sklearn.linear_model import Lasso

    # The Gram matrix serves all samples.
    model = Lasso(alpha=lam / len(B), fit_intercept=False, tol=tol, max_iter=100_000, positive=positive,
                  precompute=B.T @ B if gram else False)  # fmt: skip
    return np.atleast_2d(model.fit(B, np.asfortranarray(x.T)).coef_)


def scikit_learn_with_gram(x: np.ndarray, B: np.ndarray, lam: float, tol: float, positive: bool) -> np.ndarray:
    return scikit_learn(x, B, lam, tol, positive, gram=True)


def celer(x: np.ndarray, B: np.ndarray, lam: float, tol: float, positive: bool) -> np.ndarray:
    from celer import Lasso

    model = Lasso(alpha=lam / len(B), fit_intercept=False, tol=tol, positive=positive)
    return np.array([model.fit(B, one).coef_ for one in x])


def skglm(x: np.ndarray, B: np.ndarray, lam: float, tol: float, positive: bool) -> np.ndarray:
    from skglm import Lasso

    model = Lasso(alpha=lam / len(B), fit_intercept=False, tol=tol, positive=positive)
    return np.array([model.fit(B, one).coef_ for one in x])


ALL = (
    Peer("SPAMS", "spams", spams, (np.float32, np.float64), (0.0,)),
    Peer("scikit-learn", "sklearn", scikit_learn),
    Peer("with Gram", "sklearn", scikit_learn_with_gram),
    Peer("celer", "celer", celer),
    Peer("skglm", "skglm", skglm),
)


def installed() -> list[Peer]:
    return [peer for peer in ALL if importlib.util.find_spec(peer.module)]


def worst_gap(x: Tensor, codes: Tensor, B: Tensor, lam: float, positive: bool = False) -> float:
    """The largest duality gap of a sample, relative to F there, in float64."""
    x, codes, B = x.double(), codes.double(), B.double()
    gap = lasso.duality_gap(x, codes, B, lam, positive=positive) / lasso.objective(x, codes, B, lam)
    return gap.max().item()


class Setting(NamedTuple):
    """How a peer proves the gap that was asked for."""

    kind: type  # the precision
    tolerance: float  # its own, the loosest that is enough
    each: float  # about the seconds of a sample


def quietly(peer: Peer, x: np.ndarray, B: np.ndarray, lam: float, own: float, positive: bool) -> np.ndarray:
    """Its codes. A solver warns that it did not converge; the gap decides that here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return peer.codes(x, B, lam, own, positive)


def settings(peer: Peer, x: Tensor, B: Tensor, lam: float, tol: float, positive: bool,
             clock: Callable[[], float] = time.perf_counter) -> list[Setting]:  # fmt: skip
    """Those with which the first PROBED of x are proved within `tol` by float64 gaps, at most one a precision."""
    found = []
    for kind in peer.kinds:
        atoms, samples = np.asfortranarray(B.numpy(), kind), x[:PROBED].numpy().astype(kind)
        for own in peer.tolerances:
            quietly(peer, samples[:1], atoms, lam, own, positive)
            begin = clock()
            codes = torch.from_numpy(quietly(peer, samples, atoms, lam, own, positive))
            each = (clock() - begin) / len(codes)
            if worst_gap(x[:PROBED], codes, B, lam, positive) <= tol:
                found.append(Setting(kind, own, each))
                break
    return found


def seconds(peer: Peer, found: list[Setting], x: Tensor, B: Tensor, lam: float, positive: bool,
            clock: Callable[[], float] = time.perf_counter, repeats: int = 1) -> float:  # fmt: skip
    """Seconds for all of x with the quickest of the settings that were found; infinite if there is none."""
    best = np.inf
    for setting in found:
        atoms, samples = np.asfortranarray(B.numpy(), setting.kind), x.numpy().astype(setting.kind)
        some = samples[: max(1, min(ROWS, int(SECONDS / max(setting.each, 1e-9))))]
        for _ in range(repeats):
            begin = clock()
            quietly(peer, some, atoms, lam, setting.tolerance, positive)
            best = min(best, (clock() - begin) * len(x) / len(some))
    return best
