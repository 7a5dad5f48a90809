"""Words in the reader's language: messages, counts, lists and numbers in sentences; words.js has the same in the browser.

    _("At λ = {lam}: {code}.", lam=0.1, code=…)         a whole message with named placeholders
    ngettext("{n} atom stays", "{n} atoms stay", n)     one whose form a number chooses, which is in it as {n}

Messages are English in the code, and their translations stand in the catalogues, LANGUAGE/LC_MESSAGES/messages.po, of this
folder. The language belongs to the run of a page or to a request, not to the process, whose threads serve many readers.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, reduce
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from numbers import Real
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # which takes time to import, and English does not need it
    from babel.messages import Catalog


def N_(message: str) -> str:
    """Mark a message that is translated where it is used."""
    return message


FOLDER = Path(__file__).parent
ENGLISH = "en"
# The words of an HTML document: between its tags, and in its labels and titles
IN_HTML = re.compile(
    r'(?:>|(?:aria-label|title|data-says)=")\s*([^<>"]*[^\W\d_]{2}[^<>"]*?)\s*(?=[<"])'
)
_OWN_NAME = N_(
    "English"
)  # the message whose translation is the name that a language has for itself
_NUMBER = N_("1,234.5")  # the message that shows which marks a language's numbers have
_SIGN_OF_ZERO = re.compile(r"-(?=0[0.,]*(?:[^\d.,]|$))")  # the sign of "-0.00 dB"
NOUNS = "picture", "row"  # what a page calls a row of data
NUMERALS = N_("no one two three four five six seven eight nine ten eleven twelve")
_language: ContextVar[str] = ContextVar("language", default="")


def in_no_run() -> str:
    """The language where no `speak` was heard. The app has one in the place of this that asks the reader's session."""
    return ENGLISH


@cache
def _list_catalogues(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.parts[-3] for path in folder.glob("*/LC_MESSAGES/messages.po")))


def offered() -> tuple[str, ...]:
    """The languages that readers may choose: English, and those with a catalogue. SC2VIZ_LANGUAGES names fewer of these,
    with commas between; "" leaves English alone."""
    allowed = os.environ.get("SC2VIZ_LANGUAGES")
    return (
        ENGLISH,
        *(
            language
            for language in _list_catalogues(FOLDER)
            if allowed is None or language in allowed.split(",")
        ),
    )


def choose_language(tags: Iterable[str]) -> str:
    """The language that is offered for the first of `tags` for which there is one: "de" for "de-AT", "zh_CN" for "zh"."""
    languages = {language.partition("_")[0]: language for language in offered()}
    return next(
        (
            languages[tag]
            for language in tags
            if (tag := re.split("[-_;]", language.strip())[0].lower()) in languages
        ),
        ENGLISH,
    )


def language() -> str:
    """The language at hand, such as "zh_CN"."""
    return _language.get() or in_no_run()


def tag() -> str:
    """The language at hand as HTML names it, such as "zh-CN"."""
    return language().replace("_", "-")


def speak(language: str) -> None:
    """Let this run or request have a language."""
    _language.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let a block have a language."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def _file(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


@cache
def own_name(language: str) -> str:
    """The name that a language has for itself, such as "Deutsch". To read its whole catalogue for it would take half a
    second of the first page of a server."""
    text = "" if language == ENGLISH else _file(language).read_text("utf-8")
    match = re.search(f'^msgid "{_OWN_NAME}"\nmsgstr "(.+)"$', text, re.MULTILINE)
    return match[1] if match else _OWN_NAME


@cache
def catalogue(language: str) -> "Catalog":
    """The messages of a language with their translations. ValueError: there is no such catalogue."""
    from babel.messages.pofile import read_po

    path = _file(language)
    if not path.is_file():
        raise ValueError(
            f"there is no catalogue of {language!r}: write {path}, as CONTRIBUTING says"
        )
    with path.open("rb") as file:
        return read_po(file, language)


@cache
def _translations(language: str) -> NullTranslations:
    if language == ENGLISH:
        return NullTranslations()
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def _marks(language: str) -> dict[int, str]:
    """What stands for the comma and the point of an English number."""
    number = _translations(language).gettext(_NUMBER)
    return {ord(","): number[1], ord("."): number[-2]}


