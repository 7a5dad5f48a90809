"""What every page shows in the same way: the look, a caption, a chart with alt text, things to take away."""

import io
import time
from collections.abc import Callable, Iterable, Sequence
from csv import writer
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
import torch
from streamlit import runtime
from streamlit.delta_generator import DeltaGenerator

from sc2viz.browser import live_page, modules
from sc2viz.draw import style
from sc2viz.draw.cards import Card, Served, html
from sc2viz.draw.enlarged import enlarged
from sc2viz.draw.film import gif
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
from sc2viz.ui.widgets import component, popover
from sc2viz.words import ENGLISH, _, speaking

# A chart under the mouse shows a camera and nothing else; style.css hides it where there is no mouse.
_CONFIG = {"displayModeBar": "hover", "displaylogo": False, "modeBarButtons": [["toImage"]]}
_WIDGETS = Path(__file__).parent / "widgets"
_share = component(_WIDGETS / "share.js", _WIDGETS / "share.css")
PAUSE = 0.02  # seconds in which Streamlit sends what is drawn; what comes in one go, browsers draw in one go


def head(title: str, anchor: str | None = None, choices: bool = False) -> DeltaGenerator:
    """Draw the title of a page; return the place beside it, for what concerns the whole page: switches, Take away.
    It takes the place of what stood there while the server started, so a page first computes what stands below it.
    `choices`: the page puts its own there, which on a phone have a row above the menus of all pages."""
    opening.leave()
    place = st.container(horizontal=True, vertical_alignment="center", key="head")
    with place:
        st.title(title, width="stretch", anchor=anchor or False)
        with st.container(key="reach"):
            # The links behind the title, and where the focus goes
            component(_WIDGETS / "reach.js", isolated=False)(
                key="ways", data={"title": title}, on_theme_change=lambda: None
            )
    view = sidebar.current()
    if view and view.dark != (
        st.context.theme.type == "dark"
    ):  # a fragment runs alone, because the theme has changed
        st.rerun()
    with place:
        _offer_question()
        tools = st.container(
            horizontal=True,
            vertical_alignment="center",
            width="content",
            key="tools" if choices else None,
        )
    tools.empty()  # so that they have their room before they are there
    return tools


def _offer_question() -> None:
    """A button that asks the question of the page at hand (tours/questions.py). It is in a fragment, and the whole page must
    run."""
    path = session.OFFERED.get()
    if path and st.button(
        _("Predict first"),
        key="predict",
        icon=":material/psychology_alt:",
        type="tertiary",
        help=_("Predict first: covers the answer and asks for a guess."),
    ):
        session.PREDICTS.set(path)
        st.rerun()


def cards(side_by_side: Sequence[Card], narrowest: int = 160) -> None:
    """Cards side by side, none narrower than `narrowest` px."""
    st.html(html(side_by_side, narrowest))


def served(data: bytes, place: str, alt: str, size: tuple[int, int]) -> Served:
    """A PNG of `size` (w, h) for a card, as a file that the browser loads from the server when it comes into view.

    `place` is a name of its own on the page. The server drops the file once no session shows it.
    """
    address = runtime.get_instance().media_file_mgr.add(data, "image/png", place)
    return Served(
        address.removeprefix("/"), alt, *size
    )  # a relative address also works on a server below another path


def caption(sentence: str, why: str = "") -> DeltaGenerator:
    """The main statement of a page: one sentence in Markdown, computed from what is shown, and its explanation `why`.
    Returns where they stand, in which `boards.sentence` lets the sentence follow the sliders.

    They are sent before the rest of the page is computed, so that the answer is read before the charts are there."""
    place = st.container(key="caption")
    with place:
        st.markdown(sentence)
        explain(why)
    time.sleep(PAUSE)
    return place


def following(why: str = "") -> None:
    """The main statement of a page where a board says it (`Board.sentence`), and its explanation `why` in Markdown."""
    with st.container(key="caption"):
        boards.sentence(leads=True)
        explain(why)


def explain(why: str) -> None:
    """The reasons for a caption in Markdown, in a small expander at its end; nothing if there are none."""
    if why:
        with st.expander(_("Why?"), type="compact"):
            st.markdown(why)


def idea(name: str, data: dict, **heard: Callable[[], None]) -> None:
    """Draw the figure of an idea, browser/ideas/`name`.js, with numbers of the core, `data`, which JSON can hold. heard:
    what is called where the figure tells something, such as `on_cell_change`."""
    folder = modules.FOLDER
    figure = component(folder / "ideas" / f"{name}.js", folder / "ideas.css", isolated=False)
    figure(key=name.replace("_", "-"), data=data, **heard)


def notes(said: Iterable[str]) -> None:
    """Draw what a reader must know about the page, a quiet line each; nothing for ""."""
    for note in filter(None, said):
        st.caption(f":material/info: {note}")


def chart(figure, key: str, name: str = "", **options) -> object:
    """A Plotly figure in the theme's colours, with the alt text that its function wrote (`style.figure`).

    name: what the figure is called where it is taken away; where it is "", the key in words (browser/plotly.js)."""
    meta = figure.made["layout"]["meta"] if hasattr(figure, "made") else {}
    if not meta.get("alt"):
        raise ValueError(f"the figure {key} has no alt text: make it with style.figure")
    if name:
        figure = style.altered(figure, meta=meta | {"name": name})
    camera = {"filename": f"sc2viz-{key}", "format": "png", "scale": 2}
    if present.on():
        figure = enlarged(figure)
    return st.plotly_chart(
        figure,
        key=key,
        config={**_CONFIG, "toImageButtonOptions": camera},
        alt=meta["alt"],
        **options,
    )


