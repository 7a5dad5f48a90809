"""What `lasso.solve` asks of the methods: samples, and where their answers go."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Task:
    """Samples to solve, all on one device."""

    x: Tensor  # (n, d_x)
    B: Tensor  # (d_x, d_s)
    lam: Tensor  # (n,) float64
    codes: Tensor  # (n, d_s) float64: at first those to begin from, then the answer
    gap: Tensor  # (n,) float64: the gap of the codes, relative to F
    tol: float  # A sample is solved if its gap is at most this.
    limit: int  # the most iterations of a sample
    positive: bool
    is_single: bool  # whether the codes must be numbers of float32
    mask: Tensor | None = None  # (n, d_x) bool, on a CPU

    def of_rows(self, rows: Tensor | slice) -> Task:
        """Return the samples of these rows as a task of their own: copies, or views where `rows` is a slice."""
        mask = None if self.mask is None else self.mask[rows]
        samples = self.x[rows], self.B, self.lam[rows], self.codes[rows], self.gap[rows]
        return Task(*samples, self.tol, self.limit, self.positive, self.is_single, mask)

    def to(self, device: torch.device | str) -> Task:
        """Return the task with all its tensors on `device`."""
        fields = vars(self).items()
        tensors = {name: value.to(device) for name, value in fields if torch.is_tensor(value)}
        return replace(self, **tensors)

    def take(self, rows: Tensor, solved: Task) -> None:
        """Copy the codes and gaps of `solved`, a task of these rows, into this task where its gaps are smaller."""
        is_better = solved.gap < self.gap[rows]
        rows = rows[is_better]
        self.codes[rows], self.gap[rows] = solved.codes[is_better], solved.gap[is_better]

    def rounded(self, codes: Tensor) -> Tensor:
        """Return codes of float64 as they are, or rounded to numbers of float32 if they must be such."""
        return codes.float().double() if self.is_single else codes
