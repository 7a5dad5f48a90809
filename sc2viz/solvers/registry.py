"""Which solvers there are: the built-in ones, and guests from the reader's own files and from installed packages."""

import hashlib
import importlib
import importlib.util
import inspect
import json
import os
import re
import sys
from importlib.metadata import entry_points
from numbers import Integral, Real
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import Tensor

from sc2viz import arguments, convolution, lasso
from sc2viz.solvers import contract, failing
from sc2viz.solvers.cell import Solver
from sc2viz.solvers.traits import Traits, check_name

IDENTITY = ("name", "label", "summary", "equation", "source")
PRESETS = ("recommended", "paper")  # what is on offer
EARLIER = ("recommended-1",)  # what stored runs name: today's "recommended" without v
GUESTS = "SC2VIZ_SOLVERS"  # the environment variable, and below the entry-point group
GROUP = "sc2viz.solvers"
MOST_CLASSES = 65_536  # A head of more classes is taken for a slip, as in commands.

# The kinds of options that annotations name. True is an int to Python, and no number here.
_KINDS = {
    "bool": (bool, "True or False"),
    "int": (Integral, "a whole number"),
    "float": (Real, "a number"),
    "str": (str, "text"),
    "None": (type(None), "None"),
}
RESERVED = ("exact", "truth", "yours")  # what pages draw beside solvers has these names

_solvers: dict[str, type[Solver]] = {}
_problems: list[str] = []


def register(cls: type[Solver]) -> type[Solver]:
    """Bring a solver to every page and command; use it as a decorator of the class.

    The class states `name`, `label`, `summary`, `equation` and `source` in its own body. A class of the same file and
    qualified name replaces the earlier one, so that modules can be reloaded. ValueError for a class that inherits one of
    the five, for a name that is not like "adaptive-ista", and for a name that another class has or under which pages draw
    something else, such as "exact".
    """
    if not (isinstance(cls, type) and issubclass(cls, Solver)):
        raise ValueError(f"register takes a class derived from sc2viz.solvers.Solver, got {cls!r}")
    for attribute in IDENTITY:
        value = cls.__dict__.get(attribute)
        if not (isinstance(value, str) and value.strip()):
            raise ValueError(
                f"{cls.__qualname__} must state {attribute!r} in its own body, as text that is not empty"
            )
    if not isinstance(cls.traits, Traits):
        raise ValueError(
            f"{cls.__qualname__}.traits must be a Traits, got {type(cls.traits).__name__}: write Traits(…)"
        )
    check_name(f"{cls.__qualname__}.name", cls.name)
    if cls.name in RESERVED:
        raise ValueError(
            f"{cls.__qualname__}.name must not be {cls.name!r}, under which pages draw something else: take another"
        )
    first = _solvers.get(cls.name, cls)
    files = failing.file_of(first), failing.file_of(cls)
    if (files[0], first.__qualname__) != (files[1], cls.__qualname__):
        raise ValueError(
            f"there are two solvers named {cls.name!r}: {first.__qualname__} in {files[0]} and "
            f"{cls.__qualname__} in {files[1]}. The first one stays: rename the other"
        )
    _solvers[cls.name] = cls
    return cls


def classes() -> tuple[type[Solver], ...]:
    """Return all registered classes, in the order in which they were registered. What is cached of solvers is kept by them."""
    return tuple(_solvers.values())


def names() -> tuple[str, ...]:
    """Return the names of all solvers of vectors, in the order in which they were registered."""
    return tuple(name for name, cls in _solvers.items() if not cls.traits.filters)


def on_filters() -> tuple[str, ...]:
    """Return the names of the solvers that code whole pictures on filters, which pages of vectors do not show."""
    return tuple(name for name, cls in _solvers.items() if cls.traits.filters)


def is_registered(name: str) -> bool:
    """Whether there is a solver of that name, of vectors or on filters."""
    return name in _solvers


def problems() -> tuple[str, ...]:
    """Return what kept guests from being registered: the file, the line and the message of each."""
    return tuple(_problems)


def solver_class(name: str) -> type[Solver]:
    """Return the class of the solver of that name; raise ValueError where there is none."""
    if not isinstance(name, str) or name not in _solvers:
        raise ValueError(
            f"solver must be one of {', '.join(names())}, got {name!r}: {how_to_bring(name)}"
        )
    return _solvers[name]


def family(name: str) -> str:
    """Return the group of a solver, a key of `traits.FAMILIES`: a solver from outside the package is a guest, whatever it derives
    from; any other belongs where its traits say, and else to the later or to the classic ones."""
    cls = solver_class(name)
    if failing.is_guest(cls):
        return "guest"
    return cls.traits.family or ("later" if cls.traits.learned else "classic")


def year(name: str) -> int | None:
    """Return the first year in a solver's source; None where there is none."""
    match = re.search(r"\b(?:19|20)\d\d\b", solver_class(name).source)
    return int(match[0]) if match else None


def how_to_bring(name: str) -> str:
    """Return the remedy, a phrase for error messages, where no solver of that name is registered."""
    return f"name the file that registers {name!r} in the environment variable {GUESTS}, or install its package"


