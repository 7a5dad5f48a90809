"""The Python that pages give away, and what all its templates may ask."""

from pathlib import Path
from typing import Any

from sc2viz.ui import describe_models, models, sets, url
from sc2viz.ui.untrusted import literal
from sc2viz.words import templates

templates.ENVIRONMENTS["py"].filters.update(
    arguments=lambda values: ", ".join(f"{name}={value!r}" for name, value in values.items()),
    g=lambda value: f"{value:g}",
    literal=literal,
    repr=repr,
)
templates.ENVIRONMENTS["py"].globals.update(
    describe_models=describe_models, models=models, sets=sets, url=url
)


def python(module: str | Path, **values: Any) -> str:
    """Return the Python of the template beside a module, filled with the `values`."""
    return templates.filled(module, "py", **values)