class _Numbers(Formatter):
    """Fills placeholders, such as {lam:g}, with numbers as the language at hand writes them."""

    def format_field(self, value: object, format_spec: str) -> str:
        text = format(value, format_spec)
        return localized(text) if isinstance(value, Real) else text


def _filled(message: str, values: dict[str, object]) -> str:
    signed = any(
        isinstance(value, Real) and str(value).startswith("-") for value in values.values()
    )
    if language() == ENGLISH and not signed:
        return message.format_map(values)  # in half the time
    return _Numbers().vformat(message, (), values)


def _(message: str, /, **values: object) -> str:
    """A message in the language at hand, with `values` for its placeholders; "" for ""."""
    if (spoken := language()) != ENGLISH and message:
        message = _translations(spoken).gettext(message)
    return _filled(message, values) if values else message


def of_noun(noun: str, message: str, /, **values: object) -> str:
    """A message about a row of data, where {noun} is one of `NOUNS`. It is a message for each, as their genders differ."""
    return _(message.replace("{noun}", noun), **values)


def ngettext(singular: str, plural: str, n: int, /, **values: object) -> str:
    """A message in the form that a number asks for, with that number as {n} and `values` for other placeholders."""
    return _filled(
        _translations(language()).ngettext(singular, plural, int(n)),
        {"n": localized(f"{n:,}"), **values},
    )


def localized(number: str) -> str:
    """A number as the language at hand writes it: "-1,234.5" is "−1,234.5", and "−1.234,5" in German. Zero has no sign."""
    if "-" in number:
        number = _SIGN_OF_ZERO.sub("", number).replace("-", "−")
    return number if (spoken := language()) == ENGLISH else number.translate(_marks(spoken))


def for_browser(script: str) -> str:
    """A line for the head of a script that gives words.js what it says in the language at hand; "" in English."""
    return (
        f"const CATALOGUE = {json.dumps(messages_in(script), ensure_ascii=False)};\n"
        if language() != ENGLISH
        else ""
    )


def messages_in(script: str) -> dict[str, str | tuple[str, ...]]:
    """The translations of those messages that a script has, by message, and by "" the language, for words.js."""
    text = re.sub(r'"\s*\+\s*"', "", script).replace(r"\u00a0", "\u00a0") + _NUMBER
    pairs = (
        (message.id if isinstance(message.id, str) else message.id[0], message.string)
        for message in catalogue(language())
    )
    return {
        "": tag(),
        **{
            key: value
            for key, value in pairs
            if key and value and all(value) and key.removeprefix("{n} ") in text
        },
    }


def in_html(text: str) -> str:
    """A document with its words in the language at hand: those between its tags, and those of its labels and titles."""
    if language() == ENGLISH:
        return text
    return IN_HTML.sub(lambda match: match[0].replace(match[1], _(match[1])), text)


def count(n: int, singular: str, plural: str = "") -> str:
    """A number and what it counts: "1 iteration", "3 iterations", "1,200 steps". The plural is by default with -s."""
    forms = (f"{{n}} {noun}" for noun in (singular, plural or f"{singular}s"))
    return ngettext(*forms, n)


def count_rows(n: int, noun: str, tests: bool = False) -> str:
    """A number of rows of data, where noun is one of `NOUNS`: "1 picture", "3 rows", and of the test split "3 test rows"."""
    if noun == "row":
        return count(n, "test row") if tests else count(n, "row")
    return count(n, "test picture") if tests else count(n, "picture")


def a(name: str) -> str:
    """A class with its article: "a 7", "an 8", "an airplane"."""
    return _("an {name}", name=name) if name[:1].lower() in "aeio8" else _("a {name}", name=name)


def digits(value: float) -> str:
    """Three digits without an exponent: "0.156", "47.3", "1,234,000"; less than half a thousandth is 0."""
    return localized(f"{value:,.0f}" if abs(value) >= 999.5 else f"{round(value, 3) + 0:.3g}")


def numeral(n: int) -> str:
    """A number in words up to twelve: "three"."""
    named = _(NUMERALS).split()
    return named[n] if n < len(named) else str(n)


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *earlier, last = names
    if not earlier:
        return last
    first = reduce(lambda text, name: _("{first}, {next}", first=text, next=name), earlier)
    return _("{first} and {last}", first=first, last=last)


def read(file: str | Path) -> dict[str, Any]:
    """The texts of a file in TOML."""
    return tomllib.loads(Path(file).read_text("utf-8"))
