"""Lead through a tour: which step is at hand, the bar that says and shows it, and the tours to choose from."""

from functools import partial
from html import escape
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from sc2viz.ui import (
    domains,
    errors,
    languages,
    lecturer,
    links,
    present,
    qr,
    session,
    sidebar,
    url,
)
from sc2viz.ui.own import memory
from sc2viz.ui.tours import questions, reading, worksheet
from sc2viz.ui.tours.truths import Sight
from sc2viz.ui.untrusted import plain
from sc2viz.ui.widgets import component, popover
from sc2viz.words import _, ngettext

OWN = "yours"  # the name of the tour that a reader has brought
MEGABYTES = 1  # at most, of its file
_KEYS = "tour", "step"  # of the URL
_BESIDE = {*_KEYS, present.KEY, languages.KEY, qr.PRIVATE}  # keys that say nothing of the view
_LIT = """.st-key-%s { outline: 3px solid light-dark(#4B43B0, #A6A0FF); outline-offset: 6px;
border-radius: 6px; scroll-margin-bottom: calc(var(--bar) + 1rem); }"""  # of the part that a step speaks of
_component = component(Path(__file__).with_name("guide.js"))


def _pages() -> tuple[str, ...]:
    """The addresses of the app's pages."""
    return tuple(filter(None, session.PAGES.get()))


def all_tours() -> tuple[dict[str, reading.Tour], list[str]]:
    """The tours by name, the reader's last, and what is wrong with others."""
    tours, problems = reading.available(_pages(), tuple(url.TABLE))
    mine = session.OWN_TOUR.get()
    return (tours | {OWN: mine} if mine else tours), problems


def follow(path: str) -> None:
    """Open the view of the step that the reader asks for, by the bar or by an address with a tour and a step. An address with
    a view beside its step shows that view. After a tour, open the view from which it was started. Called before anything of
    the page at the address `path` is drawn.

    The wish stays until the bar of its step is drawn: where a part of the page before reports something meanwhile,
    Streamlit runs that page once more. It ends where the reader goes to another page. What an answer reveals stays until a
    run has drawn the whole page."""
    tours = all_tours()[0]
    session.TOURS.set({name: len(tour.steps) for name, tour in tours.items()})
    st.session_state.update(session.REVEALED.get())
    if url.now("notes"):
        return
    wish, asked_at = session.TOUR_WISH.get() or (None, "")
    if wish:
        name, k = wish
        there = tours[name].steps[k - 1].path
        if path not in (asked_at, there):
            session.TOUR_WISH.pop()
        if path not in (asked_at, there) or (path, *map(st.query_params.get, _KEYS)) == (
            there,
            name,
            str(k),
        ):
            wish = None
    asked = set(st.query_params)
    if not wish and asked and asked <= _BESIDE:
        there = {
            key: url.domain(key).mend(text)
            for key in _KEYS
            if (text := st.query_params.get(key)) is not None
        }
        if there.get("tour"):
            wish = there["tour"], there.get("step") or 1
            wish = wish if wish != session.TOUR_AT.get() else None
    if wish:
        _open(*wish)
    back = session.TOUR_BACK.pop()
    if back is not None:
        links.go("welcome", _presents() | back)


def _open(name: str, k: int) -> None:
    """Show the view of step k of a tour."""
    step = all_tours()[0][name].steps[k - 1]
    session.REVEALED.pop()
    session.TOUR_AT.set((name, k))
    session.TOUR_LEFT.set({**session.TOUR_LEFT.get(), name: k})
    if "picture" in step.query:
        session.OWN_CHOSEN.set(False)
    view = step.answered if f"{name} {k}" in session.GUESSES.get() else step.query
    links.go(step.path, {**_presents(), **view, "tour": [name], "step": [str(k)]})


def _presents() -> dict[str, list[str]]:
    """What of the view at hand outlives a step: whether the reader presents, which shows one large picture."""
    return {present.KEY: [domains.written(True)], "layout": [present.LARGE]} if present.on() else {}


