"""Read tours: files of steps, each a view, a sentence to say, a thing to try, and the part of the page that is lit."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

FOLDER = Path(__file__).parent
OTHERS = "SC2VIZ_TOURS"  # the environment variable that names a folder of other tours
LONGEST, MOST_STEPS = 300, 99  # characters of a text, and steps
_TEXTS = {"view": True, "say": True, "try": False, "light": False}  # the texts of a step, and which it must have
_STEP = re.compile(r"^\s*\[\[\s*step\s*\]\]")


@dataclass(frozen=True)
class TourStep:
    path: str  # the page
    query: Mapping[str, list[str]]  # what of the page's view differs from how it opens
    say: str
    attempt: str  # what to try; "" for nothing
    light: str  # the key of the part of the page that is lit; "" for none


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
    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name} is not TOML: {error}") from None
    lines = text.splitlines()

    def wrong(said: str, key: str, step: int = 0) -> ValueError:
        return ValueError(f"{name}, line {_line(lines, key, step)}: {said}")

    title, minutes, steps = held.get("title"), held.get("minutes", 0), held.get("step")
    if not isinstance(title, str) or not 0 < len(title) <= LONGEST:
        raise wrong('title must be a text, such as title = "Sparse coding in ten minutes"', "title")
    if not isinstance(minutes, int) or minutes < 0:
        raise wrong("minutes must be a whole number", "minutes")
    if not isinstance(steps, list) or not 0 < len(steps) <= MOST_STEPS or not all(isinstance(each, dict) for each in steps):
        raise wrong(f"there must be 1 to {MOST_STEPS} steps, each below a line [[step]]", "step")
    found = []
    for k, step in enumerate(steps, 1):
        for key in step:
            if key not in _TEXTS:
                raise wrong(f"a step has no {key}, but {', '.join(_TEXTS)}", key, k)
        for key, needed in _TEXTS.items():
            value = step.get(key, "")
            if not isinstance(value, str) or needed and not value or len(value) > LONGEST:
                raise wrong(f"step {k} needs a text of at most {LONGEST} characters as its {key}", key, k)
        found.append(_step(step, pages, rows, lambda said, k=k, key="view": wrong(said, key, k)))
        if not re.fullmatch(r"[\w-]*", found[-1].light):
            raise wrong("light must be the key of a part of the page, of letters, digits and dashes", "light", k)
    return Tour(title, minutes, tuple(found), text)


def _step(step: Mapping[str, str], pages: Iterable[str], rows: Iterable[str], wrong) -> TourStep:
    path, _, query = step["view"].rpartition("://")[2].partition("?")
    path = path.strip("/").rpartition("/")[2]  # an address may be the whole one, as it was copied
    if path not in pages:
        raise wrong(f"{path or 'the view'} is no page: take one of {', '.join(pages)}")
    asked = parse_qs(query, keep_blank_values=True)
    asked = {key: values for key, values in asked.items() if key not in ("tour", "step")}
    if unknown := [key for key in asked if key not in rows]:
        raise wrong(f"a view has no {unknown[0]}: copy the address that the app shows")
    return TourStep(path, asked, step["say"], step.get("try", ""), step.get("light", ""))


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
    """The app's own tours, the shortest first."""
    found = [(file.stem, read(file.read_text("utf-8"), file.name, pages, rows)) for file in FOLDER.glob("*.toml")]
    return tuple(sorted(found, key=lambda pair: (pair[1].minutes, pair[0])))
