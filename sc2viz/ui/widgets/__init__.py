"""Components of our own: what Streamlit has no widget for."""

from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sc2viz import words
from sc2viz.browser import modules


@cache
def component(script: Path, *sheets: str | Path, isolated: bool = True):
    """The component that a module draws, whose name is that of the file, in its style sheets (`modules.sheet`). isolated:
    whether the page's own style sheets leave it as it is."""
    css = modules.sheet(*sheets) if sheets else ""
    return in_each_language(script.stem, modules.joined(script), css, isolate_styles=isolated)


def in_each_language(name: str, script: str, sheet: str = "", **more):
    """The component `sc2viz_NAME` of a module's text, one with a default export, in the language of the page that draws it.
    more: what else Streamlit's `component` takes. The words of a language travel with the script, once."""

    @cache
    def made(language: str):
        with words.speaking(language):
            text = modules.packed(words.for_browser(script) + script, sheet)
            said = {
                key: words.in_html(value) if key == "html" else value for key, value in more.items()
            }
        suffix = "" if language == words.ENGLISH else f"_{language}"
        return st.components.v2.component(f"sc2viz_{name}{suffix}", js=text, **said)

    made(words.ENGLISH)
    return lambda **given: made(words.language())(**given)


def popover(label: str, key: str, **look) -> DeltaGenerator | None:
    """Draw a popover of this `look`; return where its content belongs once it is open: a closed one costs nothing."""
    place = st.popover(label, key=key, on_change="rerun", **look)
    return place if place.open else None
