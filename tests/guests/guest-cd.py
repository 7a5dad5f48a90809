"""Coordinate descent: one sweep over all atoms an iteration, on the Gram matrix."""

from typing import NamedTuple

import torch
from torch import Tensor

from sc2viz import solvers
from sc2viz.activations import shrink
from sc2viz.solvers import Solver, State, Tied


class Drive(NamedTuple):
    projection: Tensor  # Bᵀx, (n, d_s)
    gram: Tensor
    lam: Tensor


@solvers.register
class CoordinateDescent(Solver):
    name, label = "guest-cd", "Coordinate descent"
    summary = "One weight after the other is set to the best value."
    equation = r"s_j \leftarrow h_\lambda(s_j \lVert b_j\rVert^2 + b_j^\top (x - B s)) / \lVert b_j\rVert^2"
    source = "Friedman, Hastie & Tibshirani 2010"

    def __init__(self, B, steps=10, classes=None):
        super().__init__(Tied(B), steps, classes)

    def drive(self, x, lam):
        B = self.dictionary
        return Drive(x @ B, B.T @ B, lam.reshape(-1, 1) if lam.ndim else lam)

    def step(self, state, drive):
        s, correlations = state.codes.clone(), drive.projection - state.codes @ drive.gram
        for j, square in enumerate(drive.gram.diagonal().tolist()):
            if square:
                bound = drive.lam[:, 0] if drive.lam.ndim else drive.lam
                fresh = shrink(s[:, j] * square + correlations[:, j], bound) / square
                correlations = correlations - (fresh - s[:, j])[:, None] * drive.gram[j]
                s = torch.cat((s[:, :j], fresh[:, None], s[:, j + 1 :]), 1)
        return State(state.t + 1, s)
