"""How a solver from outside the package fails: one sentence with its label, its file, the line and the message.

A failure costs this solver its card and nothing else. Pages and commands therefore catch `Failed` solver by solver.
"""

import functools
import inspect
import sys
import sysconfig
import threading
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from sc2viz import arguments
from sc2viz.solvers import guests

_PACKAGE = Path(__file__).resolve().parents[1]
_OTHERS = tuple({sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib")})
_late_in: WeakKeyDictionary[type, str] = WeakKeyDictionary()  # where a class was that took too long


class Failed(ValueError):
    """A solver raised an exception, or its codes are not finite. The message names the solver, the file and the line."""


class Broken(Exception):
    """What a solver does not keep of the interface, and the part of it that is at fault."""

    def __init__(self, what: str, part: str = "step"):
        super().__init__(what)
        self.part = part


def file_of(cls: type) -> str:
    """The file that defines a class; the name of its module where there is none."""
    module = sys.modules.get(cls.__module__)
    return (
        str(Path(module.__file__).resolve())
        if getattr(module, "__file__", None)
        else cls.__module__
    )


@functools.cache  # pages ask for each solver many times a rerun
def is_guest(cls: type) -> bool:
    """Whether a class comes from outside the package."""
    return not Path(file_of(cls)).is_relative_to(_PACKAGE)


def own_files(cls: type) -> list[str]:
    """The files from outside the package that define a solver's class and the solvers that it derives from."""
    return [
        file_of(each) for each in cls.__mro__ if each not in (nn.Module, object) and is_guest(each)
    ]


def line_of(error: BaseException, files: list[str]) -> tuple[str, int] | None:
    """The file and the line at which `error` was raised: in one of `files`, whose line called what raised it, else in the
    last file that belongs neither to sc2viz nor to Python nor to an installed package."""
    if isinstance(error, SyntaxError) and error.lineno:
        return error.filename or "", error.lineno
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<")
    ]
    own = [frame for frame in frames if str(Path(frame.filename).resolve()) in files]
    elsewhere = [
        frame
        for frame in frames
        if not (
            Path(frame.filename).resolve().is_relative_to(_PACKAGE)
            or frame.filename.startswith(_OTHERS)
            or "importlib" in frame.filename
        )
    ]
    frame = next(iter([*reversed(own), *reversed(elsewhere)]), None)
    return None if frame is None else (frame.filename, frame.lineno)


def line_of_part(cls: type, part: str) -> tuple[str, int] | None:
    """The file and the first line of a method of a class, or of the class where the method is not its own."""
    for each in (getattr(cls, part, None), cls):
        try:
            file = inspect.getsourcefile(each)
            if file and str(Path(file).resolve()) in own_files(cls):
                return file, inspect.getsourcelines(each)[1]
        except (TypeError, OSError):
            continue
    return None


def told(where: tuple[str, int] | None) -> str:
    """A place in words: "tista.py, line 27"; "" where it is not known."""
    return f"{Path(where[0]).name}, line {where[1]}" if where else ""


def failed(cls: type, error: BaseException) -> Failed:
    """What `error`, which a solver of that class raised, is on pages and in commands."""
    place = told(line_of(error, own_files(cls)) or line_of_part(cls, "step"))
    message = f"{type(error).__name__}: {error}".removesuffix(": ")
    if why := guests.late(cls):
        place, message = _late_in.setdefault(cls, place), why
    return Failed(f"{cls.label} failed" + (f" in {place}" if place else "") + f": {message}")


@contextmanager
def named(solver: nn.Module, timed: bool = True) -> Iterator[None]:
    """Let exceptions of a solver from outside the package carry its name, its file and the line, and what any solver does
    not keep of the interface as well. The call is `contained`."""
    cls = type(solver)
    try:
        with contained(cls, timed):
            yield
    except Failed:
        raise
    except Broken as broken:
        place = told(line_of_part(cls, broken.part))
        where = f" ({place})" if place else ""
        raise Failed(
            f"{cls.label} does not keep the interface of a solver{where}: {broken}"
        ) from broken
    except raised() as error:
        if not is_guest(cls):
            raise
        raise failed(cls, error) from error


def contained(cls: type, timed: bool = True) -> AbstractContextManager[None]:
    """`guests.contained` for a call of a solver from outside the package; others are left alone. `Failed` for a class that
    is left out."""
    if not is_guest(cls):
        return nullcontext()
    if why := guests.late(cls):
        raise Failed(
            f"{cls.label} failed" + (f" in {_late_in[cls]}" if cls in _late_in else "") + f": {why}"
        )
    return guests.contained(cls, timed)


def raised() -> tuple[type[BaseException], ...]:
    """The exceptions that are a solver's own failure. Beside the main thread all are, because one that a page does not catch
    ends it without a word; in the main thread Python raises KeyboardInterrupt for Ctrl-C."""
    if threading.current_thread() is threading.main_thread():
        return Exception, SystemExit, guests.OutOfTime
    return (BaseException,)


def finite(solver: nn.Module, codes: Tensor, first: int | None = None) -> Tensor:
    """`codes` (…, d_s) of a solver; Failed where one is NaN or infinite. `first`: codes are (k, n, d_s), and entry 0 is that
    after so many iterations."""
    if arguments.is_finite(codes):
        return codes
    cls, since = type(solver), ""
    if first is not None:
        bad = (~torch.isfinite(codes)).flatten(1).any(1)
        since = f" from iteration {first + int(bad.int().argmax())} on"
    place = told(line_of_part(cls, "step"))
    raise Failed(
        f"{cls.label} failed"
        + (f" in {place}" if place else "")
        + f": its codes are not finite{since}"
    )
