"""The Python that pages give away, and what all its templates may ask."""

from functools import partial

from sc2viz.ui import describe_models, models, sets, url
from sc2viz.ui.untrusted import literal
from sc2viz.words import templates

templates.ENVIRONMENTS["py"].filters.update(g=lambda value: f"{value:g}", literal=literal, repr=repr)
templates.ENVIRONMENTS["py"].globals.update(describe_models=describe_models, models=models, sets=sets, url=url)
python = partial(templates.filled, kind="py")
