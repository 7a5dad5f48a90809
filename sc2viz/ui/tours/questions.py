"""Ask before the picture: the page is covered until a reader has answered, and then the guess stands beside the truth."""

from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from html import escape
from math import isclose, isfinite
from pathlib import Path

import streamlit as st

from sc2viz import words
from sc2viz.classroom.question import Question, Truth
from sc2viz.ui import lecturer, session, sidebar, url
from sc2viz.ui.tours import reading, truths
from sc2viz.ui.tours.reading import Asked, TourStep
from sc2viz.ui.tours.truths import Sight
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _

FILE = Path(__file__).with_name("pages") / "questions.toml"
_WIDGETS = Path(__file__).parents[1] / "widgets"
_card = component(_WIDGETS / "question.js", "question.css", _WIDGETS / "question.css")
_marks = component(_WIDGETS / "marks.js")
UNANSWERED = N_("At this setting the question has no answer.")
# Everything of the page is covered but its title and the parts that the question shows.
_BELOW = '[data-testid="stLayoutWrapper"]:has(> .st-key-question) ~'
_COVER = f"""{_BELOW} *, {_BELOW} * * {{{{ visibility: hidden !important; }}}}
.stApp .stMain .stVerticalBlock :is({{shown}}) {{{{ visibility: visible !important; }}}}"""
# Where a part is shown, what is covered takes no room, so that the part stands below the question.
_CLOSED = f"""{{parts}} {{{{ background: var(--sc-page); }}}}
{_BELOW} :not({{shown}}, :has({{shown}})), {_BELOW} * :not({{shown}}, :has({{shown}}))
{{{{ height: 0 !important; min-height: 0 !important; margin: 0; padding: 0; overflow: hidden; }}}}"""


def at_hand(asks: Asked | None) -> tuple[Question, Truth | None, str] | None:
    """A question, what is true of the view at hand, None where that has no answer, and the picture of which it is asked, ""
    without one; None without a question.

    The truth is computed at each call, from results that are kept."""
    if asks is None:
        return None
    sight = sight_of(asks)
    return asks.question, truth(asks, sight), sight.picture()


def sight_of(asks: Asked) -> Sight:
    """What the reader looks at once the answer is shown."""
    return (
        Sight.of(asks.reveals, url.chosen) if asks.reveals else Sight(url.chosen, sidebar.current())
    )


def truth(asks: Asked, sight: Sight) -> Truth | None:
    """What is true of what the reader looks at; None where there is no answer, as where a solver fails."""
    try:
        found = truths.TRUTHS[asks.truth](
            replace(sight, choices=asks.question.choices), **asks.given
        )
    except Exception:  # a guest's solver may raise anything
        return None
    if found is None or not isfinite(found.answer):
        return None
    if not asks.at:
        return found
    distances = [abs(value - found.answer) for value in asks.at]
    nearest, *ties = (k for k, each in enumerate(distances) if isclose(each, min(distances)))
    return Truth(nearest, found.why, ties=tuple(ties))


@cache
def of_pages() -> dict[str, Asked]:
    """The questions of pages, by address."""
    return reading.of_pages(
        FILE.read_text("utf-8"), FILE.name, tuple(filter(None, session.PAGES.get()))
    )


def covers(key: str) -> bool:
    """Whether the question `key` is still open, which neither the reader nor their class has answered: what it covers is
    covered once a session."""
    poll = (led := lecturer.room()) and led.at_hand()
    if key not in session.GUESSES.get() and poll and poll.shown and poll.key == key:
        lift(key)
    return key not in session.GUESSES.get()


def lift(key: str, guess: float | None = None) -> None:
    """Uncover the page. guess: what the reader has answered, None where they only look."""
    session.GUESSES.set({**session.GUESSES.get(), key: (guess,)})


def reveal(key: str, asks: Asked, guess: float | None = None) -> None:
    """Uncover the page for the reader and their class, with what of the view changes then. Called before a run."""
    lecturer.reveal()
    lift(key, guess)
    session.REVEALED.set(
        {row: url.first(url.TABLE[row], texts, url.now) for row, texts in asks.reveals.items()}
    )


def on_page(path: str) -> None:
    """Draw the question of the page at the address `path` once the reader has asked for it, with what lets a class answer
    it, and what became of it. A tour has questions of its own."""
    asks = None if url.now("tour") else of_pages().get(path)
    session.OFFERED.set(path if asks and covers(path) and session.PREDICTS.get() != path else "")
    if asks is None or session.PREDICTS.get() != path:
        if not url.now("tour"):
            lecturer.rest()
        return
    with st.container(key="page-class", horizontal=True, vertical_alignment="center", gap="small"):
        lecturer.controls(path, at_hand(asks), partial(reveal, path, asks))
    if covers(path):
        ask(path, asks)
    else:
        with st.container(key="answered"):
            st.html(
                f"<section aria-label='{_('Question')}' aria-live='polite'>{told(path, asks)}</section>"
            )
            mark(path, asks)


