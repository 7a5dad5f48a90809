"""What operations of torch become in a graph: a few operations, for which solve.js has one function each.

A lowering takes the recorder, the tensor that torch computed, which has the shape of the result, and the arguments, with
nodes instead of tensors; it returns a node, or one for each result.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from sc2viz.browser.recorder import Node, Recorder, Unexportable, in_rows

UNARY = ("neg", "abs", "sign", "exp", "expm1", "log", "log2", "log10", "log1p", "sqrt", "sin", "cos", "tanh", "sigmoid",
       "floor", "ceil", "round", "trunc", "not")  # fmt: skip
BINARY = (
    "add",
    "sub",
    "mul",
    "div",
    "pow",
    "maximum",
    "minimum",
    "gt",
    "lt",
    "ge",
    "le",
    "eq",
    "ne",
    "and",
    "or",
    "remainder",
)
_MASKS = {"not", "gt", "lt", "ge", "le", "eq", "ne", "and", "or"}
# All operations of a graph; solve.js has the same.
OPERATIONS = frozenset({
    *UNARY, *BINARY, "where", "full", "copy", "strided", "strided_set", "cat", "mm", "sum", "amax", "amin", "prod", "argmax",
    "order", "index_select", "gather", "scatter", "scatter_add", "cumsum",
})  # fmt: skip
_SAME = {
    "logical_not": "not",
    "bitwise_not": "not",
    "logical_and": "and",
    "bitwise_and": "and",
    "logical_or": "or",
    "bitwise_or": "or",
    "sgn": "sign",
    "fmax": "maximum",
    "fmin": "minimum",
}

Number = Node | float


def _times(g: Recorder, a: Number, factor: float) -> Number:
    if factor == 1:
        return a
    return g.elementwise("mul", a, factor) if isinstance(a, Node) else a * factor


def _div(g: Recorder, out: Tensor, a: Number, b: Number, rounding_mode: str | None = None) -> Node:
    quotient = g.elementwise("div", a, b)
    return quotient if rounding_mode is None else g.elementwise(rounding_mode, quotient)


def _clamp(
    g: Recorder, out: Tensor, a: Node, min: Number | None = None, max: Number | None = None
) -> Node:
    if min is not None:
        a = g.elementwise("maximum", a, min)
    return a if max is None else g.elementwise("minimum", a, max)


def _softplus(g: Recorder, out: Tensor, a: Node, beta: float = 1, threshold: float = 20) -> Node:
    scaled = _times(g, a, beta)
    remainder = g.elementwise(
        "log1p", g.elementwise("exp", g.elementwise("neg", g.elementwise("abs", scaled)))
    )
    total = g.elementwise("add", g.elementwise("maximum", scaled, 0), remainder)
    return total if beta == 1 else g.elementwise("div", total, beta)


def _lerp(g: Recorder, out: Tensor, a: Node, b: Node, weight: Number) -> Node:
    """Towards the end that is nearer, as torch does it."""
    difference = g.elementwise("sub", b, a)
    if not isinstance(weight, Node) and weight >= 0.5:
        return g.elementwise("sub", b, g.elementwise("mul", difference, 1 - weight))
    return g.elementwise("add", a, g.elementwise("mul", difference, weight))


def _mm(g: Recorder, out: Tensor, a: Node, b: Node) -> Node:
    """Of matrices, or of as many pairs of them."""
    return g.node("mm", a, b, shape=(*a.shape[:-1], b.shape[-1]))


def _addmm(
    g: Recorder, out: Tensor, a: Number, b: Node, c: Node, beta: float = 1, alpha: float = 1
) -> Node:
    return g.elementwise("add", _times(g, a, beta), _times(g, _mm(g, out, b, c), alpha))


def _addr(
    g: Recorder, out: Tensor, a: Number, b: Node, c: Node, beta: float = 1, alpha: float = 1
) -> Node:
    product = g.elementwise("mul", _shaped(g, b, (*b.shape, 1)), c)
    return g.elementwise("add", _times(g, a, beta), _times(g, product, alpha))


def _shaped(g: Recorder, a: Node, shape: tuple[int, ...]) -> Node:
    """The same numbers in another shape."""
    return a if a.shape == shape else g.strided(a, shape, in_rows(shape), 0)


def _dims(a: Node, dim: int | Sequence[int] | None) -> tuple[int, ...]:
    rank, dims = len(a.shape), [dim] if isinstance(dim, int) else dim or range(len(a.shape))
    return tuple(sorted(k % rank for k in dims)) if rank else ()


def _over(g: Recorder, op: str, a: Node, dim: int | Sequence[int] | None, keep: bool) -> Node:
    dims = _dims(a, dim)
    ones = tuple(1 if k in dims else size for k, size in enumerate(a.shape))
    reduced = g.node(op, a, dims, shape=ones)
    shape = tuple(size for k, size in enumerate(a.shape) if k not in dims)
    return reduced if keep else _shaped(g, reduced, shape)


def _reduce(op: str) -> Callable[..., Node]:
    def lower(
        g: Recorder, out: Tensor, a: Node, dim: Any = None, keepdim: bool = False, dtype: Any = None
    ) -> Node:
        return _over(g, op, a, dim, keepdim)

    return lower


def _mean(
    g: Recorder, out: Tensor, a: Node, dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Node:
    count = math.prod(a.shape[k] for k in _dims(a, dim))
    return g.elementwise("div", _over(g, "sum", a, dim, keepdim), count)


def _norm(
    g: Recorder,
    out: Tensor,
    a: Node,
    ord: float = 2,
    dim: Any = None,
    keepdim: bool = False,
    **_: Any,
) -> Node:
    size = g.elementwise("abs", a)
    if ord == math.inf:
        return _over(g, "amax", size, dim, keepdim)
    if ord == 0:
        return _over(g, "sum", g.elementwise("ne", a, 0), dim, keepdim)
    if ord == 1:
        return _over(g, "sum", size, dim, keepdim)
    total = _over(
        g,
        "sum",
        g.elementwise("mul", a, a) if ord == 2 else g.elementwise("pow", size, ord),
        dim,
        keepdim,
    )
    return g.elementwise("sqrt", total) if ord == 2 else g.elementwise("pow", total, 1 / ord)


def _extreme(op: str, sign: int) -> Callable[..., Any]:
    """`max` and `min` of all, of one dimension with its places, or of two tensors."""

    def lower(g: Recorder, out: Any, a: Node, dim: Any = None, keepdim: bool = False) -> Any:
        if isinstance(dim, Node):
            return g.elementwise("maximum" if sign > 0 else "minimum", a, dim)
        if isinstance(out, Tensor):
            return _over(g, op, a, dim, keepdim)
        return _over(g, op, a, dim, keepdim), _over(g, "argmax", _times(g, a, sign), dim, keepdim)

    return lower


def _argmax(sign: int) -> Callable[..., Node]:
    def lower(
        g: Recorder, out: Tensor, a: Node, dim: int | None = None, keepdim: bool = False
    ) -> Node:
        if dim is None:
            a, dim = _shaped(g, a, (math.prod(a.shape),)), 0
        return _over(g, "argmax", _times(g, a, sign), dim, keepdim)

    return lower


def _first(
    g: Recorder, a: Node, dim: int, largest: bool, start: int, count: int
) -> tuple[Node, Node]:
    """Of the entries along a dimension in order, `count` from the one at `start` on, and their places."""
    dim %= max(len(a.shape), 1)
    shape = tuple(count if k == dim else size for k, size in enumerate(a.shape))
    places = g.node("order", a, dim, bool(largest), start, count, shape=shape, double=False)
    return g.node("gather", a, dim, places, shape=shape), places


def _sort(
    g: Recorder,
    out: Any,
    a: Node,
    *args: Any,
    dim: int = -1,
    descending: bool = False,
    stable: Any = None,
) -> tuple:
    args = args[1:] if len(args) == 3 else args  # sort.stable has `stable` first
    dim, descending = (*args, dim, descending)[:2] if len(args) < 2 else args
    return _first(g, a, dim, descending, 0, a.shape[dim])


def _kthvalue(
    g: Recorder, out: Any, a: Node, k: int, dim: int = -1, keepdim: bool = False
) -> tuple:
    pairs = zip(_first(g, a, dim, False, k - 1, 1), out, strict=True)
    return tuple(_shaped(g, node, tuple(tensor.shape)) for node, tensor in pairs)


def _scatter(op: str) -> Callable[..., Node]:
    def lower(g: Recorder, out: Tensor, a: Node, dim: int, index: Node, src: Number) -> Node:
        return g.node(op, a, dim % len(a.shape), index, src, shape=a.shape)

    return lower


def _index(g: Recorder, out: Tensor, a: Node, indices: Sequence[Node | None]) -> Node:
    """The entries at the places that one tensor names."""
    (dim, index), *others = [pair for pair in enumerate(indices) if pair[1] is not None]
    if others or _is_mask(index):
        raise Unexportable("the browser has no operation index for several tensors or for a mask")
    flat = _shaped(g, index, (math.prod(index.shape),))
    shape = (*a.shape[:dim], *flat.shape, *a.shape[dim + 1 :])
    return _shaped(g, g.node("index_select", a, dim, flat, shape=shape), tuple(out.shape))


def _is_mask(node: Node) -> bool:
    """Whether the entries of a node are True or False."""
    if node.numbers is not None:
        return node.numbers.dtype == torch.bool
    return node.op in _MASKS or (
        node.op in ("strided", "cat", "gather") and _is_mask(node.sources()[0])
    )


def _any(op: str) -> Callable[..., Node]:
    return lambda g, out, a, *args: _reduce(op)(g, out, g.elementwise("ne", a, 0), *args)


def _cat(g: Recorder, out: Tensor, nodes: Sequence[Node], dim: int = 0) -> Node:
    nodes = tuple(node for node in nodes if node.shape != (0,))
    return g.node("cat", nodes, dim % len(out.shape), shape=tuple(out.shape))


def _pad(g: Recorder, out: Tensor, a: Node, pad: Sequence[int], value: float = 0) -> Node:
    view = torch.empty(out.shape, device="meta")
    for k in range(len(pad) // 2):
        dim = len(out.shape) - 1 - k
        view = view.narrow(dim, pad[2 * k], a.shape[dim])
    place = tuple(view.shape), tuple(view.stride()), view.storage_offset()
    ground = g.node("full", value, shape=tuple(out.shape), double=a.double)
    return g.node("strided_set", ground, a, *place, shape=tuple(out.shape))


def _flip(g: Recorder, out: Tensor, a: Node, dims: Sequence[int]) -> Node:
    turned, strides = _dims(a, dims), in_rows(a.shape)
    offset = sum((a.shape[k] - 1) * strides[k] for k in turned)
    backward = tuple(-stride if k in turned else stride for k, stride in enumerate(strides))
    return g.node("strided", a, a.shape, backward, offset, shape=a.shape)


def _full(value: float | None, place: int | None = None) -> Callable[..., Node]:
    """A tensor of one number: `value`, or the argument at `place`."""

    def lower(g: Recorder, out: Tensor, *args: Any, **_: Any) -> Node:
        number = value if place is None else args[place]
        if isinstance(number, Node):
            return _spread(g, out, None, number)
        return g.node("full", number, shape=tuple(out.shape), double=out.dtype == torch.float64)

    return lower


def _spread(
    g: Recorder, out: Tensor, a: Node | None, source: Node, non_blocking: bool = False
) -> Node:
    """`source` in the shape of `out`, and in its precision."""
    shape = tuple(out.shape)
    if source.shape != shape:
        alike = torch.empty(source.shape, device="meta").expand(shape)
        source = g.strided(source, shape, tuple(alike.stride()), 0)
    return _cast(g, out, source)


def _cast(g: Recorder, out: Tensor, a: Node, **_: Any) -> Node:
    double = out.dtype == torch.float64
    if out.dtype == torch.bool:
        return g.elementwise("ne", a, 0)
    if not out.dtype.is_floating_point:
        return g.elementwise("trunc", a)
    return a if double == a.double else g.node("copy", a, shape=a.shape, double=double)


def _elementwise(op: str) -> Callable[..., Node]:
    return lambda g, out, *args: g.elementwise(op, *args)


LOWERINGS: dict[str, Callable[..., Any]] = {
    **{op: _elementwise(op) for op in (*UNARY, *BINARY) if op not in ("not", "and", "or", "round")},
    **{name: _elementwise(op) for name, op in _SAME.items()},
    "add": lambda g, out, a, b, alpha=1: g.elementwise("add", a, _times(g, b, alpha)),
    "sub": lambda g, out, a, b, alpha=1: g.elementwise("sub", a, _times(g, b, alpha)),
    "rsub": lambda g, out, a, b, alpha=1: g.elementwise("sub", b, _times(g, a, alpha)),
    "div": _div, "reciprocal": lambda g, out, a: g.elementwise("div", 1, a),
    "addcmul": lambda g, out, a, b, c, value=1: g.elementwise("add", a, _times(g, g.elementwise("mul", b, c), value)),
    "addcdiv": lambda g, out, a, b, c, value=1: g.elementwise("add", a, _times(g, g.elementwise("div", b, c), value)),
    "square": lambda g, out, a: g.elementwise("mul", a, a),
    "rsqrt": lambda g, out, a: g.elementwise("div", 1, g.elementwise("sqrt", a)),
    "round": lambda g, out, a: g.elementwise("round", a), "lerp": _lerp,
    "clamp": _clamp, "clamp_min": _clamp, "clamp_max": _elementwise("minimum"), "hardtanh": _clamp,
    "relu": lambda g, out, a: g.elementwise("maximum", a, 0), 
    "softplus": _softplus,
    "where": _elementwise("where"), "masked_fill": lambda g, out, a, mask, value: g.elementwise("where", mask, value, a),
    "mm": _mm, "bmm": _mm, "addmm": _addmm,
    "addr": _addr,
    "sum": _reduce("sum"), "amax": _reduce("amax"), "amin": _reduce("amin"), "prod": _reduce("prod"), "any": _any("amax"),
    "all": _any("amin"), "mean": _mean, "linalg_vector_norm": _norm, "norm": _norm, "max": _extreme("amax", 1),
    "min": _extreme("amin", -1), "argmax": _argmax(1), "argmin": _argmax(-1), "sort": _sort,
    "topk": lambda g, out, a, k, dim=-1, largest=True, sorted=True: _first(g, a, dim, largest, 0, k),
    "kthvalue": _kthvalue, "scatter": _scatter("scatter"), "scatter_add": _scatter("scatter_add"),
    "gather": lambda g, out, a, dim, index, **_: g.node("gather", a, dim % len(a.shape), index, shape=index.shape),
    "index_select": lambda g, out, a, dim, i: g.node("index_select", a, dim % len(a.shape), i, shape=tuple(out.shape)),
    "cumsum": lambda g, out, a, dim, **_: g.node("cumsum", a, dim % max(len(a.shape), 1), shape=a.shape),
    "index": _index, "cat": _cat, "constant_pad_nd": _pad, "flip": _flip,
    "zeros": _full(0), "zeros_like": _full(0), "new_zeros": _full(0), "ones": _full(1), "ones_like": _full(1),
    "new_ones": _full(1), "full": _full(None, 1), "full_like": _full(None, 1), "new_full": _full(None, 2),
    "scalar_tensor": _full(None, 0), "fill": _full(None, 1), "zero": _full(0), "empty": _full(0), "empty_like": _full(0),
    "new_empty": _full(0), "empty_strided": _full(0), "new_empty_strided": _full(0),
    "clone": _cast, "_to_copy": _cast, "copy": _spread,
}  # fmt: skip