def bar(path: str) -> None:
    """Draw the bar of the tour at hand on the page at the address `path`, and light the part that its step speaks of;
    nothing without a tour. A step's question comes first, and covers the page."""
    name = url.now("tour")
    tour = all_tours()[0].get(name)
    if tour is None:
        return
    k = min(url.now("step"), len(tour.steps))
    step, last = tour.steps[k - 1], k == len(tour.steps)
    session.TOUR_AT.set((name, k))
    session.TOUR_WISH.pop()
    key = f"{name} {k}"
    covered = step.asks is not None and questions.covers(key)
    light = "" if covered else step.light
    with st.container(key="tour", horizontal=True, vertical_alignment="center", gap="small"):
        told = questions.told(key, step.asks) if step.asks and not covered else ""
        hides_all = covered and not step.asks.shows  # else the sentence tells what is seen
        said = (
            _("First a guess.") if hides_all else _said(step, Sight(url.chosen, sidebar.current()))
        )
        said = f"<p class='say'>{said}</p>" + ("" if covered else f"{_tried(step)}{told}")
        to_notes = urlencode({"tour": name, "step": k, "notes": "true"})
        st.html(
            f"<section class='tour' aria-label='{_('Tour')}' aria-live='polite'><p class='place'>{escape(_place(tour, k))}"
            f" · <a href='?{to_notes}' target='_blank'>{_('Speaker notes')}</a></p>{said}</section>"
            + (f"<style>{_LIT % light}</style>" if light else ""),
            width="stretch",
        )
        with st.container(horizontal=True, width="content", gap="small", key="tour-class"):
            answer = step.asks and partial(questions.reveal, key, step.asks)
            lecturer.controls(key, questions.at_hand(step.asks), answer)
        with st.container(horizontal=True, width="content", gap="small", key="tour-keys"):
            st.button(
                _("Back"),
                key="tour-back",
                icon=":material/chevron_left:",
                on_click=_to,
                args=(path, name, k - 1),
                disabled=k == 1,
            )
            hides_answer = covered or lecturer.is_asking()  # which Next shows first
            onward = partial(leave, True) if last else partial(_to, path, name, k + 1)
            st.button(
                _("End") if last and not hides_answer else _("Next"),
                key="tour-next",
                icon=":material/chevron_right:",
                icon_position="right",
                type="primary",
                on_click=answer if hides_answer else onward,
            )
            st.button(
                _("Leave"),
                key="tour-leave",
                icon=":material/close:",
                on_click=leave,
                type="tertiary",
            )
        _component(key="tour-guide", data={"light": light, "at": key})
        if told:
            questions.mark(key, step.asks)
    if covered:
        questions.ask(key, step.asks)


def _place(tour: reading.Tour, k: int) -> str:
    return _("{tour} · {k} of {all}", tour=_(tour.title), k=k, all=len(tour.steps))


def _said(step: reading.TourStep, at: Sight | None = None) -> str:
    """The words of a step, and what is true of the view at hand, or of the one that it opens, where that ends them."""
    found = step.answers and questions.truth(step.answers, at or Sight.of(step.query))
    return escape(" ".join(filter(None, (_(step.title), _(step.say), found and found.why))))


def _tried(step: reading.TourStep) -> str:
    tried = _("<b>Try.</b> {attempt}", attempt=escape(_(step.attempt)))
    return f"<p class='attempt'>{tried}</p>" if step.attempt else ""


def notes() -> bool:
    """Draw in the place of the page what the speaker alone reads of the step at hand, where the address asks for that: the
    full words, the answer and the next step. Return whether it does. The window follows the one in which the tour is."""
    tour = all_tours()[0].get(url.now("tour"))
    if tour is None or not url.now("notes"):
        return False
    k = min(url.now("step"), len(tour.steps))
    step, *later = tour.steps[k - 1 :]
    with st.container(key="notes"):
        st.caption(plain(_place(tour, k)))
        st.html(f"<h1>{_said(step)}</h1>{_tried(step)}")
        if step.asks:
            asked = _("<b>Question.</b> {question}", question=escape(_(step.asks.question.words)))
            st.html(f"<p>{asked}</p>{questions.solved(step)}")
        then = (
            _("<b>Next.</b> {say}", say=_said(later[0])) if later else _("This is the last step.")
        )
        st.html(f"<p>{then}</p>")
        _component(key="tour-guide", data={"notes": True}, on_at_change=_follow_window)
    return True


def _follow_window() -> None:
    """Go to the step that the other window shows. What a browser reports may be anything."""
    name, _, k = str(st.session_state["tour-guide"].get("at") or "").rpartition(" ")
    if name in all_tours()[0] and k.isdecimal():
        st.query_params.update({"tour": name, "step": k})


def _to(path: str, name: str, k: int) -> None:
    """Ask on the page at the address `path` for step k of a tour."""
    session.TOUR_WISH.set(((name, k), path))


