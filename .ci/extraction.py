"""Where messages stand, for `pybabel extract`, by the table in pyproject.toml: in Python and JavaScript, where what a number
counts is a message with two forms; in the files of tours; and in HTML."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

from babel.messages.extract import extract_javascript

from sc2viz.words import IN_HTML, NOUNS

# The texts of tours and of pages, by their keys in TOML
TEXTS = (
    "title",
    "say",
    "try",
    "ask",
    "choices",
    "unit",
    "heading",
    "question",
    "next",
    "label",
    "help",
    "says",
    "note",
    "watch",
    "before",
    "options",
)
COUNTS = "count", "counted"  # functions that are given a number and the word of what it counts
_WORD = re.compile("[^\\W\\d_][a-z]")  # what names of solvers, and numbers, have not
Found = tuple[int, str | None, str | tuple[str, ...], list[str]]


def python(
    file: IO[bytes], keywords: dict, comment_tags: Iterable[str], options: dict
) -> Iterator[Found]:
    """The messages of a module in Python. Babel's own extractor finds none in an f-string before Python 3.12."""
    calls = (node for node in ast.walk(ast.parse(file.read())) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda node: node.lineno):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        texts = tuple(
            each.value if isinstance(each, ast.Constant) and isinstance(each.value, str) else None
            for each in call.args
        )
        if name == "of_noun":
            yield from (
                (call.lineno, None, texts[-1].replace("{noun}", noun), []) for noun in NOUNS
            )
        elif (name in keywords or name in COUNTS) and any(texts):
            yield from _counts([(call.lineno, name, texts, [])])


def solvers(
    file: IO[bytes], keywords: dict, comment_tags: Iterable[str], options: dict
) -> Iterator[Found]:
    """What solvers say of themselves: what they do, the words in their equations, and those of traits and of variants."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Assign):
            names = {getattr(each, "id", "").lower() for each in node.targets}
            said = (
                _texts(node.value)
                if names & {"summary", "remarks", "families", "gates", "source"}
                else ()
            )
            yield from (
                (node.lineno, None, text, [])
                for text in said
                if "source" not in names or text.startswith("ours")
            )
            equation = "".join(_texts(node.value)) if "equation" in names else ""
            yield from (
                (node.lineno, None, words.strip(), [])
                for words in re.findall(r"\\text\{([^{}]*)\}", equation)
            )
        elif (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") == "Variant"
            and len(node.args) > 1
        ):
            yield from ((node.lineno, None, text, []) for text in _texts(node.args[1]) if text)
        elif isinstance(node, ast.keyword) and node.arg in ("untrained", "activation", "gates"):
            said = [
                text.replace("-", " ") if node.arg == "activation" else text
                for text in _texts(node.value)
            ]
            yield from ((node.value.lineno, None, text, []) for text in said if text)


def _texts(node: ast.AST) -> list[str]:
    """The texts of an expression: of a mapping those of its values, and of a call none."""
    if isinstance(node, ast.Dict):
        return [text for each in node.values for text in _texts(each)]
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    return (
        [text for each in ast.iter_child_nodes(node) for text in _texts(each)]
        if isinstance(node, ast.Tuple)
        else []
    )


def javascript(
    file: IO[bytes], keywords: dict, comment_tags: Iterable[str], options: dict
) -> Iterator[Found]:
    """The messages of a module in JavaScript."""
    templates = options | {"parse_template_string": True}  # what stands between ${ and } in a text
    return _counts(extract_javascript(file, [*keywords, *COUNTS], comment_tags, templates))


def _counts(found: Iterable[Found]) -> Iterator[Found]:
    for line, function, messages, comments in found:
        if function not in COUNTS:
            yield line, function, messages, comments
        elif isinstance(messages, tuple) and len(messages) > 1 and messages[1]:
            yield line, "ngettext", counted(messages[1], (*messages, None)[2]), comments


def counted(one: str, others: str | None) -> tuple[str, str]:
    """The message that `sc2viz.words.count` looks for."""
    return f"{{n}} {one}", f"{{n}} {others or f'{one}s'}"


def toml(
    file: IO[bytes], keywords: dict, comment_tags: Iterable[str], options: dict
) -> Iterator[Found]:
    """The texts of a tour or of pages, where a unit such as "atoms" also counts, and the names of groups of pages."""
    held = tomllib.load(file)
    groups = [
        name
        for name, group in held.items()
        if group
        and isinstance(group, dict)
        and all(isinstance(page, dict) for page in group.values())
    ]
    yield from ((0, None, name, []) for name in groups)
    for table in _tables(held):
        texts = chain.from_iterable(_listed(table[key]) for key in TEXTS if key in table)
        yield from ((0, None, text, []) for text in texts if _WORD.search(text))
        if (unit := table.get("unit", "")).endswith("s"):
            yield 0, "ngettext", counted(unit.removesuffix("s"), unit), []


def _listed(held: object) -> list[str]:
    """The texts of a key: one, those of a list, or those by name."""
    texts = held.values() if isinstance(held, dict) else [held] if isinstance(held, str) else held
    return [text for text in texts if isinstance(text, str)]


def _tables(held: dict) -> Iterator[dict]:
    yield held
    for value in held.values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from _tables(each)


def glossary(
    file: IO[bytes], keywords: dict, comment_tags: Iterable[str], options: dict
) -> Iterator[Found]:
    """Words, and what they mean, whose lines are one text. A name, such as that of a data set, is no word."""
    for word, meaning in tomllib.load(file).items():
        yield from (
            (0, None, " ".join(text.split()), [])
            for text in (word, meaning)
            if not re.fullmatch("[a-z0-9-]+", text)
        )


def texts(
    file: IO[bytes], keywords: dict, comment_tags: Iterable[str], options: dict
) -> Iterator[Found]:
    """All texts of a file whose lines are one, and the keys that are words; not the names of methods."""
    for text in _within(tomllib.load(file)):
        said = " ".join(text.split())
        if not re.fullmatch("[a-z0-9-]*", said):
            yield 0, None, said, []


def _within(held: object) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    elif isinstance(held, list):
        yield from chain.from_iterable(map(_within, held))
    elif isinstance(held, dict):
        yield from (key for key in held if " " in key)
        yield from chain.from_iterable(map(_within, held.values()))


def html(
    file: IO[bytes], keywords: dict, comment_tags: Iterable[str], options: dict
) -> Iterator[Found]:
    """The words between the tags of a document or of a drawing, and those of its labels and titles."""
    text = re.sub("<style>.*?</style>", "", file.read().decode("utf-8"), flags=re.DOTALL)
    return ((0, None, text, []) for text in IN_HTML.findall(text) if not text.startswith("{"))
