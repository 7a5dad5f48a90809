"""What every page shows in the same way: the look, a caption, a chart with alt text, things to take away."""

import io
import time
from collections.abc import Callable, Iterable, Sequence
from csv import writer
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
import torch
from streamlit import runtime
from streamlit.delta_generator import DeltaGenerator

from sc2viz.browser import live_page, modules
from sc2viz.draw import mosaics, style
from sc2viz.draw.cards import Card, Served, html
from sc2viz.draw.enlarged import enlarged
from sc2viz.draw.film import STEP, gif
from sc2viz.ui import (
    boards,
    errors,
    models,
    opening,
    own,
    phrases,
    present,
    qr,
    session,
    sets,
    sidebar,
    url,
)
from sc2viz.ui.handed_out import python
from sc2viz.ui.widgets import component
from sc2viz.words import ENGLISH, N_, _, speaking

_share = component("share")
_reach = component("reach", isolated=False)
PAUSE = (
    0.02  # seconds in which Streamlit sends what is drawn; browsers draw at once what comes at once
)

# What the menu of a page offers, in the order of its rows
PRESENT, PREDICT, EQUATIONS, GLOSSARY, TAKE_AWAY, LINK, THEME = (
    N_("Present"),
    N_("Predict first"),
    N_("Equations"),
    N_("Glossary"),
    N_("Take away"),
    N_("Link and QR code"),
    N_("Theme and print"),
)


def head(title: str, anchor: str | None = None, choices: bool = False) -> DeltaGenerator:
    """Draw the title and the menu of a page; return the place beside them for switches that concern the whole page.

    It takes the place of what stood there while the server started, so a page first computes what stands below it.
    `choices`: the page puts switches there, which on a phone have a row of their own."""
    opening.leave()
    place = st.container(horizontal=True, vertical_alignment="center", key="head")
    with place:
        st.title(title, anchor=anchor or False)
        session.menu = _draw_menu()
        with st.container(key="reach"):
            # The links behind the title, and where the focus goes
            data = {"title": title, "theme": session.theme_asked}
            _reach(key="ways", data=data, on_theme_change=lambda: None)
    view = sidebar.current()
    if view and view.dark != (st.context.theme.type == "dark"):
        st.rerun()  # the theme has changed, for which a fragment runs alone
    key = "tools" if choices else None
    tools = place.container(horizontal=True, vertical_alignment="center", width="content", key=key)
    tools.empty()  # so that they have their room before they are there
    return tools


def _draw_menu() -> str:
    """Draw the menu of a page; return what has been chosen in it that the page itself must answer, or "" for nothing."""
    # A covered page does not offer what would give its answer away.
    predict = [PREDICT] if session.offered else []
    open_page = [] if session.covered else [*predict, EQUATIONS, GLOSSARY, TAKE_AWAY]
    choice = st.menu_button(
        _("Menu"),
        [PRESENT, *open_page, LINK, THEME],
        format_func=_,
        key="menu",
        icon=":material/menu:",
        on_click=_answer_menu,
    )
    if choice in (
        PRESENT,
        PREDICT,
    ):  # they concern what surrounds the page, which may be a fragment
        st.rerun()
    if choice == GLOSSARY:
        st.dialog(_(GLOSSARY), width="large")(phrases.glossary)()
    if choice == LINK:
        st.dialog(_("A link that opens this view"))(qr.show)()
    return choice or ""


def _answer_menu() -> None:
    """Act, in a callback, on a choice of the menu that concerns more than the page: Present, Predict first, or the theme."""
    choice = st.session_state["menu"]
    if choice == PRESENT:
        present.switch(not present.is_on())
    elif choice == PREDICT:
        session.predicts = session.offered
    elif choice == THEME:
        session.theme_asked = session.theme_asked + 1


def header(text: str) -> None:
    """Draw a heading that is no link."""
    st.header(text, anchor=False)


def details(is_asked: bool = False) -> DeltaGenerator | None:
    """Draw what is closed until a reader wants more of the page; return where its content belongs, None while it is closed.

    is_asked: whether a link asks for something that stands there."""
    place = url.widget("more", opening=is_asked)
    return place if place.open else None


def cards(side_by_side: Sequence[Card], narrowest: int = 160) -> None:
    """Draw cards side by side, none narrower than `narrowest` px."""
    st.html(html(side_by_side, narrowest))


def served(data: bytes, place: str, alt: str, size: tuple[int, int], kind: str = "png") -> Served:
    """Return a picture of `size` (w, h) for a card, a PNG or a WebP, as a file that the browser loads from the server when it
    comes into view.

    `place` is a name of its own on the page. The server drops the file once no session shows it. A relative address also
    works on a server below another path.
    """
    address = runtime.get_instance().media_file_mgr.add(data, f"image/{kind}", place)
    return Served(address.removeprefix("/"), alt, *size)


