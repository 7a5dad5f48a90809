"""What is shown of a dictionary that is, or was, learned: frames of its atoms, numbers, a curve and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sc2viz.analysis import matching
from sc2viz.dictionary import SPREAD
from sc2viz.draw import atoms, style
from sc2viz.jobs.dictionary_learning import Film, FilmFrame
from sc2viz.pages.dictionary import describe_atoms
from sc2viz.ui import boards, phrases, sidebar
from sc2viz.words import N_, _, count, localized

SCRUBBER = "film"
BATCHES = 5  # whose mean objectives are averaged, up to the batch at hand
# The most bytes of all frames before they are compressed, and the fewest frames
TRAVELS, FEWEST = 8e6, 8


def scrub(film: Film, live: bool) -> None:
    """Draw the latest frame of a film that is learned `live`, else all frames, which a scrubber moves."""
    frames = film.frames
    if live:
        frames = frames[-1:]
    else:
        size = atoms.tiles(film.frame.atoms, film.setup.shape).size
        frames = [frames[k] for k in choose_frames(len(frames), size)]
    course = Course.of(film)
    boards.scrubber(
        SCRUBBER,
        len(frames),
        [_draw_card(film, course, frames)],
        _draw_curves(film, course, frames),
        [_write_caption(film, course, frame) for frame in frames],
        unit=_("frame"),
        start=len(frames) - 1,
        names=[_format_samples(film, frame) for frame in frames],
        layout="learning",
        live=live,
    )


def choose_frames(frames: int, size: int) -> np.ndarray:
    """Which of so many frames travel, of `size` bytes each: the first, the last, and as many between as `TRAVELS` allows."""
    most = max(FEWEST, int(TRAVELS // size))
    return np.unique(np.linspace(0, frames - 1, min(frames, most)).round().astype(int))


def name_rows(film: Film) -> str:
    """What the training rows of a film are called."""
    if film.setup.source != "data":
        return _("image patches")
    return _({"picture": N_("pictures"), "row": N_("rows")}[sidebar.noun_of(film.setup.shape)])


def _format_samples(film: Film, frame: FilmFrame | None) -> str:
    return _("{n:,} {nouns}", n=frame.samples if frame else 0, nouns=name_rows(film))


def describe_status(film: Film) -> str:
    """How far the learning is, in words."""
    seen, place = _format_samples(film, film.frame), film.scheduler.place(film)
    if film.done and film.cancelled:
        return _("Learned: stopped after {seen}.", seen=seen)
    if film.done:
        return _("Learned: settled after {seen}.", seen=seen)
    if place:
        return _("Learning: place {place} in the queue.", place=place)
    if film.finishing:
        return _("Learning: {seen}, now measuring the atoms.", seen=seen)
    return _("Learning: epoch {epoch}, {seen}.", epoch=int(film.passed) + 1, seen=seen)


def _describe_start(film: Film) -> str:
    """What the atoms are before they are learned."""
    if film.setup.rule == "cross-fitted":
        return _("noise")
    return _("{nouns} drawn at random", nouns=name_rows(film))


def describe_numbers(film: Film) -> str:
    """What the numbers of a film are."""
    sentences = [
        _("F is the mean of {n} batches, and F(0) = ½‖x‖² is F of a code of zeros.", n=BATCHES)
    ]
    if film.setup.rule == "cross-fitted":
        sentences.append(
            _(
                "Cross-fitted, λ falls from {times:.2g} times this one to it, and each F is at the λ of its time.",
                times=SPREAD,
            )
        )
    if film.setup.known is not None:
        sentences.append(
            _(
                "A known atom is found if one of the learned ones has a |cosine| above {least:g} with it.",
                least=matching.FOUND,
            )
        )
    if film.found and film.found.oriented:
        sentences.append(
            _("A Gabor function, a wave under a Gaussian window, was fitted to each atom: medians.")
        )
    return " ".join(sentences)


def explain(film: Film) -> str:
    """What learning buys, in three sentences; "" until it was measured."""
    if film.found is None:
        return ""
    setup = film.setup
    return describe_atoms.learned(
        film.found, setup.size, setup.lam, name_rows(film), _describe_start(film)
    )


def format_title(film: Film) -> str:
    return count(film.setup.size, "atom")


def _draw_card(film: Film, course: Course, frames: Sequence[FilmFrame]) -> boards.Group:
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
        _("F in % of F(0)"): [course.format_share(frame) for frame in frames],
        _("mean F"): [
            "–" if np.isnan(F) else phrases.objective(F) for F in map(course.objective_at, frames)
        ],
    }
    if setup.rule != "online":
        readings[_("atoms replaced")] = [localized(f"{frame.replaced:,}") for frame in frames]
    if setup.known is not None:
        counts = [matching.atoms_found(setup.known, frame.atoms) for frame in frames]
        readings[_("known atoms found")] = [
            _("{n} of {all}", n=n, all=setup.known.shape[1]) for n in counts
        ]
    if film.found and film.found.oriented:
        oriented = film.found.oriented
        before = ["–"] * (len(frames) - 1)
        readings[_("explained by a Gabor")] = [*before, phrases.share(oriented.explained)]
        readings[_("its frequency")] = [*before, localized(f"{oriented.frequency:.2g} / px")]
        readings[_("its width")] = [*before, localized(f"{oriented.width:.1f} px")]
    notes = [
        setup.name,
        _("nothing negative") if setup.positive else "",
        _(N_("cross-fitted")) if setup.rule != "online" else "",
        localized(f"λ = {setup.lam:g}"),
    ]
    return boards.Group(
        format_title(film), None, [picture], ", ".join(filter(None, notes)), readings
    )


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

    def objective_at(self, frame: FilmFrame) -> float:
        """F at a frame; nan before learning."""
        if not frame.samples or not len(self.F):
            return float("nan")
        return float(
            self.F[max(int(np.searchsorted(self.samples, frame.samples, side="right")) - 1, 0)]
        )

    def share_at(self, frame: FilmFrame) -> float:
        """F at a frame in % of that of codes of zeros; nan before learning."""
        return 100 * self.objective_at(frame) / self.blank

    def format_share(self, frame: FilmFrame) -> str:
        share = self.share_at(frame)
        return "–" if np.isnan(share) else phrases.percent(share)


def _write_caption(film: Film, course: Course, frame: FilmFrame) -> str:
    """What the atoms of a frame are, in one sentence."""
    if not frame.samples:
        return _(
            "Before learning the atoms are **{start}**, scaled to norm 1.",
            start=_describe_start(film),
        )
    return _(
        "After {seen}, F is down to **{share}** of F(0).",
        seen=_format_samples(film, frame),
        share=course.format_share(frame),
    )


def _draw_curves(film: Film, course: Course, frames: Sequence[FilmFrame]) -> list[boards.Curves]:
    """The mean objective of the batches against the samples seen."""
    if not len(course.F):
        return []
    values = 100 * course.F / course.blank
    line = boards.Line(
        format_title(film),
        values,
        None,
        places=course.samples,
        moved={"t": np.array([course.share_at(frame) for frame in frames])},
        told=[course.format_share(frame) for frame in frames],
    )
    about = _(
        "Mean F of the batches in percent of F of codes that are zero, against the pictures seen"
    )
    return [
        boards.Curves(
            _("F in % of F(0) = ½‖x‖², by batch"),
            [line],
            about,
            axis=_("seen"),
            unit=" %",
            log=False,
            top=float(np.quantile(values, 0.98)),
            bottom=float(values.min()),
            places=np.array([frame.samples for frame in frames], float),
        )
    ]
