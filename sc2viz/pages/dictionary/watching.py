"""A dictionary that is learned in the background: begun, watched, stopped, used and taken away."""

import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import streamlit as st

from sc2viz.draw import atoms, mosaics, sheet, style
from sc2viz.jobs.dictionary_learning import Film
from sc2viz.pages.dictionary import equations, filmed, setups
from sc2viz.ui import own, page, session, sets, sidebar, url
from sc2viz.ui.errors import fragment
from sc2viz.ui.handed_out import python
from sc2viz.ui.untrusted import plain
from sc2viz.words import N_, _, read

# What is learned at one click, in some seconds on one core: values of rows of the URL, and what to watch
LESSONS = [
    SimpleNamespace(**held) for held in read(Path(__file__).with_name("lessons.toml"))["lesson"]
]
ROWS = "lam", "source", "size", "positive", "rule"
LOOK = 0.4  # seconds between two redraws while something is learned
CHANGED = N_(
    "The settings have changed, but what is shown keeps its own. Learn begins with the new ones."
)


def learning_atoms(view: sidebar.View, tools) -> None:
    """Draw the part of Dictionary in which atoms are learned and watched."""
    with tools:
        about = _("Sets the data, λ and all settings, and begins to learn.")
        playing = page.lessons(
            "film-lesson",
            LESSONS,
            session.FILM_LESSON.get(),
            _take_lesson,
            _("Each shows one thing."),
            lambda lesson: about,
        )
    film = session.FILM.get()
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key="film-settings"
    ):
        key = st.container(width="content", key="film-key")
        key.empty()  # so that the button has its room before it is known which it is
        setup = setups.choose(view)
    if session.FILM_WISH.pop() or not film:
        film = setups.film(setup)
        own.dictionary.watch(film)
    going = not film.done  # read once, because it may end meanwhile
    with key:
        _button(film, going)
    if film.problem:
        problem = _("The dictionary could not be learned: {why}", why=plain(film.problem))
        st.error(problem, icon=":material/block:")
        return
    changed = film.setup != setup
    if playing and not changed:
        st.markdown(f":material/visibility: {_(playing.watch)}")
    fragment(_watch, LOOK if going else None)(film, going, changed)
    if not going:
        _use(film, view)
    equations.equations_of_learning(view)
    with tools:
        name = f"sc2viz-learned-{film.setup.data if film.setup.source == 'data' else 'photographs'}"
        given = {"setup": film.setup, "epochs": film.epochs, "rows": setups.ROWS}
        page.explained(None, _files(film, name), python(__file__, **given), charts=False)


def _take_lesson(lesson: SimpleNamespace) -> None:
    """Set what a lesson says, and all else as the page opens; without data of its own it takes those at hand."""
    asked = vars(lesson)
    if asked.get("data", st.session_state["data"]) != st.session_state["data"]:
        sidebar.go_to(lesson.data)
    st.session_state.update({key: asked.get(key, url.default(key)) for key in ROWS})
    session.FILM_WISH.set(True)
    session.FILM_LESSON.set(lesson.title)
    session.WHOLE.set(True)


def _button(film: Film, going: bool) -> None:
    if going:
        about = _("End now, with the atoms so far.")
        st.button(
            _("Stop"), icon=":material/stop:", on_click=film.cancel, key="film-stop", help=about
        )
    else:
        st.button(
            _("Learn"),
            icon=":material/play_arrow:",
            type="primary",
            on_click=_wish,
            key="film-learn",
            help=_("Learn the atoms in the background, and watch."),
        )


def _wish() -> None:
    session.FILM_WISH.set(True)
    session.FILM_LESSON.pop()


def _watch(film: Film, was_going: bool, changed: bool) -> None:
    """The latest frame while the atoms are learned, and all frames afterwards. changed: the settings are others now, which
    is said in the place of what the numbers are, so that the atoms stay where they are."""
    going = not film.done
    if was_going and not going:
        st.rerun()  # the whole page is drawn anew once nothing is learned any more, with other buttons
    with st.container(
        horizontal=True, vertical_alignment="center", key="film-status"
    ):  # as high during as afterwards
        if going:
            st.progress(float(film.share), filmed.describe_status(film), width="stretch")
        else:
            after = _(CHANGED) if changed else filmed.describe_numbers(film)
            st.caption(f"{filmed.describe_status(film)} {after}", width="stretch")
            with st.container(width="content"):
                page.explain(filmed.explain(film))
    with st.container(key="film-room"):
        st.empty()  # so that the atoms have their room before the first of them are there
        if film.frame:
            filmed.scrub(film, live=going)


def _use(film: Film, view: sidebar.View) -> None:
    """A button that puts what was learned from the data at hand in the place of the sidebar's dictionary."""
    if film.setup.source == "data" and film.setup.data == view.data and film.frame:
        st.button(
            _("Use these atoms"),
            icon=":material/check:",
            key="film-use",
            on_click=_take,
            args=(film,),
            help=_(
                "They become your dictionary, which all pages use, and the sidebar offers others."
            ),
        )


def _take(film: Film) -> None:
    own.dictionary.take(f"{film.setup.data}-{film.setup.size}-atoms.npy", _npy(film))
    st.session_state.update(dictionary=sets.OWN, part="atoms")
    session.WHOLE.set(True)


def _npy(film: Film) -> bytes:
    stream = io.BytesIO()
    np.save(stream, film.dictionary.numpy())
    return stream.getvalue()


def _files(film: Film, name: str) -> list[page.File]:
    return [
        page.png(name, lambda: _picture(film)),
        page.csv(name, lambda: _table(film)),
        page.File(_("Atoms (.npy)"), f"{name}.npy", lambda: _npy(film), ":material/grid_on:"),
    ]


def _picture(film: Film) -> bytes:
    drawn = atoms.sheet(film.dictionary.numpy(), film.setup.shape, side=600)
    seen = film.frame.samples if film.frame else 0
    lines = [film.setup.name, _("λ = {lam:g}, {n:,} seen", lam=film.setup.lam, n=seen)]
    column = sheet.SheetColumn(filmed.format_title(film), style.colour("truth"), [drawn], lines)
    return mosaics.png(sheet.sheet(_("Atoms, each at full contrast"), [column], side=600))


def _table(film: Film) -> str:
    head = (
        "data",
        "atoms",
        "nonnegative",
        "rule",
        "lambda",
        "samples",
        "mean_objective",
        "objective_of_zero_codes",
    )
    setup = film.setup
    same = [setup.name, setup.size, setup.positive, setup.rule, setup.lam]
    return page.table(head, ([*same, samples, F, film.blank] for samples, F in film.history))
