"""Text that came from elsewhere, from a file, a link or a checkpoint: on the screen and in Python that is taken away."""

import json
import re

LONGEST = 500  # characters of a message
NAMED = 80  # characters of a file's name
_JOINER = "\u2060"  # has no width; what stands on its two sides is not read together
_MARKS = re.compile(r"[\\`*$<~]|(?<![^\W_])_|_(?![^\W_])")  # an underscore inside a word marks nothing
_LINKS = re.compile(r":(?=\S)|@|\](?=[(\[])|!(?=\[)|www(?=\.)", re.IGNORECASE)
_LIST = re.compile(r"^(?=[-+=\[#>|]|\d+[.)])")


def plain(text: object, most: int = LONGEST) -> str:
    """Markdown that shows `text` letter by letter in one line, cut to `most` characters.

    Markdown in it would have the reader's browser fetch a foreign picture, or show a foreign link as if it were ours.
    """
    words = " ".join(str(text)[: 4 * most].split())
    words = words if len(words) <= most else f"{words[: most - 1]}…"
    return _LIST.sub(_JOINER, _LINKS.sub(rf"\g<0>{_JOINER}", _MARKS.sub(r"\\\g<0>", words)))


def literal(text: str) -> str:
    """`text` as Python source, in double quotes: no name of a file becomes code."""
    return json.dumps(text, ensure_ascii=False)
