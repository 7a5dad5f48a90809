"""What operations of torch become in a graph: a few operations, for which solve.js has one function each.

A lowering takes the recorder, the tensor that torch computed, which has the shape of the result, and the arguments, with
nodes instead of tensors; it returns a node, or one for each result. What tensor code can say by other operations is in
SIMPLER.
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


def _shaped(g: Recorder, a: Node, shape: tuple[int, ...]) -> Node:
    """The same numbers in another shape."""
    return a if a.shape == shape else g.strided(a, shape, in_rows(shape), 0)


def _dims(a: Node, dim: int | Sequence[int] | None) -> tuple[int, ...]:
    rank, dims = len(a.shape), [dim] if isinstance(dim, int) else dim or range(len(a.shape))
    return tuple(sorted(k % rank for k in dims)) if rank else ()


def _reduce(op: str) -> Callable[..., Node]:
    def lower(
        g: Recorder, out: Tensor, a: Node, dim: Any = None, keepdim: bool = False, dtype: Any = None
    ) -> Node:
        if op == "argmax" and dim is None:
            a, dim = _shaped(g, a, (math.prod(a.shape),)), 0
        dims = _dims(a, dim)
        ones = tuple(1 if k in dims else size for k, size in enumerate(a.shape))
        return _shaped(g, g.node(op, a, dims, shape=ones), out.shape)

    return lower


def _first(g: Recorder, a: Node, dim: int, largest: bool, count: int) -> tuple[Node, Node]:
    """Of the entries along a dimension in order, the first ones, and their places."""
    dim %= max(len(a.shape), 1)
    shape = tuple(count if k == dim else size for k, size in enumerate(a.shape))
    places = g.node("order", a, dim, bool(largest), 0, count, shape=shape, double=False)
    return g.node("gather", a, dim, places, shape=shape), places


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
    return _shaped(g, g.node("index_select", a, dim, flat, shape=shape), out.shape)


def _is_mask(node: Node) -> bool:
    """Whether the entries of a node are True or False."""
    if node.numbers is not None:
        return node.numbers.dtype == torch.bool
    return node.op in _MASKS or (
        node.op in ("strided", "cat", "gather") and _is_mask(node.sources()[0])
    )


def _cat(g: Recorder, out: Tensor, nodes: Sequence[Node], dim: int = 0) -> Node:
    nodes = tuple(node for node in nodes if node.shape != (0,))
    return g.node("cat", nodes, dim % out.ndim, shape=out.shape)


def _pad(g: Recorder, out: Tensor, a: Node, pad: Sequence[int], value: float = 0) -> Node:
    view = torch.empty(out.shape, device="meta")
    for k in range(len(pad) // 2):
        dim = out.ndim - 1 - k
        view = view.narrow(dim, pad[2 * k], a.shape[dim])
    ground = g.node("full", value, shape=out.shape, double=a.double)
    place = view.shape, view.stride(), view.storage_offset()
    return g.node("strided_set", ground, a, *place, shape=out.shape)


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
        return g.node("full", number, shape=out.shape, double=out.dtype == torch.float64)

    return lower


def _spread(
    g: Recorder, out: Tensor, a: Node | None, source: Node, non_blocking: bool = False
) -> Node:
    """`source` in the shape of `out`, and in its precision."""
    if source.shape != out.shape:
        alike = torch.empty(source.shape, device="meta").expand(out.shape)
        source = g.strided(source, out.shape, alike.stride(), 0)
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
    **{op: _elementwise(op) for op in (*UNARY, *BINARY, "where")},
    **{name: _elementwise(op) for name, op in _SAME.items()},
    **{op: _reduce(op) for op in ("sum", "amax", "amin", "prod", "argmax")},
    **dict.fromkeys(("zeros", "zeros_like", "new_zeros", "zero", "empty", "empty_like", "new_empty", "empty_strided",
                     "new_empty_strided"), _full(0)),
    **dict.fromkeys(("ones", "ones_like", "new_ones"), _full(1)),
    **dict.fromkeys(("full", "full_like", "fill"), _full(None, 1)), "new_full": _full(None, 2),
    "scalar_tensor": _full(None, 0), "clone": _cast, "_to_copy": _cast, "copy": _spread,
    "add": lambda g, out, a, b, alpha=1: g.elementwise("add", a, _times(g, b, alpha)),
    "sub": lambda g, out, a, b, alpha=1: g.elementwise("sub", a, _times(g, b, alpha)),
    "rsub": lambda g, out, a, b, alpha=1: g.elementwise("sub", b, _times(g, a, alpha)),
    "div": _div, "reciprocal": lambda g, out, a: g.elementwise("div", 1, a), "clamp": _clamp, "clamp_min": _clamp,
    "masked_fill": lambda g, out, a, mask, value: g.elementwise("where", mask, value, a),
    **dict.fromkeys(("mm", "bmm"), lambda g, out, a, b: g.node("mm", a, b, shape=out.shape)),
    "sort": lambda g, out, a, dim=-1, descending=False, **_: _first(g, a, dim, descending, a.shape[dim]),
    "topk": lambda g, out, a, k, dim=-1, largest=True, sorted=True: _first(g, a, dim, largest, k),
    "scatter": _scatter("scatter"), "scatter_add": _scatter("scatter_add"),
    "gather": lambda g, out, a, dim, index, **_: g.node("gather", a, dim % len(a.shape), index, shape=index.shape),
    "index_select": lambda g, out, a, dim, i: g.node("index_select", a, dim % len(a.shape), i, shape=out.shape),
    "cumsum": lambda g, out, a, dim, **_: g.node("cumsum", a, dim % max(len(a.shape), 1), shape=a.shape),
    "index": _index, "cat": _cat, "constant_pad_nd": _pad, "flip": _flip,
}  # fmt: skip


def _scaled(a: Tensor, factor: float) -> Tensor:
    return a if factor == 1 else a * factor


def _softplus(a: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    scaled = _scaled(a, beta)
    remainder = (-scaled.abs()).exp().log1p()
    total = scaled.clamp_min(0) + remainder
    return total if beta == 1 else total / beta


def _lerp(a: Tensor, b: Tensor, weight: Tensor | float) -> Tensor:
    """Towards the end that is nearer, as torch does it."""
    if not isinstance(weight, Tensor) and weight >= 0.5:
        return b - (b - a) * (1 - weight)
    return a + (b - a) * weight


def _mean(a: Tensor, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    total = a.sum(dim, keepdim)
    return total / (a.numel() // total.numel())


def _norm(
    a: Tensor, ord: float = 2, dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Tensor:
    if ord == math.inf:
        return a.abs().amax(dim or (), keepdim)
    if ord == 2:
        return (a * a).sum(dim, keepdim).sqrt()
    powers = a != 0 if ord == 0 else a.abs() if ord == 1 else a.abs() ** ord
    total = powers.sum(dim, keepdim, dtype=a.dtype)
    return total if ord in (0, 1) else total ** (1 / ord)


def _extreme(values: Callable, places: Callable) -> Callable[..., Any]:
    """The extreme of all entries, or the extremes along a dimension and their places."""

    def simpler(a: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
        return values(a) if dim is None else (values(a, dim, keepdim), places(a, dim, keepdim))

    return simpler


def _kthvalue(a: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> tuple[Tensor, ...]:
    ranked = [tensor.narrow(dim, k - 1, 1) for tensor in a.sort(dim)]
    return tuple(tensor if keepdim else tensor.squeeze(dim) for tensor in ranked)


# Operations as tensor code of others, which are recorded in their place.
SIMPLER: dict[str, Callable[..., Any]] = {
    "addcmul": lambda a, b, c, value=1: torch.add(a, b * c, alpha=value),
    "addcdiv": lambda a, b, c, value=1: torch.add(a, b / c, alpha=value),
    "addmm": lambda a, b, c, beta=1, alpha=1: torch.add(_scaled(a, beta), b.mm(c), alpha=alpha),
    "addr": lambda a, b, c, beta=1, alpha=1: torch.add(
        _scaled(a, beta), b[:, None] * c, alpha=alpha
    ),
    "rsqrt": lambda a: a.sqrt().reciprocal(),
    "relu": lambda a: a.clamp_min(0),
    "hardtanh": torch.clamp,
    "clamp_max": lambda a, limit: a.clamp(max=limit),
    "softplus": _softplus,
    "lerp": _lerp,
    "mean": _mean,
    "linalg_vector_norm": _norm,
    "any": lambda a, *place: (a != 0).amax(*place),
    "all": lambda a, *place: (a != 0).amin(*place),
    "kthvalue": _kthvalue,
    "max": _extreme(torch.amax, torch.argmax),
    "min": _extreme(torch.amin, torch.argmin),
    "argmin": lambda a, dim=None, keepdim=False: (-a).argmax(dim, keepdim),
}