def ask(key: str, asks: Asked) -> None:
    """Draw a question above the page, and cover the page."""
    sight = sight_of(asks)
    session.COVERED.set(True)
    # A view that shows the answer already, as after a reload, is covered as a whole.
    parts = asks.shows if all(sight.now(row) != url.now(row) for row in asks.reveals) else ()
    seen = [f".st-key-{part}" for part in parts]
    visible = seen or [".st-key-head h1", ".st-key-menu"]
    shown = ", ".join(f"{each}, {each} *" for each in visible)
    look = _COVER.format(shown=shown)
    if seen:
        look += _CLOSED.format(shown=shown, parts=", ".join(seen))
    with st.container(key="question"):
        st.html(f"<style>{look}</style>")
        question = asks.question.fit(truth(asks, sight))
        picture, name = sight.picture(), f"question-{key}"
        data = {
            "picture": picture,
            "alt": sight.view.subject([sight.view.picture]) if picture else "",
            "led": lecturer.room() is not None,
        }
        _card(
            key=name,
            data=question.for_browser() | data,
            on_answer_change=partial(_take, key, asks, question, name),
            on_look_change=partial(reveal, key, asks),
        )


def _take(key: str, asks: Asked, question: Question, name: str) -> None:
    """Keep an answer. What a browser reports may be anything, and what is no answer uncovers nothing."""
    with suppress(ValueError):
        reveal(key, asks, question.read(st.session_state[name].get("answer")))


def told(key: str, asks: Asked) -> str:
    """What became of the guess, as HTML: beside the truth on one scale, and a sentence. The truth is that of the view in
    which the reader has answered."""
    guess, *found = session.GUESSES.get()[key]
    if not found:
        found = [truth(asks, sight_of(asks))]
        session.GUESSES.set({**session.GUESSES.get(), key: (guess, *found)})
    right, question = found[0], asks.question.fit(found[0])
    if right is None:
        return f"<p>{_(UNANSWERED)}</p>"
    began = right.answer if guess is None else guess
    verdict = (
        ""
        if guess is None
        else _("Right.")
        if right.holds(guess)
        else _("Not quite.")
        if question.choices
        else ""
    )
    if question.choices:
        drawn = _choices(question, right, guess, began)
    else:
        given = (
            {}
            if guess is None
            else {"guess": said(question, guess), "answer": said(question, right.answer)}
        )
        verdict += " " + _("You said {guess}, and it is {answer}.", **given) if given else ""
        drawn = _scale(question, right, guess, began)
    return f"<div class='told'><p><b>{escape(verdict.strip())}</b> {escape(right.why)}</p>{drawn}</div>"


def mark(key: str, asks: Asked) -> None:
    """Mark the guess and the truth of a question that has been `told` on the axis of the page on which the number lives."""
    guess, right = session.GUESSES.get()[key]
    if right is None or not asks.question.on:
        return
    told = {"truth": ("✓", float(right.answer))} | (
        {} if guess is None else {"guess": (_("you"), guess)}
    )
    marks = [
        {"kind": kind, "value": value, "text": f"{lead} {words.digits(value)}"}
        for kind, (lead, value) in told.items()
    ]
    _marks(key="marks", data={"on": asks.question.on, "marks": marks})


def solved(step: TourStep) -> str:
    """The answer to the question of a step in the view that the step opens, as HTML."""
    right, question = truth(step.asks, Sight.of(step.answered)), step.asks.question
    if right is None:
        return f"<p>{_(UNANSWERED)}</p>"
    answer = (
        " / ".join(_(words) for k, words in enumerate(question.choices) if right.holds(k))
        if question.choices
        else said(question, right.answer)
    )
    return f"<p><b>{escape(answer)}.</b> {escape(right.why)}</p>"


def said(question: Question, value: float) -> str:
    """A number with its unit."""
    if question.unit.endswith("s") and float(value).is_integer():
        return words.count(int(value), question.unit.removesuffix("s"), question.unit)
    return words.digits(value) + (f"\u00a0{_(question.unit)}" if question.unit else "")


def _scale(question: Question, right: Truth, guess: float | None, began: float) -> str:
    """The slider's range with the guess and the truth on it; the mark of the truth moves there from the guess."""

    def place(value: float) -> str:
        return (
            f"{100 * min(max((value - question.low) / (question.high - question.low), 0), 1):.1f}%"
        )

    drawn = "" if guess is None else f"<i class='guess' style='left: {place(guess)}'></i>"
    drawn += f"<i class='truth' style='--to: {place(right.answer)}; --from: {place(began)}'></i>"
    low, high = (escape(said(question, end)) for end in (question.low, question.high))
    return f"<div class='scale' aria-hidden='true'><span>{low}</span><div>{drawn}</div><span>{high}</span></div>"


def _choices(question: Question, right: Truth, guess: float | None, began: float) -> str:
    """The choices side by side; the mark moves from the guess to the right one, and stays on a right guess."""
    rows = ""
    for k, choice in enumerate(question.choices):
        kind = "right" if right.holds(k) else "guess" if k == guess else ""
        note = {"right": "{choice} ✓", "guess": _("{choice} (your guess)")}.get(kind, "{choice}")
        rows += f"<li class='{kind}'>{note.format(choice=escape(_(choice)))}</li>"
    end = began if right.holds(began) else right.answer
    move = f"--to: {end:g}; --from: {began:g}; --count: {len(question.choices)}"
    return f"<ul class='marked' style='{move}'>{rows}</ul>"
