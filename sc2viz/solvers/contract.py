"""What a solver from outside the package must keep, tried on two rows when it is first built with its options."""

import copy
import json
from typing import Any
from weakref import WeakKeyDictionary

import torch

from sc2viz.solvers import failing
from sc2viz.solvers.cell import Solver, State, Trajectory, check_codes, to_trajectory
from sc2viz.solvers.failing import Broken

TRIED = 2  # rows and iterations
LAM = 0.1
SLACK = 1e-5  # by which rounding may carry a gate out of its range
# By class: the options and sizes, on which a solver may depend, with which it was tried.
_tried: WeakKeyDictionary[type, set[str]] = WeakKeyDictionary()


def check(solver: Solver) -> None:
    """Raise `Failed` where `solver` raises an exception or does not keep what pages and training expect of it. One of the same
    class, options and sizes is not tried again."""
    tried = _tried.setdefault(type(solver), set())
    key = json.dumps([solver.config, solver.dictionary.shape], sort_keys=True)
    if key in tried or not failing.is_guest(type(solver)):
        return
    with failing.name_failures(solver), torch.no_grad():
        _check_attributes(solver)
        B = solver.dictionary
        x = torch.rand(TRIED, len(B), generator=torch.Generator().manual_seed(0)).to(B)
        drive, states = solver.drive(x, x.new_tensor(LAM)), [solver.start(x)]
        for t in range(1, TRIED + 1):
            states.append(solver.step(states[-1], drive))
            kinds = type(states[0]).__name__, type(states[-1]).__name__
            if kinds[0] != kinds[1]:
                raise Broken(
                    f"start and step must return one NamedTuple, got {' and '.join(kinds)}"
                )
            if states[-1].t != t:
                raise Broken(f"step must count its iterations: t must be {t}, got {states[-1].t}")
            check_codes(states[-1].codes, x, B)
        check_gates(solver, to_trajectory(states))
        _check_activation(solver, states[1], drive)
    tried.add(key)


def _check_attributes(solver: Solver) -> None:
    """Raise `Broken` where the solver gives W_e, W_d or C another meaning than the base class, or has an offset of another shape
    than (d_x,)."""
    d_x, d_s = solver.dictionary.shape
    for name in ("W_e", "W_d"):
        if getattr(type(solver), name) is not getattr(Solver, name):
            raise Broken(f"{name} is the base class's: give yours another name", "__init__")
    if solver.C is not None and solver.C.shape[1:] != (d_s,):
        raise Broken("C is the base class's softmax head: give yours another name", "__init__")
    if solver.offset is not None and solver.offset.shape != (d_x,):
        shape = tuple(solver.offset.shape)
        raise Broken(
            f"offset, of reconstructions, must be ({d_x},) or None, got {shape}", "__init__"
        )


def check_gates(solver: Solver, path: Trajectory) -> None:
    """Raise `Failed` where a gate that the traits of `solver` name is no part of its trace, is neither one value an atom nor one
    a sample, or leaves its range; the message names the first iteration at which it does."""
    (n, d_s), T = path.codes.shape[1:], len(path.codes) - 1
    with failing.name_failures(solver):
        for name in solver.traits.gates if T else ():
            _, low, high = solver.traits.gate(name)
            if name not in path.parts:
                raise Broken(f"traits name the gate {name!r}, which is no part of its state")
            values = path.iterations(name)
            if values.shape[1:] not in ((n,), (n, 1), (n, d_s)):
                shape = tuple(values.shape[1:])
                raise Broken(f"the gate {name!r} must be (n, d_s), (n, 1) or (n,), got {shape}")
            inside = ((low - SLACK <= values) & (values <= high + SLACK)).reshape(T, -1).all(1)
            if not inside.all():
                t = int(inside.int().argmin())
                smallest, largest = values[t].min().item(), values[t].max().item()
                raise Broken(
                    f"the gate {name!r} must stay from {low:g} to {high:g}, got {smallest:.3g} to {largest:.3g} at "
                    f"iteration {t + 1}: give its range in traits, as (words, low, high)"
                )


def _check_activation(solver: Solver, state: State, drive: Any) -> None:
    """Raise `Broken` unless the codes of the step from `state` come through `self.h`: with another activation they must
    differ."""
    if solver.traits.activation is None:
        return
    twin, usual = copy.copy(solver), solver.step(state, drive).codes
    twin.h = lambda c, drive: solver.h(c, drive) + 1
    if torch.equal(twin.step(state, drive).codes, usual):
        raise Broken(
            "traits name an activation, and step does not compute its codes through self.h(c, drive): call it, or "
            "leave activation out of traits"
        )
