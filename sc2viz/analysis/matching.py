"""How well learned codes agree with true ones whose order is not known: atoms are matched one to one first."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

MATCHED = 0.9  # an atom is found if its |cosine| with the one that it is matched with is above this
CONSTANT = 1e-8  # the variance up to which a column is taken to be constant


def mean_correlation(truth: Tensor, learned: Tensor) -> float:
    """Return the MCC, the mean |correlation| of the true codes (n, d_z) with the `learned` ones (n, d_s), in [0, 1].

    Each true column that varies is matched with one found column so that the sum is the largest (the Hungarian method), as
    arXiv 2603.28744 does: of the found columns as many take part as there are true ones, those of the largest variance.
    Where there are fewer, what has no partner counts 0. ValueError where no true column varies, and for other numbers of
    rows.
    """
    from scipy.optimize import linear_sum_assignment

    if truth.ndim != 2 or learned.ndim != 2 or len(truth) != len(learned):
        raise ValueError(
            f"truth and learned must be (n, d_z) and (n, d_s), got {tuple(truth.shape)} and {tuple(learned.shape)}"
        )
    true, codes = truth.double().numpy(), learned.double().numpy()
    true = true[:, true.var(0) > CONSTANT]
    if not true.shape[1]:
        raise ValueError("truth must have a column that varies over the rows: pass more rows")
    codes = codes[:, np.argsort(-codes.var(0), kind="stable")[: true.shape[1]]]
    alike = np.abs(_standard(true).T @ _standard(codes))
    return float(alike[linear_sum_assignment(alike, maximize=True)].sum() / true.shape[1])


def matched(truth: Tensor, learned: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the places in `truth` (d_x, d_z), in `learned` (d_x, d_s) and the |cosines| of atoms matched so that their sum is
    largest.

    There are as many as the smaller dictionary has atoms, in the order of `truth`.
    """
    from scipy.optimize import linear_sum_assignment

    alike = (functional.normalize(truth, dim=0).T @ functional.normalize(learned, dim=0)).abs()
    places, partners = map(torch.from_numpy, linear_sum_assignment(alike.numpy(), maximize=True))
    return places, partners, alike[places, partners]


def atoms_found(truth: Tensor, learned: np.ndarray | Tensor) -> int:
    """Return how many atoms of `truth` (d_x, d_z) have a partner in `learned` (d_x, d_s) whose |cosine| with them is above
    MATCHED."""
    return int((matched(truth, torch.as_tensor(learned).to(truth))[2] > MATCHED).sum())


def _standard(columns: np.ndarray) -> np.ndarray:
    """Return the columns shifted to mean 0 and scaled to norm 1; a constant one becomes zero."""
    centred = columns - columns.mean(0)
    norms = np.linalg.norm(centred, axis=0)
    return centred / np.where(norms > CONSTANT, norms, np.inf)
