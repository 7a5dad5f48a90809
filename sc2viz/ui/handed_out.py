"""The Python that pages give away. It stands in a template beside the module that asks for it, `NAME.py.jinja`, in which
what is between double braces is computed."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sc2viz.ui import describe_models, models, sets, url
from sc2viz.ui.untrusted import literal

ROOT = Path(__file__).parents[1]
_templates = Environment(loader=FileSystemLoader(ROOT), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
                         keep_trailing_newline=True)  # fmt: skip
_templates.filters.update(g=lambda value: f"{value:g}", literal=literal, repr=repr)
_templates.globals.update(describe_models=describe_models, models=models, sets=sets, url=url)


def python(file: str, **given) -> str:
    """The template beside the module `file`, filled with what is `given` and with what all of them may ask."""
    template = Path(file).with_suffix(".py.jinja").relative_to(ROOT)
    return _templates.get_template(template.as_posix()).render(given)