def caption(sentence: str, reasons: str = "") -> DeltaGenerator:
    """Draw the main statement of a page: one sentence in Markdown, computed from what is shown, and its explanation
    `reasons`. Returns where they stand, in which `boards.sentence` lets the sentence follow the sliders.

    They are sent before the rest of the page is computed, so that the answer is read before the charts are there."""
    place = st.container(key="caption")
    with place:
        st.markdown(sentence)
        explain(reasons)
    time.sleep(PAUSE)
    return place


def following(reasons: str = "") -> None:
    """Draw the place of a page's main statement, where a board says it (`Board.sentence`), and its explanation `reasons` in
    Markdown."""
    with st.container(key="caption"):
        boards.sentence(leads=True)
        explain(reasons)


def explain(reasons: str) -> None:
    """Draw the reasons for a caption, Markdown, in a small expander at its end; nothing if there are none."""
    if reasons:
        with st.expander(_("Why?"), type="compact"):
            st.markdown(reasons)


def idea(name: str, data: dict, **callbacks: Callable[[], None]) -> None:
    """Draw the figure of an idea, browser/ideas/`name`.js, with numbers of the core, `data`, which JSON can hold.
    callbacks: what is called where the figure reports something, such as `on_cell_change`."""
    figure = component(modules.FOLDER / "ideas" / f"{name}.js", "ideas.css", isolated=False)
    figure(key=name.replace("_", "-"), data=data, **callbacks)


def notes(sentences: Iterable[str]) -> None:
    """Draw what a reader must know about the page, a quiet line each; nothing for ""."""
    for sentence in filter(None, sentences):
        st.caption(f":material/info: {sentence}")


def chart(figure, key: str, name: str = "", **options) -> object:
    """Draw a Plotly figure in the theme's colours, with the alt text that its function wrote (`style.figure`); return what
    Streamlit returns.

    name: what the figure is called where it is taken away; where it is "", the key in words (browser/plotly.js)."""
    meta = figure.spec["layout"]["meta"]
    if name:
        figure = style.altered(figure, meta=meta | {"name": name})
    if present.is_on():
        figure = enlarged(figure)
    # Under the mouse there is a camera and nothing else; style.css hides it where there is no mouse.
    camera = {
        "displayModeBar": "hover",
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"filename": f"sc2viz-{key}", "format": "png", "scale": 2},
    }
    return st.plotly_chart(figure, key=key, config=camera, alt=meta["alt"], **options)


class File(NamedTuple):
    """Something to take away. `make` is called only when the reader asks for it; None: what it needs is not there yet."""

    label: str
    name: str
    make: Callable[[], bytes | str] | None
    icon: str
    mime: str = "application/octet-stream"


def offer(file: File) -> None:
    """Draw the button that gives a file away."""
    key = f"get-{file.name}"
    errors.download(file.make, file.label, file.name, file.mime, icon=file.icon, key=key)


def png(name: str, draw: Callable[[], np.ndarray] | None, label: str = "") -> File:
    """Return a button's `File` for a picture that is taken away as a PNG. draw: makes the array; None where what it needs is
    not there yet."""
    make = draw and (lambda: mosaics.png(draw(), 3))
    return File(label or _("Picture (PNG)"), f"{name}.png", make, ":material/image:", "image/png")


def film(name: str, make: Callable[[], Sequence[np.ndarray]], step: int = STEP) -> File:
    """Return a button's `File` for a film (`draw.film.gif`) of the sheets that `make` draws, each shown for `step` ms."""
    return File(
        _("Film (GIF)"), f"{name}.gif", lambda: gif(make(), step), ":material/movie:", "image/gif"
    )


def csv(name: str, make: Callable[[], str], label: str = "") -> File:
    """Return a button's `File` for a table of numbers, the text that `make` writes, whose head is English in every
    language."""
    make, label = speaking(ENGLISH)(make), label or _("Numbers (CSV)")
    return File(label, f"{name}.csv", make, ":material/table:", "text/csv")


def network(solver: str, make: Callable[[], bytes]) -> File:
    """Return a button's `File` for the checkpoint of a network of the reader's own, the bytes that `make` writes."""
    file = f"{solver}-yours.safetensors"
    return File(_("Network (.safetensors)"), file, make, ":material/neurology:")


