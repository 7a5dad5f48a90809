"""Dictionaries that are learned in the background: begun, watched, stopped, used and taken away."""

import io
from collections.abc import Sequence
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

# What is learned at one click, in some seconds on one core for each dictionary: values of rows of the URL, and what to watch
LESSONS = [
    SimpleNamespace(**held) for held in read(Path(__file__).with_name("lessons.toml"))["lesson"]
]
ROWS = "lam", "source", "size", "positive", "pair", "rule"
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
    films = session.FILMS.get()
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key="film-settings"
    ):
        key = st.container(width="content", key="film-key")
        key.empty()  # so that the button has its room before it is known which it is
        wanted = setups.choose(view)
    if session.FILM_WISH.pop() or not films:
        films = [setups.film(setup) for setup in wanted]
        own.dictionary.watch(films)
    going = any(not film.done for film in films)
    with key:
        _button(going)
    for film in films:
        if film.problem:
            problem = _("The dictionary could not be learned: {why}", why=plain(film.problem))
            st.error(problem, icon=":material/block:")
    films = [film for film in films if not film.problem]
    if not films:
        return
    changed = [film.setup for film in films] != wanted
    if playing and not changed:
        st.markdown(f":material/visibility: {_(playing.watch)}")
    fragment(_watch, LOOK if going else None)(films, going, changed)
    if not going:
        _use(films, view)
    equations.equations_of_learning(view)
    with tools:
        name = f"sc2viz-learned-{films[0].setup.data if films[0].setup.source == 'data' else 'photographs'}"
        given = {"setup": films[0].setup, "epochs": films[0].epochs, "rows": setups.ROWS}
        page.explained(None, _files(films, name), python(__file__, **given), charts=False)


def _take_lesson(lesson: SimpleNamespace) -> None:
    """Set what a lesson says, and all else as the page opens; without data of its own it takes those at hand."""
    asked = vars(lesson)
    if asked.get("data", st.session_state["data"]) != st.session_state["data"]:
        sidebar.go_to(lesson.data)
    st.session_state.update({key: asked.get(key, url.default(key)) for key in ROWS})
    session.FILM_WISH.set(True)
    session.FILM_LESSON.set(lesson.title)
    session.WHOLE.set(True)


def _button(going: bool) -> None:
    if going:
        about = _("End now, with the atoms so far.")
        st.button(_("Stop"), icon=":material/stop:", on_click=_stop, key="film-stop", help=about)
    else:
        st.button(
            _("Learn"),
            icon=":material/play_arrow:",
            type="primary",
            on_click=_wish,
            key="film-learn",
            help=_("Learn the atoms in the background, and watch."),
        )


def _stop() -> None:
    for film in session.FILMS.get():
        film.cancel()


def _wish() -> None:
    session.FILM_WISH.set(True)
    session.FILM_LESSON.pop()


def _watch(films: Sequence[Film], were_going: bool, changed: bool) -> None:
    """The latest frames while something is learned, and all of them afterwards. changed: the settings are others now, which
    is said in the place of what the numbers are, so that the atoms stay where they are."""
    going = any(not film.done for film in films)
    if were_going and not going:
        st.rerun()  # the whole page is drawn anew once nothing is learned any more, with other buttons
    with st.container(
        horizontal=True, vertical_alignment="center", key="film-status"
    ):  # as high during as afterwards
        if going:
            share = float(np.mean([1.0 if film.done else film.share for film in films]))
            st.progress(share, filmed.status(films, going), width="stretch")
        else:
            after = _(CHANGED) if changed else filmed.about(films)
            st.caption(f"{filmed.status(films, going)} {after}", width="stretch")
            with st.container(width="content"):
                page.explain(filmed.why(films))
    films = [film for film in films if film.frame]
    with st.container(key="film-room"):
        st.empty()  # so that the atoms have their room before the first of them are there
        if films:
            filmed.scrubber_of_films(films, live=going)


def _use(films: Sequence[Film], view: sidebar.View) -> None:
    """Buttons that put what was learned from the data at hand in the place of the sidebar's dictionary."""
    fitting = [
        film
        for film in films
        if film.setup.source == "data" and film.setup.data == view.data and film.frame
    ]
    with st.container(horizontal=True, gap="small"):
        for film in fitting:
            k = films.index(film)
            words = (
                _("Use these atoms")
                if len(films) == 1
                else _("Use: {atoms}", atoms=filmed.amid(film, films[1 - k]))
            )
            st.button(
                words,
                icon=":material/check:",
                key=f"film-use-{k}",
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


def _files(films: Sequence[Film], name: str) -> list[page.File]:
    files = [page.png(name, lambda: _picture(films)), page.csv(name, lambda: _table(films))]
    for k, film in enumerate(films):
        label = (
            _("Atoms (.npy)") if len(films) == 1 else f"{filmed.title(film, films[1 - k])} (.npy)"
        )
        files.append(
            page.File(label, f"{name}-{k}.npy", lambda film=film: _npy(film), ":material/grid_on:")
        )
    return files


def _picture(films: Sequence[Film]) -> bytes:
    columns = []
    for film, other in zip(films, reversed(films), strict=True):
        drawn = atoms.sheet(film.dictionary.numpy(), film.setup.shape, side=600)
        seen = film.frame.samples if film.frame else 0
        lines = [film.setup.name, _("λ = {lam:g}, {n:,} seen", lam=film.setup.lam, n=seen)]
        columns.append(
            sheet.SheetColumn(filmed.title(film, other), style.colour("truth"), [drawn], lines)
        )
    return mosaics.png(sheet.sheet(_("Atoms, each at full contrast"), columns, side=600))


def _table(films: Sequence[Film]) -> str:
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
    return page.table(
        head,
        (
            [
                film.setup.name,
                film.setup.size,
                film.setup.positive,
                film.setup.rule,
                film.setup.lam,
                samples,
                F,
                film.blank,
            ]
            for film in films
            for samples, F in film.history
        ),
    )
