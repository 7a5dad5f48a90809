"""Lessons: what is learned at one click, and what to look at. Each takes some seconds on one core for each dictionary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lesson:
    """Values of the rows of the URL, and a sentence that says what to watch."""

    title: str
    watch: str
    lam: float
    data: str = ""  # "": the data at hand
    source: str = "data"
    size: int = 100
    positive: bool = False
    pair: str = "nothing"


LESSONS = (
    Lesson(
        "Strokes of digits",
        "The atoms start as random digits. Watch them become strokes: a stroke occurs in many digits, so a code of few "
        "strokes is cheaper than one of digits.",
        lam=0.5,
        data="mnist-5k",
    ),
    Lesson(
        "Parts of digits",
        "Without negative weights and without negative entries nothing can be taken away again, so atoms become parts that "
        "only add up (Lee & Seung 1999; Hoyer 2002). Beside them are atoms with both signs.",
        lam=0.5,
        data="mnist-5k",
        positive=True,
        pair="signs",
    ),
    Lesson(
        "Edges of photographs",
        "Whitened patches of photographs give oriented edges, like the receptive fields of cells in the primary visual "
        "cortex (Olshausen & Field 1996). The same patches without the filter give broad, smooth atoms, because slow "
        "changes of brightness have most of the energy.",
        lam=0.5,
        source="whitened",
        pair="filter",
    ),
    Lesson(
        "How many atoms",
        "Four times as many atoms describe the same digits with a smaller F: each atom is more special and is used less.",
        lam=0.5,
        data="mnist-5k",
        size=50,
        pair="size",
    ),
)  # fmt: skip
