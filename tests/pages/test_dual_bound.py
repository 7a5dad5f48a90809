"""The bound on Solvers without a browser, against numpy."""

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from pages.seen import told
from pages.test_python import printed

from sc2viz import checkpoints, data, lasso, words
from sc2viz.ui import tours


def drawn(app) -> dict:
    """What the figure was given."""
    return next(
        told(each)
        for each in app.get("bidi_component")
        if each.proto.component_name == "sc2viz_dual_bound"
    )


@pytest.mark.parametrize("tour", ["questions", "ista-to-slstm"])
def test_what_a_tour_says_of_f_and_its_bound_is_true_where_it_opens(open_page, tour):
    steps = words.read(f"{tours.__path__[0]}/{tour}.toml")["step"]
    step = next(each for each in steps if "layout=dual+bound" in each["view"])
    view = parse_qs(urlsplit(step["view"]).query)
    solvers = drawn(open_page("compare", **view))["solvers"]
    assert any((np.diff(each["F"]) > 0).any() for each in solvers) and "F falls" not in step["say"]
    fista = next(each for each in solvers if each["label"] == "FISTA")
    left = 1 - np.array(fista["bound"]) / fista["F"]
    assert left[0] > 0.01 > left[-1] and "less than a hundredth of F" in step["try"]


def test_the_figure_has_f_and_the_bound_of_each_chosen_solver(open_page, tmp_path):
    app = open_page(
        "compare", data="digits", lam="0.2", layout="bound", picture="3", solvers=["ISTA", "SLSTM"]
    )
    assert not app.exception and not app.error
    figure = drawn(app)
    assert [each["label"] for each in figure["solvers"]] == ["ISTA", "SLSTM"]
    x = data.load("digits", "test").pixels[3:4]
    B = checkpoints.load_dictionary("digits")
    best = lasso.objective(
        x.double(), lasso.solve(x, B, 0.2, tol=1e-9).codes.double(), B.double(), 0.2
    ).item()
    for each, own in zip(figure["solvers"], (False, True), strict=True):
        F, bound = np.array(each["F"]), np.array(each["bound"])
        assert each["own"] is own and len(F) == len(bound) == 101
        assert abs(F[0] - 0.5 * float((x**2).sum())) < 1e-4
        assert (
            (bound <= each["best"] + 1e-5).all()
            and (each["best"] <= F + 1e-5).all()
            and (np.diff(bound) >= 0).all()
        )
    ista = figure["solvers"][0]
    assert (
        abs(ista["best"] - best) < 1e-5 * best
        and ista["F"][-1] < 1.2 * best
        and 0 <= ista["gap"] <= 1e-4
    )
    a, b = x[0].double().numpy(), B.double().numpy()
    u = a * min(1, 0.2 / np.abs(b.T @ a).max())  # the residual of the code of zeros
    assert abs(ista["bound"][0] - (0.5 * a @ a - 0.5 * (a - u) @ (a - u))) < 1e-5
    given = re.findall(r"F = (\S+), .* at least (\S+)", printed(app.code[0].value, tmp_path))
    seen = [(each["F"][10], each["bound"][10]) for each in figure["solvers"]]
    np.testing.assert_allclose(np.array(given, float), seen, rtol=1e-3)
