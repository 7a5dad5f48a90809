"""Dictionaries that are learned in the background: their settings, what is shown meanwhile, and their films afterwards."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import streamlit as st
from torch import Tensor

from sc2viz import natural
from sc2viz.figures import atoms, pictures, sheet, style
from sc2viz.films import Film, Frame, together
from sc2viz.pages.dictionary import equations, lessons
from sc2viz.ui import own, page, phrases, sets, sidebar, stage, url
from sc2viz.ui.errors import guard

SCRUBBER = "film"
LOOK = 0.4  # seconds between two redraws while something is learned
ROWS = 4000  # of the training split
FITTED = 100  # atoms at most to which a Gabor function is fitted
OTHER_SIZE = {50: 200, 100: 400, 200: 50, 400: 100}
OTHER_FILTER = {"whitened": "raw", "raw": "whitened"}
DASH = (6, 4)  # of the second of two
TRAVELS, FEWEST = 8e6, 8  # bytes of all frames, before they are compressed, and frames at least


class Oriented(NamedTuple):
    """Medians over Gabor functions that were fitted to atoms: the share of the variance that they explain, their frequency
    in cycles a pixel, and their width in pixels, the geometric mean of that across and along the stripes."""

    explained: float
    frequency: float
    width: float


@dataclass(frozen=True)
class Setup:
    """What is learned."""

    data: str  # the data set at hand
    source: str  # a key of `url.SOURCES`
    size: int
    positive: bool
    lam: float

    @property
    def name(self) -> str:
        """What it is learned from, in words."""
        return {"whitened": "whitened photographs", "raw": "photographs as they are"}.get(self.source, self.data)

    @property
    def shape(self) -> pictures.Shape:
        if self.source == "data":
            return sets.drawn(sets.images(self.data, "train"))
        return natural.SIZE, natural.SIZE, 1

    def rows(self) -> Tensor:
        """What it is learned from, (n, d_x)."""
        if self.source == "data":
            return sets.images(self.data, "train").pixels[:ROWS]
        return getattr(_natural(), self.source)

    def beside(self, pair: str) -> Setup | None:
        """What is learned beside it, where `pair`, a key of `url.PAIRS`, is possible."""
        if pair == "signs" and _unsigned(self):
            return replace(self, positive=not self.positive)
        if pair == "filter" and self.source in OTHER_FILTER:
            return replace(self, source=OTHER_FILTER[self.source])
        return replace(self, size=OTHER_SIZE[self.size]) if pair == "size" else None


@st.cache_resource(show_spinner="Cutting photographs into patches …")
def _natural() -> natural.Natural:
    return natural.natural()


def _unsigned(setup: Setup) -> bool:
    """Whether atoms and codes without negative entries can describe its rows."""
    return setup.source == "data" and bool((setup.rows() >= 0).all())


def draw(view: sidebar.View, tools) -> None:
    """The part of the page."""
    playing = _lesson_buttons()
    films = own.dictionary.films()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        key = st.container(width="content")
        wanted = _choose(view)
    if st.session_state.pop("_film_wish", False) or not films:
        films = _begin(wanted)
    going = any(not film.done for film in films)
    with key:
        _button(going)
    for film in films:
        if film.problem:
            st.error(f"The dictionary could not be learned: {film.problem}", icon=":material/block:")
    films = [film for film in films if not film.problem]
    if not films:
        return
    if playing and [film.setup for film in films] == wanted:
        st.markdown(f":material/visibility: {playing.watch}")
    elif [film.setup for film in films] != wanted and not going:
        page.notes(["The settings have changed, but what is shown keeps its own. Learn begins with the new ones."])
    st.fragment(guard(_watch), run_every=LOOK if going else None)(films, going)
    if not going:
        _use(films, view)
    equations.draw()
    with tools:
        phrases.glossary()
        name = f"sc2viz-learned-{films[0].setup.data if films[0].setup.source == 'data' else 'photographs'}"
        page.take_away(_files(films, name), _snippet(films[0]), charts=False)


def _lesson_buttons() -> lessons.Lesson | None:
    """A button for each lesson; the one that was pressed last."""
    playing = st.session_state.get("_film_lesson")
    with st.container(horizontal=True, vertical_alignment="center", key="lessons"):
        st.markdown("Lessons:", width="content")
        for k, lesson in enumerate(lessons.LESSONS):
            kind = "primary" if lesson.title == playing else "secondary"
            st.button(lesson.title, icon=":material/school:", key=f"film-lesson-{k}", type=kind, on_click=_take_lesson,
                      args=(lesson,), help="Sets the data, λ and all settings below, and begins to learn.")  # fmt: skip
    return next((lesson for lesson in lessons.LESSONS if lesson.title == playing), None)


def _take_lesson(lesson: lessons.Lesson) -> None:
    state = st.session_state
    if lesson.data and state["data"] != lesson.data:
        sidebar.go_to(lesson.data)
    state.update(lam=lesson.lam, source=lesson.source, size=lesson.size, positive=lesson.positive, pair=lesson.pair)
    state.update(_film_wish=True, _film_lesson=lesson.title, _whole=True)


def _button(going: bool) -> None:
    if going:
        st.button("Stop", icon=":material/stop:", on_click=_stop, key="film-stop", help="End now, with the atoms so far.")
    else:
        st.button("Learn", icon=":material/play_arrow:", type="primary", on_click=_wish, key="film-learn",
                  help="Learn the atoms in the background, and watch.")  # fmt: skip


def _choose(view: sidebar.View) -> list[Setup]:
    """The settings of what is learned next: one dictionary, or two."""
    source = url.widget("source", "Learn from", width=205, help=f"At most {ROWS:,} training rows of the data set of the "
                        "sidebar; or patches of photographs, with or without the filter that makes all frequencies equally "
                        "strong (Olshausen & Field 1996).")  # fmt: skip
    size = url.widget("size", "Atoms", width=90, help="d_s. λ is that of the sidebar.")
    plain = Setup(view.data, source, size, False, view.lam)
    unsigned = _unsigned(plain)
    pairs = [pair for pair in url.PAIRS if pair == "nothing" or plain.beside(pair)]
    if url.now("pair") not in pairs:
        st.session_state["pair"] = "nothing"
    pair = url.widget("pair", "Beside it", options=pairs, width=165, help="A second dictionary, which differs in one thing.")
    about = "Codes and atoms without negative entries (Hoyer 2002)." if unsigned else "These rows have negative entries."
    positive = url.widget("positive", "Nothing negative", disabled=not unsigned, help=about) and unsigned
    first = replace(plain, positive=positive)
    second = first.beside(pair)
    return [first] if second is None else [first, second]


def _stop() -> None:
    for film in own.dictionary.films():
        film.cancel()


def _wish() -> None:
    st.session_state["_film_wish"] = True
    st.session_state.pop("_film_lesson", None)


def _begin(wanted: list[Setup]) -> list[Film]:
    films = [
        Film(setup.rows(), setup.size, setup.lam, own.dictionary.studio(), positive=setup.positive, setup=setup,
             finish=_oriented if setup.source != "data" else lambda B: None)
        for setup in wanted
    ]  # fmt: skip
    own.dictionary.watch(films)
    return films


def _oriented(B: Tensor) -> Oriented:
    """What Gabor functions say of atoms, of at most `FITTED` of them."""
    from sc2viz import gabor  # here: it imports scipy's optimisers

    some = np.unique(np.linspace(0, B.shape[1] - 1, FITTED).astype(int))
    drawn = B[:, some].T.reshape(-1, natural.SIZE, natural.SIZE).numpy()
    fits = [gabor.fit(atom) for atom in drawn if np.ptp(atom) > 0]
    numbers = np.array([(fit.explained, fit.frequency, np.prod(fit.widths) ** 0.5) for fit in fits])
    return Oriented(*np.median(numbers, 0).tolist())


def _watch(films: Sequence[Film], were_going: bool) -> None:
    """The latest frames while something is learned, and all of them afterwards."""
    going = any(not film.done for film in films)
    if were_going and not going:
        st.rerun()  # redraws the buttons and ends the periodic redraws
    status = _status(films, going)
    if going:
        st.progress(float(np.mean([1.0 if film.done else film.share for film in films])), status)
    films = [film for film in films if film.frame]
    if not films:
        return
    places, shown = together(films)
    if going:
        places, shown = places[-1:], [[film.frame] for film in films]
    else:
        kept = _fitting(len(places), sum(atoms.tiles(film.frame.atoms, film.setup.shape).size for film in films))
        places, shown = places[kept], [[frames[k] for k in kept] for frames in shown]
    groups = [_group(film, frames, others, k)
              for k, (film, frames, others) in enumerate(zip(films, shown, reversed(films), strict=True))]  # fmt: skip
    names = [f"{place:,} {_nouns(films)}" for place in places]
    captions = [_caption(films, [frames[k] for frames in shown]) for k in range(len(places))]
    stage.scrubber(SCRUBBER, len(places), groups, _curves(films, places), captions, unit="frame", start=len(places) - 1,
                   names=names, layout="learning" if len(films) == 2 else "learning one", live=going)  # fmt: skip
    if not going:
        about = " F(0) = ½‖x‖² is F of a code of zeros."
        gabor_said = (
            " A Gabor function, a wave under a Gaussian window, was fitted to each atom: medians." if films[0].found else ""
        )
        st.caption(status + about + gabor_said)


def _fitting(count: int, size: int) -> np.ndarray:
    """Which of `count` frames travel, of `size` bytes each: the first, the last, and as many between as `TRAVELS` allows."""
    most = max(FEWEST, int(TRAVELS // size))
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def _nouns(films: Sequence[Film]) -> str:
    """What the rows are called."""
    return "patches" if films[0].setup.source != "data" else f"{sidebar.noun_of(films[0].setup.shape)}s"


def _status(films: Sequence[Film], going: bool) -> str:
    said = []
    for film in films:
        seen = f"{film.frame.samples if film.frame else 0:,} {_nouns(films)}"
        place = film.scheduler.place(film)
        if place:
            said.append(f"place {place} in the queue")
        elif film.finishing and not film.done:
            said.append(f"{seen}, now fitting Gabor functions")
        elif not film.done:
            said.append(f"epoch {int(film.passed) + 1}, {seen}")
        else:
            said.append(f"stopped after {seen}" if film.cancelled else f"settled after {seen}")
    return f"{'Learning' if going else 'Learned'}: {'; '.join(said)}."


def _title(film: Film, other: Film) -> str:
    """What a dictionary is, by what tells it from the one beside it."""
    mine, its = film.setup, other.setup
    if mine.source != its.source:
        return mine.name.capitalize()
    if mine.positive != its.positive:
        return "Nothing negative" if mine.positive else "Both signs"
    return f"{mine.size} atoms"


def _group(film: Film, frames: Sequence[Frame], other: Film, k: int) -> stage.Group:
    setup = film.setup
    drawn = np.stack([atoms.tiles(frame.atoms, setup.shape) for frame in frames])
    tables = {"table": style.DIVERGING_TABLE[False], "dark_table": style.DIVERGING_TABLE[True]} if drawn.ndim == 4 else {}
    label = "each atom at full contrast"
    picture = stage.Picture(label, drawn, f"The {setup.size} atoms of {setup.name}", **tables)
    readings = {"F in % of F(0)": [_percent(film, frame) for frame in frames]}
    readings["mean F of a batch"] = [_objective(film, frame) for frame in frames]
    if film.found is not None:
        before = ["–"] * (len(frames) - 1)
        readings["explained by a Gabor"] = [*before, phrases.share(film.found.explained)]
        readings["its frequency"] = [*before, f"{film.found.frequency:.2g} / px"]
        readings["its width"] = [*before, f"{film.found.width:.1f} px"]
    title, signs = _title(film, other), "nothing negative" if setup.positive else ""
    said = [setup.name, f"{setup.size} atoms", signs, f"λ = {setup.lam:g}"]
    note = ", ".join(each for each in said if each and each.lower() != title.lower())
    return stage.Group(title, None, [picture], note, readings, dashed=k == 1)


def _at(film: Film, frame: Frame) -> float:
    """The mean objective of the batch that ended in a frame."""
    history = film.history
    if not frame.samples or not history:
        return float("nan")
    at = int(np.searchsorted([samples for samples, _ in history], frame.samples, side="right")) - 1
    return history[max(at, 0)][1]


def _percent(film: Film, frame: Frame) -> str:
    F = _at(film, frame)
    return "–" if np.isnan(F) or not film.blank else phrases.share(F / film.blank)


def _objective(film: Film, frame: Frame) -> str:
    F = _at(film, frame)
    return "–" if np.isnan(F) else phrases.objective(F)


def _caption(films: Sequence[Film], frames: Sequence[Frame]) -> str:
    """What the atoms of a frame are, in one sentence."""
    samples = max(frame.samples for frame in frames)
    if not samples:
        return f"Before learning the atoms are **{_nouns(films)} drawn at random**, scaled to norm 1."
    told = [
        f"**{_percent(film, frame)}**" + (f" ({_title(film, other).lower()})" if len(films) > 1 else "")
        for film, frame, other in zip(films, frames, reversed(films), strict=True)
    ]
    return f"After {samples:,} {_nouns(films)}, F is down to {phrases.listed(told)} of F(0)."


def _curves(films: Sequence[Film], places: np.ndarray) -> list[stage.Curves]:
    """The mean objective of the batches against the samples seen."""
    lines = []
    for k, (film, other) in enumerate(zip(films, reversed(films), strict=True)):
        if not film.history:
            continue
        samples, F = np.array(film.history, float).T
        smooth = np.convolve(np.pad(F, 2, mode="edge"), np.full(5, 0.2), "valid") if len(F) > 4 else F
        lines.append(stage.Line(_title(film, other), 100 * smooth / (film.blank or 1), None, DASH if k else (), samples))
    if not lines:
        return []
    most = max(float(np.quantile(line.values, 0.98)) for line in lines)
    least = min(float(line.values.min()) for line in lines)
    about = "Mean F of the batches in percent of F of codes that are zero, against the pictures seen"
    return [
        stage.Curves("F in % of F(0) = ½‖x‖², by batch", lines, about, axis="seen", unit=" %", log=False, top=most,
                     bottom=least, places=places.astype(float))
    ]  # fmt: skip


def _use(films: Sequence[Film], view: sidebar.View) -> None:
    """Buttons that put what was learned from the data at hand in the place of the sidebar's dictionary."""
    fitting = [film for film in films if film.setup.source == "data" and film.setup.data == view.data and film.frame]
    with st.container(horizontal=True, gap="small"):
        for film in fitting:
            words = "Use these atoms" if len(films) == 1 else f"Use: {_title(film, films[1 - films.index(film)]).lower()}"
            st.button(words, icon=":material/check:", key=f"film-use-{films.index(film)}", on_click=_take, args=(film,),
                      help="They become your dictionary, which all pages use, and the sidebar offers others.")  # fmt: skip


