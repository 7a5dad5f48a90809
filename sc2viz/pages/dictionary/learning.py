"""A dictionary that is learned: a film of its atoms, which says what pushes an atom, and what is done with them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from sc2viz import dictionary, evaluation, lasso, words
from sc2viz.analysis import atom_statistics, matching, natural_patches
from sc2viz.draw import atoms, mosaics
from sc2viz.jobs.dictionary_learning import Film, FilmFrame
from sc2viz.jobs.scheduling import Enough
from sc2viz.ui import boards, own, page, phrases, results, schedulers, session, sets, sidebar, url
from sc2viz.ui.cache import cached
from sc2viz.ui.errors import fragment
from sc2viz.ui.untrusted import plain
from sc2viz.words import N_, _, count, count_rows, localized, ngettext

SECONDS = 0.4  # between two redraws while something is learned
ROWS = 4000  # of the training split, from which a film is learned
MEASURED = 400  # of these rows, on which atoms are measured before and after
FITTED = 100  # atoms at most to which a Gabor function is fitted
BATCHES = 5  # whose mean objectives are averaged, up to the batch at hand
# The most bytes of all frames before they are compressed, and the fewest frames
TRAVELS, FEWEST = 8e6, 8
NATURAL = cache(natural_patches.natural)  # which every reader's films learn from
NAMES = {"whitened": N_("whitened photographs"), "raw": N_("photographs as they are")}
LESSONS = words.read(Path(__file__).with_name("lessons.toml"))["lesson"]
EQUATIONS = words.read(Path(__file__).with_name("equations.toml"))
TERMS = N_("error"), N_("price"), N_("few atoms"), N_("unit ball")  # what the equations name
COUNTED = 100  # test rows of which it is said how many weights are zero


@dataclass(frozen=True)
class FilmSetup:
    """What a dictionary is learned from, and of how many atoms."""

    data: str  # the data set at hand
    source: str  # a value of the row `source`
    size: int
    positive: bool
    lam: float
    rule: str

    @property
    def images(self):
        """The training split that is learned from; None for photographs."""
        return sets.images(self.data, "train") if self.source == "data" else None

    @property
    def name(self) -> str:
        return _(NAMES.get(self.source, self.data))

    @property
    def shape(self) -> mosaics.Shape:
        side = natural_patches.SIZE
        return sets.row_shape(self.images) if self.images else (side, side, 1)

    @property
    def nouns(self) -> str:
        """What the training rows are called."""
        if not self.images:
            return _("image patches")
        return _({"picture": N_("pictures"), "row": N_("rows")}[sidebar.noun_of(self.shape)])

    @property
    def first(self) -> str:
        """What the atoms are before they are learned."""
        if self.rule == "cross-fitted":
            return _("noise")
        return _("{nouns} drawn at random", nouns=self.nouns)

    def rows(self) -> Tensor:
        """The rows that the dictionary is learned from, (n, d_x)."""
        return self.images.pixels[:ROWS] if self.images else getattr(NATURAL(), self.source)


# Controls -------------------------------------------------------------------------------------------------------------


def take_lesson(lesson: dict) -> None:
    page.take_lesson(lesson, "film_lesson", ("lam", "source", "size", "positive", "rule"))
    session.film_wish = True
    session.reruns_page = True


def is_unsigned(data: str, source: str) -> bool:
    """Whether atoms and codes without negative entries can describe the rows."""
    return source == "data" and bool((sets.images(data, "train").pixels[:ROWS] >= 0).all())


def choose(view: sidebar.View) -> None:
    """Draw the settings of the next learning."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = url.widget("source", width=205, help_values={"rows": ROWS})
        url.widget("size", width=90)
        url.widget("rule", width=125)
        can_be_positive = is_unsigned(view.data, source)
        about = _("These rows have negative entries.")
        if can_be_positive:
            about = _("Codes and atoms without negative entries (Hoyer 2002).")
        url.widget("positive", disabled=not can_be_positive, help=about)


def wish_to_learn() -> None:
    session.film_wish = True
    del session.film_lesson


def draw_film(view: sidebar.View, lesson: dict | None) -> None:
    """Draw the dictionary that is, or was, learned last; before that, the atoms with which learning begins."""
    source, size, rule = map(url.value, ("source", "size", "rule"))
    positive = url.value("positive") and is_unsigned(view.data, source)
    setup = FilmSetup(view.data, source, size, positive, view.lam, rule)
    with st.spinner(_("Cutting photographs into patches …")):
        rows = setup.rows()
    if session.take("film_wish"):
        scheduler = schedulers.scheduler("films")
        film = Film(rows, size, view.lam, scheduler, positive=positive, rule=rule, setup=setup)
        film.finish = lambda B: measure(film, B)
        own.dictionary.watch(film)
    film = session.film
    is_going = film is not None and not film.done  # read once, because it may end meanwhile
    fragment(watch, SECONDS if is_going else None)(film, setup, is_going, lesson)
    is_learned = film is not None and film.frame and not is_going and not film.problem
    if is_learned and (film.setup.source, film.setup.data) == ("data", view.data):
        about = _(
            "They become your dictionary, which all pages use, and the sidebar offers others."
        )
        st.button(_("Use these atoms"), "film-use", about, use, (film,), icon=":material/check:")


