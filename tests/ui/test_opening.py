"""What a page shows while the server starts."""

import subprocess
import sys

import pytest
import streamlit as st
from pages.seen import html

from sc2viz.ui import server
from sc2viz.ui.app import TABLE

LARGE = "torch", "numba", "scipy", "sklearn", "skimage", "pandas"


def test_what_a_page_shows_first_needs_none_of_the_large_imports():
    code = f"""import sys
from sc2viz.ui import app, opening, server, session
print([name for name in {LARGE} if name in sys.modules])"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


@pytest.mark.parametrize("path", TABLE)
def test_the_heading_and_the_question_stand_before_anything_is_loaded(open_page, monkeypatch, path):
    monkeypatch.setattr(server, "ready", lambda: False)
    texts = []
    for name in ("title", "markdown"):
        monkeypatch.setattr(st, name, lambda text, **_: texts.append(text))

    def prepare() -> None:
        texts.append("prepare")
        st.stop()

    monkeypatch.setattr(server, "prepare", prepare)
    open_page(path)
    assert texts == [
        TABLE[path].get("heading", TABLE[path]["title"]),
        TABLE[path]["question"],
        "prepare",
    ]


@pytest.mark.parametrize("path", ["welcome", "paper", "activations"])
def test_the_page_has_the_same_heading_and_the_opening_is_gone(open_page, monkeypatch, path):
    monkeypatch.setattr(server, "ready", lambda: False)
    app = open_page(path)
    assert [title.value for title in app.title] == [
        TABLE[path].get("heading", TABLE[path]["title"])
    ]
    assert TABLE[path]["question"] not in [
        text.value for text in app.markdown
    ] and "being loaded" not in html(app)
