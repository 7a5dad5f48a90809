"""Exercises: the answer is the page's own number for the picture at hand, and another answer gets its hint."""

import numpy as np
import pytest
import torch

from sc2viz import activations, checkpoints, data, lasso, solvers


def answer(app, key: str, value=None):
    """Give an answer and press Check; return what the page then says."""
    asked = f"exercise-{key}-answer"
    if value is not None and isinstance(value, str):
        app.radio(key=asked).set_value(value)
    elif value is not None:
        app.number_input(key=asked).set_value(float(value))
    next(button for button in app.button if button.proto.form_id == f"exercise-{key}-form").click().run()
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
    app = open_page("welcome", data="digits", lam="0.1", picture=str(picture))
    assert said(answer(app, "beat-f", 0.9 * best)) == (False, said(app)[1]) and "No code has an F below" in said(app)[1]
    assert not said(answer(app, "beat-f", 1.2 * best))[0] and "20 % above the best F" in said(app)[1]
    assert said(answer(app, "beat-f", 1.005 * best))[0]
    app.number_input(key="lam").set_value(0.3).run()  # another question
    assert not app.success and not app.info


def test_a_closed_forget_gate_is_computed_and_a_memory_is_no_code(open_page):
    view = {"data": "digits", "gated": "Adaptive ISTA", "atom": "17", "at": "2", "T": "5", "lam": "0.1", "picture": "3"}
    B = checkpoints.load_dictionary("digits")
    path = solvers.build("adaptive-ista", B, input_gate=1.8, forget_gate=-0.8).trace(
        data.load("digits", split="test").pixels[[3]], 0.1, 5
    )
    kept = 1.8 * path.candidate[1, 0, 17]
    theta = 0.1 / torch.linalg.matrix_norm(B, 2) ** 2
    code = float(torch.sign(kept) * torch.clamp(kept.abs() - theta, min=0))
    app = open_page("gates", **view)
    assert not said(answer(app, "forget", code + 1))[0] and "Then apply h" in said(app)[1]
    if abs(float(kept) - code) > 0.01:
        assert "That is the memory" in said(answer(app, "forget", float(kept)))[1]
    assert said(answer(app, "forget", code))[0]


def test_shrinkage_keeps_the_sign(open_page):
    app = open_page("activations", data="digits", lam="0.1", picture="3")
    text = next(box.value for box in app.markdown if "What does shrinkage with" in box.value).replace("−", "-")
    c, theta = (float(text.partition(before)[2].split()[0].rstrip(".")) for before in ("c = ", "θ = "))
    code = float(activations.shrink(torch.tensor(c), torch.tensor(theta)))
    assert c < 0 and code == pytest.approx(min(c + theta, 0), abs=1e-6)
    if code:
        assert "keeps the sign" in said(answer(app, "shrink", -code))[1]
    assert not said(answer(app, "shrink", 5 * c))[0]
    assert said(answer(app, "shrink", code))[0]


def test_a_worse_picture_must_be_drawn(open_page):
    app = open_page("compare", data="digits", lam="0.1", solvers=["FISTA", "SLSTM"])
    right, hint = said(answer(app, "draw"))
    assert not right and "first" in hint


def test_noise_of_sigma_has_a_psnr_of_its_own(open_page):
    app = open_page("photograph", sigma="50")
    assert not said(answer(app, "psnr", 20.2))[0]
    assert said(answer(app, "psnr", 20 * np.log10(255 / 50)))[0]
