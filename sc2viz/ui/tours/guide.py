"""Lead through a tour: which step is at hand, the bar that says and shows it, and the tours to choose from."""

from functools import partial
from html import escape
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from sc2viz.ui import (
    errors,
    languages,
    lecturer,
    links,
    own,
    present,
    session,
    url,
)
from sc2viz.ui.own import memory
from sc2viz.ui.tours import exports, questions, reading
from sc2viz.ui.tours.truths import Sight, solve
from sc2viz.ui.untrusted import plain
from sc2viz.ui.widgets import component, popover
from sc2viz.words import _, ngettext

BROUGHT = "yours"  # the name of the tour that a reader has brought
MEGABYTES = 1  # at most, of its file
_KEYS = "tour", "step"  # of the URL
_WITHOUT_VIEW = {
    *_KEYS,
    present.KEY,
    languages.KEY,
    own.strip.PRIVATE,
}  # keys that say nothing of the view
_LIT = """.st-key-%s { outline: 3px solid light-dark(#4B43B0, #A6A0FF); outline-offset: 6px;
border-radius: 6px; scroll-margin-bottom: calc(var(--bar) + 1rem); }"""  # of the part that a step speaks of
_component = component(Path(__file__).with_name("guide.js"))


def all_tours() -> tuple[dict[str, reading.Tour], list[str]]:
    """Return the tours by name, the reader's last, and what is wrong with others. Once a class has drawn the strip, they have
    the steps about its drawings."""
    tours, problems = reading.available()
    if brought := session.own_tour:
        tours = tours | {BROUGHT: brought}
    if (room := own.strip.room()) and room.strip:
        tours = {
            name: tour._replace(steps=tour.steps + tour.class_steps) for name, tour in tours.items()
        }
    return tours, problems


def _current_step() -> tuple[str, reading.Tour, int] | None:
    """Return the name of the tour at hand, the tour, and the number of its step from 1 on; None without a tour."""
    tour = all_tours()[0].get(name := url.value("tour"))
    return tour and (name, tour, min(url.value("step"), len(tour.steps)))


def follow(path: str) -> None:
    """Open the view of the step that the reader asks for, by the bar or by an address with a tour and a step. An address with
    a view beside its step shows that view. After a tour, open the view from which it was started. Called before anything of
    the page at the address `path` is drawn.

    The request stays until the bar of its step is drawn: where a part of the page before reports something meanwhile,
    Streamlit runs that page once more. It ends where the reader goes to another page. What an answer reveals stays until a
    run has drawn the whole page."""
    tours, query = all_tours()[0], st.query_params
    session.tours = {name: len(tour.steps) for name, tour in tours.items()}
    st.session_state.update(session.revealed)
    if url.value("notes"):
        return
    if request := session.tour_wish:
        (name, number), page = request
        target = tours[name].steps[number - 1].path
        if path not in (page, target):
            del session.tour_wish
        elif (path, *map(query.get, _KEYS)) != (target, name, str(number)):
            _open(name, number)
    if not session.tour_wish and query and {*query} <= _WITHOUT_VIEW:
        texts = {key: [query[key]] for key in _KEYS if key in query}
        name, number = (url.first(url.TABLE[key], texts.get(key, []), url.value) for key in _KEYS)
        if name and (name, number) != session.tour_at:
            _open(name, number)
    if (start := session.take("tour_back")) is not None:
        links.go("welcome", _presents() | start)


def _open(name: str, number: int) -> None:
    """Show the view of a step of a tour."""
    step = all_tours()[0][name].steps[number - 1]
    del session.revealed
    session.tour_at = (name, number)
    session.tour_left = {**session.tour_left, name: number}
    if "picture" in step.query:
        session.own_chosen = False
    view = step.answered if f"{name} {number}" in session.guesses else step.query
    links.go(step.path, {**_presents(), **view, "tour": [name], "step": [str(number)]})


def _presents() -> dict[str, list[str]]:
    """Return the query of what outlives a step: that the reader presents, with one large picture; {} where they do not."""
    return {present.KEY: ["true"], "layout": [present.LARGE]} if present.is_on() else {}


