"""Which values a key of the URL may have, and which of them the text of a link means."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import isclose
from typing import Any

import numpy as np
import streamlit as st

from sc2viz import words


class Domain:
    """The values of a row. `mend(text)` is the one that a text means, None where it means none; `arguments` are what a widget
    over these values takes."""

    mend: Callable[[str], Any]
    options: tuple

    def label(self, value: Any) -> str:
        """Return a value as it stands on the screen and in the address."""
        return written(value)

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of a widget over these values."""
        return {"options": self.options, "format_func": self.label}


@dataclass(frozen=True)
class Names(Domain):
    """One name out of several, or several of them. Upper and lower case are the same in a link.

    `labels` maps names to other words, in English. A widget shows them in the reader's language, and Streamlit puts into the
    address what a widget shows. A link may have the name, or its words in any language; one that is given away has the name.
    """

    options: tuple[str, ...]
    alias: Callable[[str], str | None] = lambda text: None  # the name that an older text means
    labels: Mapping[str, str] | Callable[[], Mapping[str, str]] = field(default_factory=dict)

    def mend(self, text: str) -> str | None:
        """Return the name that a text means, by the name or by its words in any language; None where it means none."""
        text_in_lower_case = text.strip().lower()
        for option in self.options:
            if option.lower() == text_in_lower_case:
                return option
        for language in words.offered():
            with words.speaking(language):
                for option in self.options:
                    if self.label(option).lower() == text_in_lower_case:
                        return option
        return self.alias(text)

    def label(self, value: str) -> str:
        """Return a name in the words that `labels` has for it, in the reader's language."""
        labels = self.labels() if callable(self.labels) else self.labels
        return words._(labels.get(value, value))


@dataclass(frozen=True)
class Switch(Domain):
    """On or off."""

    def mend(self, text: str) -> bool | None:
        return {"true": True, "false": False}.get(text.strip().lower())

    def arguments(self) -> dict[str, Any]:
        return {}


class _Numeric(Domain):
    nearest: Callable[[float], float]

    def mend(self, text: str) -> float | None:
        """Return the number that a text means; None where it means none of these numbers."""
        try:
            number = float(text)
            nearest = self.nearest(number)
        except (ValueError, OverflowError):  # no number, NaN, or infinite
            return None
        return nearest if isclose(nearest, number, rel_tol=1e-5, abs_tol=1e-9) else None


@dataclass(frozen=True)
class Numbers(_Numeric):
    """One of the numbers listed, in ascending order."""

    options: tuple[float, ...]

    def stops(self) -> tuple[float, ...]:
        """Return where a slider over these numbers stops."""
        return self.options

    def nearest(self, number: float) -> float:
        return min(self.options, key=lambda option: abs(option - number))


@dataclass(frozen=True)
class Range(_Numeric):
    """Every number from `low` to `high`, in steps of `step`: an int or a float, as the limits are.

    Without a step every number is allowed, to six significant digits. A slider stops at the `marks` and at the current
    number.
    """

    low: float
    high: float
    step: float | None = None
    marks: tuple[float, ...] = ()

    def stops(self) -> tuple[float, ...]:
        """Return where a slider over the range stops: at its marks, or at every step."""
        return self.marks or _grid(self.low, self.high, self.step)

    def nearest(self, number: float) -> float:
        """Return the number of the range that is nearest to `number`."""
        number = min(max(number, self.low), self.high)
        if self.step is None:
            return float(f"{number:g}")
        steps = round((number - self.low) / self.step)
        return type(self.low)(round(self.low + steps * self.step, 9))

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of a field for a number of the range."""
        limits = {"min_value": self.low, "max_value": self.high}
        return limits | ({"step": self.step} if self.step else {"step": 1e-6, "format": "%g"})


@lru_cache(32, typed=True)
def _grid(low: float, high: float, step: float) -> tuple[float, ...]:
    """Return the numbers from `low` to `high` in steps of `step`, as ints or floats like `low`."""
    return tuple(type(low)(round(low + k * step, 9)) for k in range(round((high - low) / step) + 1))


Lookup = Callable[[str], Any]  # the value of each row


def fit(domain: Domain, stored: Any) -> Any:
    """Return what a widget over a domain may hold in the place of `stored`: the nearest number, or the same name; None where
    that means none. Of several values, those that it may hold."""
    if isinstance(stored, list):
        values = (fit(domain, option) for option in stored)
        return list(dict.fromkeys(value for value in values if value is not None))
    if isinstance(domain, Numbers | Range):
        return domain.nearest(stored) if isinstance(stored, int | float) else None
    return domain.mend(written(stored))


def read(domain: Domain, texts: Iterable[str]) -> Any:
    """Return the first value that the texts of a link mean; None where they mean none."""
    return next((value for text in texts if (value := domain.mend(text)) is not None), None)


def current(key: str, domain: Callable[[], Domain]) -> Any:
    """Return the value that the widget of a key, or else the URL, means; None where they mean none. `domain` is called only
    where there is something to read."""
    stored, texts = st.session_state.get(key), st.query_params.get_all(key)
    value = None if stored is None else fit(domain(), stored)
    return read(domain(), texts) if value is None and texts else value


def written(value: Any) -> str:
    """Return a value as the text that stands for it in the URL, and on a slider."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):  # six significant digits, without an exponent: 0.00001, not 1e-05
        return np.format_float_positional(float(f"{value:g}"), trim="-")
    return str(value)
