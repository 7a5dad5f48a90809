"""A session's first message may hold anything: what widgets then hold is mended where it is read, on every page."""

import math
from functools import partial

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from sc2viz.ui import url
from sc2viz.ui.app import TITLES

KINDS = (
    "number_input",
    "slider",
    "selectbox",
    "select_slider",
    "pills",
    "segmented_control",
    "toggle",
)
HOSTILE = {  # what each kind of message holds, by the field that a widget's kind is told in
    "too much": {
        "double_value": 1e9,
        "string_value": "SGD",
        "double_array_value": [1e9],
        "string_array_value": ["SGD"],
    },
    "far too much": {
        "double_value": 1e300,
        "string_value": "",
        "double_array_value": [1e300],
        "string_array_value": [""],
    },
    "below": {
        "double_value": -1.0,
        "string_value": "-1",
        "double_array_value": [-1e9],
        "string_array_value": ["-1"],
    },
    "no number": {
        "double_value": 0.5,
        "string_value": "nan",
        "double_array_value": [math.nan],
        "string_array_value": [],
    },
    "picture": {
        "double_value": 1e15,
        "string_value": "x" * 10_000,
        "double_array_value": [],
        "string_array_value": ["a", "b"],
    },
}
FIELDS = {
    "number_input": "double_value",
    "slider": "double_array_value",
    "selectbox": "string_value",
    "select_slider": "string_array_value",
    "pills": "string_array_value",
    "segmented_control": "string_array_value",
    "toggle": "bool_value",
}


def message(app: AppTest, hostile: dict) -> WidgetStates:
    """What a session says first that holds `hostile` values in all widgets of the page that `app` shows."""
    states = WidgetStates()
    for kind in KINDS:
        for widget in app.get(kind):
            state, value = WidgetState(id=widget.id), hostile.get(FIELDS[kind], True)
            if FIELDS[kind].endswith("array_value"):
                getattr(state, FIELDS[kind]).data.extend(value)
                getattr(state, FIELDS[kind]).SetInParent()
            else:
                setattr(state, FIELDS[kind], value)
            states.widgets.append(state)
    return states


def legal(key: str, value) -> bool:
    """Whether a widget of the URL holds what its row allows, by the row's limits alone."""
    values = url.TABLE[key].domain
    if isinstance(values, url.Range):
        return values.low <= value <= values.high and type(value) is type(values.low)
    if isinstance(values, url.Names | url.Numbers):
        return all(
            each in values.options for each in (value if isinstance(value, list) else [value])
        )
    return True


@pytest.fixture
def check(open_page, monkeypatch):
    """Open a page whose first message holds hostile values; it must show its title, no error, and legal values alone."""
    usual_page = partial(open_page, data="digits")

    def work(path: str, hostile: dict) -> AppTest:
        usual = usual_page(path)
        monkeypatch.setattr("sc2viz.pages.train.form.UNSEEN_SECONDS", 0.0)  # which the fixture sets
        return _check(usual, path, hostile)

    return work


def _check(usual: AppTest, path: str, hostile: dict) -> AppTest:
    app = AppTest.from_file(usual._script_path, default_timeout=300)
    app.query_params["data"], app._page_hash = "digits", calc_hash(path)
    app._run(widget_state=message(usual, hostile))
    assert not app.exception and not app.error, (app.error, app.exception)
    assert [each.value for each in app.title] == [each.value for each in usual.title]
    for kind in KINDS:
        for widget in app.get(kind):
            if widget.key in url.TABLE:
                assert legal(widget.key, widget.value), (widget.key, widget.value)
    return app


@pytest.mark.parametrize("path, hostile", [("gates", "too much"), ("train", "too much")])
def test_what_the_first_message_holds_is_mended(check, path, hostile):
    app = check(path, HOSTILE[hostile])
    # The data set is the one that pages open with, as "SGD" is none: mnist-5k has 1,000 test rows.
    assert (
        app.sidebar.number_input(key="T").value == 100
        and app.sidebar.number_input(key="picture").value == 999
    )
    assert app.sidebar.number_input(key="lam").value == 1


@pytest.mark.release
@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("path", TITLES)
def test_what_the_first_message_holds_is_mended_on_every_page(check, path, hostile):
    check(path, HOSTILE[hostile])