def draw_bar(path: str) -> None:
    """Draw the bar of the tour at hand on the page at the address `path`, and light the part that its step speaks of;
    nothing without a tour. A step's question comes first, and covers the page."""
    if (current := _current_step()) is None:
        return
    name, tour, number = current
    step, key, is_last = tour.steps[number - 1], f"{name} {number}", number == len(tour.steps)
    session.tour_at = (name, number)
    del session.tour_wish
    question = step.question
    is_covered = question is not None and questions.covers(key)
    light = "" if is_covered else step.light
    outcome = questions.describe_outcome(key, question) if question and not is_covered else ""
    sentence = _("First a guess.")
    if not is_covered or question.visible:  # the sentence tells what is seen
        sentence = describe(step, step.conclusion and questions.current_sight(step.conclusion))
    attempt = "" if is_covered else _describe_attempt(step)
    notes = {"tour": name, "step": number, "notes": "true"}
    if lecturer.room():
        notes[own.strip.PRIVATE] = session.room
    with st.container(key="tour", horizontal=True, vertical_alignment="center"):
        st.html(
            f"<section class='tour' aria-label='{_('Tour')}' aria-live='polite'><p class='place'>"
            f"{escape(_describe_place(tour, number))} · "
            f"<a href='?{urlencode(notes)}' target='_blank'>{_('Speaker notes')}</a></p>"
            f"<p class='say'>{sentence}</p>{attempt}{outcome}</section>"
            + (f"<style>{_LIT % light}</style>" if light else ""),
        )
        with st.container(horizontal=True, width="content", key="tour-class"):
            questions.ask_class(key, question)
        with st.container(horizontal=True, width="content", key="tour-keys"):
            hides_answer = is_covered or lecturer.is_asking()  # which Next shows first
            onward = partial(leave, True) if is_last else partial(_request, path, name, number + 1)
            st.button(
                _("Back"),
                key="tour-back",
                icon=":material/chevron_left:",
                on_click=partial(_request, path, name, number - 1),
                disabled=number == 1,
            )
            st.button(
                _("End") if is_last and not hides_answer else _("Next"),
                key="tour-next",
                icon=":material/chevron_right:",
                icon_position="right",
                type="primary",
                on_click=partial(questions.reveal, key, question) if hides_answer else onward,
            )
            st.button(
                _("Leave"),
                key="tour-leave",
                icon=":material/close:",
                on_click=leave,
                type="tertiary",
            )
        _component(key="tour-guide", data={"light": light, "at": key})
        if outcome:
            questions.mark(key, question)
    if is_covered:
        questions.cover(key, question)


def _describe_place(tour: reading.Tour, number: int) -> str:
    """Return the tour's title and which of its steps has this number, such as "Sparse coding in ten minutes · 3 of 12"."""
    return _("{tour} · {k} of {total}", tour=_(tour.title), k=number, total=len(tour.steps))


def describe(step: reading.TourStep, sight: Sight | None) -> str:
    """Return the words of a step as HTML, which end with what is true of `sight`, what the reader looks at, if the step asks
    for that."""
    truth = step.conclusion and solve(step.conclusion, sight)
    texts = _(step.title), _(step.sentence), truth and truth.sentence
    return escape(" ".join(filter(None, texts)))


def _describe_attempt(step: reading.TourStep) -> str:
    """Return what a step lets the reader try, as HTML; "" for nothing."""
    attempt = _("<b>Try.</b> {attempt}", attempt=escape(_(step.attempt)))
    return f"<p class='attempt'>{attempt}</p>" if step.attempt else ""


def draw_speaker_notes() -> bool:
    """Draw in the place of the page what the speaker alone reads of the step at hand, where the address asks for that: the
    full words, the answer and the next step. Return whether it does. The window follows the one in which the tour is."""
    if not url.value("notes") or (current := _current_step()) is None:
        return False
    _name, tour, number = current
    step, *later = tour.steps[number - 1 :]
    ending = _("This is the last step.")
    if later:
        ending = _(
            "<b>Next.</b> {sentence}", sentence=describe(later[0], Sight.from_query(later[0].query))
        )
    with st.container(key="notes"):
        st.caption(plain(_describe_place(tour, number)))
        heading = describe(step, Sight.from_query(step.query))
        st.html(f"<h1>{heading}</h1>{_describe_attempt(step)}")
        if step.question:
            text = escape(_(step.question.text))
            question = _("<b>Question.</b> {question}", question=text)
            st.html(f"<p>{question}</p>{questions.describe_answer(step)}")
        st.html(f"<p>{ending}</p>")
        if tour.class_steps:
            st.caption(
                _(
                    "A class can draw the strip on its phones: “Let the class draw” in the room’s menu."
                )
            )
        lecturer.draw_speaker_keys()
        _component(key="tour-guide", data={"notes": True}, on_at_change=_follow_window)
    return True


