"""A language that is made of English: letters with accents, and sentences that are longer by two fifths. What of ours a page
says without accents has escaped translation."""

import re
import tomllib
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import write_po
from babel.util import pathmatch

from sc2viz import data, solvers, words
from sc2viz.draw import style
from sc2viz.photographs import peers
from sc2viz.ui import models

PACKAGE = Path(words.__file__).parents[1]
LANGUAGE = "pl"  # it has three forms, as Polish has
TAKEN = re.compile(r"\b(N?_|ngettext|of_noun|count(ed)?)\(")
SENTENCE = re.compile(r"[A-Za-z’']{2,} [a-z]{2,}")
# What a translation keeps: formulas, placeholders, Markdown, addresses, code
MARKS = re.compile(
    r"\$[^$]*\$|\{[^}]*\}|</?\w[^>]*>|`[^`]*`|\*\*|https?:\S+|\([?]\)|\b[a-z_]+\.[a-z_]+\b"
)
ACCENTS = str.maketrans("aeiouyncsAEIOUYNCS", "áéíóúýñçšÁÉÍÓÚÝÑÇŠ")
# Names, which no language changes: of people and languages, of what the paper calls things, and of this project
NAMES = {
    "Conv",
    "Lasso",
    "Table",
    "Wang",
    "al",
    "localhost",
    "tanh",
    "scviz",
    "live",
    "pip",
    "install",
    "app",
    "Python",
    "English",
    "polski",
}
# What Streamlit itself says (CONTRIBUTING has the list), and where
STREAMLIT = {"Skip to main content", "Sidebar", "Navigate to home page", "Logo", "Collapse sidebar", "Expand sidebar",
             "Link to heading", "Choose an option", "Decrement", "Increment", "Download plot as a PNG", "Loading", "Open",
             "App pages", "progress", "Show/hide columns", "Download as CSV", "Search", "Fullscreen"}  # fmt: skip
ICON = re.compile(r"^[a-z_]+ icon$|^(info|quiz|view)$")  # Streamlit's labels of its icons
CHROME = "[data-testid=stHeader], [data-testid=stFileUploaderDropzone], [data-testid=InputInstructions], [data-baseweb=select]"
# The texts of a page and those of its labels, in the shadow roots of components too, without code and formulas
TEXTS = """(chrome) => {
  const roots = [document.documentElement];
  for (const root of roots) for (const { shadowRoot } of root.querySelectorAll("*")) if (shadowRoot) roots.push(shadowRoot);
  const apart = `${chrome}, style, script, noscript, code, pre, .katex, [data-testid=stIconMaterial]`;
  const found = [];
  const labels = ["aria-label", "title", "alt", "placeholder"];
  for (const root of roots) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode())
      if (text.data.trim() && !text.parentElement?.closest(apart)) found.push(text.data);
    for (const node of root.querySelectorAll(labels.map((name) => `[${name}]`).join()))
      if (!node.closest(apart)) found.push(...labels.map((name) => node.getAttribute(name) ?? ""));
  }
  return [...new Set(found)];
}"""
# What is cut, in a box that is too small and does not scroll, and what stands on another text, by their words
UNREADABLE = """() => {
  const roots = [document.body];
  for (const root of roots) for (const { shadowRoot } of root.querySelectorAll("*")) if (shadowRoot) roots.push(shadowRoot);
  const apart = "style, script, noscript, .katex, .js-plotly-plot, [data-testid=stIconMaterial], [data-baseweb]";
  const layer = (node) => { // what stands over the page, and hides it
    for (let each = node; each; each = each.parentElement ?? each.getRootNode().host)
      if (["fixed", "sticky"].includes(getComputedStyle(each).position)) return each;
    return null;
  };
  const hidden = (node) => { // what is for screen readers alone
    for (let each = node; each; each = each.parentElement) if (getComputedStyle(each).clipPath !== "none") return true;
    return false;
  };
  const clips = (node) => node && node.clientWidth > 2 && node.scrollWidth > node.clientWidth + 1 &&
    ["hidden", "clip"].includes(getComputedStyle(node).overflowX);
  const seen = [];
  const cut = [];
  for (const root of roots) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const node = text.parentElement;
      if (!node || !text.data.trim() || node.closest(apart)) continue;
      if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const boxes = [...range.getClientRects()].filter(({ width, height }) => width > 2 && height > 2);
      if (hidden(node)) continue;
      if (boxes.length && (clips(node) || clips(node.parentElement))) cut.push(text.data.trim());
      seen.push(...boxes.map((box) => ({ over: layer(node), box, text: text.data.trim() })));
    }
  }
  const over = [];
  for (const [k, one] of seen.entries())
    for (const two of seen.slice(k + 1)) {
      if (one.over !== two.over || one.text === two.text) continue;
      const [a, b] = [one.box, two.box];
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      const least = Math.min(a.width * a.height, b.width * b.height);
      if (wide > 2 && high > 2 && wide * high > 0.3 * least) over.push(`${one.text} | ${two.text}`);
    }
  return { cut, over };
}"""


