"""The app: the page configuration, the navigation, and what every run does before the page is drawn.

`streamlit run app.py` in a checkout and `sc2viz app` anywhere both run `main`.
"""

from pathlib import Path

import streamlit as st

UI = Path(__file__).parent
PAGES = UI.parent / "pages"
TITLES = {  # address → title, in the order of the bar at the top
    "welcome": "Welcome",
    "compare": "Compare",
    "step": "Step through",
    "gates": "Gates & cells",
    "activations": "Activations",
    "train": "Train live",
    "lambda": "λ trade-off",
    "photograph": "Photograph",
    "dictionary": "Dictionary",
    "paper": "The paper",
}
ALONE = ("photograph", "paper")  # pages that do not depend on the bench, and have a sidebar of their own
FOLDERS = {"lambda": "tradeoff"}  # folders of pages/ that are not named as their address


def main() -> None:
    """Draw one run of the app."""
    st.set_page_config("sc2viz", page_icon=str(UI / "favicon.png"), layout="wide", initial_sidebar_state=300)

    from sc2viz.ui import server, turns

    server.warm_up()
    with turns.PAGES.taken():
        _draw()


def _draw() -> None:
    from sc2viz.figures import style
    from sc2viz.ui import cache, errors, learning, own, page, server, session, sidebar, url

    style.keep_figures_in(cache.figure)
    page.look()
    st.logo(str(UI / "logo.png"), size="large")
    pages = [st.Page(UI / "home.py", title="sc2viz", default=True, visibility="hidden")]
    pages += [st.Page(file(path), title=title, url_path=path) for path, title in TITLES.items()]
    session.PAGES.set({each.url_path: each for each in pages})
    current = st.navigation(pages, position="top")
    errors.failed_download()
    with errors.guarded():
        if current.url_path:  # the bare address only leads on, with what the link asks for untouched
            url.mend(current)
            alone = current.url_path in ALONE
            sidebar.keep() if alone else sidebar.sidebar()
            url.keep(into_url=not alone)
            own.memory.present()
            own.network.present()
            own.dictionary.present()
            if not alone and learning.waits():
                return
        with server.told_of_compiling():
            current.run()


def file(path: str) -> Path:
    """The script of the page at an address."""
    folder = FOLDERS.get(path, path)
    return PAGES / folder / f"{folder}.py"


if __name__ == "__main__":
    main()
