"""The functions that a tour's file names as the truth of a question, and what they are given."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import Any

import numpy as np

from sc2viz import solvers
from sc2viz.classroom.question import Question, Truth
from sc2viz.draw import mosaics
from sc2viz.ui import models, phrases, results, sets, url
from sc2viz.ui.domains import Lookup
from sc2viz.ui.sidebar import View, strip, with_drawings
from sc2viz.words import _, localized, templates

Numbers = dict[str, Any]
OF_GRID = "lowest", "largest code"  # truths of all pictures of a grid, where the page shows one
TRUTHS: dict[str, Callable[..., Numbers]] = {}  # by the name that files use


@dataclass(frozen=True, eq=False)
class Sight(View):
    """What a reader looks at."""

    value: Lookup = url.value  # gives the values of the URL's rows
    choices: tuple[str, ...] = ()  # of the question

    @classmethod
    def from_view(cls, view: View, value: Lookup = url.chosen) -> "Sight":
        """Return what the page at hand shows. value: gives the value of each row of the URL."""
        return cls(**{field.name: getattr(view, field.name) for field in fields(view)}, value=value)

    @classmethod
    def from_query(
        cls, query: Mapping[str, list[str]], other_values: Lookup | None = None
    ) -> "Sight":
        """Return what an address shows that has `query` (`url.lookup`), with the dictionary at hand."""
        value = url.lookup(query, other_values)
        data, picture, lam, T = map(value, ("data", "picture", "lam", "T"))
        images = sets.images(data)
        view = View(data, images, picture, strip(picture, images), lam, T, False)
        return cls.from_view(with_drawings(view), value)

    @property
    def setting(self) -> str:
        """The picture and λ, at the start of a sentence."""
        picture, lam = self.subject(), localized(f"{self.lam:g}")
        return _("{picture}, λ = {lam}", picture=picture, lam=lam)

    @property
    def rows(self) -> tuple[int, ...]:
        """What the page shows: the pictures of the strip in a grid, or the one at hand."""
        return self.strip if self.value("layout") == "grid" else (self.picture,)

    def rows_of(self, question: Question) -> tuple[int, ...]:
        """Return the pictures that a question is about, as rows."""
        return self.rows if question.truth in OF_GRID else (self.picture,)

    def draw(self, question: Question) -> str:
        """Return what a question is about as the address of an image; "" where rows are no pictures."""
        pixels = self.pixels(self.rows_of(question))
        return mosaics.kept_uri(mosaics.mosaic(pixels, self.shape)) if self.shape else ""

    def exact(self) -> np.ndarray:
        """Return the exact code of the picture at hand, (d_s,)."""
        return results.exact(self.data, self.x, self.lam).codes[0]

    def model(self, label: str) -> models.Model:
        """Return the solver with that label on the data at hand."""
        return models.choices(self.data)[label]

    def latest_model(self, fits: Callable[[models.Model], bool]) -> models.Model:
        """Return the solver that the reader chose last of those for which `fits` is true; without one, a network for which it
        is (`chips.last`)."""
        choices, labels = models.choices(self.data), self.value("solvers") or ()
        return next(filter(fits, models.by_choice(choices, labels)))

    def descent(
        self, label: str, rows: Sequence[int] = (), safeguard: bool = False
    ) -> results.Descent:
        """Return what a solver does to the picture at hand; or to pictures of `rows`, at the stops of T as Compare asks for
        it."""
        pixels = self.pixels(rows or [self.picture])
        stops = url.stops("T", self.steps) if rows else results.ALL
        return results.descent(self.model(label), pixels, self.lam, stops, safeguard)

    def trace(self, model: models.Model, steps: int = 0) -> solvers.Trajectory:
        """Return everything that a solver computes for the picture at hand, in `steps` iterations, or in T for 0."""
        return results.trace(model, self.x, self.lam, steps or self.steps)


def truth(function: Callable[..., Numbers]) -> Callable[..., Numbers]:
    """Register a function that computes what is true of a `Sight`, by its name; return it. What else the function takes
    stands in the file.

    The function returns the "answer", maybe its "margin" and its "ties" (`Truth`), and the numbers of its sentence, which the
    block of its name words, in the template beside its module. Where it fails, the view has no answer (`solve`).
    """
    TRUTHS[function.__name__.replace("_", " ")] = function
    return function


def solve(question: Question, sight: Sight) -> Truth | None:
    """Return what is true of what the reader looks at; None where there is no answer, as where a solver fails."""
    function = TRUTHS[question.truth]
    try:
        numbers = function(replace(sight, choices=question.choices), **question.options)
        values = {"setting": sight.setting, "lam": sight.lam, "phrases": phrases}
        values |= {
            key: option if isinstance(option, str) else localized(f"{option:g}")
            for key, option in question.options.items()
        }
        sentence = templates.render_sentence(
            inspect.getfile(function), function.__name__, **values | numbers
        )
    except Exception:  # a guest's solver may raise anything
        return None
    answer, ties = numbers["answer"], tuple(numbers.get("ties", ()))
    truth = Truth(answer, sentence, numbers.get("margin", 0.0), ties)
    return question.choose(truth) if isfinite(answer) else None


def find_lowest(values: Sequence[float], readings: Sequence[str]) -> dict[str, Any]:
    """Return the place of the lowest value, as "answer", and as "ties" the places of those that read the same on the
    screen."""
    answer = int(np.nanargmin(values))
    same = [k for k, reading in enumerate(readings) if reading == readings[answer]]
    return {"answer": answer, "ties": [k for k in same if k != answer]}
