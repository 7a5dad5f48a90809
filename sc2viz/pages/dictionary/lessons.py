"""Lessons: what is learned at one click, and what to look at. Each takes some seconds on one core for each dictionary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FilmLesson:
    """Values of the rows of the URL, and a sentence that says what to watch."""

    title: str
    watch: str
    lam: float
    data: str = ""  # the data set; "" for the one at hand
    source: str = "data"
    size: int = 100
    positive: bool = False
    pair: str = "nothing"
    rule: str = "online"


LESSONS = (
    FilmLesson(
        "Digits as wholes",
        "The atoms start as random digits. At λ = 0.5 a code may use few of them, so they stay close to whole digits and "
        "become sharp where many digits agree.",
        lam=0.5,
        data="mnist-5k",
    ),
    FilmLesson(
        "Digits as strokes",
        "Where neither weights nor atoms may be negative, nothing can be taken away again, so atoms become strokes that "
        "only add up (Lee & Seung 1999; Hoyer 2002). Atoms with both signs, beside them, may cancel each other.",
        lam=0.1,
        data="mnist-5k",
        size=50,
        positive=True,
        pair="signs",
    ),
    FilmLesson(
        "Edges of photographs",
        "Whitened patches of photographs give oriented edges, like the receptive fields of cells in the primary visual "
        "cortex (Olshausen & Field 1996). The same patches without the filter give broad, smooth atoms, because slow "
        "changes of brightness have most of the energy.",
        lam=0.5,
        source="whitened",
        pair="filter",
    ),
    FilmLesson(
        "How many atoms",
        "Four times as many atoms describe the same digits with a smaller F: each atom is more special and is used less.",
        lam=0.5,
        data="mnist-5k",
        size=50,
        pair="size",
    ),
    FilmLesson(
        "100 atoms or 400",
        "The dictionary that ships has 100 atoms. Watch by how much 400 of them lower F; “Why?” says in the end what they "
        "do to the codes, and what they cost.",
        lam=0.5,
        data="mnist-5k",
        pair="size",
    ),
)  # fmt: skip
