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
import re
import threading
from collections.abc import Callable, Iterable
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
from sc2viz.browser.wire_format import Parcel, exactly
from sc2viz.solvers import Solver, digest, failing

LIMIT = T[-1]  # iterations
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
        """The data as they travel, under a name as arrays have."""
        return Parcel.named("json", json.dumps(self.data, ensure_ascii=False).encode(), ())


_parcels: WeakValueDictionary[str, Parcel] = WeakValueDictionary()


def _alone(parcel: Parcel) -> Parcel:
    """The parcel of this name that a graph has already: most graphs have the same dictionary."""
    return _parcels.setdefault(parcel.name, parcel)


def export(solver: Solver) -> Graph:
    """The graph of a solver; `Unexportable`, with the reason in one sentence, where there is none. Graphs are kept by what
    the solver was built from and its weights."""
    graph = _cached_export(solver)
    if isinstance(graph, Unexportable):
        raise Unexportable(str(graph))
    return graph


@cached(LRUCache(GRAPHS), key=lambda solver: (type(solver), digest(solver)), lock=threading.Lock())
def _cached_export(solver: Solver) -> Graph | Unexportable:
    try:
        return export_anew(solver)
    except Unexportable as error:
        return error


def export_anew(solver: Solver) -> Graph:
    """The same as `export`, but that nothing is kept."""
    search, dictionary = solver.search(), solver.dictionary.detach()
    if search is not None:
        parcel = _alone(exactly(dictionary.cpu().numpy()))
        return Graph({"search": search, "dictionary": parcel.label()}, [parcel])
    try:
        if dictionary.dtype != torch.float32:
            raise Unexportable(f"its numbers are {dictionary.dtype}")
        with torch.no_grad():
            return _record(solver)
    except Exception as error:  # whatever its own code raises
        cls, place, reason = type(solver), "", str(error)
        if failing.is_guest(cls):
            place = failing.describe_place(failing.line_of(error, failing.guest_files(cls)))
        if not isinstance(error, Unexportable):
            reason = f"it failed: {type(error).__name__}: {error}"
        label = f"{solver.label} is not computed in the browser{place and f' ({place})'}"
        raise Unexportable(f"{label}, because {reason}") from None


def _record(solver: Solver) -> Graph:
    """Run the solver once on one row, and write down what it did."""
    recorder, d_x = Recorder(LOWERINGS, SIMPLER), len(solver.dictionary)
    row = torch.rand(1, d_x, generator=torch.Generator().manual_seed(0), dtype=torch.float32)
    x = recorder.input(row, "x", PICTURE)
    lam = recorder.input(torch.tensor(_LAM, dtype=torch.float32), "lam", LAMBDA)
    with recorder.running():
        matrix = solver.dictionary.detach()
        drive, state = solver.drive(x, lam), solver.start(x)
    fields = ["codes", *(name for name in state._fields if name not in ("t", "codes"))]

    def nodes(state: Any) -> list[Node | None]:
        values = [getattr(state, name) for name in fields]
        return [None if value is None else recorder.node_of(value) for value in values]

    # The nodes of the state's fields at the start and after each iteration, and those from which an iteration reads, with
    # the place of their field
    start, ends, inputs = nodes(state), [], []
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
        # Two iterations that are the same, and do not ask which they are, stand for all later ones.
        if t and not used and _step(ends[-1], inputs[-1]) == _step(ends[-2], inputs[-2]):
            break
    dictionary = recorder.node_of(matrix)

    # The fields that pages show, and those on which these and the codes depend
    shown_names = {"codes", *solver.traits.gates, "candidate", "point"}
    live: set[int] = set()
    new = {k for k, name in enumerate(fields) if name in shown_names}
    while new:
        live |= new
        sources: set[int] = set()
        for outputs, places in zip(ends, inputs, strict=True):
            reached = _reached([outputs[k] for k in new], STATE, places)
            sources |= {places[node] for node in reached if node in places}
        new = sources - live

    def live_nodes(outputs: list[Node | None]) -> list[Node | None]:
        return [node if k in live else None for k, node in enumerate(outputs)]

    # The steps of iterations that do the same: the operations of all, and a table of what differs
    kinds: dict[str, list[tuple[int, list]]] = {}
    for t, (outputs, places) in enumerate(zip(ends, inputs, strict=True)):
        pattern, leaves = _step(live_nodes(outputs), places)
        kinds.setdefault(pattern, []).append((t, leaves))
    all_leaves = [leaf for steps in kinds.values() for _, leaves in steps for leaf in leaves]
    setup, parcels, argument = _set_up([*live_nodes(start), *all_leaves, dictionary])
    plan: list[Any] = [None] * len(ends)
    steps = []
    for pattern, members in kinds.items():
        rows = [list(map(argument, leaves)) for _, leaves in members]
        columns = [k for k, values in enumerate(zip(*rows, strict=True)) if len({*values}) > 1]
        table: dict[tuple, int] = {}
        for (t, _), row in zip(members, rows, strict=True):
            plan[t] = [len(steps), table.setdefault(tuple(row[k] for k in columns), len(table))]
        names = [f"t{columns.index(k)}" if k in columns else leaf for k, leaf in enumerate(rows[0])]
        segments = _MARK.split(pattern)
        segments[1::2] = [json.dumps(names[int(k)]) for k in segments[1::2]]
        operations, results = json.loads("".join(segments))
        steps.append({"operations": operations, "after": results, "rows": list(map(list, table))})
    firsts = [node or end for node, end in zip(start, ends[0], strict=True)]
    data = {
        "setup": setup,
        "start": list(map(argument, live_nodes(start))),
        "shapes": [node and node.shape for node in live_nodes(firsts)],
        "steps": steps,
        "plan": plan,
        "dictionary": argument(dictionary),
        "replaced": [k for k in replaced if k in live],
        "fields": fields,
    }
    return Graph(data, parcels)


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


