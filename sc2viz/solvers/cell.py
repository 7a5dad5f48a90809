"""Every solver is a recurrent cell, and one loop unrolls them all and records what they did.

drive = cell.drive(x, λ)                     everything that stays fixed over the iterations, computed once
state = cell.start(x); state = cell.step(state, drive) …       T times
"""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from sc2viz import arguments, lasso
from sc2viz.activations import shrink
from sc2viz.solvers import failing
from sc2viz.solvers.traits import Traits
from sc2viz.solvers.weights import Weights, step_size


class State(NamedTuple):
    """What a cell hands from one iteration to the next. Tensors are (n, d_s); None where a solver has no such part.

    A solver may have a state of its own: a NamedTuple with at least `t` and `codes`, whose other fields are tensors that
    begin with n, of one shape and dtype throughout, or None.
    """

    t: int  # the number of iterations done
    codes: Tensor  # s⁽ᵗ⁾
    previous: Tensor | None = None  # s⁽ᵗ⁻¹⁾, for momentum
    cell: Tensor | None = None  # c⁽ᵗ⁾
    candidate: Tensor | None = None  # c̃⁽ᵗ⁾
    input_gate: Tensor | None = None  # i⁽ᵗ⁾
    forget_gate: Tensor | None = None  # f⁽ᵗ⁾
    point: Tensor | None = None  # from where the step is taken, where that is not s⁽ᵗ⁻¹⁾


@dataclass(frozen=True)
class Trajectory:
    """What the iterations computed.

    codes        (T + 1, n, d_s), the start first
    parts        every other field of the state, by its name: T + 1 entries where the start has it, else T
    safeguarded  (T, n) bool, where the safeguard replaced an iteration; None without a safeguard
    """

    codes: Tensor
    parts: dict[str, Tensor] = field(default_factory=dict)
    safeguarded: Tensor | None = None

    # Shortcuts, None where there is no such part.
    cell = property(lambda path: path.parts.get("cell"))
    candidate = property(lambda path: path.parts.get("candidate"))
    input_gate = property(lambda path: path.parts.get("input_gate"))
    forget_gate = property(lambda path: path.parts.get("forget_gate"))

    def iterations(self, name: str) -> Tensor:
        """Return the entries of the part `name` after each of the iterations 1 … T, (T, n, …)."""
        return self.parts[name][-(len(self.codes) - 1) :]


