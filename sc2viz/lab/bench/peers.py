"""Other solvers of the same problem, each called as its documentation recommends, where they are installed.

Each is a function of (x (n, d_x), B (d_x, d_s), λ, its own tolerance, positive) that returns codes (n, d_s). A sample is
a call, except where the solver takes many at once. B arrives in the layout and precision that the solver asks for.
"""

import importlib
import importlib.util
import warnings
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from sklearn.linear_model import Lasso
from torch import Tensor

from sc2viz import lasso
from sc2viz.lab.bench.stopwatch import Stopwatch

ROWS = 200  # samples, at most, on which another solver is timed; its time is scaled to all
PROBED = 3  # samples on which its own tolerance is chosen
SECONDS = 5.0  # a solver that takes longer for a table's line gets fewer samples


class Setting(NamedTuple):
    """How a peer proves the gap that was asked for."""

    kind: type  # the precision
    tolerance: float  # its own, the loosest that is enough
    each: float  # about the seconds of a sample


class Peer(NamedTuple):
    name: str
    module: str
    solve: Callable[[np.ndarray, np.ndarray, float, float, bool], np.ndarray]
    kinds: tuple[type, ...] = (
        np.float64,
    )  # precisions, of which the quickest that proves the gap counts
    tolerances: tuple[float, ...] = tuple(
        10.0**-k for k in range(3, 13)
    )  # the loosest that proves the gap counts

    def call(
        self, x: Tensor, B: Tensor, lam: float, positive: bool, kind: type, own: float
    ) -> Callable[[], np.ndarray]:
        """What gives its codes. A solver warns that it did not converge; the gap decides that here."""
        samples, atoms = x.numpy().astype(kind), np.asfortranarray(B.numpy(), kind)

        def codes() -> np.ndarray:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return self.solve(samples, atoms, lam, own, positive)

        return codes

    def settings(
        self, watch: Stopwatch, x: Tensor, B: Tensor, lam: float, positive: bool, tol: float
    ) -> list[Setting]:
        """Those with which the first PROBED of x are proved within `tol` by float64 gaps, at most one a precision."""
        found = []
        for kind in self.kinds:
            for own in self.tolerances:
                self.call(x[:1], B, lam, positive, kind, own)()
                spent, codes = watch.time(self.call(x[:PROBED], B, lam, positive, kind, own))
                if worst_gap(x[:PROBED], torch.from_numpy(codes), B, lam, positive) <= tol:
                    found.append(Setting(kind, own, spent / len(codes)))
                    break
        return found

    def seconds(
        self,
        watch: Stopwatch,
        x: Tensor,
        B: Tensor,
        lam: float,
        positive: bool,
        found: list[Setting],
        repeats: int,
    ) -> float:
        """Seconds for all of x with the quickest of the settings that were found; infinite if there is none."""
        best = np.inf
        for kind, own, each in found:
            some = x[: max(1, min(ROWS, int(SECONDS / max(each, 1e-9))))]
            spent, _ = watch.time(self.call(some, B, lam, positive, kind, own), repeats, min)
            best = min(best, spent * len(x) / len(some))
        return best


def spams(x: np.ndarray, B: np.ndarray, lam: float, tol: float, positive: bool) -> np.ndarray:
    import spams

    threads = torch.get_num_threads()
    columns = np.asfortranarray(x.T)
    return spams.lasso(
        columns, D=B, lambda1=lam, mode=2, pos=positive, numThreads=threads
    ).T.toarray()


def scikit_learn(
    x: np.ndarray, B: np.ndarray, lam: float, tol: float, positive: bool, gram: bool = False
) -> np.ndarray:
    """All samples in one call; the Gram matrix serves all of them."""
    model = Lasso(
        alpha=lam / len(B),
        fit_intercept=False,
        tol=tol,
        max_iter=100_000,
        positive=positive,
        precompute=B.T @ B if gram else False,
    )
    return np.atleast_2d(model.fit(B, np.asfortranarray(x.T)).coef_)


def one_by_one(
    module: str, x: np.ndarray, B: np.ndarray, lam: float, tol: float, positive: bool
) -> np.ndarray:
    """By the `Lasso` of a module that takes one sample at a time."""
    model = importlib.import_module(module).Lasso(
        alpha=lam / len(B), fit_intercept=False, tol=tol, positive=positive
    )
    return np.array([model.fit(B, one).coef_ for one in x])


ALL = (
    Peer("SPAMS", "spams", spams, (np.float32, np.float64), (0.0,)),
    Peer("scikit-learn", "sklearn", scikit_learn),
    Peer("with Gram", "sklearn", partial(scikit_learn, gram=True)),
    Peer("celer", "celer", partial(one_by_one, "celer")),
    Peer("skglm", "skglm", partial(one_by_one, "skglm")),
)


def installed() -> list[Peer]:
    return [peer for peer in ALL if importlib.util.find_spec(peer.module)]


def worst_gap(x: Tensor, codes: Tensor, B: Tensor, lam: float, positive: bool = False) -> float:
    """The largest duality gap of a sample, relative to F there, in float64."""
    x, codes, B = x.double(), codes.double(), B.double()
    gap = lasso.duality_gap(x, codes, B, lam, positive=positive) / lasso.objective(x, codes, B, lam)
    return gap.max().item()
