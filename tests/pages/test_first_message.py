"""A session's first message may hold anything: it may cost its sender the page, and nobody else anything."""

import math

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

FIELDS = {  # the field that each kind of widget is told in
    "number_input": "double_value",
    "slider": "double_array_value",
    "selectbox": "string_value",
    "select_slider": "string_array_value",
    "pills": "string_array_value",
    "segmented_control": "string_array_value",
    "toggle": "bool_value",
}
HOSTILE = {
    "too much": {"double_value": 1e300, "string_value": "SGD", "double_array_value": [1e9],
                 "string_array_value": ["SGD"]},
    "no number": {"double_value": math.nan, "string_value": "x" * 10_000, "double_array_value": [math.nan],
                  "string_array_value": []},
}  # fmt: skip


def message(app: AppTest, hostile: dict) -> WidgetStates:
    """What a session says first that holds `hostile` values in all widgets of the page that `app` shows."""
    states = WidgetStates()
    for kind, field in FIELDS.items():
        for widget in app.get(kind):
            state, value = WidgetState(id=widget.id), hostile.get(field, True)
            if field.endswith("array_value"):
                getattr(state, field).data.extend(value)
                getattr(state, field).SetInParent()
            else:
                setattr(state, field, value)
            states.widgets.append(state)
    return states


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("path", ["gates", "train"])
def test_a_hostile_first_message_costs_nobody_else_anything(open_page, path, hostile):
    usual = open_page(path, data="digits")
    app = AppTest.from_file(usual._script_path, default_timeout=300)
    app._page_hash = calc_hash(path)
    app._run(widget_state=message(usual, HOSTILE[hostile]))
    assert not app.exception  # what is wrong is said on the page
    other = open_page(path, data="digits")
    assert not other.error
    assert [each.value for each in other.markdown] == [each.value for each in usual.markdown]