class Solver(nn.Module):
    """A recurrent cell with its weights. Called as `solver(x, lam)` it returns the codes after `steps` iterations.

    λ is an argument of every call: a float, or one value a sample, (n,). `steps=` overrides the number of iterations;
    a trained network may get worse beyond `self.steps`.

    A class of one's own states in its body who it is (`name`, `label`, `summary`, `equation` in LaTeX, `source`), and
    in `traits` what it is; `@solvers.register` then brings it to every page and command.
    """

    name: str
    label: str
    summary: str
    equation: str
    source: str
    remarks: str = ""  # what goes beyond the source, in Markdown
    traits = Traits()
    computed: tuple[
        str, ...
    ] = ()  # buffers that are matrices made of its first dictionary, which files may round as well
    begins_as_codes: tuple[
        str, ...
    ] = ()  # fields of its state that are the codes at the start and where others are put in
    rate_scales: Mapping[
        str, float
    ] = {}  # parameters by their names, with what multiplies their learning rate
    # (d_x,) or None: reconstructions are offset + s Bᵀ, and F, gap and certificate are those of x − offset. A class with one
    # assigns an nn.Parameter in `__init__`, after the base class's, or defines a property of that name.
    offset: Tensor | None
    config: dict[str, Any]  # what `solvers.build` was asked for
    notes: dict[str, Any]  # of one that `checkpoints.load` made: how it was trained
    variant: str  # of the same: the name of one of its class's variants, or ""

    def __init__(self, weights: Weights, steps: int = 10, classes: int | None = None):
        super().__init__()
        arguments.whole_number("steps", steps)
        arguments.whole_number("classes", 1 if classes is None else classes)
        self.weights, self.steps = weights, steps
        if not hasattr(type(self), "offset"):
            self.register_parameter("offset", None)
        # Eq. (12) takes C_j as a row: (classes, d_s). Zero: at the start no class is preferred.
        B = weights.dictionary
        self.C = None if classes is None else nn.Parameter(B.new_zeros(classes, B.shape[1]))

    @property
    def dictionary(self) -> Tensor:
        """(d_x, d_s): the dictionary that it reconstructs with, x ≈ s Bᵀ."""
        return self.weights.dictionary

    @property
    def is_ranked(self) -> bool:
        """Whether F ranks it beside others: it aims at F of the same rows, without an offset, and of codes of any sign."""
        return (
            self.traits.aims_at == "objective" and self.offset is None and not self.traits.positive
        )

    def centred(self, x: Tensor) -> Tensor:
        """Return x − offset of rows x (…, d_x), which `dictionary` must reconstruct: x itself where there is no offset."""
        return x if self.offset is None else x - self.offset

    def reconstruct(self, codes: Tensor) -> Tensor:
        """Return offset + s Bᵀ of codes (…, d_s): (…, d_x)."""
        sums = codes @ self.dictionary.T
        return sums if self.offset is None else sums + self.offset

    @property
    def W_e(self) -> Tensor:
        """(d_s, d_s), on s, as in Eq. (6); other papers call the encoder W_e."""
        return self.weights.matrices().W_e

    @property
    def W_d(self) -> Tensor:
        """(d_s, d_x), on x, as in Eq. (6)."""
        return self.weights.matrices().W_d

    def drive(self, x: Tensor, lam: Tensor) -> Any:
        """Return everything that x (n, d_x) and λ, () or (n, 1), fix for all iterations; by default x.

        A solver of the masked problem takes `mask` (n, d_x) bool as well, True where x was observed. An encoder of one step
        computes its codes here, and every iteration returns them.
        """
        return x

    def step(self, state: State, drive: Any) -> State:
        """Return the state after one more iteration, which is the solver's equation. It is called for any t; parameters a layer
        stay at the last."""
        raise NotImplementedError

    def start(self, x: Tensor) -> State:
        """Return the state before the first iteration: s⁽⁰⁾ = 0, and c⁽⁰⁾ = 0 where there is a cell."""
        codes = x.new_zeros(len(x), self.dictionary.shape[1])
        return State(0, codes, **dict.fromkeys(self.begins_as_codes, codes))

    def with_codes(self, state: State, codes: Tensor) -> State:
        """Return `state` with other codes (n, d_s): how the safeguard puts its own in."""
        return state._replace(codes=codes, **dict.fromkeys(self.begins_as_codes, codes))

    def search(self) -> dict[str, Any] | None:
        """Return the name, as "kind", and the settings of the search by which a browser finds these codes (browser/solve.js).
        None: the tensor code of `drive` and `step` is exported."""
        return None

    def forward(
        self, x: Tensor, lam: float | Tensor, steps: int | None = None, mask: Tensor | None = None
    ) -> Tensor:
        """Return codes (n, d_s) of x (n, d_x). `mask` (n, d_x) bool is True where x was observed.

        ValueError where the solver takes no mask.
        """
        return unroll(self, x, lam, steps, mask=mask)[-1].codes

    def trace(
        self,
        x: Tensor,
        lam: float | Tensor,
        steps: int | None = None,
        mask: Tensor | None = None,
        safeguard: bool = False,
        beyond: int = 0,
    ) -> Trajectory:
        """Run the solver on x (n, d_x) and return everything that its iterations computed. `safeguard`: an ISTA step replaces an
        iteration that would raise F, of those after the first `beyond`."""
        if safeguard and (mask is not None or self.traits.filters):
            raise ValueError(
                "safeguard compares F of all entries of x on a matrix of atoms: leave it out with a mask or filters"
            )
        guard = Safeguard(self, x, lam, beyond) if safeguard else None
        states = unroll(guard or self, x, lam, steps, record=True, mask=mask)
        with failing.name_failures(self):
            path = to_trajectory(states)
        return (
            replace(path, safeguarded=torch.stack(guard.acted)) if guard and guard.acted else path
        )

    def classify(self, x: Tensor, lam: float | Tensor, steps: int | None = None) -> Tensor:
        """Return logits (n, classes) of the linear head on the codes, C s in Eq. (11); ValueError where there is no head."""
        return self.head(self(x, lam, steps))

    def head(self, codes: Tensor) -> Tensor:
        """Return the logits C s (…, classes) of the softmax head for codes (…, d_s); raise ValueError where there is no head."""
        if self.C is None:
            raise ValueError(
                f"this {self.name} has no softmax head: build it with classes=, or load a supervised one"
            )
        return functional.linear(codes, self.C)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return how the solver learns, as dicts of `params`, a list; `scale=1.0`, which multiplies the learning rate; and
        `atoms=False`, True for the dictionary, whose rate is multiplied by `Settings.dictionary_rate` as well. A part of it, such
        as its weights, may have `parameter_groups` of its own, and `rate_scales` name scales; all others learn at the rate
        itself.

        A class that has nothing to differentiate defines `fit_by_search(images, lam)` as well, which training calls once in
        the place of its steps, with the `data.Images` to learn from and λ, a float."""
        groups = [
            group
            for child in self.children()
            if hasattr(child, "parameter_groups")
            for group in child.parameter_groups()
        ]
        for name, scale in self.rate_scales.items():
            if getattr(self, name) is not None:
                groups.append({"params": [getattr(self, name)], "scale": scale})
        grouped = {id(parameter) for group in groups for parameter in group["params"]}
        others = [parameter for parameter in self.parameters() if id(parameter) not in grouped]
        return [*groups, {"params": others}] if others else groups

    @torch.no_grad()
    def project_(self) -> None:
        """Clip every atom to the unit ball, Eq. (2)'s constraint: after each training step, unless atoms are free."""
        self.weights.project_()


