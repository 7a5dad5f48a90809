"""The bound on Solvers without a browser, against numpy."""

import re

import numpy as np
from pages.seen import told
from pages.test_python import printed

from sc2viz import checkpoints, data, lasso


def drawn(app) -> dict:
    """What the figure was given."""
    return next(
        told(element)
        for element in app.get("bidi_component")
        if element.proto.component_name == "sc2viz_dual_bound"
    )


def test_the_figure_has_f_and_the_bound_of_each_chosen_solver(open_page, tmp_path):
    app = open_page(
        "compare", data="digits", lam="0.2", layout="bound", picture="3", solvers=["ISTA", "SLSTM"]
    )
    assert not app.exception and not app.error
    figure = drawn(app)
    assert [entry["label"] for entry in figure["solvers"]] == ["ISTA", "SLSTM"]
    x = data.load("digits", "test").pixels[3:4]
    B = checkpoints.load_dictionary("digits")
    best = lasso.objective(
        x.double(), lasso.solve(x, B, 0.2, tol=1e-9).codes.double(), B.double(), 0.2
    ).item()
    for entry, has_own_atoms in zip(figure["solvers"], (False, True), strict=True):
        F, bound = np.array(entry["F"]), np.array(entry["bound"])
        assert entry["own"] is has_own_atoms and len(F) == len(bound) == 101
        assert abs(F[0] - 0.5 * float((x**2).sum())) < 1e-4
        assert (
            (bound <= entry["best"] + 1e-5).all()
            and (entry["best"] <= F + 1e-5).all()
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
    printed_numbers = re.findall(
        r"F = (\S+), .* at least (\S+)", printed(app.code[0].value, tmp_path)
    )
    numbers = [(entry["F"][10], entry["bound"][10]) for entry in figure["solvers"]]
    np.testing.assert_allclose(np.array(printed_numbers, float), numbers, rtol=1e-3)
