"""What is computed for a page is computed once: the one way to cache a model's results on some pictures.

    @cache.cached
    def course(model, pixels, lam): ...

The key is made of what the arguments hold, not of what they are called: digests of the weights and of the pixels, then λ, T
and whatever else is asked for. All readers share one store, and one of dictionaries. What is computed from a reader's own
picture, data or network goes into a store in their session, which ends with it. All are bounded in bytes, and the least
recently used goes first. A value that comes out of a store may be shared: never write into it.

Streamlit's own caches count entries and not bytes, and hash all arrays at every call.
"""

import functools
import hashlib
import json
import warnings
from collections.abc import Callable, Hashable, Iterable
from operator import attrgetter
from threading import Condition
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, ref

import numpy as np
from cachetools import LRUCache, cachedmethod
from streamlit.runtime.scriptrunner import get_script_run_ctx
from torch import Tensor, nn

from sc2viz.ui import own, session


class Store:
    """At most `megabytes` of values by key. Any thread may ask; the first that asks for a key computes its value, without
    holding a lock, while the others that ask for the same key wait for it."""

    def __init__(self, megabytes: float):
        self.values = LRUCache(1e6 * megabytes, getsizeof=own.memory.nbytes)
        self.condition = Condition()

    @cachedmethod(
        attrgetter("values"), key=lambda self, key, compute: key, condition=attrgetter("condition")
    )
    def get(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """Return the value of a key, which `compute` makes where the store does not have it."""
        return compute()

    def peek(self, key: Hashable) -> Any:
        """Return the value of a key; None where the store does not have it."""
        with self.condition:
            return self.values.get(key)

    def leave_room(self, nbytes: float) -> None:
        """Let values go until `nbytes` of the limit are free, because as much is held elsewhere."""
        with self.condition:
            while self.values and self.values.currsize > self.values.maxsize - nbytes:
                self.values.popitem()


# In megabytes: the results of Compare at eighteen λ, of about 1,000 that hosts give the whole server; and six dictionaries of
# MNIST that were learned for all. Each takes seconds to learn, and results must not push it out.
SHARED, DICTIONARIES = Store(18), Store(2)


def of_session() -> Store:
    """Return the store of the reader's session for results that no other reader may reach."""
    return session.keep("results", Store(own.memory.RESULTS))


def cached(function: Callable, shared: Store = SHARED) -> Callable:
    """Return `function` with a cache: its result is kept by its arguments, which may be tensors, arrays, whatever is
    hashable, and what has a `key`. shared: the store for all readers.

    It is kept in the reader's session with `private=True`, while their own picture, data or dictionary is at hand, and where
    an argument `is_private`.
    """

    @functools.wraps(function)
    def ask(*args, private: bool = False, **options):
        values, code = (*args, *options.values()), function.__code__
        is_private = private or any(getattr(value, "is_private", False) for value in values)
        store = _store(is_private, shared)
        key = code.co_filename, code, tuple(options), tuple(map(_key, values))
        return store.get(key, lambda: function(*args, **options))

    return ask


class Named(NamedTuple):
    """An argument with a `key` that its caller has named, where digests of its parts would be taken again."""

    key: Hashable
    value: Any


def picture(name: bytes, make: Callable[[], str]) -> str:
    """Return the URI of the picture that `name` stands for. `make` makes it once; it is kept like a result, in the reader's
    session where they have a network of their own."""
    if get_script_run_ctx() is None:  # outside a run of a page nothing is kept
        return make()
    return _store(bool(own.network.job())).get(name, make)


def _store(is_private: bool, shared: Store = SHARED) -> Store:
    """Return the store for results of the view at hand: the reader's own where `is_private`, or where their own picture or
    data are in use; else `shared`."""
    return of_session() if is_private or session.own_chosen or session.private else shared


def _key(argument: Any) -> Hashable:
    """Return what stands for an argument in the key of a store: its own `key`, a digest of its numbers, or the argument
    itself."""
    if hasattr(argument, "key"):
        return argument.key
    if isinstance(argument, Tensor | np.ndarray):
        return _digest_once(argument)
    if isinstance(argument, tuple) and not isinstance(next(iter(argument), 0), int | float):
        return tuple(map(_key, argument))
    return argument


def digest(arrays: Iterable[np.ndarray | Tensor]) -> bytes:
    """Return 20 bytes that stand for what the arrays hold, their shapes and types. They need not withstand an attacker: SHA-1
    takes half the time of others."""
    sha = hashlib.sha1(usedforsecurity=False)
    for array in arrays:
        values = array.detach().cpu().numpy() if isinstance(array, Tensor) else array
        sha.update(f"{values.shape} {values.dtype.str}".encode())
        sha.update(np.ascontiguousarray(values))
    return sha.digest()


def _digest_once(values: Tensor | np.ndarray) -> bytes:
    """Return the `digest` of one tensor or array, taken once while it lives: a page asks for many results of the same pixels
    and dictionary.

    An array is read-only from then on. Of a part of another array, which may still be written, it is taken each time.
    """
    version = 0
    if isinstance(values, Tensor):
        version = values._version
    elif isinstance(values.base, np.ndarray):
        return digest([values])
    else:
        values.flags.writeable = False
    place = id(values)
    entry = _digests.get(place)
    if entry is None or entry[0]() is not values or entry[1] != version:
        forget = ref(values, lambda _: _digests.pop(place, None))
        entry = _digests[place] = forget, version, digest([values])
    return entry[2]


# torch warns of each tensor of a read-only array that a write would be undefined; nothing here writes through one.
warnings.filterwarnings("ignore", "The given NumPy array is not writable", UserWarning)
_digests: dict[int, tuple[ref, int, bytes]] = {}
_weights: WeakKeyDictionary[nn.Module, Hashable] = WeakKeyDictionary()


def weights(solver: nn.Module) -> Hashable:
    """Return what stands, in the key of a store, for a solver whose weights no longer change: its class, how it was built,
    and a digest of its state."""
    if solver not in _weights:
        state = solver.state_dict()
        options = json.dumps([solver.config, list(state)], sort_keys=True, default=str)
        _weights[solver] = type(solver), options, digest(state.values())
    return _weights[solver]