def leave(ends: bool = False) -> None:
    """Leave the tour at hand. The reader returns to where it was started. Where a link to a step has led, they stay, or see
    Welcome where the tour `ends`."""
    lecturer.rest()
    session.TOUR_AT.pop()
    session.TOUR_WISH.pop()
    for key in _KEYS:
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)
    session.TOUR_BACK.set(session.TOUR_FROM.pop() or ({} if ends else None))


def choose() -> None:
    """Draw the shortest tour, the others, and a place for the reader's own file; nothing on a tour."""
    if url.now("tour"):
        return
    tours, problems = all_tours()
    first, *others = tours
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tours"):
        _start(first, tours[first], long=False, icon=":material/play_circle:", type="primary")
        if place := popover(
            _("More tours"), "more-tours", help=_("Other tours, and one of your own.")
        ):
            with place:
                for name in others:
                    _start(name, tours[name], icon=":material/play_circle:", width="stretch")
                st.caption(
                    _(
                        "A class that answers and discusses takes about a minute and a half more for each question."
                    )
                )
                st.divider()
                _bring(tours)
        titled = [
            (name, k)
            for name in others
            for k, step in enumerate(tours[name].steps, 1)
            if step.title
        ]
        if place := popover(
            _("Ask a question"),
            "questions",
            help=_("Each question opens the figure that answers it."),
        ):
            with place, st.container(gap="xsmall"):
                for name, k in titled:
                    _start(name, tours[name], at=k, width="stretch")
    for problem in problems:
        st.warning(plain(f"{problem}."), icon=":material/block:")


def _start(name: str, tour: reading.Tour, long: bool = True, at: int = 0, **look) -> None:
    """Draw the button that begins a tour, or goes on where it was left, or opens the step `at` by its title. long: whether
    it says the minutes.

    Welcome is a fragment, so a click alone runs that part of the page again. The whole page must, because `follow` opens
    the view of a step."""
    k = at or session.TOUR_LEFT.get().get(name, 1)
    said = plain(_(tour.steps[at - 1].title if at else tour.title))
    if k == len(tour.steps) and not at:
        said, k = _("{tour} · again", tour=said), 1
    elif k > 1 and not at:
        said = _("{tour} · go on at {k} of {all}", tour=said, k=k, all=len(tour.steps))
    elif long and tour.minutes and not at:
        said = ngettext("{tour} · {n} minute", "{tour} · {n} minutes", tour.minutes, tour=said)
    if st.button(said, key=f"tour-{name}-{at}" if at else f"tour-{name}", **look):
        session.TOUR_FROM.set({key: st.query_params.get_all(key) for key in st.query_params})
        _to("welcome", name, k)
        st.rerun()


def _bring(tours: dict[str, reading.Tour]) -> None:
    st.markdown(
        _(
            "A tour is a text file: each step has an address of this app, a sentence to say and a thing to try. Download "
            "one, change it in any editor, and bring it here."
        )
    )
    with st.container(horizontal=True):
        for name, tour in tours.items():
            file = f"{name}.toml"
            sheet = _("Worksheet: {tour}", tour=plain(_(tour.title)))
            st.download_button(
                sheet,
                errors.shown(partial(_sheet, name, tour), sheet),
                f"{name}.html",
                "text/html",
                on_click="ignore",
                key=f"tour-sheet-{name}",
                icon=":material/print:",
                disabled=not any(step.asks for step in tour.steps),
            )
            st.download_button(
                _("Download {file}", file=plain(file)),
                tour.text,
                file,
                "application/toml",
                on_click="ignore",
                key=f"tour-file-{name}",
                icon=":material/download:",
            )
    memory.uploader(
        "_tour_file", _("Your tour (.toml)"), ["toml"], _take, session.TOUR_PROBLEM, MEGABYTES
    )
    if problem := session.TOUR_PROBLEM.get():
        st.warning(plain(problem), icon=":material/block:")


def _sheet(name: str, tour: reading.Tour) -> str:
    start = urlunsplit(
        (*urlsplit(st.context.url or "")[:3], urlencode({"tour": name, "step": 1}), "")
    )
    address = qr.for_phones(start, st.get_option("server.address"), qr.own_address())[0]
    return worksheet.html(tour, address)


def _take(file) -> None:
    try:
        text = file.getvalue().decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(_("{file} is not text in UTF-8", file=file.name)) from None
    session.OWN_TOUR.set(reading.read(text, file.name, _pages(), tuple(url.TABLE)))
    session.TOUR_LEFT.set({name: k for name, k in session.TOUR_LEFT.get().items() if name != OWN})
