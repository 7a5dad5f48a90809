"""Photograph: a noisy photograph cleaned by sparse coding, before and after under a divider, and what happens at a pixel."""

from functools import partial
from pathlib import Path

import streamlit as st

from sc2viz import defaults
from sc2viz.figures import style
from sc2viz.pages.photograph import answers, divider, place, subject, take_away, work
from sc2viz.ui import chips, errors, page, phrases, url

MOST = 3  # solvers side by side
MOST_LARGE = 1  # of a photograph of more than …
LARGE = 4_200_000  # … so many pixels
LOOK = 0.3  # seconds between two looks at the progress
HELP = f"The {MOST} solvers chosen last clean the photograph. They are the networks for photographs, and the others on a \
dictionary of patches."


def photograph() -> None:
    st.html(Path(__file__).with_name("photograph.css"))
    at_hand = subject.choose()
    if at_hand is None:
        st.title("Photograph", anchor=False)
        st.info("Choose a file under *Your photograph* in the sidebar.", icon=":material/add_photo_alternate:")
        return
    st.fragment(errors.guard(_cleaned))(at_hand)


def _cleaned(at_hand: subject.Subject) -> None:
    dark = st.context.theme.type == "dark"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Photograph", width="stretch", anchor=False)
        tools = st.container(horizontal=True, width="content")
    sentence = st.container()
    most = MOST if at_hand.values.shape[0] * at_hand.values.shape[1] <= LARGE else MOST_LARGE
    known = answers.known()
    chosen = chips.choose(known, most, help=HELP, opens=(style.label(defaults.PHOTOGRAPHS),))
    found = answers.ask(at_hand, chosen)
    front = found.front(url.now("front"))
    pixel = place.at_hand(at_hand)
    left, right = st.columns([1.12, 1], gap="large")
    with left:
        divider.draw(at_hand, found, front, pixel)
        with st.container(key="photo-progress"):
            _progress(found)
    model = known.get(front) or next(iter(chosen), None)
    if model is not None:
        there = place.spot(at_hand, model, pixel)
        with right:
            place.draw(at_hand, model, there, dark)
        with left:
            place.draw_shared(at_hand, there, found.patch(model.label, there))
    with sentence:
        page.caption(*found.caption())
    page.notes(found.notes(chosen))
    answers.draw(at_hand, found)
    with tools:
        phrases.equations([model.solver for model in chosen])
        phrases.glossary()
        take_away.draw(at_hand, found, front, chosen, there if model else None)


def _progress(found: answers.Found) -> None:
    """How far the fine answers are, with a way to stop them; or what there is."""
    if found.pending:
        st.fragment(errors.guard(_look), run_every=LOOK)(found)
    elif found.stopped:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(":material/pause_circle: The coarse answer, of patches four pixels apart.", width="stretch")
            st.button("Refine", icon=":material/play_arrow:", on_click=work.desk().go_on)
    elif found.results:
        st.caption(found.settled())


def _look(found: answers.Found) -> None:
    if any(each.done for each in found.pending):
        st.rerun()
    share = sum(each.share for each in found.pending) / len(found.pending)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(share, found.doing(share), width="stretch")
        if found.refining:
            st.button("Stop", icon=":material/stop:", on_click=partial(work.desk().stop, found.view),
                      help="Keep the coarse answer.")  # fmt: skip


photograph()
