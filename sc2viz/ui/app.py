"""The app: the page configuration, the navigation, and what every run does before the page is drawn.

`streamlit run app.py` in a checkout and `sc2viz app` anywhere serve run.py, which runs `main` for each reader.
"""

from copy import copy
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from sc2viz import words
from sc2viz.exact import ahead
from sc2viz.words import _

UI = Path(__file__).parent
PAGES = UI.parent / "pages"
GROUPS = words.read(
    UI / "pages.toml"
)  # the groups of the bar at the top, each with its pages by address, and their words
TABLE = {path: page for pages in GROUPS.values() for path, page in pages.items()}
TITLES = {path: page["title"] for path, page in TABLE.items()}
WITHOUT_T = ("welcome", "dictionary")  # pages on which nothing takes T iterations


def main() -> None:
    """Draw one run of the app: the navigation, and the page of the address that the reader has opened."""
    from sc2viz.ui import (
        languages,
        opening,
        server,
        session,
    )  # none of which imports PyTorch

    languages.choose()
    place = st.empty()  # takes away Streamlit's own grey picture of a page
    st.set_page_config(
        "sc2viz", page_icon=str(UI / "favicon.png"), layout="wide", initial_sidebar_state=300
    )
    opening.draw_styles()
    st.logo(str(UI / "logo.png"), size="large")
    # A run marks the page that it draws, so it has copies of its own.
    pages = {group: list(map(copy, shared)) for group, shared in _pages(words.language()).items()}
    session.pages = {page.url_path: page for group in pages.values() for page in group}
    # A phone's menu otherwise shows ten pages where there are more than twelve.
    current = st.navigation(pages, position="top", expanded=True)
    if (
        not current.url_path
    ):  # the bare address only leads on, with what the link asks for untouched
        current.run()
        return
    path = current.url_path
    st.set_page_config(f"{_(TITLES[path])} · sc2viz")
    # The group of the page is marked in the bar at the top, where Streamlit marks single pages alone.
    number = next(k for k, table in enumerate(GROUPS.values(), 1) if path in table)
    button = f"[data-testid=stTopNav] > :nth-child({number}) > button"
    look = "font-weight: 700; background: color-mix(in srgb, currentColor 10%, transparent);"
    st.html(f"<style>{button} {{ {look} }}</style>")
    page = TABLE[path]
    heading, question = _(page.get("heading", page["title"])), _(page["question"])
    doing = _("PyTorch and the solvers are being loaded …")
    with opening.waiting(place, heading, question, doing, waits=not server.ready()):
        server.prepare()
        _draw(current)
        ahead.begin()


@cache
def _pages(language: str) -> dict[str, list[StreamlitPage]]:
    """Return Streamlit's pages by the title of their group, in the language of this run. language: names that language for
    the cache."""
    pages = {"": [st.Page(UI / "home.py", title="sc2viz", default=True, visibility="hidden")]}
    for group, table in GROUPS.items():
        pages[_(group)] = [
            st.Page(file(path), title=_(page["title"]), url_path=path)
            for path, page in table.items()
        ]
    return pages


def _draw(current: StreamlitPage) -> None:
    """Draw the page `current` with its sidebar and the bar of a tour; or in its place the speaker's notes, or the progress of
    the dictionary that it needs."""
    from sc2viz.draw import mosaics
    from sc2viz.ui import cache, errors, languages, learning, links, own, present, session, sidebar
    from sc2viz.ui.tours import guide, questions

    mosaics.store = cache.picture
    del session.in_use
    path = current.url_path
    if path != session.path:
        st.session_state.pop("more", None)  # More of another page was open
    session.path = path
    del session.covered
    errors.report_failed_download()
    with errors.guarded():
        guide.follow(path)
        if guide.draw_speaker_notes():
            return
        links.mend(current)
        present.frame(path, list(TITLES))
        alone = path in sidebar.ALONE
        sidebar.keep() if alone else sidebar.sidebar(path in WITHOUT_T)
        links.keep(into_url=not alone)
        guide.draw_bar(path)
        own.memory.present()
        if alone or not learning.draw_progress_of_view():
            questions.draw_of_page(path)
            _lead_on(path, "onward")
            with errors.guarded():
                current.run()
            _lead_on(path, "onward-below")
        languages.draw_menu()
    del session.revealed


def _lead_on(path: str, key: str) -> None:
    """Draw a link from the page at `path` to the next one, whose words are the question that leads there. key: names its
    container for style sheets."""
    from sc2viz.ui import session

    paths = list(TITLES)
    to = paths[(paths.index(path) + 1) % len(paths)]
    with st.container(key=key, width="content"):
        st.page_link(session.pages[to], label=f"{_(TABLE[to]['next'])} →")


def file(path: str) -> Path:
    """Return the path of the script that draws the page at an address."""
    return PAGES / TABLE[path].get("file", f"{path}/{path}.py")
