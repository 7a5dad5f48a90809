"""Text that came from elsewhere, from a file, a link or a checkpoint: on the screen, and in Python and in lines of the shell
that are taken away."""

import json
import re
import shlex

LONGEST = 500  # characters of a message
NAMED = 80  # characters of a file's name
_JOINER = "\u2060"  # has no width; what stands on its two sides is not read together
_MARKS = re.compile(
    r"[\\`*$<~]|(?<![^\W_])_|_(?![^\W_])"
)  # an underscore inside a word marks nothing
_LINKS = re.compile(r":(?=\S)|@|\](?=[(\[])|!(?=\[)|www(?=\.)", re.IGNORECASE)
_UNPLAIN = re.compile(r"[^\w .,()+=-]|(?<![^\W_])_|_(?![^\W_])|(?<=www)\.", re.IGNORECASE)
_LIST = re.compile(r"^(?=[-+=\[#>|]|\d+[.)])")


def plain(text: object, limit: int = LONGEST) -> str:
    """Return Markdown that shows `text` letter by letter in one line, cut to `limit` characters.

    Markdown in it would have the reader's browser fetch a foreign picture, or show a foreign link as if it were ours.
    """
    line = " ".join(str(text)[: 4 * limit].split())
    line = line if len(line) <= limit else f"{line[: limit - 1]}…"
    return _LIST.sub(_JOINER, _LINKS.sub(rf"\g<0>{_JOINER}", _MARKS.sub(r"\\\g<0>", line)))


def as_label(text: str) -> str:
    """Return `text` as a part of a label, which stands in Markdown, HTML, charts and links alike: a dash takes the place of
    what any of them would read, and it is cut to `NAMED` characters."""
    return _UNPLAIN.sub("-", " ".join(text.split()))[:NAMED]


def shell(text: str) -> str:
    """Return `text` as one word of a shell's line: no name of a file becomes a command, and none an option."""
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def literal(text: str | float) -> str:
    """Return `text`, or a number, as Python source: a text in double quotes, so that no name of a file becomes code."""
    return json.dumps(text, ensure_ascii=False)