def build(name: str, B: Tensor, steps: int = 10, seed: int = 0, **options: Any) -> Solver:
    """Build an untrained solver started from the dictionary B (d_x, d_s), on B's device and in its precision, ready to code. A
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
    arguments.whole_number("steps", steps)
    arguments.seed(seed)
    classes = options.pop("classes", None)
    if classes is not None:
        arguments.whole_number("classes", classes, 1, MOST_CLASSES)
        classes = int(classes)
    options = {"classes": classes, **_checked_options(cls, options)}
    seeds = {"seed": seed} if "seed" in _parameters(cls) else {}
    B = B.detach() if filters else B.detach().contiguous().resolve_neg()
    try:
        solver = cls(B, int(steps), **options, **seeds)
    except Exception as error:  # by a ValueError a class says why B or an option does not suit it
        if isinstance(error, ValueError) or not failing.is_guest(cls):
            raise
        raise failing.failed(cls, error) from error
    solver.config = {"name": name, "steps": int(steps), **options}
    contract.check(solver.eval())
    return solver


def digest(solver: Solver) -> str:
    """Return a hash, in hexadecimal, of what a solver was built from and of its numbers, for the keys of caches."""
    config = json.dumps(getattr(solver, "config", None), default=str)
    sha1 = hashlib.sha1(config.encode(), usedforsecurity=False)
    for name, values in solver.state_dict().items():
        sha1.update(f"{name} {values.dtype} {tuple(values.shape)}".encode())
        sha1.update(values.detach().cpu().contiguous().numpy())
    return sha1.hexdigest()


def options_of(name: str) -> tuple[str, ...]:
    """Return the names of the options that the solver of that name takes."""
    return tuple(
        key for key in _parameters(solver_class(name)) if key not in ("self", "B", "steps", "seed")
    )


def _checked_options(cls: type[Solver], options: dict[str, Any]) -> dict[str, Any]:
    """Return `options` as JSON values, without a preset or activation that the class does not take; raise ValueError for any
    other unknown option, and for a value of another kind."""
    parameters = _parameters(cls)
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    checked = {}
    for key, value in options.items():
        if key not in parameters and not takes_any:
            if key in ("preset", "activation"):
                continue
            names = ", ".join(sorted(set(parameters) - {"self", "B", "seed"}))
            raise ValueError(f"{cls.name} has no option {key!r}; it takes {names}")
        checked[key] = value.tolist() if hasattr(value, "tolist") else value
        try:
            json.dumps(checked[key])
        except TypeError:
            kind = type(value).__name__
            raise ValueError(f"option {key!r} must be a JSON value, got {kind}") from None
        if key in parameters:
            _check_kind(key, checked[key], parameters[key].annotation)
    return checked


def _check_kind(key: str, value: Any, annotation: Any) -> None:
    """Raise ValueError unless the value of an option is of a kind that its annotation names, such as "float | None"; other
    annotations than those of `_KINDS` allow anything."""
    names = (annotation.__name__ if isinstance(annotation, type) else str(annotation)).split(" | ")
    if not set(names) <= set(_KINDS):
        return
    kinds, nouns = zip(*(_KINDS[name] for name in names), strict=True)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise ValueError(f"{key} must be {' or '.join(nouns)}, got {repr(value)[:40]}")


def _parameters(cls: type[Solver]) -> dict[str, inspect.Parameter]:
    """Return the parameters of the `__init__` of a class, by their names and with `self`."""
    return dict(inspect.signature(cls.__init__).parameters)


def load_guests() -> None:
    """Import what `SC2VIZ_SOLVERS` names, files or modules separated as in PATH, and what the entry points name.

    A guest that fails is listed in `problems`, and what it had registered is taken back.
    """
    for place in os.environ.get(GUESTS, "").split(os.pathsep):
        if place.strip():
            _load_guest(place.strip(), place.strip())
    for point in entry_points(group=GROUP):
        _load_guest(f"{point.name} ({point.value})", point.module)


def _load_guest(label: str, place: str) -> None:
    """Import `place`, a file or a module; where it fails or registers no solver, add a line about `label` to `problems`, and take
    back what it had registered before it failed."""
    registered = dict(_solvers)
    try:
        module = _import(place)
    except Exception as error:
        file = str(Path(place).expanduser().resolve())
        line = failing.describe_place(failing.line_of(error, [file])) or label
        _problems.append(f"{line}: {type(error).__name__}: {error}")
        _solvers.clear()
        _solvers.update(registered)
        return
    if registered == _solvers and not any(
        f"{cls.__module__}.".startswith(f"{module.__name__}.") for cls in _solvers.values()
    ):
        _problems.append(f"{label} registers no solver: put @solvers.register above its class")


def _import(place: str) -> ModuleType:
    """Import a module by its name, or a file by its path, which becomes the module `sc2viz_guest_<stem>`."""
    if not place.endswith(".py") and os.sep not in place:
        return importlib.import_module(place)
    path = Path(place).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {place}")
    spec = importlib.util.spec_from_file_location(f"sc2viz_guest_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
