"""Ask before the picture: cover the answer until a reader has answered, and then lead from the guess to the truth."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from sc2viz.classroom.question import Question, Truth
from sc2viz.ui import sidebar, url
from sc2viz.ui.tours import truths
from sc2viz.ui.tours.reading import Asked, TourStep
from sc2viz.ui.tours.truths import Sight


def at_hand(what: TourStep | str) -> tuple[Question, Truth | None] | None:
    """The question of a tour's step, or of the page at an address, and what is true of the view at hand; None without one.

    The truth is computed at each call, from results that are kept. It is None where the view has no answer."""
    asks = what.asks if isinstance(what, TourStep) else of_pages().get(what)
    return None if asks is None else (asks.question, truth(asks, Sight(url.now, sidebar.current())))


def truth(asks: Asked, sight: Sight) -> Truth | None:
    """What is true of what the reader looks at; None where there is no answer, as where a solver fails."""
    try:
        found = truths.TRUTHS[asks.truth](replace(sight, choices=asks.question.choices), **asks.given)
    except Exception:  # a guest's solver may raise anything
        return None
    if found is None or not asks.at:
        return found
    nearest = min(range(len(asks.at)), key=lambda k: abs(asks.at[k] - found.answer))
    return Truth(nearest, found.why)


@cache
def of_pages() -> dict[str, Asked]:
    """The questions of pages, by address."""
    return {}
