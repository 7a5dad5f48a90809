"""How a reader chooses solvers: a chip each."""

from sc2viz.ui import url
from sc2viz.ui.models import Model


def choose(label: str, known: dict[str, Model], key: str, help: str) -> list[Model]:
    """The models of `known`, which are those of the URL's row `key`, that the reader has chosen, in the order of `known`."""
    chosen = url.widget(key, label, help=help)
    return [model for name, model in known.items() if name in chosen]
