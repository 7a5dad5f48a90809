"""Whole numbers and names of files on the command line, each with its limits, so that a slip of the finger ends in one
clear line, before any work."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

MOST_ATOMS, MOST_STEPS, MOST_EPOCHS, MOST_ROWS = 65_536, 10_000, 1_000_000, 10_000_000


class Parser(argparse.ArgumentParser):
    """Takes whole names of options alone: --dictionary must not be taken for --dictionary-rate."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, allow_abbrev=False, **options)


def whole(least: int, most: int) -> Callable[[str], int]:
    """An int from `least` to `most`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or not least <= value <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least:,} to {most:,}, got {text[:40]}")
        return value

    return read


atoms, steps, seed = whole(1, MOST_ATOMS), whole(1, MOST_STEPS), whole(0, 2**62)
epochs, rows, times = whole(0, MOST_EPOCHS), whole(0, MOST_ROWS), whole(1, MOST_ROWS)


def weights(text: str) -> str:
    """The name of a file for weights: it ends in .safetensors, or has no ending."""
    if Path(text).suffix not in ("", ".safetensors"):
        raise argparse.ArgumentTypeError(f"must end in .safetensors, got {text[:200]}")
    return text