def _replaced(solver: Solver, state: Any, fields: list[str]) -> list[int]:
    """The places of the fields that `with_codes` makes the codes."""
    copies = {name: value.clone() for name, value in _tensors(state, fields).items()}
    original, codes = state._replace(**copies), torch.zeros_like(state.codes)
    result = solver.with_codes(original, codes)
    values = [getattr(result, name) for name in fields]
    for name, value in zip(fields, values, strict=True):
        if value is not codes and value is not getattr(original, name):
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


_MARK = re.compile(r'"\?(\d+) [^"]*"')


def _step(outputs: list[Node | None], places: dict[Node, int]) -> tuple[str, list[Node | float]]:
    """One iteration: its operations in order and what they make of the state, as JSON, with marks for what may differ from
    iteration to iteration, its leaves; and these."""
    leaves: list[Node | float] = []
    names = {node: f"s{place}" for node, place in places.items()}
    operations = []

    def argument(value: Any, varies: bool = False) -> Any:
        if isinstance(value, tuple):
            return [argument(item) for item in value]
        if isinstance(value, Node) and value in names:
            return names[value]
        if not isinstance(value, Node) and (not varies or isinstance(value, bool)):
            return _plain(value)
        leaves.append(value)
        return f"?{len(leaves) - 1} {list(value.shape) if isinstance(value, Node) else ''}"

    for node in _reached(outputs, STATE, places):
        if node not in places:
            args = [argument(arg, node.op in _ELEMENTWISE) for arg in node.args]
            names[node] = f"v{len(operations)}"
            operations.append(_operation(node, args))
    return json.dumps([operations, [argument(node) for node in outputs]]), leaves


def _operation(node: Node, args: list) -> list:
    return [node.op, args, list(node.shape), *([1] if node.double else [])]


def _plain(value: Any) -> Any:
    """A value for JSON, which has no infinity."""
    return f"#{value}" if isinstance(value, float) and not np.isfinite(value) else value


def _set_up(roots: Iterable[Any]) -> tuple[list, list[Parcel], Callable[[Any], Any]]:
    """The operations that do not depend on the state, in order; the arrays of the constants; and what stands for a node or
    a number among the arguments of others."""
    names: dict[Node, str] = {}
    operations: list[list] = []
    parcels: list[Parcel] = []

    def argument(value: Any) -> Any:
        if isinstance(value, tuple):
            return list(map(argument, value))
        return names[value] if isinstance(value, Node) else _plain(value)

    for node in _reached(roots):
        args = list(map(argument, node.args))
        if node.numbers is not None:
            # Matrices of layers travel one by one, because many start out equal.
            layers = node.numbers if node.numbers.ndim > 2 else [node.numbers]
            arrays = [_alone(exactly(layer.numpy())) for layer in layers]
            parcels += arrays
            args = [parcel.name for parcel in arrays]
        names[node] = f"n{len(operations)}"
        operations.append(_operation(node, args))
    return operations, parcels, argument
