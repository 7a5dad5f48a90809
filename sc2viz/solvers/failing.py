"""How a solver from outside the package fails: one sentence with its label, its file, the line and the message.

A failure costs this solver its card and nothing else. Pages and commands therefore catch `Failed` solver by solver.
"""

import functools
import inspect
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import torch
from torch import Tensor, nn

from sc2viz import arguments

_PACKAGE = Path(__file__).resolve().parents[1]
_INSTALLED = tuple({sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib")})


class Failed(ValueError):
    """A solver raised an exception, or its codes are not finite. The message names the solver, the file and the line."""


class Broken(Exception):
    """What a solver does not keep of the interface, and the method that is at fault."""

    def __init__(self, message: str, method: str = "step"):
        super().__init__(message)
        self.method = method


def file_of(cls: type) -> str:
    """Return the file that defines a class; the name of its module where there is none."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return str(Path(file).resolve()) if file else cls.__module__


@functools.cache  # pages ask for each solver many times a rerun
def is_guest(cls: type) -> bool:
    """Whether a class comes from outside the package."""
    return not Path(file_of(cls)).is_relative_to(_PACKAGE)


def guest_files(cls: type) -> list[str]:
    """Return the files from outside the package that define a solver's class and the solvers that it derives from."""
    return [
        file_of(base) for base in cls.__mro__ if base not in (nn.Module, object) and is_guest(base)
    ]


def line_of(error: BaseException, files: list[str]) -> tuple[str, int] | None:
    """Return the file and the line at which `error` was raised, None where neither is known: in one of `files`, whose line called
    what raised it, else in the last file that belongs neither to sc2viz nor to Python nor to an installed package."""
    if isinstance(error, SyntaxError) and error.lineno:
        return error.filename or "", error.lineno
    lines = [
        (frame.filename, frame.lineno)
        for frame in reversed(traceback.extract_tb(error.__traceback__))
        if not frame.filename.startswith("<")
    ]
    of_files = [line for line in lines if str(Path(line[0]).resolve()) in files]
    of_others = [line for line in lines if not line[0].startswith((str(_PACKAGE), *_INSTALLED))]
    return next(iter(of_files + of_others), None)


def line_of_method(cls: type, name: str) -> tuple[str, int] | None:
    """Return the file and the first line of a method of a guest's class, or of the class where the method is not its own; None
    where no file is known."""
    for item in (getattr(cls, name, cls), cls):
        with suppress(TypeError, OSError):  # it has no file, as in a notebook
            file = inspect.getsourcefile(item)
            if str(Path(file).resolve()) in guest_files(cls):
                return file, inspect.getsourcelines(item)[1]
    return None


def describe_place(place: tuple[str, int] | None, template: str = "{}") -> str:
    """Return a place (file, line) as words in `template`, by default "tista.py, line 27"; "" for None."""
    return template.format(f"{Path(place[0]).name}, line {place[1]}") if place else ""


def failed(cls: type, error: Exception) -> Failed:
    """Return the `Failed` that pages and commands show for `error`, which a solver of the class `cls` raised: its message gives
    the solver's label, the file and the line."""
    place = line_of(error, guest_files(cls)) or line_of_method(cls, "step")
    message = f"{type(error).__name__}: {error}".removesuffix(": ")
    return Failed(f"{cls.label} failed{describe_place(place, ' in {}')}: {message}")


@contextmanager
def name_failures(solver: nn.Module) -> Iterator[None]:
    """Raise `Failed`, with the solver's label, the file and the line, for exceptions in the block of a solver from outside the
    package, and for `Broken` of any solver."""
    cls = type(solver)
    try:
        yield
    except Failed:
        raise
    except Broken as broken:
        place = describe_place(line_of_method(cls, broken.method), " ({})")
        message = f"{cls.label} does not keep the interface of a solver{place}: {broken}"
        raise Failed(message) from broken
    except Exception as error:
        if not is_guest(cls):
            raise
        raise failed(cls, error) from error


def finite(solver: nn.Module, codes: Tensor, first: int | None = None) -> Tensor:
    """Return `codes` (…, d_s) of a solver as they are; raise `Failed` where one is NaN or infinite. `first`: codes are
    (k, n, d_s), and entry 0 is that after so many iterations."""
    if arguments.is_finite(codes):
        return codes
    since = ""
    if first is not None:
        is_bad = (~torch.isfinite(codes)).flatten(1).any(1)
        since = f" from iteration {first + int(is_bad.int().argmax())} on"
    cls = type(solver)
    place = describe_place(line_of_method(cls, "step"), " in {}")
    raise Failed(f"{cls.label} failed{place}: its codes are not finite{since}")
