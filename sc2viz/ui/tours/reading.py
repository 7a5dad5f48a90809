"""Read tours, files of steps: each has a view, a sentence to say, a thing to try, a part of the page that is lit, and maybe
a question. And read the questions of pages."""

import inspect
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from sc2viz import words
from sc2viz.classroom.question import Question
from sc2viz.ui import url
from sc2viz.ui.own.strip import PRIVATE
from sc2viz.ui.tours import truths
from sc2viz.ui.untrusted import as_label

FOLDER = Path(__file__).parent
PAGES = [path for group in words.read(FOLDER.parent / "pages.toml").values() for path in group]
VARIABLE = "SC2VIZ_TOURS"  # of the environment: it names a folder of other tours
# Bytes of a file, and characters of a line: what tomllib takes grows with the square of a line of dotted keys.
MOST_BYTES, MOST_CHARACTERS = 100_000, 1000
# Which keys a tour, a question and a step have, and what each of them holds
TOUR = {"title": str, "minutes": int, "step": list}
QUESTION = {"ask": str, "choices": list, "at": list, "low": float, "high": float, "step": float}
QUESTION |= {"unit": str, "truth": str, "given": dict, "shows": str, "on": str}
STEP = dict.fromkeys(("view", "title", "say", "try", "light", "reveals", "needs"), str) | QUESTION
KINDS = {str: "a text", int: "a whole number", float: "a number", list: "a list", dict: "a table"}


class Misfit(ValueError):
    """What is wrong at a key of a file."""

    def __init__(self, key: str, message: str):
        super().__init__(message)
        self.key = key


class TourStep(NamedTuple):
    path: str  # the page
    query: Mapping[str, list[str]]  # what of the page's view differs from how it opens
    sentence: str  # to say
    attempt: str = ""  # what to try; "" for nothing
    light: str = ""  # the key of the part of the page that is lit; "" for none
    title: str = ""  # the question that its sentence answers, by which a reader opens the step alone; "" for none
    question: Question | None = None  # is asked before the picture
    conclusion: Question | None = None  # its truth ends the sentence

    @property
    def answered(self) -> Mapping[str, list[str]]:
        """The view once the answer to its question is shown."""
        return {**self.query, **(self.question.reveals if self.question else {})}


class Tour(NamedTuple):
    title: str
    minutes: int
    steps: tuple[TourStep, ...]
    text: str  # of its file
    class_steps: tuple[TourStep, ...] = ()  # those at the end that need what a class has drawn


def read(text: str, name: str) -> Tour:
    """Return the tour of a file's text. name: the file's, for messages.

    Raises ValueError with the file, the line and the remedy where it is no tour, or too large.
    """
    longest = max(map(len, text.split("\n")))
    if len(text.encode()) > MOST_BYTES or longest > MOST_CHARACTERS:
        raise ValueError(
            f"{name} must have at most {MOST_BYTES:,} bytes and {MOST_CHARACTERS:,} characters a line"
        )
    number, steps, class_steps = 0, [], []
    try:
        table = tomllib.loads(text)
        _check(table, TOUR, ("title", "step"))
        if {*map(type, table["step"])} != {dict}:
            raise Misfit("step", "each step must stand below a line [[step]]")
        for step in table["step"]:
            number += 1
            (class_steps if step.get("needs") else steps).append(_read_step(step))
    except Misfit as error:
        line = _find_line(text, error.key, number)
        raise ValueError(f"{name}, line {line}: {error}") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"{name} is not TOML: {error}") from None
    return Tour(table["title"], table.get("minutes", 0), tuple(steps), text, tuple(class_steps))


def _check(table: Mapping[str, Any], kinds: Mapping[str, type], required: Iterable[str]) -> None:
    """Raise Misfit where a table has a key that is not among `kinds`, lacks one that is required, or holds another kind of
    value."""
    for key in table.keys() - kinds:
        raise Misfit(key, f"there is no {key}, but {', '.join(kinds)}")
    for key, kind in kinds.items():
        is_kind = isinstance(table.get(key, kind()), (int, float) if kind is float else kind)
        if not is_kind or key in required and not table.get(key):
            raise Misfit(key, f"{key} must be {KINDS[kind]}")