def shrunk(solver: Solver, c: Tensor, drive: Any) -> Tensor:
    """Return c (n, d_s) shrunk by the threshold θ of `drive`, elementwise, or where codes are kept ≥ 0 the positive part of that;
    this is the `h` of solvers whose drive has a θ."""
    return torch.relu(c - drive.theta) if solver.traits.positive else shrink(c, drive.theta)


class Safeguard:
    """A solver whose iterations never raise F, but for the first `beyond`: where one would, an ISTA step takes its place
    (Heaton et al. 2023).

    `acted` holds for every iteration so far where that was, (n,) bool.
    """

    def __init__(self, solver: Solver, x: Tensor, lam: float | Tensor, beyond: int = 0):
        self.solver, self.dictionary, self.steps = solver, solver.dictionary, solver.steps
        self.drive, self.start = solver.drive, solver.start
        self.x, self.lam, self.beyond = solver.centred(x), lasso.as_lambda(lam, x), beyond
        self.tau = step_size(solver.dictionary)
        self.acted: list[Tensor] = []

    def step(self, state: State, drive: Any) -> State:
        """Return the solver's next state, with the codes of an ISTA step in those rows in which its own codes would raise F."""
        new = self.solver.step(state, drive)
        if state.t < self.beyond:
            is_lower = torch.ones(len(self.x), dtype=torch.bool, device=self.x.device)
        else:
            F_new, F = (
                lasso.objective(self.x, codes, self.dictionary, self.lam.squeeze(-1))
                for codes in (new.codes, state.codes)
            )
            is_lower = F_new <= F  # False where F is not a number.
        self.acted.append(~is_lower)
        if is_lower.all():
            return new
        residual = self.x - state.codes @ self.dictionary.T
        ista = shrink(state.codes + self.tau * residual @ self.dictionary, self.lam * self.tau)
        ista = ista.clamp_min(0) if self.solver.traits.positive else ista
        guarded = self.solver.with_codes(new, ista)
        fields = {
            name: torch.where(is_lower.view(-1, *[1] * (value.ndim - 1)), value, replacement)
            for name, value, replacement in zip(new._fields, new, guarded, strict=True)
            if replacement is not value
        }
        return new._replace(**fields)


