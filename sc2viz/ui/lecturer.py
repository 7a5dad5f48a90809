"""The lecturer's side of a room in which a class answers on its phones: the button that opens it, its keys, and its menu.

The room is the session's, and after a reload that of the private address, which has the room's secret. Who shares a view
shares it without that part of the address.
"""

from collections.abc import Callable, Hashable
from functools import partial
from html import escape
from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from sc2viz.browser import phone_atoms
from sc2viz.classroom import phones
from sc2viz.classroom.drawings import SIDE
from sc2viz.classroom.question import Question, Truth
from sc2viz.classroom.rooms import ABSENCE, EMPTY, MINUTE, Room
from sc2viz.ui import page, qr, session, sets, sidebar, startup, url
from sc2viz.ui.own.strip import room
from sc2viz.ui.untrusted import plain
from sc2viz.ui.widgets import component
from sc2viz.words import _

_component = component("lecturer", "answers.css")


def controls(
    key: Hashable,
    question: Question | None = None,
    truth: Truth | None = None,
    picture: str = "",
    show_answer: Callable[[], None] | None = None,
) -> None:
    """Draw the button that opens a room, or the keys of the one at hand, whose phones are asked what this view asks.

    key: names the question in the room. truth: what is true of the view. picture: of which the question is asked.
    show_answer: shows the answer to the reader and to the class."""
    led = room()
    if led is None:
        if question is None:
            return
        problem = "" if truth else _("The view at hand has no answer to this question.")
        if not phones.ROOMS.has_phones:
            problem = _(
                "This server has no place for phones. Start the app by `sc2viz app` or by `streamlit run app.py`."
            )
        st.button(
            _("Ask the class"),
            icon=":material/groups:",
            key="class-ask",
            on_click=_open,
            disabled=bool(problem),
            help=problem or _("Open a room, in which phones answer this question."),
        )
        if problem := session.take("room_problem"):
            st.warning(f"{problem}.", icon=":material/block:")
        return
    if truth:
        led.ask(key, question, truth, picture)
    else:
        led.let_wait()
    _draw_keys(led, show_answer or led.reveal, figure=question.figure if question else "")
    with st.popover(_("Room"), icon=":material/groups:"):
        _draw_menu(led)
    if session.take("room_shown"):
        _invite(led)


def _draw_keys(led: Room, reveal: Callable[[], None], figure: str = "", previews: bool = False):
    """Draw the keys with which a lecturer leads a room. reveal: called when the answers are to be shown. figure: on whose
    axis answers are marked; "" for none. previews: whether drawings are seen before they are shown."""
    data = {
        "room": led.code,
        "secret": led.secret,
        "path": urlsplit(_address("live")).path,
        "figure": figure,
        "previews": previews,
    }
    _component(
        key="class-keys",
        data=data,
        on_reveal_change=reveal,
        on_again_change=led.ask_again,
        on_draws_change=lambda: _act(led, st.session_state["class-keys"]["draws"]),
    )


def draw_speaker_keys() -> None:
    """Draw the keys of the room for the speaker alone, who sees drawings on the wall before they are shown."""
    if led := room():
        _draw_keys(led, led.reveal, previews=True)


def is_asking() -> bool:
    """Whether phones are asked a question whose answers are not shown yet."""
    poll = (led := room()) and led.current_poll()
    return bool(poll) and not poll.is_revealed


def reveal() -> None:
    """Show the class, if any, its answers."""
    if led := room():
        led.reveal()


def let_wait() -> None:
    """Let the phones wait: the reader has left what has questions."""
    if led := room():
        led.let_wait()


def _open() -> None:
    """Open a room, in a callback; where there are too many, keep why not for the next run."""
    try:
        _lead(phones.ROOMS.open())
    except ValueError as error:
        session.room_problem = str(error)


def _lead(led: Room) -> None:
    """Make a room the one that the reader leads, and have the next run show its code."""
    session.room = f"{led.code}.{led.secret}"
    session.room_shown = True


def _address(name: str) -> str:
    """Return the address of the route `name` beside the app, with the host by which this browser has the app."""
    base = st.get_option("server.baseUrlPath").strip("/")
    path = f"/{base}/{name}".replace("//", "/")
    return urlunsplit((*urlsplit(st.context.url or "")[:2], path, "", ""))


