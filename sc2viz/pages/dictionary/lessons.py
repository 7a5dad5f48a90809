"""Lessons: what is learned at one click, and what to look at. Each takes some seconds on one core for each dictionary."""

from dataclasses import dataclass
from pathlib import Path

from sc2viz import words


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


LESSONS = tuple(FilmLesson(**held) for held in words.read(Path(__file__).with_suffix(".toml"))["lesson"])
