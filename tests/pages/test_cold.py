"""A first screen waits for no compiler: with nothing compiled, every page is drawn, and calls nothing that would be."""

import sys
import threading

import pytest
from numba.core.dispatcher import Dispatcher

from sc2viz import words
from sc2viz.exact import ahead, compiled, warm
from sc2viz.ui import cache, results


@pytest.fixture
def nothing_compiled(monkeypatch):
    """Another process compiles, nothing is kept of earlier tests, and whoever calls a compiled function or waits fails."""

    def forbidden(*_):
        raise AssertionError(
            "a first screen waits for the compiler, or for a language that its reader does not speak"
        )

    monkeypatch.setattr(ahead, "_compiled", threading.Event())
    monkeypatch.setattr(ahead, "_is_wanted", threading.Event())
    monkeypatch.setattr(ahead, "compile", lambda *_: threading.Thread())
    monkeypatch.setattr(ahead, "wait", forbidden)
    assert compiled and warm  # which import all of them
    rooms = [
        module for name, module in list(sys.modules.items()) if name.startswith("sc2viz.exact.")
    ]
    functions = [
        (room, name)
        for room in rooms
        for name, value in vars(room).items()
        if isinstance(value, Dispatcher)
    ]
    assert len(functions) > 30
    for room, name in functions:
        monkeypatch.setattr(room, name, forbidden)
    monkeypatch.setattr(
        words, "catalogue", forbidden
    )  # of another language, which takes as long as a view to read
    words._translations.cache_clear()
    for store in (cache.SHARED, cache.DICTIONARIES):
        store.values.clear()
    results._warm_up.cache_clear()


@pytest.mark.everyday("welcome", "gates")
@pytest.mark.parametrize(
    "path",
    ["welcome", "compare", "step", "lambda", "gates", "activations", "dictionary", "autoencoders"],
)
def test_a_first_screen_waits_for_no_compiler(open_page, nothing_compiled, path):
    assert open_page(path).title  # `open_page` fails where the page shows an error
    assert ahead._is_wanted.is_set()  # from now on the compiler need not wait


def test_known_codes_waits_with_its_exact_map_alone(open_page, nothing_compiled):
    """The rest is there at once, so is the map of a solver that needs no exact codes, and the exact one follows."""

    def read_map():
        return [
            element.proto.component_name
            for element in app.get("bidi_component")
            if "when_found" in element.proto.component_name
        ]

    app = open_page("codes", ds="100", dx="50", k="5")
    assert any("once. The map is drawn then." in info.value for info in app.info) and not read_map()
    app.selectbox(key="mapped").select("ISTA").run()
    assert read_map() and not app.info and not app.exception
