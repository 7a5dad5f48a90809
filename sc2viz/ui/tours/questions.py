"""Ask before the picture: the page is covered until a reader has answered, and then the guess stands beside the truth."""

from functools import partial
from html import escape

import streamlit as st

from sc2viz.classroom.question import Question
from sc2viz.ui import lecturer, session, sidebar, url
from sc2viz.ui.tours import reading
from sc2viz.ui.tours.truths import Sight, solve
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _, digits, templates

_card = component("question", "question.css")
_marks = component("marks")
UNANSWERED = N_("At this setting the question has no answer.")
# Everything of the page is covered but its title and the parts that the question shows.
_PAGE = '[data-testid="stLayoutWrapper"]:has(> .st-key-question) ~'
_COVER = f"""{_PAGE} *, {_PAGE} * * {{{{ visibility: hidden !important; }}}}
.stApp .stMain .stVerticalBlock :is({{visible}}) {{{{ visibility: visible !important; }}}}"""
# Where a part is shown, what is covered takes no room, so that the part stands below the question.
_CLOSED = f"""{{figures}} {{{{ background: var(--sc-page); }}}}
{_PAGE} :not({{visible}}, :has({{visible}})), {_PAGE} * :not({{visible}}, :has({{visible}}))
{{{{ height: 0 !important; min-height: 0 !important; margin: 0; padding: 0; overflow: hidden; }}}}"""


def current_sight(question: Question) -> Sight:
    """Return what the reader looks at once the answer is shown."""
    view = sidebar.current()
    if view and not question.reveals:
        return Sight.from_view(view)
    return Sight.from_query(question.reveals, url.chosen)


def covers(key: str) -> bool:
    """Whether the question `key` is still open, which neither the reader nor their class has answered: what it covers is
    covered once a session."""
    poll = (room := lecturer.room()) and room.current_poll()
    if key not in session.guesses and poll and poll.is_revealed and poll.key == key:
        session.guesses = {**session.guesses, key: (None,)}  # the reader only looks
    return key not in session.guesses


def reveal(key: str, question: Question, guess: float | None = None) -> None:
    """Uncover the page for the reader and their class, with what of the view changes then. Called before a run. guess: what
    the reader has answered, None where they only look."""
    lecturer.reveal()
    session.guesses = {**session.guesses, key: (guess,)}
    values = question.reveals.items()
    session.revealed = {row: url.first(url.TABLE[row], texts, url.value) for row, texts in values}


def ask_class(key: str, question: Question | None) -> None:
    """Draw what lets a class answer a question; without a question, its phones wait. key: names the question."""
    if question is None:
        lecturer.controls(key)
        return
    sight = current_sight(question)
    picture = sight.draw(question) if sidebar.current() else ""
    show_answer = partial(reveal, key, question)
    lecturer.controls(key, question, solve(question, sight), picture, show_answer)


def draw_of_page(path: str) -> None:
    """Draw the question of the page at the address `path` once the reader has asked for it, with what lets a class answer
    it, and what became of it. A tour has questions of its own."""
    if url.value("tour"):
        session.offered = ""
        return
    question, is_wanted = reading.questions_of_pages().get(path), session.predicts == path
    session.offered = path if question and covers(path) and not is_wanted else ""
    if question is None or not is_wanted:
        if lecturer.room():
            with st.container(key="page-class"):
                ask_class(path, None)
        return
    with st.container(key="page-class", horizontal=True, vertical_alignment="center"):
        ask_class(path, question)
    if covers(path):
        cover(path, question)
        return
    with st.container(key="answered"):
        outcome = describe_outcome(path, question)
        st.html(f"<section aria-label='{_('Question')}' aria-live='polite'>{outcome}</section>")
        mark(path, question)


def cover(key: str, question: Question) -> None:
    """Draw a question above the page, and cover the page."""
    session.covered = True
    sight = current_sight(question)
    # A view that shows the answer already, as after a reload, is covered as a whole.
    is_shown = any(sight.value(row) == url.value(row) for row in question.reveals)
    figures = [] if is_shown else [f".st-key-{figure}" for figure in question.visible]
    selectors = figures or [".st-key-head h1", ".st-key-menu"]
    visible = ", ".join(f"{selector}, {selector} *" for selector in selectors)
    style = (_COVER + _CLOSED * bool(figures)).format(visible=visible, figures=", ".join(figures))
    question = question.fit(solve(question, sight))
    name = f"question-{key}"
    picture = sight.draw(question) if sidebar.current() else ""  # none without the bench
    data = {
        "picture": picture,
        "alt": sight.subject(sight.rows_of(question)) if picture else "",
        "led": lecturer.room() is not None,
    }
    with st.container(key="question"):
        st.html(f"<style>{style}</style>")
        _card(
            key=name,
            data=question.for_browser() | data,
            on_answer_change=partial(_take, key, question, name),
            on_look_change=partial(reveal, key, question),
        )


def _take(key: str, question: Question, name: str) -> None:
    """Keep an answer. What a browser reports may be anything, and what is no answer uncovers nothing."""
    reveal(key, question, question.read(st.session_state[name].get("answer")))


def describe_outcome(key: str, question: Question) -> str:
    """Return what became of the guess, as HTML: beside the truth on one scale, to which the mark of the truth moves, or among
    the choices, with a sentence. The truth is that of the view in which the reader has answered."""
    guess, *solved = session.guesses[key]
    (truth,) = solved or [solve(question, current_sight(question))]
    session.guesses = {**session.guesses, key: (guess, truth)}
    if truth is None:
        return f"<p>{_(UNANSWERED)}</p>"
    return templates.filled(__file__, question=question.fit(truth), truth=truth, guess=guess)


def describe_answer(step: reading.TourStep) -> str:
    """Return the answer to the question of a step in the view that the step opens, as HTML."""
    truth = solve(step.question, Sight.from_query(step.answered))
    if truth is None:
        return f"<p>{_(UNANSWERED)}</p>"
    answer = escape(step.question.describe_truth(truth))
    return f"<p><b>{answer}.</b> {escape(truth.sentence)}</p>"


def mark(key: str, question: Question) -> None:
    """Mark the guess and the truth whose outcome is described on the axis of the page on which the number lives."""
    guess, truth = session.guesses[key]
    if truth is None or not question.figure:
        return
    values = {"truth": ("✓", truth.answer)} | (
        {} if guess is None else {"guess": (_("you"), guess)}
    )
    marks = [
        {"kind": kind, "value": float(value), "text": f"{label} {digits(value)}"}
        for kind, (label, value) in values.items()
    ]
    _marks(key="marks", data={"figure": question.figure, "marks": marks})
