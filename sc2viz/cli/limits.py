"""Numbers and names on the command line, each with its limits, so that a slip of the finger ends in one clear line,
before any work."""

import argparse
import math
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

Parser = partial(
    argparse.ArgumentParser, allow_abbrev=False
)  # --dictionary must not be taken for --dictionary-rate


def whole_number(minimum: int, maximum: int) -> Callable[[str], int]:
    """An int from `minimum` to `maximum`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or not minimum <= value <= maximum:
            raise argparse.ArgumentTypeError(
                f"must be a whole number from {minimum:,} to {maximum:,}, got {text[:40]}"
            )
        return value

    return read


atoms, steps, seed = whole_number(1, 65_536), whole_number(1, 10_000), whole_number(0, 2**62)
epochs, rows = whole_number(0, 1_000_000), whole_number(0, 10_000_000)
times = whole_number(1, 10_000_000)


def positive(text: str) -> float:
    """A finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number above 0, got {text[:40]}")
    return value


def name_in(module: str, *tables: str) -> Callable[[str], str]:
    """A name that one of a module's `tables` holds. The module is imported when a name is read: --help needs none."""

    def read(text: str) -> str:
        names = [name for table in tables for name in getattr(import_module(module), table)]
        if text not in names:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not one of {', '.join(names)}")
        return text

    return read


def weights(text: str) -> str:
    """The name of a file for weights: it ends in .safetensors, or has no ending."""
    if Path(text).suffix not in ("", ".safetensors"):
        raise argparse.ArgumentTypeError(f"must end in .safetensors, got {text[:200]}")
    return text


def shape(text: str) -> tuple[int, int]:
    """d_x and d_s, as in 64×256 or 64x256."""
    try:
        d_x, d_s = map(int, text.replace("x", "×").split("×"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a shape like 64×256") from None
    return d_x, d_s
