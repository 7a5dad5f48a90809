"""Counts, lists and numbers in sentences, and the files that hold texts. gettext chooses the form of a word that a number
asks for, because other languages have more of them than two; readings.js has the same for sentences that are made in the
browser."""

import tomllib
from collections.abc import Sequence
from gettext import translation
from pathlib import Path
from typing import Any

NUMERALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ngettext = translation("messages", fallback=True).ngettext  # once: gettext itself looks for its files at every call


def form(many: int, one: str, others: str) -> str:
    """The words that go with a number: `one` with 1 and `others` with any other, such as form(n, "is", "are")."""
    return ngettext(one, others, many)


def count(many: int, one: str, others: str = "") -> str:
    """A number and what it counts: "1 iteration", "3 iterations", "1,200 steps". others: the plural, by default with -s."""
    return f"{many:,} {form(many, one, others or f'{one}s')}"


def a(name: str) -> str:
    """A class with its article: "a 7", "an 8", "an airplane"."""
    return f"an {name}" if name[:1].lower() in "aeio8" else f"a {name}"


def digits(value: float) -> str:
    """Three digits without an exponent: "0.156", "47.3", "1,234,000"; less than half a thousandth is 0."""
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{round(value, 3) + 0:.3g}"


def numeral(many: int) -> str:
    """A number in words up to twelve: "three"."""
    return NUMERALS[many] if many < len(NUMERALS) else str(many)


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def read(file: str | Path) -> dict[str, Any]:
    """The texts of a file in TOML."""
    return tomllib.loads(Path(file).read_text("utf-8"))
