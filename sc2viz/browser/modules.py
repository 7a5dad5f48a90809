"""ES modules as one text, which is what Streamlit's components and a page of its own take."""

import functools
import json
import re
from pathlib import Path

from sc2viz.browser.wire_format import squeezed
from sc2viz.draw.terms import TERMS

FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import (?:\{[^}]*\} from )?"(\.{1,2}/[\w./-]+\.js)";\n', re.M)
_SPARE = re.compile(
    r'("[^"]*")|\s*/\*.*?\*/\s*|(?<=[{;,:])\s+|\s+(?={)|;?\s+(?=})|^ +|(?<![\d.])0(?=\.\d)',
    re.DOTALL | re.MULTILINE,
)
_COMMENT = re.compile(r"^ *//.*\n|(?<=[;,{}\])]) // .*|^ +", re.M)
_EXPORT = re.compile(r"^export (?=(?:const|let|class|(?:async )?function)\b)", re.M)


def joined(*modules: Path) -> str:
    """Modules and all that they import as one text (`in_order`)."""
    return "\n".join(in_order(*modules))


def in_order(*modules: Path) -> list[str]:
    """Modules and all that they import, each once and after what it imports, for one scope, in which no two may declare one
    name: without imports and without `export`, except for `export default`."""
    texts: dict[Path, str] = {}

    def add(path: Path) -> None:
        if path not in texts:
            text = path.read_text("utf-8")
            for source in _IMPORT.findall(text):
                add((path.parent / source).resolve())
            texts[path] = _EXPORT.sub("", _IMPORT.sub("", text))

    for path in modules:
        add(path.resolve())
    return list(texts.values())


_STYLED = """const styled = new WeakSet();
export default (given) => {
  const style = Object.assign(document.createElement("style"), { textContent: css });
  if (!styled.has(given.parentElement)) given.parentElement.prepend(style);
  styled.add(given.parentElement);
  return draw(given);
};
"""


def bare(script: str) -> str:
    """JavaScript without its comments and indentation."""
    return _COMMENT.sub("", script)


def packed(text: str, css: str) -> str:
    """A module that unpacks `text`, one with a default export, and its style sheet, if any: every reader's browser gets it,
    and it is half as long."""
    module_text = bare(text) + (
        f"\nexport const css = {json.dumps(css, ensure_ascii=False)};\n" if css else ""
    )
    module = f"""const bytes = Uint8Array.from(atob("{squeezed(module_text, 9)}"), (each) => each.charCodeAt(0));
const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
const text = new Blob([await new Response(stream).blob()], {{ type: "text/javascript" }});
const {{ default: draw, css }} = await import(URL.createObjectURL(text));
"""
    return module + (_STYLED if css else "export default draw;\n")


def sheet(*names: str | Path) -> str:
    """The style sheets of a component, one after the source_path, after the rules that hold for every part (everywhere.css)."""
    return "".join(map(style, ("everywhere.css", *names)))


@functools.cache  # each run of a page asks for several
def style(name: str | Path) -> str:
    """The text of a style sheet, of this folder or at a path, with the colours of a cell's terms and without its comments,
    the space around its marks, and zeros before a point."""
    text = (FOLDER / name).read_text("utf-8")
    for term, tones in TERMS.items():
        text = text.replace(f"colour-of-{term}", f"light-dark({', '.join(tones)})")
    return _SPARE.sub(r"\1", text)
