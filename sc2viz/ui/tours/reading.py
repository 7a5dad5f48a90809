"""Read tours, files of steps: each has a view, a sentence to say, a thing to try, a part of the page that is lit, and maybe
a question. And read the questions of pages."""

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from sc2viz.classroom.question import Question
from sc2viz.ui import url
from sc2viz.ui.qr import PRIVATE
from sc2viz.ui.tours import truths

FOLDER = Path(__file__).parent
OTHERS = "SC2VIZ_TOURS"  # the environment variable that names a folder of other tours
LONGEST, MOST_STEPS = 300, 99  # characters of a text, and steps
# Bytes of a file, and characters of a line: what tomllib takes grows with the square of a line of dotted keys.
MOST_BYTES, MOST_CHARACTERS = 100_000, 1000
_TEXTS = {
    "view": True,
    "title": False,
    "say": True,
    "try": False,
    "light": False,
    "reveals": False,
}  # a step's texts: must it have them?
_NUMBERS = "low", "high", "step"
_ASKS = (
    "ask",
    "choices",
    "at",
    *_NUMBERS,
    "unit",
    "truth",
    "given",
    "shows",
    "on",
)  # the parts of a question
_KEY, _KEYS = re.compile(r"[\w-]*"), re.compile(r"[\w -]*")
_ON = re.compile(r"[\w-]+( up)?")
_STEP = re.compile(r"^\s*\[\[\s*step\s*\]\]")


@dataclass(frozen=True)
class Asked:
    """A question, and how its truth is computed from the view at hand."""

    question: Question
    truth: str  # the name of a function of `truths.TRUTHS`
    given: Mapping[str, object]  # what else the function takes
    at: tuple[
        float, ...
    ]  # the numbers that the choices stand for; none where the function knows the choices by name
    shows: tuple[str, ...]  # the keys of the parts of the page that are seen before the answer
    reveals: Mapping[str, list[str]] = field(default_factory=dict)  # what of the view changes then


@dataclass(frozen=True)
class TourStep:
    path: str  # the page
    query: Mapping[str, list[str]]  # what of the page's view differs from how it opens
    say: str
    attempt: str  # what to try; "" for nothing
    light: str  # the key of the part of the page that is lit; "" for none
    asks: Asked | None = None
    title: str = ""  # the question that its sentence answers, by which a reader opens the step alone; "" for none
    answers: Asked | None = (
        None  # the title, where what is true of the view at hand ends the sentence
    )

    @property
    def answered(self) -> Mapping[str, list[str]]:
        """The view once the answer to its question is shown."""
        return {**self.query, **(self.asks.reveals if self.asks else {})}


@dataclass(frozen=True)
class Tour:
    title: str
    minutes: int
    steps: tuple[TourStep, ...]
    text: str  # of its file


def read(text: str, name: str, pages: Iterable[str], rows: Iterable[str]) -> Tour:
    """The tour of a file's text. name: the file's, for messages. pages: the addresses of pages. rows: the keys of views.

    Raises ValueError with the file, the line and the remedy where it is no tour.
    """
    held, lines = _parse(text, name), text.splitlines()

    def wrong(said: str, key: str, step: int = 0) -> ValueError:
        return ValueError(f"{name}, line {_line(lines, key, step)}: {said}")

    title, minutes, steps = held.get("title"), held.get("minutes", 0), held.get("step")
    if not isinstance(title, str) or not 0 < len(title) <= LONGEST:
        raise wrong('title must be a text, such as title = "Sparse coding in ten minutes"', "title")
    if not isinstance(minutes, int) or minutes < 0:
        raise wrong("minutes must be a whole number", "minutes")
    if (
        not isinstance(steps, list)
        or not 0 < len(steps) <= MOST_STEPS
        or not all(isinstance(each, dict) for each in steps)
    ):
        raise wrong(f"there must be 1 to {MOST_STEPS} steps, each below a line [[step]]", "step")
    found = []
    for k, step in enumerate(steps, 1):
        if odd := next((key for key in step if key not in (*_TEXTS, *_ASKS)), ""):
            raise wrong(f"a step has no {odd}, but {', '.join((*_TEXTS, *_ASKS))}", odd, k)
        for key, needed in _TEXTS.items():
            value = step.get(key, "")
            if not isinstance(value, str) or needed and not value or len(value) > LONGEST:
                raise wrong(
                    f"step {k} needs a text of at most {LONGEST} characters as its {key}", key, k
                )
        found.append(_step(step, pages, rows, lambda said, k=k, key="view": wrong(said, key, k)))
        if not _KEY.fullmatch(found[-1].light):
            raise wrong(
                "light must be the key of a part of the page, of letters, digits and dashes",
                "light",
                k,
            )
    return Tour(title, minutes, tuple(found), text)


