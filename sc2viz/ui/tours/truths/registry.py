"""The functions that a tour's file names as the truth of a question, and what they are given."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sc2viz import solvers
from sc2viz.classroom.question import Truth
from sc2viz.draw import mosaics
from sc2viz.ui import models, results, sets, url
from sc2viz.ui.domains import Now
from sc2viz.ui.sidebar import View, strip
from sc2viz.words import _, localized

TRUTHS: dict[str, Callable[..., Truth | None]] = {}  # by the name that files use
_TYPES = {float: (int, float), int: (int,), str: (str,)}


@dataclass(frozen=True)
class Sight:
    """What a reader looks at."""

    now: Now  # the values of the URL's rows
    view: View | None  # None on a page without the bench
    choices: tuple[str, ...] = ()  # of the question

    @classmethod
    def of(cls, query: Mapping[str, list[str]], others: Now | None = None) -> Sight:
        """What an address shows that has `query`, with the dictionary at hand. others: gives the values of the rows that it
        does not have; None where they open as they do."""

        def now(key: str) -> Any:
            if others and key not in query:
                return others(key)
            return url.first(url.TABLE[key], query.get(key, []), now)

        images, picture = sets.images(now("data")), now("picture")
        return cls(
            now,
            View(now("data"), images, picture, strip(picture, images), now("lam"), now("T"), False),
        )

    @property
    def x(self) -> np.ndarray:
        """The picture at hand, (1, d_x)."""
        return self.view.pixels([self.view.picture])

    def picture(self) -> str:
        """The picture at hand as the address of an image; "" on a page without the bench, and where rows are no pictures."""
        shape = self.view and self.view.shape
        return mosaics.kept_uri(mosaics.mosaic(self.x, shape)) if shape else ""

    @property
    def where(self) -> str:
        """The picture and λ, at the start of a sentence."""
        return _(
            "{picture}, λ = {lam}", picture=self.view.subject([self.view.picture]), lam=self.lam
        )

    @property
    def lam(self) -> str:
        """λ as it is read."""
        return localized(f"{self.view.lam:g}")

    def exact(self) -> np.ndarray:
        """The exact code of the picture at hand, (d_s,)."""
        return results.exact(self.view.data, self.x, self.view.lam).codes[0]

    def model(self, label: str) -> models.Model:
        """The solver with that label on the data at hand."""
        return models.choices(self.view.data)[label]

    def last(self, fits: Callable[[models.Model], bool]) -> models.Model:
        """The solver that the reader chose last of those that `fits`; without one, a network that does (`chips.last`)."""
        known = models.choices(self.view.data)
        chosen = [known[label] for label in reversed(self.now("solvers") or ()) if label in known]
        return next(
            filter(
                fits, [*chosen, *sorted(known.values(), key=lambda model: not model.traits.learned)]
            )
        )

    def descent(
        self, label: str, rows: Sequence[int] = (), safeguard: bool = False
    ) -> results.Descent:
        """What a solver does to the picture at hand; or to pictures of `rows`, at the stops of T as Compare asks for it."""
        pixels = self.view.pixels(rows or [self.view.picture])
        kept = url.stops("T", self.view.steps) if rows else results.ALL
        return results.descent(self.model(label), pixels, self.view.lam, kept, safeguard)

    def trace(self, model: models.Model, steps: int = 0) -> solvers.Trajectory:
        """Everything that a solver computes for the picture at hand, in `steps` iterations, or in T."""
        return results.trace(model, self.x, self.view.lam, steps or self.view.steps)


def named(function: Callable[..., Truth | None]) -> Callable[..., Truth | None]:
    """Register a truth by its function's name."""
    TRUTHS[function.__name__.replace("_", " ")] = function
    return function


def find_lowest(values: Sequence[float], shown: Sequence[str]) -> tuple[int, tuple[int, ...]]:
    """The place of the lowest value, and the places of those that read the same on the screen."""
    first = min(range(len(values)), key=values.__getitem__)
    ties = (k for k, text in enumerate(shown) if text == shown[first] and k != first)
    return first, tuple(ties)


def misfit(name: str, given: Mapping[str, object]) -> str:
    """What is wrong with what a file gives the truth `name`, with the remedy; "" where nothing is."""
    takes = dict(list(inspect.signature(TRUTHS[name]).parameters.items())[1:])
    needed = [key for key, one in takes.items() if one.default is one.empty and key not in given]
    wrong = [
        key
        for key, value in given.items()
        if key not in takes
        or isinstance(value, bool)
        or not isinstance(value, _TYPES[takes[key].annotation])
    ]
    if not (needed or wrong):
        return ""
    told = (
        ", ".join(f"{key} ({one.annotation.__name__})" for key, one in takes.items()) or "nothing"
    )
    return f"the truth {name} does not fit what is given it ({', '.join([*wrong, *needed])}): it takes {told}"
