"""A tour for a page that has no server: its steps as the browser takes them, each with what is true of its view."""

import logging
from dataclasses import asdict

from sc2viz.ui import app, url
from sc2viz.ui.tours import questions, reading
from sc2viz.ui.tours.truths import Sight
from sc2viz.words import _


def static(name: str, data_name: str) -> dict:
    """The app's tour with that name, in the language at hand. Views that name no data are of the data set `data_name`."""
    text = (reading.FOLDER / f"{name}.toml").read_text("utf-8")
    tour = reading.read(text, f"{name}.toml", tuple(app.TABLE), tuple(url.TABLE))
    logging.disable(logging.WARNING)  # Streamlit warns that no app is running
    steps = [
        {
            "page": step.path,
            "query": dict(step.query),
            "answered": dict(step.answered),
            "say": _(step.say),
            "attempt": _(step.attempt),
            "asks": step.asks and _asked(step, data_name),
        }
        for step in tour.steps
    ]
    logging.disable(logging.NOTSET)
    return {"name": name, "title": _(tour.title), "steps": steps}


def _asked(step: reading.TourStep, data_name: str) -> dict | None:
    """The question of a step and its truth; None where the view of the step has no answer."""
    truth = questions.truth(step.asks, Sight.of({"data": [data_name]} | step.answered))
    if truth is None:
        return None
    asked = step.asks.question.fit(truth)
    words = {"words": _(asked.words), "choices": list(map(_, asked.choices))}
    return (
        asdict(asked)
        | words
        | {
            "answer": float(truth.answer),
            "why": truth.why,
            "margin": float(truth.margin),
            "ties": list(truth.ties),
            "shows": step.light in step.asks.shows,
        }
    )
