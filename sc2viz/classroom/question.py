"""A question that is answered before the picture shows the answer: what is asked, and what is true of the view at hand."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sc2viz.words import _

MOST_CHOICES = 5


@dataclass(frozen=True)
class Question:
    """A question: one of 2 to 5 choices, or a number from `low` to `high` in steps of `step`. ValueError: neither."""

    words: str
    choices: tuple[str, ...] = ()  # none: a number
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    unit: str = ""
    on: str = ""  # the key of the figure on whose axis the number lives; with " up" behind it, on its upright axis

    def __post_init__(self):
        if self.choices and not 2 <= len(set(self.choices)) == len(self.choices) <= MOST_CHOICES:
            raise ValueError(
                f"choices must be 2 to {MOST_CHOICES} different ones, got {list(self.choices)}"
            )
        if not self.choices and not (
            np.isfinite([self.low, self.high]).all() and 0 < self.step <= self.high - self.low
        ):
            raise ValueError(
                f"a number needs low < high and a step between them, got {self.low}, {self.high}, {self.step}"
            )

    def for_browser(self) -> dict[str, Any]:
        """What a browser is told of it, in the reader's language."""
        return {
            "words": _(self.words),
            "choices": list(map(_, self.choices)),
            "range": [self.low, self.high, self.step],
            "unit": _(self.unit),
        }

    def read(self, answer: object) -> float:
        """An answer as a number: the place of the choice, or the number itself. ValueError: no answer to this question."""
        if (
            isinstance(answer, bool)
            or not isinstance(answer, int | float)
            or not np.isfinite(answer)
        ):
            raise ValueError(f"an answer must be a number, got {answer!r:.40}")
        if self.choices:
            if answer not in range(len(self.choices)):
                raise ValueError(f"a choice must be 0 to {len(self.choices) - 1}, got {answer}")
            return float(answer)
        steps = (answer - self.low) / self.step
        if not (self.low <= answer <= self.high and abs(steps - round(steps)) < 1e-6):
            raise ValueError(
                f"a number must be {self.low:g} to {self.high:g} in steps of {self.step:g}, got {answer:g}"
            )
        return float(answer)

    def fit(self, truth: "Truth | None") -> "Question":
        """The question with a range that contains the truth.

        The range grows by its own width on the side of the truth, and on both sides where it begins below zero, so that it
        does not give away the sign.
        """
        low, high = self.low, self.high
        while not self.choices and truth and not low <= truth.answer <= high:
            width, both_sides = high - low, low < 0
            if both_sides or truth.answer < low:
                low -= width
            if both_sides or truth.answer > high:
                high += width
        return replace(self, low=low, high=high)


@dataclass(frozen=True)
class Truth:
    """What is true of the view at hand."""

    answer: float  # the place of the right choice, or the number
    why: str  # one sentence that is true of this view: what is surprising, and why
    margin: float = 0.0  # how far from the number an answer may be and still counts as right
    ties: tuple[int, ...] = ()  # the places of other choices that are as right

    def holds(self, answer: float) -> bool:
        """Whether an answer is right."""
        return answer in self.ties or abs(answer - self.answer) <= self.margin