def live(
    name: str, view: sidebar.View, pixels: np.ndarray, chosen: Sequence[models.Model], title: str
) -> File:
    """Return a button's `File` for a page that needs no server, in which λ and T move: of `pixels` (n, d_x), the exact
    optimum and the models `chosen`."""
    B, solvers = view.B, {model.label: models.build(model) for model in chosen}
    options = {"lam": view.lam, "steps": view.steps, "shape": view.shape, "noun": view.noun}

    def make() -> str:
        return live_page.live(torch.from_numpy(pixels), B, solvers, title=title, **options).html

    return File(_("Live page (HTML)"), f"{name}.html", make, ":material/touch_app:", "text/html")


def table(head: Sequence[str], rows: Iterable[Sequence]) -> str:
    """Return the text of a CSV file: floats to seven digits, None and nan as nothing. A spreadsheet would compute a text that
    begins as a formula does, which therefore has a quote before it."""
    stream = io.StringIO()
    writer(stream, lineterminator="\n").writerows(map(_cell, row) for row in (head, *rows))
    return stream.getvalue()


def _cell(value: Any) -> Any:
    """Return a value as it stands in a CSV file."""
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.7g}"
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@"))
    return f"'{value}" if is_formula else value


def lessons(
    key: str,
    lessons: Sequence[dict],
    take: Callable[[dict], None],
    is_off: Callable[[dict], bool] = lambda lesson: False,
) -> dict | None:
    """Draw a menu with a button for each lesson, which calls `take` with it; return the one that is shown, whose
    title the session has as `key`.
    The menu closes when a lesson is taken, because it has another key then. is_off: whether it cannot be taken."""
    about = _("Each sets the data, λ and all settings, begins, and shows one thing.")
    title = getattr(session, key)
    with st.popover(_("Lessons"), icon=":material/school:", key=f"{key}s-{title}", help=about):
        for k, lesson in enumerate(lessons):
            st.button(
                _(lesson["title"]),
                key=f"{key}-{k}",
                type="primary" if lesson["title"] == title else "secondary",
                on_click=take,
                args=(lesson,),
                width="stretch",
                disabled=is_off(lesson),
                help=_(lesson.get("before", "")) or None,
            )
    return next((lesson for lesson in lessons if lesson["title"] == title), None)


def take_lesson(lesson: dict, playing: str, rows: Sequence[str]) -> None:
    """Set the `rows` of the URL as a lesson says, and those that it does not name as their page opens. playing: the key under
    which the session has its title."""
    data = st.session_state["data"]
    if lesson.get("data", data) != data:
        sidebar.go_to(lesson["data"])
    st.session_state.update({row: lesson.get(row, url.default(row)) for row in rows})
    setattr(session, playing, lesson["title"])


def explained(
    solvers: Sequence[str | models.Model] | None,
    files: Sequence[File] = (),
    module: str | Path = "",
    charts: bool = True,
    command: str = "",
    **values: Any,
) -> None:
    """Answer the page's menu in a dialog: the equations of the solvers, names or models, or what can be taken away.

    module: the file beside which the template of Python is that makes the same thing with sc2viz, filled with the `values`.
    charts: whether the page has some. command: the same on the command line."""
    choice = session.take("menu")
    if choice == EQUATIONS:
        st.dialog(_(EQUATIONS), width="large")(phrases.equations)(solvers or ())
    elif choice == TAKE_AWAY:
        code = python(module, **values) if module else ""
        st.dialog(_(TAKE_AWAY), width="large")(_take_away)(files, code, charts, command)


def _take_away(files: Sequence[File], code: str, charts: bool, command: str) -> None:
    """Draw the content of the dialog of what can be taken away: files, charts, the Python `code`, and the `command`."""
    if not code:
        st.markdown(_("This view has nothing to take away yet."))
        return
    with st.container(horizontal=True):
        for file in files:
            offer(file)
    if charts:
        _share(key="vectors", data={})
        camera = _("The camera at a chart’s lower corner, under the mouse, saves it (PNG).")
        st.caption(f":material/photo_camera: {camera}")
    st.markdown(
        _(
            "The same in Python, for the environment of README’s first command (`.venv/bin/python file.py`, "
            "any folder):"
        )
    )
    view = sidebar.current()
    if view and view.companions:
        st.markdown(_("with your picture in `{file}`:", file=own.pictures.FILE))
        own.pictures.draw_save_button(view.x, view.shape, "code")
        code = own.pictures.python(code, view.shape, view.companions)
    if view and view.is_of_class:
        st.markdown(_("with the drawings of your class in `{file}`:", file=own.strip.FILE))
        drawings = own.strip.npz(view.pixels(view.strip), view.images.shape)
        st.download_button(own.strip.FILE, drawings, own.strip.FILE, on_click="ignore")
        code = code.replace(sets.python(view.data), f'data.load("{own.strip.FILE}", split="test")')
    st.code(code, wrap_lines=True)
    if command:
        st.markdown(_("On the command line, with the picture as a file:"))
        st.code(command, language="sh", wrap_lines=True)
