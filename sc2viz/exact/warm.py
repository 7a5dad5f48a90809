"""Both steps of learning a dictionary, by coordinate descent that begins where it ended the last time.

Learning codes the same rows again and again, with atoms that move little between. `lasso.solve`, which proves its codes,
begins anew each time and takes several times as long.
"""

import numpy as np
import torch
from torch import Tensor

from sc2viz.exact.loops import add_rows, compiled

PASSES = 2  # sweeps over all atoms, each before
SWEEPS = 10  # so many over those with codes, at most:
SMALL = 0.02  # they end when no code moves by more than this share of λ
STRIDE = 31  # each sample's sweeps begin this number of atoms further on than its neighbour's, so that no atom is favoured


def improve_(codes: Tensor, x: Tensor, B: Tensor, lam: Tensor, positive: bool) -> None:
    """Lower F of the codes (n, d_s) in place, nearly to its minimum; x (n, d_x), λ (n,); all of one precision, on the CPU.

    The atoms, the columns of B (d_x, d_s), have norm one or are zero. positive: codes ≥ 0.
    """
    rows = x.contiguous().numpy(), B.T.contiguous().numpy(), lam.contiguous().numpy()
    improved = codes.contiguous()
    _descend(*rows, positive, improved.numpy())
    codes.copy_(improved)


def updated(B: Tensor, P: Tensor, Q: Tensor, positive: bool) -> Tensor:
    """Return B (d_x, d_s) after each atom moved in turn to the minimum of Σ ½‖x − B s‖² on the unit sphere, with the others
    fixed.

    P = Σ s sᵀ and Q = Σ x sᵀ. An atom without codes stays. positive: no entry of an atom is below zero.
    """
    atoms = B.T.clone(memory_format=torch.contiguous_format)
    _update(atoms.numpy(), P.contiguous().numpy(), Q.T.contiguous().numpy(), positive)
    return atoms.T


@compiled
def _update(atoms, P, Q, positive):
    """Move the atoms, here rows (d_s, d_x), in turn and in place, as `updated` says; Q is (d_s, d_x) too."""
    order, new, weights = np.arange(len(atoms)), np.empty_like(atoms[0]), np.empty_like(P[0])
    for j in range(len(atoms)):
        if P[j, j] > 0:
            square = 0 * P[j, j]
            for i in range(len(atoms)):
                weights[i] = -P[j, i]
            for k in range(len(new)):
                new[k] = Q[j, k] + P[j, j] * atoms[j, k]
            add_rows(atoms, order, weights, len(atoms), new, len(new))
            for k in range(len(new)):
                new[k] = max(new[k], 0 * new[k]) if positive else new[k]
                square += new[k] * new[k]
            if square > 0:
                for k in range(len(new)):
                    atoms[j, k] = new[k] / np.sqrt(square)


@compiled
def _descend(x, atoms, lam, positive, codes):
    """Lower F of the codes (n, d_s) in place by sweeps, as `improve_` says; atoms are rows (d_s, d_x)."""
    everything, used, residual = np.arange(len(atoms)), np.arange(len(atoms)), np.empty_like(x[0])
    for i in range(len(x)):
        s, first = codes[i], STRIDE * i % len(atoms)
        for k in range(len(residual)):
            residual[k] = x[i, k]
        for j in range(len(atoms)):
            if s[j] != 0:
                for k in range(len(residual)):
                    residual[k] -= s[j] * atoms[j, k]
        for _ in range(PASSES):
            _sweep(everything[first:], atoms, residual, s, lam[i], positive)
            _sweep(everything[:first], atoms, residual, s, lam[i], positive)
            count = 0
            for j in range(len(atoms)):
                if s[j] != 0:
                    used[count] = j
                    count += 1
            for _ in range(SWEEPS):
                if _sweep(used[:count], atoms, residual, s, lam[i], positive) < SMALL * lam[i]:
                    break


@compiled
def _sweep(order, atoms, residual, s, lam, positive):
    """Minimise F over each of the codes s (d_s,) in turn, and change residual = x − B s; returns the largest step."""
    largest = 0 * lam
    for j in order:
        v = s[j]
        for k in range(len(residual)):
            v += atoms[j, k] * residual[k]
        new = v - lam if v > lam else v + lam if v < -lam and not positive else 0 * lam
        step = new - s[j]
        if step != 0:
            s[j], largest = new, max(largest, abs(step))
            for k in range(len(residual)):
                residual[k] -= step * atoms[j, k]
    return largest
