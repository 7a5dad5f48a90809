"""What tensor code does to a picture x and to λ, recorded as a graph of few operations, while it runs once on one row.

Every operation runs as usual, and its result is remembered as a `Node`: an operation, what it was given, and its shape. A
node says of what it depends. What depends on neither x nor λ nor the state of an iteration is a constant, which Python may
read and branch on as it likes; of all else, Python may ask for no number (`Unexportable`), because the record would hold for
this one picture alone. Views are recorded as strides, and writing into a tensor as a new node, so that a graph has neither.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

LAMBDA, PICTURE, STATE = 1, 2, 4  # what a node depends on, as bits
LARGEST = 4_000_000  # entries of a constant that Python computes because the browser has no operation for it
# What reads numbers past the record.
_READ = {
    "tolist",
    "numpy",
    "__array__",
    "data_ptr",
    "untyped_storage",
    "storage",
    "__dlpack__",
    "__cuda_array_interface__",
}


class Unexportable(ValueError):
    """A solver cannot become a graph; the message is the reason in one sentence, without its end."""


@dataclass(eq=False, slots=True)
class Node:
    """A result. `numbers` holds the numbers of what has no operation: a parameter, or what Python computed."""

    op: str
    args: tuple
    shape: tuple[int, ...]
    needs: int
    double: bool = False
    numbers: Tensor | None = None
    # Greater than those of the nodes that it depends on
    order: int = field(default_factory=itertools.count().__next__)

    def sources(self) -> list[Node]:
        """The nodes that it was given."""
        return _nodes(self.args)


@dataclass(slots=True)
class _Known:
    """A tensor that the code has, kept alive so that no other takes its identity, and its node. A view knows its base, the
    base's node when it was taken, `base_node`, and where its entries stand there."""

    tensor: Tensor
    node: Node
    phase: int
    base: Tensor | None = None
    base_node: Node | None = None
    place: tuple = ()


