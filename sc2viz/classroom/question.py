"""A question that is answered before the picture shows the answer, and what is true of the view at hand.

Steps of tours, "Predict first", exercises, classes and worksheets ask the same `Question` and judge by the same `Truth`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf, isclose, isfinite
from typing import Any

from sc2viz.words import _, count, digits

MOST_CHOICES = 5


@dataclass(frozen=True)
class Truth:
    """What is true of the view at hand."""

    answer: float  # the place of the right choice, or the number
    sentence: str  # true of this view: what is surprising, and why
    margin: float = 0.0  # how far from the number an answer may be and still counts as right
    ties: tuple[int, ...] = ()  # the places of other choices that are as right

    def holds(self, answer: float) -> bool:
        """Whether an answer is right."""
        return answer in self.ties or abs(answer - self.answer) <= self.margin

    def for_browser(self) -> dict[str, Any]:
        """Return what a browser is told of the truth: by which it judges an answer, and the sentence."""
        return {"truth": [self.answer, self.margin, list(self.ties)], "why": self.sentence}


@dataclass(frozen=True)
class Question:
    """A question: one of 2 to 5 choices, or a number from `low` to `high` in steps of `step`. ValueError: neither."""

    text: str
    choices: tuple[str, ...] = ()  # none: a number
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    unit: str = ""
    figure: str = (
        ""  # on whose axis the number lives; with " up" behind its key, on its upright axis
    )
    truth: str = ""  # the function of `ui.tours.truths` that computes the answer, and its options
    options: Mapping[str, float | str] = field(default_factory=dict)
    # The numbers that the choices stand for; none where the function answers with the place of a choice
    values: tuple[float, ...] = ()
    visible: tuple[
        str, ...
    ] = ()  # the keys of the parts of the page that are seen before the answer
    reveals: Mapping[str, list[str]] = field(
        default_factory=dict
    )  # what the answer changes of the view

    def __post_init__(self):
        if self.choices and not 2 <= len(set(self.choices)) == len(self.choices) <= MOST_CHOICES:
            raise ValueError(
                f"choices must be 2 to {MOST_CHOICES} different ones, got {list(self.choices)}"
            )
        if not self.choices and not (-inf < self.low and 0 < self.step <= self.high - self.low):
            raise ValueError(
                f"a number needs low < high and a step between them, got {self.low}, {self.high}, {self.step}"
            )

    def for_browser(self) -> dict[str, Any]:
        """Return what a browser is told of the question, in the reader's language."""
        return {
            "words": _(self.text),
            "choices": list(map(_, self.choices)),
            "range": [self.low, self.high, self.step],
            "unit": _(self.unit),
        }

    def read(self, answer: object) -> float:
        """Return an answer that came from outside as a number: the place of the choice, or the number itself. ValueError: no
        answer to this question."""
        is_answer = type(answer) in (int, float) and isfinite(answer)
        if is_answer and self.choices:
            is_answer = answer in range(len(self.choices))
        elif is_answer:
            steps = (answer - self.low) / self.step
            is_answer = self.low <= answer <= self.high and isclose(
                steps, round(steps), abs_tol=1e-6
            )
        if not is_answer:
            raise ValueError(f"{answer!r:.40} is no answer to this question")
        return float(answer)

    def fit(self, truth: Truth | None) -> "Question":
        """Return the question with a range that contains the truth.

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

    def choose(self, truth: Truth) -> Truth:
        """Return the truth as the choice whose number is nearest to it; unchanged where choices stand for no numbers."""
        if not self.values:
            return truth
        distances = [abs(value - truth.answer) for value in self.values]
        nearest, *ties = (
            k for k, distance in enumerate(distances) if isclose(distance, min(distances))
        )
        return Truth(nearest, truth.sentence, ties=tuple(ties))

    def describe(self, answer: float) -> str:
        """Return an answer in words: a choice, or a number with its unit."""
        if self.choices:
            return _(self.choices[int(answer)])
        if self.unit.endswith("s") and float(answer).is_integer():
            return count(int(answer), self.unit.removesuffix("s"), self.unit)
        return digits(answer) + (f"\u00a0{_(self.unit)}" if self.unit else "")

    def describe_truth(self, truth: Truth) -> str:
        """Return the right answer in words, or all that are right."""
        right = filter(truth.holds, range(len(self.choices))) if self.choices else [truth.answer]
        return " / ".join(map(self.describe, right))
