"""What a solver from outside the package must keep, tried on two rows when it is first built with its options."""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from sc2viz.solvers import failing
from sc2viz.solvers.cell import Solver, State, Trajectory, check_codes, recorded, takes_mask
from sc2viz.solvers.failing import Broken
from sc2viz.solvers.traits import Traits

TRIED = 2  # rows and iterations
LAM = 0.1
SLACK = 1e-5  # by which rounding may carry a gate out of its range
SAME = 1e-4  # of the largest weight: by so much rounding may tell codes apart that are equal
EQUALS = re.compile(r"equals (.+?)( for its own T)?")  # words of traits that can be checked
# By class, then by the options and the dictionary's shape, on which a solver may depend: whether a solver that keeps the
# interface equals the one that its traits say it equals.
_checked: WeakKeyDictionary[type, dict[str, bool]] = WeakKeyDictionary()


def check(solver: Solver, find_in_package: Callable[[str], type[Solver] | None]) -> None:
    """`Failed` where `solver` raises an exception or does not keep what pages and training expect of it. One of the same
    class, options and sizes is not tried again.

    Words such as `untrained="equals ISTA"` are left out of its traits where its codes are not those of the solver of the
    package that `find_in_package` returns for the label "ISTA"."""
    if not failing.is_guest(type(solver)):
        return
    checked = _checked.setdefault(type(solver), {})
    key = json.dumps([solver.config, solver.dictionary.shape], sort_keys=True)
    if key not in checked:
        with failing.name_failures(solver), torch.no_grad():
            _try(solver)
            checked[key] = _equals(solver, find_in_package)
    if not checked[key]:
        solver.traits = replace(solver.traits, untrained="")


def _try(solver: Solver) -> None:
    B = solver.dictionary
    draw = torch.Generator().manual_seed(0)
    x = torch.rand(TRIED, len(B), generator=draw).to(B)
    lam = x.new_tensor(LAM)
    _attributes(solver)
    drive, states = solver.drive(x, lam), [solver.start(x)]
    if not (hasattr(states[0], "t") and hasattr(states[0], "codes")):
        raise Broken(
            "start must return a NamedTuple with t and codes, such as solvers.State", "start"
        )
    for t in range(TRIED):
        states.append(solver.step(states[-1], drive))
        _state(states[-1], t + 1, states[0])
        check_codes(states[-1].codes, x, B)
        check_gates(solver, recorded(states))
    _activation(solver, states[1], drive)
    if takes_mask(solver):
        _mask(solver, x, lam)


def _equals(solver: Solver, find_in_package: Callable[[str], type[Solver] | None]) -> bool:
    """Whether codes of two rows after its own T iterations are those of the solver that it says it equals untrained; True
    where it says no such thing."""
    said = EQUALS.fullmatch(solver.traits.untrained)
    other = find_in_package(said[1]) if said else None
    if other is None:
        return True
    B = solver.dictionary.detach()
    x = torch.rand(TRIED, len(B), generator=torch.Generator().manual_seed(1)).to(B)
    lam = LAM * (x @ B).abs().max()  # below it, codes have non-zeros
    try:
        expected = other(B, solver.steps)(x, lam)
        return torch.allclose(
            solver(x, lam), expected, rtol=0, atol=SAME * expected.abs().max().item()
        )
    except failing.Failed:
        return False


def _attributes(solver: Solver) -> None:
    cls = type(solver)
    if not isinstance(solver.traits, Traits):
        raise Broken(
            f"traits must be a Traits, got {type(solver.traits).__name__}: write solvers.Traits(…)",
            "__init__",
        )
    for name in ("W_e", "W_d"):
        if getattr(cls, name) is not getattr(Solver, name):
            raise Broken(
                f"{name} is the base class's, which takes it from `weights`: give yours another name",
                "__init__",
            )
    for name, kind in (("steps", int), ("weights", torch.nn.Module)):
        if not isinstance(getattr(solver, name, None), kind):
            raise Broken(
                f"{name} is the base class's: call super().__init__(weights, steps, classes)",
                "__init__",
            )
    offset, d_x = solver.offset, len(solver.dictionary)
    if offset is not None and (not isinstance(offset, Tensor) or tuple(offset.shape) != (d_x,)):
        got = tuple(offset.shape) if isinstance(offset, Tensor) else type(offset).__name__
        raise Broken(
            f"offset, which reconstructions begin from, must be ({d_x},) or None, got {got}",
            "__init__",
        )
    if solver.C is not None and tuple(solver.C.shape[1:]) != (solver.dictionary.shape[1],):
        raise Broken(
            "C is the base class's softmax head, (classes, d_s): give yours another name",
            "__init__",
        )


def _state(state: State, t: int, first: State) -> None:
    if type(state) is not type(first):
        raise Broken(
            f"start and step must return one NamedTuple, got {type(first).__name__} and {type(state).__name__}"
        )
    if state.t != t:
        raise Broken(f"step must count its iterations: t must be {t} after {t - 1}, got {state.t}")


def check_gates(solver: Solver, path: Trajectory) -> None:
    """`Failed` where a gate that the traits of `solver` name is no part of its trace, is neither one value an atom nor one a
    sample, or leaves its range; the message names the first iteration at which it does."""
    (n, d_s), T = path.codes.shape[1:], len(path.codes) - 1
    with failing.name_failures(solver):
        for name in solver.traits.gates if T else ():
            _, low, high = solver.traits.gate(name)
            if name not in path.parts:
                raise Broken(f"traits name the gate {name!r}, which is no part of its state")
            values = path.iterations(name)
            if tuple(values.shape[1:]) not in ((n,), (n, 1), (n, d_s)):
                raise Broken(
                    f"the gate {name!r} must be (n, d_s), (n, 1) or (n,), here n = {n} and d_s = {d_s}, got "
                    f"{tuple(values.shape[1:])}"
                )
            if not values.is_floating_point():
                raise Broken(
                    f"the gate {name!r} must be of floating point, as codes are, got {values.dtype}"
                )
            inside = ((low - SLACK <= values) & (values <= high + SLACK)).reshape(T, -1).all(1)
            if not inside.all():
                t = int(inside.int().argmin())
                least, most = values[t].min().item(), values[t].max().item()
                raise Broken(
                    f"the gate {name!r} must stay from {low:g} to {high:g}, got {least:.3g} to {most:.3g} at "
                    f"iteration {t + 1}: give its range in traits, as (words, low, high)"
                )


def _activation(solver: Solver, state: State, drive: Any) -> None:
    """Codes must come through `self.h`: with another activation in its place they must become others."""
    if solver.traits.activation is None:
        return
    if not hasattr(solver, "h"):
        raise Broken(
            f"traits name the activation {solver.traits.activation!r}, and there is no h(c, drive)",
            "__init__",
        )
    twin, usual = copy.copy(solver), solver.step(state, drive).codes
    twin.h = lambda c, drive: solver.h(c, drive) + 1
    if torch.equal(twin.step(state, drive).codes, usual):
        raise Broken(
            "traits name an activation, and step does not compute its codes through self.h(c, drive): call it, or "
            "leave activation out of traits"
        )


def _mask(solver: Solver, x: Tensor, lam: Tensor) -> None:
    seen = torch.ones_like(x, dtype=torch.bool)
    seen[:, ::2] = False
    try:
        solver.step(solver.start(x), solver.drive(torch.where(seen, x, 0), lam, mask=seen))
    except Exception as error:
        raise Broken(
            f"drive takes a mask, which step does not serve ({type(error).__name__}: {error}): give "
            "takes_mask=False in traits"
        ) from error