class _Guard(TorchFunctionMode):
    """Refuses what would read the numbers of a tensor that is not constant."""

    def __init__(self, recorder: Recorder):
        super().__init__()
        self.recorder = recorder

    def __torch_function__(
        self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        if getattr(func, "__name__", "") in _READ and args and self.recorder.varies(args[0]):
            raise Unexportable("its Python reads numbers that depend on the picture or on λ")
        return func(*args, **(kwargs or {}))


class Recorder(TorchDispatchMode):
    """Records inside `with recorder.running():`, one thread's operations. `lowerings` is what ATen operations become, and
    `simpler` has tensor code in whose place others are recorded."""

    def __init__(self, lowerings: dict[str, Callable], simpler: dict[str, Callable]):
        super().__init__()
        self.lowerings, self.simpler = lowerings, simpler
        self.known: dict[int, _Known] = {}
        self.nodes: dict[tuple, Node] = {}  # equal operations on equal things are one node
        self.varying: set[int] = set()  # where the numbers of what is not constant stand in memory
        self.phase = 0  # tensors of an earlier phase may not be written into

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # torch would import its compiler, seconds and a hundred megabytes, to keep it away from here

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        with self, _Guard(self):
            yield

    # What is known

    def input(self, tensor: Tensor, name: str, needs: int) -> Tensor:
        """Make a tensor an input of the graph."""
        double = tensor.dtype == torch.float64
        self._put(tensor, Node("input", (name,), tuple(tensor.shape), needs, double))
        return tensor

    def varies(self, tensor: Any) -> bool:
        entry = self.known.get(id(tensor))
        return entry is not None and entry.node.needs > 0

    def node_of(self, tensor: Tensor) -> Node:
        """The node of a tensor as it is now. A tensor that no operation has made is a constant."""
        entry = self.known.get(id(tensor))
        if entry is None:
            if tensor.numel() and tensor.untyped_storage().data_ptr() in self.varying:
                raise Unexportable("its Python reads numbers that depend on the picture or on λ")
            return self._put(tensor, self.constant(tensor))
        if entry.base is not None:
            base_node = self.node_of(entry.base)
            # Where the base was written into since this view was taken
            if base_node is not entry.base_node:
                entry.node = self.strided(base_node, *entry.place)
                entry.base_node = base_node
        return entry.node

    def constant(self, tensor: Tensor) -> Node:
        """The node of the numbers of a constant. Equal numbers are one node."""
        if tensor.numel() > LARGEST:
            raise Unexportable(f"it has a constant of {tensor.numel():,} numbers")
        if not torch.isfinite(tensor).all():
            raise Unexportable("it has constants that are not finite")
        values = tensor.detach().clone(memory_format=torch.contiguous_format)
        content = hashlib.blake2b(values.view(-1).view(torch.uint8).numpy(), digest_size=16)
        key = ("given", content.digest(), tensor.shape, tensor.dtype)
        if key not in self.nodes:
            double = tensor.dtype == torch.float64
            self.nodes[key] = Node("given", (), tuple(tensor.shape), 0, double, values)
        return self.nodes[key]

    def _put(
        self, tensor: Tensor, node: Node, base: Tensor | None = None, place: tuple = ()
    ) -> Node:
        base_node = None if base is None else self.node_of(base)
        self.known[id(tensor)] = _Known(tensor, node, self.phase, base, base_node, place)
        if node.needs and tensor.numel():
            self.varying.add(tensor.untyped_storage().data_ptr())
        return node

    # Nodes

    def node(self, op: str, *args: Any, shape: tuple[int, ...], double: bool | None = None) -> Node:
        """The node of an operation on nodes, numbers and tuples of these, in float64 where one of them is, by default."""
        key = (op, args, shape, double)
        if key not in self.nodes:
            precise = any(node.double for node in _nodes(args)) if double is None else double
            self.nodes[key] = Node(op, args, tuple(shape), _needs(args), precise)
        return self.nodes[key]

    def strided(
        self, a: Node, shape: tuple[int, ...], strides: tuple[int, ...], offset: int
    ) -> Node:
        """The entries of a node at these places, were it laid out row by row."""
        is_same = shape == a.shape and offset == 0 and strides == in_rows(shape)
        return a if is_same else self.node("strided", a, shape, strides, offset, shape=shape)

    def elementwise(self, op: str, *args: Node | float) -> Node:
        """The node of an elementwise operation."""
        # NumPy's function, because torch's imports sympy
        return self.node(op, *args, shape=np.broadcast_shapes(*(n.shape for n in _nodes(args))))

    # Recording

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        kwargs = kwargs or {}
        name, draws, parameters, written, returns_view, numbers = _describe(func)
        if draws:
            raise Unexportable(f"it draws random numbers ({name})")
        arguments = dict(zip(parameters, args, strict=False)) | kwargs
        changed = [arguments[parameter] for parameter in written if parameter in arguments]
        lowering, simpler = (
            table.get(name) or table.get(name.removesuffix("_"))
            for table in (self.lowerings, self.simpler)
        )
        is_view = not changed and returns_view
        inputs, options = self._to_nodes(args), {k: self._to_nodes(v) for k, v in kwargs.items()}
        needs = _needs([inputs, *options.values()])
        if lowering is None and not is_view:
            with self:
                out = simpler(*args, **kwargs) if simpler else func.decompose(*args, **kwargs)
                if out is NotImplemented and needs:
                    # Here, because it takes a second to import, and few solvers need it
                    from torch._decomp import decomposition_table

                    if func in decomposition_table:
                        out = decomposition_table[func](*args, **kwargs)
                if out is not NotImplemented:
                    return args[0].copy_(out) if simpler and changed else out
        if needs and numbers:
            raise Unexportable("its Python asks for a number that depends on the picture or on λ")
        if needs and lowering is None and not is_view:
            raise Unexportable(f"the browser has no operation {name}")
        out = func(*args, **kwargs)
        if is_view:
            self._view(func, args, kwargs, out)
            return out
        nodes = lowering(self, out, *inputs, **options) if lowering else None
        if not changed:
            self._record(out, nodes)
        elif len(changed) > 1 or func._schema.returns and out is not changed[0]:
            raise Unexportable(f"the browser has no operation {name}")
        else:
            self._write(changed[0], nodes or self.constant(out))
        return out

    def _to_nodes(self, value: Any) -> Any:
        """Arguments with nodes instead of tensors."""
        if isinstance(value, Tensor):
            return self.node_of(value)
        return tuple(map(self._to_nodes, value)) if isinstance(value, tuple | list) else value

    def _record(self, out: Any, nodes: Any) -> None:
        if isinstance(out, Tensor):
            self._put(out, self.constant(out) if nodes is None else nodes)
        elif isinstance(out, tuple | list):
            for tensor, node in zip(out, nodes or [None] * len(out), strict=True):
                self._record(tensor, node)

    def _view(self, func: Any, args: tuple, kwargs: dict, out: Any) -> None:
        """Record views as where their entries stand in their base, were it laid out row by row."""
        base = args[0]
        if func._schema.name == "aten::as_strided":
            raise Unexportable("the browser has no operation as_strided")
        layout, start = out, base.storage_offset()
        if not base.is_contiguous():
            rows = torch.empty(base.shape, device="meta", dtype=base.dtype)
            layout, start = func(rows, *args[1:], **kwargs), 0
        pairs = [(out, layout)] if isinstance(out, Tensor) else zip(out, layout, strict=True)
        for view, like in pairs:
            if view is base:
                continue
            if view.dtype != base.dtype:
                raise Unexportable("it reads the bits of numbers")
            place = tuple(like.shape), tuple(like.stride()), like.storage_offset() - start
            self._put(view, self.strided(self.node_of(base), *place), base, place)

    def _write(self, tensor: Tensor, node: Node) -> None:
        """A tensor has become another node, and with it all that it is a view of."""
        entry = self.known[id(tensor)]
        if entry.phase != self.phase:
            raise Unexportable("it writes into a tensor from before the iteration")
        if node.shape != entry.node.shape:
            raise Unexportable("the browser cannot write what it writes into a tensor")
        if entry.base is not None:
            base = self.node_of(entry.base)
            filled = self.node("strided_set", base, node, *entry.place, shape=base.shape)
            self._write(entry.base, filled)
        self._put(tensor, node, entry.base, entry.place)


def in_rows(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a tensor that is laid out row by row."""
    return tuple(math.prod(shape[k + 1 :]) for k in range(len(shape)))


@functools.cache
def _describe(func: Any) -> tuple[str, bool, list[str], list[str], bool, bool]:
    """What is known of an operation: its name, whether it draws random numbers, its arguments, those that it writes into,
    whether it returns a view, and whether it returns anything but tensors."""
    schema = func._schema
    written = [a.name for a in schema.arguments if a.alias_info and a.alias_info.is_write]
    draws = torch.Tag.nondeterministic_seeded in func.tags
    is_view = any(result.alias_info is not None for result in schema.returns)
    has_numbers = not all("Tensor" in str(result.type) for result in schema.returns)
    parameters = [argument.name for argument in schema.arguments]
    return schema.name.removeprefix("aten::"), draws, parameters, written, is_view, has_numbers


def _nodes(args: Any) -> list[Node]:
    if isinstance(args, Node):
        return [args]
    return [n for arg in args for n in _nodes(arg)] if isinstance(args, tuple | list) else []


def _needs(args: Any) -> int:
    return functools.reduce(operator.or_, (node.needs for node in _nodes(args)), 0)
