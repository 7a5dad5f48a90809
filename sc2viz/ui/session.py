"""What the app keeps for one reader between two runs of a page: each key of Streamlit's session, with the type of its value.

Values of widgets are not among these keys. A widget of the URL has a row in `url`; any other widget's key stands where that
widget is drawn. No other file names a key of its own: `tests/ui/test_session.py` looks for such names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import streamlit as st
from streamlit.navigation.page import StreamlitPage

if TYPE_CHECKING:  # the bare address needs keys before PyTorch is imported
    from sc2viz.data import Images
    from sc2viz.jobs.dictionary_learning import Film, Learning
    from sc2viz.jobs.encoder_training import EncoderTraining
    from sc2viz.jobs.scheduling import Job
    from sc2viz.jobs.training_job import Training

Value = TypeVar("Value")


class Key(Generic[Value]):
    """A place in the session of the reader whose page runs."""

    def __init__(self, name: str, opens: Value):
        self.name = name
        self.opens = opens  # the value until one is set, which nobody changes in place

    def get(self) -> Value:
        return st.session_state.get(self.name, self.opens)

    def set(self, value: Value) -> None:
        st.session_state[self.name] = value

    def pop(self) -> Value:
        """The value, which the session then no longer holds."""
        return st.session_state.pop(self.name, self.opens)

    def kept(self, make: Callable[[], Value]) -> Value:
        """The value; where there is none, what `make` returns, which is then kept."""
        if self.name not in st.session_state:
            self.set(make())
        return self.get()


# What the app tells its pages
PAGES: Key[dict[str, StreamlitPage]] = Key("_pages", {})  # the app's pages by address
PATH = Key("_path", "")  # the address of the page at hand
VIEW: Key[Any] = Key("_view", None)  # a `sidebar.View`; None on a page with another sidebar
LANGUAGE = Key("_language", "en")  # the one at hand
# The data set of the sidebar and the name of its dictionary, once they are chosen
IN_USE: Key[tuple[str, str]] = Key("_in_use", ("", ""))
PRIVATE = Key(
    "_private", False
)  # whether the data set or the dictionary at hand is the reader's alone
GONE = Key("_gone", "")  # what is said of something that a link asked for and that went
FAILED_DOWNLOAD = Key("_failed_download", "")  # which download could not be made, and why
PROBLEM: Key[Any] = Key(
    "_problem", None
)  # the `known.Problem` of Known codes; None: the papers' recipe
HAS_CHOSEN = Key("_has_chosen", False)  # whether the reader has chosen solvers
OTHERS_SEEN = Key(
    "_others_seen", False
)  # whether the reader has opened the list of the other solvers
TO_TRAIN = Key("_to_train", False)  # whether a chip has asked for Train live
ITERATION: Key[int | None] = Key("_t", None)  # where the reader stands on Step through
LOOKED = Key(
    "_looked", False
)  # whether the browser has been given the time to draw the style sheets
VIEWS = Key("_views", 0)  # how many views were opened as a whole, such as steps of a tour

# What the reader brought or made; `memory.check` counts it
# The training and the test split of the reader's data set.
OWN_DATA: Key[tuple[Images, Images] | None] = Key("_own_data", None)
# A file's name and content, and what was read of it by d_x.
OWN_DICTIONARY: Key[tuple[str, bytes, dict] | None] = Key("_own_dictionary", None)
OWN_PICTURE: Key[Any] = Key("_own", None)  # the reader's picture, as own/pictures.py keeps it
PHOTOGRAPH: Key[Any] = Key("_photograph", None)  # an `own.photograph.Own`
PAINTED: Key[tuple] = Key(
    "_painted", (None, None)
)  # which photograph, and the mask (h, w) painted on it
PATCH: Key[Any] = Key("_patch", None)  # the patch of a photograph, as own/patch.py keeps it
LEARNED: Key[dict[str, Learning]] = Key("_learned", {})  # dictionaries learned here, by data set
FILM: Key[Film | None] = Key("_film", None)  # the dictionary whose learning is watched
CODE_TRAININGS: Key[dict] = Key(
    "_code_trainings", {}
)  # Known codes: trainings by problem and label
JOB: Key[Training | None] = Key("_job", None)
OWN_ENCODER: Key[tuple | None] = Key(
    "_own_encoder", None
)  # Autoencoders: what was measured of the reader's own

OWN_DATA_FILE = Key("_own_data_file", "mine.npz")  # the name of the file of the reader's data set
OWN_CHOSEN = Key("_own_chosen", False)  # whether the reader's own picture is the one at hand
PENNED = Key(
    "_penned", 0
)  # when the pen was lifted whose picture was taken last, as the browser tells the time
DATA_PROBLEM = Key(
    "_data_problem", ""
)  # what is wrong with the data set's file that was chosen last
PHOTOGRAPH_PROBLEM = Key("_photograph_problem", "")
PICTURE_PROBLEM = Key("_own_problem", "")
NETWORK_PROBLEM = Key("_file_problem", "")
ENCODER_PROBLEM = Key("_encoder_problem", "")

# What was computed for the reader alone, or sent to their browser
RESULTS: Key[Any] = Key(
    "_results", None
)  # the `cache.Store` of what was computed from the reader's own things
BUILT: Key[Any] = Key("_built", None)  # solvers on a private dictionary, by the model's id
DESK: Key[Any] = Key(
    "_desk", None
)  # the `Desk` of the Photograph page, which knows what the reader waits for
GRAPHS: Key[Any] = Key(
    "_graphs", None
)  # graphs of the reader's own networks (graphs.py), by the model's id
WANTED: Key[set[str]] = Key(
    "_wanted", set()
)  # names of the arrays for which the reader's pen has just asked
SENT: Key[set[str]] = Key("_sent", set())  # names of the arrays that the browser has

# Tours: a name and a step from 1 on, where nothing else is said
TOURS: Key[dict[str, int]] = Key("_tours", {})  # how many steps each tour has
TOUR_WISH: Key[tuple[tuple[str, int], str] | None] = Key(
    "_tour_wish", None
)  # the step asked for, and on which page
TOUR_AT: Key[tuple[str, int] | None] = Key("_tour_at", None)  # the step whose view was opened last
TOUR_LEFT: Key[dict[str, int]] = Key(
    "_tour_left", {}
)  # the step of each tour at which the reader was last
TOUR_FROM: Key[dict[str, list[str]] | None] = Key(
    "_tour_from", None
)  # the view of Welcome where the tour was started
TOUR_BACK: Key[dict[str, list[str]] | None] = Key(
    "_tour_back", None
)  # that view, where the tour has just ended
OWN_TOUR: Key[Any] = Key("_own_tour", None)  # the `reading.Tour` that the reader has brought
TOUR_PROBLEM = Key("_tour_problem", "")  # what is wrong with its file

# The class of a lecturer (lecturer.py)
ROOM = Key("_room", "")  # the code of the room that the reader leads, and its secret
ROOM_SHOWN = Key(
    "_room_shown", False
)  # whether the room has just been opened, so that phones must be told where it is
ROOM_PROBLEM = Key("_room_problem", "")  # why no room could be opened

# Questions before the picture
GUESSES: Key[dict[str, tuple]] = Key(
    "_guesses", {}
)  # by question: the guess or None, and what was true, once computed
# Rows of the URL, and the values that they get with an answer, until a run of the page has drawn them
REVEALED: Key[dict[str, Any]] = Key("_revealed", {})
OFFERED = Key(
    "_offered", ""
)  # the address of the page at hand, where its question can still be asked
COVERED = Key("_covered", False)  # whether the page at hand is covered by its question
PREDICTS = Key("_predicts", "")  # the address of the page whose question the reader has asked for

# The answers to each exercise, and the view that they are about
ANSWERS: Key[dict[str, tuple[Any, tuple]]] = Key("_answers", {})

# The menu of a page
MENU = Key("_menu", "")  # what has been chosen that the page at hand must answer in this run
THEME_ASKED = Key(
    "_theme_asked", 0
)  # how often the reader has asked for Streamlit's menu of themes

# What single pages remember from one run to the next
WHOLE = Key(
    "_whole", False
)  # a click, or the pen, has changed the sidebar, so that the whole page must run
FILM_WISH = Key("_film_wish", False)  # Dictionary: the reader has asked for another film
FILM_LESSON: Key[str | None] = Key("_film_lesson", None)  # the lesson that Dictionary shows
TRAIN_WISH: Key[str | None] = Key(
    "_train_wish", None
)  # Train live: "lesson" or "reset" where the reader asked for it
LESSON: Key[str | None] = Key("_lesson", None)  # the lesson that Train live shows
ENCODER_TRAINING: Key[EncoderTraining | None] = Key(
    "_encoder_training", None
)  # Autoencoders: networks that are trained
ENCODER_MEASURING: Key[Job | None] = Key(
    "_encoder_measuring", None
)  # Autoencoders: the reader's own, measured
WAS_GOING = Key("_was_going", False)  # whether the training ran at the last look
PLANE: Key[tuple] = Key(
    "_plane", (None, None)
)  # Why zeros: a view, and the two atoms that it opened with
THETA_OF: Key[Any] = Key("_theta_of", None)  # Activations: the view for which θ was set


def opens(key: str) -> Key[Any]:
    """With which value the row `key` of the URL opened, where that depends on the view."""
    return Key(f"_{key}_opens", None)


def turns(key: str) -> Key[int]:
    """How often the reader has come to the component `key` by Back or Forward."""
    return Key(f"_{key}-turns", 0)
