"""Which solvers there are: the built-in ones, and guests from the reader's own files and from installed packages."""

import contextlib
import hashlib
import importlib
import importlib.util
import inspect
import json
import math
import os
import re
import sys
from functools import lru_cache
from importlib.metadata import entry_points
from numbers import Integral, Real
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import Tensor

from sc2viz import arguments, convolution, lasso
from sc2viz.solvers import contract, failing
from sc2viz.solvers.cell import Solver
from sc2viz.solvers.traits import Traits, check_label, check_name

IDENTITY = ("name", "label", "summary", "equation", "source")
PRESETS = ("recommended", "paper")  # what is on offer
EARLIER = ("recommended-1",)  # what stored runs name: today's "recommended" without v
GUESTS = "SC2VIZ_SOLVERS"  # the environment variable, and below the entry-point group
GROUP = "sc2viz.solvers"
MOST_SIZE = 1e12  # of a number among the options: codes in float32 overflow with far larger ones
MOST_CLASSES = 65_536  # A head of more classes is taken for a slip, as in commands.

# The kinds of options that annotations name, and the words for them. True is an int to Python, and no number here.
_KINDS = {
    "bool": (bool, "True or False"),
    "int": (Integral, "a whole number"),
    "float": (Real, "a number"),
    "str": (str, "text"),
    "None": (type(None), "None"),
}
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DRAWN = {  # what pages draw beside solvers under these names and labels
    "name": ("exact", "truth", "yours"),
    "label": ("Exact optimum", "Exact solver", "Ground truth"),
}

_solvers: dict[str, type[Solver]] = {}
_problems: list[str] = []


def register(cls: type[Solver]) -> type[Solver]:
    """Bring a solver to every page and command; use it as a decorator of the class.

    The class states `name`, `label`, `summary`, `equation` and `source` in its own body. A class of the same file and
    qualified name replaces the earlier one, so that modules can be reloaded. ValueError for a class that inherits one of
    the five, for a name that is not like "adaptive-ista", for a label that is long or that Markdown would read as more than
    words, for a name that another class has, and for a name or a label under which pages draw something else, such as
    "exact".
    """
    if not (isinstance(cls, type) and issubclass(cls, Solver)):
        raise ValueError(f"register takes a class derived from sc2viz.solvers.Solver, got {cls!r}")
    for part in IDENTITY:
        value = cls.__dict__.get(part)
        if not (isinstance(value, str) and value.strip()):
            raise ValueError(
                f"{cls.__qualname__} must state {part!r} in its own body, as text that is not empty"
            )
    if not isinstance(cls.traits, Traits):
        raise ValueError(
            f"{cls.__qualname__}.traits must be a Traits, got {type(cls.traits).__name__}: write Traits(…)"
        )
    check_name(f"{cls.__qualname__}.name", cls.name)
    check_label(f"{cls.__qualname__}.label", cls.label)
    for part, drawn in _DRAWN.items():
        if (value := getattr(cls, part)).lower() in map(str.lower, drawn):
            raise ValueError(
                f"{cls.__qualname__}.{part} must not be {value!r}, under which pages draw something else: take another"
            )
    known = _solvers.get(cls.name)
    if known is not None and _origin(known) != _origin(cls):
        raise ValueError(
            f"there are two solvers named {cls.name!r}: {known.__qualname__} in {failing.file_of(known)} and "
            f"{cls.__qualname__} in {failing.file_of(cls)}. The first one stays: rename the other"
        )
    _solvers[cls.name] = cls
    return cls


def classes() -> tuple[type[Solver], ...]:
    """All registered classes, in the order in which they were registered. What is cached of solvers is kept by them."""
    return tuple(_solvers.values())


def names() -> tuple[str, ...]:
    """The names of all solvers of vectors, in the order in which they were registered."""
    return _names(classes(), False)


def on_filters() -> tuple[str, ...]:
    """The names of the solvers that code whole pictures on filters, which pages of vectors do not show."""
    return _names(classes(), True)


@lru_cache(8)  # a page asks for them hundreds of times
def _names(known: tuple[type[Solver], ...], filters: bool) -> tuple[str, ...]:
    return tuple(cls.name for cls in known if cls.traits.filters is filters)