def _parse(text: str, name: str) -> dict[str, Any]:
    """The tables of a file. ValueError: it is too large, or no TOML."""
    size = len(text.encode())
    if size > MOST_BYTES:
        raise ValueError(f"{name} must have at most {MOST_BYTES:,} bytes, got {size:,}")
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MOST_CHARACTERS:
            raise ValueError(
                f"{name}, line {number}: a line must have at most {MOST_CHARACTERS:,} characters, got {len(line):,}"
            )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name} is not TOML: {error}") from None
    except RecursionError:
        raise ValueError(f"{name} is no tour: its values are nested too deeply") from None


def _step(step: Mapping[str, str], pages: Iterable[str], rows: Iterable[str], wrong) -> TourStep:
    path, _, query = step["view"].rpartition("://")[2].partition("?")
    path = path.strip("/").rpartition("/")[2]  # an address may be the whole one, as it was copied
    if path not in pages:
        raise wrong(f"{path or 'the view'} is no page: take one of {', '.join(pages)}")
    asked = parse_qs(query, keep_blank_values=True)
    asked = {key: values for key, values in asked.items() if key not in ("tour", "step", PRIVATE)}
    if unknown := [key for key in asked if key not in rows]:
        raise wrong(f"a view has no {unknown[0]}: copy the address that the app shows")
    reveals = parse_qs(step.get("reveals", ""))
    if reveals.keys() - {*url.BENCH}:
        raise wrong(f"reveals may change {', '.join(url.BENCH)} alone", key="reveals")
    title = step.get("title", "")
    asks = (
        replace(
            _asks({"ask": title} | step, lambda said, key: wrong(said, key=key)), reveals=reveals
        )
        if step.keys() & {*_ASKS}
        else None
    )
    asks, answers = (None, asks) if title and "ask" not in step else (asks, None)
    return TourStep(
        path, asked, step["say"], step.get("try", ""), step.get("light", ""), asks, title, answers
    )


