"""What the app keeps for one reader between two runs of a page: each key of Streamlit's session.

Values of widgets are not among these keys. A widget of the URL has a row in `url`; any other widget's key stands where that
widget is drawn. No other file names a key of its own.
"""

from typing import Any

import streamlit as st


class ReaderSession:
    """The session of the reader whose page runs. `session.path` is the value of Streamlit's key `_path`, or until one is set
    the value below, which nobody changes in place; `del session.path` has Streamlit forget it."""

    # What the app tells its pages
    pages = {}  # Streamlit's pages by address
    path = ""  # the address of the current page
    view = None  # a `sidebar.View`; None on a page with another sidebar
    language = "en"
    in_use = "", ""  # the data set of the sidebar and its dictionary's name, once they are chosen
    private = False  # whether the data set or its dictionary is the reader's alone
    gone = ""  # what is said of something that a link asked for and that went
    failed_download = ""  # which download could not be made, and why
    problem = None  # the `known_codes.Problem` of Known codes; None: the papers' recipe
    has_chosen = False  # whether the reader has chosen solvers
    others_seen = False  # whether the reader has opened the list of the other solvers
    to_train = False  # whether a chip has asked for Train live
    iteration = None  # where the reader stands on Step through
    views = 0  # how many views were opened as a whole, such as steps of a tour

    # What the reader brought or made; `memory.check` counts it
    own_data = None  # the `data.Images` of the training and the test split
    # A file's name and content, and what was read of it by d_x
    own_dictionary = None
    own_picture = None  # the reader's picture, as own/pictures.py keeps it
    photograph = None  # an `own.photograph.Photograph`
    painted = (None, None)  # which photograph, and the mask (h, w) painted on it
    patch = None  # the patch of a photograph, as own/patch.py keeps it
    learned = {}  # the `Learning` of each dictionary that is learned here, by data set
    film = None  # the `Film` of the dictionary whose learning is watched
    code_trainings = {}  # Known codes: trainings by problem and label
    job = None  # the `Training` of Train live
    own_encoder = None  # Autoencoders: what was measured of the reader's own

    own_data_file = "mine.npz"  # the name of the file of the reader's data set
    own_chosen = False  # whether the reader's own picture is the current one
    pen_lifted = 0  # when the picture taken last was drawn, as the browser tells the time
    problems = {}  # what is wrong with the file chosen last, by its uploader
    encoder_problem = ""

    # What was computed for the reader alone, or sent to their browser
    results = None  # the `cache.Store` of what was computed from the reader's own things
    desk = None  # the `Desk` of Photograph, which knows what the reader waits for
    graphs = None  # graphs of the reader's own networks (pen.py), by the model's id
    wanted_arrays = set()  # names of those for which the reader's pen has just asked
    sent = set()  # names of the arrays that the browser has

    # Tours: a name and a step from 1 on, where nothing else is said
    tours = {}  # how many steps each tour has
    # The step asked for, and on which page
    tour_wish = None
    tour_at = None  # the step whose view was opened last
    tour_left = {}  # the step of each tour at which the reader was last
    # The view of Welcome where the tour was started, and where it has just ended
    tour_from = None
    tour_back = None
    own_tour = None  # the `reading.Tour` that the reader has brought

    # The class of a lecturer (lecturer.py)
    room = ""  # the code of the room that the reader leads, and its secret
    room_shown = False  # whether the room has just been opened, so that phones are told where it is
    room_problem = ""  # why no room could be opened

    # Questions before the picture
    guesses = {}  # by question: the guess or None, and the computed truth
    # Rows of the URL, and the values that they get with an answer, until a run of the page has drawn them
    revealed = {}
    offered = ""  # the address of the current page, where its question can still be asked
    covered = False  # whether the current page is covered by its question
    predicts = ""  # the address of the page whose question the reader has asked for
    answers = {}  # to each exercise, and the view they are about

    # The menu of a page
    menu = ""  # what has been chosen that the current page must answer in this run
    theme_asked = 0  # how often the reader has asked for Streamlit's menu of themes

    # What single pages remember from one run to the next
    reruns_page = False  # a click, or the pen, has changed the sidebar: the whole page must run
    film_wish = False  # Dictionary: the reader has asked for another film
    film_lesson = None  # the lesson that Dictionary shows
    train_wish = None  # Train live: "lesson" or "reset", where that is asked for
    lesson = None  # the lesson that Train live shows
    encoder_training = None  # Autoencoders: the `EncoderTraining` that goes on
    encoder_measuring = None  # Autoencoders: the `Job` that measures the reader's own
    was_going = False  # whether the training ran at the last look
    # With which value a row of the URL opened, where that depends on the view
    openings = {}
    # How often the reader has come to a component by Back or Forward
    turns = {}
    plane = (None, None)  # Why zeros: a view, and the two atoms that it opened with
    theta_of = None  # Activations: the view for which θ was set

    def __getattribute__(self, key: str) -> Any:
        return st.session_state.get(f"_{key}", super().__getattribute__(key))

    def __setattr__(self, key: str, value: Any) -> None:
        st.session_state[f"_{key}"] = value

    def __delattr__(self, key: str) -> None:
        st.session_state.pop(f"_{key}", None)

    def take(self, key: str) -> Any:
        """Return the value of a key, which the session then no longer holds."""
        return st.session_state.pop(f"_{key}", getattr(type(self), key))

    def keep(self, key: str, value: Any) -> Any:
        """Return the value of a key, which is set to `value` where it had none."""
        return st.session_state.setdefault(f"_{key}", value)


session = ReaderSession()
