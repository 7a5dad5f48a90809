"""Which values a key of the URL may have, and to which of them the text of a link is mended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import isnan
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
    """One of the numbers listed, in ascending order. A link's number is mended to the nearest one."""

    options: tuple[float, ...]

    def stops(self) -> tuple[float, ...]:
        return self.options

    def mend(self, text: str) -> float | None:
        asked = _clipped(text, self.options[0], self.options[-1])
        return None if asked is None else min(self.options, key=lambda option: abs(option - asked))

    def arguments(self) -> dict[str, Any]:
        return {"options": self.options, "format_func": written}


@dataclass(frozen=True)
class Range:
    """Every number from `low` to `high`, in steps of `step`: an int or a float, as the limits are.

    Without a step every number is allowed, to six significant digits. A slider stops at the `marks` and at the number at
    hand. A link's number is mended to the nearest one.
    """

    low: float
    high: float
    step: float | None = None
    marks: tuple[float, ...] = ()

    def stops(self) -> tuple[float, ...]:
        return self.marks or _spread(self.low, self.high, self.step)

    def mend(self, text: str) -> float | None:
        asked = _clipped(text, self.low, self.high)
        if asked is None:
            return None
        if self.step is None:
            return float(f"{asked:g}")
        return type(self.low)(
            round(self.low + round((asked - self.low) / self.step) * self.step, 9)
        )

    def arguments(self) -> dict[str, Any]:
        if self.step is None:
            return {"min_value": self.low, "max_value": self.high, "step": 1e-6, "format": "%g"}
        return {"min_value": self.low, "max_value": self.high, "step": self.step}


@lru_cache(32, typed=True)
def _spread(low: float, high: float, step: float) -> tuple[float, ...]:
    return tuple(type(low)(round(low + k * step, 9)) for k in range(round((high - low) / step) + 1))


Domain = Names | Switch | Numbers | Range
Now = Callable[[str], Any]


def asked(key: str, values: Callable[[], Domain]) -> Any:
    """The first value that the widget of a key, or else the URL, means; None where they mean none. What a widget holds is
    mended as a link is, for a session's first message may hold anything."""
    held = st.session_state.get(key)
    found = None if held is None else meant([written(held)], values)
    return meant(st.query_params.get_all(key), values) if found is None else found


def meant(texts: Sequence[str], values: Callable[[], Domain]) -> Any:
    """The first value that the texts of a link mean; None where they mean none."""
    domain = values() if texts else None
    return next((value for text in texts if (value := domain.mend(text)) is not None), None)


def _clipped(text: str, low: float, high: float) -> float | None:
    """The number that `text` means, between `low` and `high`; None where it means none."""
    try:
        asked = float(text)
    except ValueError:
        return None
    return None if isnan(asked) else min(max(asked, low), high)


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