def _asks(held: Mapping[str, Any], wrong: Callable[[str, str], ValueError]) -> Asked:
    """The question of a step or a page. wrong: makes the error of what is said of a key."""
    ask, unit, truth, shows, on = (
        held.get(key, "") for key in ("ask", "unit", "truth", "shows", "on")
    )
    if not isinstance(ask, str) or not 0 < len(ask) <= LONGEST:
        raise wrong(f"a question needs a text of at most {LONGEST} characters as its ask", "ask")
    if not isinstance(truth, str) or truth not in truths.TRUTHS:
        raise wrong(
            f"there is no truth {truth!r:.40}: take one of {', '.join(truths.TRUTHS)}", "truth"
        )
    choices, at, given = held.get("choices", []), held.get("at", []), held.get("given", {})
    if not isinstance(choices, list) or not all(
        isinstance(each, str) and 0 < len(each) <= LONGEST for each in choices
    ):
        raise wrong(f"choices must be a list of texts of at most {LONGEST} characters", "choices")
    if (
        not isinstance(at, list)
        or not all(_is_number(each) for each in at)
        or len(at) not in (0, len(choices))
    ):
        raise wrong(
            "at must be a list with a number for each choice, which says what the choice stands for",
            "at",
        )
    if not isinstance(given, dict) or (said := truths.misfit(truth, given)):
        raise wrong(
            said
            if isinstance(given, dict)
            else 'given must be a table, such as { solver = "FISTA" }',
            "given",
        )
    numbers = {key: held[key] for key in _NUMBERS if key in held}
    if odd := next((key for key, value in numbers.items() if not _is_number(value)), ""):
        raise wrong(f"{odd} must be a number", odd)
    if (
        not isinstance(unit, str)
        or len(unit) > LONGEST
        or not isinstance(shows, str)
        or not _KEYS.fullmatch(shows)
    ):
        raise wrong(
            "unit must be a text, and shows the keys of parts of the page with spaces between",
            "shows",
        )
    if not isinstance(on, str) or on and (choices or not _ON.fullmatch(on)):
        raise wrong(
            'on must be the key of a figure, such as "adder", or "mean-gates up" for its upright axis',
            "on",
        )
    try:
        question = Question(ask, tuple(choices), **numbers, unit=unit, on=on)
    except ValueError as error:
        raise wrong(str(error), "choices" if choices else "low") from None
    return Asked(question, truth, given, tuple(at), tuple(shows.split()))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def of_pages(text: str, name: str, pages: Iterable[str]) -> dict[str, Asked]:
    """The questions of pages by address, of a file with a table a page. Raises ValueError as `read` does."""
    lines = text.splitlines()

    def of(path: str, held: Mapping[str, Any]) -> Asked:
        if path not in pages:
            raise ValueError(f"{name}: {path} is no page: take one of {', '.join(pages)}")
        return _asks(
            held,
            lambda said, key: ValueError(f"{name}, line {_line(lines, path, 0)}, {key}: {said}"),
        )

    return {path: of(path, held) for path, held in _parse(text, name).items()}


def _line(lines: list[str], key: str, step: int) -> int:
    """The line of a key, in the step with that number from 1 on, or before all steps; else the line where that begins."""
    begins = [0, *(k for k, line in enumerate(lines) if _STEP.match(line)), len(lines)]
    if step >= len(begins) - 1:
        return 1
    first, end = begins[step], begins[step + 1]
    here = re.compile(rf"\s*(\[\[\s*)?{re.escape(key)}\b")
    return 1 + next((k for k in range(first, end) if here.match(lines[k])), first)


def available(pages: Iterable[str], rows: Iterable[str]) -> tuple[dict[str, Tour], list[str]]:
    """The tours by name: the app's own, and those of the folder that SC2VIZ_TOURS names; and what is wrong with others."""
    own = dict(_own(tuple(pages), tuple(rows)))
    folder = os.environ.get(OTHERS)
    if not folder:
        return own, []
    problems = [] if Path(folder).is_dir() else [f"{OTHERS} names {folder}, which is not a folder"]
    for file in sorted(Path(folder).glob("*.toml")):
        try:
            if file.stem in own:
                raise ValueError(f"{file.name}: a tour has that name already; rename the file")
            own[file.stem] = read(file.read_text("utf-8"), file.name, pages, rows)
        except (OSError, ValueError) as error:
            problems.append(str(error))
    return own, problems


@cache
def _own(pages: tuple[str, ...], rows: tuple[str, ...]) -> tuple[tuple[str, Tour], ...]:
    """The app's own tours, that of newcomers first, and then the shortest."""
    found = [
        (file.stem, read(file.read_text("utf-8"), file.name, pages, rows))
        for file in FOLDER.glob("*.toml")
    ]
    return tuple(
        sorted(found, key=lambda pair: (pair[0] != "ten-minutes", pair[1].minutes, pair[0]))
    )
