"""Exercises: something to do on a page, which the page judges by its own numbers, whatever the picture.

A right answer gets the reason, and any other a hint. Another picture, λ or T asks the question anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from sc2viz.ui import session

TRIES = 2  # wrong answers after which the reader may see the right one


@dataclass(frozen=True)
class Exercise:
    key: str  # names it; one exercise a key and page
    title: str
    question: str
    judge: Callable[[Any], tuple[bool, str]]  # of an answer: whether it is right, and the reason or else a hint
    view: Hashable  # what the question is about
    solution: str = ""  # what the reader may see after wrong answers; "": nothing
    asks: bool = True  # whether there is a number to type; else the page alone is judged


def ask(exercise: Exercise) -> None:
    """Draw an exercise, closed until the reader opens it, and what became of the last answer."""
    key, given = f"exercise-{exercise.key}", session.ANSWERS.get().get(exercise.key)
    view, answers = given if given and given[0] == exercise.view else (exercise.view, ())
    with st.expander(f"Exercise: {exercise.title}", icon=":material/quiz:", expanded=bool(answers), key=key):
        st.markdown(exercise.question)
        with st.form(f"{key}-form", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
            if exercise.asks:
                st.number_input("Your answer", value=None, step=0.001, format="%.4g", key=f"{key}-answer", width=160)
            st.form_submit_button("Check", on_click=_take, args=(exercise.key, view, answers))
        if not answers:
            return
        right, said = exercise.judge(answers[-1])
        (st.success if right else st.info)(said, icon=":material/check:" if right else ":material/lightbulb:")
        if not right and exercise.solution and len(answers) >= TRIES:
            with st.expander("Show the answer", type="compact"):
                st.markdown(exercise.solution)


def _take(key: str, view: Hashable, before: tuple) -> None:
    """Keep an answer beside those before it; nothing typed is no answer."""
    answer = st.session_state.get(f"exercise-{key}-answer", True)
    if answer is not None:
        session.ANSWERS.set({**session.ANSWERS.get(), key: (view, (*before, answer))})