def _draw_menu(led: Room) -> None:
    """Draw what is seldom needed: the code for phones, a show of hands, the counts, and the end."""
    if st.button(_("Show the code"), icon=":material/qr_code_2:"):
        _invite(led)
    st.button(
        _("Let the class draw"),
        icon=":material/draw:",
        on_click=_begin_drawing,
        args=(led,),
        help=_("Phones get a canvas. What they draw is shown once you turn it over."),
    )
    poll = led.current_poll()
    if poll and poll.question.choices and not poll.is_revealed:
        with st.form("class-hands", border=False):
            st.markdown(_("A show of hands"))
            hands = [
                st.number_input(
                    plain(_(choice)),
                    0,
                    999,
                    key=f"class-hands-{poll.number}-{len(poll.rounds)}-{k}",
                )
                for k, choice in enumerate(poll.question.choices)
            ]
            if st.form_submit_button(_("Enter")):
                led.count_hands(hands)
    elif poll and not poll.is_revealed:
        st.caption(_("A show of hands can be entered where a question has choices."))
    page.offer(page.csv(f"class-{led.code}", partial(counts_of, led), _("Counts (CSV)")))
    st.button(
        _("Empty the room"),
        icon=":material/group_remove:",
        on_click=lambda: _lead(phones.ROOMS.empty(led)),
        help=_(
            "Sends all phones away and shows a new code. The answers to this question and the drawings are dropped. "
            "The counts of earlier questions stay."
        ),
    )
    st.button(
        _("Close the room"),
        icon=":material/close:",
        on_click=_close,
        args=(led,),
    )
    st.caption(
        _(
            "Nothing of a room is kept. Answers and drawings have no name and stay in the server’s memory. A room is closed by "
            "its lecturer, {empty:g} minutes after everybody has left, or {absence:g} hours after its lecturer has left.",
            empty=EMPTY / MINUTE,
            absence=ABSENCE / MINUTE / 60,
        )
    )


def _close(led: Room) -> None:
    """Close a room, and forget what was computed of its drawings."""
    phones.ROOMS.close(led)
    del session.results


def _begin_drawing(led: Room) -> None:
    """Let the class draw, and give its phones the dictionary at hand, where that is for pictures of their size and for all
    readers, or else that of MNIST."""
    view = sidebar.current()
    suits = view and view.shape == (SIDE, SIDE, 1) and not sets.private(view.data)
    B = view.B if suits else startup.dictionary(sets.UNTIL)
    led.begin_drawing(phone_atoms.atoms(B.numpy(), view.lam if view else url.default("lam")))


def _act(led: Room, wish: dict) -> None:
    """Do what the lecturer asks for on the wall. What a browser reports may be anything, and what is no act does nothing."""
    acts = {
        "begin": lambda: _begin_drawing(led),
        "end": led.end_drawing,
        "at_once": led.switch_show_at_once,
        "all": lambda: led.show_drawings(True),
        "none": lambda: led.show_drawings(False),
        "turn": lambda: [led.show_drawings(shows, [number]) for number, shows in wish["turned"]],
        "newest": lambda: led.take_strip(at_random=False),
        "random": lambda: led.take_strip(at_random=True),
    }
    acts[wish["act"]]()


def counts_of(led: Room) -> str:
    """Return how often each answer was given in each round, as the text of a CSV file: no rows of people."""
    return page.table(["question", "words", "round", "answer", "count", "right"], led.table())


def _invite(led: Room) -> None:
    """Open a dialog that shows how phones come into the room."""
    st.dialog(_("Answer on your phone"), width="large")(_invitation)(led)


def _invitation(led: Room) -> None:
    """Draw the address, the code and the QR code with which phones come into the room."""
    address, sentence = qr.for_phones(_address("join"))
    image = qr.image(f"{address}?room={led.code}")
    invitation = _(
        "<p>Open<br><b>{address}</b><br>and enter<br><b class='code'>{code}</b></p>",
        address=escape(address),
        code=led.code,
    )
    alt = _("QR code of the address beside it")
    st.html(f'<div class="invite"><img src="{image}" alt="{alt}">{invitation}</div>')
    if sentence:
        st.markdown(sentence)
