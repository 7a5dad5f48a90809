"""What is true of the view at hand: the functions that a tour's file names as the truth of a question.

Each is given a `Sight` and what the file gives it, and returns the number that was asked for, with one sentence on what is
surprising and why, or None where the view has no answer.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sc2viz import evaluation
from sc2viz.classroom.question import Truth
from sc2viz.ui import models, phrases, results, sets
from sc2viz.ui.domains import Now
from sc2viz.ui.sidebar import View

TRUTHS: dict[str, Callable[..., Truth | None]] = {}  # by the name that files use
_TYPES = {"float": (int, float), "int": (int,), "str": (str,)}


@dataclass(frozen=True)
class Sight:
    """What a reader looks at."""

    now: Now  # the values of the URL's rows
    view: View | None  # None on a page without the bench
    choices: tuple[str, ...] = ()  # of the question

    @property
    def x(self) -> np.ndarray:
        """The picture at hand, (1, d_x)."""
        return self.view.pixels([self.view.picture])

    @property
    def where(self) -> str:
        """The picture and λ, at the start of a sentence."""
        return f"{self.view.subject([self.view.picture])}, λ = {self.view.lam:g}"

    def model(self, label: str) -> models.Model:
        """The solver with that label, on the data at hand."""
        return models.choices(self.view.data)[label]


def named(function: Callable[..., Truth | None]) -> Callable[..., Truth | None]:
    """Register a truth by its function's name."""
    TRUTHS[function.__name__.replace("_", " ")] = function
    return function


def misfit(name: str, given: Mapping[str, object]) -> str:
    """What is wrong with what a file gives the truth `name`, with the remedy; "" where nothing is."""
    takes = dict(list(inspect.signature(TRUTHS[name]).parameters.items())[1:])
    needed = [key for key, one in takes.items() if one.default is one.empty and key not in given]
    wrong = [key for key, value in given.items() if key not in takes or isinstance(value, bool)
             or not isinstance(value, _TYPES[takes[key].annotation])]  # fmt: skip
    if not (needed or wrong):
        return ""
    told = ", ".join(f"{key} ({one.annotation})" for key, one in takes.items()) or "nothing"
    return f"the truth {name} does not fit what is given it ({', '.join([*wrong, *needed])}): it takes {told}"


@named
def atoms(at: Sight, times: float = 1.0) -> Truth | None:
    """How many atoms the exact code of the picture uses at `times` λ."""
    lam = times * at.view.lam
    code = results.exact(at.view.data, at.x, lam).codes[0]
    used = int(evaluation.in_use(code).sum())
    told = f"{at.view.subject([at.view.picture])}, λ = {lam:g}: {used} of {len(code)} weights are not zero"
    order = evaluation.largest_first(code, sets.dictionary(at.view.data).numpy())
    some = used // 4
    left = evaluation.missing(at.x[0], code, sets.dictionary(at.view.data).numpy(), order)[some] if some else 1.0
    if left < 1:
        told += f", and the largest {some} of them alone explain {phrases.share(1 - left)} of it"
    return Truth(used, f"{told}.", margin=max(1, 0.1 * used))
