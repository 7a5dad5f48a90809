"""All solvers, by name. A new one is one file here and one line in `_SOLVERS`, and it appears on every page."""

from __future__ import annotations

import inspect
from numbers import Integral

import torch
from torch import Tensor

from sc2viz.solvers.adaptive_ista import AdaptiveISTA
from sc2viz.solvers.cell import Solver, State, Trajectory, unroll
from sc2viz.solvers.fista import FISTA
from sc2viz.solvers.ista import ISTA
from sc2viz.solvers.lfista import LFISTA
from sc2viz.solvers.lista import LISTA
from sc2viz.solvers.slstm import SLSTM

__all__ = ["EARLIER", "NAMES", "PRESETS", "Solver", "State", "Trajectory", "build", "unroll"]

_SOLVERS = {solver.name: solver for solver in (ISTA, FISTA, AdaptiveISTA, LISTA, LFISTA, SLSTM)}
NAMES = tuple(_SOLVERS)
PRESETS = ("recommended", "paper")  # on offer; and one that stored runs name, today's without v:
EARLIER = ("recommended-1",)


def build(name: str, B: Tensor, steps: int = 10, *, seed: int = 0, **options) -> Solver:
    """An untrained solver started from the dictionary B (d_x, d_s), on B's device and in its precision.

    `options` are those of its class: `classes` for a softmax head, `preset` and `activation` of the learned ones,
    `input_gate` and `forget_gate` of adaptive ISTA, `kappa` and `gate_bias` of SLSTM. What a solver has no use for of
    `preset` and `activation` is ignored, so that all can be built alike. ValueError for an unknown name or option.
    """
    if name not in _SOLVERS:
        raise ValueError(f"solver must be one of {', '.join(NAMES)}, got {name!r}")
    if options.get("preset", "recommended") not in PRESETS + EARLIER:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, got {options['preset']!r}")
    if B.ndim != 2 or not B.numel() or not torch.isfinite(B).all():
        raise ValueError(f"B must be a finite matrix (d_x, d_s), got {tuple(B.shape)}")
    if not isinstance(steps, Integral):
        raise ValueError(f"steps must be a whole number, got {steps!r}")
    known = inspect.signature(_SOLVERS[name].__init__).parameters
    options = {key: value for key, value in options.items() if key in known or key not in ("preset", "activation")}
    unknown = sorted(set(options) - set(known))
    if unknown:
        taken = ", ".join(sorted(set(known) - {"self", "B"}))
        raise ValueError(f"{name} has no option {unknown[0]!r}; it takes {taken}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        solver = _SOLVERS[name](B.detach().contiguous(), int(steps), **options)
    # What a checkpoint builds it from again, without tensors and numpy's numbers.
    plain = {key: value.tolist() if hasattr(value, "tolist") else value for key, value in options.items()}
    solver.config = {"name": name, "steps": int(steps), **plain}
    return solver
