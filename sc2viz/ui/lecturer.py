"""The lecturer's side of a room in which a class answers on its phones: the button that opens it, its keys, and its menu.

The room is the session's, and after a reload that of the private address, which has the room's secret. Who shares a view
shares it without that part of the address.
"""

from collections.abc import Callable, Hashable
from html import escape
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import segno
import streamlit as st

from sc2viz.browser import modules
from sc2viz.classroom import phones
from sc2viz.classroom.question import Question, Truth
from sc2viz.classroom.rooms import AWAY, EMPTY, MINUTE, Room
from sc2viz.ui import page, qr, session
from sc2viz.ui.untrusted import plain
from sc2viz.ui.widgets import component
from sc2viz.words import N_, _

WITHOUT = N_(
    "This server has no place for phones. Start the app by `sc2viz app` or by `streamlit run app.py`."
)
_WIDGETS = Path(__file__).parent / "widgets"
_component = component(
    _WIDGETS / "lecturer.js", modules.FOLDER / "answers.css", _WIDGETS / "lecturer.css"
)


def room() -> Room | None:
    """The room that this reader leads, if any, which its server knows of."""
    code, _, secret = (session.ROOM.get() or st.query_params.get(qr.PRIVATE, "")).partition(".")
    found = phones.ROOMS.controlled(code, secret) if secret else None
    if found is None:
        session.ROOM.pop()
        st.query_params.pop(qr.PRIVATE, None)
        return None
    found.heard()
    session.ROOM.set(f"{found.code}.{found.secret}")
    if st.query_params.get(qr.PRIVATE) != session.ROOM.get():
        st.query_params[qr.PRIVATE] = session.ROOM.get()
    return found


def controls(
    key: Hashable,
    asked: tuple[Question, Truth | None, str] | None,
    show_answer: Callable[[], None] | None,
) -> None:
    """Draw the button that opens a room, or the keys of the one at hand, whose phones are asked what this view asks.

    key: names the question in the room. asked: the question, what is true, and the picture of which it is asked.
    show_answer: shows the answer to the reader and to the class."""
    led = room()
    question, truth, picture = asked or (None, None, "")
    if led is None:
        if question:
            _opens(truth)
        return
    if truth:
        led.ask(key, question, truth, picture)
    else:
        led.rest()
    data = {
        "room": led.code,
        "secret": led.secret,
        "path": urlsplit(_address("live")).path,
        "on": question.on if question else "",
    }
    _component(
        key="class-keys",
        data=data,
        on_reveal_change=show_answer or led.reveal,
        on_again_change=led.again,
    )
    with st.popover(_("Room"), icon=":material/groups:", key="class-room"):
        _menu(led)
    if session.ROOM_SHOWN.pop():
        _invite(led)


def is_asking() -> bool:
    """Whether phones are asked a question whose answers are not shown yet."""
    poll = (led := room()) and led.at_hand()
    return bool(poll) and not poll.shown


def reveal() -> None:
    """Show the class, if any, its answers."""
    if led := room():
        led.reveal()


def rest() -> None:
    """Let the phones wait: the reader has left what has questions."""
    if led := room():
        led.rest()


def _opens(truth: Truth | None) -> None:
    why = (
        _(WITHOUT)
        if not phones.served()
        else ""
        if truth
        else _("The view at hand has no answer to this question.")
    )
    st.button(
        _("Ask the class"),
        icon=":material/groups:",
        key="class-ask",
        on_click=_open,
        disabled=bool(why),
        help=why or _("Open a room, in which phones answer this question."),
    )
    if problem := session.ROOM_PROBLEM.pop():
        st.warning(f"{problem}.", icon=":material/block:")


def _open() -> None:
    try:
        _lead(phones.ROOMS.open())
    except ValueError as error:
        session.ROOM_PROBLEM.set(str(error))


def _lead(led: Room) -> None:
    """Take the lead of a room, and show its code."""
    session.ROOM.set(f"{led.code}.{led.secret}")
    session.ROOM_SHOWN.set(True)


def _address(name: str) -> str:
    """The address of a route beside the app, as this browser has the app's."""
    parts, base = urlsplit(st.context.url or ""), st.get_option("server.baseUrlPath").strip("/")
    return urlunsplit((*parts[:2], f"/{base}/{name}".replace("//", "/"), "", ""))


def _menu(led: Room) -> None:
    """What is seldom needed: the code for phones, a show of hands, the counts, and the end."""
    if st.button(_("Show the code"), icon=":material/qr_code_2:", key="class-code"):
        _invite(led)
    poll = led.at_hand()
    if poll and poll.question.choices and not poll.shown:
        with st.form("class-hands", border=False):
            st.markdown(_("A show of hands"))
            hands = [
                st.number_input(
                    plain(_(words)), 0, 999, key=f"class-hands-{poll.number}-{len(poll.rounds)}-{k}"
                )
                for k, words in enumerate(poll.question.choices)
            ]
            if st.form_submit_button(_("Enter")):
                led.show_of_hands(hands)
    elif poll and not poll.shown:
        st.caption(_("A show of hands can be entered where a question has choices."))
    st.download_button(
        _("Counts (CSV)"),
        lambda: counts_of(led),
        f"class-{led.code}.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/table:",
        key="class-counts",
    )
    st.button(
        _("Empty the room"),
        icon=":material/group_remove:",
        key="class-empty",
        on_click=lambda: _lead(phones.ROOMS.empty(led)),
        help=_(
            "Sends all phones away and shows a new code. The answers to this question are dropped. "
            "The counts of earlier questions stay."
        ),
    )
    st.button(
        _("Close the room"),
        icon=":material/close:",
        key="class-close",
        on_click=phones.ROOMS.close,
        args=(led,),
    )
    st.caption(
        _(
            "Nothing of a room is kept. Answers have no name and stay in the server’s memory. A room is closed by its "
            "lecturer, {empty:g} minutes after everybody has left, or {away:g} hours after its lecturer has left.",
            empty=EMPTY / MINUTE,
            away=AWAY / MINUTE / 60,
        )
    )


def counts_of(led: Room) -> str:
    """How often each answer was given in each round, as CSV: no rows of people."""
    return page.table(["question", "words", "round", "answer", "count", "right"], led.table())


def _invite(led: Room) -> None:
    """Show how phones come into the room."""
    st.dialog(_("Answer on your phone"), width="large")(_invitation)(led)


def _invitation(led: Room) -> None:
    address, said = qr.for_phones(
        _address("join"), st.get_option("server.address"), qr.own_address()
    )
    image = segno.make(f"{address}?room={led.code}", error="l").svg_data_uri(
        border=4, light="#fff", dark="#000"
    )
    shown = {"address": escape(address), "code": led.code}
    says = _("<p>Open<br><b>{address}</b><br>and enter<br><b class='code'>{code}</b></p>", **shown)
    st.html(
        f'<div class="invite"><img src="{image}" alt="{_("QR code of the address beside it")}">{says}</div>'
    )
    if said:
        st.markdown(said)
