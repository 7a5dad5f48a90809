"""Every λ at once: what a solver, and the exact optimum, make of some pictures all along λ, computed once and cached."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from sc2viz import evaluation, lasso
from sc2viz.ui import models, startup, url
from sc2viz.ui.models import Model

_BEYOND = (1.2, 1.4, 1.7, 2, 2.4, 2.8, 3.4, 4, 4.8, 5.6, 6.7, 8, 9.5, 11, 13, 16, 19, 22)  # past the bench's λ, up to λ_max


@dataclass(frozen=True, eq=False)
class Sweep:
    """Numbers of n pictures at k values of λ."""

    lam: np.ndarray  # (k,), ascending
    loss: np.ndarray  # (k, n) ½‖x − Bs‖²
    objective: np.ndarray  # (k, n), the honest one
    nonzero: np.ndarray  # (k, n) share of |s| > 1e-3
    psnr: np.ndarray  # (k, n) dB
    reconstruction: np.ndarray | None = None  # (k, n, d_x), of the exact optimum


def lambda_max(data: str, pixels: np.ndarray) -> np.ndarray:
    """The λ at which each picture's codes are all zero, (n,)."""
    return lasso.lambda_max(torch.from_numpy(pixels), startup.dictionary(data)).numpy()


def exact(data: str, pixels: np.ndarray, lam: float) -> Sweep:
    """The optimum on the dictionary that ships for `data`, at λ = `lam`, at the marks of λ, and beyond, up to λ_max."""
    return _exact(data, pixels, _marks(lam))


def solver(model: Model, pixels: np.ndarray, steps: int, lam: float) -> Sweep:
    """`model` after `steps` iterations; a learned one only at the λ that networks are trained for."""
    return _solver(model.id, model, pixels, steps, _marks(lam))


def _marks(lam: float) -> tuple[float, ...]:
    return tuple(sorted({*url.LAM.marks, lam}))


def _beyond(data: str, pixels: np.ndarray) -> list[float]:
    top = float(lambda_max(data, pixels).max(initial=0))
    return [lam for lam in _BEYOND if lam < top] + [top] * (top > url.LAM.high)


@st.cache_resource(max_entries=8, show_spinner=False)
def _exact(data: str, pixels: np.ndarray, marks: tuple[float, ...]) -> Sweep:
    lams, B = torch.tensor([*marks, *_beyond(data, pixels)]), startup.dictionary(data)
    x = torch.from_numpy(pixels).repeat(len(lams), 1)
    codes = lasso.solve(x, B, lams.repeat_interleave(len(pixels)), tol=1e-6).codes.float()
    return _measure(x, codes, B, lams, keep=True)


@st.cache_resource(max_entries=64, show_spinner=False)
def _solver(id: str, _model: Model, pixels: np.ndarray, steps: int, marks: tuple[float, ...]) -> Sweep:
    lams = torch.tensor([*marks, *(_beyond(_model.data, pixels) if not _model.traits.learned else [])])
    solver, x = models.build(_model), torch.from_numpy(pixels).repeat(len(lams), 1)
    with torch.no_grad():
        codes = solver(x, lams.repeat_interleave(len(pixels)), steps=steps)
    return _measure(x, codes, solver.dictionary.detach(), lams)


def _measure(x: torch.Tensor, codes: torch.Tensor, B: torch.Tensor, lams: torch.Tensor, keep: bool = False) -> Sweep:
    made = codes @ B.T
    per_sample = (
        0.5 * (x - made).square().sum(1),
        lasso.honest_objective(x, codes, B, lams.repeat_interleave(len(x) // len(lams))),
        evaluation.nonzero_share(codes),
        evaluation.psnr(x, made),
    )
    grid = [part.reshape(len(lams), -1).numpy() for part in per_sample]
    return Sweep(lams.numpy(), *grid, made.reshape(len(lams), -1, x.shape[1]).numpy() if keep else None)
