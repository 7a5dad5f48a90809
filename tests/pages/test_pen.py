"""The canvas of a page: what the browser gets for it, and what becomes of a drawing."""

import time

import numpy as np
import pytest
import streamlit as st
from pages.seen import told, turn_to

from sc2viz.files import pictures
from sc2viz.ui import own


def given(app) -> dict | None:
    """What the canvas was given, once all graphs are made or refused."""
    for _ in range(200):
        messages = [
            told(element)
            for element in app.get("bidi_component")
            if element.proto.component_name == "sc2viz_pen"
        ]
        if not messages or not any("pending" in solver for solver in messages[0]["solvers"]):
            return messages[0] if messages else None
        time.sleep(0.05)
        app.run()
    pytest.fail("the graphs are never made")


def test_the_canvas_gets_graphs_by_name_and_their_arrays_when_it_asks(open_page):
    app = open_page("compare", data="digits", draw="true", solvers=["FISTA", "SLSTM"])
    canvas = given(app)
    assert (
        canvas["pad"] == {"high": 8, "wide": 8, "noun": "digit"}
        and not canvas["parcels"]
        and not canvas["isDrawn"]
    )
    fista, slstm = canvas["solvers"]
    assert (
        fista["label"] == "FISTA"
        and not fista["own"]
        and slstm["own"]
        and fista["graph"] != slstm["graph"]
    )
    names = {canvas["B"]["name"], fista["graph"], *fista["arrays"]}
    app.session_state["_wanted_arrays"] = names
    app.run()
    assert set(given(app)["parcels"]) == names
    app.run()
    assert not given(app)["parcels"]  # they travel once


def test_a_solver_that_cannot_be_exported_says_why_and_the_others_go_on(open_page, bring):
    bring("while_on_data")
    canvas = given(
        open_page("compare", data="digits", draw="true", solvers=["ISTA", "Halving ISTA"])
    )
    ista, halving = canvas["solvers"]
    assert ista["graph"] and "graph" not in halving
    assert "(while_on_data.py, line 22), because its Python asks for a number" in halving["reason"]
    assert halving["reason"].endswith("It follows when you lift the pen.")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("digits", "Draw a digit"),
        ("grey-patches", "Draw a patch"),
        ("patches", None),
        ("synthetic", None),
    ],
)
def test_pictures_that_are_grey_can_be_drawn(open_page, name, label):
    app = open_page("welcome", data=name, draw="true")
    assert [toggle.label for toggle in app.toggle if toggle.key == "draw"] == [label] * (
        label is not None
    )
    assert (given(app) is not None) == (label is not None)


@pytest.mark.parametrize(
    ("path", "options"),
    [
        *(
            (widget, {})
            for widget in ("welcome", "lambda", "step", "compare", "gates", "activations")
        ),
        ("dictionary", {"part": "networks"}),
        ("train", {}),
    ],
)
def test_one_switch_draws_where_a_page_shows_the_picture_at_hand(open_page, path, options):
    app = open_page(path, data="digits", draw="true", **options)
    assert [widget.key for widget in app.toggle if "Draw" in widget.label] == ["draw"] and given(
        app
    )
    assert not [widget for widget in app.sidebar.button if "Draw" in widget.label]


def test_a_drawing_is_the_picture_at_hand_from_page_to_page(open_page):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8)).astype(np.uint8)
    app = open_page("welcome", data="digits")
    st.session_state, previous_state = app.session_state, st.session_state
    try:
        own.pictures.take_coded(pixels.tobytes(), (8, 8))
    finally:
        st.session_state = previous_state
    for path in ("compare", "gates", "step"):
        turn_to(app, path)
        assert not app.exception and not app.error
        x = app.session_state["_view"].images.pixels[0].numpy()
        np.testing.assert_array_equal(
            x, pixels.ravel().astype(np.float32) / np.float32(255)
        )  # as the browser has it
    app.sidebar.selectbox(key="data").set_value("mnist-5k").run()
    x = app.session_state["_view"].images.pixels[0].numpy()
    np.testing.assert_array_equal(x, pictures.from_drawing(pixels, (28, 28, 1)))
