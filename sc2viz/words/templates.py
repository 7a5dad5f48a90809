"""Templates beside the modules that ask for them: `NAME.html.jinja` for HTML, where what is put in is escaped,
`NAME.md.jinja` for texts in Markdown, and `NAME.py.jinja` for Python that is handed out. What is between double braces is
computed. A file of Markdown may have several texts, each a block, as `render_sentence` takes them."""

import re
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from sc2viz.words import _, listed, localized, ngettext, tag

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = {
    kind: Environment(
        loader=FileSystemLoader(ROOT),
        undefined=StrictUndefined,
        autoescape=kind == "html",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=kind == "py",
    )
    for kind in ("html", "md", "py")
}
for environment in ENVIRONMENTS.values():
    environment.globals |= {
        "_": _,
        "listed": listed,
        "localized": localized,
        "ngettext": ngettext,
        "tag": tag,
    }


def filled(file: str | Path, kind: str = "html", **values) -> str:
    """The template of this kind beside the module `file`, filled with `values`."""
    return _template(file, kind).render(values)


def render_sentence(file: str, name: str, /, **values) -> str:
    """What the block `name` of the template in Markdown beside the module `file` says of `values`, from where each
    message in it has its placeholders as well. Lines of the template are one, but for items of a list."""
    template = _template(file, "md")
    messages = {"_": partial(_, **values), "ngettext": partial(ngettext, **values)}
    text = "".join(template.blocks[name](template.new_context(values | messages)))
    return re.sub(r" *\n[ \n]*(- )?| {2,}", lambda match: "\n- " if match[1] else " ", text).strip(
        " \n"
    )


def points(file: str, name: str, /, **values) -> list[str]:
    """The items of the list that a block says, as `render_sentence` does."""
    return list(filter(None, re.split(r"(?:^|\n)- ", render_sentence(file, name, **values))))


@cache
def _template(file: str | Path, kind: str) -> Template:
    path = Path(file).with_suffix(f".{kind}.jinja").relative_to(ROOT)
    return ENVIRONMENTS[kind].get_template(path.as_posix())