@dataclass(frozen=True)
class File:
    """Something to take away. `make` is called only when the reader asks for it; None: what it needs is not there yet."""

    label: str
    name: str
    make: Callable[[], bytes | str] | None
    icon: str
    mime: str = "application/octet-stream"


def png(name: str, make: Callable[[], bytes] | None, label: str = "") -> File:
    """A figure to take away as a PNG."""
    return File(label or _("Picture (PNG)"), f"{name}.png", make, ":material/image:", "image/png")


def film(name: str, make: Callable[[], Sequence[np.ndarray]]) -> File:
    """Sheets to take away, one after the other as a film (`draw.film.gif`)."""
    return File(
        _("Film (GIF)"), f"{name}.gif", lambda: gif(make()), ":material/movie:", "image/gif"
    )


def csv(name: str, make: Callable[[], str], label: str = "") -> File:
    """Numbers to take away as a table, whose head is English in every language."""
    return File(
        label or _("Numbers (CSV)"),
        f"{name}.csv",
        make and speaking(ENGLISH)(make),
        ":material/table:",
        "text/csv",
    )


def network(solver: str, make: Callable[[], bytes]) -> File:
    """A network of the reader's own to take away, as a checkpoint."""
    return File(
        _("Network (.safetensors)"), f"{solver}-yours.safetensors", make, ":material/neurology:"
    )


def live(
    name: str, view: sidebar.View, pixels: np.ndarray, chosen: Sequence[models.Model], title: str
) -> File:
    """A page in which λ and T move, of `pixels` (n, d_x), the exact optimum and the models `chosen`, without a server."""
    B, solvers = sets.dictionary(view.data), {model.label: models.build(model) for model in chosen}

    def make() -> str:
        x = torch.from_numpy(pixels)
        given = {
            "lam": view.lam,
            "steps": view.steps,
            "shape": view.shape,
            "title": title,
            "noun": view.noun,
        }
        return live_page.live(x, B, solvers, **given).html

    return File(_("Live page (HTML)"), f"{name}.html", make, ":material/touch_app:", "text/html")


def table(head: Sequence[str], rows: Iterable[Sequence]) -> str:
    """The text of a CSV file: floats to seven digits, None and nan as nothing. A spreadsheet would compute a text that begins
    as a formula does, which therefore has a quote before it."""
    stream = io.StringIO()
    writer(stream, lineterminator="\n").writerows(map(_cell, row) for row in (head, *rows))
    return stream.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.7g}"
    return (
        f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value
    )


def lessons(
    key: str,
    known: Sequence,
    playing: str | None,
    take: Callable,
    about: str,
    told: Callable[[Any], str],
    off: Callable[[Any], bool] = lambda lesson: False,
):
    """Draw a menu with a button for each lesson, which calls `take` with it; return the one titled `playing`.
    The menu closes when a lesson is taken, because it has another key then. told: what a button says under the pointer. off:
    whether it cannot be pressed."""
    with st.popover(_("Lessons"), icon=":material/school:", key=f"{key}s-{playing}", help=about):
        for k, lesson in enumerate(known):
            kind = "primary" if lesson.title == playing else "secondary"
            st.button(
                _(lesson.title),
                key=f"{key}-{k}",
                type=kind,
                on_click=take,
                args=(lesson,),
                width="stretch",
                disabled=off(lesson),
                help=told(lesson),
            )
    return next((lesson for lesson in known if lesson.title == playing), None)


def explained(
    solvers: Sequence[str] | None, files: list[File], snippet: Callable[[], str], **more
) -> None:
    """The equations of the solvers by name, unless it is None, the glossary, and what can be taken away. more: as for
    `take_away`."""
    if solvers is not None:
        phrases.equations(solvers)
    phrases.glossary()
    take_away(files, snippet, **more)


def take_away(
    files: list[File], snippet: Callable[[], str], charts: bool = True, command: str = ""
) -> None:
    """A menu of downloads, and the lines of Python that make the same thing with sc2viz. `charts`: the page has some.
    `command`: the same on the command line."""
    about = _("Download what is shown, or the code that makes it.")
    if place := popover(_("Take away"), "take-away", icon=":material/download:", help=about):
        with place:
            with st.container(horizontal=True):
                for file in files:
                    make = errors.shown(file.make, file.label) if file.make else b""
                    st.download_button(
                        file.label,
                        make,
                        file.name,
                        file.mime,
                        icon=file.icon,
                        on_click="ignore",
                        key=f"get-{file.name}",
                        disabled=not file.make,
                    )
                about = _("A code with which phones open this view.")
                if st.button(_("For phones (QR)"), icon=":material/qr_code_2:", help=about):
                    st.dialog(_("This view on a phone"))(qr.show)()
            if charts:
                _share(key="vectors", data={"kind": "charts"})
                camera = _("The camera at a chart’s lower corner, under the mouse, saves it (PNG).")
                st.caption(f":material/photo_camera: {camera}")
            st.markdown(
                _(
                    "The same in Python, for the environment of README’s first command (`.venv/bin/python file.py`, "
                    "any folder):"
                )
            )
            view, code = sidebar.current(), snippet()
            if view and view.companions:
                st.markdown(_("with your picture in `{file}`:", file=own.pictures.FILE))
                own.pictures.save(view.pixels([view.picture]), view.shape, "code")
                code = own.pictures.python(code, view.shape, view.companions)
            st.code(code, language="python", wrap_lines=True)
            if command:
                st.markdown(_("On the command line, with the picture as a file:"))
                st.code(command, language="sh", wrap_lines=True)
    with st.container(key="copy", width="content"):
        _share(key="copy-link", data={"kind": "link", "names": url.names()})
