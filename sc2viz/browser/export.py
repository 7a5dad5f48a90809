"""A solver as a graph that a browser runs (solve.js), made from its own Python: no solver is written a second time.

`drive`, `start` and the steps of iterations 1 … 100 run once on one row, and the recorder keeps what they do. What does not
depend on the state is the graph's setup, whose constants the browser computes from the parameters. The steps of all
iterations that do the same are one list of operations. What differs from iteration to iteration, such as FISTA's momentum or
the parameters of a layer, is a table with a row for each.

Why not torch.export: it imports the compiler, 120 MB, takes seconds for a hundred iterations, and refuses Python that reads
numbers of parameters, such as the step of ISTA.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import torch
from cachetools import LRUCache, cached
from torch import Tensor

from sc2viz.browser.lowering import BINARY, LOWERINGS, SIMPLER, UNARY
from sc2viz.browser.recorder import LAMBDA, PICTURE, STATE, Node, Recorder, Unexportable
from sc2viz.browser.stops import T
from sc2viz.browser.wire_format import Parcel, as_json, exactly
from sc2viz.solvers import Solver, digest, failing

LIMIT = T[-1]  # iterations
ALIKE = 2  # so many iterations that are the same, and do not ask which they are, stand for all later ones
RUN_AWAY = 1e3  # a code that is larger has run away
GRAPHS = 16  # that are kept, a megabyte each
_ELEMENTWISE = {*UNARY, *BINARY, "where"}
_LAM = 0.1  # at which steps are recorded


@dataclass(frozen=True, eq=False)
class Graph:
    """What solve.js takes: `data`, for JSON, which names its arrays, and these."""

    data: dict
    parcels: list[Parcel]

    @cached_property
    def parcel(self) -> Parcel:
        """The data as they travel."""
        return as_json(self.data)


_parcels: WeakValueDictionary[str, Parcel] = WeakValueDictionary()


def _alone(parcel: Parcel) -> Parcel:
    """The parcel of this name that a graph has already: most graphs have the same dictionary."""
    return _parcels.setdefault(parcel.name, parcel)


def export(solver: Solver, keep: bool = True) -> Graph:
    """The graph of a solver; `Unexportable`, with the reason in one sentence, where there is none. Graphs are kept by what
    the solver was built from and its weights, unless `keep` is false."""
    if not keep:
        return _exported(solver)
    graph = _cached_export(solver)
    if isinstance(graph, Unexportable):
        raise Unexportable(str(graph))
    return graph


@cached(LRUCache(GRAPHS), key=lambda solver: (type(solver), digest(solver)), lock=threading.Lock())
def _cached_export(solver: Solver) -> Graph | Unexportable:
    try:
        return _exported(solver)
    except Unexportable as error:
        return error


def _exported(solver: Solver) -> Graph:
    search, dictionary = solver.search(), solver.dictionary.detach()
    if search is not None:
        parcel = _alone(exactly(dictionary.cpu().numpy()))
        return Graph({"search": search, "dictionary": parcel.label()}, [parcel])
    try:
        if dictionary.dtype != torch.float32:
            raise Unexportable(f"its numbers are {dictionary.dtype}")
        with torch.no_grad():
            return _serialised(_recorded(solver))
    except Exception as error:  # whatever its own code raises
        cls, place, reason = type(solver), "", str(error)
        if failing.is_guest(cls):
            place = failing.describe_place(failing.line_of(error, failing.guest_files(cls)))
        if not isinstance(error, Unexportable):
            reason = f"it failed: {type(error).__name__}: {error}"
        label = f"{solver.label} is not computed in the browser{place and f' ({place})'}"
        raise Unexportable(f"{label}, because {reason}") from None


@dataclass(frozen=True, eq=False)
class _Record:
    """What was recorded: the nodes of the state's fields at the start and after each iteration (`ends`); from which nodes, at
    the place of a field, an iteration reads; the dictionary's node; the fields that `with_codes` makes the codes; what the
    fields are called; and those that pages show."""

    start: list[Node | None]
    inputs: list[dict[Node, int]]
    ends: list[list[Node | None]]
    dictionary: Node
    replaced: list[int]
    fields: list[str]
    visible: set[int]


def _recorded(solver: Solver) -> _Record:
    """Run the solver once on one row."""
    recorder, rows = Recorder(LOWERINGS, SIMPLER), len(solver.dictionary)
    row = torch.rand(1, rows, generator=torch.Generator().manual_seed(0), dtype=torch.float32)
    x = recorder.input(row, "x", PICTURE)
    lam = recorder.input(torch.tensor(_LAM, dtype=torch.float32), "lam", LAMBDA)
    with recorder.running():
        dictionary = solver.dictionary.detach()
        drive, state = solver.drive(x, lam), solver.start(x)
    fields = sorted(
        (name for name in state._fields if name != "t"), key=lambda name: name != "codes"
    )

    def nodes(state: Any) -> list[Node | None]:
        values = [getattr(state, name) for name in fields]
        return [None if value is None else recorder.node_of(value) for value in values]

    start, inputs, ends = nodes(state), [], []
    replaced = _replaced(solver, state, fields)
    used: set[str] = set()
    for t in range(LIMIT):
        recorder.phase += 1
        fresh = {name: _tame(value) for name, value in _tensors(state, fields).items()}
        for name, value in fresh.items():
            recorder.input(value, name, STATE)
        inputs.append(
            {recorder.node_of(value): fields.index(name) for name, value in fresh.items()}
        )
        with recorder.running():
            state = solver.step(state._replace(t=_Count(t, used), **fresh), drive)
        ends.append(nodes(state))
        if not used and t >= ALIKE - 1 and _alike(ends[-ALIKE:], inputs[-ALIKE:]):
            break  # no iteration differs from the next one
    named = {*solver.traits.gates, "candidate", "point"}
    visible = {k for k, name in enumerate(fields) if name in named}
    return _Record(start, inputs, ends, recorder.node_of(dictionary), replaced, fields, visible)


def _tensors(state: Any, fields: list[str]) -> dict[str, Tensor]:
    """The fields of a state that it has."""
    return {name: value for name in fields if (value := getattr(state, name)) is not None}


class _Count(int):
    """The number of iterations, which remembers in `used` whether Python does more with it than count on."""

    def __new__(cls, value: int, used: set[str]) -> _Count:
        count = super().__new__(cls, value)
        count.used = used
        return count

    def __add__(self, number: Any) -> int:
        if type(number) is int and number == 1:
            return _Count(int.__add__(self, 1), self.used)
        self.used.add("add")
        return int.__add__(self, number)

    __radd__ = __add__


def _noticed(name: str) -> Any:
    def method(self: _Count, *args: Any) -> Any:
        self.used.add(name)
        return getattr(int, name)(self, *args)

    return method


for _name in vars(int):
    if _name not in ("__new__", "__add__", "__radd__", "__getattribute__", "__doc__") and callable(
        getattr(int, _name)
    ):
        setattr(_Count, _name, _noticed(_name))


def _tame(value: Tensor) -> Tensor:
    """The numbers of a state from which an iteration is recorded: none that has run away, for it may fail on these."""
    return (
        torch.where(value.abs() < RUN_AWAY, value, 0)
        if value.is_floating_point()
        else value.clone()
    )


def _alike(ends: list[list[Node | None]], inputs: list[dict[Node, int]]) -> bool:
    """Whether these iterations are the same."""
    first, *others = (_Step(nodes, places) for nodes, places in zip(ends, inputs, strict=True))
    return all(step.pattern == first.pattern and step.leaves == first.leaves for step in others)


def _replaced(solver: Solver, state: Any, fields: list[str]) -> list[int]:
    """The places of the fields that `with_codes` makes the codes."""
    copies = {name: value.clone() for name, value in _tensors(state, fields).items()}
    original, codes = state._replace(**copies), torch.zeros_like(state.codes)
    result = solver.with_codes(original, codes)
    values = [getattr(result, name) for name in fields]
    originals = [getattr(original, name) for name in fields]
    if any(
        value is not codes and value is not old
        for value, old in zip(values, originals, strict=True)
    ):
        raise Unexportable("its with_codes computes a part of the state")
    return [k for k, value in enumerate(values) if value is codes]


def _reached(outputs: Iterable[Any], within: int = ~0, ends: Iterable[Node] = ()) -> list[Node]:
    """The nodes that `outputs` depend on, those before which others need to be computed last; of these that need one of the
    inputs `within`. The search ends at `ends`."""
    ends, reached = set(ends), set()
    waiting = [node for node in outputs if isinstance(node, Node)]
    while waiting:
        node = waiting.pop()
        if node not in reached and (within == ~0 or node.needs & within):
            reached.add(node)
            if node not in ends:
                waiting += node.sources()
    return sorted(reached, key=lambda node: node.order)


class _Step:
    """One iteration: its operations in order, with marks for what may differ from iteration to iteration, its `leaves`."""

    def __init__(self, outputs: list[Node | None], places: dict[Node, int]):
        self.leaves: list[Node | float] = []
        self.names = {node: f"s{place}" for node, place in places.items()}
        self.operations = []
        for node in _reached(outputs, STATE, places):
            if node not in places:
                args = [self._argument(arg, node.op in _ELEMENTWISE) for arg in node.args]
                self.names[node] = f"v{len(self.operations)}"
                self.operations.append(_operation(node, args))
        self.outputs = [None if node is None else self._argument(node) for node in outputs]
        self.pattern = json.dumps([self.operations, self.outputs])

    def _argument(self, value: Any, varies: bool = False) -> Any:
        if isinstance(value, tuple):
            return [self._argument(item) for item in value]
        if isinstance(value, Node) and value in self.names:
            return self.names[value]
        if not isinstance(value, Node) and (not varies or isinstance(value, bool)):
            return _plain(value)
        self.leaves.append(value)
        return f"?{len(self.leaves) - 1} {list(value.shape) if isinstance(value, Node) else ''}"


def _operation(node: Node, args: list) -> list:
    return [node.op, args, list(node.shape), *([1] if node.double else [])]


def _plain(value: Any) -> Any:
    """A value for JSON, which has no infinity."""
    return f"#{value}" if isinstance(value, float) and not np.isfinite(value) else value


def _serialised(record: _Record) -> Graph:
    live = _live(record) | record.visible
    kinds: dict[str, list[tuple[int, _Step]]] = {}
    for t, (nodes, places) in enumerate(zip(record.ends, record.inputs, strict=True)):
        step = _Step([node if k in live else None for k, node in enumerate(nodes)], places)
        kinds.setdefault(step.pattern, []).append((t, step))
    start = [node if k in live else None for k, node in enumerate(record.start)]
    leaves = [leaf for members in kinds.values() for _, step in members for leaf in step.leaves]
    setup = _Setup([*start, *leaves, record.dictionary])
    plan: list[Any] = [None] * len(record.ends)
    steps = [_kind(number, members, setup, plan) for number, members in enumerate(kinds.values())]
    firsts = [node or end for node, end in zip(record.start, record.ends[0], strict=True)]
    data = {
        "setup": setup.operations,
        "start": [setup.argument(node) for node in start],
        "shapes": [node.shape if node and k in live else None for k, node in enumerate(firsts)],
        "steps": steps,
        "plan": plan,
        "dictionary": setup.argument(record.dictionary),
        "replaced": [k for k in record.replaced if k in live],
        "fields": record.fields,
    }
    return Graph(data, setup.parcels)


def _live(record: _Record) -> set[int]:
    """The fields of the state that codes depend on."""
    sources: dict[int, set[int]] = {k: set() for k in range(len(record.fields))}
    for nodes, places in zip(record.ends, record.inputs, strict=True):
        for k, node in enumerate(nodes):
            sources[k] |= {places[n] for n in _reached([node], STATE, places) if n in places}
    live, fresh = set(), {0}
    while fresh:
        live |= fresh
        fresh = {field for k in fresh for field in sources[k]} - live
    return live


def _kind(number: int, members: list[tuple[int, _Step]], setup: _Setup, plan: list) -> dict:
    """The steps of iterations that do the same: the operations of all, and a table of what differs."""
    columns = [
        k
        for k, leaves in enumerate(zip(*(step.leaves for _, step in members), strict=True))
        if any(leaf is not leaves[0] and leaf != leaves[0] for leaf in leaves)
    ]
    rows: dict[tuple, int] = {}
    for t, step in members:
        row = tuple(setup.argument(step.leaves[k]) for k in columns)
        plan[t] = [number, rows.setdefault(row, len(rows))]
    first = members[0][1]
    names = [
        f"t{columns.index(k)}" if k in columns else setup.argument(leaf)
        for k, leaf in enumerate(first.leaves)
    ]

    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(item) for item in value]
        is_mark = isinstance(value, str) and value.startswith("?")
        return names[int(value[1:].split()[0])] if is_mark else value

    operations = [[op, filled(args), *types] for op, args, *types in first.operations]
    return {"operations": operations, "after": filled(first.outputs), "rows": list(map(list, rows))}


class _Setup:
    """The operations that do not depend on the state, in order, and the arrays of the constants."""

    def __init__(self, roots: Iterable[Any]):
        self.names: dict[Node, str] = {}
        self.operations: list[list] = []
        self.parcels: list[Parcel] = []
        for node in _reached(roots):
            args = [self.argument(arg) for arg in node.args]
            if (
                node.numbers is not None
            ):  # matrices of layers travel one by one, because many start out equal
                layers = node.numbers if node.numbers.ndim > 2 else [node.numbers]
                parcels = [_alone(exactly(layer.numpy())) for layer in layers]
                self.parcels += parcels
                args = [parcel.name for parcel in parcels]
            self.names[node] = f"n{len(self.operations)}"
            self.operations.append(_operation(node, args))

    def argument(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return [self.argument(item) for item in value]
        return self.names[value] if isinstance(value, Node) else _plain(value)
