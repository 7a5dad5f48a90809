"""What is computed for a page is computed once: the one way to cache a model's results on some pictures.

    @cache.cached
    def course(model, pixels, lam): ...

The key is made of what the arguments hold, not of what they are called: digests of the weights and of the pixels, then λ, T
and whatever else is asked for. All readers share one store, and one of dictionaries. What is computed from a reader's own
picture, data or network goes into a store in their session, which ends with it. All are bounded in bytes, and the least
recently used goes first. A value that comes out of a store may be shared: never write into it.
"""

import functools
import hashlib
import json
import warnings
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from threading import Condition
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
from cachetools import LRUCache, cachedmethod
from streamlit.runtime.scriptrunner import get_script_run_ctx
from torch import Tensor, nn

from sc2viz.ui import models, own, session, sets

SHARED_MEGABYTES = (
    18  # of shared results: those of Compare at eighteen λ. Hosts give the whole server about 1,000
)
# Of dictionaries learned for all: six of MNIST. Each takes seconds to learn, and results must not push it out.
DICTIONARY_MEGABYTES = 2


class Store:
    """At most `megabytes` of values by key. Any thread may ask; the first that asks for a key computes its value, without
    holding a lock, while the others that ask for the same key wait for it."""

    def __init__(self, megabytes: float):
        self.values = LRUCache(1e6 * megabytes, getsizeof=own.memory.nbytes)
        self.condition = Condition()
        self.room = 0.0  # bytes of the limit that are left to values kept elsewhere

    def get(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """The value of a key, which is computed where the store does not have it."""
        value = self._get(key, compute)
        self.leave_room(self.room)
        return value

    @cachedmethod(
        attrgetter("values"), key=lambda self, key, compute: key, condition=attrgetter("condition")
    )
    def _get(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        return compute()

    def leave_room(self, nbytes: float) -> None:
        """Leave `nbytes` of the store's limit to values that are kept elsewhere, from now on."""
        self.room = nbytes
        with self.condition:
            while self.values and self.values.currsize > self.values.maxsize - nbytes:
                self.values.popitem()

    def peek(self, key: Hashable) -> Any:
        """The value of a key; None where the store does not have it."""
        with self.condition:
            return self.values.get(key)


SHARED = Store(SHARED_MEGABYTES)
DICTIONARIES = Store(DICTIONARY_MEGABYTES)  # dictionaries learned here that all readers share


def of_session() -> Store:
    """The store of the reader's own results."""
    return session.RESULTS.kept(lambda: Store(own.memory.RESULTS))


def cached(function: Callable | None = None, *, dictionary: bool = False) -> Callable:
    """Keep what `function` returns by its arguments: models, tensors, arrays and whatever is hashable.

    dictionary: whether it is a dictionary that was learned, or what learns it.

    `private=True`: in the reader's session. So it is in any case while their own picture, data or dictionary is at hand,
    and with their own network.
    """

    if function is None:
        return functools.partial(cached, dictionary=dictionary)

    @functools.wraps(function)
    def ask(*args, private: bool = False, **more):
        mine = private or any(map(_mine, (*args, *more.values())))
        code = function.__code__
        key = (
            code.co_filename,
            code,
            tuple(map(_key, args)),
            tuple((name, _key(more[name])) for name in sorted(more)),
        )
        return (of_session() if mine else _at_hand(dictionary)).get(
            key, lambda: function(*args, **more)
        )

    return ask


def picture(name: bytes, make: Callable[[], str]) -> str:
    """A picture's URI, kept like a result; in the reader's session where they have a network of their own."""
    if get_script_run_ctx() is None:  # outside a run of a page nothing is kept
        return make()
    return (of_session() if own.network.job() else _at_hand()).get(name, make)


def _at_hand(dictionary: bool = False) -> Store:
    """The store for results of what is at hand."""
    return of_session() if session.OWN_CHOSEN.get() or sets.at_hand() else shared(dictionary)


def shared(dictionary: bool) -> Store:
    """The store for what all readers share."""
    return DICTIONARIES if dictionary else SHARED


class Keyed:
    """An argument of a cached function that says itself what stands for it, `key`, and whether it is the reader's, `own`."""

    key: Hashable
    own: bool


@dataclass(frozen=True, eq=False)
class Named(Keyed):
    """An argument that its caller has named, where digests of its parts would be taken again."""

    key: Hashable
    value: Any
    own: bool = False


def _mine(argument: Any) -> bool:
    """Whether what is computed of an argument is the reader's alone."""
    return (
        bool(argument.mark)
        if isinstance(argument, models.Model)
        else isinstance(argument, Keyed) and argument.own
    )


def _key(argument: Any) -> Hashable:
    if isinstance(argument, Keyed):
        return argument.key
    if isinstance(argument, Tensor | np.ndarray):
        return _once(argument)
    if isinstance(argument, models.Model):
        return argument.data, argument.own_atoms, weights(models.build(argument))
    if isinstance(argument, tuple) and not isinstance(next(iter(argument), 0), int | float):
        return tuple(map(_key, argument))
    return argument


def digest(arrays: Iterable[np.ndarray | Tensor]) -> bytes:
    """20 bytes that stand for what the arrays hold, their shapes and types. They need not withstand an attacker: SHA-1 takes
    half the time of others."""
    found = hashlib.sha1(usedforsecurity=False)
    for array in arrays:
        values = array.detach().cpu().numpy() if isinstance(array, Tensor) else array
        found.update(f"{values.shape} {values.dtype.str}".encode())
        found.update(np.ascontiguousarray(values))
    return found.digest()


def _once(values: Tensor | np.ndarray) -> bytes:
    """`digest`, taken once while `values` lives: a page asks for many results of the same pixels and dictionary.

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
    known = _digests.get(place)
    if known is None or known[0]() is not values or known[1] != version:
        forget = ref(values, lambda _: _digests.pop(place, None))
        known = _digests[place] = forget, version, digest([values])
    return known[2]


# torch warns of each tensor of a read-only array that a write would be undefined; nothing here writes through one.
warnings.filterwarnings("ignore", "The given NumPy array is not writable", UserWarning)
_digests: dict[int, tuple[ref, int, bytes]] = {}
_weights: WeakKeyDictionary[nn.Module, Hashable] = (
    WeakKeyDictionary()
)  # names of solvers whose weights no longer change


def weights(solver: nn.Module) -> Hashable:
    """What stands for a solver: its class, how it was built, and a digest of its state."""
    if solver not in _weights:
        state = solver.state_dict()
        built = json.dumps([solver.config, list(state)], sort_keys=True, default=str)
        _weights[solver] = type(solver), built, digest(state.values())
    return _weights[solver]