def takes_mask(solver: Solver | type[Solver]) -> bool:
    """Whether a solver, or all of its class, minimise the masked problem by themselves, as `Traits.takes_mask` says."""
    stated = solver.traits.takes_mask
    return "mask" in inspect.signature(solver.drive).parameters if stated is None else stated


def unroll(
    cell: Solver | Safeguard,
    x: Tensor,
    lam: float | Tensor,
    steps: int | None = None,
    record: bool = False,
    mask: Tensor | None = None,
) -> list[State]:
    """Run `cell` on x (n, d_x) and return a list: the last state alone, or with `record` every state from the start on.

    ValueError for bad input; `failing.Failed`, which is one, where a solver from outside the package raises an exception.
    """
    arguments.tensor("x", x)
    if x.ndim != 2 or x.shape[1] != len(cell.dictionary):
        raise ValueError(
            f"x must be (n, {len(cell.dictionary)}) to fit this solver's atoms, got {tuple(x.shape)}"
        )
    steps = cell.steps if steps is None else steps
    arguments.whole_number("steps", steps, 0)
    lam = lasso.as_lambda(lam, x)
    if x.dtype != cell.dictionary.dtype:
        raise ValueError(
            f"x must be {cell.dictionary.dtype}, as the solver is, got {x.dtype}: convert either"
        )
    if mask is not None:
        if not takes_mask(cell):
            raise ValueError(
                f"{cell.label} takes no mask: fill the missing values in first, or use a solver that takes one"
            )
        lasso.check_mask(x, mask)
        x = torch.where(mask, x, 0)
    if record:
        arguments.finite("x", x)
    with failing.name_failures(getattr(cell, "solver", cell)):
        drive = cell.drive(x, lam) if mask is None else cell.drive(x, lam, mask=mask)
        states = [cell.start(x)]
        for _ in range(steps):
            states.append(cell.step(states[-1], drive))
            if not record:
                del states[0]
        check_codes(states[-1].codes, x, cell.dictionary)
    return states


def check_codes(codes: Any, x: Tensor, B: Tensor) -> None:
    """Raise `failing.Broken` unless codes of x (n, d_x) on B (d_x, d_s) are a tensor (n, d_s) of the dtype of x."""
    size = len(x), B.shape[1]
    got = tuple(codes.shape) if isinstance(codes, Tensor) else type(codes).__name__
    if got != size:
        raise failing.Broken(f"codes must be (n, d_s), here {size}, got {got}")
    if codes.dtype != x.dtype:
        raise failing.Broken(f"codes must be {x.dtype}, as x is, got {codes.dtype}")


def to_trajectory(states: Sequence[State]) -> Trajectory:
    """Return the trajectory of `states`, of which the start is the first; raise `failing.Broken` where a field changes its shape
    or dtype."""
    fields = {}
    for name in states[0]._fields:
        values = [getattr(state, name) for state in states]
        values = values[1:] if values[0] is None or values[-1] is None else values
        if name == "t" or all(value is None for value in values):
            continue
        kinds = [
            f"{tuple(value.shape)} {value.dtype}" if isinstance(value, Tensor) else repr(value)
            for value in values
        ]
        if len(set(kinds)) > 1 or not isinstance(values[0], Tensor):
            raise failing.Broken(
                f"{name}, a field of the state, must be a tensor of one shape and dtype, or None, got {kinds[0]} and then "
                f"{kinds[-1]}"
            )
        fields[name] = torch.stack(values)
    return Trajectory(fields.pop("codes"), fields)
