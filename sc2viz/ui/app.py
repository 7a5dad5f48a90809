"""The app: the page configuration, the navigation, and what every run does before the page is drawn.

`streamlit run app.py` in a checkout and `sc2viz app` anywhere serve this script, which runs `main` for each reader.
"""

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

UI = Path(__file__).parent
PAGES = UI.parent / "pages"
GROUPS = {  # the groups of the bar at the top, each with its pages, address → title
    "Start": {"welcome": "Welcome", "lambda": "λ trade-off", "step": "Step through", "compare": "Compare",
              "dictionary": "Dictionary", "photograph": "Photograph"},
    "Look inside": {"gates": "Gates & cells", "activations": "Activations", "train": "Train live"},
    "Research": {"codes": "Known codes", "autoencoders": "Autoencoders", "paper": "The paper"},
}  # fmt: skip
TITLES = {path: title for titles in GROUPS.values() for path, title in titles.items()}
HEADINGS = {"welcome": "A picture is a sum of atoms", "paper": "The paper, checked"}  # those that are not the title
QUESTIONS = {  # the question that each page answers
    "welcome": "What is sparse coding? It writes a picture as a weighted sum of atoms, and λ is the price of their weights.",
    "compare": "Which solver comes closest to the optimum, and after how many iterations?",
    "step": "What does each iteration change?",
    "gates": "What do the gates do to one atom of one picture?",
    "activations": "How does shrinkage make a code sparse, and what does double tanh do?",
    "train": "What does a network learn that ISTA’s formula does not contain?",
    "lambda": "How do sparsity and fidelity depend on λ?",
    "photograph": "What does sparse coding make of a whole photograph?",
    "codes": "Does a solver find the true code, or only a low F?",
    "autoencoders": "Does the encoder of a sparse autoencoder cost more, or its dictionary?",
    "dictionary": "Where do atoms come from, and how are they used?",
    "paper": "Can the paper’s results be reproduced?",
}
NEXT = {  # the question with which the page before leads to a page
    "welcome": "What is sparse coding?",
    "lambda": "Why are most weights zero?",
    "step": "How does a solver find these weights?",
    "compare": "Which solver comes closest?",
    "dictionary": "Where do the atoms come from?",
    "photograph": "What does it make of a whole photograph?",
    "gates": "What do the gates do?",
    "activations": "What makes a weight exactly zero?",
    "train": "What does a network learn?",
    "codes": "When can the true code be found?",
    "autoencoders": "What does an autoencoder’s encoder miss?",
    "paper": "Do the paper’s results hold?",
}
WITHOUT_T = ("welcome", "dictionary")  # pages on which nothing takes T iterations
FOLDERS = {"lambda": "tradeoff"}  # folders of pages/ that are not named as their address


def main() -> None:
    """Draw one run of the app."""
    from sc2viz.ui import opening, run_queue, server, session  # none of which imports PyTorch

    place = st.empty()  # takes away Streamlit's own grey picture of a page
    st.set_page_config("sc2viz", page_icon=str(UI / "favicon.png"), layout="wide", initial_sidebar_state=300)
    opening.look()
    st.logo(str(UI / "logo.png"), size="large")
    pages = {"": [st.Page(UI / "home.py", title="sc2viz", default=True, visibility="hidden")]}
    for group, titles in GROUPS.items():
        pages[group] = [st.Page(file(path), title=title, url_path=path) for path, title in titles.items()]
    session.PAGES.set({each.url_path: each for made in pages.values() for each in made})
    current = st.navigation(pages, position="top")
    if not current.url_path:  # the bare address only leads on, with what the link asks for untouched
        current.run()
        return
    path = current.url_path
    st.set_page_config(f"{TITLES[path]} · sc2viz")
    _mark_group(path)
    with opening.shown(place, HEADINGS.get(path, TITLES[path]), QUESTIONS[path], waits=not server.ready()):
        opening.says("PyTorch and the solvers are being loaded …")
        server.prepare()
        with run_queue.PAGES.taken():
            _draw(current)


def _mark_group(path: str) -> None:
    """Mark the group of a page in the bar at the top, where Streamlit marks single pages alone."""
    place = next(k for k, titles in enumerate(GROUPS.values(), 1) if path in titles)
    here = f"[data-testid=stTopNav] > :nth-child({place}) > button"
    st.html(f"<style>{here} {{ font-weight: 700; background: color-mix(in srgb, currentColor 10%, transparent); }}</style>")


def _draw(current: StreamlitPage) -> None:
    from sc2viz.draw import style
    from sc2viz.ui import cache, errors, learning, links, own, present, sidebar, url
    from sc2viz.ui.tours import guide, questions

    style.keep_figures_in(cache.figure)
    errors.failed_download()
    with errors.guarded():
        url.set_right()
        guide.follow(current.url_path)
        if guide.notes():
            return
        links.mend(current)
        present.frame(current.url_path, list(TITLES))
        alone = current.url_path in sidebar.ALONE
        sidebar.keep() if alone else sidebar.sidebar(current.url_path in WITHOUT_T)
        links.keep(into_url=not alone)
        guide.bar(current.url_path)
        own.memory.present()
        own.network.present()
        own.dictionary.present()
        if alone or not learning.waits():
            questions.on_page(current.url_path)
            _lead_on(current.url_path, "onward")
            current.run()
            _lead_on(current.url_path, "onward-below")


def _lead_on(path: str, key: str) -> None:
    """A link to the page after `path`, whose question is its words."""
    from sc2viz.ui import session

    paths = list(TITLES)
    to = paths[(paths.index(path) + 1) % len(paths)]
    with st.container(key=key, width="content"):
        st.page_link(session.PAGES.get()[to], label=f"{NEXT[to]} →")


def file(path: str) -> Path:
    """The script of the page at an address."""
    folder = FOLDERS.get(path, path)
    return PAGES / folder / f"{folder}.py"


if __name__ == "__main__":
    main()