def _follow_window() -> None:
    """Go to the step that the other window shows. What a browser reports may be anything."""
    name, _space, number = str(st.session_state["tour-guide"].get("at") or "").rpartition(" ")
    if name in all_tours()[0] and number.isdecimal():
        st.query_params.update({"tour": name, "step": number})


def _request(path: str, name: str, number: int) -> None:
    """Ask on the page at the address `path` for a step of a tour."""
    session.tour_wish = ((name, number), path)


def leave(ends: bool = False) -> None:
    """Leave the tour at hand. The reader returns to where it was started. Where a link to a step has led, they stay, or see
    Welcome where the tour `ends`."""
    lecturer.let_wait()
    del session.tour_at
    del session.tour_wish
    for key in _KEYS:
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)
    start = session.take("tour_from")
    session.tour_back = {} if ends and start is None else start


def choose() -> None:
    """Draw the shortest tour, the others, and a place for the reader's own file; nothing on a tour."""
    if url.value("tour"):
        return
    tours, problems = all_tours()
    first, *others = tours
    with st.container(horizontal=True, vertical_alignment="center", key="tours"):
        _draw_start(first, tours[first], has_minutes=False, type="primary")
        if place := popover(
            _("More tours"), "more-tours", help=_("Other tours, and one of your own.")
        ):
            with place:
                for name in others:
                    _draw_start(name, tours[name], width="stretch")
                st.caption(
                    _(
                        "A class that answers and discusses takes about a minute and a half more for each question."
                    )
                )
                st.divider()
                _draw_files(tours)
        if place := popover(
            _("Ask a question"),
            "questions",
            help=_("Each question opens the figure that answers it."),
        ):
            with place, st.container(gap="xsmall"):
                for name in others:
                    for number, step in enumerate(tours[name].steps, 1):
                        if step.title:
                            key = f"{name}-{number}"
                            _draw_button(_(step.title), key, name, number, width="stretch")
    for problem in problems:
        st.warning(plain(f"{problem}."), icon=":material/block:")


def _draw_start(name: str, tour: reading.Tour, has_minutes: bool = True, **look) -> None:
    """Draw the button that begins a tour, or goes on where it was left. has_minutes: whether it says how long the tour
    takes."""
    label, number = _(tour.title), session.tour_left.get(name, 1)
    if number == len(tour.steps):
        label, number = _("{tour} · again", tour=label), 1
    elif number > 1:
        label = _("{tour} · go on at {k} of {total}", tour=label, k=number, total=len(tour.steps))
    elif has_minutes and tour.minutes:
        label = ngettext("{tour} · {n} minute", "{tour} · {n} minutes", tour.minutes, tour=label)
    _draw_button(label, name, name, number, icon=":material/play_circle:", **look)


def _draw_button(label: str, key: str, name: str, number: int, **look) -> None:
    """Draw a button that opens a step of a tour.

    Welcome is a fragment, so a click alone runs that part of the page again. The whole page must, because `follow` opens
    the view of a step."""
    if st.button(plain(label), key=f"tour-{key}", **look):
        session.tour_from = {key: st.query_params.get_all(key) for key in st.query_params}
        _request("welcome", name, number)
        st.rerun()


def _draw_files(tours: dict[str, reading.Tour]) -> None:
    """Draw the files and worksheets of the tours, to take away, and a place to drop the reader's own tour."""
    st.markdown(
        _(
            "A tour is a text file: each step has an address of this app, a sentence to say and a thing to try. Download "
            "one, change it in any editor, and bring it here."
        )
    )
    with st.container(horizontal=True):
        for name, tour in tours.items():
            asks = any(step.question for step in tour.steps)
            errors.download(
                partial(exports.fill_worksheet, name, tour) if asks else None,
                _("Worksheet: {tour}", tour=plain(_(tour.title))),
                f"{name}.html",
                "text/html",
                key=f"tour-sheet-{name}",
                icon=":material/print:",
            )
            st.download_button(
                _("Download {file}", file=plain(f"{name}.toml")),
                tour.text,
                f"{name}.toml",
                "application/toml",
                on_click="ignore",
                key=f"tour-file-{name}",
                icon=":material/download:",
            )
    memory.uploader("_tour_file", _("Your tour (.toml)"), ["toml"], _take, MEGABYTES)


def _take(file) -> None:
    """Make an uploaded file the reader's own tour; ValueError where it is none."""
    try:
        text = file.getvalue().decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(_("{file} is not text in UTF-8", file=file.name)) from None
    session.own_tour = reading.read(text, file.name)
    session.tour_left = {**session.tour_left, BROUGHT: 1}