def watch(film: Film | None, setup: FilmSetup, was_going: bool, lesson: dict | None) -> None:
    """The latest frame while the atoms are learned, and all frames afterwards. How far the learning is stands beside its
    button, so that the atoms keep still when it begins and ends."""
    is_going = film is not None and not film.done
    if session.film_wish or (was_going and not is_going):
        st.rerun()  # the whole page, which begins to learn, or has other buttons once nothing is learned any more
    with st.container(horizontal=True, vertical_alignment="center", key="film-keys"):
        if is_going:
            about = _("End now, with the atoms so far.")
            st.button(_("Stop"), "film-stop", about, film.cancel, icon=":material/stop:")
            st.progress(float(film.share), describe_status(film), width="stretch")
        else:
            about = _("Learn the atoms in the background, and watch.")
            st.button(
                _("Learn"),
                "film-learn",
                about,
                wish_to_learn,
                icon=":material/play_arrow:",
                type="primary",
            )
            if film and film.setup != setup:
                changed = _(
                    "The settings have changed, but what is shown keeps its own. Learn begins with the new ones."
                )
                st.caption(changed)
    if lesson and film and film.setup == setup:
        st.markdown(f":material/visibility: {_(lesson['watch'])}")
    if film and film.problem:
        problem = _("The dictionary could not be learned: {reason}", reason=plain(film.problem))
        st.error(problem, icon=":material/block:")
        return
    with st.container(key="film-room"):
        st.empty()  # so that the atoms have their room before the first of them are there
        if film and film.frame:
            frames = film.frames[-1:] if is_going else choose_frames(film)
            draw_scrubber(
                film.setup, frames, [*film.history], film.blank or 1.0, film.result or {}, is_going
            )
        else:
            first = FilmFrame(0, first_atoms(setup).numpy())
            draw_scrubber(setup, [first], [], 1.0, {}, is_live=True)


@cached
def first_atoms(setup: FilmSetup) -> Tensor:
    """The atoms with which learning begins, (d_x, d_s)."""
    dictionaries = []

    def keep(batch: dictionary.Batch) -> None:
        dictionaries.append(batch.dictionary)
        raise Enough

    with suppress(Enough):
        next(
            dictionary.learning(
                setup.rows(),
                setup.size,
                setup.lam,
                positive=setup.positive,
                rule=setup.rule,
                report=keep,
            )
        )
    return dictionaries[0]


def use(film: Film) -> None:
    """Put what was learned from the data at hand in the place of the sidebar's dictionary."""
    own.dictionary.take(f"{film.setup.data}-{film.setup.size}-atoms.npy", write_npy(film))
    st.session_state.update(dictionary=sets.FROM_FILE, part="atoms")
    session.reruns_page = True


# What is measured -----------------------------------------------------------------------------------------------------


def measure(film: Film, B: Tensor) -> dict:
    """What there is to say of atoms that were learned: F before and after, what pushed an atom at each frame, and medians of
    Gabor functions that were fitted to atoms of photographs."""
    setup = film.setup
    x = setup.rows()
    x = x[torch.linspace(0, len(x) - 1, min(len(x), MEASURED)).long()]
    blank = 0.5 * x.square().sum(1).mean().item()
    frames = {
        frame.samples: torch.from_numpy(frame.atoms).to(x.dtype) for frame in choose_frames(film)
    }

    def encode(frame_atoms: Tensor) -> Tensor:
        solution = lasso.solve(x, frame_atoms, setup.lam, tol=1e-3, positive=setup.positive)
        return solution.codes.to(x.dtype)

    first = lasso.normalised(frames[0])
    F = []
    for frame_atoms in (first, B):
        codes = encode(frame_atoms)
        F.append(100 * lasso.objective(x, codes, frame_atoms, setup.lam).mean().item() / blank)
    atom = int(atom_statistics.turned(first, B).argmax())
    pushes = {}
    for n, frame_atoms in frames.items():
        codes = encode(frame_atoms)
        users = int(evaluation.in_use(codes[:, atom]).sum())
        pushes[n] = users, atom_statistics.push(x, codes, frame_atoms, atom).numpy()
    measured = {"rows": len(x), "F": F, "atom": atom, "pushes": pushes}
    if not setup.images:
        from sc2viz.analysis import gabor  # imported here, because it imports scipy's optimisers

        fitted = torch.linspace(0, B.shape[1] - 1, min(FITTED, B.shape[1])).long()
        side = natural_patches.SIZE
        measured["gabor"] = gabor.medians(B[:, fitted].T.reshape(-1, side, side).numpy())
    return measured