def is_registered(name: str) -> bool:
    """Whether there is a solver of that name, of vectors or on filters."""
    return name in _solvers


def problems() -> tuple[str, ...]:
    """What kept guests from being registered: the file, the line and the message of each."""
    return tuple(_problems)


def solver_class(name: str) -> type[Solver]:
    """The class of a name; ValueError where there is none."""
    if not isinstance(name, str) or name not in _solvers:
        raise ValueError(
            f"solver must be one of {', '.join(names())}, got {name!r}: {how_to_bring(name)}"
        )
    return _solvers[name]


def family(name: str) -> str:
    """The group of a solver, a key of `traits.FAMILIES`: a solver from outside the package is a guest, whatever it derives
    from; any other belongs where its traits say, and else to the later or to the classic ones."""
    cls = solver_class(name)
    if failing.is_guest(cls):
        return "guest"
    return cls.traits.family or ("later" if cls.traits.learned else "classic")


def year(name: str) -> int | None:
    """The first year in a solver's source; None where there is none."""
    found = _YEAR.search(solver_class(name).source)
    return int(found[0]) if found else None


def how_to_bring(name: str) -> str:
    """What to do where no solver of that name is registered."""
    return f"name the file that registers {name!r} in the environment variable {GUESTS}, or install its package"


def build(name: str, B: Tensor, steps: int = 10, seed: int = 0, **options: Any) -> Solver:
    """An untrained solver started from the dictionary B (d_x, d_s), on B's device and in its precision, ready to code. A
    solver of whole pictures takes a `convolution.Dictionary` as B.

    It calls `cls(B, steps, classes=…, **options)` of the class with that name. `options` are those of the class:
    `classes` for a softmax head, `preset` and `activation` of the learned ones, `input_gate` and `forget_gate` of
    adaptive ISTA, `kappa` and `gate_bias` of SLSTM. A class that draws random numbers takes `seed` as well. `preset` and
    `activation` are left out where a class does not take them, so that all can be built alike. ValueError for an unknown
    name or option, where the class says that B does not suit it, and where a class from outside the package fails or does
    not keep the interface (`contract`).

    >>> import torch
    >>> from sc2viz import solvers
    >>> fista = solvers.build("fista", torch.eye(3), steps=10)
    >>> fista(torch.tensor([[2.0, 0.25, -1.0]]), lam=0.5).tolist()
    [[1.5, 0.0, -0.5]]
    """
    cls = solver_class(name)
    if options.get("preset", "recommended") not in PRESETS + EARLIER:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, got {options['preset']!r}")
    filters = cls.traits.filters and isinstance(B, convolution.Dictionary)
    if not filters:
        lasso.check_dictionary(B)
    arguments.whole("steps", steps)
    arguments.seed(seed)
    options = _taken(cls, options)
    if options.get("classes") is not None:
        arguments.whole("classes", options["classes"], 1, MOST_CLASSES)
    drawn = {"seed": seed} if "seed" in _parameters(cls) else {}
    classes = {"classes": options.pop("classes", None)}
    B = B.detach() if filters else B.detach().contiguous().resolve_neg()
    try:
        solver = cls(B, int(steps), **classes, **options, **drawn)
    except ValueError:  # the class says why B or an option does not suit it
        raise
    except Exception as error:
        if not failing.is_guest(cls):
            raise
        raise failing.failed(cls, error) from error
    solver.config = {"name": name, "steps": int(steps), **classes, **options}
    contract.check(solver.eval(), _in_the_package)
    return solver


def digest(solver: Solver) -> str:
    """What stands for a solver of a class: a hash of what it was built from, and of its numbers."""
    found = hashlib.sha1(
        json.dumps(getattr(solver, "config", None), default=str).encode(), usedforsecurity=False
    )
    for name, values in solver.state_dict().items():
        found.update(f"{name} {values.dtype} {tuple(values.shape)}".encode())
        found.update(values.detach().cpu().contiguous().numpy())
    return found.hexdigest()


