"""What is shown of dictionaries that are, or were, learned: frames of their atoms, numbers, curves and sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sc2viz.background.dictionary_film import Film, FilmFrame, together
from sc2viz.figures import atoms, style
from sc2viz.ui import phrases, sidebar, stage

SCRUBBER = "film"
DASH = (6, 4)  # the dashes of the curve of the second of two films
TRAVELS, FEWEST = 8e6, 8  # the most bytes of all frames before they are compressed, and the fewest frames


def scrubber_of_films(films: Sequence[Film], live: bool) -> None:
    """Draw the latest frames of films that are learned `live`, else all frames, which a scrubber moves."""
    places, shown = together(films)
    if live:
        places, shown = places[-1:], [[film.frame] for film in films]
    else:
        kept = fitting(len(places), sum(atoms.tiles(film.frame.atoms, film.setup.shape).size for film in films))
        places, shown = places[kept], [[frames[k] for k in kept] for frames in shown]
    groups = [_group(film, frames, others, k)
              for k, (film, frames, others) in enumerate(zip(films, shown, reversed(films), strict=True))]  # fmt: skip
    names = [f"{place:,} {nouns(films)}" for place in places]
    captions = [_caption(films, [frames[k] for frames in shown]) for k in range(len(places))]
    stage.scrubber(SCRUBBER, len(places), groups, _curves(films, places), captions, unit="frame", start=len(places) - 1,
                   names=names, layout="learning" if len(films) == 2 else "learning one", live=live)  # fmt: skip


def fitting(count: int, size: int) -> np.ndarray:
    """Which of `count` frames travel, of `size` bytes each: the first, the last, and as many between as `TRAVELS` allows."""
    most = max(FEWEST, int(TRAVELS // size))
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def nouns(films: Sequence[Film]) -> str:
    """What the training rows of a film are called."""
    return "patches" if films[0].setup.source != "data" else f"{sidebar.noun_of(films[0].setup.shape)}s"


def status(films: Sequence[Film], going: bool) -> str:
    """How far the learning of the films is, in words."""
    said = []
    for film in films:
        seen = f"{film.frame.samples if film.frame else 0:,} {nouns(films)}"
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


def title(film: Film, other: Film) -> str:
    """What a dictionary is, by what tells it from the one beside it."""
    mine, its = film.setup, other.setup
    if mine.source != its.source:
        return mine.name.capitalize()
    if mine.positive != its.positive:
        return "Nothing negative" if mine.positive else "Both signs"
    return f"{mine.size} atoms"


def _group(film: Film, frames: Sequence[FilmFrame], other: Film, k: int) -> stage.Group:
    setup = film.setup
    drawn = np.stack([atoms.tiles(frame.atoms, setup.shape) for frame in frames])
    tables = {"table": style.DIVERGING_TABLE[False], "dark_table": style.DIVERGING_TABLE[True]} if drawn.ndim == 4 else {}
    label = "each atom at full contrast"
    picture = stage.Picture(label, drawn, f"The {setup.size} atoms of {setup.name}", **tables)
    readings = {"F in % of F(0)": [_percent(film, frame) for frame in frames]}
    readings["mean F"] = [_objective(film, frame) for frame in frames]
    if film.found is not None:
        before = ["–"] * (len(frames) - 1)
        readings["explained by a Gabor"] = [*before, phrases.share(film.found.explained)]
        readings["its frequency"] = [*before, f"{film.found.frequency:.2g} / px"]
        readings["its width"] = [*before, f"{film.found.width:.1f} px"]
    name, signs = title(film, other), "nothing negative" if setup.positive else ""
    said = [setup.name, f"{setup.size} atoms", signs, f"λ = {setup.lam:g}"]
    note = ", ".join(each for each in said if each and each.lower() != name.lower())
    return stage.Group(name, None, [picture], note, readings, dashed=k == 1)


def _at(film: Film, frame: FilmFrame) -> float:
    """The mean objective of the batch that ended in a frame."""
    history = film.history
    if not frame.samples or not history:
        return float("nan")
    at = int(np.searchsorted([samples for samples, _ in history], frame.samples, side="right")) - 1
    return history[max(at, 0)][1]


def _percent(film: Film, frame: FilmFrame) -> str:
    F = _at(film, frame)
    return "–" if np.isnan(F) or not film.blank else phrases.share(F / film.blank)


def _objective(film: Film, frame: FilmFrame) -> str:
    F = _at(film, frame)
    return "–" if np.isnan(F) else phrases.objective(F)


def _caption(films: Sequence[Film], frames: Sequence[FilmFrame]) -> str:
    """What the atoms of a frame are, in one sentence."""
    samples = max(frame.samples for frame in frames)
    if not samples:
        return f"Before learning the atoms are **{nouns(films)} drawn at random**, scaled to norm 1."
    told = [
        f"**{_percent(film, frame)}**" + (f" ({title(film, other).lower()})" if len(films) > 1 else "")
        for film, frame, other in zip(films, frames, reversed(films), strict=True)
    ]
    return f"After {samples:,} {nouns(films)}, F is down to {phrases.listed(told)} of F(0)."


def _curves(films: Sequence[Film], places: np.ndarray) -> list[stage.Curves]:
    """The mean objective of the batches against the samples seen."""
    lines = []
    for k, (film, other) in enumerate(zip(films, reversed(films), strict=True)):
        if not film.history:
            continue
        samples, F = np.array(film.history, float).T
        smooth = np.convolve(np.pad(F, 2, mode="edge"), np.full(5, 0.2), "valid") if len(F) > 4 else F
        lines.append(stage.Line(title(film, other), 100 * smooth / (film.blank or 1), None, DASH if k else (), samples))
    if not lines:
        return []
    most = max(float(np.quantile(line.values, 0.98)) for line in lines)
    least = min(float(line.values.min()) for line in lines)
    about = "Mean F of the batches in percent of F of codes that are zero, against the pictures seen"
    return [
        stage.Curves("F in % of F(0) = ½‖x‖², by batch", lines, about, axis="seen", unit=" %", log=False, top=most,
                     bottom=least, places=places.astype(float))
    ]  # fmt: skip