def choose_frames(film: Film) -> list[FilmFrame]:
    """The frames that travel: the first, the last, and as many between as `TRAVELS` allows."""
    frames = film.frames
    limit = max(FEWEST, int(TRAVELS // atoms.tiles(frames[0].atoms, film.setup.shape).size))
    indices = np.linspace(0, len(frames) - 1, min(len(frames), limit)).round().astype(int)
    return [frames[k] for k in np.unique(indices)]


# Figure and sentences -------------------------------------------------------------------------------------------------


def draw_scrubber(
    setup: FilmSetup,
    frames: Sequence[FilmFrame],
    history: Sequence[tuple[int, float]],
    blank: float,
    measured: dict,
    is_live: bool,
) -> None:
    """Draw frames of a film, which a scrubber moves, with F of the batches.

    history: (samples, mean F) of each batch. blank: F of codes of zeros. measured: what `measure` returned, once it has.
    """
    samples, F = np.array(history, float).reshape(-1, 2).T
    total = np.cumsum([0.0, *F])
    ends = np.arange(1, len(F) + 1)
    starts = np.maximum(0, ends - BATCHES)
    F = (total[ends] - total[starts]) / (ends - starts)
    places = np.array([frame.samples for frame in frames])
    last = np.searchsorted(samples, places, side="right") - 1
    F_of_frames = np.append(F, np.nan)[np.where(places > 0, last, -1)]
    shares = ["–" if np.isnan(value) else phrases.share(value / blank) for value in F_of_frames]
    names = [_("{n:,} {nouns}", n=n, nouns=setup.nouns) for n in places.tolist()]
    means = ["–" if np.isnan(value) else phrases.objective(value) for value in F_of_frames]
    readings = {_("F in % of F(0)"): shares, _("mean F"): means}
    label = _("each atom at full contrast")
    alt = _("The {size} atoms of {data}", size=setup.size, data=setup.name)
    dictionaries = [frame.atoms for frame in frames]
    pictures = [boards.atoms_picture(dictionaries, setup.shape, label, alt)]
    captions = [
        _("After {progress}, F is down to **{share}** of F(0).", progress=name, share=share)
        for name, share in zip(names, shares, strict=True)
    ]
    if not places[0]:
        captions[0] = _(
            "Before learning the atoms are **{start}**, scaled to norm 1.", start=setup.first
        )
    if measured:
        atom, pushes = measured["atom"], [measured["pushes"][n] for n in places.tolist()]
        rows = _("{n:,} {nouns}", n=measured["rows"], nouns=setup.nouns)
        for label, columns in (
            (_("atom {atom}", atom=atom), [B[:, [atom]] for B in dictionaries]),
            (_("what pushes it"), [push[:, None] for _users, push in pushes]),
        ):
            pictures.append(boards.atoms_picture(columns, setup.shape, label, label))
        for k, (users, push) in enumerate(pushes):
            pushed = _("None of {rows} uses atom **{atom}**.", rows=rows, atom=atom)
            if users:
                pushed = ngettext(
                    "{n} of {rows} uses atom **{atom}**, of length 1, and pushes it by a vector of length **{norm:.2f}**.",
                    "{n} of {rows} use atom **{atom}**, of length 1, and push it by a vector of length **{norm:.2f}**.",
                    users,
                    rows=rows,
                    atom=atom,
                    norm=np.linalg.norm(push),
                )
            captions[k] += f" {pushed}"
    if setup.rule != "online":
        readings[_("atoms replaced")] = [localized(f"{frame.replaced:,}") for frame in frames]
    true_atoms = setup.images and setup.images.dictionary
    if true_atoms is not None:
        total = true_atoms.shape[1]
        counts = [matching.atoms_found(true_atoms, B) for B in dictionaries]
        label = _("known atoms found, |cosine| > {threshold:g}", threshold=matching.MATCHED)
        readings[label] = [_("{n} of {total}", n=n, total=total) for n in counts]
    if "gabor" in measured:
        explained, frequency, width = measured["gabor"]
        for name, number in (
            (_("explained by a Gabor function, median"), phrases.share(explained)),
            (_("its frequency"), localized(f"{frequency:.2g} / px")),
            (_("its width"), localized(f"{width:.1f} px")),
        ):
            readings[name] = ["–"] * (len(frames) - 1) + [number]
    positive = [_("nothing negative")] * setup.positive
    rule = [_("cross-fitted")] * (setup.rule != "online")
    note = ", ".join([setup.name, *positive, *rule, localized(f"λ = {setup.lam:g}")])
    title, curves = count(setup.size, "atom"), []
    if len(F):
        values, by_axis = 100 * F / blank, {"t": 100 * F_of_frames / blank}
        line = boards.Line(title, values, None, places=samples, by_axis=by_axis, legend=shares)
        heading = _("F in % of F(0) = ½‖x‖², mean of {n} batches", n=BATCHES)
        about = _(
            "Mean F of the batches in percent of F of codes that are zero, against the pictures seen"
        )
        top, bottom = float(np.quantile(values, 0.98)), float(values.min())
        curves.append(
            boards.Curves(
                heading,
                [line],
                about,
                _("seen"),
                unit=" %",
                log=False,
                top=top,
                bottom=bottom,
                places=places,
            )
        )
    boards.scrubber(
        "film",
        len(frames),
        [boards.Group(title, None, pictures, note, readings)],
        curves,
        captions,
        unit=_("frame"),
        start=len(frames) - 1,
        names=names,
        layout="learning",
        live=is_live,
        sentence={"why": describe_gain(setup, measured)} if measured else {},
    )


def describe_status(film: Film) -> str:
    """How far the learning is."""
    if film.place:
        return _("Place {place} in the queue.", place=film.place)
    n = film.frame.samples if film.frame else 0
    progress = _("{n:,} {nouns}", n=n, nouns=film.setup.nouns)
    if film.finishing:
        return _("Learning: {progress}, now measuring the atoms.", progress=progress)
    return _("Learning: epoch {epoch}, {progress}.", epoch=int(film.passed) + 1, progress=progress)


def describe_gain(setup: FilmSetup, measured: dict) -> str:
    """What learning buys, and how."""
    first_share, last_share = map(phrases.percent, measured["F"])
    mechanism = _(
        "Codes and atoms take turns: codes choose atoms, and what they leave unexplained pushes each atom that they use to its "
        "least-squares best, by Σ w(x − Bs) / Σ w² over all codes, w its weights. Its length "
        "stays 1: a longer one would need smaller weights, and λ would price these lower."
    )
    gain = _(
        "So exact codes of {rows:,} {noun} have F = **{last_share}** of F(0) on the learned atoms, and "
        "**{first_share}** on {start}.",
        rows=measured["rows"],
        noun=setup.nouns,
        last_share=last_share,
        first_share=first_share,
        start=setup.first,
    )
    return f"{mechanism} {gain}"


def draw_equations(view: sidebar.View) -> None:
    """Draw Eqs. (1)–(4), two beside each other, with what each term does."""
    page.header(_("What learning minimises"))
    images = sets.images(view.data)
    pixels = images.pixels[evaluation.subset(len(images), COUNTED)].numpy()
    zeros = _(
        "{share} of the weights at λ = {lam:g}, in the exact codes of {rows} on the dictionary of the sidebar",
        share=phrases.share((results.exact(view.data, pixels, view.lam).codes == 0).mean()),
        lam=view.lam,
        rows=count_rows(len(pixels), view.noun, tests=True),
    )
    places = [*st.columns(2, gap="large"), *st.columns(2, gap="large")]  # in order on a phone, too
    for place, equation in zip(places, EQUATIONS["equation"], strict=True):
        with place:
            st.latex(phrases.stacked(equation["latex"]))
            st.markdown(_(equation["says"]).replace("{zeros}", zeros))
    st.caption(_(EQUATIONS["note"]))


# What is taken away ---------------------------------------------------------------------------------------------------


def take_away(film: Film) -> None:
    setup = film.setup
    name = f"sc2viz-learned-{setup.data if setup.images else 'photographs'}"

    def picture() -> np.ndarray:
        picture = boards.atoms_picture([film.dictionary.numpy()], setup.shape, "", "")
        title, readings = count(setup.size, "atom"), {"λ": [f"{setup.lam:g}"]}
        group = boards.Group(title, None, [picture], readings=readings)
        return boards.draw_sheet(setup.name, [group], side=600)

    def table() -> str:
        head = "data atoms nonnegative rule lambda samples mean_objective objective_of_zero_codes"
        settings = setup.name, setup.size, setup.positive, setup.rule, setup.lam
        rows = ([*settings, n, F, film.blank] for n, F in film.history)
        return page.table(head.split(), rows)

    npy = page.File(_("Atoms (.npy)"), f"{name}.npy", lambda: write_npy(film), ":material/grid_on:")
    files = [page.png(name, picture), page.csv(name, table), npy]
    page.explained(None, files, __file__, charts=False, setup=setup, epochs=film.epochs, rows=ROWS)


def write_npy(film: Film) -> bytes:
    stream = io.BytesIO()
    np.save(stream, film.dictionary.numpy())
    return stream.getvalue()
