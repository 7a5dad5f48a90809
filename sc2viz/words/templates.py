"""Templates beside the modules that ask for them: `NAME.html.jinja` for HTML, where what is put in is escaped,
`NAME.md.jinja` for texts in Markdown, and `NAME.py.jinja` for Python that is handed out. What is between double braces is
computed."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sc2viz.words import _, localized, tag

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = {
    kind: Environment(loader=FileSystemLoader(ROOT), undefined=StrictUndefined, autoescape=kind == "html", trim_blocks=True,
                      lstrip_blocks=True, keep_trailing_newline=kind == "py")
    for kind in ("html", "md", "py")
}  # fmt: skip
for each in ENVIRONMENTS.values():
    each.globals |= {"_": _, "localized": localized, "tag": tag}


def filled(file: str, kind: str = "html", **given) -> str:
    """The template of this kind beside the module `file`, filled with what is `given`."""
    template = Path(file).with_suffix(f".{kind}.jinja").relative_to(ROOT)
    return ENVIRONMENTS[kind].get_template(template.as_posix()).render(given)