def _take(film: Film) -> None:
    own.dictionary.take(f"{film.setup.data}-{film.setup.size}-atoms.npy", _npy(film))
    st.session_state.update(dictionary=sets.OWN, part="atoms", _whole=True)


def _npy(film: Film) -> bytes:
    stream = io.BytesIO()
    np.save(stream, film.dictionary.numpy())
    return stream.getvalue()


def _files(films: Sequence[Film], name: str) -> list[page.File]:
    files = [page.png(name, lambda: _picture(films)), page.csv(name, lambda: _table(films))]
    for k, film in enumerate(films):
        label = "Atoms (.npy)" if len(films) == 1 else f"{_title(film, films[1 - k])} (.npy)"
        files.append(page.File(label, f"{name}-{k}.npy", "application/octet-stream", lambda film=film: _npy(film),
                               ":material/grid_on:"))  # fmt: skip
    return files


def _picture(films: Sequence[Film]) -> bytes:
    columns = []
    for film, other in zip(films, reversed(films), strict=True):
        drawn = atoms.sheet(film.dictionary.numpy(), film.setup.shape, side=600)
        lines = [film.setup.name, f"lambda = {film.setup.lam:g}, {film.frame.samples if film.frame else 0:,} seen"]
        columns.append(sheet.Column(_title(film, other), style.colour("truth"), [drawn], lines))
    return pictures.png(sheet.sheet("Atoms, each at full contrast", columns, side=600))


def _table(films: Sequence[Film]) -> str:
    head = "data", "atoms", "nonnegative", "lambda", "samples", "mean_objective", "objective_of_zero_codes"
    return page.table(head, (
        [film.setup.name, film.setup.size, film.setup.positive, film.setup.lam, samples, F, film.blank]
        for film in films for samples, F in film.history
    ))  # fmt: skip


def _snippet(film: Film) -> str:
    setup = film.setup
    read = f"x = {sets.python(setup.data, 'train')}.pixels[:{ROWS}]" if setup.source == "data" else (
        f"x = natural.natural().{setup.source}")  # fmt: skip
    positive = ", positive=True" if setup.positive else ""
    return f"""from sc2viz import data, dictionary, natural

{read}
for progress in dictionary.learning(x, {setup.size}, {setup.lam:g}, max_epochs={film.epochs}{positive}):
    print(f"epoch {{progress.epoch + 1}}: mean F {{progress.objective:.4g}} on held-out rows")
B = progress.dictionary  # (d_x, {setup.size})
"""
