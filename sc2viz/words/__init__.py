"""Words that go with counts and lists. gettext chooses the form that a number asks for, because other languages have more of
them than two; readings.js has the same for sentences that are made in the browser."""

from collections.abc import Sequence
from gettext import ngettext

NUMERALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def form(many: int, one: str, others: str) -> str:
    """The words that go with a number: `one` with 1 and `others` with any other, such as form(n, "is", "are")."""
    return ngettext(one, others, many)


def count(many: int, one: str, others: str = "") -> str:
    """A number and what it counts: "1 iteration", "3 iterations", "1,200 steps". others: the plural, by default with -s."""
    return f"{many:,} {form(many, one, others or f'{one}s')}"


def numeral(many: int) -> str:
    """A number in words up to twelve: "three"."""
    return NUMERALS[many] if many < len(NUMERALS) else str(many)


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