@cache
def extracted() -> dict[str, tuple[str, ...]]:
    """The forms of each message of the package, by the first, as `pybabel extract` finds them."""
    table = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["tool"]["babel"][
        "mappings"
    ]
    messages = {}
    for path in sorted(PACKAGE.rglob("*.*")):
        name = path.relative_to(PACKAGE).as_posix()
        method = next((row["method"] for row in table if pathmatch(row["pattern"], name)), "ignore")
        if method == "ignore":
            continue
        text = path.read_text("utf-8")
        if method in ("extraction:python", "extraction:javascript") and not TAKEN.search(text):
            continue
        for _line, message, *_more in extract_from_file(method, path, DEFAULT_KEYWORDS):
            forms = (message,) if isinstance(message, str) else tuple(message)
            messages[forms[0]] = max(messages.get(forms[0], ()), forms, key=len)
    return messages


def pseudo(message: str) -> str:
    """A message in the pseudo-language, whose marks (mathematics, placeholders, Markdown) are kept."""
    parts, marks = MARKS.split(message), [*MARKS.findall(message), ""]
    text = "".join(
        passage.translate(ACCENTS) + mark for passage, mark in zip(parts, marks, strict=True)
    )
    return f"[{text}{' ·····' * round(len(message) / 15)}]" if SENTENCE.search(message) else text


def write(folder: Path) -> Path:
    """Write the catalogue of the pseudo-language into a folder, which takes the place of words.FOLDER."""
    catalogue = Catalog(LANGUAGE)
    for forms in extracted().values():
        several = [pseudo(f"{forms[-1]} ({k})") for k in range(catalogue.num_plurals)]
        catalogue.add(
            forms if len(forms) > 1 else forms[0], several if len(forms) > 1 else pseudo(forms[0])
        )
    (folder / LANGUAGE / "LC_MESSAGES").mkdir(parents=True)
    with (folder / LANGUAGE / "LC_MESSAGES" / "messages.po").open("wb") as file:
        write_po(file, catalogue)
    return folder


def english(text: str) -> set[str]:
    """The words of a text that the pseudo-language would have accents in."""
    return set(re.findall(r"\b[a-zA-Z]*[aeiounc][a-z]*[aeiounc][a-z]*\b", MARKS.sub(" ", text)))


@cache
def excused() -> frozenset[str]:
    """The words that may be English, which are names."""
    labels = " ".join(
        [*map(style.label, solvers.NAMES), *data.NAMES, *data.PHOTOGRAPHS, *peers.PICTURES]
    )
    return frozenset({*NAMES, *re.findall("[A-Za-z]+", labels)})


@cache
def names() -> tuple[re.Pattern[str], str]:
    """Names of several words, of solvers' variants, trained or not, and of who proposed a solver; and all in one text."""
    classes = [solvers.solver_class(name) for name in (*solvers.NAMES, *solvers.ON_FILTERS)]
    built = [(entry.name, entry.traits.variants) for entry in classes]
    labels = {
        models.label_network(name, *words_of)
        for name, variants in built
        for entry in (None, *variants)
        for words_of in (
            [*([entry.label] if entry else []), *also] for also in ((), ("untrained",))
        )
    }
    known_names = {*labels, *(entry.source for entry in classes)}
    return re.compile(
        "|".join(map(re.escape, sorted(known_names, key=len, reverse=True)))
    ), "\n".join(known_names)


def escaped(texts: list[str]) -> dict[str, str]:
    """The English words of texts that nothing excuses, each with a text that has it."""
    name, every = names()
    parts = [text.strip() for text in texts]  # charts write a name in several lines
    ours = [
        name.sub(" ", text)
        for text in parts
        if text not in STREAMLIT
        and not ICON.match(text)
        and not (re.search("[()]", text) and text in every)
    ]
    return {word: text for text in ours for word in english(text) - excused()}
