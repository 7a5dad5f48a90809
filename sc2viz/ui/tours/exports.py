"""Tours without a server: the questions on paper, and the steps of a tour for the site."""

import logging
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from sc2viz.ui import qr, sidebar
from sc2viz.ui.tours import questions, reading
from sc2viz.ui.tours.truths import Sight, solve
from sc2viz.words import _, templates


def fill_worksheet(name: str, tour: reading.Tour) -> str:
    """Return the HTML of a tour's questions as a page to print on A4, with the address that phones may open, and their
    answers on a second one."""
    query = urlencode({"tour": name, "step": 1})
    start = urlunsplit((*urlsplit(st.context.url or "")[:3], query, ""))
    address, _sentence = qr.for_phones(start)
    image, rows = qr.image(address, border=1), []
    for step in tour.steps:
        if step.question:
            sight, has_picture = Sight.from_query(step.answered), step.path not in sidebar.ALONE
            question = step.question.fit(solve(step.question, sight))
            rows.append((question, questions.describe_answer(step), sight, has_picture))
    return templates.filled(__file__, tour=tour, address=address, image=image, rows=rows)


def export_tour(name: str, data: str) -> dict:
    """Return the app's tour with that name, in the language at hand, as a dict for the site, each step with what is true of
    its view. Views that name no data are of the data set `data`."""
    tour = reading.available()[0][name]
    logging.disable(logging.WARNING)  # Streamlit warns that no app is running
    steps = [
        {
            "page": step.path,
            "query": dict(step.query),
            "answered": dict(step.answered),
            "say": _(step.sentence),
            "attempt": _(step.attempt),
            "asks": _export_question(step, data),
        }
        for step in tour.steps
    ]
    logging.disable(logging.NOTSET)
    return {"name": name, "title": _(tour.title), "steps": steps}


def _export_question(step: reading.TourStep, data: str) -> dict | None:
    """Return the question of a step and its truth as a dict; None where the step has none, or where its view has no
    answer."""
    question = step.question
    truth = question and solve(question, Sight.from_query({"data": [data]} | step.answered))
    if not truth:
        return None
    exported = question.fit(truth).for_browser() | truth.for_browser()
    return exported | {"unit": question.unit, "shows": step.light in question.visible}
