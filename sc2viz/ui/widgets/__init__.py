"""Components of our own: what Streamlit has no widget for."""

from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sc2viz import words
from sc2viz.browser import modules
from sc2viz.ui import errors

FOLDER = Path(__file__).parent


@cache
def component(script: str | Path, *sheets: str | Path, isolated: bool = True):
    """Return a function that draws the component of a module: one of this folder by its name, or another one by its path. It
    has the name of the file, the style sheets `sheets` (`modules.sheet`), and the sheet of its own name, if there is one in
    this folder. isolated: whether the page's own style sheets leave it as it is."""
    path = FOLDER / f"{script}.js" if isinstance(script, str) else script
    if (sheet := FOLDER / f"{path.stem}.css").is_file():
        sheets = *sheets, sheet
    css = modules.sheet(*sheets) if sheets else ""
    return in_each_language(path.stem, modules.joined(path), css, isolate_styles=isolated)


def in_each_language(name: str, script: str, sheet: str = "", html: str = "", **options):
    """Return a function that draws the component `sc2viz_NAME` of a module's text, one with a default export, in the language
    of the page that draws it. options: what else Streamlit's `component` takes. The words of a language travel with the
    script, once."""

    @cache
    def mount(language: str):
        with words.speaking(language):
            text = modules.packed(words.for_browser(script) + script, sheet)
            markup = {"html": words.in_html(html)} if html else {}
        suffix = "" if language == words.ENGLISH else f"_{language}"
        return st.components.v2.component(f"sc2viz_{name}{suffix}", js=text, **markup, **options)

    def draw(**arguments):
        callbacks = {
            name: errors.message_handler(value)
            for name, value in arguments.items()
            if name.startswith("on_")
        }
        return mount(words.language())(**arguments | callbacks)

    mount(words.ENGLISH)
    return draw


def popover(label: str, key: str, **options) -> DeltaGenerator | None:
    """Draw a popover; return where its content belongs, None while it is closed: a closed one costs nothing."""
    place = st.popover(label, key=key, on_change="rerun", **options)
    return place if place.open else None
