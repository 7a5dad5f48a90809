"""What tensor code does to a picture x and to λ, recorded as a graph of few operations, while it runs once on one row.

Every operation runs as usual, and its result is remembered as a `Node`: an operation, what it was given, and its shape. A
node says of what it depends. What depends on neither x nor λ nor the state of an iteration is a constant, which Python may
read and branch on as it likes; of all else, Python may ask for no number (`Unexportable`), because the record would hold for
this one picture alone. Views are recorded as strides, and writing into a tensor as a new node, so that a graph has neither.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
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
    """A result. `given` holds the numbers of what has no operation: a parameter, or what Python computed."""

    op: str
    args: tuple
    shape: tuple[int, ...]
    needs: int
    double: bool = False
    given: Tensor | None = None
    order: int = 0  # of those that it depends on it is smaller

    def sources(self) -> list[Node]:
        """The nodes that it was given."""
        return _nodes(self.args)


@dataclass(slots=True)
class _Known:
    """A tensor that the code has, kept alive so that no other takes its identity, and its node. A view knows its base, the
    base's node when it was taken, and where its entries stand there."""

    tensor: Tensor
    node: Node
    phase: int
    base: Tensor | None = None
    seen: Node | None = None
    place: tuple = ()


class _Guard(TorchFunctionMode):
    """Refuses what would read the numbers of a tensor that is not constant."""

    def __init__(self, recorder: Recorder):
        super().__init__()
        self.recorder = recorder

    def __torch_function__(
        self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        if getattr(func, "__name__", "") in _READ and args and self.recorder.moves(args[0]):
            raise Unexportable("its Python reads numbers that depend on the picture or on λ")
        return func(*args, **(kwargs or {}))


class Recorder(TorchDispatchMode):
    """Records inside `with recorder.running():`, one thread's operations. `lowering` is what an ATen operation becomes."""

    def __init__(self, lowerings: dict[str, Callable]):
        super().__init__()
        self.lowerings = lowerings
        self.known: dict[int, _Known] = {}
        self.nodes: dict[tuple, Node] = {}  # equal operations on equal things are one node
        self.count = 0
        self.moving: set[int] = set()  # where the numbers of what is not constant stand in memory
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
        self._put(
            tensor,
            self._new("input", (name,), tuple(tensor.shape), needs, tensor.dtype == torch.float64),
        )
        return tensor

    def _new(self, *parts: Any) -> Node:
        self.count += 1
        node = Node(*parts)
        node.order = self.count
        return node

    def moves(self, tensor: Any) -> bool:
        found = self.known.get(id(tensor))
        return found is not None and found.node.needs > 0

    def node_of(self, tensor: Tensor) -> Node:
        """The node of a tensor as it is now. A tensor that no operation has made is a constant."""
        found = self.known.get(id(tensor))
        if found is None:
            return self._constant(tensor)
        if found.base is not None:
            now = self.node_of(found.base)
            if now is not found.seen:  # the base was written into since this view was taken
                found.node, found.seen = self.strided(now, *found.place), now
        return found.node

    def _constant(self, tensor: Tensor) -> Node:
        if tensor.numel() and tensor.untyped_storage().data_ptr() in self.moving:
            raise Unexportable("its Python reads numbers that depend on the picture or on λ")
        node = self.given(tensor)
        self._put(tensor, node)
        return node

    def given(self, tensor: Tensor) -> Node:
        """The node of the numbers of a constant. Equal numbers are one node."""
        if tensor.numel() > LARGEST:
            raise Unexportable(f"it has a constant of {tensor.numel():,} numbers")
        if not torch.isfinite(tensor).all():
            raise Unexportable("it has constants that are not finite")
        values = tensor.detach().clone(memory_format=torch.contiguous_format)
        content = hashlib.blake2b(
            values.view(-1).view(torch.uint8).numpy(), digest_size=16
        ).digest()
        key = ("given", content, tuple(tensor.shape), tensor.dtype)
        if key not in self.nodes:
            self.nodes[key] = self._new(
                "given", (), tuple(tensor.shape), 0, tensor.dtype == torch.float64, values
            )
        return self.nodes[key]

    def _put(
        self, tensor: Tensor, node: Node, base: Tensor | None = None, place: tuple = ()
    ) -> None:
        seen = None if base is None else self.node_of(base)
        self.known[id(tensor)] = _Known(tensor, node, self.phase, base, seen, place)
        if node.needs and tensor.numel():
            self.moving.add(tensor.untyped_storage().data_ptr())

    # Nodes

    def node(self, op: str, *args: Any, shape: tuple[int, ...], double: bool | None = None) -> Node:
        """The node of an operation on nodes, numbers and tuples of these, in float64 where one of them is, by default."""
        key = (op, args, shape, double)
        if key not in self.nodes:
            precise = any(node.double for node in _nodes(args)) if double is None else double
            self.nodes[key] = self._new(op, args, tuple(shape), _needs(args), precise)
        return self.nodes[key]

    def strided(
        self, a: Node, shape: tuple[int, ...], strides: tuple[int, ...], offset: int
    ) -> Node:
        """The entries of a node at these places, were it laid out row by row."""
        whole = shape == a.shape and offset == 0 and strides == in_rows(shape)
        return a if whole else self.node("strided", a, shape, strides, offset, shape=shape)

    def each(self, op: str, *args: Node | float) -> Node:
        """The node of an elementwise operation."""
        shape = np.broadcast_shapes(
            *(arg.shape for arg in args if isinstance(arg, Node))
        )  # torch's imports sympy
        return self.node(op, *args, shape=tuple(shape))

    # Recording

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        kwargs = kwargs or {}
        name, draws, written, returns_view, numbers = _told(func)
        if draws:
            raise Unexportable(f"it draws random numbers ({name})")
        changed = [
            args[k] if k < len(args) else kwargs[key]
            for k, key in written
            if k < len(args) or key in kwargs
        ]
        lowering = self.lowerings.get(name if name in self.lowerings else name.removesuffix("_"))
        is_view = not changed and returns_view
        if lowering is None and not is_view:
            simpler = self._simpler(func, args, kwargs)
            if simpler is not NotImplemented:
                return simpler
        given, named = self._given(args), {key: self._given(each) for key, each in kwargs.items()}
        moving = _needs(given) | _needs(tuple(named.values()))
        if moving and numbers:
            raise Unexportable("its Python asks for a number that depends on the picture or on λ")
        if moving and lowering is None and not is_view:
            raise Unexportable(f"the browser has no operation {name}")
        out = func(*args, **kwargs)
        if is_view:
            self._view(func, args, kwargs, out)
        elif changed:
            if len(changed) > 1 or func._schema.returns and out is not changed[0]:
                raise Unexportable(f"the browser has no operation {name}")
            self._write(
                changed[0], lowering(self, out, *given, **named) if lowering else self.given(out)
            )
        else:
            self._made(out, lowering(self, out, *given, **named) if lowering else None)
        return out

    def _given(self, value: Any) -> Any:
        """Arguments with nodes instead of tensors."""
        if isinstance(value, Tensor):
            return self.node_of(value)
        return (
            tuple(self._given(each) for each in value) if isinstance(value, tuple | list) else value
        )

    def _simpler(self, func: Any, args: tuple, kwargs: dict) -> Any:
        """What an operation returns that torch can write with simpler ones; NotImplemented for others."""
        with self:
            out = func.decompose(*args, **kwargs)
        if out is not NotImplemented or not _needs(
            (self._given(args), *map(self._given, kwargs.values()))
        ):
            return out
        from torch._decomp import (
            decomposition_table,
        )  # here: it takes a second to import, and few solvers need it

        if func not in decomposition_table:
            return NotImplemented
        with self:
            return decomposition_table[func](*args, **kwargs)

    def _made(self, out: Any, nodes: Any) -> None:
        if isinstance(out, Tensor):
            self._put(out, self.given(out) if nodes is None else nodes)
        elif isinstance(out, tuple | list):
            for k, each in enumerate(out):
                self._made(each, None if nodes is None else nodes[k])

    def _view(self, func: Any, args: tuple, kwargs: dict, out: Any) -> None:
        """Record views as where their entries stand in their base, were it laid out row by row."""
        base, rest = args[0], args[1:]
        if func._schema.name == "aten::as_strided":
            raise Unexportable("the browser has no operation as_strided")
        alike, start = out, base.storage_offset()
        if not base.is_contiguous():
            alike, start = (
                func(torch.empty(base.shape, device="meta", dtype=base.dtype), *rest, **kwargs),
                0,
            )
        pairs = [(out, alike)] if isinstance(out, Tensor) else zip(out, alike, strict=True)
        for each, like in pairs:
            if each is base:
                continue
            if each.dtype != base.dtype:
                raise Unexportable("it reads the bits of numbers")
            place = tuple(like.shape), tuple(like.stride()), like.storage_offset() - start
            self._put(each, self.strided(self.node_of(base), *place), base, place)

    def _write(self, tensor: Tensor, node: Node) -> None:
        """A tensor has become another node, and with it all that it is a view of."""
        found = self.known[id(tensor)]
        if found.phase != self.phase:
            raise Unexportable("it writes into a tensor from before the iteration")
        if node.shape != found.node.shape:
            raise Unexportable("the browser cannot write what it writes into a tensor")
        found.node = node
        if node.needs and tensor.numel():
            self.moving.add(tensor.untyped_storage().data_ptr())
        if found.base is not None:
            before = self.node_of(found.base)
            self._write(
                found.base, self.node("strided_set", before, node, *found.place, shape=before.shape)
            )
            found.seen = self.known[id(found.base)].node


def in_rows(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a tensor that is laid out row by row."""
    return tuple(math.prod(shape[k + 1 :]) for k in range(len(shape)))


@cache
def _told(func: Any) -> tuple[str, bool, list[tuple[int, str]], bool, bool]:
    """What is known of an operation: its name, whether it draws random numbers, the arguments that it writes into, whether
    it returns a view, and whether it returns anything but tensors."""
    schema = func._schema
    written = [
        (k, each.name)
        for k, each in enumerate(schema.arguments)
        if each.alias_info and each.alias_info.is_write
    ]
    view = any(each.alias_info is not None for each in schema.returns)
    numbers = not all("Tensor" in str(each.type) for each in schema.returns)
    return (
        schema.name.removeprefix("aten::"),
        torch.Tag.nondeterministic_seeded in func.tags,
        written,
        view,
        numbers,
    )


def _nodes(args: Any) -> list[Node]:
    if isinstance(args, Node):
        return [args]
    found = []
    if isinstance(args, tuple | list):
        for each in args:
            if isinstance(each, Node):
                found.append(each)
            elif isinstance(each, tuple | list):
                found += _nodes(each)
    return found


def _needs(args: Any) -> int:
    needs = 0
    for node in _nodes(args):
        needs |= node.needs
    return needs