def _in_the_package(label: str) -> type[Solver] | None:
    """The solver of the package with that label; None where there is none."""
    return next(
        (cls for cls in _solvers.values() if cls.label == label and not failing.is_guest(cls)), None
    )


def options_of(name: str) -> tuple[str, ...]:
    """The options that the class of a name takes."""
    return tuple(
        key for key in _parameters(solver_class(name)) if key not in ("self", "B", "steps", "seed")
    )


def _taken(cls: type[Solver], options: dict[str, Any]) -> dict[str, Any]:
    """The options that a class takes, as JSON values."""
    known = _parameters(cls)
    anything = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
    taken = {}
    for key, value in options.items():
        if key not in known and key != "classes" and not anything:
            if key in ("preset", "activation"):
                continue
            names = ", ".join(sorted(set(known) - {"self", "B", "seed"}))
            raise ValueError(f"{cls.name} has no option {key!r}; it takes {names}")
        taken[key] = value.tolist() if hasattr(value, "tolist") else value
        try:
            json.dumps(taken[key])
        except TypeError:
            raise ValueError(
                f"option {key!r} must be a JSON value, got {type(value).__name__}"
            ) from None
        if isinstance(value, Real) and MOST_SIZE < abs(value) < math.inf:
            raise ValueError(
                f"{key} may be at most {MOST_SIZE:g} in size, got {repr(value)[:40]}: float32 would overflow"
            )
        if key in known and key != "classes":
            _check_kind(key, taken[key], known[key].annotation)
    return taken


def _check_kind(key: str, value: Any, annotation: Any) -> None:
    """ValueError unless the value of an option is of a kind that its annotation names, such as "float | None"; other
    annotations than those of `_KINDS` allow anything."""
    said = (annotation.__name__ if isinstance(annotation, type) else str(annotation)).split(" | ")
    if not set(said) <= set(_KINDS):
        return
    kinds = tuple(_KINDS[each][0] for each in said)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise ValueError(
            f"{key} must be {' or '.join(_KINDS[each][1] for each in said)}, got {repr(value)[:40]}"
        )


def _parameters(cls: type[Solver]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(cls.__init__).parameters)


def load_guests() -> None:
    """Import what `SC2VIZ_SOLVERS` names, files or modules separated as in PATH, and what the entry points name.

    A guest that fails is listed in `problems`, and what it had registered is taken back.
    """
    places = [place.strip() for place in os.environ.get(GUESTS, "").split(os.pathsep)]
    for place in filter(None, places):
        _guest(place, place)
    for point in entry_points(group=GROUP):
        _guest(f"{point.name} ({point.value})", point.module)


def _guest(label: str, place: str) -> None:
    before = dict(_solvers)
    try:
        module = _import(place)
    except Exception as error:
        _problems.append(f"{label}{_line(error, place)}: {type(error).__name__}: {error}")
        _solvers.clear()
        _solvers.update(before)
        return
    if before == _solvers and not any(
        f"{cls.__module__}.".startswith(f"{module.__name__}.") for cls in _solvers.values()
    ):
        _problems.append(f"{label} registers no solver: put @solvers.register above its class")


def _import(place: str) -> ModuleType:
    if not _is_file(place):
        return importlib.import_module(place)
    path = Path(place).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {place}")
    spec = importlib.util.spec_from_file_location(f"sc2viz_guest_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[spec.name]
        raise
    return module


def _is_file(place: str) -> bool:
    return place.endswith(".py") or os.sep in place


def _line(error: BaseException, place: str) -> str:
    """Where an import failed: ", line 3", or the file as well where it is another one than was named."""
    path = Path(place).expanduser().resolve()
    files = [str(path)]
    if not _is_file(place):
        with contextlib.suppress(Exception):  # its package is not there, or fails as before
            files.append(str(importlib.util.find_spec(place).origin))
    where = failing.line_of(error, files)
    if where is None:
        return ""
    return (
        f", line {where[1]}"
        if Path(where[0]).stem == path.stem
        else f", in {failing.describe_place(where)}"
    )


def _origin(cls: type[Solver]) -> tuple[str, str]:
    return failing.file_of(cls), cls.__qualname__