def _read_step(table: Mapping[str, Any]) -> TourStep:
    """Return the step that a table of a tour's file describes; Misfit where something of it is wrong."""
    _check(table, STEP, ("view", "say"))
    address = urlsplit(table["view"])
    path = address.path.strip("/").rpartition("/")[2]  # of a whole address, as it was copied
    if path not in PAGES:
        raise Misfit("view", f"{path or 'the view'} is no page: take one of {', '.join(PAGES)}")
    view = parse_qs(address.query, keep_blank_values=True)
    view = {key: texts for key, texts in view.items() if key not in ("tour", "step", PRIVATE)}
    for key in view.keys() - url.TABLE:
        raise Misfit("view", f"a view has no {key}: copy the address that the app shows")
    attempt, light, title = (table.get(key, "") for key in ("try", "light", "title"))
    step = TourStep(path, view, table["say"], attempt, as_label(light), title)
    if not table.keys() & QUESTION:
        return step
    question = _read_question({"ask": step.title} | table)
    kind = "conclusion" if step.title and "ask" not in table else "question"
    return step._replace(**{kind: question})


def _read_question(table: Mapping[str, Any]) -> Question:
    """Return the question that a table of a step or a page describes; Misfit where something of it is wrong."""
    if not table["ask"]:
        raise Misfit("ask", "ask must be a text")
    truth, options, choices = (table.get(key, ()) for key in ("truth", "given", "choices"))
    if truth not in truths.TRUTHS:
        raise Misfit("truth", f"truth must be one of {', '.join(truths.TRUTHS)}")
    _sight, *needed = inspect.signature(truths.TRUTHS[truth]).parameters
    if {*options} != {*needed}:
        needed = ", ".join(needed) or "nothing"
        raise Misfit("given", f"given must be what {truth} takes, which is {needed}")
    try:
        return Question(
            table["ask"],
            tuple(choices),
            **{key: table[key] for key in ("low", "high", "step", "unit") if key in table},
            figure=table.get("on", ""),
            truth=truth,
            options=dict(options),
            values=tuple(table.get("at", ())),
            visible=tuple(as_label(table.get("shows", "")).split()),
            reveals=parse_qs(table.get("reveals", "")),
        )
    except ValueError as error:
        raise Misfit("choices" if choices else "low", str(error)) from None


@cache
def questions_of_pages() -> dict[str, Question]:
    """Return the questions of pages, by the address of the page."""
    tables = tomllib.loads((FOLDER / "pages" / "questions.toml").read_text("utf-8"))
    return {path: _read_question(table) for path, table in tables.items()}


def _find_line(text: str, key: str, number: int) -> int:
    """Return the number of the line of a key, in the step with that number from 1 on, or before all steps; else of the line
    where that begins."""
    step, first = 0, 1
    for place, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*\[\[\s*step\s*\]\]", line):
            step, first = step + 1, place if step + 1 == number else first
        elif step == number and re.match(rf"\s*{re.escape(key)}\b", line):
            return place
    return first


def available() -> tuple[dict[str, Tour], list[str]]:
    """Return the tours by name, the app's own and those of the folder that SC2VIZ_TOURS names; and what is wrong with
    others."""
    tours = {**_read_shipped()}
    folder = os.environ.get(VARIABLE)
    if not folder:
        return tours, []
    problems = []
    if not Path(folder).is_dir():
        problems.append(f"{VARIABLE} names {folder}, which is not a folder")
    for file in sorted(Path(folder).glob("*.toml")):
        try:
            if file.stem in tours:
                raise ValueError(f"{file.name}: a tour has that name already; rename the file")
            tours[file.stem] = read(file.read_text("utf-8"), file.name)
        except (OSError, ValueError) as error:
            problems.append(str(error))
    return tours, problems


@cache
def _read_shipped() -> dict[str, Tour]:
    """Return the app's own tours by name, that of newcomers first, and then the shortest."""
    tours = {file.stem: read(file.read_text("utf-8"), file.name) for file in FOLDER.glob("*.toml")}
    order = sorted(tours, key=lambda name: (name != "ten-minutes", tours[name].minutes, name))
    return {name: tours[name] for name in order}
