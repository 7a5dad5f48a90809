"""What many tests begin with: rows with a dictionary, and solvers with weights that training might have given them."""

import warnings

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso


def problem(n=4, d_x=12, d_s=20, seed=0, dtype=torch.float64):
    """Pictures x (n, d_x) and a dictionary B (d_x, d_s) of atoms in the unit ball."""
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((d_x, d_s))
    B *= rng.uniform(0.3, 1, d_s) / np.linalg.norm(B, axis=0)
    return torch.from_numpy(rng.standard_normal((n, d_x))).to(dtype), torch.from_numpy(B).to(dtype)


def sparse_problem(n=5, d_x=12, d_s=20, seed=0, dtype=torch.float64, unit=False):
    """The same with rows that are sparse combinations of the atoms, and noise."""
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((d_x, d_s))
    B *= (1 if unit else rng.uniform(0.3, 1, d_s)) / np.linalg.norm(B, axis=0)
    codes = rng.standard_normal((n, d_s)) * (rng.random((n, d_s)) < 0.2)
    x = codes @ B.T + 0.05 * rng.standard_normal((n, d_x))
    return torch.from_numpy(x).to(dtype), torch.from_numpy(B).to(dtype)


def stirred(solver, scale=0.2, seed=0):
    """The solver with every parameter moved at random; it learns no further."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in solver.requires_grad_(False).parameters():
        noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
        parameter += scale * noise.to(parameter)
    return solver


def soft(c, theta):
    """Shrinkage, Eq. (5), in numpy."""
    return np.sign(c) * np.maximum(np.abs(c) - theta, 0)


def scikit_learn(x, B, lam, positive=False):
    """Exact codes by coordinate descent. scikit-learn divides the squares by d_x, so λ too."""
    codes = []
    for picture, weight in zip(x.numpy(), np.broadcast_to(lam, len(x)), strict=True):
        model = Lasso(
            weight / len(picture),
            fit_intercept=False,
            tol=1e-12,
            max_iter=20_000,
            positive=positive,
        )
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            codes.append(model.fit(B.numpy(), picture).coef_)
    return torch.from_numpy(np.array(codes))


def F(x, codes, B, lam=0.0):
    """½‖x − B s‖² + λ‖s‖₁ of codes (…, n, d_s), in numpy and float64."""
    x, s, B = (np.asarray(torch.as_tensor(array).detach().double()) for array in (x, codes, B))
    return 0.5 * np.square(x - s @ B.T).sum(-1) + np.asarray(lam) * np.abs(s).sum(-1)
