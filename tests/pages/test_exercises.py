"""Exercises: the answer is the page's own number for the picture at hand, and another answer gets its hint."""

import numpy as np
import pytest

from sc2viz import checkpoints, data, lasso


def answer(app, key: str, value=None):
    """Give an answer and press Check; return what the page then says."""
    key_of_answer = f"exercise-{key}-answer"
    app.session_state[f"exercise-{key}"] = True  # what it asks is drawn once it is open
    app.run()
    if value is not None:
        app.number_input(key=key_of_answer).set_value(float(value))
    next(
        button for button in app.button if button.proto.form_id == f"exercise-{key}-form"
    ).click().run()
    assert not app.exception
    return app


def said(app) -> tuple[bool, str]:
    """Whether the last answer was right, and the reason or the hint."""
    right = [box.value for box in app.success]
    return bool(right), (right or [box.value for box in app.info])[-1]


@pytest.mark.parametrize("picture", [0, 3])
def test_nobody_beats_f_and_the_optimum_is_that_of_the_picture(open_page, picture):
    x = data.load("digits", split="test").pixels[[picture]]
    B = checkpoints.load_dictionary("digits")
    s = lasso.solve(x, B, 0.1, tol=1e-8).codes[0].double().numpy()
    best = 0.5 * np.square(x[0].numpy() - B.numpy() @ s).sum() + 0.1 * np.abs(s).sum()
    app = open_page("welcome", data="digits", lam="0.1", picture=str(picture), more="true")
    assert (
        said(answer(app, "beat-f", 0.9 * best)) == (False, said(app)[1])
        and "No code has an F below" in said(app)[1]
    )
    assert (
        not said(answer(app, "beat-f", 1.2 * best))[0] and "20 % above the best F" in said(app)[1]
    )
    assert said(answer(app, "beat-f", 1.005 * best))[0]
    app.number_input(key="lam").set_value(0.3).run()  # another question
    assert not app.success and not app.info


def test_a_worse_picture_must_be_drawn(open_page):
    app = open_page("compare", data="digits", lam="0.1", solvers=["FISTA", "SLSTM"])
    right, hint = said(answer(app, "draw"))
    assert not right and "first" in hint
