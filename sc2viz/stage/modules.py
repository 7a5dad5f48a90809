"""ES modules as one text, which is what Streamlit's components and a page of its own take."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from sc2viz.stage.parcels import squeezed

FOLDER = Path(__file__).parent
SCRUBBER = (
    "colour.js", "decode.js", "dom.js", "objective.js", "readings.js", "draw.js", "follow.js", "curves.js", "player.js",
)  # fmt: skip
_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"\./([\w-]+\.js)";\n', re.M)
_SPARE = re.compile(r"\s*/\*.*?\*/|(?<=[{;,])\s+|\s+(?=[{}])|^ +", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"^ *//.*\n|^ +", re.M)
_EXPORT = re.compile(r"^export (?=(?:const|let|class|function)\*? (\w+))", re.M)


def joined(folder: Path, names: Sequence[str], more: Sequence[Path] = ()) -> str:
    """The modules `names` of a folder and those at the paths `more`, in this order and in one scope, without their imports
    of each other and `export`, except for `export default`.

    ValueError where a module imports what none before it exports.
    """
    parts, exported = [], {}
    for path in (*(folder / name for name in names), *more):
        name, text = path.name, path.read_text("utf-8")
        for wanted, source in _IMPORT.findall(text):
            missing = {each.strip() for each in wanted.split(",") if each.strip()} - exported.get(source, set())
            if missing or source not in exported:
                what = ", ".join(sorted(missing)) or "everything"
                raise ValueError(f"{name} imports {what} from {source}: export it there, and name {source} before {name}")
        exported[name] = set(_EXPORT.findall(text))
        parts.append(_EXPORT.sub("", _IMPORT.sub("", text)))
    return "\n".join(parts)


def packed(text: str, css: str = "") -> str:
    """A module that unpacks `text`, one with a default export, and its style sheet: every reader's browser gets it, and it
    is half as long."""
    whole = _COMMENT.sub("", text) + f"\nexport const css = {json.dumps(css, ensure_ascii=False)};\n"
    return f"""const bytes = Uint8Array.from(atob("{squeezed(whole, 9)}"), (each) => each.charCodeAt(0));
const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
const text = new Blob([await new Response(stream).blob()], {{ type: "text/javascript" }});
const {{ default: draw, css }} = await import(URL.createObjectURL(text));
const styled = new WeakSet();
export default (given) => {{
  const style = Object.assign(document.createElement("style"), {{ textContent: css }});
  if (css && !styled.has(given.parentElement)) given.parentElement.prepend(style);
  styled.add(given.parentElement);
  return draw(given);
}};
"""


def style(name: str | Path) -> str:
    """The text of a style sheet, of this folder or at a path, without its comments and the space around its marks."""
    return _SPARE.sub("", (FOLDER / name).read_text("utf-8"))
