"""Which values a key of the URL may have, and which of them the text of a link means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import isclose
from typing import Any

import numpy as np
import streamlit as st

from sc2viz import words


@dataclass(frozen=True)
class Names:
    """One name out of several, or several of them. Upper and lower case are the same in a link.

    `labels` maps names to other words, in English. A widget shows them in the reader's language, and Streamlit puts into the
    address what a widget shows. A link may have the name, or its words in any language; one that is given away has the name.
    """

    options: tuple[str, ...]
    meant: Callable[[str], str | None] = lambda text: (
        None
    )  # the name that another text means, such as one of an older link
    labels: Mapping[str, str] | Callable[[], Mapping[str, str]] = field(default_factory=dict)

    def mend(self, text: str) -> str | None:
        """The name that `text` means; None where it means none of them."""
        return self.named(text) or self.meant(text)

    def named(self, text: str) -> str | None:
        """The name that is `text`, or has these words in any language; None where there is none."""
        asked = text.strip().lower()
        plain = next((option for option in self.options if option.lower() == asked), None)
        return plain or next(
            (
                option
                for language in words.offered()
                for option in self.options
                if self.label(option, language).lower() == asked
            ),
            None,
        )

    def label(self, option: str, language: str = "") -> str:
        """The words for a name, on the screen and in the address; in the reader's language, or another one."""
        if language:
            return words.speaking(language)(self.label)(option)
        return words._(
            (self.labels() if callable(self.labels) else self.labels).get(option, option)
        )

    def arguments(self) -> dict[str, Any]:
        """What a widget over these names takes."""
        return {"options": self.options, "format_func": self.label}


@dataclass(frozen=True)
class Switch:
    """On or off."""

    def mend(self, text: str) -> bool | None:
        return {"true": True, "false": False}.get(text.strip().lower())

    def arguments(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Numbers:
    """One of the numbers listed, in ascending order."""

    options: tuple[float, ...]

    def stops(self) -> tuple[float, ...]:
        return self.options

    def nearest(self, number: float) -> float:
        return min(self.options, key=lambda option: abs(option - number))

    def mend(self, text: str) -> float | None:
        return _among(self, text)

    def arguments(self) -> dict[str, Any]:
        return {"options": self.options, "format_func": written}


@dataclass(frozen=True)
class Range:
    """Every number from `low` to `high`, in steps of `step`: an int or a float, as the limits are.

    Without a step every number is allowed, to six significant digits. A slider stops at the `marks` and at the number at
    hand.
    """

    low: float
    high: float
    step: float | None = None
    marks: tuple[float, ...] = ()

    def stops(self) -> tuple[float, ...]:
        return self.marks or _spread(self.low, self.high, self.step)

    def nearest(self, number: float) -> float:
        number = min(max(number, self.low), self.high)
        if self.step is None:
            return float(f"{number:g}")
        return type(self.low)(
            round(self.low + round((number - self.low) / self.step) * self.step, 9)
        )

    def mend(self, text: str) -> float | None:
        return _among(self, text)

    def arguments(self) -> dict[str, Any]:
        if self.step is None:
            return {"min_value": self.low, "max_value": self.high, "step": 1e-6, "format": "%g"}
        return {"min_value": self.low, "max_value": self.high, "step": self.step}


@lru_cache(32, typed=True)
def _spread(low: float, high: float, step: float) -> tuple[float, ...]:
    return tuple(type(low)(round(low + k * step, 9)) for k in range(round((high - low) / step) + 1))


Domain = Names | Switch | Numbers | Range
Now = Callable[[str], Any]


def fit(domain: Domain, held: Any) -> Any:
    """What a widget over a domain may hold in the place of `held`: the nearest number, or the same; None where that means
    none."""
    if isinstance(domain, Numbers | Range):
        return domain.nearest(held) if isinstance(held, int | float) else None
    return domain.mend(written(held))


def asked(key: str, values: Callable[[], Domain]) -> Any:
    """The first value that the widget of a key, or else the URL, means; None where they mean none."""
    held = st.session_state.get(key)
    found = None if held is None else fit(values(), held)
    return meant(st.query_params.get_all(key), values) if found is None else found


def meant(texts: Sequence[str], values: Callable[[], Domain]) -> Any:
    """The first value that the texts of a link mean; None where they mean none."""
    domain = values() if texts else None
    return next((value for text in texts if (value := domain.mend(text)) is not None), None)


def _among(domain: Numbers | Range, text: str) -> float | None:
    """The number of a domain that `text` is; None where it is none of them."""
    try:
        number = float(text)
        nearest = domain.nearest(number)
    except (ValueError, OverflowError):  # no number, NaN, or infinite
        return None
    return nearest if isclose(nearest, number, rel_tol=1e-5, abs_tol=1e-9) else None


def written(value: Any) -> str:
    """A value as it stands in the URL, and on a slider."""
    if isinstance(value, bool):
        return str(value).lower()
    # Six significant digits, without an exponent: 0.00001 and not 1e-05
    return (
        np.format_float_positional(float(f"{value:g}"), trim="-")
        if isinstance(value, float)
        else str(value)
    )
