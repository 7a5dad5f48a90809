"""What is shown of dictionaries that are, or were, learned: frames of their atoms, numbers, curves and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sc2viz.analysis import matching
from sc2viz.dictionary import SPREAD
from sc2viz.draw import atoms, style
from sc2viz.jobs.dictionary_learning import Film, FilmFrame, together
from sc2viz.pages.dictionary import describe_atoms
from sc2viz.ui import boards, phrases, sidebar
from sc2viz.words import ENGLISH, N_, _, language, localized

SCRUBBER = "film"
DASH = (6, 4)  # the dashes of the curve of the second of two films
BATCHES = 5  # whose mean objectives are averaged, up to the batch at hand
TRAVELS, FEWEST = (
    8e6,
    8,
)  # the most bytes of all frames before they are compressed, and the fewest frames


def scrubber_of_films(films: Sequence[Film], live: bool) -> None:
    """Draw the latest frames of films that are learned `live`, else all frames, which a scrubber moves."""
    places, shown = together(films)
    if live:
        places, shown = places[-1:], [[film.frame] for film in films]
    else:
        kept = fitting(
            len(places), sum(atoms.tiles(film.frame.atoms, film.setup.shape).size for film in films)
        )
        places, shown = places[kept], [[frames[k] for k in kept] for frames in shown]
    courses = [Course.of(film) for film in films]
    each = zip(films, courses, shown, reversed(films), strict=True)
    groups = [
        _group(film, course, frames, other, k)
        for k, (film, course, frames, other) in enumerate(each)
    ]
    names = [_seen(place, films) for place in places]
    captions = [
        _caption(films, courses, [frames[k] for frames in shown]) for k in range(len(places))
    ]
    curves = _curves(films, courses, shown, places)
    boards.scrubber(
        SCRUBBER,
        len(places),
        groups,
        curves,
        captions,
        unit=_("frame"),
        start=len(places) - 1,
        names=names,
        layout="learning" if len(films) == 2 else "learning one",
        live=live,
    )


def fitting(count: int, size: int) -> np.ndarray:
    """Which of `count` frames travel, of `size` bytes each: the first, the last, and as many between as `TRAVELS` allows."""
    most = max(FEWEST, int(TRAVELS // size))
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def nouns(films: Sequence[Film]) -> str:
    """What the training rows of a film are called."""
    if films[0].setup.source != "data":
        return _("image patches")
    return _({"picture": N_("pictures"), "row": N_("rows")}[sidebar.noun_of(films[0].setup.shape)])


def _seen(samples: int, films: Sequence[Film]) -> str:
    return _("{n:,} {nouns}", n=int(samples), nouns=nouns(films))


def status(films: Sequence[Film], going: bool) -> str:
    """How far the learning of the films is, in words."""
    said = []
    for film in films:
        seen = _seen(film.frame.samples if film.frame else 0, films)
        place = film.scheduler.place(film)
        if place:
            said.append(_("place {place} in the queue", place=place))
        elif film.finishing and not film.done:
            said.append(_("{seen}, now measuring the atoms", seen=seen))
        elif not film.done:
            said.append(_("epoch {epoch}, {seen}", epoch=int(film.passed) + 1, seen=seen))
        else:
            said.append(
                _("stopped after {seen}", seen=seen)
                if film.cancelled
                else _("settled after {seen}", seen=seen)
            )
    told = "; ".join(said)
    return _("Learning: {told}.", told=told) if going else _("Learned: {told}.", told=told)


def _start(film: Film) -> str:
    """What the atoms are before they are learned."""
    return (
        _("noise")
        if film.setup.rule == "cross-fitted"
        else _("{nouns} drawn at random", nouns=nouns([film]))
    )


def about(films: Sequence[Film]) -> str:
    """What the numbers of films are."""
    said = [_("F is the mean of {n} batches, and F(0) = ½‖x‖² is F of a code of zeros.", n=BATCHES)]
    if any(film.setup.rule == "cross-fitted" for film in films):
        said.append(
            _(
                "Cross-fitted, λ falls from {times:.2g} times this one to it, and each F is at the λ of its time.",
                times=SPREAD,
            )
        )
    if any(film.setup.known is not None for film in films):
        said.append(
            _(
                "A known atom is found if one of the learned ones has a |cosine| above {least:g} with it.",
                least=matching.FOUND,
            )
        )
    if any(film.found and film.found.oriented for film in films):
        said.append(
            _("A Gabor function, a wave under a Gaussian window, was fitted to each atom: medians.")
        )
    return " ".join(said)


def why(films: Sequence[Film]) -> str:
    """What learning buys, or what tells two dictionaries apart, in three sentences; "" until both were measured."""
    if any(film.found is None for film in films):
        return ""
    if len(films) == 1:
        return describe_atoms.learned(
            films[0].found, films[0].setup.size, films[0].setup.lam, nouns(films), _start(films[0])
        )
    pair = sorted(zip(films, reversed(films), strict=True), key=lambda each: each[0].setup.size)
    told = [(title(film, other), film.setup.size, film.found.after) for film, other in pair]
    return describe_atoms.beside(told, nouns(films))


def title(film: Film, other: Film) -> str:
    """What a dictionary is, by what tells it from the one beside it."""
    mine, its = film.setup, other.setup
    if mine.source != its.source:
        return f"{mine.name[0].upper()}{mine.name[1:]}"
    if mine.rule != its.rule:
        return _({"online": N_("Online"), "cross-fitted": N_("Cross-fitted")}[mine.rule])
    if mine.positive != its.positive:
        return _("Nothing negative") if mine.positive else _("Both signs")
    return _("{size} atoms", size=mine.size)


def amid(film: Film, other: Film) -> str:
    """The title amid a sentence."""
    return title(film, other).lower() if language() == ENGLISH else title(film, other)


def _group(
    film: Film, course: Course, frames: Sequence[FilmFrame], other: Film, k: int
) -> boards.Group:
    setup = film.setup
    drawn = np.stack([atoms.tiles(frame.atoms, setup.shape) for frame in frames])
    tables = (
        {"table": style.DIVERGING_TABLE[False], "dark_table": style.DIVERGING_TABLE[True]}
        if drawn.ndim == 4
        else {}
    )
    alt = _("The {size} atoms of {data}", size=setup.size, data=setup.name)
    picture = boards.Picture(_("each atom at full contrast"), drawn, alt, **tables)
    readings = {
        _("F in % of F(0)"): [course.told(frame) for frame in frames],
        _("mean F"): ["–" if np.isnan(F) else phrases.objective(F) for F in map(course.at, frames)],
    }
    if setup.rule != "online":
        readings[_("atoms replaced")] = [localized(f"{frame.replaced:,}") for frame in frames]
    if setup.known is not None:
        found = [matching.atoms_found(setup.known, frame.atoms) for frame in frames]
        readings[_("known atoms found")] = [
            _("{n} of {all}", n=n, all=setup.known.shape[1]) for n in found
        ]
    if film.found and film.found.oriented:
        oriented = film.found.oriented
        before = ["–"] * (len(frames) - 1)
        readings[_("explained by a Gabor")] = [*before, phrases.share(oriented.explained)]
        readings[_("its frequency")] = [*before, localized(f"{oriented.frequency:.2g} / px")]
        readings[_("its width")] = [*before, localized(f"{oriented.width:.1f} px")]
    name, signs = title(film, other), _("nothing negative") if setup.positive else ""
    rule = _(N_("cross-fitted")) if setup.rule != "online" else ""
    said = [
        setup.name,
        _("{size} atoms", size=setup.size),
        signs,
        rule,
        localized(f"λ = {setup.lam:g}"),
    ]
    note = ", ".join(each for each in said if each and each.lower() != name.lower())
    return boards.Group(name, None, [picture], note, readings, dashed=k == 1)


@dataclass(frozen=True, eq=False)
class Course:
    """F of the batches of a film, each the mean of `BATCHES` batches up to it: what sentences, cards and curves read."""

    samples: np.ndarray  # (n,) seen up to the end of each batch
    F: np.ndarray  # (n,)
    blank: float  # F of codes of zeros

    @classmethod
    def of(cls, film: Film) -> Course:
        history = list(film.history)  # a copy, because the film goes on meanwhile
        samples, F = np.array(history, float).reshape(-1, 2).T
        total = np.cumsum(np.concatenate([[0.0], F]))
        ends = np.arange(1, len(F) + 1)
        starts = np.maximum(0, ends - BATCHES)
        return cls(samples, (total[ends] - total[starts]) / (ends - starts), film.blank or 1.0)

    def at(self, frame: FilmFrame) -> float:
        """F at a frame; nan before learning."""
        if not frame.samples or not len(self.F):
            return float("nan")
        return float(
            self.F[max(int(np.searchsorted(self.samples, frame.samples, side="right")) - 1, 0)]
        )

    def share(self, frame: FilmFrame) -> float:
        """F at a frame in % of that of codes of zeros; nan before learning."""
        return 100 * self.at(frame) / self.blank

    def told(self, frame: FilmFrame) -> str:
        share = self.share(frame)
        return "–" if np.isnan(share) else phrases.percent(share)


def _caption(films: Sequence[Film], courses: Sequence[Course], frames: Sequence[FilmFrame]) -> str:
    """What the atoms of a frame are, in one sentence."""
    seen = list(
        dict.fromkeys(localized(f"{frame.samples:,}") for frame in frames)
    )  # two where one film is behind
    if not any(frame.samples for frame in frames):
        told = [
            _start(film)
            + (f" ({amid(film, other)})" if film.setup.rule != other.setup.rule else "")
            for film, other in zip(films, reversed(films), strict=True)
        ]
        start = phrases.listed(list(dict.fromkeys(told)))
        return _("Before learning the atoms are **{start}**, scaled to norm 1.", start=start)
    told = [
        f"**{course.told(frame)}**" + (f" ({amid(film, other)})" if len(films) > 1 else "")
        for film, course, frame, other in zip(films, courses, frames, reversed(films), strict=True)
    ]
    return _(
        "After {seen} {nouns}, F is down to {shares} of F(0).",
        seen=phrases.listed(seen),
        nouns=nouns(films),
        shares=phrases.listed(told),
    )


def _curves(
    films: Sequence[Film],
    courses: Sequence[Course],
    shown: Sequence[Sequence[FilmFrame]],
    places: np.ndarray,
) -> list[boards.Curves]:
    """The mean objective of the batches against the samples seen."""
    lines = [
        boards.Line(
            title(film, other),
            100 * course.F / course.blank,
            None,
            DASH if k else (),
            course.samples,
            {"t": np.array([course.share(frame) for frame in frames])},
            [course.told(frame) for frame in frames],
        )
        for k, (film, course, frames, other) in enumerate(
            zip(films, courses, shown, reversed(films), strict=True)
        )
        if len(course.F)
    ]
    if not lines:
        return []
    most = max(float(np.quantile(line.values, 0.98)) for line in lines)
    least = min(float(line.values.min()) for line in lines)
    about = _(
        "Mean F of the batches in percent of F of codes that are zero, against the pictures seen"
    )
    return [
        boards.Curves(
            _("F in % of F(0) = ½‖x‖², by batch"),
            lines,
            about,
            axis=_("seen"),
            unit=" %",
            log=False,
            top=most,
            bottom=least,
            places=places.astype(float),
        )
    ]
